from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.network.katz import katz
from tests.kernels.digraphs import Digraph, digraph, digraphs, random_digraph


@given(digraphs(low=2, zero_weights=True))
@settings(max_examples=150, deadline=None)
def test_scores_are_those_of_networkx_with_the_same_alpha(case: Digraph) -> None:
    found = katz(case.size, case.source, case.target, case.weight)
    expected = nx.katz_centrality_numpy(case.networkx(), alpha=found.alpha, beta=1.0, weight="weight")
    np.testing.assert_allclose(found.scores, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)


def test_alpha_is_below_the_inverse_of_the_spectral_radius() -> None:
    case = random_digraph(3, 40, 200)
    found = katz(40, case.source, case.target, case.weight, attenuation=0.999)
    radius = np.abs(np.linalg.eigvals(nx.to_numpy_array(case.networkx()))).max()
    assert found.alpha * radius < 1.0


def test_a_graph_without_circles_has_scores_too() -> None:
    case = digraph(3, {(0, 1): 2.0, (1, 2): 4.0})
    found = katz(3, case.source, case.target, case.weight, attenuation=0.5)  # alpha = 0.125
    raw = np.array([1.0, 1.25, 1.625])
    np.testing.assert_allclose(found.scores, raw / np.linalg.norm(raw), atol=1e-12)


def test_the_unit_of_the_weights_does_not_matter() -> None:
    case = random_digraph(4, 30, 90)
    one = katz(30, case.source, case.target, case.weight).scores
    other = katz(30, case.source, case.target, case.weight * 1024.0).scores
    np.testing.assert_array_equal(one, other)


def test_too_few_rounds_are_an_error() -> None:
    case = random_digraph(5, 30, 90)
    with pytest.raises(ConvergenceError):
        katz(30, case.source, case.target, case.weight, max_rounds=2)


def test_one_node_alone_has_score_one() -> None:
    assert [1.0] == katz(1, *(np.empty(0, dtype=np.int64),) * 2, np.empty(0)).scores.tolist()
