from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from graphrisk.errors import UsageError
from tests.published.models import valuation
from tests.published.models.clearing import clear, clearing_system
from tests.published.models.valuation import revalue
from tests.published.read import published


def test_barucca_s_three_banks_in_five_valuations():
    case = published("barucca_3bank.json")
    debts = np.array(case["interbank_liabilities_L"])
    outside, before = np.array(case["external_liabilities"]), np.array(case["equity_before_shock"])
    assets = np.array(case["external_assets"]) * (1 - case["uniform_shock_on_external_assets"])
    assert case["equity_after_shock_before_contagion"] == (assets - outside + debts.sum(0) - debts.sum(1)).tolist()
    inside = debts.sum(1)
    for name, function in {
        "furfine_R0": valuation.furfine(0.0),
        "eisenberg_noe_external_senior": valuation.eisenberg_noe(inside),
        "eisenberg_noe_pari_passu(NEVA convention)": valuation.eisenberg_noe(inside + outside),
        "linear_debtrank": valuation.linear_debtrank(before),
        # NEVA's own Merton: cleared among the banks at maturity, of which 0.7 is recovered after a default.
        "neva_merton_sigma0.1_R0.7": valuation.merton_clearing(assets, 0.1, inside, beta=0.7),
    }.items():
        valued = revalue(debts.T, assets, outside, function)
        np.testing.assert_allclose(valued.equity, case["expected_equity"][name], rtol=0, atol=1e-12, err_msg=name)
        assert valued.residual < 1e-14


def test_each_bank_of_the_chain_is_valued_by_its_own_equity():
    """NEVA 0.3 values every bank by the last bank's equity; its answer is in the file and is not ours."""
    case = published("neva_chain.json")
    claims = np.array(case["L"]).T
    for one in case["cases"]:
        assets = np.array(case["external_assets"]) - one["shock"]
        valued = revalue(claims, assets, case["external_liabilities"], valuation.linear_debtrank(case["equity0"]))
        np.testing.assert_allclose(valued.equity, one["linear_debtrank_equity"], rtol=0, atol=1e-12)
        assert np.abs(valued.equity - one["neva_0_3_shock_and_solve_WRONG"]).max() > 0.04


@pytest.mark.parametrize(("recovery", "name"), [(0.0, "threshold_R0"), (0.4, "threshold_R04")])
def test_furfine_on_the_three_banks_of_systemicrisk(recovery, name):
    case = published("clearing_3bank_systemicrisk.json")
    valued = revalue(
        np.transpose(case["L"]), case["external_assets"], case["external_liabilities"], valuation.furfine(recovery)
    )
    assert case["expected"][name] == (valued.equity < 0).astype(int).tolist()


@given(st.integers(0, 100_000), st.sampled_from([(1.0, 1.0), (0.5, 0.7), (0.8, 0.8)]))
@settings(deadline=None, max_examples=60)
def test_clearing_is_the_valuation_with_costs(seed, costs):
    """With value (alpha - beta) A^e + beta max(E + pbar, 0) over pbar, NEVA and clearing are one model."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 8))
    debts = rng.exponential(10.0, (n, n)) * (rng.random((n, n)) < 0.5)
    np.fill_diagonal(debts, 0.0)
    outside, assets = rng.exponential(3.0, n), rng.exponential(6.0, n)
    cleared = clear(clearing_system(debts, outside), assets, alpha=costs[0], beta=costs[1], method="picard")
    function = valuation.rogers_veraart(cleared.owed, assets, alpha=costs[0], beta=costs[1])
    valued = revalue(debts.T, assets, outside, function)
    np.testing.assert_allclose(valued.equity, cleared.equity, rtol=0, atol=1e-8 * max(1, debts.max()))
    np.testing.assert_allclose(valued.value * cleared.owed, cleared.payment, rtol=0, atol=1e-8 * max(1, debts.max()))


@given(st.floats(-3, 2), st.floats(0.05, 0.8), st.floats(0.2, 3), st.floats(0, 1))
@settings(deadline=None, max_examples=60)
def test_ex_ante_values_are_the_expected_payoff(equity, sigma, owed, beta):
    """The closed forms against quadrature over lognormal assets of mean 1."""
    assets = np.ones(1)
    e = np.array([equity])

    def at_maturity(x):
        end = np.exp(sigma * x - sigma**2 / 2)
        return equity - 1 + end

    edges = [np.log(k) / sigma + sigma / 2 for k in (1 - equity, 1 - equity - owed) if k > 0]
    points = sorted(p for p in edges if -12 < p < 12)

    def expected(payoff):
        return integrate.quad(
            lambda x: payoff(at_maturity(x)) * stats.norm.pdf(x), -12, 12, points=points, epsabs=1e-12, limit=200
        )[0]

    plain = valuation.merton(assets, sigma, recovery=beta)(e)[0]
    assert plain == pytest.approx(expected(lambda end: 1.0 if end > 0 else beta), abs=1e-8)
    cleared = valuation.merton_clearing(assets, sigma, np.array([owed]), beta=beta)(e)[0]
    payoff = expected(lambda end: 1.0 if end > 0 else beta * max(end + owed, 0.0) / owed)
    assert cleared == pytest.approx(payoff, abs=1e-8)


def test_black_cox_is_the_chance_to_touch_the_barrier():
    rng = np.random.default_rng(7)
    sigma, equity, steps, paths = 0.3, 0.25, 400, 40_000
    moves = sigma / np.sqrt(steps) * rng.standard_normal((paths, steps)) - sigma**2 / 2 / steps
    position = np.cumsum(moves, axis=1)
    barrier = np.log(1 - equity)
    # Between two points a Brownian bridge touches the barrier with a known chance: no bias from the steps.
    last = np.hstack([np.zeros((paths, 1)), position[:, :-1]])
    above = (last > barrier) & (position > barrier)
    safe = np.where(above, 1 - np.exp(-2 * (last - barrier) * (position - barrier) / (sigma**2 / steps)), 0.0)
    simulated = 1 - safe.prod(axis=1).mean()
    closed = 1 - valuation.black_cox(np.ones(1), sigma)(np.array([equity]))[0]
    assert closed == pytest.approx(simulated, abs=0.01)
    ends = 1 - valuation.merton(np.ones(1), sigma)(np.array([equity]))[0]
    assert closed > ends
    assert [0.4, 1.0] == valuation.black_cox(np.ones(2), sigma, recovery=0.4)(np.array([0.0, 1.0])).tolist()


MAKERS = {
    "furfine": lambda n, rng: valuation.furfine(0.4),
    "eisenberg_noe": lambda n, rng: valuation.eisenberg_noe(rng.exponential(5, n)),
    "linear_debtrank": lambda n, rng: valuation.linear_debtrank(rng.normal(2, 2, n)),
    "merton": lambda n, rng: valuation.merton(rng.exponential(5, n), 0.2, recovery=0.3),
    "merton_clearing": lambda n, rng: valuation.merton_clearing(rng.exponential(5, n), 0.2, rng.exponential(5, n)),
    "black_cox": lambda n, rng: valuation.black_cox(rng.exponential(5, n), 0.2),
}


@pytest.mark.parametrize("name", sorted(MAKERS))
@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=25)
def test_values_lie_in_0_1_and_rise_with_equity(name, seed):
    rng = np.random.default_rng(seed)
    function = MAKERS[name](6, rng)
    low = rng.normal(0, 5, 6)
    high = low + rng.exponential(1, 6)
    assert ((function(low) >= 0) & (function(high) <= 1)).all()
    assert (function(high) >= function(low) - 1e-12).all()


def test_nonsense_parameters_are_refused():
    with pytest.raises(UsageError, match="sigma"):
        valuation.merton(np.ones(2), 0.0)
    with pytest.raises(UsageError, match="recovery"):
        valuation.furfine(1.2)
