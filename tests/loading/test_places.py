"""Each stored row says in which file and row it was read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graphrisk.stores.files.store import FilesStore
from graphrisk.workspace import Workspace
from tests.loading.loads import load, own_loader, workbook, write
from tests.worlds.build import AS_OF

PARTIES = 'party_id,name,kind\nA,甲,company\nB,"乙\n公司",company\n\nP,丙,person\n'
OWNERSHIP = "owner_id,owned_id,share_min,share_max\nX,A,0.5,0.5\nP,A,0.6,0.6\nP,A,0.1,0.1\nP,A,0.1,0.1\n"


def places(tables: Any, name: str, *key: str) -> dict[tuple[Any, ...], tuple[Any, Any]]:
    return {tuple(row[one] for one in key): (row["source_file"], row["source_row"]) for row in tables[name].to_pylist()}


def test_a_row_of_a_text_file_says_its_file_and_the_line_where_it_begins(tmp_path: Path) -> None:
    loaded = load(tmp_path / "in", {"parties.csv": PARTIES, "ownership.csv": OWNERSHIP})
    assert {("A",): ("parties.csv", 2), ("B",): ("parties.csv", 3), ("P",): ("parties.csv", 6)} == places(
        loaded.tables, "parties", "party_id"
    )
    held = places(loaded.tables, "ownership", "share_min", "row_key")
    lines = sorted(row for (share, _), (_, row) in held.items() if share == 0.1)
    assert [4, 5] == lines  # line 2 was rejected; the same values twice are two rows, each with its line
    assert {3} == {row for (share, _), (_, row) in held.items() if share == 0.6}


def test_a_row_of_a_sheet_says_the_row_that_the_program_shows(tmp_path: Path) -> None:
    rows = [["owner_id", "owned_id", "share_min", "share_max"], ["P", "A", 0.6, 0.6]]
    sheets = {
        "parties": [["party_id", "name", "kind"], ["A", "甲", "company"], ["P", "丙", "person"]],
        "ownership": rows,
    }
    loaded = load(tmp_path / "in", {"book.xlsx": workbook(sheets)})
    ((file, row),) = places(loaded.tables, "ownership", "owner_id").values()
    assert file.startswith("book.xlsx")
    assert 2 == row


def test_rows_made_by_sql_say_the_record_they_come_from_and_nothing_without_one(tmp_path: Path) -> None:
    toml = '[inputs.lines]\nglob = "lines*.csv"\n'
    sql = "SELECT _record, id AS party_id, id AS name, 'company' AS kind FROM lines"
    loader = own_loader(tmp_path, "mine", toml, parties=sql)
    files = {"lines1.csv": "id\nA\nB\n", "lines2.csv": "id\nC\n"}
    loaded = load(tmp_path / "in", files, loader="mine", own_loaders=loader)
    assert {("A",): ("lines1.csv", 2), ("B",): ("lines1.csv", 3), ("C",): ("lines2.csv", 2)} == places(
        loaded.tables, "parties", "party_id"
    )
    loader = own_loader(tmp_path, "mine", toml, parties=sql.replace("_record, ", ""))
    loaded = load(tmp_path / "in", loader="mine", own_loaders=loader)
    assert {(None, None)} == set(places(loaded.tables, "parties", "party_id").values())


def test_a_party_known_to_two_loaders_names_both_files_and_gets_its_own_back(tmp_path: Path) -> None:
    first = load(tmp_path / "a", {"parties.csv": "party_id,name,kind\nA,甲,company\n"}).tables
    toml = '[inputs.parties]\ntable = "parties"\nglob = "more.csv"\n'
    loader = own_loader(tmp_path, "mine", toml)
    both = load(
        tmp_path / "b", {"more.csv": "party_id,name,kind\nA,甲,company\n"}, loader="mine", own_loaders=loader,
        existing=first,
    ).tables  # fmt: skip
    (row,) = both["parties"].to_pylist()
    assert ("more.csv; parties.csv", None) == (row["source_file"], row["source_row"])
    assert {"bank_csv": 2, "mine": 2} == {k: v["source_row"] for k, v in json.loads(row["parts"]).items()}
    alone = load(
        tmp_path / "c", {"more.csv": "party_id,name,kind\nZ,子,company\n"}, loader="mine", own_loaders=loader,
        existing=both,
    ).tables  # fmt: skip
    assert ("parties.csv", 2) == places(alone, "parties", "party_id")[("A",)]


def test_the_store_keeps_places_and_a_copy_has_them_too(tmp_path: Path) -> None:
    loaded = load(tmp_path / "in", {"parties.csv": PARTIES, "ownership.csv": OWNERSHIP})
    one, other = FilesStore(tmp_path / "one"), FilesStore(tmp_path / "other")
    kept = one.load(loaded.tables, as_of=AS_OF)
    table = one.table("ownership")
    assert places(loaded.tables, "ownership", "row_key") == places({"ownership": table}, "ownership", "row_key")
    assert kept == one.load(loaded.tables, as_of=AS_OF)  # the same again is the same snapshot
    other.load({name: one.table(name) for name in ("parties", "ownership")}, as_of=AS_OF)
    assert table.equals(other.table("ownership"))


def test_owners_and_the_page_show_file_and_row_of_each_step(tmp_path: Path) -> None:
    write(tmp_path / "in", {
        "parties.csv": "party_id,name,kind\nA,甲,company\nB,乙,company\nP,丙,person\nQ,丁,person\n",
        "ownership.csv": "owner_id,owned_id,share_min,share_max\nP,B,0.5,0.5\nB,A,0.8,0.8\nP,B,0.3,0.3\n",
        "control.csv": "controller_id,controlled_id,basis\nQ,A,agreement\n",
    })  # fmt: skip
    (tmp_path / "p").mkdir()
    ws = Workspace(tmp_path / "p")
    ws.load("bank_csv", tmp_path / "in", as_of=AS_OF)
    found = ws.owners("A").set_index("owner_id")["evidence"]
    assert ["ownership.csv:2; ownership.csv:4", "ownership.csv:3"] == list(found["P"])
    assert ["control.csv:2"] == list(found["Q"])
    page = ws.view("ownership", "A").html
    assert "ownership.csv:3" in page
    masked = ws.view("ownership", "A", mask="a long key").html
    assert "ownership.csv" not in masked
    ws.close()


def test_groups_show_file_and_row_of_what_joins_a_member(tmp_path: Path) -> None:
    write(tmp_path / "in", {
        "parties.csv": "party_id,name,kind,is_client\nA,甲,company,true\nB,乙,company,true\nC,丙,company,true\n",
        "ownership.csv": "owner_id,owned_id,share_min,share_max\nA,B,0.8,0.8\n",
        "dependencies.csv": "dependent_id,on_id,criterion,ratio\nC,B,output,0.9\n",
    })  # fmt: skip
    (tmp_path / "p").mkdir()
    ws = Workspace(tmp_path / "p")
    ws.load("bank_csv", tmp_path / "in", as_of=AS_OF)
    found = ws.analyze("groups", party="B").members.set_index("party_id")["recorded_in"].dropna().to_dict()
    assert {"B": "ownership.csv:2", "C": "dependencies.csv:2"} == found  # nothing joins the head
    ws.close()
