"""What is made of some tables is made once, and taken over by what-if graphs in which they did not change."""

from __future__ import annotations

import numpy as np
import pytest

from graphrisk.cascade.what_if import with_capital, with_values, without_rows
from graphrisk.graph.deliveries import deliveries
from graphrisk.kernels.contagion.ledger import rows_by
from tests.analyze.contagion_books import random_book
from tests.analyze.contagion_runs import graph_from


def test_deliveries_are_made_anew_only_where_what_they_read_changed() -> None:
    graph = graph_from(random_book(3, size=9))
    made = deliveries(graph, True, 12.0)
    assert made.supply is not None
    party = int(
        graph.positions("financials", "party_id")[np.flatnonzero(~np.isnan(graph.floats("financials", "equity")))[0]]
    )
    assert deliveries(without_rows(graph, "guarantees", [0]), True, 12.0) is made
    assert deliveries(with_capital(graph, party, 5.0), True, 12.0) is made, "equity is not read"
    assert deliveries(graph, True, 6.0) is not made
    fewer = deliveries(without_rows(graph, "supplies", [0]), True, 12.0)
    assert len(fewer.row) == len(made.row) - 1
    rows = np.flatnonzero(~np.isnan(graph.floats("financials", "sales")))[:1]
    more = deliveries(with_values(graph, "financials", "sales", rows, 1e9), True, 12.0)
    assert more.supply is not None
    assert more.supply.sales.max() > 1e8 > made.supply.sales.max()


def test_rows_by_key_keep_their_order_and_refuse_other_keys() -> None:
    for many in (50, 6_000):  # compared, and counted
        key = np.random.default_rng(1).integers(0, 7, many)
        starts, order = rows_by(key, 8)
        for k in range(8):
            np.testing.assert_array_equal(order[starts[k] : starts[k + 1]], np.flatnonzero(key == k))
    for wrong in ([-1], [8]):
        with pytest.raises(ValueError, match="outside 0 to 7"):
            rows_by(np.array(wrong), 8)
