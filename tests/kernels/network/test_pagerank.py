from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.network.pagerank import pagerank
from tests.kernels.digraphs import Digraph, digraph, digraphs, random_digraph


@given(digraphs(zero_weights=True), st.sampled_from([0.0, 0.5, 0.85, 0.95]))
@settings(max_examples=100, deadline=None)
def test_scores_are_those_of_networkx(case: Digraph, damping: float) -> None:
    found = pagerank(case.size, case.source, case.target, case.weight, damping=damping)
    expected = nx.pagerank(case.networkx(), alpha=damping, tol=1e-14 / case.size, max_iter=100_000)
    np.testing.assert_allclose(found.scores, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)
    assert found.residual <= 1e-12


def test_scores_solve_the_linear_equations() -> None:
    case = random_digraph(1, 60, 240)
    matrix = nx.to_numpy_array(case.networkx(), nodelist=range(60))
    given_out = matrix.sum(axis=1)
    chance = np.where(given_out[:, None] > 0, matrix / np.where(given_out, given_out, 1.0)[:, None], 1.0 / 60)
    expected = np.linalg.solve(np.eye(60) - 0.85 * chance.T, np.full(60, 0.15 / 60))
    actual = pagerank(60, case.source, case.target, case.weight).scores
    np.testing.assert_allclose(actual, expected, atol=1e-12, rtol=0)
    assert 1.0 == pytest.approx(actual.sum(), abs=1e-14)


def test_a_chain_of_two_hundred_has_no_negative_score() -> None:
    """The case in which a linear solver of another library returned -1.8 and called it solved."""
    case = digraph(200, {(k, k + 1): 1.0 for k in range(199)})
    scores = pagerank(200, case.source, case.target, case.weight).scores
    assert (np.diff(scores) > 0).sum() > 100
    assert scores.min() > 0


def test_too_few_rounds_are_an_error_and_not_an_answer() -> None:
    case = random_digraph(2, 50, 100)
    with pytest.raises(ConvergenceError, match="after 3 rounds"):
        pagerank(50, case.source, case.target, case.weight, max_rounds=3)


def test_no_nodes_have_no_scores() -> None:
    case = digraph(0, {})
    assert 0 == len(pagerank(0, case.source, case.target, case.weight).scores)
