"""The plot of calibration says what the tables hold, the verdict first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrisk.answers.calibration import verdict
from graphrisk.answers.reader import Reader
from graphrisk.model.result import records
from graphrisk.views.base import Options
from tests.analyze.test_calibration import past
from tests.views.browser import open_page
from tests.views.test_views import data_of, page_of, results_of
from tests.worlds.build import graph_of


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_plot_holds_the_grades_and_says_the_verdict_first(lang: Any) -> None:
    graph = graph_of(**past(2))
    run = results_of(graph, ("calibration",))["calibration"]
    data = data_of(page_of("calibration", graph, Options(lang=lang)))
    assert records(run.grades) == data["chart"]["points"]
    assert list(verdict(run, Reader(lang=lang))) == data["banner"]
    assert not data["empty"]


def test_without_outcomes_there_is_a_sentence_and_no_axes() -> None:
    data = data_of(page_of("calibration", graph_of(parties=[{"party_id": "A"}])))
    assert "No PD can be compared" in data["empty"]
    assert [[], []] == [data["chart"]["points"], data["panels"]]


@pytest.mark.browser
def test_the_plot_is_drawn_and_tabled(chromium: Any, tmp_path: Path) -> None:
    html = page_of("calibration", graph_of(**past(2)))
    points = len(data_of(html)["chart"]["points"])
    opened = open_page(chromium, html, tmp_path)
    for drawn, many in (("point", points), ("interval", points), ("diagonal", 1)):
        assert opened.run(f"document.querySelectorAll('#chart .{drawn}').length") == many
    opened.page.keyboard.press("t")
    assert opened.run("document.querySelectorAll('#twin tbody tr').length") == points
    assert opened.run("graphrisk.csv('flows')").count("\r\n") == points + 1
    assert opened.errors == []
