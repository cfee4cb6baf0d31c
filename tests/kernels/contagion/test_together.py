"""What a group costs is a bound on what each of its members causes alone: every layer, every rule that allows groups.

GRAPHRISK_BOOKS=1000 runs the whole property; a few of the books are run otherwise.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.contagion.importance import run_seeds
from graphrisk.analyze.contagion.together import bound_together, can_be_grouped
from graphrisk.cascade.engines import engine_after
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, spread_shock
from graphrisk.kernels.contagion.ledger import Ints
from graphrisk.kernels.contagion.starts import together
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import random_book
from tests.analyze.contagion_runs import graph_from, run
from tests.kernels.contagion.tight_books import tight_book

BOOKS = int(os.environ.get("GRAPHRISK_BOOKS", "36"))
SETTINGS: list[dict[str, Any]] = [
    {"rule": "threshold"},
    {"rule": "debtrank", "supply_default": "linear"},
    {"rule": "threshold", "recovery": 0.4, "impact_beta": 0.6},
    {"rule": "nonlinear", "alpha": 2.0},
    {"rule": "threshold", "impact_beta": 0.3, "capacity": "unlimited"},
    {"rule": "debtrank", "missing_capacity": "caps", "recourse": 0.5},
]


@pytest.mark.parametrize("kind", ["every layer", "guarantees that are called"])
def test_a_group_costs_what_each_of_its_members_causes_or_more(kind: str) -> None:
    held = tight = 0
    for seed in range(BOOKS):
        settings = SETTINGS[seed % len(SETTINGS)]
        params = Params(max_rounds=3_000, **settings)
        rows = random_book(seed, size=12) if kind == "every layer" else tight_book(seed)
        book, shock, _ = prepare(graph_from(rows), params, Inputs())
        quiet = spread_shock(book, shock, params, explain=False)
        dice = np.random.default_rng(seed)
        live = dice.permutation(np.flatnonzero(~quiet.run.state.failed))
        groups = [group for group in np.array_split(live, max(1, len(live) // 4)) if len(group)]
        first = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)
        cost = together(engine_after(quiet, params), first, live, max_rounds=params.max_rounds)
        true = run_seeds(quiet, params, live)
        noise = 1e-9 * max(1.0, float(np.abs(true.loss).max(initial=0.0)))
        upper = np.repeat(np.where(cost.rounds >= 0, cost.loss, np.inf), np.diff(first))
        settled = true.rounds >= 0
        assert (true.loss[settled] <= upper[settled] + noise).all(), f"book {seed}, {settings}"
        held += int((settled & np.isfinite(upper)).sum())
        tight += int((settled & (true.loss > 0.5 * upper) & (true.loss > 0.0)).sum())
    assert held > 4 * BOOKS
    assert tight > BOOKS / 2


def test_a_group_of_one_is_that_party_alone() -> None:
    params = Params(rule="threshold")
    book, shock, _ = prepare(graph_from(random_book(3, size=12)), params, Inputs())
    quiet = spread_shock(book, shock, params, explain=False)
    live = np.flatnonzero(~quiet.run.state.failed)
    one = together(engine_after(quiet, params), np.arange(len(live) + 1), live, max_rounds=1_000)
    np.testing.assert_array_equal(run_seeds(quiet, params, live).loss, one.loss)


def test_what_a_member_loses_to_the_others_counts_and_what_the_shock_takes_does_not() -> None:
    """A and B owe each other 30 and 20, and C, with 5 of equity, 40 of A: A alone costs 20 + 5, B alone 30 and what
    A then costs C; together 20, 30 and 5, where 50 and 60 were taken by the shock."""
    rows = {
        "parties": [{"party_id": i} for i in "ABC"],
        "financials": [{"party_id": i, "equity": e} for i, e in {"A": 25.0, "B": 60.0, "C": 5.0}.items()],
        "exposures": [
            {"creditor_id": "A", "debtor_id": "B", "amount": 30.0},
            {"creditor_id": "B", "debtor_id": "A", "amount": 20.0},
            {"creditor_id": "C", "debtor_id": "A", "amount": 40.0},
        ],
    }
    params = Params(rule="threshold")
    book, shock, _ = prepare(graph_from(rows), params, Inputs())
    quiet = spread_shock(book, shock, params, explain=False)
    cost = together(engine_after(quiet, params), np.array([0, 2]), np.array([0, 1]), max_rounds=100)
    assert 25.0 + 20.0 + 5.0 == cost.loss[0]
    assert [25.0, 25.0 + 5.0] == run_seeds(quiet, params, np.array([0, 1])).loss.tolist()


def test_a_search_ends_below_what_is_asked_for_and_no_work_means_no_bound() -> None:
    params = Params(rule="threshold")
    book, shock, _ = prepare(graph_from(tight_book(4, size=40)), params, Inputs())
    quiet = spread_shock(book, shock, params, explain=False)
    live = np.flatnonzero(~quiet.run.state.failed)
    true = np.zeros(quiet.ledger.party.shape[0])
    true[live] = run_seeds(quiet, params, live).loss
    enough = float(np.sort(true)[-5])
    ran: list[int] = []

    def alone(some: Ints) -> float:
        ran.extend(some.tolist())
        return enough

    upper = np.full(len(true), np.inf)
    for some, most, _ in bound_together(quiet, params, live, enough=enough, goes_on=lambda: True, alone=alone):
        upper[some] = np.minimum(upper[some], most)
    cleared = np.setdiff1d(live, ran)
    assert (true[cleared] <= upper[cleared] + 1e-9).all()
    assert (upper[cleared] <= enough).all()
    assert set(np.flatnonzero(true > enough).tolist()) <= set(ran)
    assert not list(bound_together(quiet, params, live, enough=enough, goes_on=lambda: False, alone=alone))


@pytest.mark.parametrize(
    ("settings", "allowed"), [({"rule": "rv"}, False), ({"supply_default": "none"}, False), ({}, True)]
)
def test_where_a_shock_takes_own_assets_or_production_there_are_no_groups(
    settings: dict[str, Any], allowed: bool
) -> None:
    params, rows = Params(**settings), random_book(3, size=12)
    rows["financials"] = [{"party_id": row["party_id"], "equity": 9.0} for row in rows["parties"]]
    book, shock, _ = prepare(graph_from(rows), params, Inputs())
    assert allowed == can_be_grouped(spread_shock(book, shock, params, explain=False), params)


def test_with_deliveries_bounds_are_certain_where_the_work_does_not_reach_all() -> None:
    rows = random_book(8, size=120)
    whole, some = run(rows), run(rows, seed_work=30_000)
    truth = whole.importance.set_index("party_id")["loss_caused"]
    found = some.importance.set_index("party_id").join(truth.rename("true"))
    noise = 1e-9 * float(truth.max())
    assert (found["upper"] >= found["true"] - noise).all()
    assert (~found["exact"].astype(bool)).sum() > 10
    assert 0 == some.certificate["bounds_void"]
