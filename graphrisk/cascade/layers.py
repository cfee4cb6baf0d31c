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
    ledger, notes = book.ledger, []
    guarantor = ledger.contract[0]
    blind = ~ledger.known[guarantor] & (ledger.cap > 0.0)
    if blind.any() and params.capacity == "net_assets":
        said = "pay up to their caps" if params.missing_capacity == "caps" else "pay nothing"
        notes.append(
            f"{len(np.unique(guarantor[blind])):,} guarantors without known equity {said} "
            f"(missing_capacity={params.missing_capacity}); their caps sum to {ledger.cap[blind].sum():,.2f}"
        )
    if params.missing_capacity == "caps" and (blind & (shock.fraction[guarantor] >= 1.0)).any():
        notes.append("guarantors without known equity that are shocked still pay up to their caps")
    if (book.graph.positions("facilities", "lender_id") >= 0).any():
        notes.append(
            "facilities of other lenders: what stays unpaid is lost from their lenders' equity (other_lenders_loss), "
            "and counts there, not in the bank loss"
        )
    if "ownership" in book.layers and book.graph.rows("ownership"):
        notes.append("the ownership layer shows a loss again at each owner")
    return notes
