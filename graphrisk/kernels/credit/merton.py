"""The value and volatility of a firm's assets from those of its equity, and its distance to default.

Source: R. Merton, "On the Pricing of Corporate Debt: The Risk Structure of Interest Rates", Journal of Finance 29(2),
1974; J. Hull, "Options, Futures, and Other Derivatives", chapter on credit risk (the two equations):

    E = V N(d1) - D exp(-rT) N(d2)          sigma_E E = N(d1) sigma_V V

Both are solved together, by Newton's method in (ln V, ln sigma_V); where that does not lead to a residual below the
tolerance, by bisection: for a given sigma_V the first equation has one V between E and E + D exp(-rT), and along it the
second changes sign between sigma_V = 0 and sigma_V = sigma_E.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
TOLERANCE = 1e-10
_STEPS, _HALVINGS = 60, 100


class Firm(NamedTuple):
    """Per firm (k,): value and volatility of its assets, and by how much the worse equation is missed, relatively."""

    value: Floats
    volatility: Floats
    residual: Floats


def solve_merton(
    equity: npt.ArrayLike, volatility: npt.ArrayLike, debt: npt.ArrayLike, *, rate: npt.ArrayLike, years: float = 1.0
) -> Firm:
    """Return the firms (k,) whose equity is worth `equity` with yearly `volatility`, over `debt` due in `years`.

    NaN where one of the three is unknown or not above 0. The residual is that of the values returned: look at it.
    """
    e, s, d = (np.atleast_1d(np.asarray(given, dtype=np.float64)) for given in (equity, volatility, debt))
    e, s, d, r = np.broadcast_arrays(e, s, d, np.asarray(rate, dtype=np.float64))
    good = (e > 0.0) & (s > 0.0) & (d > 0.0) & np.isfinite(e) & np.isfinite(s) & np.isfinite(d) & np.isfinite(r)
    value, sigma, residual = (np.full(e.shape, np.nan) for _ in range(3))
    if not good.any():
        return Firm(value, sigma, residual)
    e, s, d, r = e[good], s[good], d[good], r[good]
    due = d * np.exp(-r * years)
    v, w = _newton(e, s, d, due, r, years)
    missed = _missed(v, w, e, s, d, due, r, years)
    bad = ~(missed <= TOLERANCE)
    if bad.any():
        part = (e[bad], s[bad], d[bad], due[bad], r[bad], years)
        v[bad], w[bad] = _bisect(*part)
        missed[bad] = _missed(v[bad], w[bad], *part)
    value[good], sigma[good], residual[good] = v, w, missed
    return Firm(value, sigma, residual)


def distance_to_default(
    value: npt.ArrayLike, volatility: npt.ArrayLike, debt: npt.ArrayLike, *, drift: npt.ArrayLike, years: float = 1.0
) -> Floats:
    """Return [ln(V/D) + (drift - sigma^2/2) T] / (sigma sqrt T) (k,); NaN where an input is not above 0."""
    v, w, d = (np.asarray(given, dtype=np.float64) for given in (value, volatility, debt))
    v, w, d = (np.where(given > 0.0, given, np.nan) for given in (v, w, d))
    return np.asarray((np.log(v / d) + (np.asarray(drift) - 0.5 * w**2) * years) / (w * np.sqrt(years)))


def default_probability(distance: npt.ArrayLike) -> Floats:
    """Return N(-distance)."""
    return np.asarray(ndtr(-np.asarray(distance, dtype=np.float64)))


def _parts(v: Floats, w: Floats, d: Floats, r: Floats, years: float) -> tuple[Floats, Floats]:
    root = w * np.sqrt(years)
    d1 = (np.log(v / d) + (r + 0.5 * w**2) * years) / root
    return d1, d1 - root


def _missed(v: Floats, w: Floats, e: Floats, s: Floats, d: Floats, due: Floats, r: Floats, years: float) -> Floats:
    """Return by how much the worse of the two equations is missed, as a part of its left side."""
    d1, d2 = _parts(v, w, d, r, years)
    first = np.abs(v * ndtr(d1) - due * ndtr(d2) - e) / e
    second = np.abs(ndtr(d1) * w * v - s * e) / (s * e)
    return np.asarray(np.maximum(first, second))


def _newton(e: Floats, s: Floats, d: Floats, due: Floats, r: Floats, years: float) -> tuple[Floats, Floats]:
    """Return (V, sigma_V) after damped steps from V = E + D exp(-rT), sigma_V = sigma_E E / V."""
    x = np.log(e + due)
    y = np.log(s * e / (e + due))
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            v, w = np.exp(x), np.exp(y)
            d1, d2 = _parts(v, w, d, r, years)
            n1, density = ndtr(d1), np.exp(-0.5 * d1**2) / np.sqrt(2.0 * np.pi)
            root = np.sqrt(years)
            f, g = v * n1 - due * ndtr(d2) - e, n1 * w * v - s * e
            fx, fy = v * n1, v * density * root * w
            slope_v, slope_w = density / (w * root), density * (root - d1 / w)
            gx, gy = n1 * w * v + slope_v * w * v, n1 * w * v + slope_w * w * v * w
            det = fx * gy - fy * gx
            dx, dy = (f * gy - g * fy) / det, (g * fx - f * gx) / det
            step = np.clip(np.stack([dx, dy]), -1.0, 1.0)
            step = np.where(np.isfinite(step), step, 0.0)
            x, y = x - step[0], y - step[1]
            if np.abs(step).max(initial=0.0) < 1e-15:
                break
    return np.exp(x), np.exp(y)


def _bisect(e: Floats, s: Floats, d: Floats, due: Floats, r: Floats, years: float) -> tuple[Floats, Floats]:
    low, high = np.zeros_like(e), s.copy()
    for _ in range(_HALVINGS):
        w = 0.5 * (low + high)
        v = _value_at(w, e, d, due, r, years)
        d1, _ = _parts(v, w, d, r, years)
        above = ndtr(d1) * w * v > s * e
        low, high = np.where(above, low, w), np.where(above, w, high)
    w = 0.5 * (low + high)
    return _value_at(w, e, d, due, r, years), w


def _value_at(w: Floats, e: Floats, d: Floats, due: Floats, r: Floats, years: float) -> Floats:
    """Return V for which the equity is worth `e` at volatility `w`."""
    low, high = e.copy(), e + due
    for _ in range(_HALVINGS):
        v = 0.5 * (low + high)
        d1, d2 = _parts(v, w, d, r, years)
        above = v * ndtr(d1) - due * ndtr(d2) > e
        low, high = np.where(above, low, v), np.where(above, v, high)
    return 0.5 * (low + high)
