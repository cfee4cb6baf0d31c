"""Checks of who owns whom."""

from __future__ import annotations

from collections import deque

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Scope
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import component_labels, row_starts

CONTROLLING = 0.25
"""Share from which an owner that is not disclosed matters: the threshold of beneficial ownership of the FATF."""


def shares_by_owned(scope: Scope, column: str) -> tuple[Positions, Floats]:
    """Return the parties owned and the sum of a column of shares over their owners (null = 0).

    A holding through a nominee is part of what the nominee's own row says, and counts once.
    """
    graph = scope.graph
    owned = graph.positions("ownership", "owned_id")
    share = np.nan_to_num(graph.floats("ownership", column))
    parties = np.flatnonzero(count_by(owned, graph.size))
    return parties, (sum_by(owned, share, graph.size) - _told_twice(graph, share))[parties]


def _told_twice(graph: RiskGraph, share: Floats) -> Floats:
    """Return what rows through nominees and the nominees' own rows both tell, of each party (n,)."""
    owner, owned = graph.ends("ownership")
    via = graph.positions("ownership", "via")
    size = np.int64(max(graph.size, 1))
    through = (via >= 0) & (owned >= 0) & (via != owner)
    keys = np.unique(via[through] * size + owned[through])
    mine = np.isin(owner * size + owned, keys) & (owner >= 0) & (owned >= 0)
    taken = sum_by(np.searchsorted(keys, via[through] * size + owned[through]), share[through], len(keys))
    own = sum_by(np.searchsorted(keys, owner[mine] * size + owned[mine]), share[mine], len(keys))
    return sum_by(keys % size, np.minimum(taken, own), graph.size)


def oversubscribed(scope: Scope, column: str = "share_min") -> Found:
    parties, total = shares_by_owned(scope, column)
    over = total > 1.0 + scope.params.share_tolerance
    return Found(
        names=scope.graph.party_ids[parties[over]],
        looked_at=len(parties),
        parties=parties[over],
        size=total[over],
    )


def oversubscribed_votes(scope: Scope) -> Found:
    return oversubscribed(scope, "votes_min")


def self_holdings(scope: Scope) -> Found:
    owner, owned = scope.graph.ends("ownership")
    return scope.found_rows("ownership", (owner == owned) & (owner >= 0), parties=owned)


def reversed_bounds(scope: Scope) -> Found:
    graph = scope.graph
    wrong = (graph.floats("ownership", "share_min") > graph.floats("ownership", "share_max")) | (
        graph.floats("ownership", "votes_min") > graph.floats("ownership", "votes_max")
    )
    return scope.found_rows("ownership", wrong, parties=graph.positions("ownership", "owned_id"))


def unknown_shares(scope: Scope) -> Found:
    graph = scope.graph
    low, high = graph.floats("ownership", "share_min"), graph.floats("ownership", "share_max")
    owned = graph.positions("ownership", "owned_id")
    return scope.found_rows("ownership", np.isnan(low) & np.isnan(high), parties=owned)


def undisclosed_holdings(scope: Scope) -> Found:
    """Holdings that were declared, but not who holds them."""
    hidden = np.asarray(scope.graph.texts("ownership", "disclosed") == False, dtype=bool)  # noqa: E712 - null is true
    owned = scope.graph.positions("ownership", "owned_id")
    least, most = scope.graph.floats("ownership", "share_min"), scope.graph.floats("ownership", "share_max")
    found = scope.found_rows("ownership", hidden, parties=owned, size=most)
    large = int((hidden & (np.fmax(least, 0.0) >= CONTROLLING)).sum())
    kept = "" if not large else f", {large:,} of them of {CONTROLLING:.0%} or more of the shares"
    count = len(found.names)
    many = (
        f"{count:,} holdings are declared without their holders"
        if count != 1
        else "1 holding is declared without its holder"
    )
    said = f"{many} (exempt, or not known){kept}"
    return Found(names=found.names, looked_at=found.looked_at, parties=found.parties, size=found.size, said=said)


def ownership_circles(scope: Scope) -> Found:
    """Groups of parties that own or control one another in a circle, each named by a shortest circle through it.

    A holding of nothing (upper bounds of 0) is no link; a party that holds itself is a circle of one.
    """
    graph = scope.graph
    owner, owned = graph.ends("ownership")
    most = np.fmax(graph.floats("ownership", "share_max"), graph.floats("ownership", "votes_max"))
    controller, controlled = graph.ends("control")
    source = np.concatenate([owner[most != 0.0], controller])
    target = np.concatenate([owned[most != 0.0], controlled])
    linked = (source >= 0) & (target >= 0)
    source, target = source[linked], target[linked]
    label = component_labels(graph.size, source, target, "strong")
    inside = label[source] == label[target]
    source, target = source[inside], target[inside]
    order = np.lexsort((target, source))
    source, target = source[order], target[order]
    starts = row_starts(graph.size, source)
    first = np.flatnonzero(count_by(label[source], graph.size))
    names = [" > ".join(graph.party_ids[_shortest_circle(int(one), starts, target)]) for one in first]
    members = np.isin(label, first) & (count_by(source, graph.size) > 0)
    due = sum_by(label[members], scope.due_by_party[members], graph.size)
    return Found(
        names=np.array(names, dtype=object),
        looked_at=int((count_by(owner, graph.size) + count_by(owned, graph.size) > 0).sum()),
        parties=np.flatnonzero(members),
        size=due[first],
    )


def _shortest_circle(start: int, starts: Positions, target: Positions) -> list[int]:
    """Return a shortest way from a party back to itself, the start at both ends; of equal ones that of smaller ids."""
    before: dict[int, int] = {}
    waiting = deque([start])
    while start not in before:
        node = waiting.popleft()
        for other in target[starts[node] : starts[node + 1]].tolist():
            if other not in before:
                before[other] = node
                waiting.append(other)
    way = [start, before[start]]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


CHECKS = (
    Check(
        name="oversubscribed_shares",
        severity="high",
        table="ownership",
        one="party has owners whose known shares add up to more than 100 %",
        many="parties have owners whose known shares add up to more than 100 %",
        action="Look for the same holding reported twice, a holding that ended, or votes entered as capital.",
        find=oversubscribed,
    ),
    Check(
        name="oversubscribed_votes",
        severity="medium",
        table="ownership",
        one="party has owners whose known votes add up to more than 100 %",
        many="parties have owners whose known votes add up to more than 100 %",
        action="Look for the same votes reported twice, or at two levels of one chain.",
        find=oversubscribed_votes,
    ),
    Check(
        name="self_holdings",
        severity="medium",
        table="ownership",
        one="holding is of a party in itself",
        many="holdings are of a party in itself",
        action="Confirm treasury shares; they add no equity. Correct the owner where it is a slip.",
        find=self_holdings,
    ),
    Check(
        name="ownership_circle",
        severity="medium",
        table="ownership",
        one="group of parties own or control one another in a circle",
        many="groups of parties own or control one another in a circle",
        action="Ask who decides: a chain of owners that closes on itself hides the owner, and its equity is counted "
        "more than once. A party that holds itself has treasury shares, or a wrong owner.",
        find=ownership_circles,
    ),
    Check(
        name="undisclosed_holdings",
        severity="low",
        table="ownership",
        one="holding is declared without its holder (exempt, or not known)",
        many="holdings are declared without their holders (exempt, or not known)",
        action="Ask for the owner; its share counts as held by somebody, by nobody known.",
        find=undisclosed_holdings,
    ),
    Check(
        name="reversed_bounds",
        severity="high",
        table="ownership",
        one="holding has a lower bound above its upper bound",
        many="holdings have a lower bound above their upper bound",
        action="Correct share_min and share_max (or votes_min and votes_max).",
        find=reversed_bounds,
    ),
    Check(
        name="unknown_shares",
        severity="low",
        table="ownership",
        one="holding has no known share",
        many="holdings have no known share",
        action="Ask for the share; until then it counts as anything from nothing to the remainder.",
        find=unknown_shares,
    ),
)
