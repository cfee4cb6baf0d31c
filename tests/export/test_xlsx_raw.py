from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from graphrisk.answers.workbook import MOST_ROWS, Heading, writing
from graphrisk.errors import DataError, UsageError
from graphrisk.export import xlsx_raw as xlsx
from graphrisk.export.cells import clean_text
from tests.export.worlds import HOSTILE, columns_of, graph, scores, tables

KINDS = ("text", "money", "integer", "flag", "date", "time")


@pytest.fixture
def book(tmp_path: Path) -> openpyxl.Workbook:
    file = xlsx.write({**tables(), **scores()}, graph(), tmp_path / "book.xlsx")[0]
    return openpyxl.load_workbook(file)


def test_one_sheet_a_table_after_the_one_to_read_first(book: openpyxl.Workbook) -> None:
    assert ["read me", *tables(), *scores()] == book.sheetnames


def test_the_read_me_sheet_names_source_tables_and_columns(book: openpyxl.Workbook) -> None:
    rows = [tuple(cell.value for cell in row) for row in book["read me"].iter_rows(max_col=4)]
    assert ("as of", "2026-09-30", None, None) in rows
    assert ("fingerprint of the data", graph().fingerprint, None, None) in rows
    assert ("guarantees", None, 2, "who stands behind whose debt, up to which cap") in rows
    assert ("guarantees", "amount", "row currency", "cap of the guarantee") in rows


def test_texts_that_look_like_formulas_are_texts(book: openpyxl.Workbook) -> None:
    sheet = book["parties"]
    at = columns_of("parties").index("name") + 1
    cells = [sheet.cell(row + 2, at) for row in range(len(HOSTILE))]
    assert [clean_text(name) for name in HOSTILE] == [cell.value for cell in cells]
    assert {"s"} == {cell.data_type for cell in cells}


def test_numbers_dates_and_flags_are_typed(book: openpyxl.Workbook) -> None:
    loans, header = book["facilities"], columns_of("facilities")
    maturity = loans.cell(2, header.index("maturity_on") + 1)
    assert (dt.date(2027, 1, 31), "yyyy-mm-dd") == (maturity.value.date(), maturity.number_format)
    assert 123456.78 == loans.cell(2, header.index("outstanding") + 1).value
    assert "#,##0.00" == loans.cell(2, header.index("outstanding") + 1).number_format
    assert loans.cell(2, header.index("lender_id") + 1).value is None
    assert book["parties"].cell(2, columns_of("parties").index("is_client") + 1).value is True


def test_headers_are_frozen_bold_and_filtered(book: openpyxl.Workbook) -> None:
    for name in book.sheetnames[1:]:
        sheet = book[name]
        assert "A2" == sheet.freeze_panes
        assert sheet["A1"].font.bold
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(7 <= sheet.column_dimensions[c.column_letter].width <= 50 for c in sheet[1][:1])


def test_pandas_reads_the_sheets(tmp_path: Path) -> None:
    file = xlsx.write(scores(), graph(), tmp_path / "book.xlsx")[0]
    frame = pd.read_excel(file, sheet_name="chains_parties", engine="openpyxl")
    assert [1, 2] == frame["depth"].tolist()
    assert [2.5] == frame["over_guarantee_ratio"].dropna().tolist()


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path) -> None:
    many = pa.table({"x": pa.repeat(1, MOST_ROWS)})
    with pytest.raises(DataError, match="1,048,576 rows do not fit") as caught:
        xlsx.write({"wide": many}, graph(), tmp_path / "book.xlsx")
    assert "--to csv" in caught.value.hint
    assert [] == list(tmp_path.iterdir())


def test_a_text_longer_than_a_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="32,768 characters"):
        xlsx.write({"t": pa.table({"x": ["x" * 32_768]})}, graph(), tmp_path / "book.xlsx")


def test_long_names_of_tables_stay_apart(tmp_path: Path) -> None:
    one = pa.table({"x": [1]})
    names = {
        "a_table_with_a_very_long_name_indeed_1": one,
        "a_table_with_a_very_long_name_indeed_2": one,
        "read me": one,
    }
    book = openpyxl.load_workbook(xlsx.write(names, graph(), tmp_path / "book.xlsx")[0])
    assert 4 == len(set(book.sheetnames))
    assert all(len(title) <= 31 for title in book.sheetnames)


def test_a_folder_in_the_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        xlsx.write(tables(), graph(), tmp_path)


def test_rows_made_column_by_column_hold_what_rows_written_cell_by_cell_do(tmp_path: Path) -> None:
    spaced = [" before", "after ", "\ttab", "a\r\nb", "_x0041_", "<r>no rich text</r>", "&amp; \x07", "", "企业", None]
    days = [(1900, 1, 1), (1900, 2, 28), (1900, 3, 1), (2026, 9, 30), (2100, 1, 1)]
    times = pa.array([1_790_771_696_000_000, None] * 5, pa.timestamp("us"))
    table = pa.table(
        {
            "texts": pa.array(spaced),
            "numbers": pa.array([0.1 + 0.2, -1e-300, 1e22, 123456789.125, 0.0, None, 7.0, 1e15, -2.5, 1 / 3]),
            "whole": pa.array([2**53, -1, 0, None, *range(6)], pa.int64()),
            "flags": pa.array([True, False, None, True, False] * 2),
            "days": pa.array([dt.date(*day) for day in days] * 2),
            "times": times,
        }
    )
    headings = [Heading(text=name, kind=kind) for name, kind in zip(table.column_names, KINDS, strict=True)]
    paths = [tmp_path / "columns.xlsx", tmp_path / "cells.xlsx"]
    with writing(paths[0], dt.date(2026, 9, 30)) as book:
        book.columns("t", headings, table)
    with writing(paths[1], dt.date(2026, 9, 30)) as book:
        book.sheet("t", headings, zip(*(column.to_pylist() for column in table.columns), strict=True), count=10)
    ours, theirs = (openpyxl.load_workbook(path)["t"] for path in paths)
    told = [[(cell.value, cell.number_format) for cell in row] for row in ours.iter_rows()]
    assert [(name, "General") for name in table.column_names] == told[0]
    written = [[(cell.value, cell.number_format) for cell in row] for row in theirs.iter_rows()]
    assert written[6][0][0] != spaced[5]  # XlsxWriter takes it for markup of its own
    written[6][0] = (spaced[5], "General")
    assert 0.3 == written[1][1][0]  # it writes 16 digits, ours as many as the number needs
    written[1][1] = (0.1 + 0.2, "#,##0.00")
    assert written == told


def test_an_infinite_number_is_a_text_and_an_empty_table_a_line_of_headings(tmp_path: Path) -> None:
    given = {
        "t": pa.table({"x": [1.5, float("inf"), None, float("-inf")]}),
        "none": pa.table({"x": pa.array([], "f8")}),
    }
    book = openpyxl.load_workbook(xlsx.write(given, graph(), tmp_path / "book.xlsx")[0])
    assert ["x", 1.5, "inf", None, "-inf"] == [cell.value for cell in book["t"]["A"]]
    assert [("x",)] == list(book["none"].iter_rows(values_only=True))
