"""What is said has room: no name lies on a line, no column is out of sight, no word is cut, good news is no warning."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views.base import Options, find_view
from graphrisk.views.render import render
from tests.analyze.test_calibration import past
from tests.views.browser import Opened, open_page
from tests.views.test_views import data_of, page_of
from tests.worlds.build import graph_of, parties

pytestmark = pytest.mark.browser

OUT_OF_SIGHT = """() => {
  const out = [];
  for (const tab of document.querySelectorAll('#tabs button')) {
    tab.click();
    for (const list of document.querySelectorAll('#pane .scroll')) if (list.scrollWidth > list.clientWidth + 1) out.push(list.textContent.slice(0, 60));
  }
  for (const text of document.querySelectorAll('h1, #origin, #rail .name, .figure .word, .figure .value, .figure .sub'))
    if (text.offsetParent && text.scrollWidth > text.clientWidth + 1) out.push(text.textContent);
  return out;
}"""  # noqa: E501


def names_on_lines(opened: Opened) -> list[str]:
    """Return whose names lie on a line: a plain reference, each name against many points of each line on the screen."""
    lines = opened.run(
        "graphrisk.geometry().lines.map(([a, b, way]) => way.reduce((all, x, k) => k % 2 ? all : "
        "[...all, graphrisk.network.canvasToDOM({x, y: way[k + 1]})], []).map(p => [p.x, p.y]))"
    )
    points = np.concatenate([np.linspace(a, b, 60) for way in lines for a, b in pairwise(np.array(way, dtype=float))])
    found = []
    for who, x, y, half in opened.run("graphrisk.names()"):
        inside = (np.abs(points[:, 0] - x) < half - 2) & (points[:, 1] > y + 1) & (points[:, 1] < y + 12)
        if inside.any():
            found.append(str(who))
    return found


def test_names_keep_off_the_lines_where_there_is_room(chromium: Any, tmp_path: Path) -> None:
    """A chain with long names: each name has room below its node, that of the ends only moved inwards."""
    names = [f"云浦恒溪五金制品有限公司{k}" for k in range(3)]
    rows = [{"party_id": f"P{k}", "name": name} for k, name in enumerate(names)]
    steps = [{"owner_id": f"P{k}", "owned_id": f"P{k + 1}", "share_min": 0.6, "share_max": 0.6} for k in range(2)]
    picture = page_of("ownership", graph_of(parties=rows, ownership=steps), arg="P0")
    opened = open_page(chromium, picture, tmp_path)
    assert len(opened.run("graphrisk.names()")) == opened.counts["nodes"] == 3
    assert names_on_lines(opened) == []
    wide = opened.run("document.querySelector('#net').clientWidth")
    assert all(half <= x <= wide - half for _, x, _, half in opened.run("graphrisk.names()"))


def test_the_reference_sees_a_name_on_a_line(chromium: Any, tmp_path: Path) -> None:
    """Rows of contracts all around leave no room: the names stand, and the reference sees them on lines."""
    ids = [f"P{k}" for k in range(9)]
    pairs = [(a, b) for a in ids for b in ids if a < b]
    guarantees = [
        {"guarantee_id": f"{a}{b}{k}", "guarantor_id": a, "debtor_id": b, "amount": 1e6}
        for a, b in pairs
        for k in "123"
    ]
    graph = graph_of(parties=parties(*ids), guarantees=guarantees)
    opened = open_page(chromium, render(find_view("ego").picture(graph, {}, "P0", Options())).html, tmp_path)
    assert len(opened.run("graphrisk.names()")) > 0
    assert names_on_lines(opened)


@pytest.mark.parametrize("name", ["overview", "circle", "collateral", "precheck"])
def test_no_column_and_no_word_is_out_of_sight(name: str, chromium: Any, bank: RiskGraph, tmp_path: Path) -> None:
    opened = open_page(chromium, page_of(name, bank), tmp_path)
    for width in (1440, 1000, 600):
        opened.page.set_viewport_size({"width": width, "height": 900})
        opened.settle(120)
        assert opened.run(OUT_OF_SIGHT) == [], width
    assert opened.errors == []


@pytest.mark.parametrize(("seed", "times", "good"), [(2, 1.0, True), (2, 4.0, False), (5, 1.0, False)])
def test_good_news_is_no_warning(seed: int, times: float, good: bool, chromium: Any, tmp_path: Path) -> None:
    """The PDs fit; all are too low; the level fits, but a grade is off."""
    page = page_of("calibration", graph_of(**past(seed, times=times)))
    said = " ".join(data_of(page)["banner"])
    assert good is ("level of the PDs is right" in said and "too low" not in said)
    opened = open_page(chromium, page, tmp_path)
    assert opened.run("document.getElementById('banner').classList.contains('calm')") is good
    assert said.split(":")[0] in opened.run("document.getElementById('banner').textContent")
