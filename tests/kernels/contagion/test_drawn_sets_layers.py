"""The stage over the ledger with production and prices: every set against a whole run of contagion, from the start."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.cascade.layers import STOPS, price_assets
from graphrisk.cascade.params import Params, rule_of
from graphrisk.cascade.run import no_shock, prepare, spread_shock
from graphrisk.errors import ConvergenceError
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.drawn_sets import LedgerStage, ledger_stage
from graphrisk.kernels.contagion.engine import hit_all, own_room
from graphrisk.kernels.contagion.ledger import LENDER, THRESHOLD, Rule
from graphrisk.kernels.contagion.price_impact import assets_of
from graphrisk.kernels.contagion.production_in_turn import let_settle
from graphrisk.kernels.contagion.supply_losses import no_supply
from graphrisk.kernels.portfolio.copula import Draws
from graphrisk.kernels.portfolio.default_spread import Losses
from graphrisk.model.result import Inputs
from tests.analyze.contagion_books import random_book
from tests.worlds.build import graph_of, parties

TOLERANCE = 1e-12


def _book(seed: int, params: Params) -> Book:
    rows = random_book(seed, size=9)
    for row in rows["financials"]:
        row["equity"] = max(row["equity"], 1.0)  # nobody is in default before the draw
    return prepare(graph_of(**{name: table for name, table in rows.items() if table}), params, Inputs())[0]


def _stage(book: Book, params: Params) -> LedgerStage:
    return ledger_stage(
        book.ledger,
        rule_of(params),
        np.arange(len(book.due)),
        supply=book.supply,
        profit=book.profit,
        stops=STOPS[params.supply_default],
        staged=params.schedule == "staged",
        assets=price_assets(book, params),
        tolerance=params.tolerance,
    )


def _draws(sets: list[list[int]]) -> Draws:
    start = np.cumsum([0, *map(len, sets)])
    return Draws(np.arange(len(sets)), start, np.array([p for each in sets for p in each], dtype=np.int64))


def _by_facility(lost: Losses, scenario: int, facilities: int) -> np.ndarray:
    part = slice(lost.start[scenario], lost.start[scenario + 1])
    return np.bincount(lost.unit[part], lost.amount[part], facilities)


@given(
    seed=st.integers(0, 100_000),
    rule=st.sampled_from(["threshold", "debtrank"]),
    supply_default=st.sampled_from(["default", "linear"]),
    schedule=st.sampled_from(["joint", "staged"]),
    impact=st.sampled_from([(0.0, None), (0.7, None), (2.0, 40.0)]),
    recovery=st.sampled_from([0.0, 0.3]),
    recourse=st.sampled_from([1.0, 0.4]),
)
@settings(deadline=None, max_examples=80)
def test_every_set_loses_what_a_whole_run_of_it_loses(
    seed: int,
    rule: str,
    supply_default: str,
    schedule: str,
    impact: tuple[float, float | None],
    recovery: float,
    recourse: float,
) -> None:
    params = Params(
        rule=rule, supply_default=supply_default, schedule=schedule, impact_beta=impact[0], impact_depth=impact[1],
        recovery=recovery, recourse=recourse, tolerance=TOLERANCE,
    )  # fmt: skip
    book = _book(seed, params)
    dice = np.random.default_rng(seed)
    sets = [np.flatnonzero(dice.random(book.graph.size) < 0.3).tolist() for _ in range(4)]
    lost = _stage(book, params)(_draws(sets))
    ours = book.ledger.facility[LENDER] < 0
    for scenario, down in enumerate(sets):
        fraction = np.zeros(book.graph.size)
        fraction[down] = 1.0
        shock = dataclasses.replace(no_shock(book), fraction=fraction, given=True)
        if lost.untold[scenario]:
            with pytest.raises(ConvergenceError):
                spread_shock(book, shock, params, explain=False)
            continue
        expected = np.where(ours, spread_shock(book, shock, params, explain=False).balance.unpaid, 0.0)
        found = _by_facility(lost, scenario, len(book.due))
        assert expected == pytest.approx(found, rel=1e-9, abs=1e-9 * float(book.due.sum()))


@pytest.mark.parametrize("schedule", ["joint", "staged"])
@pytest.mark.parametrize("seed", [1, 5, 8])
def test_a_scenario_leaves_nothing_behind_for_the_next(seed: int, schedule: str) -> None:
    params = Params(rule="debtrank", supply_default="linear", schedule=schedule, impact_beta=1.0)
    book = _book(seed, params)
    assert book.supply is not None
    stage = _stage(book, params)
    sets = [[0, 4], [], [2], [0, 4], [5], [1, 3, 6, 7], [0, 4]]
    together = stage(_draws(sets))
    for scenario, down in enumerate(sets):
        alone = _by_facility(stage(_draws([down])), 0, len(book.due))
        assert alone.tolist() == _by_facility(together, scenario, len(book.due)).tolist()


@pytest.mark.parametrize("schedule", ["joint", "staged"])
@pytest.mark.parametrize("rule", ["threshold", "debtrank"])
def test_what_one_more_default_adds_is_the_difference_of_two_runs(rule: str, schedule: str) -> None:
    told = 0
    for seed in range(12):
        params = Params(rule=rule, schedule=schedule, impact_beta=0.5 * (seed % 2), tolerance=TOLERANCE)
        book = _book(seed, params)
        stage, everybody = _stage(book, params), np.arange(book.graph.size)
        down = np.flatnonzero(np.random.default_rng(seed).random(book.graph.size) < 0.2)
        added = stage.added_by(down, everybody)
        one_more = [np.setxor1d(down, [p]).tolist() for p in everybody]  # of those drawn: one less
        lost = stage(_draws([down.tolist(), *one_more]))
        total = np.array([_by_facility(lost, n, len(book.due)).sum() for n in range(1 + len(everybody))])
        known = ~np.isnan(added) & (lost.untold[1:] == 0.0)
        told += int(known.sum())
        more = np.where(np.isin(everybody, down), -1.0, 1.0) * (total[1:] - total[0])
        assert more[known] == pytest.approx(added[known], rel=1e-7, abs=1e-7 * float(book.due.sum()))
    assert told > 90


@pytest.mark.parametrize("rule", ["threshold", "debtrank"])
def test_steps_are_the_stages_that_they_stand_for(rule: str) -> None:
    """The first sweep and contracts alone; the end within the tolerance of a run that lets nothing wait.

    The stage in steps runs over the book in memory order, the others over the book as it is.
    """
    for seed in range(16):
        params = Params(rule=rule, tolerance=TOLERANCE)
        book = _book(seed, params)
        stage, none = _stage(book, params), no_supply(book.graph.size)
        assert stage.in_steps
        args = book.ledger, rule_of(params), np.arange(len(book.due))
        alone = ledger_stage(*args, supply=none, sweeps=1), ledger_stage(*args, supply=none, tolerance=TOLERANCE)
        dice = np.random.default_rng(seed)
        draws = _draws([np.flatnonzero(dice.random(book.graph.size) < part).tolist() for part in (0.1, 0.0, 0.3, 0.5)])
        steps = stage.each_step(draws)
        size = len(book.due)
        for step, expected in zip(steps, (one(draws) for one in alone), strict=False):
            for scenario in range(4):
                found = _by_facility(step, scenario, size)
                assert _by_facility(expected, scenario, size) == pytest.approx(found, rel=1e-13)
        directly = dataclasses.replace(stage, in_steps=False)(draws)
        for scenario in range(4):
            if not directly.untold[scenario]:
                expected = _by_facility(directly, scenario, size)
                assert expected == pytest.approx(_by_facility(steps[-1], scenario, size), rel=1e-9)


def test_a_supplier_by_hand() -> None:
    """S fails and B, who needs its parts, stops: a profit of 30 is more than an equity of 20, and 50 more are lost."""
    for equity, lost in ((20.0, 60.0), (40.0, 10.0)):
        graph = graph_of(
            parties=parties("B", "S"),
            financials=[
                {"party_id": "S", "equity": 5.0},
                {"party_id": "B", "equity": equity, "sales": 100.0, "material_cost": 70.0},
            ],
            supplies=[{"supplier_id": "S", "buyer_id": "B", "amount": 10.0, "essential": True}],
            facilities=[
                {"facility_id": "FB", "borrower_id": "B", "outstanding": 50.0},
                {"facility_id": "FS", "borrower_id": "S", "outstanding": 10.0},
            ],
        )
        book, _, _ = prepare(graph, Params(), Inputs())
        assert lost == _stage(book, Params())(_draws([[1]])).amount.sum()


def test_a_sale_by_hand() -> None:
    """A's house of 100 is sold: all houses (400) fall by exp(-1/4), and so does what A's own pays for its loan of 90.

    B's house covers less of B's loan, but B pays: only A's bank loses.
    """
    graph = graph_of(
        parties=parties("A", "B"),
        financials=[{"party_id": "A", "equity": 5.0}, {"party_id": "B", "equity": 1000.0}],
        facilities=[
            {"facility_id": "FA", "borrower_id": "A", "outstanding": 100.0},
            {"facility_id": "FB", "borrower_id": "B", "outstanding": 300.0},
        ],
        collateral=[
            {"collateral_id": "CA", "owner_id": "A", "value": 100.0, "kind": "real_estate"},
            {"collateral_id": "CB", "owner_id": "B", "value": 300.0, "kind": "real_estate"},
        ],
        pledges=[{"facility_id": "FA", "collateral_id": "CA"}, {"facility_id": "FB", "collateral_id": "CB"}],
    )
    params = Params(impact_beta=1.0)
    book, _, _ = prepare(graph, params, Inputs())
    lost = _stage(book, params)(_draws([[0], [0, 1]]))
    assert 100.0 * (1.0 - np.exp(-0.25)) == pytest.approx(_by_facility(lost, 0, 2)[0], rel=1e-12)
    assert [100.0 * (1.0 - np.exp(-1.0)), 300.0 * (1.0 - np.exp(-1.0))] == pytest.approx(_by_facility(lost, 1, 2))


def test_what_prices_take_is_added_to_a_stated_loss_up_to_the_whole_loan() -> None:
    graph = graph_of(
        parties=parties("A"),
        facilities=[{"facility_id": "FA", "borrower_id": "A", "outstanding": 100.0}],
        collateral=[{"collateral_id": "CA", "owner_id": "A", "value": 100.0, "kind": "real_estate"}],
        pledges=[{"facility_id": "FA", "collateral_id": "CA"}],
    )
    book, _, _ = prepare(graph, Params(), Inputs())
    for stated, expected in ((40.0, 40.0 + 100.0 * (1.0 - np.exp(-0.5))), (70.0, 100.0)):
        ledger = book.ledger._replace(uncovered=np.array([stated]))
        own = assets_of(book.pledges, book.pledge_row, beta=0.5, depth=np.array([100.0]), stated=ledger.uncovered)
        stage = ledger_stage(ledger, Rule(code=THRESHOLD), np.arange(1), assets=own)
        assert [expected] == pytest.approx(stage(_draws([[0]])).amount.tolist(), rel=1e-12)
        assert [expected] == pytest.approx(stage(_draws([[0]])).amount.tolist(), rel=1e-12)


def test_production_that_does_not_settle_says_so() -> None:
    """Two firms in a closed circle of deliveries lose production for ever more slowly: 9 parts in 10 a pass."""
    ids = ("A", "B", "C")
    graph = graph_of(
        parties=parties(*ids),
        financials=[{"party_id": i, "equity": 50.0, "sales": 10.0, "material_cost": 5.0} for i in ids],
        supplies=[
            {"supplier_id": a, "buyer_id": b, "amount": amount}
            for a, b, amount in (("A", "B", 1.0), ("B", "C", 9.0), ("C", "B", 9.0))
        ],
        facilities=[{"facility_id": f"F{i}", "borrower_id": i, "outstanding": 5.0} for i in ids],
    )
    book, _, _ = prepare(graph, Params(), Inputs())
    assert book.supply is not None
    stage = _stage(book, Params())
    assert 5.0 == stage(_draws([[0]])).amount.sum()
    engine = stage.engine
    room = own_room(engine)
    assert room.supplies is not None
    taken = np.array([50.0, 0.0, 0.0])
    hit_all(engine, room, np.array([0]), taken, np.zeros(3), np.zeros(3))
    assert -1 == let_settle(room.supplies.supply, room.supplies.made, True, 1e-10, 3), "three passes do not do"
    assert let_settle(room.supplies.supply, room.supplies.made, True, 1e-10, 1_000) > 0
