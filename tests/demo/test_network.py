"""The guarantee layer: NetworkX measures what the generator made."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.demo.calibration import TARGETS, compare, measure
from graphrisk.demo.dice import Dice
from graphrisk.demo.network import PUBLISHED, Network, make_network, scaled


def _graph(network: Network) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from(zip(network.guarantor.tolist(), network.debtor.tolist(), strict=True))
    return graph


def _by_networkx(network: Network) -> dict[str, float]:
    graph = _graph(network)
    return {
        "nodes": graph.number_of_nodes(),
        "contracts": len(network.guarantor),
        "edges": graph.number_of_edges(),
        "repeat_contracts": len(network.guarantor) - graph.number_of_edges(),
        "components": nx.number_weakly_connected_components(graph),
        "largest_component": max(len(c) for c in nx.weakly_connected_components(graph)),
        "largest_scc": max(len(c) for c in nx.strongly_connected_components(graph)),
        "reciprocity": nx.overall_reciprocity(graph),
        "most_in": max(d for _, d in graph.in_degree()),
        "most_out": max(d for _, d in graph.out_degree()),
    }


@pytest.mark.parametrize("seed", [1, 2, 20260930])
def test_at_its_size_the_layer_is_the_published_network(seed: int) -> None:
    network = make_network(PUBLISHED, Dice(seed, "network"))
    achieved = _by_networkx(network)
    assert achieved == pytest.approx(measure(network.guarantor, network.debtor))
    for target, (name, value, reached, source) in zip(TARGETS, compare(achieved), strict=True):
        assert value == pytest.approx(reached, rel=target.tolerance, abs=0), (name, source)


@settings(max_examples=30, deadline=None)
@given(st.integers(200, 4000), st.integers(0, 1000))
def test_smaller_layers_keep_the_proportions(nodes: int, seed: int) -> None:
    achieved = _by_networkx(make_network(scaled(nodes), Dice(seed, "network")))
    assert nodes == achieved["nodes"]
    assert 13_478 / 18_711 == pytest.approx(achieved["edges"] / nodes, rel=0.02)
    assert 7_158 / 18_711 == pytest.approx(achieved["components"] / nodes, rel=0.02)
    assert 1_016 / 13_478 == pytest.approx(achieved["repeat_contracts"] / achieved["edges"], rel=0.15)
    assert achieved["reciprocity"] <= 0.006
    assert achieved["largest_scc"] <= 7


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60), st.integers(0, 1000))
def test_a_tiny_layer_is_still_a_layer(nodes: int, seed: int) -> None:
    network = make_network(scaled(nodes), Dice(seed, "network"))
    ends = np.concatenate([network.guarantor, network.debtor])
    assert network.nodes == len(np.unique(ends))
    assert not (network.guarantor == network.debtor).any()


def test_circles_appear_where_they_are_planted_and_nowhere_else() -> None:
    shape = scaled(5000)
    graph = _graph(make_network(shape, Dice(5, "network")))
    found = sorted(len(c) for c in nx.strongly_connected_components(graph) if len(c) > 1)
    assert sorted([*shape.rings, *[2] * shape.mutual_pairs]) == found


def test_the_hubs_are_the_nodes_named_as_hubs() -> None:
    network = make_network(PUBLISHED, Dice(1, "network"))
    graph = _graph(network)
    assert network.hubs == (max(graph, key=graph.out_degree), max(graph, key=graph.in_degree))


def test_nothing_is_measured_of_no_contracts() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert {0.0} == set(measure(nothing, nothing).values())
