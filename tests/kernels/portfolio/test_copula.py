from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.portfolio.copula import (
    correlated,
    draw_defaults,
    factor_model,
    mean_loss,
    without_parties,
    worst_direction,
)
from graphrisk.kernels.portfolio.tilting import draw_scenarios, sampler_of
from graphrisk.kernels.portfolio.vasicek import conditional_pd

RNG = np.random.default_rng(4)
PD = np.concatenate([[0.0, 1.0, 0.3, 0.3], 10 ** RNG.uniform(-4, -0.3, 60)])
LOADINGS = np.where(np.arange(64)[:, None] % 2 == 0, [[0.5, 0.0]], [[0.2, 0.4]])


def test_given_the_factors_each_party_defaults_with_its_conditional_pd():
    model = factor_model(PD, LOADINGS)
    k = 40_000
    z = np.array([-1.2, 0.4])
    draws = draw_defaults(model, np.arange(k), np.tile(z, (k, 1)), seed=3)
    freq = np.bincount(draws.party, minlength=64) / k
    with np.errstate(divide="ignore"):
        expected = ndtr((ndtri(PD) - LOADINGS @ z) / np.sqrt(1 - (LOADINGS**2).sum(1)))
    assert (0.0, 1.0) == (freq[0], freq[1])
    assert (np.abs(freq - expected) <= 5 * np.sqrt(expected * (1 - expected) / k) + 1e-12).all()
    np.testing.assert_allclose(mean_loss(model, np.ones(64), z[None])[0], expected.sum(), rtol=1e-12)
    # Given the factors, parties default independently, also neighbours in one group.
    flags = np.zeros((k, 64), dtype=bool)
    flags[np.repeat(np.arange(k), np.diff(draws.start)), draws.party] = True
    some = np.argsort(-expected * (1 - expected))[:12]
    corr = np.corrcoef(flags[:, some].T) - np.eye(12)
    assert np.abs(corr).max() < 5.5 / np.sqrt(k)


def test_nobody_defaults_twice_in_a_scenario():
    model = factor_model(np.full(30, 0.9), np.full(30, 0.3))
    draws = draw_defaults(model, np.arange(500), np.zeros((500, 1)), seed=1)
    for a in range(500):
        party = draws.party[draws.start[a] : draws.start[a + 1]]
        assert len(np.unique(party)) == len(party)


def test_over_all_factors_the_pd_and_the_joint_pd_come_back():
    model = factor_model(np.full(2, 0.1), np.full(2, np.sqrt(0.3)))
    k = 200_000
    ids = np.arange(k)
    draws = draw_scenarios(sampler_of(model, (), 5), ids, 5, np.ones(1)).draws
    number = np.diff(draws.start)
    assert 0.2 == pytest.approx(number.mean(), abs=5 * np.sqrt(0.2 / k))
    from graphrisk.kernels.portfolio.vasicek import bivariate_normal

    both = float(bivariate_normal(ndtri(0.1), ndtri(0.1), 0.3))
    assert both == pytest.approx((number == 2).mean(), abs=5 * np.sqrt(both / k))


def test_with_one_factor_the_mean_loss_is_vasicek_s():
    model = factor_model([0.02, 0.02, 0.1], np.sqrt([0.2, 0.2, 0.2]))
    z = np.array([[-3.0], [0.0], [2.0]])
    expected = [float(conditional_pd(0.02, 0.2, x) * 3.0 + conditional_pd(0.1, 0.2, x) * 5.0) for x in z[:, 0]]
    np.testing.assert_allclose(mean_loss(model, np.array([1.0, 2.0, 5.0]), z), expected, rtol=1e-12)
    np.testing.assert_allclose(worst_direction(model, np.ones(3), 0.999), [-ndtri(0.999)], rtol=1e-9)


def test_the_worst_direction_is_the_best_on_a_fine_circle():
    model = factor_model(PD, LOADINGS)
    loss = np.arange(64.0)
    found = worst_direction(model, loss, 0.999)
    turn = np.linspace(0, 2 * np.pi, 2000)
    circle = ndtri(0.999) * np.column_stack([np.cos(turn), np.sin(turn)])
    best = mean_loss(model, loss, circle).max()
    assert mean_loss(model, loss, found[None])[0] >= best * (1 - 1e-6)


def test_parties_left_out_are_never_drawn_and_the_others_as_before():
    model = factor_model(PD, LOADINGS)
    left = np.array([1, 2, 10, 11, 40])
    rest = without_parties(model, left)
    k, z = 20_000, np.array([-1.2, 0.4])
    draws = draw_defaults(rest, np.arange(k), np.tile(z, (k, 1)), seed=3)
    freq = np.bincount(draws.party, minlength=64) / k
    with np.errstate(divide="ignore"):
        expected = ndtr((ndtri(PD) - LOADINGS @ z) / np.sqrt(1 - (LOADINGS**2).sum(1)))
    expected[left] = 0.0
    assert (np.abs(freq - expected) <= 5 * np.sqrt(expected * (1 - expected) / k) + 1e-12).all()
    nobody = without_parties(model, np.arange(64))
    assert 0 == len(draw_defaults(nobody, np.arange(9), np.zeros((9, 2)), seed=3).party)


def test_correlated_sectors_load_on_independent_factors():
    correlation = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, 0.4], [0.2, 0.4, 1.0]])
    sector, rho = np.array([0, 1, 2, 1]), np.array([0.2, 0.3, 0.1, 0.3])
    load = correlated(sector, correlation, rho)
    expected = correlation[np.ix_(sector, sector)] * np.sqrt(np.outer(rho, rho))
    np.testing.assert_allclose(load @ load.T, expected, atol=1e-12)
    with pytest.raises(UsageError, match="positive"):
        correlated(sector, np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]), rho)


def test_wrong_input_is_refused():
    with pytest.raises(DataError, match="pd"):
        factor_model([0.1, np.nan], [0.2, 0.2])
    with pytest.raises(DataError, match="less than 1"):
        factor_model([0.1], [1.0])
