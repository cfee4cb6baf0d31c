"""Step 1: what part of a claim on a party is lost, by rule.

    threshold   (1 - recovery) once the party is in default or has not met a call
    debtrank    h = clip((E0 - E) / E0, 0, 1); E0 <= 0 gives 1
    nonlinear   h exp(alpha (h - 1))
    en          1 - V_en,  V_en = max(E + pbar, 0) / pbar where E < 0, else 1
    rv          1 - min(V_en, V_rv),  V_rv = ((alpha - beta) Ae + beta max(E + pbar, 0)) / pbar where E < 0, else 1;
                with senior debts L before pbar: ((alpha - beta) (Ae + L) + beta max(E + pbar + L, 0) - L) / pbar
    merton      (1 - recovery) PD,  PD = 1/2 [1 + erf((sigma^2/2 + ln(1 - E/Ae)) / (sqrt(2) sigma))], 0 where E >= Ae

A party of unknown equity has lost the fraction of its shock, or everything once it has failed.

Left open and chosen: with pbar = 0 nothing can be lost; claims in Ae count at their amount, whatever their lgd; Ae
is after the shock; an equity within 1e-12 of max(|E0|, 1) of 0 is 0 (rv and merton jump below 0, and who paid all
it had ends there but for rounding); merton without external assets (Ae <= 0) is a PD of 1 where E < 0, else 0.
"""

from __future__ import annotations

import math

from tests.reference.book import Book
from tests.reference.settings import Settings

ROUNDING = 1e-12


def owed_in_the_book(book: Book, party: str) -> float:
    """Return what `party` owes under exposures and facilities."""
    claims = sum(claim.amount for claim in book.claims if claim.debtor == party)
    return claims + sum(facility.due for facility in book.facilities if facility.borrower == party)


def claims_of(book: Book, party: str) -> float:
    """Return what others owe `party` under exposures and facilities."""
    claims = sum(claim.amount for claim in book.claims if claim.creditor == party)
    return claims + sum(facility.due for facility in book.facilities if facility.lender == party)


def debts(book: Book, settings: Settings, party: str) -> float:
    """Return pbar; with seniority=senior debts outside the book are paid first and pbar is what is owed in it."""
    inside = owed_in_the_book(book, party)
    return inside if settings.seniority == "senior" else max(book.liabilities[party] or 0.0, inside)


def external_assets(book: Book, settings: Settings, party: str, taken: float) -> float:
    """Return Ae = equity + pbar - own claims - shock."""
    return book.equity[party] + debts(book, settings, party) - claims_of(book, party) - taken


def lost_fraction(book: Book, party: str, equity: float | None, failed: bool, shocked: float) -> float:
    """Return h: the part of its equity that the party has lost, in [0, 1]."""
    first = book.equity[party]
    if failed:
        return 1.0
    if first is None:
        return shocked
    if first <= 0:
        return 1.0
    return min(max((first - equity) / first, 0.0), 1.0)


def value_en(equity: float, pbar: float) -> float:
    """Return what a unit of claim is worth where the debtor pays what it has."""
    return max(equity + pbar, 0.0) / pbar if equity < 0 and pbar > 0 else 1.0


def value_rv(equity: float, pbar: float, first: float, assets: float, alpha: float, beta: float) -> float:
    """Return what a unit of claim is worth where a default costs something; never more than under en.

    `first` are the debts that are paid before pbar; `assets` those before them.
    """
    if equity >= 0 or pbar <= 0:
        return 1.0
    formula = ((alpha - beta) * assets + beta * max(equity + pbar + first, 0.0) - first) / pbar
    return min(value_en(equity, pbar), formula)


def merton_pd(equity: float, assets: float, sigma: float) -> float:
    """Return the probability that lognormal external assets end below what is owed."""
    if assets <= 0:
        return 1.0 if equity < 0 else 0.0
    if equity >= assets:
        return 0.0
    return 0.5 * (1 + math.erf((sigma**2 / 2 + math.log(1 - equity / assets)) / (math.sqrt(2) * sigma)))


def loss_on_a_claim(
    book: Book, settings: Settings, party: str, equity: float | None, failed: bool, shocked: float, taken: float
) -> float:
    """Return phi of `party` in [0, 1]; `shocked` is its shock's fraction if equity is unknown, `taken` its amount."""
    rule = settings.rule
    if rule == "threshold":
        return 1.0 - settings.recovery if failed else 0.0
    if rule in ("debtrank", "nonlinear"):
        h = lost_fraction(book, party, equity, failed, shocked)
        return h if rule == "debtrank" else h * math.exp((settings.alpha or 0.0) * (h - 1))
    pbar = debts(book, settings, party)
    if abs(equity) <= ROUNDING * max(abs(book.equity[party]), 1.0):
        equity = 0.0
    if rule == "en":
        value = value_en(equity, pbar)
    elif rule == "rv":
        alpha = 1.0 if settings.alpha is None else settings.alpha
        first = max(book.liabilities[party] or 0.0, pbar) - pbar
        assets = external_assets(book, settings, party, taken) + first
        value = value_rv(equity, pbar, first, assets, alpha, settings.beta)
    elif rule == "merton":
        sigma = settings.sigma or book.volatility[party]
        value = 1 - (1 - settings.recovery) * merton_pd(equity, external_assets(book, settings, party, taken), sigma)
    else:
        raise ValueError(rule)
    return min(max(1.0 - value, 0.0), 1.0)
