from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graphrisk.kernels.network.community import communities, modularity
from tests.kernels.digraphs import Digraph, digraph, digraphs, random_digraph


def parts(label: np.ndarray) -> list[set[int]]:
    return [set(np.flatnonzero(label == first).tolist()) for first in np.unique(label)]


def undirected(case: Digraph) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(case.size))
    for a, b, w in zip(case.source.tolist(), case.target.tolist(), case.weight.tolist(), strict=True):
        graph.add_edge(a, b, weight=w + (graph.edges[a, b]["weight"] if graph.has_edge(a, b) else 0.0))
    return graph


def of_networkx(graph: nx.Graph[int]) -> Digraph:
    return digraph(
        graph.number_of_nodes(), {(min(a, b), max(a, b)): d.get("weight", 1.0) for a, b, d in graph.edges(data=True)}
    )


@given(digraphs(low=2, high=12, zero_weights=True))
@settings(max_examples=200, deadline=None)
def test_communities_are_connected_and_no_worse_than_single_nodes_and_single_joins(case: Digraph) -> None:
    label = communities(case.size, case.source, case.target, case.weight)
    graph = undirected(case)
    bound = graph.edge_subgraph([(a, b) for a, b, w in graph.edges(data="weight") if w > 0])
    for part in parts(label):
        assert min(part) in label[list(part)]
        assert len(part) == 1 or nx.is_connected(bound.subgraph(part))
    found = modularity(case.source, case.target, case.weight, label)
    alone = np.arange(case.size)
    assert found >= modularity(case.source, case.target, case.weight, alone) - 1e-12
    for one in np.unique(label):  # no join of two communities is better
        for other in np.unique(label):
            joined = np.where(label == other, one, label)
            assert found >= modularity(case.source, case.target, case.weight, joined) - 1e-9


@given(digraphs(low=2, high=10))
@settings(max_examples=100, deadline=None)
def test_modularity_is_that_of_networkx(case: Digraph) -> None:
    if len(case.source):
        label = communities(case.size, case.source, case.target, case.weight)
        expected = nx.community.modularity(undirected(case), parts(label))
        assert expected == pytest.approx(modularity(case.source, case.target, case.weight, label), abs=1e-12)


def test_a_ring_of_cliques_falls_into_its_cliques() -> None:
    case = of_networkx(nx.ring_of_cliques(8, 6))
    label = communities(case.size, case.source, case.target, case.weight)
    assert [set(range(6 * k, 6 * k + 6)) for k in range(8)] == parts(label)


def test_the_karate_club_is_split_nearly_as_well_as_can_be() -> None:
    """The best modularity of Zachary's club, unweighted, is 0.4198 (Brandes and others, 2008)."""
    club = nx.karate_club_graph()
    for _, _, data in club.edges(data=True):
        data["weight"] = 1.0
    case = of_networkx(club)
    label = communities(case.size, case.source, case.target, case.weight)
    assert modularity(case.source, case.target, case.weight, label) >= 0.98 * 0.4198


@pytest.mark.parametrize("seed", range(5))
def test_planted_communities_score_as_well_as_with_networkx(seed: int) -> None:
    graph = nx.planted_partition_graph(12, 25, 0.35, 0.02, seed=seed)
    case = of_networkx(graph)
    label = communities(case.size, case.source, case.target, case.weight)
    best = max(nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=s)) for s in range(3))
    assert modularity(case.source, case.target, case.weight, label) >= 0.99 * best


def test_sparse_random_graphs_score_nearly_as_well_as_with_networkx() -> None:
    case = random_digraph(8, 400, 900)
    graph = undirected(case)
    label = communities(case.size, case.source, case.target, case.weight)
    best = max(nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=s)) for s in range(3))
    assert modularity(case.source, case.target, case.weight, label) >= 0.97 * best


def test_without_weight_everybody_stays_alone() -> None:
    case = digraph(3, {(0, 1): 0.0, (1, 2): 0.0})
    assert [0, 1, 2] == communities(3, case.source, case.target, case.weight).tolist()
