"""Sheets for people: codes in words, numbers with the decimals that a reader needs."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from graphrisk.answers import workbook
from graphrisk.answers.base import Shown
from graphrisk.answers.reader import Reader
from graphrisk.answers.sheets import headings_of, rows_of, sheet_title
from graphrisk.model.table import Column

COLUMNS = [
    ("cause", Column(name="cause", kind="text", meaning="")),
    ("group", Column(name="group", kind="text", meaning="")),
    ("codes", Column(name="codes", kind="list", meaning="")),
    ("held", Column(name="held", kind="list", meaning="", ordered=True)),
]
ROW = {"cause": "guarantee:G1", "group": "real_estate", "codes": ["missing 3"], "held": ["A", "B"]}


def test_codes_are_in_words_and_lists_are_text() -> None:
    assert [["担保 G1", "房地产", "缺失 3", "A → B"]] == list(rows_of([ROW], COLUMNS, Reader(lang="zh")))
    assert [["guarantee:G1", "real estate", "missing 3", "A → B"]] == list(rows_of([ROW], COLUMNS, Reader()))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([21.21285140562249, 0.5, None], "decimal"),
        ([0.0638293, 0.4718], "part"),
        ([4.45e-06], "number"),
        ([3.0, 4.0], "number"),
        ([None], "number"),
    ],
)
def test_a_number_has_the_decimals_of_its_size(values: list[float | None], kind: str) -> None:
    column = ("score", Column(name="score", kind="number", meaning=""))
    (heading,) = headings_of("", [column], Reader(), [{"score": value} for value in values])
    assert kind == heading.kind


def test_a_workbook_goes_into_a_link_and_does_not_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "there.xlsx").touch()
    link = tmp_path / "here.xlsx"
    link.symlink_to("there.xlsx")
    with workbook.writing(link, dt.date(2026, 9, 30)) as book:
        book.words("one", [("a", "1")])
    assert link.is_symlink()
    assert zipfile.is_zipfile(tmp_path / "there.xlsx")
    assert {"here.xlsx", "there.xlsx"} == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("lang", "most", "title", "said"),
    [
        ("en", 43, "Guarantors that promised more than they own", "Guarantors that promised more than they own"),
        ("en", 31, "Guarantors that promised more than they own", "Guarantors that promised more…"),
        ("en", 9, "Guarantors that promised more than they own", "Guaranto…"),
        ("en", 31, "Parties, the largest effect on exposure first", "Parties"),
        ("zh", 31, "担保超过净资产的担保人，按担保金额从大到小排列，含互保、担保圈内与圈外的全部担保", "担保能力"),
    ],
)
def test_a_sheet_is_called_by_how_a_long_title_begins(lang: str, most: int, title: str, said: str) -> None:
    shown = Shown(title=title, table="chains_parties", frame=pd.DataFrame())
    name = sheet_title(shown, Reader(lang=lang), most)
    assert (said, True) == (name, len(name) <= most)
