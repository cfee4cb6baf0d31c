"""Pages of shared collateral and of proposed contracts, and what supervisors ask for beside a circle."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.answers.reader import Reader
from graphrisk.errors import UsageError
from graphrisk.graph.build import build_graph
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.proposing import with_proposal
from graphrisk.views.base import Options, asked, find_view
from graphrisk.views.render import render
from tests.analyze.prechecks import stored, write_rows
from tests.analyze.test_chains_cuts import district
from tests.analyze.test_collateral import world
from tests.views.test_views import data_of, page_of, results_of
from tests.worlds.build import AS_OF, graph_of, parties, tables_of


def panels(data: dict[str, Any]) -> dict[str, list[Any]]:
    return {panel["key"]: panel["rows"] for panel in data["panels"]}


def test_assets_stand_left_of_those_who_borrow_on_them() -> None:
    data = data_of(page_of("collateral", graph_of(**world())))
    x = dict(zip(data["nodes"]["id"], data["nodes"]["x"], strict=True))
    assert {"K1", "A", "B", "O"} == set(x)  # K2 and K3 secure one loan each
    assert x["O"] < x["K1"] < min(x["A"], x["B"])
    found = panels(data)
    assert [1.4] == [row[3] for row in found["shared_assets"] if row[0]["text"] == "K1"]
    assert [["A", "B", "K1", 100.0, "only_asset.yes"]] == [
        [row[0]["text"], row[1]["text"], row[2]["text"], row[3], row[4]["word"]] for row in found["asset_links"]
    ]
    mine = data_of(page_of("collateral", graph_of(**world()), arg="B"))
    assert {"K1", "K2", "K3"} <= set(mine["nodes"]["id"])


def test_the_circle_page_lists_the_parts_of_supervisors_and_dashes_a_proposed_cut() -> None:
    rows = district(0)
    graph = graph_of(**rows)
    view, results = find_view("circle"), results_of(graph, ("quality", "contagion"))
    chains = find_analyzer("chains")
    results["chains"] = chains.run(graph, chains.Params(max_piece=9, max_links=0), inputs=Inputs(), progress=silent)
    data = data_of(render(view.picture(graph, results, "P05", Options())).html)
    (part,) = panels(data)["supervisor_parts"]
    assert len(rows["parties"]) == part[1]
    (cut,) = panels(data)["proposed_cuts"]
    expected = results["chains"].cuts.iloc[0]
    assert [expected["pieces"], expected["largest_piece"], len(expected["guarantee_ids"])] == cut[1:4]
    links = data["links"]
    drawn = dict(zip(links["contract"], links.get("dashes", [None] * len(links["contract"])), strict=True))
    assert {one for one, dashed in drawn.items() if dashed} == set(expected["guarantee_ids"]) & set(drawn)


@pytest.fixture
def proposed(tmp_path: Path) -> tuple[Any, Any]:
    rows = {
        "parties": parties("A", "B", "C", "FAR"),
        "financials": [{"party_id": name, "equity": 10.0} for name in "ABC"],
        "facilities": [{"facility_id": "F", "borrower_id": "B", "outstanding": 60.0}],
        "guarantees": [{"guarantee_id": "G", "guarantor_id": "A", "debtor_id": "B", "amount": 60.0}],
    }
    tables = tables_of(**rows)
    before = build_graph(tables, as_of=AS_OF)
    new = {"guarantees": [{"guarantee_id": "N", "guarantor_id": "B", "debtor_id": "A", "amount": 7.0}]}
    after, said = with_proposal(before, stored(tables), write_rows(tmp_path, new), None, silent)
    analyzer = find_analyzer("precheck")
    result = analyzer.run(after, analyzer.Params(circles=False), inputs=Inputs(proposed=said), progress=silent)
    declared = {table.name: table for table in analyzer.TABLES}
    return before, dataclasses.replace(result, reader=Reader(graph=after, tables=declared))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_proposed_contracts_are_dashed_and_what_breaks_is_said(proposed: tuple[Any, Any], lang: Any) -> None:
    before, result = proposed
    picture = find_view("precheck").picture(before, {"precheck": result}, "folder", Options(lang=lang))
    data = data_of(render(picture).html)
    assert {"A", "B"} == set(data["nodes"]["id"])
    assert {"G": None, "N": True} == dict(zip(data["links"]["contract"], data["links"]["dashes"], strict=True))
    rows = {row[0]["word"]: row for row in panels(data)["before_after"]}
    assert "verdict.breached" == rows["precheck.circles"][4]["word"]
    assert [["A", "B"]] == [[data["nodes"]["id"][k] for k in row[0]["many"]] for row in panels(data)["closing_circles"]]


def test_a_mask_hides_who_proposes_and_coarse_amounts_stay_coarse(proposed: tuple[Any, Any]) -> None:
    before, result = proposed
    options = Options(mask="a long secret key", mask_level="amounts")
    picture = find_view("precheck").picture(before, {"precheck": result}, "folder", options)
    assert not {"A", "B", "G", "N"} & {*picture.data()["nodes"]["id"], *picture.data()["links"].get("contract", [])}


def test_the_page_of_proposals_asks_for_one_check_and_no_run() -> None:
    view, graph = find_view("precheck"), graph_of(parties=parties("A"))
    (ask,) = asked(view, graph, {}, "folder", Options(settings={"circles": "false"}))
    assert ("precheck", {"folder": "folder", "circles": "false"}) == (ask.analyzer, ask.params)
    with pytest.raises(UsageError, match="shows no run"):
        asked(view, graph, {}, "folder", Options(shocks=("A",)))
