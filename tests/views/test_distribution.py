"""The curve of losses says what the tables of portfolio hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result
from graphrisk.views import distribution
from graphrisk.views.base import Options
from graphrisk.views.render import render
from tests.views.browser import open_page
from tests.views.test_views import data_of, results_of
from tests.views.worlds import random_graph


@pytest.fixture(scope="module")
def graph() -> RiskGraph:
    return random_graph(120)


@pytest.fixture(scope="module")
def results(graph: RiskGraph) -> dict[str, Result]:
    return results_of(graph, ("portfolio",))


@pytest.fixture(scope="module")
def html(graph: RiskGraph, results: dict[str, Result]) -> str:
    return render(distribution.picture(graph, results, None, Options())).html


def test_the_curves_are_the_table(html: str, results: dict[str, Result]) -> None:
    chart, table = data_of(html)["chart"], results["portfolio"].tables["portfolio_distribution"]
    assert [curve["key"] for curve in chart["curves"]] == list(distribution.CURVES)
    for curve in chart["curves"]:
        assert curve["loss"] == table[curve["key"]].tolist()
        assert curve["loss"] == sorted(curve["loss"])
    assert chart["beyond"] == pytest.approx((1 - table["probability"]).tolist(), abs=1e-12)


def test_the_marks_are_value_at_risk_with_contagion(html: str, results: dict[str, Result]) -> None:
    rows = results["portfolio"].tables["portfolio_summary"].query("measure == 'VaR'")
    marks = data_of(html)["chart"]["marks"]
    assert [(mark["loss"], mark["beyond"]) for mark in marks] == [
        (loss, pytest.approx(1 - level)) for loss, level in zip(rows["with_contagion"], rows["level"], strict=True)
    ]


def test_the_largest_contributions_come_first(html: str, results: dict[str, Result]) -> None:
    panel = next(p for p in data_of(html)["panels"] if p["key"] == "contributions")
    table = results["portfolio"].tables["portfolio_contributions"].head(len(panel["rows"]))
    assert [row[2] for row in panel["rows"]] == table["es_contribution"].tolist()


@pytest.mark.browser
def test_the_curves_are_drawn_and_tabled(chromium: Any, html: str, tmp_path: Path) -> None:
    opened = open_page(chromium, html, tmp_path)
    assert opened.run("document.querySelectorAll('#chart path').length") == 3
    opened.page.keyboard.press("t")
    rows = opened.run("document.querySelectorAll('#twin tbody tr').length")
    assert rows == len(data_of(html)["chart"]["beyond"])
    assert opened.run("graphrisk.csv('flows')").count("\r\n") == rows + 1
    assert opened.errors == []
