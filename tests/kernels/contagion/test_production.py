"""The supply step against totals: the recursion of `esri`, which meets the published scores, with its leaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.contagion.ledger import Floats
from graphrisk.kernels.contagion.production import (
    DOWN,
    OWN,
    UP,
    lose_by_itself,
    one_pass,
    production_at,
    work_out_all,
)
from graphrisk.kernels.contagion.production_in_turn import let_settle
from graphrisk.kernels.contagion.supply_losses import Supply, supply_rows
from tests.published.models import esri
from tests.published.models.esri_network import supply_network


def ended(supply: Supply, floor: Floats, tolerance: float = 1e-13) -> tuple[Floats, Floats]:
    """Return the losses for want of inputs and of orders, step by step from `floor`."""
    level = np.zeros((len(floor), 10))
    level[:, DOWN] = level[:, UP] = floor
    made = production_at(supply, len(floor), level)
    for _ in range(100_000):
        if work_out_all(supply, made, floor) <= tolerance:
            return made.level[:, DOWN].copy(), made.level[:, UP].copy()
    raise AssertionError("production does not settle")


@given(seed=st.integers(0, 100_000), leak=st.sampled_from([0.0, 0.3, 2.0]))
@settings(deadline=None, max_examples=60)
def test_without_markets_totals_are_the_revenue_and_costs_of_the_published_correction(seed: int, leak: float) -> None:
    rng = np.random.default_rng(seed)
    size, kinds = 8, 3
    industry = rng.integers(0, kinds, size)
    classes = rng.integers(1, 3, (kinds, kinds))
    giver, taker = np.nonzero((rng.random((size, size)) < 0.35) & ~np.eye(size, dtype=bool))
    amount = rng.uniform(1, 10, len(giver))
    # An essential input counts by its industry in both only where that is its market: here each buyer has one maker.
    own = np.arange(size)
    table = classes[np.ix_(industry, industry)]
    sold = np.bincount(giver, amount, size) * (1.0 + leak * rng.random(size))
    bought = np.bincount(taker, amount, size) * (1.0 + leak * rng.random(size))
    network = supply_network(giver, taker, amount, own, table, market=own, revenue=sold, costs=bought)
    essential = table[giver, taker] == 2
    supply, _ = supply_rows(giver, taker, amount, essential, own, size, sold=sold, bought=bought)
    floor = np.where(rng.random(size) < 0.4, rng.random(size).round(2), 0.0)
    right = esri.cascade(network, 1.0 - floor, eps=1e-13)
    down, up = ended(supply, floor)
    np.testing.assert_allclose(down, 1.0 - right.downstream, rtol=0, atol=1e-9)
    np.testing.assert_allclose(up, 1.0 - right.upstream, rtol=0, atol=1e-9)


@given(seed=st.integers(0, 100_000))
@settings(deadline=None, max_examples=60)
def test_totals_that_are_unknown_or_recorded_change_nothing_and_larger_ones_lower_every_loss_of_orders(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    size = 9
    industry = rng.integers(0, 3, size)
    giver, taker = np.nonzero((rng.random((size, size)) < 0.3) & ~np.eye(size, dtype=bool))
    amount, essential = rng.uniform(1, 10, len(giver)), rng.random(len(giver)) < 0.4
    floor = np.where(rng.random(size) < 0.3, 1.0, 0.0)
    out, into = np.bincount(giver, amount, size), np.bincount(taker, amount, size)
    given_ = (giver, taker, amount, essential, industry, size)
    down, up = ended(supply_rows(*given_)[0], floor)
    for sold, bought in (
        (out, into),
        (np.full(size, np.nan), np.full(size, np.nan)),
        (out * 0.5, np.where(rng.random(size) < 0.5, np.nan, -into)),
    ):
        same = ended(supply_rows(*given_, sold=sold, bought=bought)[0], floor)
        np.testing.assert_allclose(same, (down, up), rtol=0, atol=1e-12)
    less = ended(supply_rows(*given_, sold=out * 3.0, bought=into * 2.0)[0], floor)
    assert (less[1] <= up + 1e-12).all()


def test_those_who_neither_deliver_nor_buy_here_stand_in_for_a_competitor() -> None:
    """Firm 0 sells 10 of its 40 to firm 1; firm 2 of its market sells 60 elsewhere: 40 of the 60 left are missed."""
    ints = np.array
    supply, _ = supply_rows(
        ints([0]), ints([1]), np.array([10.0]), ints([False]), ints([0, 1, 0]), 3,
        sold=np.array([40.0, 90.0, 60.0]), bought=np.array([np.nan, 20.0, np.nan]),
    )  # fmt: skip
    down, up = ended(supply, np.array([1.0, 0.0, 0.0]))
    assert [1.0, 0.5 * 40 / 60, 0.0] == pytest.approx(down.tolist())
    assert [1.0, 0.0, 0.0] == up.tolist()


def test_what_others_cost_a_firm_until_it_stopped_is_theirs_and_the_rest_its_own() -> None:
    """Firm 0 stops at once; firm 1 loses 60 % of its inputs by that, and only then stops: 60 are theirs, 40 its own."""
    ints = np.array
    supply, _ = supply_rows(
        ints([0]), ints([1]), np.array([60.0]), ints([False]), ints([0, 1]), 2, bought=np.array([np.nan, 100.0])
    )
    made = production_at(supply, 2)
    lose_by_itself(supply, made, 0, 1.0, True, 0.0)
    one_pass(supply, made, False, 0.0)
    assert (1.0, 0.6) == pytest.approx((made.level[0, OWN], made.level[1, DOWN]))
    assert 0.0 == made.level[1, OWN]
    lose_by_itself(supply, made, 1, 1.0, False, 0.0)
    one_pass(supply, made, False, 0.0)
    assert (1.0, 0.4) == pytest.approx((made.level[1, DOWN], made.level[1, OWN]))


@pytest.mark.parametrize(("part", "size", "linked"), [(0.3, 12, 0.25), (0.7, 12, 0.25), (0.95, 30, 0.06)])
@pytest.mark.parametrize("seed", range(20))
def test_firm_after_firm_ends_where_all_at_once_end(seed: int, part: float, size: int, linked: float) -> None:
    rng = np.random.default_rng(seed)
    giver, taker = np.nonzero((rng.random((size, size)) < linked) & ~np.eye(size, dtype=bool))
    given_ = (giver, taker, rng.uniform(1, 10, len(giver)), rng.random(len(giver)) < 0.4, rng.integers(0, 4, size))
    supply, _ = supply_rows(*given_, size)
    floor = np.where(rng.random(size) < part, 1.0, 0.0)
    made = production_at(supply, size)
    for firm in np.flatnonzero(floor):
        lose_by_itself(supply, made, firm, 1.0, True, 1e-13)
    assert let_settle(supply, made, True, 1e-13, 10_000) > 0
    np.testing.assert_allclose((made.level[:, DOWN], made.level[:, UP]), ended(supply, floor), rtol=0, atol=1e-11)
