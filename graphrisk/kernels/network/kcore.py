"""k-cores: the largest k such that a node belongs to a part in which everybody has at least k arcs to the others.

V. Batagelj and M. Zaversnik, "An O(m) algorithm for cores decomposition of networks", arXiv:cs/0310049 (2003). Arcs in
and out count together, as in NetworkX: two nodes that point to one another share two arcs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.network.components import row_starts

Ints = npt.NDArray[np.int64]


def core_numbers(size: int, source: Ints, target: Ints) -> Ints:
    """Return the core number of each node (size,)."""
    starts = row_starts(size, source) + row_starts(size, target)
    core: Ints = _peel(starts, _neighbours(starts, source, target))
    return core


@njit(cache=True, nogil=True)
def _neighbours(starts, source, target):  # type: ignore[no-untyped-def]
    """Return whom the arcs of each node lead to or come from, node by node: counted into place, not sorted."""
    others = np.empty(2 * len(source), dtype=np.int32)
    filled = starts[:-1].copy()
    for arc in range(len(source)):
        one, other = source[arc], target[arc]
        others[filled[one]] = other
        filled[one] += 1
        others[filled[other]] = one
        filled[other] += 1
    return others


@njit(cache=True, nogil=True)
def _peel(starts, others):  # type: ignore[no-untyped-def]
    size = len(starts) - 1
    core = np.empty(size, dtype=np.int64)
    most = 0
    for node in range(size):
        core[node] = starts[node + 1] - starts[node]
        most = max(most, core[node])
    bins = np.zeros(most + 2, dtype=np.int64)
    for node in range(size):
        bins[core[node] + 1] += 1
    for k in range(most + 1):
        bins[k + 1] += bins[k]
    place = np.empty(size, dtype=np.int64)
    order = np.empty(size, dtype=np.int64)
    filled = bins.copy()
    for node in range(size):
        place[node] = filled[core[node]]
        order[place[node]] = node
        filled[core[node]] += 1
    for k in range(size):
        node = order[k]
        for at in range(starts[node], starts[node + 1]):
            other = others[at]
            if core[other] > core[node]:
                low = bins[core[other]]  # the first node of the same count: change places, then leave its bin
                first = order[low]
                if first != other:
                    order[place[other]] = first
                    place[first] = place[other]
                    order[low] = other
                    place[other] = low
                bins[core[other]] += 1
                core[other] -= 1
    return core
