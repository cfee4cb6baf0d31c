"""What takes part in a run beside the contracts: production, prices, and balance sheets where the rule reads them."""

from __future__ import annotations

import numpy as np

from graphrisk.cascade.params import VALUED, Params
from graphrisk.cascade.shocks import Shock
from graphrisk.graph.balance_sheets import value_by_balance_sheet
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import Floats, Ledger
from graphrisk.kernels.contagion.prices import PriceLayer
from graphrisk.kernels.contagion.supply import BY_LOSS, IN_DEFAULT, NEVER, SupplyLayer


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


def supply_layer(book: Book, shock: Shock, params: Params) -> SupplyLayer | None:
    """Return the production of a run; None where no deliveries take part."""
    if book.supply is None:
        return None
    equity = book.ledger.equity
    part = np.divide(shock.amount, equity, out=np.zeros(len(equity)), where=equity > 0.0)
    production = np.minimum(1.0, shock.fraction + part) if params.supply_default == "none" else np.zeros(len(equity))
    return SupplyLayer(
        supply=book.supply,
        profit=book.profit,
        shock=production,
        stops={"default": IN_DEFAULT, "none": NEVER, "linear": BY_LOSS}[params.supply_default],
        staged=params.schedule == "staged",
        tolerance=params.tolerance,
        max_rounds=params.max_rounds,
    )


def price_layer(book: Book, params: Params, *, only_scenario: bool = False) -> PriceLayer | None:
    """Return the prices of a run; `only_scenario`: they fall by the scenario alone, whatever is sold."""
    if not only_scenario and (not params.impact_beta or not len(book.pledges.facility)):
        return None
    own = book.pledges
    classes = int(own.classes.max(initial=-1)) + 1
    depth = np.bincount(own.classes, weights=own.value * own.price, minlength=classes).astype(np.float64)
    if params.impact_depth is not None:
        depth = np.full(classes, params.impact_depth)
    beta = 0.0 if only_scenario else params.impact_beta
    return PriceLayer(pledges=own, beta=beta, depth=depth, order=book.pledge_row)


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
