"""Relations through others: the strongest way of few links between two clients that no link joins."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from graphrisk.analyze.relations.links import Relation, Relations
from graphrisk.kernels.ownership.stakes import Bools

Way = tuple[float, tuple[int, ...], tuple[Relation, ...]]


def neighbours(found: Relations) -> Mapping[int, list[tuple[int, Relation]]]:
    """Return for each party whom a link joins it to, the strongest first; of each pair one, those of law before hints.

    What is shared through a third party is no link here: its two halves are.
    """
    best: dict[tuple[int, int], Relation] = {}
    for pair in found.pairs.values():
        if math.isnan(pair.strength) or (pair.via >= 0 and pair.kind != "co_guarantor"):
            continue
        ends = pair.a, pair.b
        held = best.get(ends)
        if held is None or (-pair.strength, pair.hint, pair.kind) < (-held.strength, held.hint, held.kind):
            best[ends] = pair
    out: dict[int, list[tuple[int, Relation]]] = defaultdict(list)
    for (a, b), pair in sorted(best.items()):
        out[a].append((b, pair))
        out[b].append((a, pair))
    for links in out.values():
        links.sort(key=lambda link: -link[1].strength)
    return out


def chains(
    found: Relations, clients: Bools, *, steps: int, weakest: float, most: int, group: int, cap: int
) -> tuple[list[Way], int]:
    """Return the strongest way between each two clients without a link, and how many such pairs were left out.

    Ways have at most `steps` links and a product of strengths of `weakest` or more, and do not run through a party with
    more than `most` hints or `group` links. After `cap` pairs the rest is counted, not told.
    """
    around = neighbours(found)
    crowded = {
        node for node, links in around.items() if len(links) > group or sum(pair.hint for _, pair in links) > most
    }
    joined = {(a, b) for a, b, _ in found.pairs}
    ways: list[Way] = []
    left = 0
    is_client = clients.tolist()
    for start in np.flatnonzero(clients).tolist():
        if start not in around:
            continue
        for end, way in _from(start, around, crowded, steps, weakest).items():
            if end <= start or not is_client[end] or len(way[1]) < 3 or (start, end) in joined:
                continue
            if len(ways) < cap:
                ways.append(way)
            else:
                left += 1
    return ways, left


def _from(
    start: int, around: Mapping[int, list[tuple[int, Relation]]], crowded: set[int], steps: int, weakest: float
) -> dict[int, Way]:
    """Return the strongest way to each party that can be reached; of equal ones the shorter, then smaller ids.

    Strength falls with each link, and the number of links is bounded: a party is settled once for each number of links.
    """
    least = weakest - 1e-12
    best: dict[int, Way] = {}
    seen: dict[int, int] = {}
    linked: list[tuple[Relation, ...]] = [()]
    waiting: list[tuple[float, int, tuple[int, ...], int]] = [(-1.0, 0, (start,), 0)]  # the last one is in `linked`
    while waiting:
        minus, length, ids, at = heapq.heappop(waiting)
        node = ids[-1]
        if seen.get(node, steps + 1) <= length:
            continue
        seen[node] = length
        best.setdefault(node, (-minus, ids, linked[at]))
        if length == steps or (length and node in crowded):
            continue
        for other, pair in around[node]:
            strength = -minus * pair.strength
            if strength < least:
                break  # those that follow bind less
            if seen.get(other, steps + 1) > length + 1 and other not in ids:
                linked.append((*linked[at], pair))
                heapq.heappush(waiting, (-strength, length + 1, (*ids, other), len(linked) - 1))
    return best
