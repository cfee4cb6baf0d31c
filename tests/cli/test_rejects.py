"""What is remembered of loads, from the command line: rejected rows and refusals, until the next clean load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.conftest import Run, run_cli

DAY, LATER = "2026-06-30", "2026-09-30"
GOOD = "party_id,name,kind\nA,a,company\nB,b,bank\n"
BAD = GOOD + "C,c,firma\nD,,company\n"


def load(project: Path, text: str, *options: str, day: str = DAY, loader: str = "bank_csv") -> Run:
    data = project / "in"
    data.mkdir(exist_ok=True)
    (data / "parties.csv").write_text(text, "utf-8")
    return run_cli("load", loader, data, "--project", project, "--as-of", day, "--format", "json", *options)


def findings(project: Path, *options: str) -> dict[str, dict[str, Any]]:
    done = run_cli("check", "--project", project, "--format", "json", *options)
    assert 0 == done.code, done.err
    return {r["table"]: r for r in done.json["tables"]["quality_findings"] if r["check"] == "rejected_rows"}


def remembered(project: Path) -> list[dict[str, Any]]:
    loads: list[dict[str, Any]] = run_cli("doctor", "--project", project, "--format", "json").json["loads"]
    return loads


def other(project: Path) -> str:
    folder = project / "loaders" / "other"
    folder.mkdir(parents=True)
    (folder / "loader.toml").write_text('[inputs.parties]\nglob = "parties.csv"\n', "utf-8")
    return "other"


def test_rejected_rows_are_shown_until_the_next_clean_load_and_no_snapshot_changes(tmp_path: Path) -> None:
    assert 0 == load(tmp_path, GOOD).code
    before = run_cli("snapshots", "--project", tmp_path, "--format", "json").json
    done = load(tmp_path, BAD)
    assert 0 == done.code
    assert before == run_cli("snapshots", "--project", tmp_path, "--format", "json").json
    row = findings(tmp_path)["parties"]
    assert ("high", 2) == (row["severity"], row["rows"])
    assert row["finding"].startswith(
        "2 of 4 rows of parties were rejected by the last load of bank_csv (as of 2026-06-30)"
    )
    assert "name is empty and is required (1)" in row["finding"]
    assert [
        "parties.csv, line 4: party_id 'C', kind 'firma'",
        "parties.csv, line 5: party_id 'D', name empty",
    ] == sorted(row["examples"])
    ((loader, refused, table),) = [(one["loader"], one["refused"], one["tables"][0]) for one in remembered(tmp_path)]
    assert ("bank_csv", None, 4, 2) == (loader, refused, table["rows_read"], table["rows_rejected"])
    notes = run_cli("analyze", "chains", "--project", tmp_path, "--format", "json").json["notes"]
    assert any("2 of 4 rows of parties were rejected" in note for note in notes)
    assert 0 == load(tmp_path, GOOD).code
    assert {} == findings(tmp_path)
    assert [] == remembered(tmp_path)
    notes = run_cli("analyze", "chains", "--project", tmp_path, "--format", "json").json["notes"]
    assert not any("rejected" in note for note in notes)


def test_a_refused_load_is_remembered_as_refused_beside_what_stands(tmp_path: Path) -> None:
    assert 0 == load(tmp_path, BAD).code
    assert 3 == load(tmp_path, BAD, "--strict").code
    found = findings(tmp_path)
    assert "was refused: --strict: 2 rows were rejected" in found["loads"]["finding"]
    taken, refused = (f"the last load of bank_csv that was {what} (as of 2026-06-30)" for what in ("taken", "refused"))
    assert taken in found["parties"]["finding"]
    assert refused in found["parties"]["finding"]
    assert 2 == found["parties"]["rows"], "the same two rows"
    assert 3 == load(tmp_path, GOOD.replace("party_id", "id"), day=LATER).code
    found = findings(tmp_path)
    assert "as of 2026-09-30) was refused" in found["loads"]["finding"]
    assert 2 == found["parties"]["rows"], "what stands of 2026-06-30 still lacks two rows"
    assert 0 == load(tmp_path, GOOD).code
    assert {} == findings(tmp_path)


def test_each_loader_has_its_own_memory(tmp_path: Path) -> None:
    name = other(tmp_path)
    assert 0 == load(tmp_path, BAD).code
    assert 0 == load(tmp_path, "party_id,name,kind\nX,x,company\n", loader=name).code
    assert 2 == findings(tmp_path)["parties"]["rows"]
    assert 0 == load(tmp_path, "party_id,name,kind\nX,x,company\nY,y,?\n", loader=name).code
    row = findings(tmp_path)["parties"]
    assert 3 == row["rows"]
    assert "last load of bank_csv" in row["finding"]
    assert "last load of other" in row["finding"]
    assert 0 == load(tmp_path, GOOD).code
    assert 1 == findings(tmp_path)["parties"]["rows"]
    assert ["other"] == [one["loader"] for one in remembered(tmp_path)]


def test_an_earlier_day_keeps_what_its_own_load_rejected(tmp_path: Path) -> None:
    assert 0 == load(tmp_path, BAD).code
    assert 0 == load(tmp_path, GOOD, day=LATER).code
    assert {} == findings(tmp_path)
    assert 2 == findings(tmp_path, "--as-of", DAY)["parties"]["rows"]
    assert [] == remembered(tmp_path)


def test_a_page_made_after_a_refused_load_says_so(tmp_path: Path) -> None:
    """The findings of `quality` are kept with the snapshot: a load that was refused since must still be in them."""
    assert 0 == load(tmp_path, GOOD).code
    out = tmp_path / "overview.html"
    assert 0 == run_cli("view", "overview", "-o", out, "--project", tmp_path).code
    assert "rejected" not in out.read_text("utf-8")
    assert 3 == load(tmp_path, BAD, "--strict").code
    assert 0 == run_cli("view", "overview", "-o", out, "--project", tmp_path).code
    assert "was refused" in out.read_text("utf-8")


def test_a_snapshot_that_is_copied_takes_along_what_was_rejected_of_it(tmp_path: Path) -> None:
    assert 0 == load(tmp_path, BAD).code
    store = f"files:{tmp_path / 'copy'}"
    assert 0 == run_cli("push", store, "--project", tmp_path).code
    assert 2 == findings(tmp_path, "--store", store)["parties"]["rows"]
    (tmp_path / "two").mkdir()
    assert 0 == run_cli("pull", store, "--project", tmp_path / "two").code
    assert 2 == findings(tmp_path / "two")["parties"]["rows"]


def test_a_damaged_memory_is_named_and_written_anew_by_the_next_load(tmp_path: Path) -> None:
    assert 0 == load(tmp_path, BAD).code
    file = tmp_path / ".graphrisk" / "loads.json"
    file.write_text('{"loads": [1]}', "utf-8")
    checked = run_cli("check", "--project", tmp_path)  # a record about the store stops nothing else, and is told
    assert (0, True) == (checked.code, "loads.json is damaged" in checked.out)
    assert 0 == load(tmp_path, BAD).code
    assert 2 == findings(tmp_path)["parties"]["rows"]
