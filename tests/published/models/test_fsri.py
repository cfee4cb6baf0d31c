from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import DataError
from tests.published.models.esri import cascade
from tests.published.models.esri_network import supply_network
from tests.published.models.fsri import bank_losses, firm_defaults


def test_a_chain_of_three_firms_and_two_banks_by_hand():
    """0 supplies 1 supplies 2, each the only source of something essential; 0 stops and everything stops."""
    network = supply_network([0, 1], [1, 2], [10.0, 10.0], [0, 1, 2], np.full((3, 3), 2))
    ran = cascade(network, [0.0, 1.0, 1.0], eps=1e-12)
    firms = firm_defaults(
        ran.downstream,
        ran.upstream,
        revenue=np.array([10.0, 12.0, 20.0]),
        material_cost=np.array([0.0, 10.0, 12.0]),
        equity=np.array([50.0, 2.0, 100.0]),
        short_assets=np.array([20.0, 50.0, 9.0]),
        short_liabilities=np.array([5.0, 10.0, 1.0]),
    )
    assert [10.0, 2.0, 8.0] == firms.profit_loss.tolist()
    assert [False, True, False] == firms.by_equity.tolist()
    assert [False, False, True] == firms.by_liquidity.tolist()
    assert () == firms.notes()
    lost = bank_losses(firms, [[100.0, 30.0, 0.0], [0.0, 5.0, 45.0]], np.array([60.0, 40.0]))
    assert [30.0, 50.0] == lost.caused.tolist()
    assert [0.5, 1.0] == lost.fraction.tolist()
    assert 0.7 == pytest.approx(lost.fsri, abs=1e-15)
    half = bank_losses(firms, [[100.0, 30.0, 0.0], [0.0, 5.0, 45.0]], np.array([60.0, 40.0]), lgd=0.5)
    assert (15.0 + 25.0) / 100.0 == pytest.approx(half.fsri, abs=1e-15)


def test_firms_that_public_code_drops_are_named_and_their_loans_kept():
    firms = firm_defaults(
        np.array([0.5, 0.5, 0.5, 0.5, 0.5]),
        np.ones(5),
        revenue=np.array([10.0, 10.0, 5.0, 10.0, np.nan]),
        material_cost=np.array([0.0, 0.0, 8.0, 0.0, 0.0]),
        equity=np.array([-3.0, 20.0, 1.0, 4.0, 5.0]),
        short_assets=np.array([1.0, 1.0, 1.0, 1.0, 1.0]),
        short_liabilities=np.array([9.0, 9.0, 0.0, 9.0, 9.0]),
    )
    assert [True, False, False, False, False] == firms.initial.tolist()
    assert [False, False, False, True, False] == firms.caused.tolist()
    assert [
        "1 firms have no positive equity: in default before the shock, their loans are the baseline",
        "1 firms have no positive margin: lost output costs them no profit",
        "3 firms have no positive or no known liquidity: only equity is tested",
        "1 firms have no known equity or margin: they default by no test",
    ] == list(firms.notes())
    lost = bank_losses(firms, [[7.0, 7.0, 7.0, 2.0, 7.0]], np.array([8.0]))
    assert ([7.0], [2.0]) == (lost.baseline.tolist(), lost.caused.tolist())
    # The baseline leaves 1 of the bank's equity, so that the shock can take only that.
    assert (0.125, [0.125]) == (lost.fsri, lost.fraction.tolist())


def test_a_bank_without_equity_is_outside_the_sum_and_said():
    firms = firm_defaults(
        np.zeros(1), np.zeros(1), revenue=np.ones(1) * 9, material_cost=np.zeros(1), equity=np.ones(1)
    )
    lost = bank_losses(firms, [[5.0], [5.0]], np.array([0.0, 10.0]))
    assert ([True, False], 0.5, [1.0, 0.5]) == (lost.insolvent.tolist(), lost.fsri, lost.fraction.tolist())


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=50)
def test_deeper_loss_of_output_never_helps_a_bank(seed):
    rng = np.random.default_rng(seed)
    n, banks = 6, 3
    figures = {
        "revenue": rng.exponential(10, n),
        "material_cost": rng.exponential(4, n),
        "equity": rng.normal(3, 3, n),
        "short_assets": rng.exponential(4, n),
        "short_liabilities": rng.exponential(3, n),
    }
    h = rng.random(n)
    loans, own = rng.exponential(2, (banks, n)), rng.exponential(10, banks)
    mild = bank_losses(firm_defaults(h, np.ones(n), **figures), loans, own)
    deep = bank_losses(firm_defaults(h * 0.5, np.ones(n), **figures), loans, own)
    assert (deep.caused >= mild.caused).all()
    assert 0.0 <= mild.fsri <= deep.fsri <= 1.0
    none = bank_losses(firm_defaults(np.ones(n), np.ones(n), **figures), loans, own)
    assert 0.0 == none.fsri == none.caused.sum()


def test_wrong_input_is_refused():
    with pytest.raises(DataError, match="fraction"):
        firm_defaults(np.array([-0.5]), np.ones(1), revenue=np.ones(1), material_cost=np.ones(1), equity=np.ones(1))
    firms = firm_defaults(np.ones(1), np.ones(1), revenue=np.ones(1), material_cost=np.ones(1), equity=np.ones(1))
    with pytest.raises(DataError, match="do not fit"):
        bank_losses(firms, [[1.0, 2.0]], np.ones(1))
    with pytest.raises(DataError, match="not negative"):
        bank_losses(firms, [[-1.0]], np.ones(1))
