from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.credit import irb
from graphrisk.kernels.portfolio import vasicek
from tests.published.models import creditriskplus, davis_lo
from tests.published.read import published


def test_vasicek_s_quantiles_and_shortfalls():
    for case in published("vasicek_lhp.json")["cases"]:
        given_ = case["pd"], case["rho"], case["lgd"], case["alpha"]
        assert case["EL"] == pytest.approx(case["pd"] * case["lgd"], rel=1e-12)
        assert case["VaR"] == pytest.approx(float(vasicek.loss_quantile(*given_)), rel=1e-12)
        assert case["ES"] == pytest.approx(float(vasicek.expected_shortfall(*given_)), rel=1e-12)


@given(st.floats(1e-4, 0.3), st.floats(0.01, 0.6), st.floats(0.5, 0.9999))
@settings(deadline=None, max_examples=50)
def test_the_quantile_inverts_the_distribution_and_shortfall_is_its_mean_beyond(pd, rho, level):
    at = float(vasicek.loss_quantile(pd, rho, 0.6, level))
    assert level == pytest.approx(float(vasicek.loss_cdf(at, pd, rho, 0.6)), abs=1e-9)
    z = stats.norm.ppf(1 - level)
    tail = integrate.quad(
        lambda x: float(vasicek.conditional_pd(pd, rho, x)) * stats.norm.pdf(x), -40, z, points=[z - 1], epsabs=1e-14
    )[0]
    assert 0.6 * tail / (1 - level) == pytest.approx(float(vasicek.expected_shortfall(pd, rho, 0.6, level)), rel=1e-7)


@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-0.95, 0.95))
@settings(deadline=None, max_examples=60)
def test_the_bivariate_normal_is_scipy_s(h, k, rho):
    expected = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([h, k])
    assert expected == pytest.approx(float(vasicek.bivariate_normal(h, k, rho)), abs=2e-5)


@pytest.mark.parametrize(("h", "k"), [(0.0, 0.0), (0.0, 1.0), (0.0, -1.0), (1.0, 0.0), (-1.0, 0.0), (-0.0, 1.0)])
def test_the_bivariate_normal_on_its_axes(h, k):
    inner = integrate.quad(lambda x: stats.norm.pdf(x) * stats.norm.cdf((k - 0.3 * x) / np.sqrt(0.91)), -12, h)[0]
    assert inner == pytest.approx(float(vasicek.bivariate_normal(h, k, 0.3)), abs=1e-10)


def test_annex_5_of_basel_2_cell_by_cell():
    case = published("basel2_annex5_irb.json")
    columns = [
        ("corporate", 0.45, 50.0),
        ("corporate", 0.45, 5.0),
        ("mortgage", 0.45, 50.0),
        ("mortgage", 0.25, 50.0),
        ("other_retail", 0.45, 50.0),
        ("other_retail", 0.85, 50.0),
        ("revolving", 0.45, 50.0),
        ("revolving", 0.85, 50.0),
    ]
    assert len(columns) == len(case["columns"])
    for row in case["rows"]:
        ours = [float(irb.risk_weight(row["pd"], lgd, kind, sales=sales)) for kind, lgd, sales in columns]
        # The table prints hundredths of a per cent, some of them rounded from other digits than ours by one.
        np.testing.assert_allclose(ours, row["published"], rtol=0, atol=6.1e-5)
        np.testing.assert_allclose(ours, row["computed"], rtol=0, atol=5.1e-9)


def test_a_longer_loan_to_a_better_firm_needs_relatively_more():
    assert irb.capital(0.001, 0.45, "corporate", maturity=5.0) / irb.capital(0.001, 0.45, "corporate") > 1.4
    assert irb.capital(0.2, 0.45, "corporate", maturity=5.0) / irb.capital(0.2, 0.45, "corporate") < 1.2
    with pytest.raises(UsageError, match="corporat"):
        irb.capital(0.01, 0.45, "corporates")


def test_davis_and_lo_s_distribution_of_defaults():
    for case in published("davis_lo_infectious.json")["cases"]:
        given_ = case["n"], case["p"], case["q"]
        ours = davis_lo.default_count(*given_)
        np.testing.assert_allclose(ours, case["pmf"], rtol=1e-9, atol=1e-15)
        assert 1.0 == pytest.approx(ours.sum(), abs=1e-12)
        assert case["mean"] == pytest.approx(davis_lo.expected_defaults(*given_), rel=1e-12)
        assert case["mean"] == pytest.approx(float(ours @ np.arange(len(ours))), rel=1e-10)
        assert (case["q99"], case["q999"]) == (davis_lo.quantile(ours, 0.99), davis_lo.quantile(ours, 0.999))


def test_davis_and_lo_by_enumeration_of_every_outcome():
    n, p, q = 3, 0.2, 0.3
    out = np.zeros(n + 1)
    pairs = [(i, j) for i in range(n) for j in range(n) if i != j]
    for first in range(2**n):
        own = [bool(first >> i & 1) for i in range(n)]
        for infection in range(2 ** len(pairs)):
            bites = [bool(infection >> e & 1) for e in range(len(pairs))]
            chance = np.prod([p if d else 1 - p for d in own]) * np.prod([q if b else 1 - q for b in bites])
            hit = {j for (i, j), b in zip(pairs, bites, strict=True) if b and own[i]}
            out[sum(own[i] or i in hit for i in range(n))] += chance
    np.testing.assert_allclose(davis_lo.default_count(n, p, q), out, rtol=0, atol=1e-12)


def test_creditriskplus_on_the_25_obligors():
    case = published("creditriskplus_25.json")
    told = case["expected"]
    exposure, pd, spread = np.array(case["exposure"]), np.array(case["pd"]), np.array(case["pd_sd"])
    assert 14_221_863 == round(exposure @ pd)
    assert told["expected_loss"] == pytest.approx(exposure @ pd, rel=1e-12)
    deviation = creditriskplus.standard_deviation(exposure, pd, spread)
    assert told["sd_one_sector_analytic"] == pytest.approx(deviation, rel=1e-12)
    whole = creditriskplus.loss_distribution(exposure, pd, spread, unit=told["loss_unit"])
    assert whole.missing < 1e-12
    for level, loss in told["quantiles_one_sector_panjer"].items():
        assert loss == pytest.approx(whole.quantile(float(level)), rel=1e-12)
    losses = np.arange(len(whole.chances)) * whole.unit
    mean = float(whole.chances @ losses)
    assert told["expected_loss"] == pytest.approx(mean, rel=1e-9)
    assert deviation == pytest.approx(np.sqrt(whole.chances @ losses**2 - mean**2), rel=1e-3)


def test_one_obligor_without_spread_is_poisson():
    whole = creditriskplus.loss_distribution([3.0], [0.4], [0.0], unit=1.0, top=30)
    expected = [stats.poisson(0.4).pmf(k // 3) if k % 3 == 0 else 0.0 for k in range(31)]
    np.testing.assert_allclose(whole.chances, expected, rtol=0, atol=1e-15)


def test_sectors_and_the_specific_part_by_simulation():
    rng = np.random.default_rng(1)
    exposure, pd = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.1, 0.2, 0.05, 0.1])
    shares = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.3], [0.2, 0.2]])
    whole = creditriskplus.loss_distribution(exposure, pd, pd * 0.8, unit=1.0, sectors=shares, top=200)
    draws = 400_000
    factors = np.hstack([rng.gamma(1 / 0.64, 0.64, (draws, 2)), np.ones((draws, 1))])
    rates = pd * (factors @ np.hstack([shares, 1 - shares.sum(1, keepdims=True)]).T)
    losses = rng.poisson(rates) @ exposure
    simulated = np.bincount(losses.astype(int), minlength=10)[:10] / draws
    np.testing.assert_allclose(whole.chances[:10], simulated, atol=4 * np.sqrt(0.25 / draws))


def test_a_cut_off_tail_is_said_and_not_guessed():
    whole = creditriskplus.loss_distribution([10.0], [0.5], [0.25], unit=1.0, top=5)
    assert whole.missing > 0.3
    with pytest.raises(UsageError, match="beyond"):
        whole.quantile(0.99)
    with pytest.raises(DataError, match="above 0"):
        creditriskplus.loss_distribution([0.0], [0.5], [0.25], unit=1.0)
