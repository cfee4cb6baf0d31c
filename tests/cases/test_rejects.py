"""Shared cases A4 (our own data): a book that an analyst copied together by hand, and what a load makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cli.conftest import Run, run_cli, write_book

CASES = Path(__file__).parent
DAY = ("--as-of", "2026-09-30")


def given(case: str, folder: Path) -> Path:
    """Return a copy of the case as it came: the tables in GB 18030, the workbook and ownership.csv as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (CASES / case).iterdir():
        content = path.read_bytes()
        if path.suffix == ".csv" and path.name != "ownership.csv":
            content = content.decode("utf-8").encode("gb18030")
        (folder / path.name).write_bytes(content)
    return folder


def load(project: Path, data: Path, *options: str) -> Run:
    return run_cli(
        "load", "bank_csv", data, "--project", project, *DAY, "--encoding", "gb18030", "--format", "json", *options
    )


def rejected(project: Path) -> dict[str, dict[str, Any]]:
    done = run_cli("check", "--project", project, "--format", "json")
    assert 0 == done.code, done.err
    return {r["table"]: r for r in done.json["tables"]["quality_findings"] if r["check"] == "rejected_rows"}


def test_a_book_that_lost_its_loans_is_refused_and_check_says_so(tmp_path: Path) -> None:
    """Of 30 loans one is right: L022, whose rate is written 4.35%; of the owners and the owned none is."""
    data = given("A4", tmp_path / "in")
    done = load(tmp_path, data)
    assert 3 == done.code
    report = {table["table"]: table for table in done.json["tables"]}
    counts = {name: (t["rows_read"], t["rows_loaded"], t["rows_rejected"]) for name, t in report.items()}
    assert {"parties": (44, 10, 34), "facilities": (30, 1, 29), "ownership": (8, 0, 8)} == counts
    assert "every row of ownership (8) was rejected" in done.json["error"]["message"]
    assert "34 of 44 rows of parties and 29 of 30 rows of facilities" in done.json["error"]["message"]
    assert "--max-rejects 1" in done.json["error"]["hint"]
    assert [] == run_cli("snapshots", "--project", tmp_path, "--format", "json").json
    found = rejected(tmp_path)
    assert {"parties": 34, "facilities": 29, "ownership": 8, "loads": 1} == {n: r["rows"] for n, r in found.items()}
    assert {"high"} == {row["severity"] for row in found.values()}
    assert "29 of 30 rows of facilities were rejected by the last load of bank_csv" in found["facilities"]["finding"]
    assert "outstanding is not a number (12)" in found["facilities"]["finding"]
    assert "was refused" in found["loads"]["finding"]
    assert "was refused" in run_cli("doctor", "--project", tmp_path).out
    failed = run_cli("analyze", "chains", "--project", tmp_path)
    assert 4 == failed.code
    assert "the last load of bank_csv (as of 2026-09-30) was refused" in failed.err


def test_what_is_left_of_it_is_taken_on_demand_and_the_rest_stays_visible(tmp_path: Path) -> None:
    data = given("A4", tmp_path / "in")
    done = load(tmp_path, data, "--max-rejects", "1")
    assert 0 == done.code, done.err
    assert {"parties": 34, "facilities": 29, "ownership": 8} == {n: r["rows"] for n, r in rejected(tmp_path).items()}
    assert "29 of 30 rows of facilities" in run_cli("doctor", "--project", tmp_path).out
    clean = run_cli("load", "bank_csv", write_book(tmp_path / "clean"), "--project", tmp_path, *DAY)
    assert 0 == clean.code, clean.err
    assert {} == rejected(tmp_path)
    assert "rejected" not in run_cli("doctor", "--project", tmp_path).out


def test_all_faults_of_a_row_are_told_and_the_words_to_map(tmp_path: Path) -> None:
    report = load(tmp_path, given("A4", tmp_path / "in")).json
    parties, facilities = report["tables"][0], report["tables"][1]
    (first,) = [r for r in parties["rejects"] if any("row 2:" in example for example in r["examples"])]
    for part in ("'企业' means company", "'是' means true", "'中型' means medium", "'正常' means active"):
        assert part in first["reason"]
    assert 34 == sum(r["rows"] for r in parties["rejects"])
    words = {fault["reason"].partition(": ")[2].partition(":")[0]: fault["rows"] for fault in parties["faults"]}
    assert (8, 7, 7) == tuple(words[f"{text!r} means company"] for text in ("企业", "公司", "Company"))
    (fourth,) = [r for r in facilities["rejects"] if any("'L004'" in example for example in r["examples"])]
    for column in ("borrower_id", "currency", "outstanding", "maturity_on"):
        assert f"{column} " in fourth["reason"]
    (note,) = [note for note in report["notes"] if note.startswith("words of parties")]
    assert 'values.is_client = { "否" = false, "是" = true }' in note
    assert '"Company" = "company"' in note


def test_the_second_book_is_loaded_with_a_note_on_white_space_and_its_rejects_in_check(tmp_path: Path) -> None:
    done = load(tmp_path, given("A4-raw2", tmp_path / "in"))
    assert 0 == done.code, done.err
    cut = [note for note in done.json["notes"] if "white space around 5 values of column" in note]
    assert 2 == len(cut), "five ids and five names of the sheet are padded"
    assert {"parties": 2, "facilities": 1, "ratings": 15} == {n: r["rows"] for n, r in rejected(tmp_path).items()}
