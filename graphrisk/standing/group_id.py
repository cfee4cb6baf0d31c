"""The id of a group of connected clients: how it is made, and after which client a group is called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.standing.grown import RiskGroup


def group_ids(graph: RiskGraph, groups: Sequence[RiskGroup]) -> tuple[str, ...]:
    """Return the id of each group: its smallest client's, then #2, #3, ... in the order of the groups."""
    taken: dict[str, None] = {}
    times: dict[int, int] = {}
    for group in groups:
        first = group.members[0]
        name = str(graph.party_ids[first])
        while True:
            times[first] = times.get(first, 0) + 1
            said = name if times[first] == 1 else f"{name}#{times[first]}"
            if said not in taken:  # a party may be called A#2 itself
                break
        taken[said] = None
    return tuple(taken)


def named_after(group_id: str, clients: Collection[str]) -> str:
    """Return the client after whom a group is called; `clients` are the ids of its clients.

    >>> named_after("A#2", {"A", "B"})
    'A'
    >>> named_after("A#2", {"A#2", "B"})  # a party may be called so itself
    'A#2'
    """
    without_number = group_id.rpartition("#")[0]
    return without_number if without_number in clients else group_id
