"""Columns of a source that nothing takes and that look like one that is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.loading.near_columns import near_columns
from graphrisk.loading.report import LoadReport
from graphrisk.loading.run import load_files
from graphrisk.model.catalog import CATALOG
from tests.worlds.build import AS_OF

SHARE = ("share_min", "share_max")


@pytest.mark.parametrize(
    ("table", "header", "near"),
    [
        ("ownership", "share", SHARE),
        ("ownership", "Shares", SHARE),
        ("ownership", "share_pct", SHARE),
        ("ownership", "持股比例(%)", SHARE),
        ("ownership", "Stake", SHARE),
        ("ownership", "shareMin", ("share_min",)),
        ("ownership", "min share", ("share_min",)),
        ("ownership", "votes", ("votes_min", "votes_max")),
        ("ownership", "from_date", ("from_on",)),
        ("facilities", "interest_rate", ("rate",)),
        ("facilities", "rates", ("rate",)),
        ("facilities", "Maturity Date", ("maturity_on",)),
        ("facilities", "到期日", ("maturity_on",)),
        ("facilities", "due date", ("maturity_on",)),
        ("facilities", "credit limit", ("limit_amount",)),
        ("facilities", "ＬＧＤ", ("lgd",)),
        ("facilities", "lender", ("lender_id",)),
        ("parties", "country_code", ("country",)),
        ("parties", "统一社会信用代码", ("national_id",)),
        ("parties", "incorporation date", ("incorporated_on",)),
        ("financials", "total equity", ("equity",)),
        ("financials", "revenue", ("sales",)),
        ("ownership", "note", ()),
        ("ownership", "percentage", SHARE),
        ("facilities", "percentage", ()),
        ("ownership", "branch", ()),
        ("facilities", "客户经理", ()),
        ("facilities", "loan_type", ()),
        ("parties", "client_rating", ()),
        ("parties", "city", ()),
        ("parties", "short_name", ()),
        ("financials", "ebit_margin", ()),
    ],
)
def test_a_header_is_compared_with_what_the_table_lacks(table: str, header: str, near: tuple[str, ...]) -> None:
    declared = CATALOG[table]
    lacking = [column.name for column in declared.columns if not column.required]
    assert near == near_columns(header, lacking)


def test_a_column_that_is_there_is_not_meant() -> None:
    assert ("share_max",) == near_columns("share", ["share_max", "via"])
    assert () == near_columns("share", ["votes_min", "via"])


LOADER = """
name = "mine"
title = "mine"
licence = "our own"

[inputs.parties]
glob = ["parties.csv"]

[inputs.ownership]
glob = ["ownership.csv"]
ignore = {ignore}
"""


def load(folder: Path, header: str, ignore: str = "") -> LoadReport:
    """Load one holding whose third column has this header, by a loader that ignores `ignore` (none: bank_csv)."""
    (folder / "parties.csv").write_text("party_id,name,kind\nA,A,company\nB,B,company\n", "utf-8")
    (folder / "ownership.csv").write_text(f"owner_id,owned_id,{header}\nA,B,0.4\n", "utf-8")
    own = folder / "loaders" / "mine"
    own.mkdir(parents=True)
    (own / "loader.toml").write_text(LOADER.format(ignore=ignore or "[]"), "utf-8")
    files = [folder / "parties.csv", folder / "ownership.csv"]
    name = "mine" if ignore else "bank_csv"
    return load_files(name, files, as_of=AS_OF, existing={}, own_loaders=own.parent).report


def test_the_load_notes_it_and_its_report_keeps_it(tmp_path: Path) -> None:
    report = load(tmp_path, "share")
    said = "ownership.csv: column share is not used: did you mean share_min, share_max?"
    assert said in report.notes
    (table,) = [one for one in report.tables if one.near_columns]
    assert ("ownership", (said,)) == (table.table, table.near_columns)
    assert [said] == [one for past in report.past().tables for one in past.near_columns]


def test_another_unknown_column_is_no_note(tmp_path: Path) -> None:
    assert not [note for note in load(tmp_path, "remark").notes if "did you mean" in note]


def test_a_column_ignored_by_its_name_was_decided_upon_and_one_under_a_star_was_not(tmp_path: Path) -> None:
    told = {}
    for ignore in ('["share"]', '["*"]'):
        folder = tmp_path / str(len(told))
        folder.mkdir()
        told[ignore] = [note for note in load(folder, "share", ignore).notes if "did you mean" in note]
    assert [0, 1] == [len(notes) for notes in told.values()]
