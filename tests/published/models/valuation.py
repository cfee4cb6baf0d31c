"""NEVA: interbank claims are valued by the equity of who owes them, and equity by the claims it holds.

Source: P. Barucca, M. Bardoscia, F. Caccioli, M. D'Errico, G. Visentin, G. Caldarelli, S. Battiston, "Network valuation
in financial systems", Mathematical Finance 30(4), 2020: equity E_i = A^e_i V^e_i(E) - L^e_i + sum_j A_ij V_j(E) - L_i,
its greatest solution by iteration from above, and the models below as special cases of V.
Furfine: C. Furfine, "Interbank Exposures", Journal of Money, Credit and Banking 35(1), 2003. Roukny: T. Roukny,
S. Battiston, J. Stiglitz, "Interconnectedness as a source of uncertainty in systemic risk", 2018. Black-Cox: F. Black,
J. Cox, Journal of Finance 31(2), 1976. Merton: R. Merton, Journal of Finance 29(2), 1974.

A valuation function takes the equity (n,) of all parties and returns the value (n,), in [0, 1], of a unit of claim on
each, rising in equity. Each function below makes one; what it depends on is an array of n values taken when it is made
(a public tool binds a loop variable late here, so that every bank is valued by the last one's equity; see the tests).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from graphrisk.errors import ConvergenceError, DataError, UsageError
from graphrisk.kernels.arrays.matrices import amounts

Floats = npt.NDArray[np.float64]
Valuation = Callable[[Floats], Floats]


@dataclass(frozen=True, kw_only=True, slots=True)
class Valued:
    """Equity (n,) and the value (n,) of a unit of claim on each party, with the certificate.

    `residual`: largest |equity - map(equity)| over the largest balance sheet item.
    """

    equity: Floats
    value: Floats
    rounds: int
    residual: float


def revalue(
    claims: Any,
    external_assets: Floats,
    external_liabilities: Floats,
    valuation: Valuation,
    *,
    external_value: Valuation | None = None,
    tolerance: float = 1e-14,
    limit: int = 100_000,
) -> Valued:
    """Return the greatest solution of E_i = A^e_i V^e_i(E) - L^e_i + sum_j A_ij V_j(E) - L_i.

    `claims` (n, n): entry (i, j) is the claim of i on j, so that L_i = sum_j A_ji. `external_assets` after the shock.
    `external_value`: value of a unit of external assets (default 1). From full value downwards until no equity falls by
    more than `tolerance` of the largest balance sheet item. Raises ConvergenceError after `limit` rounds.
    """
    held = amounts(claims, "claims")
    outside = np.asarray(external_assets, dtype=np.float64)
    debts = np.asarray(external_liabilities, dtype=np.float64)
    n = held.shape[0]
    if outside.shape != (n,) or debts.shape != (n,):
        raise DataError("claims, external assets and external liabilities are not of the same parties")
    owed = np.asarray(held.sum(axis=0), dtype=np.float64)
    scale = max(1e-300, *(float(np.abs(a).max(initial=0.0)) for a in (outside, debts, owed)))

    def sweep(value: Floats, own: Floats | float) -> Floats:
        return np.asarray(outside * own - debts + held @ value - owed)

    equity = sweep(np.ones(n), 1.0)
    rounds, fall = 0, np.inf
    while fall > tolerance * scale:
        rounds += 1
        if rounds > limit:
            raise ConvergenceError(f"valuation moved by {fall / scale:.1e} in round {limit}", hint="raise the limit")
        after = sweep(valuation(equity), 1.0 if external_value is None else external_value(equity))
        fall = float(np.abs(after - equity).max(initial=0.0))
        # The sequence falls from full value; rounding must not raise it.
        equity = np.minimum(equity, after)
    value = valuation(equity)
    again = sweep(value, 1.0 if external_value is None else external_value(equity))
    residual = float(np.abs(again - equity).max(initial=0.0)) / scale
    return Valued(equity=equity, value=value, rounds=rounds, residual=residual)


def furfine(recovery: float | Floats = 0.0) -> Valuation:
    """Return 1 while equity is above 0, else `recovery` (Furfine; with recovery, Roukny et al.)."""
    back = _fraction(recovery, "recovery")
    return lambda equity: np.where(equity > 0.0, 1.0, back)


def roukny(recovery: float | Floats) -> Valuation:
    """Return 1 while equity is above 0, else the exogenous `recovery` of Roukny, Battiston and Stiglitz."""
    return furfine(recovery)


def eisenberg_noe(owed: Floats) -> Valuation:
    """Return max(E + pbar, 0) / pbar where E < 0, else 1.

    `owed` (n,): pbar. With external debt in it creditors share pari passu; with debts inside the network only, external
    debt is senior.
    """
    return rogers_veraart(owed, np.zeros_like(np.asarray(owed, dtype=np.float64)), alpha=1.0, beta=1.0)


def rogers_veraart(owed: Floats, external_assets: Floats, *, alpha: float, beta: float) -> Valuation:
    """Return ((alpha - beta) A^e + beta max(E + pbar, 0)) / pbar where E < 0, else 1.

    With alpha < beta the first term can outweigh the second; the value is not below 0.
    """
    total = np.array(owed, dtype=np.float64)
    if not (0.0 <= alpha <= 1.0 and 0.0 <= beta <= 1.0):
        raise UsageError(f"alpha {alpha} and beta {beta} must be fractions in [0, 1]")
    shift = (alpha - beta) * np.array(external_assets, dtype=np.float64)

    def value(equity: Floats) -> Floats:
        means = shift + beta * np.maximum(equity + total, 0.0)
        part = np.divide(means, total, out=np.ones_like(total), where=total > 0.0)
        return np.where(equity >= 0.0, 1.0, np.clip(part, 0.0, 1.0))

    return value


def linear_debtrank(first_equity: Floats) -> Valuation:
    """Return E+ / E0, not above 1; 0 for a party whose equity before the shock was not positive.

    `first_equity` (n,): each party's own equity before the shock.
    """
    before = np.array(first_equity, dtype=np.float64)

    def value(equity: Floats) -> Floats:
        part = np.divide(equity, before, out=np.zeros_like(before), where=before > 0.0)
        return np.clip(part, 0.0, 1.0)

    return value


def merton(external_assets: Floats, sigma: float | Floats, *, recovery: float | Floats = 0.0) -> Valuation:
    """Return 1 - (1 - R) PD(E), PD from lognormal external assets at maturity (ex-ante Furfine).

    PD = N((sigma^2/2 + ln(1 - E/A^e)) / sigma), 0 where E >= A^e. `sigma`: volatility over the horizon.
    """
    assets, spread, back = _lognormal(external_assets), _positive(sigma), _fraction(recovery, "recovery")
    return lambda equity: 1.0 - (1.0 - back) * _default_at_end(equity, assets, spread)


def black_cox(external_assets: Floats, sigma: float | Floats, *, recovery: float | Floats = 0.0) -> Valuation:
    """Return 1 + (R - 1) PD(E), PD that lognormal external assets touch the default barrier before maturity.

    The barrier is A^e - E; assets have no drift. Black and Cox 1976 (first passage of a geometric Brownian
    motion): PD = N((b + s^2/2)/s) + exp(-b) N((b - s^2/2)/s) with b = ln(1 - E/A^e) < 0; 1 where E <= 0.
    """
    assets, spread, back = _lognormal(external_assets), _positive(sigma), _fraction(recovery, "recovery")

    def value(equity: Floats) -> Floats:
        barrier = _log_barrier(equity, assets)
        with np.errstate(over="ignore", invalid="ignore"):
            touched = ndtr((barrier + spread**2 / 2) / spread)
            reflected = np.exp(np.minimum(-barrier, 700.0)) * ndtr((barrier - spread**2 / 2) / spread)
        chance = np.where(equity <= 0.0, 1.0, np.where(equity >= assets, 0.0, np.minimum(touched + reflected, 1.0)))
        return 1.0 + (back - 1.0) * chance

    return value


def merton_clearing(external_assets: Floats, sigma: float | Floats, owed: Floats, *, beta: float = 1.0) -> Valuation:
    """Return the expected value at maturity of a claim that is then cleared (ex-ante Eisenberg-Noe).

    External assets are lognormal without drift; a claim pays 1 while equity at maturity is not below 0, else beta of
    max(E + pbar, 0) / pbar. In closed form by the price of calls struck at A^e - E - pbar and A^e - E.
    """
    assets, spread = _lognormal(external_assets), _positive(sigma)
    total = np.array(owed, dtype=np.float64)
    back = _fraction(beta, "beta")

    def value(equity: Floats) -> Floats:
        alive = 1.0 - _default_at_end(equity, assets, spread)
        low, high = assets - equity - total, assets - equity
        payoff = _call(assets, low, spread) - _call(assets, high, spread)
        cleared = np.divide(payoff, total, out=alive.copy(), where=total > 0.0)
        return np.clip(alive + back * np.maximum(cleared - alive, 0.0), 0.0, 1.0)

    return value


def _log_barrier(equity: Floats, assets: Floats) -> Floats:
    """Return ln(1 - E/A^e), minus infinity where equity covers all external assets."""
    part = np.divide(equity, assets, out=np.where(equity > 0.0, 1.0, -np.inf), where=assets > 0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(1.0 - part, 0.0))


def _default_at_end(equity: Floats, assets: Floats, spread: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(equity >= assets, 0.0, ndtr((spread**2 / 2 + _log_barrier(equity, assets)) / spread))


def _call(assets: Floats, strike: Floats, spread: Floats) -> Floats:
    """Return E max(S - K, 0) for lognormal S of mean `assets`; S - K for a strike of 0 or less (Black 1976)."""
    real = (strike > 0.0) & (assets > 0.0)
    ratio = np.divide(assets, strike, out=np.ones_like(assets), where=real)
    d1 = (np.log(ratio) + spread**2 / 2) / spread
    priced = assets * ndtr(d1) - strike * ndtr(d1 - spread)
    return np.where(real, priced, np.maximum(assets - strike, 0.0))


def _lognormal(external_assets: Floats) -> Floats:
    assets = np.array(external_assets, dtype=np.float64)
    if not (np.isfinite(assets).all() and (assets >= 0.0).all()):
        raise DataError("external assets must be finite and not negative to be lognormal")
    return assets


def _positive(sigma: float | Floats) -> Floats:
    spread = np.array(sigma, dtype=np.float64)
    if not (np.isfinite(spread).all() and (spread > 0.0).all()):
        raise UsageError("sigma must be above 0", hint="it is the volatility of external assets over the horizon")
    return spread


def _fraction(value: float | Floats, name: str) -> Floats:
    part = np.array(value, dtype=np.float64)
    if not ((part >= 0.0) & (part <= 1.0)).all():
        raise UsageError(f"{name} must be a fraction in [0, 1]")
    return part
