"""A bound is a bound: in every book, for every seed, lower <= true <= upper, and a certain rank is the true one.

GRAPHRISK_BOOKS=1000 runs the whole property; a few of the books are run otherwise.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.contagion.importance import all_there_is, run_from_scratch, run_seeds
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, spread_shock
from graphrisk.kernels.contagion.bounds import least_caused, most_caused
from graphrisk.kernels.contagion.parts import parts_of_book
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import Rows
from tests.analyze.contagion_runs import graph_from, run
from tests.kernels.contagion.tight_books import LAYERS, tight_book

BOOKS = int(os.environ.get("GRAPHRISK_BOOKS", "60"))
SETTINGS: list[dict[str, Any]] = [
    {"rule": "debtrank"},
    {"rule": "threshold"},
    {"rule": "threshold", "recovery": 0.4},
    {"rule": "nonlinear", "alpha": 2.0},
    {"rule": "debtrank", "capacity": "unlimited"},
    {"rule": "debtrank", "missing_capacity": "caps"},
    {"rule": "threshold", "missing_capacity": "caps", "recourse": 0.5, "recovery": 0.3},
    {"rule": "nonlinear", "alpha": 0.5, "capacity": "unlimited"},
    {"rule": "debtrank", "recourse": 0.5},
    {"rule": "threshold", "capacity": "unlimited"},
]


def _checked(rows: Rows, settings: dict[str, Any], where: str) -> Counter[str]:
    """Hold all bounds of a book against the run of every seed; return how many were held, and how tightly."""
    params = Params(layers=LAYERS, max_rounds=3_000, **settings)
    book, shock, _ = prepare(graph_from(rows), params, Inputs())
    quiet = spread_shock(book, shock, params, explain=False)
    seeds = np.flatnonzero(~quiet.run.state.failed)
    true = run_seeds(quiet, params, seeds)
    most, valid = most_caused(quiet.ledger, quiet.rule, quiet.run.state)
    least = least_caused(quiet.ledger, quiet.rule, quiet.run.state)
    whole = all_there_is(quiet, parts_of_book(quiet.ledger)[0])
    settled = true.rounds >= 0
    noise = 1e-9 * max(1.0, float(np.abs(true.loss).max(initial=0.0)))
    held = settled & valid[seeds]
    assert (true.loss[held] <= most[seeds][held] + noise).all(), f"{where}: above the bound of the majorant"
    assert (true.loss[settled] <= whole[seeds][settled] + noise).all(), f"{where}: more than there is"
    assert (true.loss[settled] >= least[seeds][settled] - noise).all(), f"{where}: below the lower bound"
    tight = held & (true.loss > 0.5 * most[seeds]) & (true.loss > 0.0)
    return Counter(seeds=int(settled.sum()), held=int(held.sum()), tight=int(tight.sum()))


@pytest.mark.parametrize("first", range(0, BOOKS, 20))
def test_every_seed_causes_what_lies_between_its_bounds(first: int) -> None:
    found: Counter[str] = Counter()
    for seed in range(first, min(first + 20, BOOKS)):
        rows = tight_book(seed)
        for settings in (SETTINGS[0], SETTINGS[seed % len(SETTINGS)]):
            found += _checked(rows, settings, f"book {seed}, {settings}")
    assert found["held"] > 100
    assert found["tight"] > 20


def test_a_broken_guarantor_that_still_pays_voids_the_bound_of_whoever_makes_it_pay_less() -> None:
    """K failed by a call and pays all it has. What S costs it, it no longer pays: that is not in any equity."""
    rows: Rows = {
        "parties": [{"party_id": i} for i in "BKLS"],
        "financials": [{"party_id": i, "equity": e} for i, e in {"B": -1.0, "K": 50.0, "L": 900.0, "S": 9.0}.items()],
        "exposures": [{"creditor_id": "K", "debtor_id": "S", "amount": 20.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "B", "lender_id": "L", "outstanding": 100.0}],
        "guarantees": [{"guarantor_id": "K", "debtor_id": "B", "facility_id": "F", "amount": 100.0}],
    }
    params = Params(layers=LAYERS)
    book, shock, _ = prepare(graph_from(rows), params, Inputs())
    quiet = spread_shock(book, shock, params)
    true = run_seeds(quiet, params, np.array([3]))
    assert 20.0 == true.loss[0]
    assert not most_caused(quiet.ledger, quiet.rule, quiet.run.state)[1][3]


@pytest.mark.parametrize("rule", ["debtrank", "threshold", "nonlinear"])
def test_a_rank_that_is_certain_is_the_true_rank(rule: str) -> None:
    certain = opened = 0
    for seed in range(0, BOOKS, 6):
        rows = tight_book(seed)
        settings: dict[str, Any] = {"rule": rule, "layers": LAYERS, "max_rounds": 3_000}
        whole = run(rows, **settings)
        truth = whole.importance.set_index("party_id")
        for work in (60, 400, 3_000):
            some = run(rows, seed_work=work, **settings)
            both = some.importance.set_index("party_id").join(truth[["loss_caused", "exact"]].add_prefix("true_"))
            both = both[both["true_exact"].astype(bool)]
            noise = 1e-9 * max(1.0, float(both["true_loss_caused"].max()))
            assert (both["lower"] <= both["true_loss_caused"] + noise).all(), f"book {seed}, work {work}"
            assert (both["upper"] >= both["true_loss_caused"] - noise).all(), f"book {seed}, work {work}"
            top = some.certificate["certain_top"]
            if truth["exact"].all():
                first = some.importance["loss_caused"].to_numpy(float)[:top]
                assert first == pytest.approx(whole.importance["loss_caused"].to_numpy(float)[:top], abs=noise)
            opened += int((~some.importance["exact"].astype(bool)).sum())
            certain += top
    assert opened > 100
    assert certain > 20


@pytest.mark.parametrize("rule", ["debtrank", "threshold"])
def test_a_seed_run_from_the_start_causes_the_same(rule: str) -> None:
    """The start from the unshocked run, with parties in default by their status in it."""
    for seed in range(4):
        rows = tight_book(seed, size=20)
        for number, row in enumerate(rows["parties"]):
            row["status"] = "defaulted" if number % 7 == 3 else "active"
        params = Params(layers=LAYERS, rule=rule, start_from_status=True, tolerance=1e-13)
        book, shock, _ = prepare(graph_from(rows), params, Inputs())
        quiet = spread_shock(book, shock, params, explain=False)
        seeds = np.flatnonzero(~quiet.run.state.failed)
        near, far = run_seeds(quiet, params, seeds), run_from_scratch(quiet, params, seeds)
        settled = (near.rounds >= 0) & (far.rounds >= 0)
        np.testing.assert_allclose(near.loss[settled], far.loss[settled], atol=1e-7)
