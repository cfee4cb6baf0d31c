"""Which group of one day, or of one state of the book, is which of another: by the clients they share, never by id.

A group is named after its smallest client, and `#2` is the second of that name: a client that joins or leaves may give
the name to another group.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.standing.connected import Connected


def clients_by_group(graph: RiskGraph, found: Connected) -> dict[str, frozenset[str]]:
    """Return the ids of the clients of each group, by the group's id."""
    ids = graph.party_ids
    return {
        name: frozenset(str(ids[k]) for k in group.members)
        for name, group in zip(found.ids, found.groups, strict=True)
    }  # fmt: skip


def same_groups(was: Mapping[str, frozenset[str]], now: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return for groups of `now` the one of `was` that it continues; both map ids to clients.

    Pairs that share most clients go first, then those with fewest beside, then by id; each group is taken once, so one
    that is left without a partner is new.

    >>> same_groups({"A": frozenset("ABC"), "A#2": frozenset("AX")}, {"A": frozenset("AX"), "A#2": frozenset("ABCD")})
    {'A': 'A#2', 'A#2': 'A'}
    """
    match = _unchanged(was, now)  # nothing shares more with either than the same clients
    taken = set(match.values())
    holding: dict[str, list[str]] = {}
    for one in was.keys() - taken:
        for party in was[one]:
            holding.setdefault(party, []).append(one)
    shared: dict[tuple[str, str], int] = {}
    for name in now.keys() - match.keys():
        for party in now[name]:
            for one in holding.get(party, ()):
                shared[name, one] = shared.get((name, one), 0) + 1
    all_together = {(name, one): len(now[name] | was[one]) for name, one in shared}
    for name, one in sorted(shared, key=lambda pair: (-shared[pair], all_together[pair], pair)):
        if name not in match and one not in taken:
            match[name] = one
            taken.add(one)
    return match


def _unchanged(was: Mapping[str, frozenset[str]], now: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return for groups of `now` one of `was` with the same clients, by id where several have them."""
    alike: dict[frozenset[str], list[str]] = {}
    for one in sorted(was, reverse=True):
        alike.setdefault(was[one], []).append(one)
    return {name: alike[now[name]].pop() for name in sorted(now) if now[name] and alike.get(now[name])}
