"""PageRank of a weighted directed graph.

L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank citation ranking", Stanford InfoLab 1999-66 (1999), with the
conventions of NetworkX: a node without out-going weight spreads its score over all nodes, scores sum to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.arrays.sums import sum_by

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Scores (n,) with how they were obtained: `residual` is computed from the scores that are returned."""

    scores: Floats
    rounds: int
    residual: float


def pagerank(
    size: int,
    source: Ints,
    target: Ints,
    weight: Floats,
    *,
    damping: float = 0.85,
    tolerance: float = 1e-12,
    max_rounds: int = 10_000,
) -> Solved:
    """Return the PageRank of each node (size,), summing to 1; arcs carry score from source to target.

    The residual is the sum over nodes of what one more round would change; the error of the scores is at most
    damping / (1 - damping) times it. Raises ConvergenceError where it stays above `tolerance` for `max_rounds`.
    """
    if size == 0:
        return Solved(scores=np.empty(0), rounds=0, residual=0.0)
    given = sum_by(source, weight, size)
    part = np.divide(weight, given[source], out=np.zeros(len(weight)), where=given[source] > 0)
    matrix = csr_array((damping * part, (target, source)), shape=(size, size))
    idle = np.flatnonzero(given == 0)
    scores = np.full(size, 1.0 / size)
    residual = np.inf
    for rounds in range(max_rounds + 1):
        # what dangling nodes and random jumps give to everybody; the sum of scores is kept at 1 to rounding
        common = (1.0 - damping + damping * scores[idle].sum()) / size
        after = matrix @ scores
        after += common
        residual = float(np.abs(after - scores).sum())
        if residual <= tolerance:
            return Solved(scores=scores, rounds=rounds, residual=residual)
        scores = after / after.sum()
    raise ConvergenceError(
        f"PageRank still changes by {residual:.2g} after {max_rounds:,} rounds",
        hint="raise max_rounds, or ask for less with tolerance",
    )
