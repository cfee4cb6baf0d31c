"""Harmonic closeness: how near all others are, counted in arcs.

M. Marchiori and V. Latora, "Harmony in the small-world", Physica A 285 (2000) 539-546; 64 searches share the bits of
one machine word: M. Then and others, "The more the merrier: efficient multi-source graph traversal", Proc. VLDB Endow.
8 (2014) 449-460; by a sample of sources: D. Eppstein and J. Wang, "Fast approximation of centrality", J. Graph
Algorithms Appl. 8 (2004) 39-45.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.fan import fan_out
from graphrisk.kernels.network.components import row_starts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def harmonic(size: int, source: Ints, target: Ints, pivots: Ints) -> tuple[Floats, Floats]:
    """Return the sum over `pivots` of 1 / distance from the pivot to each node, and of its square: (size,), (size,).

    A node that a pivot does not reach, and the pivot itself, get nothing from it. With all nodes as pivots the first
    is the harmonic closeness by arriving ways, as NetworkX defines it. Arcs are ordered by source.
    """
    forward = row_starts(size, source)
    parts = fan_out(lambda piece: _sweep(forward, target, piece), pivots, smallest=512)
    total, squares = np.zeros(size), np.zeros(size)
    for part in parts:
        total += part[0]
        squares += part[1]
    return total, squares


@njit(cache=True, nogil=True)
def _ones(word):  # type: ignore[no-untyped-def]
    """Return the number of bits that are set (H. Warren, Hacker's Delight, fig. 5-2)."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def _sweep(forward, goal, pivots):  # type: ignore[no-untyped-def]
    size = len(forward) - 1
    total = np.zeros(size)
    squares = np.zeros(size)
    seen = np.zeros(size, dtype=np.uint64)
    now = np.zeros(size, dtype=np.uint64)
    then = np.zeros(size, dtype=np.uint64)
    front = np.empty(size, dtype=np.int64)
    ahead = np.empty(size, dtype=np.int64)
    touched = np.empty(size, dtype=np.int64)
    none = np.uint64(0)
    for begin in range(0, len(pivots), 64):
        count, reached = 0, 0
        for k in range(begin, min(begin + 64, len(pivots))):
            node = pivots[k]
            bit = np.uint64(1) << np.uint64(k - begin)
            if seen[node] == none:
                touched[reached] = node
                reached += 1
                front[count] = node
                count += 1
            seen[node] |= bit
            now[node] |= bit
        distance = 0
        while count > 0:
            distance += 1
            following = 0
            for f in range(count):
                node = front[f]
                bits = now[node]
                for k in range(forward[node], forward[node + 1]):
                    other = goal[k]
                    new = bits & ~seen[other]
                    if new != none:
                        if then[other] == none:
                            ahead[following] = other
                            following += 1
                        then[other] |= new
                now[node] = none
            for f in range(following):
                node = ahead[f]
                bits = then[node]
                if seen[node] == none:
                    touched[reached] = node
                    reached += 1
                seen[node] |= bits
                now[node] = bits
                then[node] = none
                share = float(_ones(bits)) / distance
                total[node] += share
                squares[node] += share / distance
                front[f] = node
            count = following
        for k in range(reached):
            seen[touched[k]] = none
            now[touched[k]] = none
    return total, squares
