"""The pages in a real Chromium: what they ask for, what they draw, what a click does."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.views.base import Options, find_view, view_names
from graphrisk.views.render import render
from tests.views.browser import found_by_axe, needed, open_page
from tests.views.test_views import data_of, page_of
from tests.views.worlds import random_graph
from tests.worlds.build import graph_of, parties, ring

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def overview(bank: RiskGraph) -> str:
    return page_of("overview", bank)


@pytest.fixture(scope="module")
def large() -> str:
    """A book of 10,000 parties, drawn without scores: the analyzers have their own suites."""
    return render(find_view("overview").picture(random_graph(10_000), {}, None, Options())).html


@pytest.mark.parametrize("name", view_names())
def test_a_page_of_hostile_names_asks_for_nothing_and_runs_nothing(
    name: str, chromium: Any, hostile: RiskGraph, tmp_path: Path
) -> None:
    opened = open_page(chromium, page_of(name, hostile), tmp_path)
    for i in range(opened.counts["page"]):
        opened.run(f"graphrisk.choose(graphrisk.all()[{i}])")
    opened.page.keyboard.press("t")
    for script in opened.page.query_selector_all("#tabs button"):
        script.click()
    box = opened.page.query_selector("#stage").bounding_box()
    for step in range(12):  # over the nodes, so that each tooltip is shown
        opened.page.mouse.move(box["x"] + box["width"] * (step + 0.5) / 12, box["y"] + box["height"] / 2)
        opened.settle(60)
    for key in ["+", "-", "o", "f", "u", "e", "d", "Escape", "t"]:
        opened.page.keyboard.press(key)
    opened.page.keyboard.press("?")
    opened.page.keyboard.press("Escape")
    opened.page.fill("#q", "<img")
    opened.settle(200)
    assert [r for r in opened.requests if not r.startswith(("file:", "blob:", "data:"))] == []
    assert opened.run("window.__pwn") is None
    assert opened.run("window.__broken") == []
    assert opened.errors == []


@pytest.mark.parametrize(("at", "name"), list(enumerate(view_names())))
def test_axe_finds_nothing_on_any_page(at: int, name: str, chromium: Any, hostile: RiskGraph, tmp_path: Path) -> None:
    """Every view as it opens, then with its table and how it was made; widths, languages and dark mode in turn."""
    page = page_of(name, hostile, Options(lang="zh" if at % 4 == 1 else "en"))
    opened = open_page(chromium, page, tmp_path, dark=at % 2 == 1)
    opened.page.set_viewport_size({"width": (1440, 1000, 600)[at % 3], "height": 900})
    assert found_by_axe(opened) == []
    opened.run("document.querySelector('#tab-about').click()")
    opened.page.keyboard.press("t")
    assert found_by_axe(opened) == []


def test_the_policy_stops_what_slips_in(chromium: Any, overview: str, tmp_path: Path) -> None:
    slipped = overview.replace(
        "</header>",
        '<img src="http://evil.example/x.png" onerror="window.__pwn=1"><script>window.__pwn=1</script></header>',
        1,
    )
    opened = open_page(chromium, slipped, tmp_path)
    opened.run("fetch('http://evil.example/').catch(() => 0)")
    opened.settle(200)
    assert opened.run("window.__pwn") is None
    assert set(opened.run("window.__broken")) >= {"img-src", "script-src-elem", "connect-src"}


def test_ten_thousand_nodes_start_as_hexagons(chromium: Any, large: str, tmp_path: Path) -> None:
    opened = open_page(chromium, large, tmp_path)
    counts = opened.counts
    assert counts["page"] >= 10_000
    assert (counts["nodes"], 0 < counts["groups"] <= 160, counts["edges"] <= 160) == (0, True, True)


def test_no_zoom_and_no_opening_draws_more_than_1500_nodes(chromium: Any, large: str, tmp_path: Path) -> None:
    opened = open_page(chromium, large, tmp_path)
    seen = []
    for group in range(0, opened.counts["groups"], 9):
        opened.run(f"graphrisk.enter({group})")
        opened.settle(5)
        seen.append(opened.counts["nodes"])
    for scale in (0.2, 0.4, 1.0):
        opened.run(f"graphrisk.network.moveTo({{scale: {scale}}})")
        opened.page.mouse.move(600, 450)
        opened.page.mouse.wheel(0, -40)
        opened.settle(260)
        seen.append(opened.counts["nodes"])
    assert max(seen) <= 1500
    assert max(seen) > 300


def test_zooming_in_opens_what_is_in_sight_and_zooming_out_closes_it(
    chromium: Any, overview: str, tmp_path: Path
) -> None:
    opened = open_page(chromium, overview, tmp_path)
    assert opened.counts["nodes"] == 0
    opened.page.mouse.move(600, 500)
    for _ in range(26):
        opened.page.mouse.wheel(0, -400)
        opened.settle(40)
    opened.settle(300)
    assert opened.counts["nodes"] > 0
    for _ in range(40):
        opened.page.mouse.wheel(0, 400)
        opened.settle(20)
    opened.settle(300)
    assert opened.counts["nodes"] == 0


def test_the_table_holds_the_same_ids_as_the_picture(chromium: Any, overview: str, tmp_path: Path) -> None:
    opened = open_page(chromium, overview, tmp_path)
    opened.run("graphrisk.enter(0)")
    opened.page.keyboard.press("t")
    assert opened.run("document.querySelectorAll('#twin tbody tr').length") == opened.counts["page"]
    whole = list(csv.reader(io.StringIO(opened.run("graphrisk.csv('parties')"))))
    assert len(whole) - 1 == opened.counts["page"]  # an overview's table and CSV hold the whole page
    opened.page.click("#b-drawn")
    rows = opened.run("[...document.querySelectorAll('#twin tbody tr')].map(r => r.dataset.id)")
    assert sorted(rows) == sorted(opened.run("graphrisk.ids()"))
    assert len(rows) == opened.counts["nodes"] > 0
    opened.page.click("#twin .bar-top button:nth-child(3)")
    assert opened.run("document.querySelectorAll('#twin tbody tr').length") == opened.counts["edges"]


def test_a_legend_row_switches_off_what_it_counts_and_undo_brings_it_back(
    chromium: Any, bank: RiskGraph, tmp_path: Path
) -> None:
    opened = open_page(chromium, page_of("ego", bank, arg="C000010", options=Options(depth=3)), tmp_path)
    before = opened.counts
    row = "document.querySelector('#rail label[data-name=\"GUARANTEES\"]')"
    stated = int(opened.run(f"{row}.querySelector('.many').textContent").replace(",", ""))
    opened.run(f"{row}.click()")
    assert opened.counts["edges"] == before["edges"] - stated
    assert "GUARANTEES" not in opened.run("location.hash").split("relations=")[0]
    opened.page.click("#b-undo")
    assert opened.counts["edges"] == before["edges"]
    assert opened.run(f"{row}.querySelector('input').checked") is True


def test_search_finds_by_name_and_by_id_and_opens_the_group(
    chromium: Any, overview: str, bank: RiskGraph, tmp_path: Path
) -> None:
    opened = open_page(chromium, overview, tmp_path)
    wanted = str(bank.texts("parties", "name")[40])
    assert opened.run(f"graphrisk.find({wanted!r})")[0] == str(bank.party_ids[40])
    opened.page.keyboard.press("/")
    opened.page.keyboard.type("c000040")
    opened.settle(250)
    opened.page.keyboard.press("Enter")
    opened.settle()
    assert str(bank.party_ids[40]) in opened.run("graphrisk.ids()")
    assert wanted in opened.run("document.querySelector('#pane .title').textContent")


def test_the_address_restores_the_state(chromium: Any, overview: str, tmp_path: Path) -> None:
    opened = open_page(chromium, overview, tmp_path)
    opened.run("graphrisk.enter(1)")
    opened.run("graphrisk.choose(graphrisk.ids()[0])")
    fragment, ids = opened.run("location.hash"), opened.run("graphrisk.ids()")
    again = open_page(chromium, overview, tmp_path, fragment=fragment)
    assert again.run("graphrisk.ids()") == ids
    assert again.run("document.querySelector('#tab-chosen').getAttribute('aria-selected')") == "true"


def test_relations_of_the_side_panel_run_from_the_largest_amount(chromium: Any, tmp_path: Path) -> None:
    graph = graph_of(
        parties=parties("A", "B", "C", "D"),
        guarantees=[
            {"guarantor_id": "A", "debtor_id": other, "amount": amount}
            for other, amount in (("B", 5.0), ("C", 5e9), ("D", 7e4))
        ],
    )
    opened = open_page(chromium, page_of("ego", graph, arg="A"), tmp_path)
    table = "[...document.querySelectorAll('#pane tr[data-id]')].map(r => [r.dataset.id, r.lastChild.textContent])"
    assert opened.run(table) == [["C", "5 bn"], ["D", "70 k"], ["B", "5"]]


def test_the_csv_cannot_run_a_formula(chromium: Any, hostile: RiskGraph, tmp_path: Path) -> None:
    opened = open_page(chromium, page_of("overview", hostile), tmp_path)
    for which in ("parties", "relations"):
        text = opened.run(f"graphrisk.csv('{which}')")
        assert text.startswith("\ufeff")
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert len(rows) > 1
        assert [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@", "\t")] == []
        assert [c for row in rows for c in row if c[:1] == "-" and not c[1:].replace(".", "").isdigit()] == []


def test_png_and_csv_are_saved(chromium: Any, overview: str, tmp_path: Path) -> None:
    opened = open_page(chromium, overview, tmp_path)
    for button, start in (("#b-png", b"\x89PNG"), ("#b-csv", b"\xef\xbb\xbf")):
        with opened.page.expect_download() as waited:
            opened.page.click(button)
        saved = tmp_path / waited.value.suggested_filename
        waited.value.save_as(saved)
        assert saved.read_bytes().startswith(start)
        assert saved.stat().st_size > 200


def test_dark_mode_follows_the_system_and_the_button(chromium: Any, overview: str, tmp_path: Path) -> None:
    assert open_page(chromium, overview, tmp_path).run("document.documentElement.className") == ""
    opened = open_page(chromium, overview, tmp_path, dark=True)
    assert opened.run("document.documentElement.className") == "dark"
    opened.page.keyboard.press("d")
    assert opened.run("document.documentElement.className") == ""


def test_the_picture_can_be_walked_through_by_keyboard(chromium: Any, overview: str, tmp_path: Path) -> None:
    opened = open_page(chromium, overview, tmp_path)
    opened.page.focus("#net")
    opened.page.keyboard.press("n")
    assert opened.run("document.querySelector('#tab-chosen').getAttribute('aria-selected')") == "true"
    opened.page.keyboard.press("Enter")
    opened.settle()
    assert opened.counts["nodes"] > 0
    before = opened.run("graphrisk.network.getViewPosition().x")
    opened.page.keyboard.press("ArrowRight")
    assert opened.run("graphrisk.network.getViewPosition().x") > before
    opened.page.keyboard.press("o")
    assert opened.counts["nodes"] == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_amounts_read_the_same_in_python_and_in_the_page(lang: str, chromium: Any, tmp_path: Path) -> None:
    from graphrisk.views.wording.figures import money

    opened = open_page(chromium, page_of("overview", graph_of(**ring(3)), Options(lang=lang)), tmp_path)  # type: ignore[arg-type]
    values = [0, 1, 5.5, 99.951, 999, 999.99, 1e3, 9995, 12345.678, 99_999, 1e6, 5e7, 1e8, 123456789.12, 1e12, -3.2e6]
    assert opened.run(f"{values!r}.map(graphrisk.money)") == [money(value, lang) for value in values]


def test_a_packed_page_draws_as_the_plain_one(chromium: Any, bank: RiskGraph, tmp_path: Path) -> None:
    plain = open_page(chromium, page_of("overview", bank), tmp_path).counts
    packed = open_page(chromium, page_of("overview", bank, Options(compress=True)), tmp_path)
    assert (plain["page"], plain["groups"]) == (packed.counts["page"], packed.counts["groups"])
    assert packed.errors == []


def test_a_notebook_frame_draws_and_reaches_nothing(chromium: Any, tmp_path: Path, bank: RiskGraph) -> None:
    from graphrisk.views.page import Page

    frame = Page(page_of("overview", bank))._repr_html_()
    assert 'sandbox="allow-scripts allow-downloads"' in frame
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><body>{frame}</body>", encoding="utf-8")
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    inner = page.frames[-1]
    for _ in range(200):
        if inner.evaluate("Boolean(window.graphrisk)"):
            break
        page.wait_for_timeout(50)
    assert inner.evaluate("graphrisk.counts().groups") > 0
    assert [url for url in asked if not url.startswith(("file:", "about:", "blob:", "data:"))] == []


def test_search_forgives_how_a_name_is_written(chromium: Any, tmp_path: Path) -> None:
    names = ["浙江恒力貿易有限公司", "Alpha-Beta Holding Co., Ltd.", "Alpha Gamma GmbH", "宏远纺织股份有限公司", "Zeta"]
    rows = [{"party_id": f"K{k}", "name": name} for k, name in enumerate(names)]
    rows[4] |= {"national_id": "9135-0100 M000100Y43", "lei": "529900T8BM49AURSDO55"}
    page = page_of("ego", graph_of(parties=rows, ties=[{"a_id": "K4", "b_id": f"K{k}"} for k in range(4)]), arg="K4")
    opened = open_page(chromium, page, tmp_path)
    found = {
        text: opened.run(f"graphrisk.find({text!r})")
        for text in (
            *(
                "恒力贸易",
                "恆力貿易",
                "恒力贸易股份有限公司",
                "Holding, alpha",
                "ALPHABETA",
                "Alpha Gama Limited",
                "holdng alpha",
                "Álpha Gamma",
                "91350100m000100y43",
            ),
            *("AURSDO55", "宏远纺只", "宏纺", "x", "Ｚeta"),
        )
    }
    assert found == {
        "恒力贸易": ["K0"],
        "恆力貿易": ["K0"],
        "恒力贸易股份有限公司": ["K0"],  # the legal form is of no matter
        "Holding, alpha": ["K1"],
        "ALPHABETA": ["K1"],
        "Alpha Gama Limited": ["K2"],
        "holdng alpha": ["K1"],  # one slip, in any order
        "Álpha Gamma": ["K2"],
        "91350100m000100y43": ["K4"],
        "AURSDO55": ["K4"],
        "宏远纺只": ["K3"],
        "宏纺": [],
        "x": [],
        "Ｚeta": ["K4"],
    }
    opened.page.fill("#q", "Omega Partners")
    opened.settle(200)
    said = opened.run("document.getElementById('hits').textContent")
    assert "register numbers were searched" in said
    assert ("pinyin)" in said) is ("sound" in data_of(page)["nodes"])
    assert ("graphrisk[zh]" in said) is ("sound" not in data_of(page)["nodes"])


def test_search_knows_how_chinese_names_are_typed(chromium: Any, tmp_path: Path) -> None:
    needed("pypinyin", 'pip install "graphrisk[zh]"')
    rows = [{"party_id": "K0", "name": "恒力贸易有限公司"}, {"party_id": "K1", "name": "宏远纺织有限公司"}]
    graph = graph_of(parties=rows, ties=[{"a_id": "K0", "b_id": "K1"}])
    opened = open_page(chromium, page_of("ego", graph, arg="K0"), tmp_path)
    assert [["K0"], ["K1"], ["K0"]] == [opened.run(f"graphrisk.find({text!r})") for text in ("hlmy", "HYFZ", "hengli")]
    masked = data_of(page_of("ego", graph, Options(mask="a long secret"), arg="K0"))
    assert "sound" not in masked["nodes"]
