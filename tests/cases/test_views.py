"""Shared cases F29 and F31 (our own data): networks that a user draws himself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from graphrisk.views.riskview import RiskNetwork
from tests.views.browser import open_page
from tests.views.test_views import data_of


def spread_of(network: RiskNetwork) -> tuple[float, float]:
    """Return mean line length over mean distance of two nodes, and the correlation of radius and order."""
    data = data_of(network.generate_html())
    place = np.array([data["nodes"]["x"], data["nodes"]["y"]], dtype=float).T
    at = {key: n for n, key in enumerate(data["nodes"]["id"])}
    ends = np.array([(at[str(e["from"])], at[str(e["to"])]) for e in network.edges])
    chosen = np.random.default_rng(0).integers(0, len(place), (5000, 2))
    line = np.hypot(*(place[ends[:, 0]] - place[ends[:, 1]]).T).mean()
    apart = np.hypot(*(place[chosen[:, 0]] - place[chosen[:, 1]]).T).mean()
    return float(line / apart), float(np.corrcoef(np.arange(len(place)), np.hypot(*place.T))[0, 1])


def ring_of_cliques(many: int) -> nx.DiGraph[int]:
    """Return cliques of 20 in a ring, their nodes in shuffled order (lay.py of the case)."""
    graph = nx.connected_caveman_graph(many, 20)
    order = np.random.default_rng(1).permutation(len(graph))
    out: nx.DiGraph[int] = nx.DiGraph()
    out.add_nodes_from(range(len(graph)))
    out.add_edges_from((int(order[a]), int(order[b])) for a, b in graph.edges())
    return out


def test_f29_titles_and_labels_are_in_the_page_and_no_line_is_a_personal_tie(tmp_path: Path) -> None:
    network = RiskNetwork(directed=True)
    network.add_node(1, label="甲", title="tip for 甲")
    network.add_node(2, label="乙")
    network.add_edge(1, 2, label="link A", title="tip A")
    network.add_edge(1, 2, label="link B")
    network.write_html(tmp_path / "out.html")
    text = (tmp_path / "out.html").read_text("utf-8")
    assert [w for w in ("tip for 甲", "tip A", "link A", "link B") if w not in text] == []
    assert "personal tie" not in text
    data = data_of(text)
    assert data["links"]["relation"] == ["line", "line"]
    assert data["words"]["relation.line"] == "line"


def test_f29_the_browser_shows_them_as_text(chromium: Any, tmp_path: Path) -> None:
    network = RiskNetwork("two lines")
    network.add_node(1, label="甲", title="<b>tip</b> for 甲 href")
    network.add_node(2, label="乙")
    network.add_edge(1, 2, label="link A", title="tip A")
    network.add_edge(1, 2, label="link B")
    opened = open_page(chromium, network.generate_html(), tmp_path)
    assert opened.counts["edges"] == 2
    opened.run("graphrisk.choose('1')")
    opened.settle()
    panel = opened.page.inner_text("#pane")
    assert "<b>tip</b> for 甲 href" in panel
    assert "line" in opened.page.inner_text("#rail")
    rows = opened.run("graphrisk.csv('relations')")
    assert all(word in rows for word in ("link A", "tip A", "link B"))
    assert opened.errors == []


@pytest.mark.parametrize("cliques", [2, 20, 25, 40, 50, 75])
def test_f31_linked_nodes_lie_near_one_another_whatever_the_size(cliques: int) -> None:
    network = RiskNetwork()
    network.from_nx(ring_of_cliques(cliques))
    line, order = spread_of(network)
    assert line < (0.6 if cliques == 2 else 0.25)
    assert abs(order) < 0.3


def test_f31_twenty_thousand_nodes_are_groups_and_no_line_is_lost(chromium: Any, tmp_path: Path) -> None:
    graph = nx.gnm_random_graph(20_000, 50_000, seed=1)
    network = RiskNetwork("large")
    network.from_nx(graph)
    text = network.generate_html()
    data = data_of(text)
    assert sum(data["groups"]["members"]) == 20_000
    assert max(data["groups"]["members"]) <= 300
    within = sum(
        1
        for a, b in zip(data["links"]["from"], data["links"]["to"], strict=True)
        if data["nodes"]["group"][a] == data["nodes"]["group"][b]
    )
    assert within + sum(data["bundles"]["count"]) == 50_000
    assert any("gathered into" in note for note in data["about"]["notes"])
    opened = open_page(chromium, text, tmp_path)
    assert opened.counts["groups"] == len(data["groups"]["name"])
    opened.run("graphrisk.enter(0)")
    opened.settle()
    assert opened.counts["nodes"] == data["groups"]["members"][0]
    assert opened.errors == []


def test_f31_more_than_a_page_holds_is_said_on_it() -> None:
    graph = nx.disjoint_union(nx.connected_caveman_graph(1000, 20), nx.path_graph(2_000))
    network = RiskNetwork("very large")
    network.from_nx(graph)
    data = data_of(network.generate_html())
    kept = len(data["nodes"]["id"])
    assert kept <= 20_000
    assert f"{22_000 - kept:,} of 22,000 nodes are not in this page" in data["banner"][0]
    assert len(data["links"]["from"]) == 100_000
    assert any("lines are not in this page" in text for text in data["banner"])
