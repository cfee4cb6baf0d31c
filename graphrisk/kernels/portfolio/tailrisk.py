"""Value at risk, expected shortfall and their intervals from weighted scenarios.

Source: P. Glasserman, "Monte Carlo Methods in Financial Engineering", Springer 2003 (importance sampling,
quantiles); M. Hong, L. Hu, G. Liu, "Monte Carlo methods for value-at-risk and conditional
value-at-risk: a review", ACM TOMACS 24(4), 2014 (intervals of both, with importance sampling).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from graphrisk.errors import UsageError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class TailRisk:
    """VaR and ES at `level` with the bounds of their intervals at `confidence`; all in money.

    `tail_chance`: estimated chance of a loss above `var` (at most 1 - level); `variance_ratio`: variance of the plain
    estimator of that chance, with as many scenarios in all, over that of this one; `variance_ratio_es`: the same for
    ES.
    `tail_scenarios`: how many lie above `var`.
    """

    level: float
    confidence: float
    var: float
    var_low: float
    var_high: float
    es: float
    es_low: float
    es_high: float
    tail_chance: float
    variance_ratio: float
    variance_ratio_es: float
    tail_scenarios: int


def tail_risk(
    losses: Floats,
    weights: Floats,
    level: float,
    *,
    strata: Integers | None = None,
    confidence: float = 0.95,
    least: int = 30,
    spent: int = 0,
) -> TailRisk:
    """Return the tail of `losses` (N,) with likelihood `weights` (N,) of mean 1 (all 1: plain simulation).

    `strata` (N,): which sampler a scenario came from; variances are taken within. `spent`: scenarios that were run to
    choose the sampler; plain simulation would have had these too. Raises UsageError where fewer than `least` scenarios
    lie beyond VaR: there is no interval to speak of then.
    """
    if not 0.0 < level < 1.0 or not 0.0 < confidence < 1.0:
        raise UsageError("level and confidence must lie strictly between 0 and 1")
    count = len(losses)
    order = np.argsort(-losses, kind="stable")
    ranked = losses[order]
    mass = np.cumsum(weights[order]) / count  # estimated chance of a loss >= ranked[k]
    rest = 1.0 - level
    at = _place(mass, rest)
    beyond = int((losses > ranked[min(at, count - 1)]).sum()) if count else 0
    if at >= count or beyond < least:
        raise UsageError(
            f"only {beyond} of {count} scenarios lie beyond the loss at {level}",
            hint="more scenarios, or a factor shift",
        )
    var = float(ranked[at])
    above = losses > var
    chance = float((weights * above).sum() / count)
    excess = weights * np.maximum(losses - var, 0.0)
    es = var + float(excess.sum() / count) / rest
    spread = float(ndtri(0.5 + confidence / 2.0))
    error = float(np.sqrt(_variance(weights * (losses >= var), strata)))
    low = int(np.searchsorted(mass, rest + spread * error))
    high = int(np.searchsorted(mass, max(rest - spread * error, mass[0])))
    es_variance = _variance(excess, strata) / rest**2
    es_error = spread * float(np.sqrt(es_variance))
    first = float(excess.sum() / count)
    second = float((weights * np.maximum(losses - var, 0.0) ** 2).sum() / count)
    own = _variance(weights * above, strata)
    return TailRisk(
        level=level,
        confidence=confidence,
        var=var,
        var_low=float(ranked[min(low, count - 1)]),
        var_high=float(ranked[high]),
        es=es,
        es_low=es - es_error,
        es_high=es + es_error,
        tail_chance=chance,
        variance_ratio=chance * (1.0 - chance) / (count + spent) / own if own > 0.0 else float("inf"),
        variance_ratio_es=(second - first**2) / (count + spent) / (es_variance * rest**2)
        if es_variance > 0.0
        else float("inf"),
        tail_scenarios=beyond,
    )


def mean_and_error(values: Floats, strata: Integers | None = None) -> tuple[float, float]:
    """Return the mean of weighted `values` (N,) and its standard error, variances within `strata`."""
    return float(values.sum() / len(values)), float(np.sqrt(_variance(values, strata)))


def tail_shares(losses: Floats, weights: Floats, level: float) -> Floats:
    """Return what each scenario counts in ES (N,): sum(share * loss) is ES; 0 up to VaR.

    Scenarios above VaR count with weight / (N (1 - level)); those at VaR share what is missing to 1.
    """
    count, rest = len(losses), 1.0 - level
    order = np.argsort(-losses, kind="stable")
    mass = np.cumsum(weights[order]) / count
    at = _place(mass, rest)
    if at >= count:
        raise UsageError(f"the scenarios do not reach the loss at {level}", hint="more scenarios")
    var = losses[order[at]]
    share = np.where(losses > var, weights / (count * rest), 0.0)
    tied = losses == var
    share[tied] = weights[tied] / weights[tied].sum() * (1.0 - share.sum())
    return np.asarray(share)


def _place(mass: Floats, rest: float) -> int:
    """Return the rank of VaR: the smallest loss that is exceeded with a chance of at most `rest` (to rounding)."""
    return int(np.searchsorted(mass, rest * (1.0 + 1e-9), side="right"))


def _variance(values: Floats, strata: Integers | None) -> float:
    """Return the variance of the mean of `values`."""
    count = len(values)
    if strata is None:
        return float(values.var(ddof=1)) / count
    total = 0.0
    for name in np.unique(strata):
        inside = values[strata == name]
        total += len(inside) * float(inside.var(ddof=1)) if len(inside) > 1 else 0.0
    return total / count**2
