"""GEXF and GraphML, read back by NetworkX."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from graphrisk.errors import UsageError
from graphrisk.export.base import find_export
from graphrisk.export.cells import clean_text
from tests.export.worlds import HOSTILE, graph, scores, tables

READERS = {
    "gexf": lambda file: nx.read_gexf(file),
    "graphml": lambda file: nx.read_graphml(file, force_multigraph=True),
}
FORMATS = sorted(READERS)


def _read(name: str, folder: Path, given: dict[str, Any] | None = None) -> Any:
    file = find_export(name).write(given if given is not None else {**tables(), **scores()}, graph(), folder / "net")[0]
    return READERS[name](file)


@pytest.mark.parametrize("name", FORMATS)
def test_nodes_and_parallel_edges_are_those_of_the_graph(name: str, tmp_path: Path) -> None:
    network, whole = _read(name, tmp_path), graph().to_networkx()
    assert set(whole) == set(network)
    assert sorted((u, v) for u, v, _ in whole.edges) == sorted((u, v) for u, v, *_ in network.edges)
    assert 2 == network.number_of_edges("P00", "P01")
    assert 2 == network.number_of_edges("P04", "P05")


@pytest.mark.parametrize("name", FORMATS)
def test_names_come_back_whatever_is_in_them(name: str, tmp_path: Path) -> None:
    network = _read(name, tmp_path)
    assert [clean_text(text) for text in HOSTILE] == [network.nodes[f"P{k:02d}"]["name"] for k in range(len(HOSTILE))]
    assert "云溪恒隆纺织有限公司" == network.nodes["P09"]["label"]


@pytest.mark.parametrize("name", FORMATS)
def test_attributes_are_typed_and_nulls_left_out(name: str, tmp_path: Path) -> None:
    network = _read(name, tmp_path)
    assert network.nodes["P00"]["is_client"] is True
    assert "1999-12-31" == network.nodes["P00"]["incorporated_on"]
    assert 123456.78 == network.nodes["F1"]["outstanding"]
    assert "Facility" == network.nodes["facility:P02"]["node"]
    assert "industry" not in network.nodes["P03"]
    (shares,) = [data for u, v, data in network.edges(data=True) if data["relation"] == "OWNS"]
    assert 0.5 == shares["share_max"]
    assert "share_min" not in shares


@pytest.mark.parametrize("name", FORMATS)
def test_scores_are_on_the_nodes(name: str, tmp_path: Path) -> None:
    network = _read(name, tmp_path)
    assert (1, 2.5, True) == tuple(
        network.nodes["P00"][f"chains_parties_{c}"] for c in ("depth", "over_guarantee_ratio", "in_circle")
    )
    assert "chains_parties_over_guarantee_ratio" not in network.nodes["P01"]
    assert (0.25, 0.5) == tuple(network.nodes["P00"][f"centrality_scores_{x}_pagerank"] for x in ("all", "guarantees"))


@pytest.mark.parametrize("name", FORMATS)
def test_only_the_relations_asked_for_are_written(name: str, tmp_path: Path) -> None:
    network = _read(name, tmp_path, {"guarantees": tables()["guarantees"]})
    assert {"P00", "P01"} == set(network)
    assert 2 == network.number_of_edges()


@pytest.mark.parametrize("name", FORMATS)
def test_scores_alone_come_with_the_whole_network(name: str, tmp_path: Path) -> None:
    network = _read(name, tmp_path, {"chains_parties": scores()["chains_parties"]})
    assert len(graph().to_networkx()) == len(network)


@pytest.mark.parametrize("name", FORMATS)
def test_scores_that_belong_to_no_node_are_refused(name: str, tmp_path: Path) -> None:
    table = scores()["chains_parties"]
    with pytest.raises(UsageError, match="party_id"):
        _read(name, tmp_path, {"chains_pairs": table.drop_columns(["party_id"])})
    with pytest.raises(UsageError, match="several rows for party P00"):
        _read(name, tmp_path, {"chains_parties": table.take([0, 1, 0])})


@pytest.mark.parametrize("name", FORMATS)
def test_ids_of_edges_are_unique(name: str, tmp_path: Path) -> None:
    file = find_export(name).write(tables(), graph(), tmp_path / "net")[0]
    ids = [edge.get("id") for edge in ET.parse(file).iter() if edge.tag.endswith("}edge")]
    assert len(ids) == len(set(ids)) == graph().to_networkx().number_of_edges()


def test_gephi_takes_the_amount_as_weight(tmp_path: Path) -> None:
    network = _read("gexf", tmp_path)
    assert {5e6} == {data["weight"] for u, v, data in network.edges(data=True) if data["relation"] == "GUARANTEES"}
