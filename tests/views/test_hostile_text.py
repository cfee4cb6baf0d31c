"""A book whose every text is an attack, through each view, page and file that the project finds by name.

The tables and fields, views, analyzers and exports are discovered: a new one is tried by itself. The project serves no
HTTP: every page is a file, so there are no routes beside the ones below.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import graphrisk as gr
from graphrisk.analyze.base import analyzer_names
from graphrisk.cli.csv_rows import csv_text
from graphrisk.export.base import export_names
from graphrisk.loading.report import LoadReport
from graphrisk.model.catalog import CATALOG
from graphrisk.model.formulas import PARTS, RUNS, as_text
from graphrisk.model.result import Result
from graphrisk.reporting import write_answer, write_report
from graphrisk.views.base import find_view, view_names
from tests.views.browser import Opened, open_page
from tests.views.hostile_book import (
    FORMULAS,
    MARK,
    PAYLOADS,
    ROWS,
    marked,
    refused_rows,
    rows_of,
    text_fields,
    write_book,
)

PARTY = marked("parties", "party_id", 0)
ASKED: dict[str, dict[str, Any]] = {name: {"shocks": {PARTY: 1.0}} for name in ("explain", "intervene")}
"""What an analyzer has to be asked, so that there is something to say; the others answer on the book."""
_NUMBER = re.compile(r"[+-]?[0-9.,]+([eE][+-]?[0-9]+)?%?")
_ADDRESS = {"href", "xlink:href", "src", "srcset", "srcdoc", "action", "formaction", "data", "poster", "background"}
_LIVE = {"iframe", "object", "embed", "base", "link", "img", "form", "animate", "set", "foreignobject"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write_book(folder / "data")
    return folder


@pytest.fixture(scope="module")
def load(project: Path) -> LoadReport:
    workspace = gr.open(project)
    report = workspace.load("bank_csv", project / "data", as_of="2026-09-30", max_rejects=1)
    workspace.close()
    return report


@pytest.fixture(scope="module")
def workspace(project: Path, load: LoadReport) -> Iterator[gr.Workspace]:
    opened = gr.open(project)
    yield opened
    opened.close()


class Elements(HTMLParser):
    """The elements of a page as a browser reads it without scripts: its scripts, live elements and what they name."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.faults: list[str] = []
        self.text = ""
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag in _LIVE:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (name in _ADDRESS and not (value or "").startswith("#")):
                self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            given, before = self.scripts[-1]
            self.scripts[-1] = (given, before + data)
        elif self._inside != "style":
            self.text += data


def held(text: str) -> set[int]:
    """Return which of the payloads stand in a text, each before a mark: as they were written into the book."""
    return {at for at, payload in enumerate(PAYLOADS) if f"{payload.strip()}{MARK}" in text}


def runs(cell: str) -> bool:
    """Whether a spreadsheet may run a cell: by its first sign that is seen."""
    seen = (letter for letter in cell if unicodedata.category(letter)[0] not in "CZ")
    return next(seen, "x") in "=+-@＝＋－＠" or cell[:1] in ("\t", "\r", "\n")


def ran(cells: list[list[str]]) -> list[str]:
    """Return the cells that a spreadsheet would run, numbers aside."""
    return [cell for row in cells for cell in row if runs(cell) and not _NUMBER.fullmatch(cell)]


def cells_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_every_row_is_taken_unless_its_choice_or_currency_is_an_attack(load: LoadReport) -> None:
    said = {one.table: (one.rows_loaded, one.rows_rejected) for one in load.tables}
    assert {name: (1 if name == "fx" else ROWS, len(refused_rows(table))) for name, table in CATALOG.items()} == said


def test_every_text_is_kept_as_it_was_written(workspace: gr.Workspace) -> None:
    fields = 0
    for name, table in CATALOG.items():
        kept, written = workspace.table(name), rows_of(table)
        for column in text_fields(table):
            assert held(" ".join(row[column.name] for row in written)) == held(" ".join(kept[column.name].dropna()))
            fields += 1
    assert fields >= 81, "fewer fields than on the day when this was written"


def test_rejected_rows_are_files_without_formulas(load: LoadReport) -> None:
    texts = [Path(file).read_text("utf-8-sig") for file in load.reject_files]
    assert texts
    assert [] == [cell for text in texts for cell in ran(cells_of(text))]
    assert len(held(" ".join(texts))) > len(FORMULAS)


@pytest.mark.parametrize("name", view_names())
def test_a_view_shows_attacks_as_text_and_runs_none(
    name: str, workspace: gr.Workspace, chromium: Any, tmp_path: Path
) -> None:
    page = workspace.view(name, PARTY if find_view(name).ARG == "required" else None).html
    read = Elements(page)
    policy = html.unescape(page[: page.index("</head>")])
    assert [] == read.faults
    data = [given for given, _ in read.scripts if given.get("id") == "data"]
    assert [{"type": "application/json", "id": "data"}] == data
    for given, body in read.scripts:
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert given.get("id") == "data" or f"sha256-{digest}" in policy

    opened = open_page(chromium, page, tmp_path)
    shown = _walk(opened)
    assert opened.run("window.pwned") is None
    assert [] == opened.run("window.__broken")
    assert [] == opened.errors
    assert [] == [address for address in opened.requests if not address.startswith(("file:", "blob:", "data:"))]
    assert len(read.scripts) == opened.run("document.scripts.length")
    assert [] == opened.run(_LIVE_ELEMENTS)
    assert held(shown), "no attack was shown: the page proves nothing"
    _taken_along(opened)
    opened.page.close()


_LIVE_ELEMENTS = """[...document.querySelectorAll('*')].filter((each) =>
  ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'LINK', 'FORM'].includes(each.tagName) || [...each.attributes].some((one) =>
    /^on/i.test(one.name) || (/^(href|xlink:href|src|srcset|srcdoc|action|formaction)$/i.test(one.name)
      && !/^(#|blob:|data:image)/.test(one.value)))).map((each) => each.outerHTML.slice(0, 200))"""


def _walk(opened: Opened) -> str:
    """Choose every node, open every list and table, move over the picture; return what was to be read."""
    shown = [opened.run("document.body.innerText")]
    shown.append(opened.run(f"graphrisk.all().slice(0, {ROWS}).map((id) => (graphrisk.choose(id), {_PANE})).join()"))
    opened.page.keyboard.press("t")
    for button in opened.page.query_selector_all("#tabs button, #twin .bar-top button"):
        if button.is_visible():
            button.click()
            shown.append(opened.run(_PANE))
    box = opened.page.query_selector("#stage").bounding_box()
    for step in range(6):
        opened.page.mouse.move(box["x"] + box["width"] * (step + 0.5) / 6, box["y"] + box["height"] * (0.3 + step / 12))
        opened.settle(30)
    opened.page.fill("#q", "pwned")
    opened.settle(150)
    shown.append(opened.run("document.body.innerText"))
    return "\n".join(shown)


_PANE = "(document.getElementById('pane') || document.body).textContent"


def _taken_along(opened: Opened) -> None:
    """Press every button that gives a file: no cell of a CSV runs, and an SVG holds nothing that acts."""
    opened.run(
        "window.__saved=[];const make=URL.createObjectURL;"
        "URL.createObjectURL=(blob)=>{window.__saved.push(blob);return make.call(URL,blob)};"
        "for(const each of document.querySelectorAll('button'))"
        "if(['CSV','SVG'].includes(each.textContent.trim()))each.click()"
    )
    saved = opened.run("Promise.all(window.__saved.map(async(blob)=>[blob.type,await blob.text()]))")
    assert saved
    for kind, text in saved:
        if "csv" in kind:
            assert [] == ran(cells_of(text))
        elif "svg" in kind:
            for each in ET.fromstring(text).iter():
                assert each.tag.rpartition("}")[2].lower() not in {"script", "a", *_LIVE}
                assert [] == [name for name in each.attrib if re.match(r"(on|.*href)", name, re.IGNORECASE)]


def test_the_report_is_a_page_of_text(workspace: gr.Workspace, chromium: Any, tmp_path: Path) -> None:
    file = write_report(workspace, tmp_path / "report.html")
    read = Elements(file.read_text("utf-8"))
    assert ([], []) == (read.faults, read.scripts)
    page, asked = chromium.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert [file.as_uri()] == asked
    assert page.evaluate("window.pwned") is None
    assert len(held(page.evaluate("document.body.innerText"))) > ROWS // 2
    page.close()


@pytest.fixture(scope="module")
def answers(workspace: gr.Workspace, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """What each analyzer says of the book."""
    asked = {**ASKED, "precheck": {"folder": str(_proposed(tmp_path_factory.mktemp("proposed")))}}
    return {name: workspace.analyze(name, **asked.get(name, {})) for name in analyzer_names()}


def test_nearly_every_analyzer_has_something_to_say_of_the_book(answers: dict[str, Result]) -> None:
    assert sum(any(len(table) for table in result.tables.values()) for result in answers.values()) >= 22


@pytest.mark.parametrize("name", analyzer_names())
def test_an_answer_is_text_in_a_page_a_notebook_a_workbook_and_a_csv(
    name: str, answers: dict[str, Result], tmp_path: Path
) -> None:
    result = answers[name]
    for text in (write_answer(result, tmp_path / "answer.html").read_text("utf-8"), result._repr_html_()):
        read = Elements(text)
        assert ([], []) == (read.faults, read.scripts)
    _of_workbook(write_answer(result, tmp_path / "answer.xlsx"))
    assert [] == [cell for table in result.tables.values() for cell in ran(cells_of(csv_text(table)))]


def _proposed(folder: Path) -> Path:
    """Return a folder with one guarantee that is not yet signed."""
    row = {**rows_of(CATALOG["guarantees"])[0], "guarantee_id": marked("guarantees", "guarantee_id", ROWS + 9)}
    with (folder / "guarantees.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, row)
        writer.writeheader()
        writer.writerow(row)
    return folder


@pytest.mark.parametrize("to", export_names())
def test_an_export_holds_attacks_as_text(to: str, workspace: gr.Workspace, tmp_path: Path) -> None:
    assert held(" ".join(_read(file, to) for file in workspace.export([], to, tmp_path / f"out{_ENDINGS.get(to, '')}")))


_ENDINGS = {"graphml": ".graphml", "gexf": ".gexf", "fire": ".json"} | dict.fromkeys(
    ("xlsx", "xlsx-raw", "g1404", "cn-circles"), ".xlsx"
)


def _read(file: Path, to: str) -> str:
    """Return the texts of a file as its reader sees them; fails where one would run."""
    if file.suffix == ".csv":
        rows = cells_of(file.read_text("utf-8-sig"))
        assert to == "neo4j-import" or ran(rows) == []  # a database reads those, exactly as they are
        return "\n".join(cell for row in rows for cell in row)
    if file.suffix in (".graphml", ".gexf"):
        every = ET.parse(file).iter()
        return "\n".join(text for each in every for text in (each.text or "", *each.attrib.values()))
    if file.suffix == ".parquet":
        return str(pq.read_table(file).to_pydict())
    if file.suffix == ".json":
        return str(json.loads(file.read_text("utf-8")))
    return _of_workbook(file) if file.suffix == ".xlsx" else ""


def _of_workbook(book: Path) -> str:
    """Return the texts of a workbook; fails where it holds a formula, a link, a macro or a connection."""
    with zipfile.ZipFile(book) as parts:
        text = "".join(parts.read(name).decode("utf-8") for name in parts.namelist() if "xml" in name)
        assert not re.search("external|connections|vba", " ".join(parts.namelist()), re.IGNORECASE)
    assert not re.search('<f[ >]|<hyperlink|TargetMode="External"', text)
    return html.unescape(text)


def test_numbers_of_a_csv_stay_numbers(workspace: gr.Workspace, tmp_path: Path) -> None:
    (file,) = workspace.export(["financials"], "csv", tmp_path / "financials.csv")
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert {"-5.5"} == {row["net_income"] for row in rows}
    assert csv_text(workspace.table("financials")).count(",-5.5,") == ROWS


def test_python_arrow_and_the_pages_agree_on_what_runs(chromium: Any) -> None:
    asset = (Path(gr.__file__).parent / "views" / "assets" / "js" / "82_export.js").read_text("utf-8")
    pattern = re.search("const RUNS = (/.*/);", asset)
    unseen = "\x7f\u00a0\u00ad\u061c\u180e\u1680\u2003\u200b\u200e\u2028\u202e\u2060\u2066\u3000\ufeff"
    leads = ["", *map(chr, range(1, 0x21)), *unseen, "a", "'", "中"]
    texts = [lead + sign + "1" for lead in leads for sign in "=+-@＝＋－＠*1"]
    mine = [as_text(text) != text for text in texts]
    page = chromium.new_page()
    assert pattern is not None
    assert mine == [runs(text) for text in texts]
    assert mine == pc.match_substring_regex(pa.array(texts), RUNS).to_pylist()
    assert mine == page.evaluate(f"(texts) => texts.map((text) => {pattern.group(1)}.test(text))", texts)
    inside = re.search("const PARTS = (/.*/g);", asset)
    assert inside is not None
    parted = [f"甲{sign}{text}" for sign in (";", "\t", "\n", '; "', ",") for text in texts]
    written = [re.sub(PARTS, r"\1'\2", text) for text in parted]
    assert written == pc.replace_substring_regex(pa.array(parted), PARTS, r"\1'\2").to_pylist()
    assert written == page.evaluate(f"(texts) => texts.map((text) => text.replace({inside.group(1)}, `$1'$2`))", parted)
    assert 0 < sum(mine) < len(texts)
    page.close()
