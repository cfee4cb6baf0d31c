from __future__ import annotations

from typing import Literal

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.network.components import component_labels, row_starts

arcs_of_ten = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=25)


@given(arcs_of_ten)
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("connection", ["weak", "strong"])
def test_components_are_those_of_networkx_named_after_their_smallest_node(
    connection: Literal["weak", "strong"], arcs: list[tuple[int, int]]
) -> None:
    graph = nx.DiGraph(arcs)
    graph.add_nodes_from(range(10))
    parts = nx.weakly_connected_components(graph) if connection == "weak" else nx.strongly_connected_components(graph)
    expected = {node: min(part) for part in parts for node in part}
    pairs = np.array(sorted(set(arcs)), dtype=np.int64).reshape(-1, 2)
    actual = component_labels(10, pairs[:, 0], pairs[:, 1], connection)
    assert [expected[k] for k in range(10)] == actual.tolist()


def test_no_nodes_have_no_components() -> None:
    empty = np.empty(0, dtype=np.int64)
    assert [] == component_labels(0, empty, empty, "strong").tolist()


def test_row_starts_count_the_arcs_of_each_node() -> None:
    assert [0, 2, 2, 3] == row_starts(3, np.array([0, 0, 2])).tolist()
