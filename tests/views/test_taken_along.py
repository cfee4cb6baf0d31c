"""What leaves the page: exported and printed pictures carry title, filters and legend; what a narrow screen keeps."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views.base import Options
from tests.analyze.test_calibration import past
from tests.views.browser import Opened, found_by_axe, open_page
from tests.views.test_views import data_of, page_of
from tests.worlds.build import graph_of, parties

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def ego(bank: RiskGraph) -> str:
    return page_of("ego", bank, Options(lang="zh", depth=3), arg="C000010")


def narrow(opened: Opened, width: int = 600) -> Opened:
    opened.page.set_viewport_size({"width": width, "height": 900})
    opened.settle(200)
    return opened


def test_an_svg_carries_title_day_filters_and_the_legend(
    chromium: Any, ego: str, bank: RiskGraph, tmp_path: Path
) -> None:
    opened = open_page(chromium, ego, tmp_path)
    opened.run("document.querySelector('#rail label[data-name=\"GUARANTEES\"]').click()")
    with opened.page.expect_download() as waited:
        opened.page.click("#b-svg")
    target = tmp_path / waited.value.suggested_filename
    waited.value.save_as(target)
    root = ET.parse(target).getroot()
    texts = ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")]
    name = str(bank.texts("parties", "name")[10])
    assert any(name in text for text in texts)
    assert any(text.startswith("数据日期") for text in texts)
    assert any("未显示" in text and "担保" in text for text in texts)
    assert {"企业", "< 1 %"} <= set(texts)  # the legend
    assert "担保" not in texts  # of what is drawn
    paths = [element for element in root.iter() if element.tag.endswith("path")]
    assert len(paths) > opened.counts["nodes"] + opened.counts["edges"]
    assert "NaN" not in target.read_text("utf-8")


def test_a_chart_carries_what_its_page_says_first_and_its_legend(chromium: Any, tmp_path: Path) -> None:
    opened = open_page(chromium, page_of("calibration", graph_of(**past(2))), tmp_path)
    saved = {}
    for button in ("svg", "png"):
        with opened.page.expect_download() as waited:
            opened.page.click(f"#b-{button}")
        waited.value.save_as(tmp_path / f"chart.{button}")
        saved[button] = (tmp_path / f"chart.{button}").read_bytes()
    texts = " ".join(
        element.text or "" for element in ET.fromstring(saved["svg"]).iter() if element.tag.endswith("text")
    )
    legend = opened.run("[...document.querySelectorAll('#rail .name')].map(e => e.textContent)")
    assert len(legend) == 3
    assert [text for text in ("The level of the PDs is right", "no test objects", *legend) if text not in texts] == []
    wide, high = (int.from_bytes(saved["png"][at : at + 4], "big") for at in (16, 20))
    box = opened.run("(b => [b.width, b.height])(document.querySelector('#chart svg').viewBox.baseVal)")
    assert wide == 2 * box[0]
    assert high > 2 * (box[1] + 100)


def test_a_png_is_higher_than_the_picture_by_its_head_and_its_legend(chromium: Any, ego: str, tmp_path: Path) -> None:
    opened = open_page(chromium, ego, tmp_path)
    with opened.page.expect_download() as waited:
        opened.page.click("#b-png")
    target = tmp_path / "picture.png"
    waited.value.save_as(target)
    wide, high = (int.from_bytes(target.read_bytes()[at : at + 4], "big") for at in (16, 20))
    frame = opened.run("[document.querySelector('#net').clientWidth, document.querySelector('#net').clientHeight]")
    assert wide == frame[0]
    assert high >= frame[1] + 70


def test_paper_shows_the_legend_and_the_filters(chromium: Any, ego: str, tmp_path: Path) -> None:
    opened = open_page(chromium, ego, tmp_path)
    opened.page.emulate_media(media="print")
    for shown in ("h1", "#origin", "#said", "#rail .name", "#net canvas"):
        assert opened.page.is_visible(shown), shown
    for hidden in (".tools", ".search", "#rail select", "#rail input"):
        assert not opened.page.is_visible(hidden), hidden
    assert "填充颜色表示" in opened.run("document.querySelector('#said').textContent")


def test_on_a_narrow_screen_the_panel_is_below_and_the_legend_is_a_drawer(
    chromium: Any, ego: str, tmp_path: Path
) -> None:
    opened = narrow(open_page(chromium, ego, tmp_path))
    stage, side = (opened.page.query_selector(name).bounding_box() for name in ("#stage", "#side"))
    assert side["y"] >= stage["y"] + stage["height"] - 1
    assert stage["width"] == side["width"] == 600
    assert opened.run("document.documentElement.scrollWidth") <= 600
    assert opened.page.is_visible("h1")
    assert not opened.page.is_visible("#rail")
    opened.page.click("#b-legend")
    assert opened.page.is_visible("#rail")
    opened.page.keyboard.press("Escape")
    assert not opened.page.is_visible("#rail")
    assert opened.errors == []


def test_everything_that_is_pressed_is_24_pixels_high(chromium: Any, ego: str, tmp_path: Path) -> None:
    for opened in (open_page(chromium, ego, tmp_path), narrow(open_page(chromium, ego, tmp_path))):
        small = opened.run(
            "[...document.querySelectorAll('button:not(.link), select, input[type=range], label.row, tr.go')]"
            ".filter(e => e.offsetParent && e.getBoundingClientRect().height < 23.9).map(e => e.outerHTML.slice(0, 80))"
        )
        assert small == []


def test_the_first_tab_stop_leads_to_the_picture(chromium: Any, ego: str, tmp_path: Path) -> None:
    opened = open_page(chromium, ego, tmp_path)
    opened.page.keyboard.press("Tab")
    assert opened.run("document.activeElement.id") == "skip"
    before = opened.run("location.hash")
    opened.page.keyboard.press("Enter")
    assert opened.run("document.activeElement.id") == "net"
    assert opened.run("location.hash") == before


@pytest.mark.parametrize(("name", "width", "dark"), [("overview", 1440, False), ("card", 600, True)])
def test_axe_finds_nothing(name: str, width: int, dark: bool, chromium: Any, bank: RiskGraph, tmp_path: Path) -> None:
    opened = narrow(open_page(chromium, page_of(name, bank), tmp_path, dark=dark), width)
    opened.page.keyboard.press("t")
    assert found_by_axe(opened) == []


def test_a_double_click_of_the_browser_shows_the_neighbours_in_one_step(
    chromium: Any, bank: RiskGraph, tmp_path: Path
) -> None:
    page = page_of("ego", bank, arg="C000010")
    opened, data = open_page(chromium, page, tmp_path), data_of(page)
    places = opened.run(
        "graphrisk.geometry().bodies.filter(b => b[0][0] === 'n' && Math.hypot(b[1], b[2]) > 100)"
        ".map(b => { const p = graphrisk.network.canvasToDOM({x: b[1], y: b[2]}); return [p.x, p.y]; })"
    )
    frame = opened.page.query_selector("#net").bounding_box()
    opened.page.mouse.dblclick(frame["x"] + places[0][0], frame["y"] + places[0][1])
    opened.settle(300)
    assert "focus=" in opened.run("location.hash")
    ids, chosen = opened.run("graphrisk.ids()"), opened.run("document.querySelector('#pane dd').textContent")
    at = data["nodes"]["id"].index(chosen)
    pairs = list(zip(data["links"]["from"], data["links"]["to"], strict=True))
    beside = {data["nodes"]["id"][a if b == at else b] for a, b in pairs if at in (a, b)}
    assert set(ids) == {chosen} | beside


def test_many_neighbours_alike_stand_behind_a_number_that_a_click_opens(chromium: Any, tmp_path: Path) -> None:
    """Owners with an ownership and a control line each are one bundle: what they have in common is both."""
    owners = [f"O{k:02d}" for k in range(12)]
    graph = graph_of(
        parties=parties("HUB", "BUYER", *owners),
        ownership=[{"owner_id": o, "owned_id": "HUB", "share_min": 0.05, "share_max": 0.05} for o in owners],
        control=[{"controller_id": o, "controlled_id": "HUB", "basis": "agreement"} for o in owners[:11]],
        supplies=[{"supplier_id": "HUB", "buyer_id": "BUYER", "amount": 5.0}],
    )
    page = page_of("ego", graph, arg="HUB")
    data = data_of(page)
    assert data["groups"]["name"] == ["11 × Company, ownership + control"]
    opened = open_page(chromium, page, tmp_path)
    opened.run("graphrisk.focus('HUB')")
    assert len(opened.run("graphrisk.ids()")) == 1 + 5 + 1 + 1  # of eleven alike the first five
    more = opened.run(
        "graphrisk.geometry().bodies.filter(b => b[0][0] === 'm')"
        ".map(b => { const p = graphrisk.network.canvasToDOM({x: b[1], y: b[2]}); return [p.x, p.y]; })"
    )
    frame = opened.page.query_selector("#net").bounding_box()
    opened.page.mouse.click(frame["x"] + more[0][0], frame["y"] + more[0][1])
    opened.settle(500)
    assert len(opened.run("graphrisk.ids()")) == 14
    assert opened.errors == []
