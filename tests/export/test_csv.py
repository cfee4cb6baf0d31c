from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from graphrisk.errors import UsageError
from graphrisk.export.csv import write
from tests.export.worlds import HOSTILE, columns_of, graph, scores, tables


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.reader(text))


def test_each_table_is_a_file_with_its_columns_as_header(tmp_path: Path) -> None:
    files = write(tables(), graph(), tmp_path)
    assert sorted(f"{name}.csv" for name in tables()) == sorted(file.name for file in files)
    for file in files:
        assert columns_of(file.stem) == _rows(file)[0]


def test_excel_sees_utf_8_by_the_byte_order_mark(tmp_path: Path) -> None:
    for file in write(tables(), graph(), tmp_path):
        assert b"\xef\xbb\xbf" == file.read_bytes()[:3]


def test_no_text_begins_like_a_formula(tmp_path: Path) -> None:
    write(tables(), graph(), tmp_path)
    header, *rows = _rows(tmp_path / "parties.csv")
    names = [row[header.index("name")] for row in rows[: len(HOSTILE)]]
    led = [f"'{name}" if name[0] in "=+-@\t\r\n＝＋－＠" else name for name in HOSTILE]
    expected = [name.replace("\x07", "\\x07").replace("\x0b", "\\x0b") for name in led]  # no bell rings on a terminal
    assert expected == names
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]


def test_a_negative_number_stays_a_number(tmp_path: Path) -> None:
    write(tables(), graph(), tmp_path)
    books = pd.read_csv(tmp_path / "financials.csv", encoding="utf-8-sig")
    assert [-3.5] == books["equity"].tolist()


def test_pandas_reads_back_what_was_given(tmp_path: Path) -> None:
    write(tables(), graph(), tmp_path)
    loans = pd.read_csv(tmp_path / "facilities.csv", encoding="utf-8-sig", parse_dates=["maturity_on"])
    assert [123456.78, 0.0] == loans["outstanding"].tolist()
    assert "2027-01-31" == loans["maturity_on"].iloc[0].date().isoformat()
    assert loans["lender_id"].isna().all()


def test_missing_scores_are_empty_and_lists_are_json(tmp_path: Path) -> None:
    table = pa.table({"parties": pa.array([["A", "云"], None]), "x": [float("nan"), 1.0]})
    write({**scores(), "circles": table}, graph(), tmp_path)
    assert [["parties", "x"], ['["A", "云"]', ""], ["", "1"]] == _rows(tmp_path / "circles.csv")
    assert "" == _rows(tmp_path / "chains_parties.csv")[2][2]


def test_one_table_may_be_one_file(tmp_path: Path) -> None:
    only = {"parties": tables()["parties"]}
    assert [tmp_path / "p.csv"] == write(only, graph(), tmp_path / "p.csv")
    with pytest.raises(UsageError, match="do not fit into one file"):
        write(tables(), graph(), tmp_path / "all.csv")


def test_a_file_where_a_folder_is_wanted_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="not a folder"):
        write(tables(), graph(), tmp_path / "out")
    assert "mine" == (tmp_path / "out").read_text()


def test_a_table_put_together_from_parts_and_empty_parts_is_written_as_it_is(tmp_path: Path) -> None:
    part = pa.table({"party_id": ["P1", "P2"], "name": ["甲", None]})
    whole = pa.concat_tables([part.slice(0, 0), part, part.slice(0, 0), part])
    for _ in range(20):
        (file,) = write({"parties": whole}, graph(), tmp_path / "out.csv")
        assert [["P1", "甲"], ["P2", ""]] * 2 == _rows(file)[1:]
