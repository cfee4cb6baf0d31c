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
    parts = fan_out(lambda piece: _sweep_by_length(forward, target, length, piece), pivots)
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


@njit(cache=True, nogil=True)
def _sweep_by_length(forward, goal, length, pivots):  # type: ignore[no-untyped-def]
    size = len(forward) - 1
    total = np.zeros(size)
    squares = np.zeros(size)
    distance = np.full(size, np.inf)
    settled = np.full(size, -1, dtype=np.int64)  # in which place
    ways = np.zeros(size)
    dependency = np.zeros(size)
    order = np.empty(size, dtype=np.int64)
    far = np.empty(len(goal) + 1)  # a heap of distances with their nodes; one that was improved stays behind
    who = np.empty(len(goal) + 1, dtype=np.int64)
    for pivot in pivots:
        distance[pivot] = 0.0
        far[0], who[0] = 0.0, pivot
        held, done = 1, 0
        while held:
            near, node = far[0], who[0]
            held -= 1
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
            if settled[node] >= 0:
                continue
            settled[node] = done
            order[done] = node
            done += 1
            for k in range(forward[node], forward[node + 1]):
                other = goal[k]
                reach = near + length[k]
                if reach < distance[other] and settled[other] < 0:
                    distance[other] = reach
                    at = held
                    held += 1
                    while at:
                        parent = (at - 1) // 2
                        if far[parent] <= reach:
                            break
                        far[at], who[at] = far[parent], who[parent]
                        at = parent
                    far[at], who[at] = reach, other
        ways[pivot] = 1.0
        for place in range(done):
            node = order[place]
            for k in range(forward[node], forward[node + 1]):
                other = goal[k]
                if settled[other] > place and distance[node] + length[k] <= distance[other] * _ALIKE:
                    ways[other] += ways[node]
        for place in range(done - 1, -1, -1):
            node = order[place]
            for k in range(forward[node], forward[node + 1]):
                other = goal[k]
                if settled[other] > place and distance[node] + length[k] <= distance[other] * _ALIKE:
                    dependency[node] += ways[node] / ways[other] * (1.0 + dependency[other])
            if node != pivot:
                total[node] += dependency[node]
                squares[node] += dependency[node] * dependency[node]
        for place in range(done):
            node = order[place]
            distance[node] = np.inf
            settled[node] = -1
            ways[node] = 0.0
            dependency[node] = 0.0
    return total, squares
