"""Findings of shared cases A4, F06, F01, T2, T4 (F06: a published fixture and our own ring; else our own data)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cases.loaded import CASES
from tests.cli.conftest import run_cli

Rows = list[dict[str, Any]]


def loaded(project: Path, loader: str, case: str, *options: str, as_of: str = "2026-09-30") -> Path:
    """Load a case into the folder `project`."""
    done = run_cli("load", loader, CASES / case, "--project", project, "--as-of", as_of, "-q", *options)
    assert 0 == done.code, done.err
    return project


def checked(project: Path) -> dict[str, dict[str, Any]]:
    """Return the findings of `graphrisk check` by check and table."""
    done = run_cli("check", "--project", project, "--format", "json")
    assert 0 == done.code, done.err
    found: Rows = done.json["tables"]["quality_findings"]
    return {f"{row['check']} {row['table']}": row for row in found}


def asked(project: Path, query: str, party: str) -> Rows:
    done = run_cli("query", query, "--param", f"id={party}", "--project", project, "--format", "json")
    assert 0 == done.code, done.err
    rows: Rows = done.json
    return rows


def test_a4_each_mistake_that_breaks_no_rule_is_a_finding(tmp_path: Path) -> None:
    found = checked(loaded(tmp_path, "bank_csv", "A4-raw2", "--max-rejects", "1"))
    assert ("high", 10) == (
        found["rate_implausible facilities"]["severity"],
        found["rate_implausible facilities"]["rows"],
    )
    assert ["L015", "L005"] == found["loan_unit facilities"]["examples"]  # 120 m and 22 m, left in 万元
    same = found["same_party facilities"]
    assert ("high", ["C001 = c001 (id, name)"]) == (same["severity"], same["examples"])
    assert ["Ｃ０３１"] == found["odd_ids parties"]["examples"]
    said = "ownership.csv: column share is not used: did you mean share_min, share_max?"
    assert said == found["near_column ownership"]["finding"]


def test_a4_the_column_that_is_not_used_is_a_note_of_the_load(tmp_path: Path) -> None:
    options = ("--project", tmp_path, "--as-of", "2026-09-30", "--max-rejects", "1")
    done = run_cli("load", "bank_csv", CASES / "A4-raw2", *options)
    assert "note: ownership.csv: column share is not used: did you mean share_min, share_max?" in done.out


def test_f06_the_chain_that_closes_on_itself_is_named(tmp_path: Path) -> None:
    project = loaded(tmp_path, "bods", "F06/10-circular-ownership.json")
    assert ["rec-alpha-corp > rec-beta-corp > rec-alpha-corp"] == checked(project)["ownership_circle ownership"][
        "examples"
    ]
    (row,) = asked(project, "who_controls", "rec-alpha-corp")
    assert ("rec-beta-corp", True) == (row["controller_id"], row["in_circle"])
    assert ["rec-beta-corp", "rec-alpha-corp", "rec-beta-corp"] == row["circle"]


def test_f06_the_members_of_the_ring_at_the_top_are_its_controllers(tmp_path: Path) -> None:
    project = loaded(tmp_path, "bank_csv", "F06/ring_abcd")
    assert ["A > B > A"] == checked(project)["ownership_circle ownership"]["examples"]
    rows = asked(project, "who_controls", "A")
    assert [("B", 0.8, True), ("D", 0.9, True), ("C", 0.54, True)] == [
        (row["controller_id"], pytest.approx(row["share_floor"]), row["in_circle"]) for row in rows
    ]
    assert ["B", "A", "B"] == rows[0]["circle"]


def test_t2_and_t4_contracts_with_oneself_are_findings(tmp_path: Path) -> None:
    for case, check, severity in (("T2", "own_loan_guaranteed", "low"), ("T4", "self_guarantees", "high")):
        (tmp_path / case).mkdir()
        found = checked(loaded(tmp_path / case, "bank_csv", case, as_of="2023-12-31"))
        row = found[f"{check} guarantees"]
        assert (severity, 1, ["G"]) == (row["severity"], row["rows"], row["examples"])


def test_f01_holdings_that_are_not_disclosed_are_counted(tmp_path: Path) -> None:
    row = checked(loaded(tmp_path, "bods", "F01"))["undisclosed_holdings ownership"]
    assert ("low", 4) == (row["severity"], row["rows"])
    assert "4 holdings are declared without their holders" in row["finding"]
    assert "3 of them of 25% or more" in row["finding"]
