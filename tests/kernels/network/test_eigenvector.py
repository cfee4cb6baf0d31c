from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graphrisk.kernels.network.eigenvector import dominant_eigenvector
from tests.kernels.digraphs import Digraph, digraph, digraphs, random_digraph


def test_a_strongly_connected_graph_has_the_vector_of_networkx() -> None:
    for seed in range(20):
        case = random_digraph(seed, 12, 70)
        graph = case.networkx()
        if not nx.is_strongly_connected(graph):
            continue
        found = dominant_eigenvector(case.size, case.source, case.target, case.weight)
        expected = nx.eigenvector_centrality_numpy(graph, weight="weight")
        np.testing.assert_allclose(found.scores, [expected[k] for k in range(12)], atol=1e-9, rtol=0)
        assert found.residual <= 1e-9
        assert 12 == len(found.members)


@given(digraphs(low=2, zero_weights=True))
@settings(max_examples=200, deadline=None)
def test_the_value_is_the_spectral_radius_and_the_members_a_component_that_has_it(case: Digraph) -> None:
    found = dominant_eigenvector(case.size, case.source, case.target, case.weight)
    matrix = nx.to_numpy_array(case.networkx(), nodelist=range(case.size))
    parts = [sorted(part) for part in nx.strongly_connected_components(nx.DiGraph(matrix > 0)) if len(part) > 1]
    radii = [float(np.abs(np.linalg.eigvals(matrix[np.ix_(part, part)])).max()) for part in parts]
    if not parts:
        assert (0.0, 0) == (found.value, len(found.members))
        assert np.isnan(found.scores).all()
        return
    assert max(radii) == pytest.approx(found.value, rel=1e-7)
    members = found.members.tolist()
    assert members in parts
    block = matrix[np.ix_(members, members)]
    vector = found.scores[members]
    assert (vector >= 0).all()
    assert 1.0 == pytest.approx(float(np.linalg.norm(vector)))
    np.testing.assert_allclose(block.T @ vector, found.value * vector, atol=1e-8 * found.value)
    assert np.isnan(np.delete(found.scores, members)).all()


def test_of_equal_components_the_largest_is_taken_then_the_one_with_the_smallest_node() -> None:
    two = {(0, 1): 1.0, (1, 0): 1.0}
    pair = {(5, 6): 1.0, (6, 5): 1.0}
    three = {(2, 3): 1.0, (3, 4): 1.0, (4, 2): 1.0}
    case = digraph(7, {**two, **three, **pair})
    found = dominant_eigenvector(7, case.source, case.target, case.weight)
    assert ([2, 3, 4], 3) == (found.members.tolist(), found.tied)
    case = digraph(7, {**two, **pair})
    assert [0, 1] == dominant_eigenvector(7, case.source, case.target, case.weight).members.tolist()


def test_a_large_component_is_solved_too() -> None:
    case = random_digraph(7, 550, 3_300)
    found = dominant_eigenvector(case.size, case.source, case.target, case.weight)
    assert len(found.members) > 400
    block = nx.to_numpy_array(case.networkx(), nodelist=range(case.size))[np.ix_(found.members, found.members)]
    assert np.abs(np.linalg.eigvals(block)).max() == pytest.approx(found.value, rel=1e-9)
    vector = found.scores[found.members]
    np.testing.assert_allclose(block.T @ vector, found.value * vector, atol=1e-9 * found.value)


def test_a_large_even_ring_does_not_turn_for_ever() -> None:
    size = 1_000
    case = digraph(size, {(k, (k + 1) % size): 1.0 + (k % 2) for k in range(size)})
    found = dominant_eigenvector(size, case.source, case.target, case.weight)
    assert np.sqrt(2.0) == pytest.approx(found.value, rel=1e-12)
