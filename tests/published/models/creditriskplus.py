"""CreditRisk+: the loss distribution of Poisson defaults with gamma-distributed sector intensities, without simulation.

Source: Credit Suisse Financial Products, "CreditRisk+: A Credit Risk Management Framework", 1997, appendix A
(default losses with variable default rates); the recursion of one sector is H. Panjer, ASTIN Bulletin 12, 1981, for
a negative binomial number of losses: all its terms are positive, so it is stable. Sectors are independent, so that the
whole portfolio is their convolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.arrays.compiled import njit

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class LossDistribution:
    """P(loss = k units), k = 0..m, and `unit`; `missing` is the chance of a loss above m units, cut off and said."""

    chances: Floats
    unit: float
    missing: float

    def quantile(self, level: float) -> float:
        """Return the smallest loss not exceeded with chance `level`; UsageError where it was cut off."""
        if not 0.0 < level < 1.0:
            raise UsageError("level must lie strictly between 0 and 1")
        at = int(np.searchsorted(np.cumsum(self.chances), level))
        if at >= len(self.chances):
            raise UsageError(f"the loss at {level} lies beyond the distribution", hint="raise `top`")
        return at * self.unit

    def expected_shortfall(self, level: float) -> float:
        """Return the mean loss in the worst 1 - `level` of cases (the cut-off chance counted at its lower bound)."""
        losses = np.arange(len(self.chances)) * self.unit
        at = self.quantile(level)
        beyond = losses > at
        tail = float(self.chances[beyond] @ losses[beyond]) + self.missing * len(losses) * self.unit
        rest = 1.0 - level - float(self.chances[beyond].sum()) - self.missing
        return (tail + rest * at) / (1.0 - level)


def loss_distribution(
    exposure: npt.ArrayLike,
    pd: npt.ArrayLike,
    pd_deviation: npt.ArrayLike,
    *,
    unit: float,
    sectors: npt.ArrayLike | None = None,
    top: int | None = None,
) -> LossDistribution:
    """Return the loss distribution of obligors with `exposure` (net of recovery), mean `pd` and its deviation (n,).

    `sectors` (n, k): share of each obligor's default rate in each sector, rows summing to at most 1; the rest is
    specific and steady (default: one sector). Exposures are rounded to whole `unit`s, at least one, and PDs scaled so
    that each obligor keeps its expected loss. `top`: largest loss kept, in units (default: where less than
    1e-12 is missing).
    """
    amount = np.asarray(exposure, dtype=np.float64)
    chance = np.asarray(pd, dtype=np.float64)
    spread = np.asarray(pd_deviation, dtype=np.float64)
    if not unit > 0.0:
        raise UsageError("unit must be above 0")
    if amount.shape != chance.shape or chance.shape != spread.shape or amount.ndim != 1:
        raise DataError("exposure, pd and pd_deviation must be of the same obligors")
    if not ((amount > 0.0).all() and (chance >= 0.0).all() and (spread >= 0.0).all() and np.isfinite(amount).all()):
        raise DataError("exposures must be above 0, PDs and deviations not negative")
    share = np.ones((len(amount), 1)) if sectors is None else np.asarray(sectors, dtype=np.float64)
    if share.shape[0] != len(amount) or (share < 0.0).any() or (share.sum(axis=1) > 1.0 + 1e-9).any():
        raise DataError("sector shares must be (n, k), not negative, each row summing to at most 1")
    units = np.maximum(np.rint(amount / unit), 1.0)
    rate = chance * amount / (units * unit)
    bands = units.astype(np.int64)
    size = _first_top(units, rate, share, chance, spread) if top is None else int(top)
    while True:
        whole = _portfolio(bands, rate, chance, spread, share, size)
        missing = max(1.0 - float(whole.sum()), 0.0)
        if top is not None or missing < 1e-12 or size > 5_000_000:
            return LossDistribution(chances=whole, unit=unit, missing=missing)
        size *= 2


def standard_deviation(exposure: npt.ArrayLike, pd: npt.ArrayLike, pd_deviation: npt.ArrayLike) -> float:
    """Return the standard deviation of loss with one sector: sum v^2 p + (EL s/mu)^2."""
    amount, chance = np.asarray(exposure, dtype=np.float64), np.asarray(pd, dtype=np.float64)
    relative = float(np.sum(np.asarray(pd_deviation))) / float(chance.sum())
    return float(np.sqrt(np.sum(chance * amount**2) + (float(chance @ amount) * relative) ** 2))


def _first_top(units: Floats, rate: Floats, share: Floats, chance: Floats, spread: Floats) -> int:
    relative = _relative_variance(share, chance, spread).max(initial=0.0)
    mean = float(units @ rate)
    return int(mean + 20.0 * np.sqrt(float(units**2 @ rate) + relative * mean**2) + units.max(initial=1.0)) + 1


def _relative_variance(share: Floats, chance: Floats, spread: Floats) -> Floats:
    """Return the variance of each sector's factor of mean 1: (sum of deviations / sum of PDs)^2."""
    mean, deviation = share.T @ chance, share.T @ spread
    return np.asarray(np.divide(deviation, mean, out=np.zeros_like(mean), where=mean > 0.0) ** 2)


def _portfolio(
    bands: npt.NDArray[np.int64], rate: Floats, chance: Floats, spread: Floats, share: Floats, size: int
) -> Floats:
    variance = _relative_variance(share, chance, spread)
    whole = np.zeros(size + 1)
    whole[0] = 1.0
    specific = 1.0 - share.sum(axis=1)
    for part, relative in [*zip(share.T, variance, strict=True), (np.maximum(specific, 0.0), 0.0)]:
        rates = part * rate
        mean = float(rates.sum())
        if mean <= 0.0:
            continue
        losses = np.bincount(bands, weights=rates, minlength=size + 1)[: max(size, int(bands.max())) + 1] / mean
        at = np.flatnonzero(losses)
        one = _panjer(at, losses[at], mean, float(relative), size)
        whole = np.convolve(whole, one)[: size + 1] if whole[1:].any() else whole[0] * one
    return whole


@njit(cache=True, nogil=True)
def _panjer(sizes, chances, mean, variance, top):  # type: ignore[no-untyped-def]
    """Return P(sum of N losses = k), k = 0..top; N is negative binomial of mean and gamma variance, or Poisson at 0."""
    out = np.zeros(top + 1)
    if variance > 0.0:
        p = variance * mean / (1.0 + variance * mean)
        out[0] = (1.0 - p) ** (1.0 / variance)
        a, b = p, (1.0 / variance - 1.0) * p
    else:
        out[0] = np.exp(-mean)
        a, b = 0.0, mean
    for k in range(1, top + 1):
        total = 0.0
        for at in range(len(sizes)):
            m = sizes[at]
            if m > k:
                break
            total += chances[at] * (a + b * m / k) * out[k - m]
        out[k] = total
    return out
