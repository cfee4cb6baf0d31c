"""What takes part in a run beside the contracts: production, prices, and balance sheets where the rule reads them."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from graphrisk.cascade.params import VALUED, Params
from graphrisk.cascade.shocks import Shock
from graphrisk.graph.balance_sheets import value_by_balance_sheet
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import Floats, Ledger
from graphrisk.kernels.contagion.price_impact import Assets, assets_of
from graphrisk.kernels.contagion.supply_losses import BY_LOSS, IN_DEFAULT, NEVER
from graphrisk.model.note import Note


class PriceParams(Protocol):
    """The settings of sales that move prices."""

    @property
    def impact_beta(self) -> float: ...

    @property
    def impact_depth(self) -> float | None: ...


def valued_ledger(book: Book, params: Params, money: Floats) -> tuple[Ledger, tuple[str, ...]]:
    """Return the ledger of a run, with balance sheets where the rule values claims by them."""
    if params.rule not in VALUED:
        return book.ledger, ()
    party, notes = value_by_balance_sheet(
        book,
        shock=money,
        seniority=params.seniority,
        alpha=1.0 if params.alpha is None or params.rule != "rv" else params.alpha,
        beta=params.beta if params.rule == "rv" else 1.0,
        sigma=params.sigma,
        lognormal=params.rule == "merton",
    )
    return book.ledger._replace(party=party), notes


STOPS = {"default": IN_DEFAULT, "none": NEVER, "linear": BY_LOSS}
"""When a party stops delivering, by the setting supply_default."""


def production_taken(book: Book, shock: Shock, params: Params) -> Floats:
    """Return the part of its production that a shock takes from each party (parties,), where defaults stop none."""
    equity = book.ledger.equity
    if params.supply_default != "none":
        return np.zeros(len(equity))
    part = np.divide(shock.amount, equity, out=np.zeros(len(equity)), where=equity > 0.0)
    return np.minimum(1.0, shock.fraction + part)


def price_assets(book: Book, params: PriceParams, *, stated: Floats | None = None) -> Assets | None:
    """Return the assets whose prices fall as they are sold; None where no sale moves a price.

    `stated` (facilities,): what a stated loss given default leaves uncovered before any sale.
    """
    if not params.impact_beta or not len(book.pledges.facility):
        return None
    return _assets(book, params.impact_beta, params.impact_depth, stated)


def scenario_assets(book: Book) -> Assets:
    """Return the assets whose prices fall by the scenario alone, whatever is sold."""
    return _assets(book, 0.0, None, None)


def _assets(book: Book, beta: float, depth: float | None, stated: Floats | None) -> Assets:
    own = book.pledges
    classes = int(own.classes.max(initial=-1)) + 1
    deep = np.bincount(own.classes, weights=own.value * own.price, minlength=classes).astype(np.float64)
    if depth is not None:
        deep = np.full(classes, float(depth))
    return assets_of(own, book.pledge_row, beta=beta, depth=deep, stated=stated)


def capacity_notes(book: Book, params: Params, shock: Shock) -> list[str]:
    """Return what a reader must know of guarantors without known equity, other lenders and owners."""
    ledger = book.ledger
    notes: list[str] = []
    guarantor = ledger.contract[0]
    blind = ~ledger.known[guarantor] & (ledger.cap > 0.0)
    if blind.any() and params.capacity == "net_assets":
        said = "pay up to their caps" if params.missing_capacity == "caps" else "pay nothing"
        told = "按限额代偿" if params.missing_capacity == "caps" else "不代偿"
        notes.append(
            Note(
                "guarantors_without_equity",
                f"{len(np.unique(guarantor[blind])):,} guarantors without known equity {said} "
                f"(missing_capacity={params.missing_capacity}); their caps sum to {ledger.cap[blind].sum():,.2f}",
                f"{len(np.unique(guarantor[blind])):,} 户担保人净资产未知："
                f"{told}（missing_capacity={params.missing_capacity}）；"
                f"其限额合计 {ledger.cap[blind].sum():,.2f}",
            )
        )
    if params.missing_capacity == "caps" and (blind & (shock.fraction[guarantor] >= 1.0)).any():
        notes.append(
            Note(
                "shocked_guarantors_pay_caps",
                "guarantors without known equity that are shocked still pay up to their caps",
                "净资产未知且受冲击的担保人仍按限额代偿",
            )
        )
    if (book.graph.positions("facilities", "lender_id") >= 0).any():
        notes.append(
            Note(
                "other_lenders_lose",
                "facilities of other lenders: what stays unpaid "
                "is lost from their lenders' equity (other_lenders_loss), "
                "and counts there, not in the bank loss",
                "其他机构的融资：未清偿部分计入其出借人的净资产损失（other_lenders_loss），不计入本行损失",
            )
        )
    if "ownership" in book.layers and book.graph.rows("ownership"):
        notes.append(
            Note(
                "owners_show_losses_again",
                "the ownership layer shows a loss again at each owner",
                "持股层会在每位股东处再次显示同一损失",
            )
        )
    return notes
