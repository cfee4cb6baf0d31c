"""Connected parts of a directed graph, each named after its smallest node.

Strong components: R. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972) 146-160, in
the form of D. J. Pearce that `scipy.sparse.csgraph` holds.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def component_labels(size: int, source: Ints, target: Ints, connection: Literal["weak", "strong"]) -> Ints:
    """Return for each node the smallest node of its component (size,)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if size == 0:
        return np.empty(0, dtype=np.int64)
    matrix = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(size, size))
    count, labels = connected_components(matrix, directed=True, connection=connection)
    nodes = np.arange(size, dtype=np.int64)
    first = np.empty(count, dtype=np.int64)
    first[labels[::-1]] = nodes[::-1]  # the last one written is the smallest
    named: Ints = first[labels]
    return named


def row_starts(size: int, source: Ints) -> Ints:
    """Return where the arcs of each node begin (size + 1,), for arcs ordered by source."""
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(source, minlength=size), out=starts[1:])
    return starts
