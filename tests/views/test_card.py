"""The card of a client and the map of migration say what the tables hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrisk.model.result import records
from graphrisk.policies.profile_policy import DIMENSIONS
from tests.analyze.test_migration import histories
from tests.views.browser import open_page
from tests.views.test_views import data_of, page_of, results_of
from tests.worlds.build import AS_OF, graph_of, parties, ring


def world() -> dict[str, Any]:
    rows: dict[str, Any] = ring(3)
    rows["parties"][0] |= {"name": "甲公司", "industry": "C13", "size": "small", "is_client": True}
    rows["facilities"][0]["days_past_due"] = 9
    rows["ratings"] = [{"party_id": f"P{k}", "pd": 0.02 * (k + 1)} for k in range(3)]
    rows["relationship"] = [{"party_id": "P0", "as_of_on": AS_OF, "products": 3, "owner_credit_score": 600.0}]
    for row in rows["financials"]:
        row |= {"total_assets": 100.0, "current_assets": 60.0, "current_liabilities": 40.0, "total_liabilities": 70.0}
    return rows


@pytest.fixture(scope="module")
def html() -> str:
    return page_of("card", graph_of(**world()), arg="P0")


def panel(html: str, key: str) -> list[Any]:
    return next(p for p in data_of(html)["panels"] if p["key"] == key)["rows"]


def column(html: str, key: str, word: str) -> list[Any]:
    found = next(p for p in data_of(html)["panels"] if p["key"] == key)
    at = [head["word"] for head in found["columns"]].index(word)
    return [row[at] for row in found["rows"]]


def test_limits_say_whether_the_client_or_its_group_is_measured_and_lenders_stand_where_there_are_others() -> None:
    rows: dict[str, Any] = {
        "parties": [{"party_id": one, "name": one, "is_client": True} for one in ("A", "A#2", "B", "C", "D", "L")],
        "facilities": [{"facility_id": one, "borrower_id": one, "outstanding": 90.0} for one in ("A", "A#2", "B", "C")],
        "dependencies": [{"dependent_id": a, "on_id": b} for a, b in (("A", "B"), ("A", "C"), ("A#2", "D"))],
    }
    graph = graph_of(**rows)
    of_a, of_other = (page_of("card", graph, arg=one) for one in ("A", "A#2"))
    whose = zip(*(column(of_a, "card_limits", word) for word in ("kind", "subject_of_limit")), strict=True)
    assert [("client", "A"), ("group", "A"), ("group", "A")] == sorted((kind, one["text"]) for kind, one in whose)
    assert {"A#2"} == {one["text"] for one in column(of_other, "card_limits", "subject_of_limit")}
    heads = [
        head["word"] for head in next(p for p in data_of(of_a)["panels"] if p["key"] == "card_exposures")["columns"]
    ]
    assert "card_lender" not in heads
    rows["facilities"].append({"facility_id": "X", "borrower_id": "A", "lender_id": "L", "outstanding": 5.0})
    lent = page_of("card", graph_of(**rows), arg="A")
    assert [None, "L"] == [one and one["text"] for one in column(lent, "card_exposures", "card_lender")]


def test_the_card_shows_the_numbers_of_the_tables(html: str) -> None:
    graph = graph_of(**world())
    found = results_of(graph, ("network_pd", "guarantee_value", "ratios", "profile"))
    axes = data_of(html)["chart"]["axes"]
    mine = found["profile"].dimensions[found["profile"].dimensions["party_id"] == "P0"]
    assert [row["score"] for row in records(mine)] == [axis["score"] for axis in axes]
    assert len(DIMENSIONS) == len(axes)
    net = found["network_pd"].parties.set_index("party_id").loc["P0"]
    assert [net["pd_own"], net["pd_net"]] == [row[1] for row in panel(html, "card_pd")][:2]
    assert 9 == column(html, "card_exposures", "card_late")[0]
    current = next(row for row in panel(html, "card_ratios") if row[0] == "current")
    assert 1.5 == current[1]
    assert 2 == current[4]
    assert 1 == len(panel(html, "card_circles"))
    assert 2 == len(panel(html, "card_guarantees"))
    assert ["radar", 0] == [data_of(html)["chart"]["kind"], data_of(html)["focus"]]


def test_what_is_not_known_is_a_gap_of_the_radar(html: str) -> None:
    bare = page_of("card", graph_of(parties=[{"party_id": "A"}]), arg="A")
    scores = {axis["name"]: axis["score"] for axis in data_of(bare)["chart"]["axes"]}
    assert scores["prospects"] is None
    assert scores["credit history"] is None


def test_the_map_of_migration_holds_the_cohort_matrix_with_intervals() -> None:
    graph = graph_of(**histories(2))
    html = page_of("migration", graph)
    matrix = results_of(graph, ("migration",))["migration"].matrix
    one = matrix[(matrix["years"] == 1) & (matrix["estimator"] == "cohort")]
    chart = data_of(html)["chart"]
    assert [[r["from_grade"], r["to_grade"], r["probability"], r["low"], r["high"]] for r in records(one)] == [
        cell[:5] for cell in chart["cells"]
    ]
    ten = next(p for p in data_of(html)["panels"] if p["key"] == "migration_defaults")["rows"]
    assert all(row[1] <= row[5] for row in ten if None not in (row[1], row[5]))
    assert data_of(page_of("migration", graph_of(parties=[{"party_id": "A"}])))["empty"]
    assert data_of(html)["banner"] == []


def test_a_map_of_grades_that_nobody_was_watched_in_says_so() -> None:
    rated = [{"party_id": one, "as_of_on": AS_OF, "model": "new", "pd": pd, "grade": grade}
             for one, pd, grade in (("A", 0.01, "A"), ("B", 0.05, "B"))]  # fmt: skip
    data = data_of(page_of("migration", graph_of(parties=parties("A", "B"), ratings=rated)))
    assert [said.split(",")[0] for said in data["banner"]] == ["No client-year of grades by new is in the data"]


@pytest.mark.browser
def test_radar_and_map_are_drawn_and_tabled(chromium: Any, html: str, tmp_path: Path) -> None:
    opened = open_page(chromium, html, tmp_path)
    axes = data_of(html)["chart"]["axes"]
    assert opened.run("document.querySelectorAll('#chart circle').length") == sum(a["score"] is not None for a in axes)
    opened.page.keyboard.press("t")
    assert opened.run("document.querySelectorAll('#twin tbody tr').length") == len(axes)
    assert opened.errors == []
    mapped = page_of("migration", graph_of(**histories(2)))
    opened = open_page(chromium, mapped, tmp_path)
    cells = len(data_of(mapped)["chart"]["cells"])
    assert opened.run("document.querySelectorAll('#chart rect.cell').length") == cells
    assert opened.run("graphrisk.csv('flows')").count("\r\n") == cells + 1
    assert opened.errors == []
