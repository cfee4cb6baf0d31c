"""Betweenness centrality: on how many shortest ways between others a node lies.

U. Brandes, "A faster algorithm for betweenness centrality", J. Math. Sociol. 25 (2001) 163-177; by pivots: U. Brandes
and C. Pich, "Centrality estimation in large networks", Int. J. Bifurcat. Chaos 17 (2007) 2303-2318. Ways are counted in
arcs, along the direction of the arcs.
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
