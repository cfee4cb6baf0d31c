"""Katz centrality of a weighted directed graph.

L. Katz, "A new status index derived from sociometric analysis", Psychometrika 18 (1953) 39-43: x = 1 + alpha A'x,
where entry (i, j) of A is the weight of the arc from i to j, divided by the Euclidean norm as NetworkX does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.pagerank import Floats, Ints, Solved


@dataclass(frozen=True, slots=True, kw_only=True)
class Katz(Solved):
    """Katz scores, and the `alpha` that was used (0 where no arc has weight)."""

    alpha: float


def katz(
    size: int,
    source: Ints,
    target: Ints,
    weight: Floats,
    *,
    attenuation: float = 0.85,
    tolerance: float = 1e-12,
    max_rounds: int = 10_000,
) -> Katz:
    """Return the Katz centrality of each node (size,), of Euclidean norm 1; weight counts towards the target.

    alpha = attenuation / largest in-strength, which is at most attenuation / spectral radius, so that the sum over all
    walks always exists, also where the graph has no circle and the spectral radius is 0. The residual is relative to
    the largest score; the error is at most 1 / (1 - attenuation) times it. Raises ConvergenceError above `tolerance`.
    """
    if size == 0:
        return Katz(scores=np.empty(0), rounds=0, residual=0.0, alpha=0.0)
    largest = float(sum_by(target, weight, size).max())
    alpha = attenuation / largest if largest > 0 else 0.0
    matrix = csr_array((weight * alpha, (target, source)), shape=(size, size))
    scores = np.ones(size)
    residual = np.inf
    for rounds in range(max_rounds + 1):
        after = np.asarray(matrix @ scores)
        after += 1.0
        residual = float(np.abs(after - scores).max() / after.max())
        if residual <= tolerance:
            return Katz(scores=scores / np.linalg.norm(scores), rounds=rounds, residual=residual, alpha=alpha)
        scores = after
    raise ConvergenceError(
        f"Katz centrality still changes by {residual:.2g} after {max_rounds:,} rounds",
        hint="raise max_rounds, or lower katz_attenuation",
    )
