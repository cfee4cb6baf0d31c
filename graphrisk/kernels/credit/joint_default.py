"""What a guarantee is worth when debtor and guarantor may fail together.

Sources: Phi2, the bivariate normal distribution, by Owen's T: D. Owen, "Tables for Computing Bivariate Normal
Probabilities", Annals of Mathematical Statistics 27(4), 1956. Factor of double default: Basel Committee, BCBS 128,
paragraph 284.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, owens_t

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]


def joint_probability(pd_one: npt.ArrayLike, pd_other: npt.ArrayLike, rho: npt.ArrayLike) -> Floats:
    """Return P(both default) = Phi2(N^-1(pd_one), N^-1(pd_other); rho) (k,); NaN where a PD is unknown.

    Raises DataError where a PD lies outside [0, 1] or rho outside [-1, 1].
    """
    one, other, r = (np.asarray(given, dtype=np.float64) for given in (pd_one, pd_other, rho))
    one, other, r = np.broadcast_arrays(one, other, r)
    for chance in (one, other):
        if ((chance < 0.0) | (chance > 1.0)).any():
            raise DataError("a PD lies outside [0, 1]")
    if not (np.abs(r) <= 1.0).all():
        raise DataError("a correlation lies outside [-1, 1]")
    sure = (one <= 0.0) | (other <= 0.0) | (one >= 1.0) | (other >= 1.0)
    inner = ~(sure | np.isnan(one) | np.isnan(other))
    found = np.where(sure, np.where((one <= 0.0) | (other <= 0.0), 0.0, np.where(one >= 1.0, other, one)), np.nan)
    found = np.where(np.isnan(one) | np.isnan(other), np.nan, found)
    full = inner & (r >= 1.0)
    against = inner & (r <= -1.0)
    found = np.where(full, np.minimum(one, other), np.where(against, np.maximum(0.0, one + other - 1.0), found))
    some = inner & ~full & ~against
    h, k = ndtri(np.where(some, one, 0.5)), ndtri(np.where(some, other, 0.5))
    rr = np.where(some, r, 0.0)
    found = np.where(some, np.clip(_phi2(h, k, rr), 0.0, np.minimum(one, other)), found)
    return np.asarray(found, dtype=np.float64)


def _phi2(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return Phi2(h, k; rho) for |rho| < 1 (Owen 1956, equation 2.1 with T)."""
    root = np.sqrt(1.0 - rho**2)
    both = (h == 0.0) & (k == 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ah = np.where(h == 0.0, np.copysign(np.inf, k), (k / h - rho) / root)
        ak = np.where(k == 0.0, np.copysign(np.inf, h), (h / k - rho) / root)
    ah, ak = np.where(both, 0.0, ah), np.where(both, 0.0, ak)
    apart = (h * k < 0.0) | ((h * k == 0.0) & (h + k < 0.0))
    value = 0.5 * (ndtr(h) + ndtr(k)) - owens_t(h, ah) - owens_t(k, ak) - 0.5 * apart
    return np.where(both, 0.25 + np.arcsin(rho) / (2.0 * np.pi), value)


def effectiveness(pd_debtor: npt.ArrayLike, pd_guarantor: npt.ArrayLike, rho: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return (P(both), 1 - P(both) / pd_debtor) (k,); the second is NaN where the debtor cannot default."""
    joint = joint_probability(pd_debtor, pd_guarantor, rho)
    debtor = np.broadcast_to(np.asarray(pd_debtor, dtype=np.float64), joint.shape)
    part = np.divide(joint, debtor, out=np.full(joint.shape, np.nan), where=debtor > 0.0)
    return joint, 1.0 - part


def double_default_factor(pd_guarantor: npt.ArrayLike) -> Floats:
    """Return 0.15 + 160 PD of the guarantor: the factor on unhedged capital, for who stands apart from the debtor."""
    return 0.15 + 160.0 * np.asarray(pd_guarantor, dtype=np.float64)


def net_exposure(outstanding: npt.ArrayLike, mitigants: npt.ArrayLike, failed: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return (cover, what stays uncovered): cover never above the exposure; nothing is uncovered before a failure."""
    owed, held = np.asarray(outstanding, dtype=np.float64), np.asarray(mitigants, dtype=np.float64)
    cover = np.minimum(np.maximum(held, 0.0), owed)
    return cover, np.where(np.asarray(failed, dtype=bool), owed - cover, 0.0)
