"""Betweenness centrality: on how many shortest ways between others a node lies.

U. Brandes, "A faster algorithm for betweenness centrality", J. Math. Sociol. 25 (2001) 163-177; by pivots: U. Brandes
and C. Pich, "Centrality estimation in large networks", Int. J. Bifurcat. Chaos 17 (2007) 2303-2318. Ways follow the
direction of the arcs; they are as long as they have arcs, or as the lengths of these add up to.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.fan import fan_out
from graphrisk.kernels.network.components import row_starts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def betweenness(size: int, source: Ints, target: Ints, pivots: Ints) -> tuple[Floats, Floats]:
    """Return the sum over `pivots` of each node's dependency, and the sum of its squares: (size,), (size,).

    With all nodes as pivots the first is the betweenness, not normalised. Arcs are ordered by source.
    """
    forward = row_starts(size, source)
    parts = fan_out(lambda piece: _sweep(forward, target, piece), pivots)
    total, squares = np.zeros(size), np.zeros(size)
    for part in parts:
        total += part[0]
        squares += part[1]
    return total, squares


def betweenness_by_length(size: int, source: Ints, target: Ints, length: Floats, pivots: Ints) -> tuple[Floats, Floats]:
    """Return what `betweenness` does where an arc is `length` long (arcs,), which is above 0 and finite.

    Ways whose lengths agree to 1e-12 are equally short: the order in which lengths are added does not decide.
    """
    forward = row_starts(size, source)
    goal = target.astype(np.int32)
    parts = fan_out(lambda piece: _sweep_by_length(forward, goal, length, piece), pivots)
    total, squares = np.zeros(size), np.zeros(size)
    for part in parts:
        total += part[0]
        squares += part[1]
    return total, squares


@njit(cache=True, nogil=True)
def _sweep(forward, goal, pivots):  # type: ignore[no-untyped-def]
    size = len(forward) - 1
    total = np.zeros(size)
    squares = np.zeros(size)
    distance = np.full(size, -1, dtype=np.int64)
    ways = np.zeros(size)
    dependency = np.zeros(size)
    order = np.empty(size, dtype=np.int64)
    for pivot in pivots:
        distance[pivot] = 0
        ways[pivot] = 1.0
        order[0] = pivot
        head, tail = 0, 1
        while head < tail:
            node = order[head]
            head += 1
            for k in range(forward[node], forward[node + 1]):
                other = goal[k]
                if distance[other] < 0:
                    distance[other] = distance[node] + 1
                    order[tail] = other
                    tail += 1
                if distance[other] == distance[node] + 1:
                    ways[other] += ways[node]
        for back in range(tail - 1, -1, -1):
            node = order[back]
            for k in range(forward[node], forward[node + 1]):
                other = goal[k]
                if distance[other] == distance[node] + 1:
                    dependency[node] += ways[node] / ways[other] * (1.0 + dependency[other])
            if node != pivot:
                total[node] += dependency[node]
                squares[node] += dependency[node] * dependency[node]
        for back in range(tail):
            node = order[back]
            distance[node] = -1
            ways[node] = 0.0
            dependency[node] = 0.0
    return total, squares


_ALIKE = 1.0 + 1e-12
_SHIFT = 43
"""The first 20 bits of a distance name its bucket: a power of two is cut into 512."""
_ORIGIN, _BEFORE, _INTO, _BESIDE = 0, 1, 2, 3  # columns of what is kept of a way found
_WAYS, _DEPENDENCY = 0, 1


@njit(cache=True, nogil=True)
def _sweep_by_length(forward, goal, length, pivots):  # type: ignore[no-untyped-def]
    """Search from each pivot, nearest node first, then pass dependencies back along the ways found.

    Nodes wait in buckets by distance, and only those of the bucket that is reached in a heap (R. Dial, "Algorithm 360:
    shortest-path forest with topological ordering", Comm. ACM 12 (1969) 632-633, with buckets of a relative width).
    A node keeps the ways into it that are as short as the shortest so far, in a list from the latest to the first.
    """
    size, arcs = len(forward) - 1, len(goal)
    total = np.zeros(size)
    squares = np.zeros(size)
    distance = np.full(size, np.inf)
    is_open = np.ones(size, dtype=np.bool_)
    of_node = np.zeros((size, 2))
    latest = np.full(size, -1, dtype=np.int32)  # way into a node
    order = np.empty(size, dtype=np.int32)
    reached = np.empty(arcs + 1)  # how far each way found goes
    bits = reached.view(np.int64)
    way = np.empty((arcs + 1, 4), dtype=np.int32)
    reached[arcs] = length.min() if arcs else 0.0
    nearest = bits[arcs] >> _SHIFT  # no node waits in an earlier bucket
    bucket = np.full(1 << (63 - _SHIFT), -1, dtype=np.int32)
    far = np.empty(arcs + 1)  # a heap of distances with their nodes; one that was improved stays behind
    who = np.empty(arcs + 1, dtype=np.int32)
    for pivot in pivots:
        distance[pivot] = 0.0
        of_node[pivot, _WAYS] = 1.0
        far[0], who[0] = 0.0, pivot
        held, waiting, done, found, here = 1, 0, 0, 0, nearest - 1
        while held or waiting:
            if held == 0:
                while bucket[here] < 0:
                    here += 1
                k = bucket[here]
                bucket[here] = -1
                while k >= 0:
                    waiting -= 1
                    if reached[k] == distance[way[k, _INTO]]:  # else a shorter way was found since
                        _climb(far, who, held, reached[k], way[k, _INTO])
                        held += 1
                    k = way[k, _BESIDE]
                continue
            near, node = far[0], who[0]
            held -= 1
            _sink(far, who, held)
            if not is_open[node]:
                continue
            is_open[node] = False
            order[done] = node
            done += 1
            k, last = latest[node], -1
            while k >= 0:  # ways that turned out longer are left out
                if reached[k] <= near * _ALIKE:
                    of_node[node, _WAYS] += of_node[way[k, _ORIGIN], _WAYS]
                    last = k
                elif last < 0:
                    latest[node] = way[k, _BEFORE]
                else:
                    way[last, _BEFORE] = way[k, _BEFORE]
                k = way[k, _BEFORE]
            for arc in range(forward[node], forward[node + 1]):
                other = goal[arc]
                reach = near + length[arc]
                if reach > distance[other] * _ALIKE or reach == np.inf or not is_open[other]:
                    continue
                reached[found] = reach
                if reach < distance[other]:
                    if reach * _ALIKE < distance[other]:
                        latest[other] = -1
                    distance[other] = reach
                    slot = bits[found] >> _SHIFT
                    if slot <= here:
                        _climb(far, who, held, reach, other)
                        held += 1
                    else:
                        way[found, _INTO] = other
                        way[found, _BESIDE] = bucket[slot]
                        bucket[slot] = found
                        waiting += 1
                way[found, _ORIGIN] = node
                way[found, _BEFORE] = latest[other]
                latest[other] = found
                found += 1
        for place in range(done - 1, 0, -1):
            node = order[place]
            own = of_node[node, _DEPENDENCY]
            total[node] += own
            squares[node] += own * own
            part = (1.0 + own) / of_node[node, _WAYS]
            k = latest[node]
            while k >= 0:
                origin = way[k, _ORIGIN]
                of_node[origin, _DEPENDENCY] += of_node[origin, _WAYS] * part
                k = way[k, _BEFORE]
        for place in range(done):
            node = order[place]
            distance[node] = np.inf
            is_open[node] = True
            of_node[node, _WAYS], of_node[node, _DEPENDENCY] = 0.0, 0.0
            latest[node] = -1
    return total, squares


@njit(cache=True, nogil=True, inline="always")
def _climb(far, who, held, reach, node):  # type: ignore[no-untyped-def]
    """Put a node into the heap of `held` nodes."""
    at = held
    while at:
        parent = (at - 1) // 2
        if far[parent] <= reach:
            break
        far[at], who[at] = far[parent], who[parent]
        at = parent
    far[at], who[at] = reach, node


@njit(cache=True, nogil=True, inline="always")
def _sink(far, who, held):  # type: ignore[no-untyped-def]
    """Take the first node out of the heap, in which `held` remain."""
    last, mover = far[held], who[held]
    at, child = 0, 1
    while child < held:
        if child + 1 < held and far[child + 1] < far[child]:
            child += 1
        if far[child] >= last:
            break
        far[at], who[at] = far[child], who[child]
        at = child
        child = 2 * at + 1
    far[at], who[at] = last, mover
