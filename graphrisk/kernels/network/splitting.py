"""Splitting a connected network into pieces of at most so many nodes, with as little weight between them as is found.

The problem is NP-hard (M. Garey, D. Johnson, L. Stockmeyer, "Some simplified NP-complete graph problems", Theoretical
Computer Science 1 (1976) 237-267), so this searches: pieces grow by joining the two that belong together most, then
single nodes move where that saves weight (the step of B. Kernighan and S. Lin, Bell System Technical Journal 49 (1970)
291-307, one node at a time), in turn until nothing changes. The same network gives the same pieces.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Near = list[dict[int, float]]

LARGE = 20_000
ROUNDS = 50
"""Passes over all nodes after which the moves are ended."""


def split(size: int, source: Ints, target: Ints, weight: Floats, most: int) -> Ints:
    """Return the piece of each node (size,), named by its smallest node: connected, none of more than `most` nodes.

    `weight` (m,) of an arc is lost where its ends come into different pieces; direction does not matter. Of several
    ways to grow, that with the least weight lost is taken; above LARGE nodes only the one that is mostly best is tried.
    """
    near: Near = [{} for _ in range(size)]
    for a, b, w in zip(source.tolist(), target.tolist(), weight.tolist(), strict=True):
        if a != b:
            near[a][b] = near[a].get(b, 0.0) + w
            near[b][a] = near[b].get(a, 0.0) + w
    best, least = list(range(size)), float("inf")
    for bond in _BONDS if size <= LARGE else _BONDS[-1:]:
        piece = _grown(near, list(range(size)), most, bond)
        for _ in range(ROUNDS):
            moved = _moved(near, piece, most)
            joined = _grown(near, _connected(near, piece), most, bond)
            if not moved and joined == piece:
                break
            piece = joined
        piece = _connected(near, piece)
        lost = sum(w for a in range(size) for b, w in near[a].items() if a < b and piece[a] != piece[b])
        if lost < least:
            best, least = piece, lost
    return np.array(best, dtype=np.int64)


_BONDS: tuple[Callable[[float, int, int], float], ...] = (
    lambda weight, one, other: weight,  # noqa: ARG005
    lambda weight, one, other: weight / (one + other),
    lambda weight, one, other: weight / (one * other),
)
"""What joins two pieces first: the weight between them, alone or for how large they are."""


def _grown(near: Near, piece: list[int], most: int, bond: Callable[[float, int, int], float]) -> list[int]:
    """Return the pieces after joining, again and again, the two with the strongest bond that fit together."""
    size = len(piece)
    count = [0] * size
    for name in piece:
        count[name] += 1
    ties: Near = [{} for _ in range(size)]
    for a in range(size):
        one = piece[a]
        for b, w in near[a].items():
            other = piece[b]
            if one != other:
                ties[one][other] = ties[one].get(other, 0.0) + w
    heap = [(-bond(w, count[a], count[b]), a, b) for a in range(size) for b, w in ties[a].items() if a < b]
    heapq.heapify(heap)
    into = list(range(size))
    while heap:
        before, a, b = heapq.heappop(heap)
        if into[a] != a or into[b] != b or count[a] + count[b] > most:
            continue
        now = -bond(ties[a][b], count[a], count[b])
        if now != before:
            if now > before:  # weaker than when it was noted, because one of them has grown
                heapq.heappush(heap, (now, a, b))
            continue
        if len(ties[a]) < len(ties[b]):
            a, b = b, a
        into[b] = a
        count[a] += count[b]
        for other, w in ties[b].items():
            if other != a:
                ties[a][other] = ties[other][a] = ties[a].get(other, 0.0) + w
                low, high = min(a, other), max(a, other)
                heapq.heappush(heap, (-bond(ties[a][other], count[low], count[high]), low, high))
            del ties[other][b]
        ties[b] = {}
    return _named([_host(into, name) for name in piece])


def _host(into: list[int], name: int) -> int:
    while into[name] != name:
        name = into[name]
    return name


def _named(piece: list[int]) -> list[int]:
    """Return the pieces, each named by its smallest node."""
    first: dict[int, int] = {}
    return [first.setdefault(name, node) for node, name in enumerate(piece)]


def _moved(near: Near, piece: list[int], most: int) -> bool:
    """Move nodes to the piece that holds more of their weight, where there is room; return whether any moved."""
    count: dict[int, int] = {}
    for name in piece:
        count[name] = count.get(name, 0) + 1
    moved = False
    for _ in range(ROUNDS):
        again = False
        for node in range(len(piece)):
            own = piece[node]
            held: dict[int, float] = {}
            for other, w in near[node].items():
                held[piece[other]] = held.get(piece[other], 0.0) + w
            if len(held) < 2 and own in held:
                continue
            goal, gain = own, held.get(own, 0.0) * (1.0 + 1e-12)
            for name in sorted(held):
                if name != own and count[name] < most and held[name] > gain:
                    goal, gain = name, held[name]
            if goal != own:
                piece[node] = goal
                count[own] -= 1
                count[goal] += 1
                again = moved = True
        if not again:
            break
    return moved


def _connected(near: Near, piece: list[int]) -> list[int]:
    """Return the connected parts of the pieces, each named by its smallest node."""
    named = [-1] * len(piece)
    for first in range(len(piece)):
        if named[first] >= 0:
            continue
        named[first], waiting = first, [first]
        while waiting:
            node = waiting.pop()
            for other in near[node]:
                if named[other] < 0 and piece[other] == piece[node]:
                    named[other] = first
                    waiting.append(other)
    return named
