from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings

from graphrisk.kernels.network.betweenness import betweenness, betweenness_by_length
from tests.kernels.digraphs import Digraph, digraphs, random_digraph


@given(digraphs())
@settings(max_examples=150, deadline=None)
def test_with_all_pivots_it_is_the_betweenness_of_networkx(case: Digraph) -> None:
    total, _ = betweenness(case.size, case.source, case.target, np.arange(case.size))
    expected = nx.betweenness_centrality(case.networkx(), normalized=False)
    np.testing.assert_allclose(total, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)


def test_pivots_add_up_and_squares_are_of_each_pivot() -> None:
    case = random_digraph(1, 300, 900)  # enough for several pieces
    one_by_one = [betweenness(300, case.source, case.target, np.array([k])) for k in range(300)]
    total, squares = betweenness(300, case.source, case.target, np.arange(300))
    np.testing.assert_allclose(total, sum(part[0] for part in one_by_one), atol=1e-9)
    np.testing.assert_allclose(squares, sum(part[0] ** 2 for part in one_by_one), atol=1e-6)


@given(digraphs())
@settings(max_examples=150, deadline=None)
def test_by_length_it_is_the_weighted_betweenness_of_networkx(case: Digraph) -> None:
    length = np.random.default_rng(len(case.source)).choice([0.25, 0.5, 1.0, 1.5], len(case.source))  # sums are exact
    graph = nx.DiGraph()
    graph.add_nodes_from(range(case.size))
    graph.add_weighted_edges_from(zip(case.source.tolist(), case.target.tolist(), length.tolist(), strict=True))
    expected = nx.betweenness_centrality(graph, normalized=False, weight="weight")
    total, _ = betweenness_by_length(case.size, case.source, case.target, length, np.arange(case.size))
    np.testing.assert_allclose(total, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)


def test_arcs_of_one_length_are_counted() -> None:
    case = random_digraph(2, 200, 700)
    by_arcs = betweenness(200, case.source, case.target, np.arange(200))
    by_length = betweenness_by_length(200, case.source, case.target, np.full(len(case.source), 0.1), np.arange(200))
    np.testing.assert_allclose(by_length[0], by_arcs[0], atol=1e-9)  # 0.1 + 0.1 + 0.1 is not 0.3, and is as far
    np.testing.assert_allclose(by_length[1], by_arcs[1], atol=1e-6)


def test_lengths_may_differ_by_orders_of_magnitude() -> None:
    for seed in range(20):
        case = random_digraph(seed, 60, 240)
        length = 2.0 ** np.random.default_rng(seed).integers(-10, 11, len(case.source))  # sums are exact
        graph = nx.DiGraph()
        graph.add_nodes_from(range(case.size))
        graph.add_weighted_edges_from(zip(case.source.tolist(), case.target.tolist(), length.tolist(), strict=True))
        expected = nx.betweenness_centrality(graph, normalized=False, weight="weight")
        for pivots in (np.arange(case.size), np.arange(case.size)[::-1]):  # nothing is left of the search before
            total, _ = betweenness_by_length(case.size, case.source, case.target, length, pivots)
            np.testing.assert_allclose(total, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)
