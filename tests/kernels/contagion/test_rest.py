"""A run that says it has converged stands still in all that it computes, not in equity alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread, prepare, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.ledger import LINE_PAID, LOST_LENDING
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import Rows, random_book, random_shock
from tests.analyze.contagion_reference import Reference
from tests.analyze.contagion_runs import graph_from, party, run

FIVE = ("equity", "calls", "payments", "prices", "production")


def _lends_and_guarantees() -> Rows:
    """Return a book in which K lends 30 to B1 and to B2, and guarantees 100 of C; B2 falls a sweep after B1."""
    equity = {"B1": 10.0, "B2": 10.0, "C": 10.0, "K": 100.0}
    return {
        "parties": [{"party_id": i} for i in equity],
        "financials": [{"party_id": i, "equity": e} for i, e in equity.items()],
        "exposures": [{"creditor_id": "B2", "debtor_id": "B1", "amount": 10.0}],
        "facilities": [
            {"facility_id": "F1", "borrower_id": "B1", "lender_id": "K", "outstanding": 30.0},
            {"facility_id": "F2", "borrower_id": "B2", "lender_id": "K", "outstanding": 30.0},
            {"facility_id": "FC", "borrower_id": "C", "outstanding": 100.0},
        ],
        "guarantees": [
            {"guarantee_id": "G", "guarantor_id": "K", "debtor_id": "C", "facility_id": "FC", "amount": 100.0}
        ],
    }


def test_a_guarantor_s_capacity_takes_its_whole_loss_as_a_lender() -> None:
    """K loses 60 of its 100 as a lender: it can pay 40, though in one sweep it lost 30 and was spared 30."""
    rows = _lends_and_guarantees()
    found = run(rows, {"B1": 1.0, "C": 1.0}, all_rows=True)
    k = party(found, "K")
    assert (60.0, 40.0, 60.0, 0.0) == (
        k["loss_exposures"], k["guarantee_paid"], k["guarantee_unmet"], k["equity_after"],
    )  # fmt: skip
    assert 40.0 == Reference(rows).run({"B1": 1.0, "C": 1.0}).losses["K"]["guarantee_paid"]
    assert (60.0, 60.0) == (found.certificate["bank_loss"], found.certificate["other_lenders_loss"])


def _done(number: int, **settings: Any) -> Spread | None:
    rows = random_book(number, size=8)
    shocks = random_shock(number, rows)
    have = {row["party_id"] for row in rows["financials"]}
    blank = {"equity": 33.1, "total_liabilities": 50.7, "equity_volatility": 0.3}
    rows["financials"] += [
        {"party_id": row["party_id"], **blank} for row in rows["parties"] if row["party_id"] not in have
    ]
    params = Params(max_rounds=3_000, **settings)
    book, shock, _ = prepare(graph_from(rows), params, Inputs(shocks=shocks))
    try:
        return spread_shock(book, shock, params, explain=False)
    except ConvergenceError:
        return None


@pytest.mark.parametrize("supply_default", ["default", "linear", "none"])
@pytest.mark.parametrize("rule", ["threshold", "debtrank", "nonlinear", "en", "rv", "merton"])
def test_every_run_that_ends_stands_still(rule: str, supply_default: str) -> None:
    compared = 0
    for number in range(12):
        done = _done(number, rule=rule, supply_default=supply_default, impact_beta=0.5 * (number % 2))
        if done is not None:
            assert (*FIVE, "max") == tuple(done.rest)
            assert done.rest["max"] == max(done.rest[name] for name in FIVE) <= 1e-8, f"book {number}: {done.rest}"
            compared += 1
    assert compared > 8


def test_each_residual_sees_what_does_not_stand_still() -> None:
    done = next(
        one for number in range(40)
        if (one := _done(number, rule="debtrank", impact_beta=0.5, supply_default="linear")) is not None
        and one.supply is not None and one.assets is not None
        and one.balance.line_paid.any() and one.supply.down.max() > 0.0 and one.price.min() < 1.0
    )  # fmt: skip
    assert done.rest["max"] <= 1e-8
    state = done.run.state

    def residual() -> dict[str, float]:
        return done.rest

    line = int(np.argmax(done.balance.line_paid))
    state.line_money[LINE_PAID, line] *= 0.5
    assert residual()["payments"] > 1e-4 > residual()["calls"]
    state.line_money[LINE_PAID, line] *= 2.0
    lender = int(np.argmax(state.money[:, LOST_LENDING]))
    state.money[lender, LOST_LENDING] += 1.0
    assert residual()["payments"] > 1e-4
    state.money[lender, LOST_LENDING] -= 1.0
    assert done.supply is not None
    done.supply.down[:] *= 0.5
    assert done.run.room.prices is not None
    done.run.room.prices.market.price[:] *= 0.9
    assert residual()["production"] > 1e-4
    assert residual()["prices"] > 1e-4
