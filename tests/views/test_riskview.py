"""pyvis as data model: what it loses or spoils otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from graphrisk.errors import DataError, UsageError
from graphrisk.views.riskview import RiskNetwork
from tests.views.browser import open_page
from tests.views.test_views import data_of


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


def test_looks_are_drawn_as_given() -> None:
    network = RiskNetwork(lang="zh")
    network.add_node("a", label="甲", title="说明", color="red", size=12, shape="diamond", group="一组")
    network.add_node("b", color={"background": "#ffcc00", "border": "navy"}, value=5, group="二组")
    network.add_node("c", color="tab:blue", image="x.png", industry="钢铁", group="一组")
    network.add_edge("a", "b", relation="friend of", color="green", width=3, dashes=True)
    network.add_edge("b", "a", relation="GUARANTEES", amount=5e6)
    network.add_edge("b", "c", arrows="to, from")
    network.add_edge("a", "c", arrows="")
    data = data_of(network.generate_html())
    nodes, links, words = data["nodes"], data["links"], data["words"]
    assert nodes["fill"] == ["red", "#ffcc00", None]
    assert nodes["border"] == [None, "navy", None]
    assert nodes["radius"] == [12.0, 24.0, None]
    assert nodes["shape"] == ["diamond", None, None]
    assert nodes["title"] == ["说明", None, None]
    assert [words[f"kind.{key}"] for key in nodes["kind"]] == ["一组", "二组", "一组"]
    assert nodes["fact_names"] == ["industry"]
    assert nodes["facts"] == [[None], [None], ["钢铁"]]
    assert [words[f"relation.{key}"] for key in links["relation"]] == ["friend of", "担保", "连线", "连线"]
    assert links["arrows"] == ["to", "to", "from to", ""]
    assert links["colour"] == ["green", None, None, None]
    assert links["width"] == [3.0, None, None, None]
    assert [note for note in data["about"]["notes"] if "image" in note or "tab:blue" in note] == data["about"]["notes"]


def test_attributes_of_networkx_come_along_and_missing_ones_are_missing() -> None:
    graph = nx.MultiGraph()
    graph.add_node(
        1, label="one", size=4.0, colour_of_flag="red", rating=float("nan"), since=np.datetime64("2020-01-02")
    )
    graph.add_node("1", group=np.int64(3))
    graph.add_edge(1, "1", weight=0.25, label="L")
    graph.add_edge("1", 1, weight=-0.5)
    network = RiskNetwork()
    network.from_nx(graph, node_size_transf=lambda size: 2 * size)
    data = data_of(network.generate_html())
    assert data["nodes"]["id"] == ["1", "'1'"]
    assert data["nodes"]["radius"] == [8.0, None]
    facts = dict(zip(data["nodes"]["fact_names"], data["nodes"]["facts"][0], strict=True))
    assert facts == {"colour_of_flag": "red", "since": "2020-01-02"}
    assert data["links"]["amount"] == [0.25, -0.5]
    assert data["links"]["width"] == [3.0, 5.0]  # 1 to 5, by the size of the weight
    assert set(data["links"]["arrows"]) == {""}
    assert data["words"]["amount"] == "Weight"


def test_lists_of_nodes_and_edges_keep_their_ids_and_weights() -> None:
    network = RiskNetwork()
    network.add_nodes(["1", "2"], label=["one", "two"], size=[3, 4])
    network.add_edges([("1", "2"), ("2", "1", 7.5)])
    assert [node["id"] for node in network.nodes] == ["1", "2"]
    assert [node["label"] for node in network.nodes] == ["one", "two"]
    assert network.edges[1]["width"] == 7.5
    with pytest.raises(UsageError, match="size"):
        network.add_nodes(["3", "4"], size=[1])
    with pytest.raises(UsageError, match="DOT"):
        network.from_DOT("x.dot")


def test_places_given_are_kept_in_proportion() -> None:
    network = RiskNetwork()
    for name, (x, y) in {"a": (0.0, 0.0), "b": (0.3, 0.0), "c": (0.0, 0.9)}.items():
        network.add_node(name, x=x, y=y)
    network.add_node("beside")
    data = data_of(network.generate_html())
    x, y = data["nodes"]["x"], data["nodes"]["y"]
    assert y[0] == y[1]
    assert x[0] == x[2]
    assert (y[2] - y[0]) / (x[1] - x[0]) == pytest.approx(3.0, abs=0.01)
    assert x[1] - x[0] > 20  # not all on one spot
    assert x[3] > max(x[:3])
    assert any("3 of 4 nodes have a place" in note for note in data["about"]["notes"])


def test_hidden_nodes_are_left_out_and_counted() -> None:
    network = RiskNetwork()
    network.add_node("a")
    network.add_node("b", hidden=True)
    network.add_edge("a", "b")
    data = data_of(network.generate_html())
    assert data["nodes"]["id"] == ["a"]
    assert data["links"]["from"] == []
    assert data["banner"] == ["1 hidden nodes and their lines are left out."]


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror='window.__pwn=1'>",
        "</script><script>window.__pwn=1</script>",
        "href <svg onload=window.__pwn=1>",
        "__proto__",
        "constructor",
        "a.b.c",
        "",
    ],
)
def test_hostile_text_in_any_place_is_text(chromium: Any, tmp_path: Path, text: str) -> None:
    network = RiskNetwork(text)
    network.add_node(text, label=text, title=text, group=text, color=text, shape=text, **{"fact " + text: text})
    network.add_node("b", kind=text, label=text)
    network.add_edge(text, "b", label=text, title=text, relation=text, color=text, arrows=text)
    network.add_edge("b", "b", relation=text, weight=1.0)
    opened = open_page(chromium, network.generate_html(), tmp_path)
    opened.run(f"graphrisk.choose({text!r})" if "'" not in text else "graphrisk.choose('b')")
    opened.page.click("#b-table")
    opened.settle()
    assert opened.counts["nodes"] == 2
    assert opened.counts["edges"] == 2
    assert opened.run("window.__pwn") is None
    assert opened.run("window.__broken") == []
    assert opened.errors == []


@pytest.mark.parametrize("make", ["empty", "one", "two", "star", "complete", "isolated", "path", "forest"])
def test_any_shape_of_network_is_a_page_without_two_nodes_on_one_spot(make: str) -> None:
    graphs = {
        "empty": nx.empty_graph(0), "one": nx.empty_graph(1), "two": nx.path_graph(2), "star": nx.star_graph(900),
        "complete": nx.complete_graph(90), "isolated": nx.empty_graph(700), "path": nx.path_graph(800),
        "forest": nx.disjoint_union_all([nx.balanced_tree(2, 6), nx.cycle_graph(70), nx.path_graph(3)]),
    }  # fmt: skip
    network = RiskNetwork(make)
    network.from_nx(graphs[make])
    data = data_of(network.generate_html())
    places = list(zip(data["nodes"].get("x", []), data["nodes"].get("y", []), strict=True))
    assert len(places) == len(set(places)) == graphs[make].number_of_nodes()
