from __future__ import annotations

import numpy as np
import pytest

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, spread_shock
from graphrisk.cascade.what_if import without_rows
from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.calls_without import CallsWithout
from graphrisk.kernels.contagion.guarantee_calls import settle
from graphrisk.kernels.contagion.ledger import BATCH, CAPACITY, CONTRACT, SHORTFALL, UNPAID, fresh_state
from graphrisk.model.result import Inputs
from tests.analyze import contagion_runs
from tests.analyze.contagion_books import random_book, random_shock


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("params", [Params(), Params(capacity="unlimited"), Params(missing_capacity="caps")])
def test_calls_without_a_contract_are_those_of_a_book_without_it(seed: int, params: Params) -> None:
    rows = random_book(seed, size=9)
    graph, shock = contagion_runs.graph_from(rows), Inputs(shocks=random_shock(seed, rows))
    book, what, _ = prepare(graph, params, shock)
    try:
        done = spread_shock(book, what, params)
    except ConvergenceError:
        pytest.skip("this book swings")
    balance = done.balance
    given = np.isnan(graph.floats("guarantees", "share"))
    anew = CallsWithout(done.ledger, done.rule, balance, split=given[done.ledger.line[CONTRACT]])
    lost = balance.shock + balance.exposures + balance.ownership + balance.supplies + balance.collateral
    unknown = np.inf if params.missing_capacity == "caps" else 0.0
    capacity = np.where(done.ledger.known, np.maximum(0.0, done.ledger.equity - lost), unknown)
    for contract in anew.called().tolist():
        less = prepare(without_rows(graph, "guarantees", [contract]), params, shock)[0].ledger
        state = fresh_state(less)
        state.facility_money[SHORTFALL] = balance.shortfall
        state.money[:, CAPACITY] = np.inf if params.capacity == "unlimited" else capacity
        short = np.flatnonzero(balance.shortfall > 0.0)
        state.facility_list[BATCH, : len(short)] = short
        settle(less, state, len(short))
        more = np.zeros(len(balance.unpaid))
        facilities, unpaid, _, _ = anew.without(contract)
        more[facilities] = unpaid
        scale = float(balance.shortfall.max())
        assert state.facility_money[UNPAID] - balance.unpaid == pytest.approx(more, abs=1e-9 * scale), contract
