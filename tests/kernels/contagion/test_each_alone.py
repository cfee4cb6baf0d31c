"""Each seed alone, from the unshocked state and only what it changes: as one run of the whole map per seed."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.contagion.importance import run_from_scratch, run_seeds, score_seeds
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread, prepare, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from tests.analyze.contagion_books import MONEY, Rows, random_book
from tests.analyze.contagion_runs import graph_from

VALUED = ("en", "rv", "merton")
RULES = ("threshold", "debtrank", "nonlinear", *VALUED)
TOLERANCE = 1e-13


def _uneven(rows: Rows, seed: int) -> Rows:
    """Return the book with amounts that are no round numbers, so that no equity ends at exactly 0."""
    rng = np.random.default_rng(seed)
    return {
        name: [
            {
                key: value * rng.uniform(0.95, 1.05) if key in MONEY.get(name, ()) and value is not None else value
                for key, value in row.items()
            }
            for row in table
        ]
        for name, table in rows.items()
    }


def _quiet_run(seed: int, params: Params, *, calls: bool = True, size: int = 8) -> Spread | None:
    """Return the unshocked run of a random book with every relation; None where its calls swing for ever."""
    rows = _uneven(random_book(seed, size=size), seed)
    if not calls:
        rows["guarantees"] = []
    if params.rule in VALUED:
        have = {row["party_id"] for row in rows["financials"]}
        blank = {"equity": 33.1, "total_liabilities": 50.7, "equity_volatility": 0.3}
        rows["financials"] += [
            {"party_id": row["party_id"], **blank} for row in rows["parties"] if row["party_id"] not in have
        ]
    book, shock, _ = prepare(graph_from(rows), params, Inputs())
    try:
        return spread_shock(book, shock, params)
    except ConvergenceError:
        return None


def _params(rule: str, **settings: Any) -> Params:
    own = {"rv": {"alpha": 0.6, "beta": 0.8}, "nonlinear": {"alpha": 1.0}}.get(rule, {})
    given = {"rule": rule, "tolerance": TOLERANCE, "max_rounds": 3_000, **own, **settings}
    return parse_params(Params, given, where="contagion")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("supply_default", "schedule", "impact_beta"),
    list(itertools.product(("default", "linear", "none"), ("joint", "staged"), (0.0, 0.5))),
)
def test_each_seed_loses_what_a_whole_run_of_it_loses(
    rule: str, supply_default: str, schedule: str, impact_beta: float
) -> None:
    params = _params(rule, supply_default=supply_default, schedule=schedule, impact_beta=impact_beta)
    compared = 0
    for number, calls in ((1, True), (8, True), (5, False), (7, False)):
        quiet = _quiet_run(number, params, calls=calls)
        if quiet is None:
            continue
        seeds = np.flatnonzero(~quiet.run.state.failed)
        expected, actual = run_from_scratch(quiet, params, seeds), run_seeds(quiet, params, seeds)
        settled = actual.rounds >= 0
        assert (expected.rounds[settled] >= 0).all(), f"book {number}"
        if not (calls and supply_default == "linear"):  # else a seed can end where a run of it must tell
            assert (settled == (expected.rounds >= 0)).all(), f"book {number}"
        scale = max(1.0, float(np.abs(expected.loss[settled]).max(initial=0.0)))
        for one, other in ((expected.loss, actual.loss), (expected.bank_loss, actual.bank_loss)):
            np.testing.assert_allclose(other[settled], one[settled], rtol=0.0, atol=1e-9 * scale)
        if not calls:
            np.testing.assert_array_equal(expected.defaults[settled], actual.defaults[settled])
        compared += int((settled & (expected.loss > 0.0)).sum())
    assert compared > (2 if supply_default == "none" else 8)


@pytest.mark.parametrize("rule", ["threshold", "merton"])
def test_what_a_seed_moved_is_put_back_before_the_next(rule: str) -> None:
    params = _params(rule, impact_beta=0.5, supply_default="linear")
    quiet = _quiet_run(7, params, calls=False)
    assert quiet is not None
    seeds = np.flatnonzero(~quiet.run.state.failed)
    alone = [run_seeds(quiet, params, seeds[k : k + 1]).loss for k in range(len(seeds))]
    np.testing.assert_array_equal(np.concatenate(alone), run_seeds(quiet, params, seeds).loss)
    again = np.concatenate([seeds[::-1], seeds])
    np.testing.assert_array_equal(run_seeds(quiet, params, again).loss[len(seeds) :], np.concatenate(alone))


def test_a_seed_given_up_leaves_nothing_behind() -> None:
    params = _params("debtrank", supply_default="linear", impact_beta=0.5)
    quiet = _quiet_run(7, params, calls=False)
    assert quiet is not None
    short = _params("debtrank", supply_default="linear", impact_beta=0.5, max_rounds=2)
    seeds = np.flatnonzero(~quiet.run.state.failed)
    mixed = run_seeds(quiet, short, np.concatenate([seeds, seeds]))
    assert (mixed.rounds < 0).any()
    assert (mixed.rounds >= 0).any()
    whole = run_seeds(quiet, params, seeds)
    for half in (mixed.loss[: len(seeds)], mixed.loss[len(seeds) :]):
        kept = mixed.rounds[: len(seeds)] >= 0
        np.testing.assert_allclose(half[kept], whole.loss[kept], rtol=1e-9)


def test_the_pieces_of_the_work_do_not_change_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    params = _params("debtrank", impact_beta=0.5)
    quiet = _quiet_run(7, params, calls=False)
    assert quiet is not None
    seeds = np.tile(np.flatnonzero(~quiet.run.state.failed), 40)
    together = run_seeds(quiet, params, seeds).loss
    monkeypatch.setattr("graphrisk.kernels.arrays.fan.PIECES", 1)
    np.testing.assert_array_equal(run_seeds(quiet, params, seeds).loss, together)


def test_production_stopped_for_a_loss_that_calls_took_back_is_no_end() -> None:
    """P7 pays more for one sweep, and stops for it; a run follows it back, and so does importance."""
    rows = random_book(888, size=12)
    have = {row["party_id"] for row in rows["financials"]}
    for row in rows["financials"]:
        row["total_liabilities"] = row["total_liabilities"] or 40.0
    rows["financials"] += [
        {"party_id": row["party_id"], "equity": 20.0, "total_liabilities": 40.0}
        for row in rows["parties"] if row["party_id"] not in have
    ]  # fmt: skip
    params = _params("rv", alpha=0.4, beta=0.8, supply_default="linear", missing_capacity="caps", recourse=0.5)
    book, shock, _ = prepare(graph_from(rows), params, Inputs())
    quiet = spread_shock(book, shock, params)
    seed = np.flatnonzero(book.graph.party_ids == "P2")
    scores, _, _ = score_seeds(quiet, params, silent)
    expected = run_from_scratch(quiet, params, seed)
    assert expected.rounds[0] > 0
    assert scores.loss[seed[0]] == pytest.approx(expected.loss[0], abs=1e-9)
    assert scores.exact[seed[0]]
