"""Eigenvector centrality of the strongest circular part of a weighted directed graph.

P. Bonacich, "Factoring and weighting approaches to status scores and clique identification", J. Math. Sociol. 2 (1972)
113-120. A graph that is not strongly connected has no single such vector; the rule here is to take the strong component
with the largest spectral radius, bounded component by component with L. Collatz, "Einschliessungssatz fuer die
charakteristischen Zahlen von Matrizen", Math. Z. 48 (1942) 221-226.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import ArpackNoConvergence, eigs

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.network.pagerank import Floats, Ints

TIE = 1e-9
"""Relative difference up to which two spectral radii are the same."""
_DENSE = 400
_BOUNDING_ROUNDS = 60
_LEAST_ROUNDS = 30
_POLISHING_ROUNDS = 40
_POLISHED = 1e-13
_BASIS = 10
"""Vectors that ARPACK keeps: it needs few from a start that is near, and half as many cost a third of the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dominant:
    """`scores` (n,) of Euclidean norm 1 on `members`, NaN elsewhere; `value` is the spectral radius.

    `value` is 0 and there are no members where no circle has weight. `tied` counts the strong components whose
    spectral radius is the same: the one with most nodes was taken, then the one with the smallest node.
    """

    scores: Floats
    members: Ints
    value: float
    residual: float
    tied: int


def dominant_eigenvector(size: int, source: Ints, target: Ints, weight: Floats, *, tolerance: float = 1e-9) -> Dominant:
    """Return the eigenvector centrality of the dominant strong component; weight counts towards the target.

    The residual is the largest entry of A'x - value x over value and the largest entry of x. Raises ConvergenceError
    where it is above `tolerance`.
    """
    heavy = weight > 0
    source, target, weight = source[heavy], target[heavy], weight[heavy]
    label = component_labels(size, source, target, "strong")
    inside = label[source] == label[target]
    source, target, weight = source[inside], target[inside], weight[inside]
    scores = np.full(size, np.nan)
    if len(source) == 0:
        return Dominant(scores=scores, members=np.empty(0, np.int64), value=0.0, residual=0.0, tied=0)
    nodes = np.flatnonzero(np.bincount(source, minlength=size))
    place = np.zeros(size, dtype=np.int32)
    place[nodes] = np.arange(len(nodes))
    unit = float(weight.max())  # so that the same graph in cents or in millions takes the same path
    matrix = csr_array((weight / unit, (place[target], place[source])), shape=(len(nodes),) * 2)
    groups, group = np.unique(label[nodes], return_inverse=True)
    low, high, near = _bounds(matrix, group, len(groups))
    candidates = np.flatnonzero(high >= low.max() * (1.0 - TIE))

    found = []
    for candidate in candidates.tolist():
        at = np.flatnonzero(group == candidate)
        value, vector = _perron(matrix[at][:, at] if len(at) < len(nodes) else matrix, near[at])
        found.append((value, at, vector))
    best = max(value for value, *_ in found)
    ties = [entry for entry in found if entry[0] >= best * (1.0 - TIE)]
    value, at, vector = min(ties, key=lambda entry: (-len(entry[1]), entry[1][0]))
    members = nodes[at]
    block = matrix[at][:, at] if len(at) < len(nodes) else matrix
    residual = float(np.abs(block @ vector - value * vector).max() / (value * vector.max()))
    if not residual <= tolerance:
        raise ConvergenceError(
            f"eigenvector centrality has a residual of {residual:.2g}, above {tolerance:.2g}",
            hint="amounts of very different size meet on one circle: look at chains_components",
        )
    scores[members] = vector
    return Dominant(scores=scores, members=members, value=value * unit, residual=residual, tied=len(ties))


def _bounds(matrix: csr_array, group: Ints, count: int) -> tuple[Floats, Floats, Floats]:
    """Return lower and upper bounds of the spectral radius of each group (count,), by Collatz' quotients.

    And the vector that gave them, which is near the eigenvector of each group.
    """
    vector = np.ones(matrix.shape[0])
    low, high = np.zeros(count), np.full(count, np.inf)
    for done in range(_BOUNDING_ROUNDS):
        if done >= _LEAST_ROUNDS and np.count_nonzero(high >= low.max() * (1.0 - TIE)) == 1:
            break  # which group it is has been decided
        image = matrix @ vector
        quotient = image / vector
        least, most = np.full(count, np.inf), np.zeros(count)
        np.minimum.at(least, group, quotient)
        np.maximum.at(most, group, quotient)
        low, high = np.maximum(low, least), np.minimum(high, most)
        vector = image + 0.5 * most[group] * vector  # the shift damps the turning of even circles
        vector /= np.sqrt(sum_by(group, vector * vector, count))[group]
        vector = np.maximum(vector, 1e-200)
    return low, high, vector


def _perron(block: csr_array, near: Floats) -> tuple[float, Floats]:
    """Return the Perron root and the positive vector of norm 1 of an irreducible non-negative matrix.

    `near` is a positive vector to begin with.
    """
    size = block.shape[0]
    if size <= _DENSE:
        values, vectors = np.linalg.eig(block.toarray())
        pick = int(np.argmax(values.real))
        vector = vectors[:, pick].real
    else:
        try:
            _, vectors = eigs(block, k=1, which="LR", v0=near, ncv=_BASIS, tol=1e-10, maxiter=100 * size)
        except ArpackNoConvergence as stopped:
            raise ConvergenceError(
                f"eigenvector centrality of a group of {size:,} parties was not found",
                hint="leave out this layer with the parameter layers",
            ) from stopped
        vector = vectors[:, 0].real
    vector = np.abs(vector)  # Perron and Frobenius: one sign, up to rounding
    vector /= np.linalg.norm(vector)
    image = block @ vector
    value = float(vector @ image)
    for _ in range(_POLISHING_ROUNDS):
        if np.abs(image - value * vector).max() <= _POLISHED * value * vector.max():
            break
        vector = image + 0.3 * value * vector  # the shift damps the turning of even circles
        vector /= np.linalg.norm(vector)
        image = block @ vector
        value = float(vector @ image)
    return value, vector
