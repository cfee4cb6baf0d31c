"""Points of a scorecard: so many for twice the odds, and the PD that a number of points stands for.

Source: Siddiqi, "Credit Risk Scorecards" (Wiley, 2006), chapter 6: score = offset + factor ln(odds of good).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def scaling(*, pdo: float, base: float, odds: float) -> tuple[float, float]:
    """Return (factor, offset): `base` points at `odds` of good to bad, `pdo` more where they double."""
    factor = pdo / float(np.log(2.0))
    return factor, base - factor * float(np.log(odds))


def points_of(pd: npt.ArrayLike, *, pdo: float, base: float, odds: float) -> Floats:
    """Return the points of PDs; infinite where a PD is 0 or 1."""
    factor, offset = scaling(pdo=pdo, base=base, odds=odds)
    p = np.asarray(pd, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(offset + factor * (np.log1p(-p) - np.log(p)))


def chance(logit: npt.ArrayLike) -> Floats:
    """Return 1 / (1 + exp(-logit)), without overflow."""
    x = np.asarray(logit, dtype=np.float64)
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0.0, 1.0, e) / (1.0 + e))


def logit_of(pd: npt.ArrayLike) -> Floats:
    """Return ln(pd / (1 - pd)); infinite where a PD is 0 or 1."""
    p = np.asarray(pd, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(p) - np.log1p(-p))
