"""Longest ways down a directed graph whose circles are drawn together into one place each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.network.components import row_starts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def longest_below(size: int, source: Ints, target: Ints, weight: Floats, label: Ints) -> tuple[Ints, Floats, Ints]:
    """Return (depth, width, arc) of each node, the same for all nodes of a strong component.

    `label` (size,) is the smallest node of each node's strong component. `depth` is the largest number of arcs between
    components on a way that starts in the node's component; `width` the largest possible smallest weight of those arcs
    on such a longest way (infinity where depth is 0); `arc` the first of those arcs, -1 where there is none. Of equal
    ways the one with the smaller arc number is taken.
    """
    between = np.flatnonzero(label[source] != label[target])
    between = between[np.argsort(label[source[between]], kind="stable")]
    start, goal = label[source[between]], label[target[between]]
    backward = np.argsort(goal, kind="stable")
    depth, width, arc = _sweep(
        row_starts(size, start), goal, weight[between], between, row_starts(size, goal[backward]), start[backward]
    )
    return depth[label], width[label], arc[label]


@njit(cache=True, nogil=True)
def _sweep(forward, goal, weight, number, backward, origin):  # type: ignore[no-untyped-def]
    size = len(forward) - 1
    depth = np.zeros(size, dtype=np.int64)
    width = np.full(size, np.inf)
    arc = np.full(size, -1, dtype=np.int64)
    waiting = np.empty(size, dtype=np.int64)
    ready = np.empty(size, dtype=np.int64)
    tail = 0
    for node in range(size):
        waiting[node] = forward[node + 1] - forward[node]
        if waiting[node] == 0:
            ready[tail] = node
            tail += 1
    head = 0
    while head < tail:
        node = ready[head]
        head += 1
        for k in range(forward[node], forward[node + 1]):
            other = goal[k]
            deep, wide = depth[other] + 1, min(weight[k], width[other])
            better = deep > depth[node] or (deep == depth[node] and wide > width[node])
            equal = deep == depth[node] and wide == width[node]
            if better or (equal and number[k] < arc[node]):
                depth[node], width[node], arc[node] = deep, wide, number[k]
        for k in range(backward[node], backward[node + 1]):
            other = origin[k]
            waiting[other] -= 1
            if waiting[other] == 0:
                ready[tail] = other
                tail += 1
    return depth, width, arc
