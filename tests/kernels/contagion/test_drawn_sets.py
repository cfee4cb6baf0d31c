"""The stage over the ledger against the contagion map itself, run set by set from the start."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread, no_shock, prepare, spread_shock
from graphrisk.errors import ConvergenceError, UsageError
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.drawn_sets import ledger_stage
from graphrisk.kernels.contagion.engine import engine_over, hit_all, own_room
from graphrisk.kernels.contagion.ledger import CLEARING, DEBTRANK, LENDER, THRESHOLD, UNPAID, Rule, fresh_state
from graphrisk.kernels.contagion.sweep import sweep
from graphrisk.kernels.portfolio.copula import Draws
from graphrisk.kernels.portfolio.default_spread import Losses
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import random_book
from tests.worlds.build import graph_of, ring

LAYERS = ("exposures", "guarantees", "ownership", "collateral")
CODES = {"threshold": THRESHOLD, "debtrank": DEBTRANK}


def _world(seed: int, rule: str, *, size: int = 7) -> tuple[Book, Params]:
    rows = random_book(seed, size=size)
    for row in rows["financials"]:
        row["equity"] = max(row["equity"], 1.0)  # nobody is in default before the draw
    params = Params(rule=rule, layers=LAYERS, max_rounds=3000)
    book, _, _ = prepare(graph_of(**rows), params, Inputs())
    return book, params


def _draws(*sets: list[int]) -> Draws:
    start = np.cumsum([0, *map(len, sets)])
    return Draws(np.arange(len(sets)), start, np.array([p for each in sets for p in each], dtype=np.int64))


def _spread(book: Book, params: Params, down: list[int]) -> Spread:
    fraction = np.zeros(book.graph.size)
    fraction[down] = 1.0
    shock = dataclasses.replace(no_shock(book), fraction=fraction, given=True)
    return spread_shock(book, shock, params)


def _by_facility(lost: Losses, scenario: int, facilities: int) -> np.ndarray:
    part = slice(lost.start[scenario], lost.start[scenario + 1])
    return np.bincount(lost.unit[part], lost.amount[part], facilities)


@pytest.mark.parametrize("rule", CODES)
@pytest.mark.parametrize("seed", range(25))
def test_every_set_loses_what_the_contagion_map_says(seed: int, rule: str) -> None:
    book, params = _world(seed, rule)
    dice = np.random.default_rng(seed)
    sets = [np.flatnonzero(dice.random(book.graph.size) < 0.35).tolist() for _ in range(8)]
    facilities = len(book.due)
    ours = book.ledger.facility[LENDER] < 0
    stage = ledger_stage(book.ledger, Rule(code=CODES[rule]), np.arange(facilities))
    lost = stage(_draws(*sets))
    for scenario, down in enumerate(sets):
        if lost.untold[scenario]:
            with pytest.raises(ConvergenceError):
                _spread(book, params, down)
            continue
        expected = np.where(ours, _spread(book, params, down).balance.unpaid, 0.0)
        assert expected == pytest.approx(_by_facility(lost, scenario, facilities), rel=1e-8, abs=1e-7)


@pytest.mark.parametrize("seed", range(10))
def test_one_sweep_loses_what_is_lost_before_contagion_and_never_more_than_the_end(seed: int) -> None:
    book, params = _world(seed, "threshold")
    facilities = len(book.due)
    ours = book.ledger.facility[LENDER] < 0
    sets = [[0], [1, 3], [0, 2, 5], [6]]
    first = ledger_stage(book.ledger, Rule(code=THRESHOLD), np.arange(facilities), sweeps=1)(_draws(*sets))
    last = ledger_stage(book.ledger, Rule(code=THRESHOLD), np.arange(facilities))(_draws(*sets))
    for scenario, down in enumerate(sets):
        one, end = (_by_facility(lost, scenario, facilities) for lost in (first, last))
        assert (one <= end + 1e-9).all()
        if ours.all():
            assert _spread(book, params, down).bank_loss_before == pytest.approx(one.sum(), rel=1e-9, abs=1e-9)


def test_a_scenario_leaves_nothing_behind_for_the_next() -> None:
    book, _ = _world(3, "threshold")
    stage = ledger_stage(book.ledger, Rule(code=THRESHOLD), np.arange(len(book.due)))
    together = stage(_draws([0, 4], [], [2], [0, 4], [5, 5]))
    for scenario, down in enumerate(([0, 4], [], [2], [0, 4], [5])):
        alone = _by_facility(stage(_draws(down)), 0, len(book.due))
        assert alone.tolist() == _by_facility(together, scenario, len(book.due)).tolist()


def test_a_ring_of_guarantees_by_hand() -> None:
    """P1 pays its 30 for P0's 50 and is gone, P2 for P1, and so on: the bank loses 20 each, and 50 on the last."""
    book, _, _ = prepare(graph_of(**ring(5)), Params(layers=LAYERS), Inputs())
    stage = ledger_stage(book.ledger, Rule(code=THRESHOLD), np.arange(5))
    assert [20.0, 20.0, 20.0, 20.0, 50.0] == _by_facility(stage(_draws([0])), 0, 5).tolist()
    first = ledger_stage(book.ledger, Rule(code=THRESHOLD), np.arange(5), sweeps=1)
    assert [20.0, 0.0, 0.0, 0.0, 0.0] == _by_facility(first(_draws([0])), 0, 5).tolist()


def test_many_losses_outgrow_the_first_room() -> None:
    book, _, _ = prepare(graph_of(**ring(1500)), Params(layers=LAYERS), Inputs())
    stage = ledger_stage(book.ledger, Rule(code=THRESHOLD), np.arange(1500))
    lost = stage(_draws([0], [7]))
    assert [1500, 1500] == np.diff(lost.start).tolist()
    assert 2 * (1499 * 20.0 + 50.0) == lost.amount.sum()


def test_a_set_that_swings_for_ever_loses_the_most_of_its_swing() -> None:
    """Found by search: by DebtRank the calls of this book shift between guarantors without end."""
    book, params = _world(2602, "debtrank", size=8)
    with pytest.raises(ConvergenceError):
        _spread(book, params, [6])
    stage = ledger_stage(book.ledger, Rule(code=DEBTRANK), np.arange(len(book.due)))
    lost = stage(_draws([6], [], [6]))
    assert lost.untold[0] > 1e-6
    assert 0.0 == lost.untold[1]
    assert lost.untold[0] == lost.untold[2]
    swings = _by_facility(lost, 0, len(book.due))
    ours = book.ledger.facility[LENDER] < 0
    # Any point of the swing lies below.
    for rounds in range(500, 520):
        engine = engine_over(book.ledger, Rule(code=DEBTRANK), fresh_state(book.ledger), tolerance=1e-10)
        room = own_room(engine)
        shock = np.where(np.arange(book.graph.size) == 6, book.ledger.equity, 0.0)
        hit_all(engine, room, np.array([6]), shock, np.zeros_like(shock), np.zeros_like(shock))
        state = room.state
        for _ in range(rounds):
            sweep(book.ledger, engine.rule, state)
        assert (np.where(ours, state.facility_money[UNPAID], 0.0) <= swings + 1e-6).all()


def test_what_the_stage_cannot_do_is_refused() -> None:
    rows = ring(4)
    book, _, _ = prepare(graph_of(**rows), Params(layers=LAYERS), Inputs())
    with pytest.raises(UsageError, match="threshold"):
        ledger_stage(book.ledger, Rule(code=CLEARING), np.arange(4))
    rows["financials"][2]["equity"] = 0.0
    broken, _, _ = prepare(graph_of(**rows), Params(layers=LAYERS), Inputs())
    with pytest.raises(UsageError, match="before the draw"):
        ledger_stage(broken.ledger, Rule(code=THRESHOLD), np.arange(4))
