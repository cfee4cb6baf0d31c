"""Whether PDs are as high as defaults are frequent: tests of calibration, and what moves PDs to where they belong.

Source: Brier, Monthly Weather Review 78 (1950); Hosmer and Lemeshow, "Applied Logistic Regression", 5.2.2;
Spiegelhalter, Statistics in Medicine 5 (1986); Basel Committee, Working Paper 14 (2005), the binomial test; ECB,
"Instructions for reporting the validation results of internal models" (2019), 2.5.3.1, the Jeffreys test; Elkan, "The
foundations of cost-sensitive learning", IJCAI 2001, theorem 2, the shift of the prior; Vasicek, Risk (2002).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import bdtrc, betainc, betaincinv, chdtrc, erfc, ndtr, ndtri

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]


def brier(bad: npt.ArrayLike, pd: npt.ArrayLike) -> float:
    """Return the mean squared error of the PDs."""
    y, p = _pair(bad, pd)
    return float(((y - p) ** 2).mean())


def hosmer_lemeshow(bad: npt.ArrayLike, pd: npt.ArrayLike, *, groups: int = 10) -> tuple[float, float]:
    """Return (statistic, p value) over `groups` of equal size in the order of the PDs; groups - 2 degrees of freedom.

    Equal PDs stand in the order of the rows. A group whose PDs are all 0 or all 1 counts where it errs: infinitely.
    """
    y, p = _pair(bad, pd)
    if not 3 <= groups <= len(y):
        raise DataError(f"{len(y):,} rows make no {groups} groups", hint="at least 3 groups of one row each")
    total = 0.0
    for rows in np.array_split(np.argsort(p, kind="stable"), groups):
        expected, spread = p[rows].sum(), p[rows].mean() * (1.0 - p[rows].mean()) * len(rows)
        gap = (y[rows].sum() - expected) ** 2
        total += 0.0 if gap == 0.0 else gap / spread if spread > 0.0 else np.inf
    return float(total), float(chdtrc(groups - 2, total)) if np.isfinite(total) else 0.0


def spiegelhalter(bad: npt.ArrayLike, pd: npt.ArrayLike) -> tuple[float, float]:
    """Return (z, two-sided p value): whether the Brier score is what the PDs themselves predict.

    NaN where every PD is 0, one half or 1: then the Brier score says nothing of calibration.
    """
    y, p = _pair(bad, pd)
    spread = ((1.0 - 2.0 * p) ** 2 * p * (1.0 - p)).sum()
    if spread <= 0.0:
        return float("nan"), float("nan")
    z = float(((y - p) * (1.0 - 2.0 * p)).sum() / np.sqrt(spread))
    return z, float(erfc(abs(z) / np.sqrt(2.0)))


def binomial_test(defaults: int, clients: int, pd: float) -> float:
    """Return P(at least so many defaults) if the PD is right and defaults are independent (one-sided)."""
    _check_counts(defaults, clients)
    return 1.0 if defaults == 0 else float(bdtrc(defaults - 1, clients, pd))


def jeffreys_test(defaults: int, clients: int, pd: float) -> float:
    """Return P(the true rate is at most `pd`) under Jeffreys' prior: small where the PD is too low."""
    _check_counts(defaults, clients)
    return float(betainc(defaults + 0.5, clients - defaults + 0.5, pd))


def rate_interval(defaults: int, clients: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Jeffreys' interval of a default rate."""
    _check_counts(defaults, clients)
    tail = (1.0 - confidence) / 2.0
    a, b = defaults + 0.5, clients - defaults + 0.5
    low = 0.0 if defaults == 0 else float(betaincinv(a, b, tail))
    return low, 1.0 if defaults == clients else float(betaincinv(a, b, 1.0 - tail))


def shift_prior(pd: npt.ArrayLike, old: float, new: float) -> Floats:
    """Return PDs moved from default rate `old` to `new`: every odds times the ratio of the two odds."""
    if not (0.0 < old < 1.0 and 0.0 < new < 1.0):
        raise DataError(f"a default rate lies strictly between 0 and 1, not {old:g} and {new:g}")
    p = np.asarray(pd, dtype=np.float64)
    times = new / (1.0 - new) / (old / (1.0 - old))
    return np.asarray(p * times / (1.0 - p + p * times))


def point_in_time(pd: npt.ArrayLike, rho: float, z: float) -> Floats:
    """Return the PDs of a year whose one factor is `z` (negative: a bad year), with asset correlation `rho`."""
    p = np.asarray(pd, dtype=np.float64)
    return np.asarray(ndtr((ndtri(p) - np.sqrt(rho) * z) / np.sqrt(1.0 - rho)))


def isotonic_steps(bad: npt.ArrayLike, pd: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return (PDs, calibrated PDs), both rising: isotonic regression of the outcomes on the PDs, its corners.

    Between the corners one reads linearly, outside the nearest (`np.interp`). Equal PDs count as one with weight. The
    lowest block counts half a default and the highest half a good one, so that no PD is 0 or 1 for certain.
    """
    from scipy.optimize import isotonic_regression

    y, p = _pair(bad, pd)
    at, whose, many = np.unique(p, return_inverse=True, return_counts=True)
    fitted = np.asarray(isotonic_regression(np.bincount(whose, y) / many, weights=many).x)
    low, high = fitted <= 0.0, fitted >= 1.0
    fitted[low] = 0.5 / (many[low].sum() + 1.0) if low.any() else 0.0
    fitted[high] = 1.0 - 0.5 / (many[high].sum() + 1.0) if high.any() else 1.0
    fitted = np.maximum.accumulate(fitted)
    edge = np.flatnonzero(np.diff(fitted) != 0.0)
    kept = np.unique(np.concatenate([[0], edge, edge + 1, [len(at) - 1]]))
    return at[kept], fitted[kept]


def _pair(bad: npt.ArrayLike, pd: npt.ArrayLike) -> tuple[Floats, Floats]:
    y, p = np.asarray(bad, dtype=np.float64), np.asarray(pd, dtype=np.float64)
    if y.shape != p.shape or y.ndim != 1 or not len(y):
        raise DataError(f"{len(y)} outcomes and {len(p)} PDs: one of each is needed a row, and a row at least")
    if not ((p >= 0.0) & (p <= 1.0)).all():
        raise DataError("a PD lies in [0, 1]", hint="give PDs as fractions, not in per cent, and none that is missing")
    if not np.isin(y, (0.0, 1.0)).all():
        raise DataError("an outcome is 0 (good) or 1 (bad)")
    return y, p


def _check_counts(defaults: int, clients: int) -> None:
    if not 0 <= defaults <= clients or clients < 1:
        raise DataError(
            f"{defaults} defaults of {clients} clients: at least one client, and no more defaults than that"
        )
