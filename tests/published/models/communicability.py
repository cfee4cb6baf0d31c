"""Chains of defaults by counting paths: who can be brought down along how many ways, whose default opens them.

An arc runs from i to j where i fails if j alone fails. The communicability of two parties is the sum of the paths
between them, each of length k weighted by 1/k!, which is the exponential of the matrix of arcs: E. Estrada, N. Hatano,
"Communicability in complex networks", Physical Review E 77, 036111 (2008). The measures built on it are those of the R
package NetworkRiskMeasures; their definitions were worked out from its published numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import expm

Floats = npt.NDArray[np.float64]


class Paths(NamedTuple):
    """Measures of each party (n,), 0 where it has no arc: see `contagion_paths`."""

    communicability: Floats  # (n, n)
    susceptibility: Floats
    fluidity: float
    start: Floats
    intermediate: Floats

    @property
    def diffusion(self) -> Floats:
        """What a party spreads as the start of paths and between their ends (n,)."""
        total: Floats = self.start + self.intermediate
        return total


def contagion_paths(impact: npt.ArrayLike) -> Paths:
    """Return the path measures of a dense network; `impact` (n, n): loss of i over its buffer if j fails.

    `susceptibility`: weighted paths that reach a party over its direct arcs; `fluidity`: its mean; `start`: weighted
    paths from a party over its direct arcs; `intermediate`: the paths between others lost without it, over its direct
    arcs outward.
    """
    arcs = (np.asarray(impact, dtype=np.float64) >= 1.0).astype(np.float64)
    np.fill_diagonal(arcs, 0.0)
    size = len(arcs)
    whole: Floats = np.asarray(expm(arcs), dtype=np.float64)
    paths = whole - np.diag(np.diag(whole))
    inward, outward = arcs.sum(axis=1), arcs.sum(axis=0)
    between = np.zeros(size)
    for k in range(size):
        others = np.delete(np.arange(size), k)
        kept = expm(arcs[np.ix_(others, others)])
        between[k] = (whole[np.ix_(others, others)] - kept).sum() - np.trace(whole[np.ix_(others, others)] - kept)
    susceptibility = _over(paths.sum(axis=1), inward)
    return Paths(
        communicability=whole,
        susceptibility=susceptibility,
        fluidity=float(susceptibility.mean()) if size else 0.0,
        start=_over(paths.sum(axis=0), outward),
        intermediate=_over(between, outward),
    )


def _over(amount: Floats, arcs: Floats) -> Floats:
    found: Floats = np.divide(amount, arcs, out=np.zeros(len(arcs)), where=arcs > 0.0)
    return found
