"""The pages lead with what a shock adds: causes, rounds, figures and who fails anyway, by hand and on random books."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.views.base import Options
from graphrisk.views.data.page_graph import CODES
from graphrisk.views.data.palette import RELATIONS
from graphrisk.views.desk import open_desk
from graphrisk.views.shocks.replay import read_replay
from tests.analyze.contagion_books import random_book, random_shock
from tests.analyze.contagion_runs import graph_from
from tests.views.browser import open_page
from tests.views.test_views import data_of, page_of
from tests.worlds.build import graph_of, parties


def beside() -> RiskGraph:
    """Z (equity -5) owes our bank 7 and owes Y (equity 1) 4: both fail as the book stands. A owes the bank 100.

    B (equity 60) guarantees A in full; U, of unknown equity, guarantees E, who owes 30 and whose only claim of 50 is on
    B (equity 20). Shock A: B pays 60 and fails, E loses 50 and fails, U is called for 30 and cannot pay.
    """
    return graph_of(
        parties=parties("A", "B", "E", "U", "Y", "Z"),
        financials=[
            {"party_id": name, "equity": equity}
            for name, equity in (("A", 30.0), ("B", 60.0), ("E", 20.0), ("Y", 1.0), ("Z", -5.0))
        ],
        facilities=[
            {"facility_id": "FA", "borrower_id": "A", "outstanding": 100.0},
            {"facility_id": "FE", "borrower_id": "E", "outstanding": 30.0},
            {"facility_id": "FZ", "borrower_id": "Z", "outstanding": 7.0},
        ],
        guarantees=[
            {"guarantee_id": "GA", "guarantor_id": "B", "debtor_id": "A", "facility_id": "FA", "amount": 100.0},
            {"guarantee_id": "GE", "guarantor_id": "U", "debtor_id": "E", "facility_id": "FE", "amount": 30.0},
        ],
        exposures=[
            {"creditor_id": "E", "debtor_id": "B", "amount": 50.0},
            {"creditor_id": "Y", "debtor_id": "Z", "amount": 4.0},
        ],
    )


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    return data_of(page_of("cascade", beside(), arg="A"))


def of(page: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(zip(page["nodes"]["id"], page["cascade"]["runs"][0][name], strict=True))


def panel(page: dict[str, Any], key: str) -> dict[str, Any]:
    return next(p for p in page["panels"] if p["key"] == key)


def test_rounds_count_from_the_shock_and_who_fails_anyway_is_marked(page: dict[str, Any]) -> None:
    assert of(page, "round") == {"A": 0, "B": 1, "E": 2, "U": 3, "Y": None, "Z": None}
    assert of(page, "anyway") == {"A": 0, "B": 0, "E": 0, "U": 0, "Y": 1, "Z": 1}
    assert of(page, "on_request") == of(page, "anyway")
    assert of(page, "shocked") == {"A": 1, "B": 0, "E": 0, "U": 0, "Y": 0, "Z": 0}
    assert page["cascade"]["rounds"] == 3


def test_figures_are_what_the_shock_adds_with_the_whole_beside(page: dict[str, Any]) -> None:
    figures = {f["word"]: (f["value"], f.get("sub", {}).get("value")) for f in page["figures"]}
    assert figures["failed_parties"] == (4, 6)
    assert figures["bank_loss_all"] == (70, 77)  # 40 of A, 30 of E; 7 of Z anyway
    assert figures["guarantors_paid"] == (60, 60)
    assert figures["shortfall"] == (130, 137)
    assert figures["equity_lost"] == (110, 111)  # 30 + 60 + 20, and Y's 1
    assert page["words"]["sub.in_all"] == "in all: {value}"
    assert {f["said"] for f in page["figures"] if "said" in f} <= set(page["words"])


def test_a_party_of_unknown_equity_fails_by_its_unmet_call(page: dict[str, Any]) -> None:
    assert of(page, "why")["U"] == (
        "U fails: E fell short and U was called for 30 under guarantee GE; it paid 0 and could not pay 30. "
        "Its equity was not known."
    )


def test_who_fails_anyway_is_a_list_of_its_own(page: dict[str, Any]) -> None:
    listed = panel(page, "anyway")
    assert [(row[0]["text"], *row[1:]) for row in listed["rows"]] == [
        ("Z", 0, "its equity is -5 from the start", -5, 7),
        ("Y", 1, "claim on Z", -3, 0),
    ]
    assert (listed["on_request"], listed["twin"], listed["total"]) == (True, True, 2)
    assert of(page, "why")["Y"] == "Y fails without the shock too (round 1 of the book as it stands: claim on Z)."
    assert "Z" not in str([row[0] for row in panel(page, "shortfalls")["rows"]])


def test_a_shock_on_one_that_fails_anyway_marks_it_and_brings_nobody_down() -> None:
    page = data_of(page_of("cascade", beside(), arg="Z"))
    assert of(page, "shocked")["Z"] == 1
    assert of(page, "on_request") == {"Y": 1, "Z": 0}
    assert page["banner"] == ["The shock brings nobody down."]
    assert page["figures"][0]["value"] == 0


def test_without_a_shock_the_book_is_shown_as_it_stands() -> None:
    from graphrisk.views import cascade
    from tests.views.test_views import results_of

    page = cascade.picture(beside(), results_of(beside(), ("contagion",)), None, Options()).data()
    assert page["title"] == "How defaults spread in the book as it stands"
    assert of(page, "round") == {"Y": 1, "Z": 0}
    assert [p["key"] for p in page["panels"]] == ["shortfalls"]
    assert page["figures"][0] == {"word": "failed_parties", "value": 2, "kind": "count", "warn": False}


def test_explain_states_the_reason_of_the_cascade_page(page: dict[str, Any]) -> None:
    for party in ("A", "B", "E", "U"):
        told = data_of(page_of("explain", beside(), Options(shocks={"A": 1.0}), party))
        assert panel(told, "explain_why")["rows"][0][0] == of(page, "why")[party]
        figures = {f["word"]: (f["value"], f.get("sub", {}).get("value")) for f in told["figures"]}
        assert figures["failed_parties"] == (4, 6)
        assert figures["bank_loss_all"] == (70, 77)


def test_a_debtor_that_fails_anyway_is_drawn_where_the_shock_asks_more_of_its_guarantor() -> None:
    """D (equity 0) owes 100, guaranteed jointly by G (100) and H (100): 50 each. Shock H: G is asked for 50 more."""
    graph = graph_of(
        parties=parties("D", "G", "H"),
        financials=[{"party_id": n, "equity": e} for n, e in (("D", 0.0), ("G", 90.0), ("H", 100.0))],
        facilities=[{"facility_id": "F", "borrower_id": "D", "outstanding": 100.0}],
        guarantees=[
            {"guarantee_id": f"G{n}", "guarantor_id": n, "debtor_id": "D", "facility_id": "F", "amount": 100.0,
             "mode": "joint_several"}
            for n in "GH"
        ],
    )  # fmt: skip
    page = data_of(page_of("cascade", graph, arg="H"))
    assert of(page, "anyway") == {"D": 1, "G": 0, "H": 0}
    assert of(page, "on_request") == {"D": 0, "G": 0, "H": 0}
    run, ids = page["cascade"]["runs"][0], page["nodes"]["id"]
    into = [ids[a] for a, b, c in zip(run["from"], run["to"], run["cause"], strict=True) if ids[b] == "G" and c]
    assert into == ["D"]
    assert of(page, "why")["G"].startswith("G fails: D fell short and G was called for 50 more under guarantee GG")


def test_a_supplier_that_fails_by_its_buyer_has_a_line_from_it() -> None:
    graph = graph_of(
        parties=parties("B", "S"),
        financials=[
            {"party_id": "B", "equity": 5.0, "sales": 100.0, "material_cost": 80.0},
            {"party_id": "S", "equity": 10.0, "sales": 80.0, "material_cost": 20.0},
        ],
        supplies=[{"supplier_id": "S", "buyer_id": "B", "amount": 80.0, "essential": True}],
    )
    page = data_of(page_of("cascade", graph, arg="B"))
    run, ids = page["cascade"]["runs"][0], page["nodes"]["id"]
    assert of(page, "round")["S"] == 1
    assert [
        (ids[a], ids[b], run["relation"][k])
        for k, (a, b) in enumerate(zip(run["from"], run["to"], strict=True))
        if run["cause"][k]
    ] == [("B", "S", "SUPPLIES")]
    assert of(page, "why")["S"].startswith("S fails: its largest loss is of profit with B")


def runs_of_random_books() -> list[tuple[int, str]]:
    return [(seed, rule) for seed in range(60) for rule in (("threshold", "debtrank")[seed % 2], "threshold")[:1]]


@pytest.mark.parametrize(("seed", "rule"), runs_of_random_books())
def test_every_failed_party_after_round_0_has_the_line_of_its_cause(seed: int, rule: str) -> None:
    rows = random_book(seed)
    graph = graph_from(rows)
    analyzer = find_analyzer("contagion")
    params = analyzer.Params(rule=rule, max_rounds=5_000)
    result = analyzer.run(graph, params, inputs=Inputs(shocks=random_shock(seed, rows)), progress=silent)
    desk = open_desk(graph, {}, Options())
    replay = read_replay(desk, result, 10_000, 10_000)
    table = result.tables["contagion_parties"].set_index("party_id")
    where = {int(n): k for k, n in enumerate(replay.nodes.tolist())}
    assert len(where) == len(replay.nodes)
    fell = {int(graph.position(str(p))): row for p, row in table.iterrows() if row["default_added"]}
    assert {n for n in where if replay.round[where[n]] >= 0} == set(fell)
    codes = {
        "exposure": "LENDS_TO", "guarantee": "GUARANTEES", "ownership": "OWNS", "supplies": "SUPPLIES",
        "collateral": "HAS_COLLATERAL",
    }  # fmt: skip
    for node, row in fell.items():
        assert replay.round[where[node]] == row["default_round"]
        kind = row["cause"].partition(":")[0]
        assert kind != "own_stop"
        if np.isnan(row["equity"]) and row["default_round"] > 0:
            assert kind == "guarantee"
        if kind == "shock":
            assert replay.shocked[where[node]]
            continue
        into = np.flatnonzero((replay.flows.target == node) & replay.is_stated_cause)
        assert len(into) >= 1, (row["cause"], kind)
        assert {int(replay.flows.code[k]) for k in into} == {CODES[codes[kind]]}
        assert not replay.flows_on_request[into].any()
        assert not replay.nodes_on_request[[where[int(n)] for n in replay.flows.source[into]]].any()
    assert set(RELATIONS) >= set(replay.relations)
    added = result.tables["contagion_facilities"]["bank_loss_added"].sum()
    assert replay.totals["shortfall"] == pytest.approx(
        float(added + result.tables["contagion_calls"]["paid_added"].sum()), abs=1e-6
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_hides_them_until_they_are_asked_for(chromium: Any, tmp_path: Path, lang: Any) -> None:
    opened = open_page(chromium, page_of("cascade", beside(), Options(lang=lang), "A"), tmp_path)
    assert sorted(opened.run("graphrisk.ids()")) == ["A", "B", "E", "U"]
    legend = opened.page.inner_text("#rail")
    assert (
        "show 2 parties that fail without the shock too" if lang == "en" else "显示无冲击时亦违约的 2 个主体"
    ) in legend
    assert ("hit by the shock itself" if lang == "en" else "直接受到冲击") in legend
    assert "Z" not in opened.run("graphrisk.csv('parties')").replace("FZ", "")
    opened.page.keyboard.press("t")
    tabs = opened.run("[...document.querySelectorAll('#twin .bar-top button')].map(b => b.textContent)")
    assert len(tabs) == 5  # parties, groups, relations, CSV, close
    opened.page.keyboard.press("t")
    opened.page.click("#b-anyway")
    assert sorted(opened.run("graphrisk.ids()")) == ["A", "B", "E", "U", "Y", "Z"]
    assert '"Y"' in opened.run("graphrisk.csv('parties')")
    opened.page.keyboard.press("t")
    tabs = opened.run("[...document.querySelectorAll('#twin .bar-top button')].map(b => b.textContent)")
    assert len(tabs) == 6
    opened.page.keyboard.press("t")
    opened.page.click("#b-undo")
    assert sorted(opened.run("graphrisk.ids()")) == ["A", "B", "E", "U"]
    assert opened.errors == []
    again = open_page(chromium, page_of("cascade", beside(), arg="A"), tmp_path, fragment="#anyway=1")
    assert again.counts["nodes"] == 6
