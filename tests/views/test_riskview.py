"""pyvis as data model: what it loses or spoils otherwise."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from graphrisk.errors import DataError
from graphrisk.views.riskview import RiskNetwork


def test_parallel_edges_of_an_undirected_network_are_kept() -> None:
    network = RiskNetwork(directed=False)
    network.add_node("A")
    network.add_node("B")
    network.add_edge("A", "B", relation="GUARANTEES")
    network.add_edge("B", "A", relation="SUPPLIES")
    assert [edge["relation"] for edge in network.edges] == ["GUARANTEES", "SUPPLIES"]


def test_a_networkx_graph_is_left_as_it_was() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", weight=2.5)
    graph.add_edge("a", "b", weight=7.0, relation="GUARANTEES")
    before = (dict(graph.nodes(data=True)), list(graph.edges(data=True, keys=True)))
    network = RiskNetwork("test")
    network.from_nx(graph)
    assert (dict(graph.nodes(data=True)), list(graph.edges(data=True, keys=True))) == before
    assert [edge["weight"] for edge in network.edges] == [2.5, 7.0]


def test_an_empty_label_stays_empty_and_numpy_numbers_become_plain() -> None:
    network = RiskNetwork()
    network.add_node(np.int64(3), label="", x=np.float64(1.5), value=None)
    assert network.nodes == [{"id": 3, "label": "", "shape": "dot", "x": 1.5}]


def test_nan_and_unknown_ends_are_refused() -> None:
    network = RiskNetwork()
    network.add_node("A")
    with pytest.raises(DataError, match="nan"):
        network.add_node("B", x=float("nan"))
    with pytest.raises(DataError, match="'Z'"):
        network.add_edge("A", "Z")


def test_ten_thousand_inserts_look_at_each_node_once() -> None:
    class Counted(str):
        looks = 0

        def __eq__(self, other: object) -> bool:
            Counted.looks += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    network = RiskNetwork()
    for number in range(10_000):
        network.add_node(Counted(number))
    for number in range(1, 10_000):
        network.add_edge(Counted(number), Counted(number - 1))
    assert len(network.nodes) == 10_000
    assert Counted.looks < 100_000  # a scan of a list would be fifty million


def test_a_plain_network_is_an_offline_page_too(tmp_path: Path) -> None:
    network = RiskNetwork("<b>plain</b>")
    network.from_nx(nx.les_miserables_graph())
    network.write_html(tmp_path / "plain.html")
    text = (tmp_path / "plain.html").read_text("utf-8")
    assert "<title>&lt;b&gt;plain&lt;/b&gt;</title>" in text
    assert "cdn" not in text.split('id="data"')[0].split("<script>")[0]
    assert network._repr_html_().startswith("<iframe")
