"""The bound on what a seed can cause holds on every random book, and says so itself where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, spread_shock
from graphrisk.kernels.contagion.bounds import least_caused, majorant, most_caused, spectral_radius
from graphrisk.kernels.contagion.engine import engine_over
from graphrisk.kernels.contagion.starts import each_alone
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import Rows, random_book
from tests.analyze.contagion_runs import graph_from, run


def _thinner(rows: Rows, part: float) -> Rows:
    """Return the book with every contract cut to a part, so that losses fade on their way."""
    amounts = {"exposures": "amount", "facilities": "outstanding", "guarantees": "amount"}
    return {
        name: [{**row, amounts[name]: row[amounts[name]] * part} for row in table] if name in amounts else table
        for name, table in rows.items()
    }


@pytest.mark.parametrize("settings", [
    {"rule": "threshold"}, {"rule": "threshold", "recovery": 0.4}, {"rule": "debtrank"},
    {"rule": "nonlinear", "alpha": 2.0}, {"rule": "debtrank", "capacity": "unlimited"},
    {"rule": "debtrank", "recourse": 0.5}, {"rule": "threshold", "missing_capacity": "caps"},
])  # fmt: skip
def test_no_seed_causes_more_than_its_bound(settings: dict[str, Any]) -> None:
    held, tight = 0, 0
    params = Params(layers=("exposures", "guarantees", "ownership", "collateral"), **settings)
    for number in range(40):
        for part in (1.0, 0.3):
            graph = graph_from(_thinner(random_book(number, size=9), part))
            book, shock, _ = prepare(graph, params, Inputs())
            done = spread_shock(book, shock, params)
            seeds = np.arange(graph.size)
            engine = engine_over(book.ledger, done.rule, done.run.state, tolerance=1e-12)
            exact = each_alone(engine, seeds, max_rounds=2_000)
            upper, valid = most_caused(book.ledger, done.rule, done.run.state)
            lower = least_caused(book.ledger, done.rule, done.run.state)
            settled = exact.rounds >= 0
            valid &= settled
            assert (upper[valid] >= exact.loss[valid] - 1e-7).all(), f"book {number} x {part}"
            assert (lower[settled] <= exact.loss[settled] + 1e-7).all(), f"book {number} x {part}"
            held += int(valid.sum())
            tight += int((valid & (exact.loss > 0.5 * upper) & (exact.loss > 0.0)).sum())
    assert held > 50
    assert tight > 10


def test_the_spectral_radius_is_that_of_the_matrix() -> None:
    for number in range(12):
        book, _, _ = prepare(graph_from(random_book(number)), Params(), Inputs())
        matrix = majorant(book.ledger)
        right = float(np.abs(np.linalg.eigvals(matrix.toarray())).max(initial=0.0))
        assert right == pytest.approx(spectral_radius(matrix, rounds=4_000), rel=1e-2, abs=1e-12)


def test_a_chain_has_a_radius_of_exactly_zero() -> None:
    rows: Rows = {
        "parties": [{"party_id": i} for i in "ABC"],
        "financials": [{"party_id": i, "equity": 1.0} for i in "ABC"],
        "exposures": [{"creditor_id": a, "debtor_id": b, "amount": 9.0} for a, b in ("AB", "BC")],
    }
    assert run(rows, {"C": 1.0}).certificate["spectral_radius"] == 0.0


def _giant(size: int = 400, load: float = 0.5) -> Rows:
    rng = np.random.default_rng(7)
    ids = [f"B{i:03d}" for i in range(size)]
    equity = np.round(rng.lognormal(3, 1, size), 2)
    rows: Rows = {
        "parties": [{"party_id": i} for i in ids],
        "financials": [{"party_id": i, "equity": float(e)} for i, e in zip(ids, equity, strict=True)],
        "exposures": [],
    }
    for k in range(size):
        for j in rng.choice(size, 4, replace=False):
            if j != k:
                amount = float(np.round(load * equity[k] / 4, 3))
                rows["exposures"].append({"creditor_id": ids[k], "debtor_id": ids[int(j)], "amount": amount})
    return rows


@pytest.mark.parametrize(("rule", "load"), [("debtrank", 0.5), ("threshold", 0.9), ("debtrank", 1.5)])
def test_the_certain_top_is_the_true_top_and_bounds_hold_for_the_rest(rule: str, load: float) -> None:
    rows = _giant(load=load)
    whole, some = run(rows, rule=rule), run(rows, rule=rule, seed_work=1)
    assert whole.importance["exact"].all()
    assert not some.importance["exact"].all()
    truth = whole.importance.set_index("party_id")["loss_caused"]
    table = some.importance.set_index("party_id")
    both = table.join(truth.rename("truth"))
    assert (both["lower"] <= both["truth"] + 1e-6).all()
    assert (both["truth"] <= both["upper"] + 1e-6).all()
    assert both["loss_caused"][both["exact"]].tolist() == pytest.approx(both["truth"][both["exact"]].tolist(), abs=1e-6)
    certain = some.certificate["certain_top"]
    assert whole.importance["party_id"].tolist()[:certain] == some.importance["party_id"].tolist()[:certain]
    assert any("seeds were run to their end" in note for note in some.notes)
    void = any("the linear bound is void" in note for note in some.notes)
    assert void == (some.certificate["spectral_radius"] >= 1.0)


def test_enough_work_makes_the_top_certain() -> None:
    result = run(_giant(), rule="debtrank", seed_work=6_000_000)
    assert 64 < result.certificate["exact_seeds"] < 400
    assert result.certificate["certain_top"] >= 10
