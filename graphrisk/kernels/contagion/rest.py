"""Whether a run stands still: what one more application of the whole map to its end would change.

`balance.close_books` pulls every loss of the last state anew, in the order of the rows; here its equity, calls and
payments are set beside those that the sweeps pushed, and production and prices take one more step.
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.contagion.closing import Balance
from graphrisk.kernels.contagion.ledger import (
    ASKED,
    LENDER,
    LINE_PAID,
    LOST_LENDING,
    SHORTFALL,
    UNPAID,
    Floats,
    Ledger,
    Rule,
    State,
)
from graphrisk.kernels.contagion.price_impact import price_residual
from graphrisk.kernels.contagion.production_lost import ProductionLost
from graphrisk.kernels.contagion.rooms import PriceChannel

AT_REST = 1e-6
"""A run whose residual is above this has not come to rest, whatever its last sweep changed."""


def residual_at_rest(
    ledger: Ledger,
    rule: Rule,
    state: State,
    balance: Balance,
    supply: ProductionLost | None = None,
    prices: PriceChannel | None = None,
) -> dict[str, float]:
    """Return the residual of `equity`, `calls`, `payments`, `prices`, `production`, and their largest as `max`.

    `balance`: the closed books of `state`; production and prices as the run left them. Equity over max(|E0|, 1);
    calls (what falls short and what is asked) and payments (what guarantors pay, what stays unpaid and what lenders
    lose by it) over the largest shortfall; prices over the appraised value, production over what a firm produces.
    """
    amounts, lines = state.facility_money, state.line_money
    largest = max(float(balance.shortfall.max(initial=0.0)), float(amounts[SHORTFALL].max(initial=0.0)))
    lent = ~ledger.ours
    lending = np.bincount(ledger.facility[LENDER, lent], weights=balance.unpaid[lent], minlength=len(state.money))
    called = max(_apart(balance.shortfall, amounts[SHORTFALL]), _apart(balance.asked, lines[ASKED]))
    paid = max(
        _apart(balance.line_paid, lines[LINE_PAID]),
        _apart(balance.unpaid, amounts[UNPAID]),
        _apart(lending.astype(np.float64), state.money[:, LOST_LENDING]),
    )
    found = {
        "equity": float(balance.residual.max(initial=0.0)),
        "calls": called / largest if largest > 0.0 else called,
        "payments": paid / largest if largest > 0.0 else paid,
        "prices": 0.0 if prices is None else price_residual(*prices, ledger, rule, state),
        "production": 0.0 if supply is None else supply.residual(ledger, state),
    }
    return {**found, "max": max(found.values())}


def _apart(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).max(initial=0.0))
