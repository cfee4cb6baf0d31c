"""One sweep: what it lists, it lists once."""

from __future__ import annotations

from datetime import date

import numpy as np

from graphrisk.graph.book import build_book
from graphrisk.kernels.contagion.ledger import BORROWER, N_LATE, SHORTFALL, THRESHOLD, UNPAID, Rule, fresh_state
from graphrisk.kernels.contagion.sweep import fall_short, sweep
from tests.worlds.build import graph_of


def test_a_facility_whose_price_and_borrower_change_at_once_is_listed_once() -> None:
    graph = graph_of(
        parties=[{"party_id": name} for name in ("BANK", "FIRM")],
        financials=[
            {"party_id": name, "period_end_on": date(2025, 12, 31), "equity": 100.0} for name in ("BANK", "FIRM")
        ],
        facilities=[{"facility_id": f, "borrower_id": "FIRM", "lender_id": "BANK", "outstanding": 30.0} for f in "AB"],
    )
    ledger = build_book(graph, layers=("exposures",)).ledger
    state = fresh_state(ledger)
    for facility in (0, 1):
        state.facility_money[SHORTFALL, facility] = 12.0
        for _ in range(3):
            fall_short(state, facility, -1)
    assert 2 == state.counts[N_LATE]
    sweep(ledger, Rule(code=THRESHOLD), state)
    assert 0 == state.counts[N_LATE]
    assert [12.0, 12.0] == state.facility_money[UNPAID].tolist()

    fall_short(state, 0, -1)
    assert 1 == state.counts[N_LATE], "the next sweep lists it anew"
    assert np.array_equal(ledger.facility[BORROWER], [1, 1])
