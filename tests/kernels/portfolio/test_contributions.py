"""Euler contributions against closed cases: a limit book, three loans, elliptical losses."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from graphrisk.kernels.portfolio.copula import factor_model
from graphrisk.kernels.portfolio.simulation import es_contributions, plan, simulate, var_contributions
from graphrisk.kernels.portfolio.tailrisk import tail_risk, tail_shares
from graphrisk.kernels.portfolio.vasicek import conditional_pd, expected_shortfall, loss_quantile


def test_in_a_limit_book_each_class_adds_its_own_tail() -> None:
    """One factor, many small loans: all losses are functions of the factor, so the parts are the classes'."""
    pd, rho, each = np.array([0.005, 0.02, 0.08]), 0.2, np.array([3.0, 1.0, 2.0])
    count = 4000
    model = factor_model(np.repeat(pd, count), np.full(3 * count, np.sqrt(rho)))
    loss = np.repeat(each, count) / count
    ran = simulate(plan(model, loss, scenarios=8000, seed=2))
    kind = np.repeat(np.arange(3), count)
    es = np.bincount(kind, es_contributions(ran, 0.999, units=3 * count))
    var = np.bincount(kind, var_contributions(ran, 0.999, units=3 * count))
    assert (each * expected_shortfall(pd, rho, 1.0, 0.999)).tolist() == pytest.approx(es.tolist(), rel=0.02)
    assert (each * loss_quantile(pd, rho, 1.0, 0.999)).tolist() == pytest.approx(var.tolist(), rel=0.03)
    # Within a class all are alike: 40 blocks of 100 differ by chance alone, around the same mean.
    blocks = es_contributions(ran, 0.999, units=3 * count)[:count].reshape(40, 100).sum(axis=1)
    assert blocks.std() < 0.15 * blocks.mean()


def test_three_loans_have_the_parts_that_their_chances_say() -> None:
    """ES and its parts by enumeration over quadrature; the mass at VaR is shared by those that end there."""
    pd, rho, loss, level = np.array([0.05, 0.1, 0.02]), 0.3, np.array([1.0, 2.0, 4.0]), 0.9
    outcomes = list(product([0, 1], repeat=3))

    def chance(down: tuple[int, ...]) -> float:
        def given(z: float) -> float:
            p = conditional_pd(pd, rho, z)
            return float(np.prod(np.where(down, p, 1 - p)) * stats.norm.pdf(z))

        return float(integrate.quad(given, -10, 10, epsabs=1e-13)[0])

    mass = np.array([chance(down) for down in outcomes])
    total = np.array(outcomes) @ loss
    var = min(x for x in total if mass[total > x].sum() <= 1 - level)
    at_var = (1 - level - mass[total > var].sum()) / mass[total == var].sum()
    share = mass * np.where(total > var, 1.0, np.where(total == var, at_var, 0.0)) / (1 - level)
    expected = (np.array(outcomes) * loss).T @ share
    ran = simulate(plan(factor_model(pd, np.full(3, np.sqrt(rho))), loss, scenarios=40_000, seed=5, shift_level=level))
    assert var == tail_risk(ran.total, ran.weight, level, least=0).var
    assert expected.tolist() == pytest.approx(es_contributions(ran, level, units=3).tolist(), rel=0.05)


def test_of_elliptical_losses_each_part_is_its_covariance_with_the_whole() -> None:
    """Normal losses: ES_i = mean_i + cov(X_i, L) / sd(L) x density at the quantile / (1 - level)."""
    dice = np.random.default_rng(3)
    root, mean, level = dice.normal(size=(5, 5)), np.arange(5.0), 0.95
    drawn = mean + dice.normal(size=(400_000, 5)) @ root.T
    covariance = root @ root.T
    spread = np.sqrt(covariance.sum())
    expected = mean + covariance.sum(axis=1) / spread * stats.norm.pdf(stats.norm.ppf(level)) / (1 - level)
    share = tail_shares(drawn.sum(axis=1), np.ones(len(drawn)), level)
    assert expected.tolist() == pytest.approx((share @ drawn).tolist(), abs=0.03 * spread)
