from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.portfolio.copula import Draws
from graphrisk.kernels.portfolio.default_spread import debtrank_cascade, no_contagion, threshold_cascade
from tests.published.models.gai_kapadia import spread


def world(seed: int):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    claims = rng.exponential(1.0, (n, n)) * (rng.random((n, n)) < 0.4)
    np.fill_diagonal(claims, 0.0)
    equity = rng.exponential(1.5, n)
    flags = rng.random((5, n)) < 0.3
    start = np.concatenate([[0], np.cumsum(flags.sum(1))])
    draws = Draws(np.arange(5), start, np.nonzero(flags)[1].astype(np.int64))
    return claims, equity, flags, draws, rng.exponential(3.0, n)


def dense(losses, n):
    out = np.zeros((len(losses.start) - 1, n))
    np.add.at(out, (np.repeat(np.arange(len(out)), np.diff(losses.start)), losses.unit), losses.amount)
    return out


@given(st.integers(0, 100_000), st.sampled_from([0.0, 0.4]))
@settings(deadline=None, max_examples=80)
def test_the_threshold_stage_is_the_dense_cascade(seed, recovery):
    claims, equity, flags, draws, loss = world(seed)
    got = dense(threshold_cascade(claims, equity, loss, recovery=recovery)(draws), len(equity))
    for a, first in enumerate(flags):
        down = spread(claims, equity, first, recovery=recovery).default
        np.testing.assert_allclose(got[a], np.where(down, loss, 0.0), rtol=1e-12)


@given(st.integers(0, 100_000))
@settings(deadline=None, max_examples=80)
def test_the_debtrank_stage_is_the_least_fixed_point(seed):
    claims, equity, flags, draws, loss = world(seed)
    stage = debtrank_cascade(claims, equity, loss, tolerance=1e-13)
    losses = stage(draws)
    got = dense(losses, len(equity))
    for a, first in enumerate(flags):
        h = first.astype(float)
        for _ in range(20_000):
            after = np.minimum(1.0, first + (claims / equity[:, None]) @ h)
            if np.abs(after - h).max(initial=0) < 1e-15:
                break
            h = after
        np.testing.assert_allclose(got[a], h * loss, rtol=0, atol=1e-8)
    assert (losses.untold <= 1e-13 * len(equity)).all()


def test_parties_without_a_buffer_fail_in_the_first_stage_only():
    claims = np.array([[0.0, 0, 0], [5.0, 0, 0], [5.0, 5.0, 0]])
    draws = Draws(np.array([0]), np.array([0, 1]), np.array([0]))
    for equity in (np.array([1.0, -2.0, 20.0]), np.array([1.0, np.nan, 20.0])):
        assert [[1.0, 0.0, 0.0]] == dense(threshold_cascade(claims, equity, np.ones(3))(draws), 3).tolist()
        assert [[1.0, 0.0, 0.25]] == dense(debtrank_cascade(claims, equity, np.ones(3))(draws), 3).tolist()


def test_without_contagion_a_default_costs_its_own_loss():
    draws = Draws(np.arange(2), np.array([0, 2, 2]), np.array([1, 0]))
    assert [[3.0, 4.0], [0.0, 0.0]] == dense(no_contagion([3.0, 4.0])(draws), 2).tolist()


def test_wrong_input_is_refused():
    with pytest.raises(UsageError, match="recovery"):
        threshold_cascade([[0.0]], [1.0], [1.0], recovery=2.0)
    with pytest.raises(DataError, match="loss"):
        no_contagion([-1.0])
    with pytest.raises(DataError, match="equity"):
        debtrank_cascade([[0.0]], [1.0, 2.0], [1.0])
