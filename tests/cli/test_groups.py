"""Groups on the command line: against another day, around a party, with what is missing said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.conftest import run_cli

HEADS = {
    "parties": "party_id,name,kind,is_client",
    "facilities": "facility_id,borrower_id,currency,outstanding",
    "dependencies": "dependent_id,on_id,criterion",
}


def write(folder: Path, **rows: list[str]) -> Path:
    folder.mkdir(parents=True)
    for name, lines in rows.items():
        (folder / f"{name}.csv").write_text("\n".join([HEADS[name], *lines]) + "\n", encoding="utf-8")
    return folder


def test_another_day_is_compared_and_limits_without_capital_say_so(tmp_path: Path) -> None:
    book: dict[str, Any] = {
        "parties": ["A,甲,company,true", "B,乙,company,", "C,丙,company,true"],
        "facilities": ["F,B,CNY,10"],
    }
    first = write(tmp_path / "one", **book, dependencies=["B,A,funding"])
    second = write(tmp_path / "two", **book, dependencies=["B,A,funding", "C,B,output"])
    for folder, day in ((first, "2026-06-30"), (second, "2026-09-30")):
        run_cli("load", "bank_csv", str(folder), "--as-of", day, "--project", str(tmp_path))
    said = run_cli("groups", "--against", "2026-06-30", "--format", "json", "--project", str(tmp_path))
    tables = said.json["tables"]
    (change,) = tables["groups_changes"]
    assert ("A", "C", "joins") == (change["group_id"], change["party_id"], change["change"])
    assert "depends on B: output" in change["reason"]
    limits = run_cli("limits", "--format", "json", "--project", str(tmp_path))
    assert 0 == limits.code
    answer = limits.json
    assert {None} == {row["use"] for row in answer["tables"]["limits_use"]}
    assert any("Tier 1 capital is not known" in note for note in answer["notes"])
