"""Fire sales: banks that sell the same assets push the price down for each other.

Sources: R. Cifuentes, G. Ferrucci, H. Shin, "Liquidity Risk and Contagion", Journal of the European Economic
Association 3(2-3), 2005 (exponential price impact); J. Farmer, A. Kleinnijenhuis, P. Nahai-Williamson,
T. Wetzer, "Foundations of system-wide financial stress testing with heterogeneous institutions", Bank of England Staff
Working Paper 861, 2020 (leverage buffer and target, as coded in ox-inet-resilience/firesale_stresstest, Apache-2.0);
R. Greenwood, A. Landier, D. Thesmar, "Vulnerable banks", Journal of Financial Economics 115(3), 2015;
R. Cont, E. Schaanning, "Fire sales, indirect contagion and systemic stress testing", 2017 (bounded impact).

All banks decide on the prices of the round before and all orders of a round settle together, so that their order does
not matter. Data may start below the buffer: then banks sell with no shock at all, and `fire_sale` always says how much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class BankBooks:
    """Balance sheets of n banks: `holdings` (n, c) quantities of c tradable assets, each worth its price.

    `cash`, `other_assets`, `loans` (debt that can be repaid early) and `other_liabilities`, each (n,), in money.
    """

    cash: Floats
    holdings: Floats
    other_assets: Floats
    loans: Floats
    other_liabilities: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Sales:
    """What happened over the steps: `prices` (steps + 1, c); `sold` (steps + 1, c), parts of all holdings sold so far.

    `default_step` (n,): step in which a bank fell below the minimum, -1 if it never did. `equity` (n,) at the end.
    """

    prices: Floats
    sold: Floats
    default_step: Integers
    equity: Floats

    def defaults_per_step(self) -> Integers:
        """Return the number of new defaults in steps 0, 1, ... (step 0 is always 0)."""
        failed = self.default_step[self.default_step >= 0]
        return np.bincount(failed, minlength=len(self.prices)).astype(np.int64)

    def systemic_extent(self, threshold: float = 0.05) -> float:
        """Return the part of banks in default, 0 below `threshold` (then the event is not systemic; Gai-Kapadia)."""
        part = float((self.default_step >= 0).mean())
        return part if part >= threshold else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FireSale:
    """The run with the shock and the `baseline` without one: only the difference is due to the shock."""

    shocked: Sales
    baseline: Sales


def beta_of(price_impact: float, sold: float = 0.05) -> float:
    """Return the beta with which selling the part `sold` of an asset lowers its price by `price_impact`."""
    if not (0.0 <= price_impact < 1.0 and 0.0 < sold <= 1.0):
        raise UsageError("price_impact must lie in [0, 1), sold in (0, 1]")
    return float(-np.log1p(-price_impact) / sold)


def fire_sale(
    books: BankBooks,
    price_fall: npt.ArrayLike,
    beta: npt.ArrayLike,
    *,
    minimum: float = 0.03,
    buffer: float = 0.04,
    target: float = 0.05,
    steps: int = 6,
) -> FireSale:
    """Return what `price_fall` (c,), parts of the first price of 1, sets off, and the run without it.

    Each step: banks in default since the step before put all they hold on sale; orders settle at the mid of the old
    price and the new one, p exp(-beta sold/total); then each bank with equity over assets (market prices) below
    `minimum` defaults, and below `buffer` delevers towards `target`: first it repays loans from cash, for the rest it
    puts its tradable assets on sale pro rata to their value, to repay in the next step.
    """
    if not 0.0 <= minimum <= buffer or not 0.0 < target <= 1.0:
        raise UsageError("minimum must not exceed buffer, and target must lie in (0, 1]")
    n, c = books.holdings.shape
    fall = np.broadcast_to(np.asarray(price_fall, dtype=np.float64), (c,))
    rate = np.broadcast_to(np.asarray(beta, dtype=np.float64), (c,))
    if not ((fall >= 0.0) & (fall <= 1.0)).all() or not (rate >= 0.0).all():
        raise UsageError("price_fall must lie in [0, 1] and beta must not be negative")
    for name in ("cash", "holdings", "other_assets", "loans", "other_liabilities"):
        values = getattr(books, name)
        if len(values) != n or not np.isfinite(values).all():
            raise DataError(f"{name} must be one finite amount per bank")
    if (books.holdings < 0.0).any():
        raise DataError("holdings must not be negative", hint="short positions are outside this model")
    limits = (minimum, buffer, target)
    return FireSale(
        shocked=_run(books, 1.0 - fall, rate, limits, steps), baseline=_run(books, np.ones(c), rate, limits, steps)
    )


def _run(books: BankBooks, price: Floats, beta: Floats, limits: tuple[float, float, float], steps: int) -> Sales:
    minimum, buffer, target = limits
    n, c = books.holdings.shape
    total = books.holdings.sum(axis=0)
    cash, loans, held = books.cash.copy(), books.loans.copy(), books.holdings.copy()
    orders = np.zeros((n, c))
    default_step = np.full(n, -1, dtype=np.int64)
    prices, sold = [price], [np.zeros(c)]

    def balance() -> tuple[Floats, Floats]:
        assets = cash + held @ price + books.other_assets
        return assets, assets - loans - books.other_liabilities

    for step in range(1, steps + 1):
        orders = np.where((default_step == step - 1)[:, None], held, orders) if step > 1 else orders
        part = np.divide(orders.sum(axis=0), total, out=np.zeros(c), where=total > 0.0)
        old, price = price, price * np.exp(-beta * part)
        cash = cash + orders @ ((price + old) / 2.0)
        held = held - orders
        prices.append(price)
        sold.append(sold[-1] + part)
        assets, equity = balance()
        alive = default_step < 0
        leverage = np.divide(equity, assets, out=np.full(n, -np.inf), where=assets > 0.0)
        failing = alive & (leverage < minimum)
        default_step[failing] = step
        delever = alive & ~failing & (leverage < buffer)
        need = np.where(delever, np.maximum(assets - equity / target, 0.0), 0.0)
        paid = np.minimum(np.minimum(need, np.maximum(cash, 0.0)), loans)
        cash, loans = cash - paid, loans - paid
        value = held @ price
        share = np.divide(np.minimum(need - paid, value), value, out=np.zeros(n), where=value > 0.0)
        orders = held * share[:, None]
    return Sales(prices=np.array(prices), sold=np.array(sold), default_step=default_step, equity=balance()[1])


def bounded_impact(sold: npt.ArrayLike, price: npt.ArrayLike, *, depth: float, floor: float) -> Floats:
    """Return the relative fall in price of selling an amount: (1 - B/S)(1 - exp(-q/delta)), delta = (1 - B/S) D.

    The price never falls below `floor` (Cont and Schaanning). `depth`: amount sold per unit of price fall.
    """
    if not (depth > 0.0 and floor >= 0.0):
        raise UsageError("depth must be above 0 and floor not negative")
    room = np.maximum(1.0 - floor / np.asarray(price, dtype=np.float64), 0.0)
    delta = room * depth
    exponent = np.divide(-np.asarray(sold, dtype=np.float64), delta, out=np.zeros_like(delta + 0.0), where=delta > 0.0)
    return np.asarray(-room * np.expm1(exponent))


def vulnerability(
    assets: Floats, weights: Floats, leverage: Floats, price_per_sale: Floats, shock: Floats
) -> tuple[Floats, Floats]:
    """Return (contribution (n,), vulnerability (n,)) of one round of sales after price changes `shock` (c,).

    `assets` (n,), `weights` (n, c) portfolio shares, `leverage` (n,) debt over equity, `price_per_sale` (c,) relative
    change of price per unit of money sold. Each bank restores its leverage: sales A B M F, prices F2 = L M' A B M F.
    A bank's contribution is what its sales cost all banks over all equity (their S(n)); its vulnerability is
    what all sales cost it, over its own equity. Losses are positive.
    """
    sales = (assets * leverage * (weights @ shock))[:, None] * weights
    hit = assets @ weights
    equity = assets / (1.0 + leverage)
    caused = -(sales * price_per_sale) @ hit / equity.sum()
    second = price_per_sale * sales.sum(axis=0)
    return caused, -(assets * (weights @ second)) / equity
