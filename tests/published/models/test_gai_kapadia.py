from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.published.models.gai_kapadia import cascade_factor, spread, vulnerable


def poisson_network(n: int, z: float, seed: int) -> np.ndarray:
    """The paper's network: mean degree z, interbank assets a fifth of the balance sheet, shared evenly by debtors."""
    rng = np.random.default_rng(seed)
    links = rng.random((n, n)) < z / (n - 1)
    np.fill_diagonal(links, False)
    degree = links.sum(1, keepdims=True)
    return np.where(links, 0.2 / np.maximum(degree, 1), 0.0)


def test_a_chain_breaks_at_the_bank_whose_buffer_holds():
    claims = np.array([[0, 0, 0, 0], [2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 2.0, 0]])
    ran = spread(claims, np.array([1.0, 2.0, 1.9, 2.1]), np.array([True, False, False, False]))
    assert ([True, True, True, False], 2, 0.75) == (ran.default.tolist(), ran.rounds, ran.extent)
    saved = spread(claims, np.array([1.0, 2.0, 1.9, 2.1]), np.array([True, False, False, False]), recovery=0.1)
    assert [True, False, False, False] == saved.default.tolist()


def test_with_a_buffer_of_4_per_cent_banks_with_at_most_5_debtors_are_vulnerable():
    """v_j = 1 iff A^IB / j >= K: with A^IB = 0.2, K = 0.04: vulnerable iff j <= 5."""
    claims = poisson_network(400, 6.0, 1)
    degree = (claims > 0).sum(1)
    weak = vulnerable(claims, np.full(400, 0.04 - 1e-12))
    assert ((degree > 0) & (degree <= 5)).tolist() == weak.tolist()


def test_contagion_lives_between_the_two_phase_transitions():
    """Systemic events happen at z = 3 and not at z = 0.3 or z = 14 (buffer 4 %)."""

    def worst(z):
        claims = poisson_network(400, z, 5)
        runs = [spread(claims, np.full(400, 0.04 - 1e-12), np.arange(400) == s) for s in range(60)]
        return cascade_factor(claims, np.full(400, 0.04 - 1e-12)), any(r.is_systemic() for r in runs)

    sparse_factor, sparse_event = worst(0.3)
    middle_factor, middle_event = worst(3.0)
    dense_factor, dense_event = worst(14.0)
    assert (False, True, False) == (sparse_event, middle_event, dense_event)
    assert middle_factor > 1 > max(sparse_factor, dense_factor)


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=40)
def test_more_failures_at_the_start_never_save_a_bank(seed):
    rng = np.random.default_rng(seed)
    claims = rng.exponential(1, (7, 7)) * (rng.random((7, 7)) < 0.4)
    np.fill_diagonal(claims, 0)
    buffer, first = rng.exponential(1.5, 7), rng.random(7) < 0.2
    fewer = spread(claims, buffer, first).default
    more = spread(claims, buffer, first | (rng.random(7) < 0.3)).default
    assert (more >= fewer).all()
    assert (fewer >= first).all()
