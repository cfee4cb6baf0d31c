from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import DataError, UsageError
from tests.published.models.firesale import BankBooks, beta_of, bounded_impact, fire_sale, vulnerability
from tests.published.read import CONTAGION, published


def eba_2018() -> BankBooks:
    rows = [line.split() for line in (CONTAGION / "firesale_eba2018_input.csv").read_text().splitlines()[1:]]
    capital, leverage, securities = (np.array([float(row[k]) for row in rows]) for k in (1, 2, 3))
    government = np.array([sum(float(part) for part in row[4].split("+")) for row in rows])
    assets = capital / (leverage / 100)
    cash, debt = 0.05 * assets, (assets - capital) / 2
    return BankBooks(
        cash=cash,
        holdings=np.column_stack([securities - government, government]),
        other_assets=assets - securities - cash,
        loans=debt,
        other_liabilities=debt,
    )


@pytest.mark.parametrize(
    "case", published("firesale_eba2018_expected.json"), ids=lambda c: f"{c['initial_shock']}-{c['price_impact']}"
)
def test_the_48_banks_of_2018_in_24_scenarios(case):
    books = eba_2018()
    ran = fire_sale(books, [0.0, case["initial_shock"]], beta_of(case["price_impact"])).shocked
    assert case["defaults_per_round"] == ran.defaults_per_step().tolist()
    quantity = books.holdings.sum(axis=0)
    np.testing.assert_allclose(ran.sold[1:] @ quantity / quantity.sum(), case["fraction_sold_per_round"], atol=1e-12)
    np.testing.assert_allclose(ran.prices[-1], [case["prices"]["1"], case["prices"]["2"]], rtol=0, atol=1e-12)
    assert case["eose"] == ran.systemic_extent()


def test_the_run_without_a_shock_is_always_beside_the_result():
    """The data starts below the buffer: 1.97 % of all securities are sold before anything happened."""
    books = eba_2018()
    ran = fire_sale(books, [0.0, 0.1], 0.0)
    quantity = books.holdings.sum(axis=0)
    assert 0.0197 == pytest.approx(ran.baseline.sold[-1] @ quantity / quantity.sum(), abs=5e-5)
    assert ran.shocked.sold[-1].sum() > ran.baseline.sold[-1].sum()


def books_of(seed: int, n: int) -> BankBooks:
    rng = np.random.default_rng(seed)
    holdings = rng.exponential(10, (n, 3)) * (rng.random((n, 3)) < 0.7)
    other, cash = rng.exponential(20, n) + 1, rng.exponential(2, n)
    assets = holdings.sum(1) + other + cash
    debt = assets * rng.uniform(0.9, 0.98, n)
    return BankBooks(cash=cash, holdings=holdings, other_assets=other, loans=debt / 2, other_liabilities=debt / 2)


@given(st.integers(0, 10_000), st.floats(0, 0.3))
@settings(deadline=None, max_examples=40)
def test_nobody_sells_more_than_it_has_and_the_order_of_banks_does_not_matter(seed, fall):
    books = books_of(seed, 6)
    ran = fire_sale(books, fall, beta_of(0.03)).shocked
    assert ((ran.sold >= 0) & (ran.sold <= 1 + 1e-12)).all()
    assert (np.diff(ran.sold, axis=0) >= 0).all()
    assert (np.diff(ran.prices, axis=0) <= 0).all()
    turn = np.random.default_rng(seed).permutation(6)
    other = BankBooks(**{name: getattr(books, name)[turn] for name in BankBooks.__dataclass_fields__})
    turned = fire_sale(other, fall, beta_of(0.03)).shocked
    np.testing.assert_allclose(turned.prices, ran.prices, rtol=1e-12)
    assert ran.default_step[turn].tolist() == turned.default_step.tolist()


def test_without_price_impact_a_sale_at_the_price_leaves_equity_alone():
    books = books_of(3, 5)
    before = books.cash + books.holdings.sum(1) + books.other_assets - books.loans - books.other_liabilities
    np.testing.assert_allclose(fire_sale(books, 0.0, 0.0).shocked.equity, before, rtol=1e-12, atol=1e-12)


def test_one_bank_by_hand():
    """Assets 100 (10 cash, 40 bonds, 50 other), debt 97: leverage 3 %, to be 5 %: 40 too many, 10 paid, 30 sold."""
    books = BankBooks(
        cash=np.array([10.0]),
        holdings=np.array([[40.0]]),
        other_assets=np.array([50.0]),
        loans=np.array([97.0]),
        other_liabilities=np.zeros(1),
    )
    ran = fire_sale(books, 0.0, beta_of(0.1, sold=0.75), minimum=0.02, steps=2).shocked
    assert [0.0, 0.0, 0.75] == ran.sold[:, 0].tolist()
    np.testing.assert_allclose(ran.prices[:, 0], [1.0, 1.0, 0.9])
    # 30 sold at 0.95 and 10 kept at 0.9: 2.5 lost of an equity of 3.
    np.testing.assert_allclose(ran.equity, [0.5])
    assert [2] == ran.default_step.tolist()


def test_the_bounded_impact_never_breaks_the_floor():
    assert 0.4 == pytest.approx(float(bounded_impact(1e12, 1.0, depth=10.0, floor=0.6)))
    assert 0.0 == float(bounded_impact(5.0, 0.6, depth=10.0, floor=0.6))
    # A small sale costs q / D whatever the floor: here 0.01 / 10.
    assert 0.001 == pytest.approx(float(bounded_impact(0.01, 1.0, depth=10.0, floor=0.6)), rel=2e-3)


def test_two_vulnerable_banks_by_hand():
    """Bank 0: assets 100, debt 90, all in asset 0. Bank 1: assets 50, debt 25, half in each. Asset 0 falls by 1 %.

    Sales: 100 x 9 x 1 % = 9 of asset 0; 50 x 1 x 0.5 % = 0.25, an eighth of 1 each. Prices fall by 0.001 per 1 sold:
    asset 0 by 0.009125, asset 1 by 0.000125. Bank 0 loses 0.9125 of 10; bank 1 25 x (0.009125 + 0.000125) of 25.
    """
    caused, suffered = vulnerability(
        np.array([100.0, 50.0]),
        np.array([[1.0, 0.0], [0.5, 0.5]]),
        np.array([9.0, 1.0]),
        np.array([0.001, 0.001]),
        np.array([-0.01, 0.0]),
    )
    np.testing.assert_allclose(suffered, [0.09125, 0.00925], rtol=1e-12)
    total = 0.9125 + 0.23125
    np.testing.assert_allclose(caused.sum() * 35, total, rtol=1e-12)
    np.testing.assert_allclose(caused * 35, [0.009 * 125, 0.000125 * 150], rtol=1e-12)


def test_wrong_input_is_refused():
    books = books_of(1, 3)
    with pytest.raises(UsageError, match="price_fall"):
        fire_sale(books, 1.5, 0.1)
    with pytest.raises(UsageError, match="minimum"):
        fire_sale(books, 0.1, 0.1, minimum=0.05, buffer=0.04)
    short = BankBooks(**{**{k: getattr(books, k) for k in BankBooks.__dataclass_fields__}, "holdings": -books.holdings})
    with pytest.raises(DataError, match="short"):
        fire_sale(short, 0.1, 0.1)
