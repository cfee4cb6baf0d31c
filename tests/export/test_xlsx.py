"""The workbook for people: words first, names beside ids, formats, headings in words, ready to print."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.answers.reader import Reader
from graphrisk.answers.workbook import LONGEST_TITLE, Workbook, writing
from graphrisk.errors import UsageError
from graphrisk.export import xlsx
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from tests.export.worlds import HOSTILE, graph, scores, tables
from tests.worlds.build import graph_of, ring

DECLARED = {**CATALOG, **{table.name: table for table in find_analyzer("chains").TABLES}}


def book(tmp_path: Path, lang: str = "en") -> openpyxl.Workbook:
    reader = Reader(lang=lang, graph=graph(), tables=DECLARED)
    file = xlsx.write({**tables(), **scores()}, graph(), tmp_path / f"{lang}.xlsx", reader=reader)[0]
    return openpyxl.load_workbook(file)


def test_sheets_and_headings_are_words_of_the_language(tmp_path: Path) -> None:
    english, chinese = book(tmp_path), book(tmp_path, "zh")
    assert "Summary" == english.sheetnames[0]
    assert {"parties", "facilities", "guarantees"} <= set(english.sheetnames)
    assert {"摘要", "主体", "授信", "担保"} <= set(chinese.sheetnames)
    heads = [cell.value for cell in chinese["授信"][1]]
    assert ["授信", "借款人", "借款人名称"] == heads[:3]
    assert "利率" in heads
    assert all(cell.font.bold for cell in chinese["授信"][1])


def test_a_name_stands_behind_each_party_in_score_tables_too(tmp_path: Path) -> None:
    sheet = book(tmp_path)["chains parties"]
    heads = [cell.value for cell in sheet[1]]
    assert ["Party", "Name of party"] == heads[:2]
    known = {row[0].value: row[1].value for row in book(tmp_path)["parties"].iter_rows(min_row=2)}
    for row in sheet.iter_rows(min_row=2):
        assert known[row[0].value] in (row[1].value, None)


def test_money_shares_rates_and_days_have_their_formats(tmp_path: Path) -> None:
    sheet = book(tmp_path)["facilities"]
    at = {cell.value: cell.column for cell in sheet[1]}
    formats = {head: sheet.cell(2, column).number_format for head, column in at.items()}
    assert "#,##0.00" == formats["Outstanding"]
    maturity = sheet.cell(2, at["Maturity"])
    assert (dt.date(2027, 1, 31), "yyyy-mm-dd") == (maturity.value.date(), maturity.number_format)


def test_fractions_and_yearly_rates_are_per_cent(tmp_path: Path) -> None:
    world = graph_of(
        parties=[{"party_id": "A"}],
        facilities=[{"facility_id": "F", "borrower_id": "A", "outstanding": 5.0, "lgd": 0.4, "rate": 0.051}],
    )
    held = {"facilities": world.table("facilities").select(list(CATALOG["facilities"].names))}
    reader = Reader(graph=world, tables=DECLARED)
    sheet = openpyxl.load_workbook(xlsx.write(held, world, tmp_path / "x.xlsx", reader=reader)[0])["facilities"]
    found = {head.value: (cell.value, cell.number_format) for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert ((0.4, "0.00%"), (0.051, "0.00%")) == (found["LGD"], found["Rate"])


def test_texts_that_look_like_formulas_are_texts(tmp_path: Path) -> None:
    cells = [row[1] for row in book(tmp_path)["parties"].iter_rows(min_row=2, max_row=1 + len(HOSTILE))]
    assert {"s"} == {cell.data_type for cell in cells}


def test_every_sheet_prints_on_a4_with_its_headings(tmp_path: Path) -> None:
    for sheet in book(tmp_path):
        assert 9 == int(sheet.page_setup.paperSize)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert "$1:$1" == book(tmp_path)["parties"].print_title_rows


def test_without_tables_it_holds_what_the_analyzers_answer(tmp_path: Path) -> None:
    world = graph_of(**ring(5))
    results = []
    for name in ("quality", "chains"):
        analyzer = find_analyzer(name)
        results.append(analyzer.run(world, analyzer.Params(), inputs=Inputs(), progress=silent))
    declared = {table.name: table for result in results for table in find_analyzer(result.analyzer).TABLES}
    reader = Reader(graph=world, tables=declared)
    made = openpyxl.load_workbook(xlsx.write({}, world, tmp_path / "book.xlsx", reader=reader, results=results)[0])
    said = [row[0].value for row in made["Summary"].iter_rows()]
    assert any("5 of 5 guarantors have promised more than they own" in str(line) for line in said)
    circle = made["Circles"]
    assert "P0 → P4 → P3 → P2 → P1" == circle["A2"].value
    assert circle["C1"].value.startswith("Weakest link")


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    reader = Reader(graph=graph(), tables=DECLARED)
    files = [xlsx.write(tables(), graph(), tmp_path / name, reader=reader)[0] for name in ("a.xlsx", "b.xlsx")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_titles_are_what_excel_takes_and_none_comes_twice(tmp_path: Path) -> None:
    wanted = ["a" * 40, "a" * 40, "A" * 31, "in [2026] / of: all?", "History", ""]
    with writing(tmp_path / "x.xlsx", dt.date(2026, 9, 30)) as made:
        for title in wanted:
            made.sheet(title, [], [], count=0)
    names = openpyxl.load_workbook(tmp_path / "x.xlsx").sheetnames
    assert len(wanted) == len({name.casefold() for name in names})
    assert all(0 < len(name) <= LONGEST_TITLE for name in names)


def test_a_workbook_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(made: Workbook) -> None:
        made.sheet("one", [], [], count=0)
        raise UsageError("stop")

    with pytest.raises(UsageError), writing(tmp_path / "x.xlsx", dt.date(2026, 9, 30)) as made:
        fail(made)
    assert [] == list(tmp_path.iterdir())
