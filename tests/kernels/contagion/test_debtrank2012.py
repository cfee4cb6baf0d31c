from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import DataError
from graphrisk.kernels.contagion.debtrank2012 import impact_matrix, scores, walk
from tests.published.read import published


def toy9() -> tuple[np.ndarray, np.ndarray, dict]:
    case = published("debtrank2012_toy9.json")
    impact = np.zeros((9, 9))
    for supplier, customer, weight in case["edges_supplier_customer_weight"]:
        impact[customer - 1, supplier - 1] = weight
    return impact, np.array(case["node_weight"]), case


def plain_walk(impact: np.ndarray, shock: np.ndarray, cap: bool) -> np.ndarray:
    """The walk as it is written: states U, D, I and dense arrays."""
    W = np.minimum(impact, 1.0) if cap else impact
    h = shock.copy()
    state = np.where(h > 0, "D", "U")
    while (state == "D").any():
        hit = W @ np.where(state == "D", h, 0.0)
        after = np.minimum(1.0, h + hit)
        state = np.where(state == "D", "I", np.where((state == "U") & (after > 0), "D", state))
        h = after
    return h


def test_the_toy_network_has_the_published_distress_and_scores():
    impact, weight, case = toy9()
    for seed, expected in enumerate(case["expected_h_by_seed"]):
        end = walk(impact, np.eye(9)[seed], weight)
        assert expected == end.distress.tolist()
        assert case["expected_debtrank"][seed] == end.score
    assert case["expected_debtrank"] == scores(impact, weight).tolist()


def test_a_party_passes_on_its_first_hit_only():
    # 0 hits 1 with .5; 0 -> 2 -> 1 hits 1 again a round later; 3 hears of the first hit alone.
    impact = np.zeros((4, 4))
    impact[1, 0], impact[2, 0], impact[1, 2], impact[3, 1] = 0.5, 0.25, 1.0, 1.0
    end = walk(impact, np.array([1.0, 0, 0, 0]))
    assert [1.0, 0.75, 0.25, 0.5] == end.distress.tolist()
    assert [0, 1, 1, 2] == end.first_hit.tolist()
    assert 2 == end.rounds


def test_the_cap_on_weights_changes_the_answer_and_is_a_flag():
    impact = np.array([[0.0, 4.0], [0.0, 0.0]])
    shock = np.array([0.0, 0.2])
    assert 0.2 == walk(impact, shock).distress[0]
    assert 0.8 == walk(impact, shock, cap=False).distress[0]


def test_a_party_without_equity_is_named_and_has_no_ratio():
    claims = np.array([[0.0, 3.0], [5.0, 0.0]])
    impact, failed = impact_matrix(claims, np.array([2.0, -1.0]))
    assert [False, True] == failed.tolist()
    assert [[0.0, 1.5], [0.0, 0.0]] == impact.toarray().tolist()


def test_negative_claims_are_refused():
    with pytest.raises(DataError, match="claims must be finite and not negative"):
        impact_matrix(np.array([[0.0, -3.0], [5.0, 0.0]]), np.ones(2))
    with pytest.raises(DataError, match="fraction"):
        walk(np.zeros((2, 2)), np.array([0.0, 1.5]))


@given(st.integers(0, 10_000), st.booleans())
@settings(deadline=None, max_examples=60)
def test_the_walk_is_the_paper_s_state_machine(seed, cap):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    impact = rng.exponential(0.5, (n, n)) * (rng.random((n, n)) < 0.4)
    np.fill_diagonal(impact, 0.0)
    weight = rng.random(n)
    shock = np.where(rng.random(n) < 0.3, rng.random(n), 0.0)
    end = walk(impact, shock, weight, cap=cap)
    np.testing.assert_allclose(end.distress, plain_walk(impact, shock, cap), rtol=0, atol=1e-14)
    assert (end.distress >= shock).all()
    assert (end.distress <= 1).all()
    alone = [walk(impact, row, weight, cap=cap).score for row in np.eye(n)]
    np.testing.assert_allclose(scores(impact, weight, cap=cap), alone, rtol=0, atol=1e-14)
    turn = rng.permutation(n)
    turned = walk(impact[np.ix_(turn, turn)], shock[turn], weight[turn], cap=cap)
    np.testing.assert_allclose(turned.distress, end.distress[turn], rtol=0, atol=1e-14)
