"""Whether a population is still the one that a model was made for: the population stability index."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]
STABLE, SHIFTED = 0.10, 0.25
"""Below the first: stable; up to the second: a shift; above: act (the customary bands of Siddiqi, "Credit Risk
Scorecards", 2006)."""
_EMPTY = 1e-4
"""Part that an empty bin counts as: the logarithm needs one."""


def psi(expected: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return the sum of (actual - expected) ln(actual / expected) over bins; counts or parts, an empty bin 0.01 %."""
    e, a = (np.asarray(side, dtype=np.float64) for side in (expected, actual))
    if e.shape != a.shape or e.ndim != 1 or not len(e):
        raise DataError(f"{e.size} bins expected and {a.size} seen: the same bins are needed")
    if (e < 0).any() or (a < 0).any() or e.sum() <= 0 or a.sum() <= 0:
        raise DataError("bins hold no negative numbers, and not all of them nothing")
    e, a = np.maximum(e / e.sum(), _EMPTY), np.maximum(a / a.sum(), _EMPTY)
    return float(((a - e) * np.log(a / e)).sum())


def band(value: float) -> str:
    """Return what a PSI says: stable, shift or action."""
    return "stable" if value < STABLE else "shift" if value <= SHIFTED else "action"


def quantile_edges(values: npt.ArrayLike, bins: int = 10) -> Floats:
    """Return the inner edges of bins of about equal size; fewer where many values are equal."""
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return np.empty(0)
    edges = np.unique(np.quantile(known, np.linspace(0.0, 1.0, bins + 1)[1:-1]))
    return np.asarray(edges[edges < known.max()])


def counts_between(values: npt.ArrayLike, edges: npt.ArrayLike) -> Floats:
    """Return how many values lie up to each edge and beyond the last, missing ones in a bin of their own at the end."""
    given, at = np.asarray(values, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    gone = np.isnan(given)
    bins = np.bincount(np.searchsorted(at, given[~gone], side="left"), minlength=len(at) + 1)
    return np.append(bins, gone.sum()).astype(np.float64)
