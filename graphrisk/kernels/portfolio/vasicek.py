"""The large homogeneous portfolio with one Gaussian factor: its loss distribution in closed form.

Source: O. Vasicek, "The distribution of loan portfolio value", Risk, December 2002 (conditional loss, distribution and
quantile). The expected shortfall is the bivariate normal integral of the same model;
the bivariate normal distribution by D. Owen, Annals of Mathematical Statistics 27, 1956.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, owens_t

from graphrisk.errors import UsageError

Floats = npt.NDArray[np.float64]


def conditional_pd(pd: npt.ArrayLike, rho: npt.ArrayLike, factor: npt.ArrayLike) -> Floats:
    """Return the chance of default given the factor's value; a low factor is a bad year.

    N((N^-1(PD) - sqrt(rho) z) / sqrt(1 - rho)).
    """
    chance, part, z = np.broadcast_arrays(_open(pd, "pd"), _correlation(rho), np.asarray(factor, dtype=np.float64))
    return np.asarray(ndtr((ndtri(chance) - np.sqrt(part) * z) / np.sqrt(1.0 - part)))


def loss_quantile(pd: npt.ArrayLike, rho: npt.ArrayLike, lgd: npt.ArrayLike, level: npt.ArrayLike) -> Floats:
    """Return the loss, as a part of exposure, that is exceeded with chance 1 - `level` (value at risk)."""
    return np.asarray(np.asarray(lgd) * conditional_pd(pd, rho, -ndtri(_open(level, "level"))))


def expected_shortfall(pd: npt.ArrayLike, rho: npt.ArrayLike, lgd: npt.ArrayLike, level: npt.ArrayLike) -> Floats:
    """Return the mean loss, as a part of exposure, in the worst 1 - `level` of years."""
    part, q = _correlation(rho), _open(level, "level")
    joint = bivariate_normal(ndtri(_open(pd, "pd")), ndtri(1.0 - q), np.sqrt(part))
    return np.asarray(np.asarray(lgd) * joint / (1.0 - q))


def loss_cdf(loss: npt.ArrayLike, pd: npt.ArrayLike, rho: npt.ArrayLike, lgd: npt.ArrayLike) -> Floats:
    """Return the chance that the loss, as a part of exposure, is at most `loss`."""
    part = _correlation(rho)
    share = np.asarray(loss, dtype=np.float64) / np.asarray(lgd, dtype=np.float64)
    inner = np.sqrt(1.0 - part) * ndtri(np.clip(share, 0.0, 1.0)) - ndtri(_open(pd, "pd"))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(share < 0.0, 0.0, np.where(share >= 1.0, 1.0, ndtr(inner / np.sqrt(part)))))


def bivariate_normal(h: npt.ArrayLike, k: npt.ArrayLike, rho: npt.ArrayLike) -> Floats:
    """Return P(X <= h, Y <= k) of standard normals with correlation `rho`, |rho| < 1 (Owen 1956)."""
    x, y, r = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in (h, k, rho)))
    root = np.sqrt((1.0 - r) * (1.0 + r))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        a_x, a_y = (y / x - r) / root, (x / y - r) / root
    # At h = 0 the slope is infinite with the sign of k; at both 0 it is (1 - r) / root, by the limit h = k.
    both = np.sqrt((1.0 - r) / (1.0 + r))
    a_x = np.where(x == 0.0, np.where(y == 0.0, both, np.copysign(np.inf, y)), a_x)
    a_y = np.where(y == 0.0, np.where(x == 0.0, both, np.copysign(np.inf, x)), a_y)
    sides = np.sign(x) * np.sign(y)
    apart = np.where((sides < 0.0) | ((sides == 0.0) & (np.minimum(x, y) < 0.0)), 0.5, 0.0)
    return np.asarray(np.clip(ndtr(x) / 2 + ndtr(y) / 2 - owens_t(x, a_x) - owens_t(y, a_y) - apart, 0.0, 1.0))


def _open(value: npt.ArrayLike, name: str) -> Floats:
    part = np.asarray(value, dtype=np.float64)
    if not ((part > 0.0) & (part < 1.0)).all():
        raise UsageError(f"{name} must lie strictly between 0 and 1")
    return part


def _correlation(value: npt.ArrayLike) -> Any:
    part = np.asarray(value, dtype=np.float64)
    if not ((part >= 0.0) & (part < 1.0)).all():
        raise UsageError("rho must lie in [0, 1)")
    return part
