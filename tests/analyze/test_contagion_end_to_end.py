"""The guarantee hand cases as a bank would bring them: a folder of CSV, loaded and stressed on the command line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from graphrisk.model.catalog import CATALOG
from tests.analyze.contagion_books import Rows
from tests.analyze.test_contagion_golden import HAND_CASES, hand_case_rows, hand_case_shock
from tests.cli.conftest import run_cli
from tests.worlds.build import AS_OF, tables_of


def _write(folder: Path, rows: Rows) -> None:
    folder.mkdir()
    for name, table in tables_of(**{name: table for name, table in rows.items() if table}).items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, CATALOG[name].names)
            writer.writeheader()
            for row in table.to_pylist():
                writer.writerow({key: "" if value is None else value for key, value in row.items()})


def _call(*words: str) -> Any:
    done = run_cli(*words)
    assert done.code == 0, done.err
    return done.json


def _of_case(number: int, value: str) -> str:
    return f"case{number:02d}-{value}"


def _all_cases() -> tuple[Rows, dict[str, float]]:
    """Return the hand cases side by side in one book, and all their shocks: cascades do not meet."""
    whole: Rows = {}
    shocks: dict[str, float] = {}
    for number, case in enumerate(HAND_CASES):
        for name, table in hand_case_rows(case).items():
            for row in table:
                own = {k: _of_case(number, v) if k.endswith("_id") and v is not None else v for k, v in row.items()}
                whole.setdefault(name, []).append(own)
        shocks |= {_of_case(number, party): part for party, part in hand_case_shock(case).items()}
    return whole, shocks


def test_all_hand_cases_through_the_command_line(tmp_path: Path) -> None:
    rows, shocks = _all_cases()
    _write(tmp_path / "book", rows)
    project = ("--project", str(tmp_path), "--format", "json")
    _call("load", "bank_csv", str(tmp_path / "book"), "--as-of", AS_OF.isoformat(), "--strict", *project)
    words = [word for party, part in shocks.items() for word in ("--shock", f"{party}={part}")]
    document = _call("analyze", "contagion", "--set", "all_rows=true", *words, *project)
    party = {row["party_id"]: row for row in document["tables"]["contagion_parties"]}
    loss = {row["facility_id"]: row["bank_loss"] for row in document["tables"]["contagion_facilities"]}
    for number, case in enumerate(HAND_CASES):
        expected, mine = case["expected"], [party[_of_case(number, f"P{i}")] for i in range(case["n"])]
        assert expected["equity"] == pytest.approx([row["equity_after"] for row in mine], abs=1e-12), case["name"]
        assert expected["guarantor_paid"] == pytest.approx([row["guarantee_paid"] for row in mine], abs=1e-12)
        assert expected["unmet_call"] == pytest.approx([row["guarantee_unmet"] for row in mine], abs=1e-12)
        assert [bool(x) for x in expected["failed"]] == [row["defaulted"] for row in mine]
        bank = [loss.get(_of_case(number, f"F{f}"), 0.0) for f in range(len(expected["bank_loss"]))]
        assert expected["bank_loss"] == pytest.approx(bank, abs=1e-12)
    assert document["certificate"]["conservation_residual"] <= 1e-9
    assert document["params"]["shocks"] == shocks


def test_a_scenario_file_runs_through_stress(tmp_path: Path) -> None:
    _write(tmp_path / "book", hand_case_rows(HAND_CASES[0]))
    project = ("--project", str(tmp_path), "--format", "json")
    _call("load", "bank_csv", str(tmp_path / "book"), *project)
    story = tmp_path / "story.toml"
    story.write_text('name = "one fails"\n[[shock]]\nparties = ["P0"]\nloss = 1.0\n', encoding="utf-8")
    document = _call("stress", str(story), *project)
    assert [10.0] == [row["bank_loss"] for row in document["tables"]["contagion_facilities"]]
    story.write_text('[[shock]]\nparties = ["P9"]\nloss = 1.0\n', encoding="utf-8")
    refused = run_cli("stress", str(story), *project)
    assert refused.code == 2
    assert "shock[0].parties" in refused.err


def test_a_wrong_parameter_in_a_scenario_names_the_file_and_the_nearest(tmp_path: Path) -> None:
    _write(tmp_path / "book", hand_case_rows(HAND_CASES[0]))
    _call("load", "bank_csv", str(tmp_path / "book"), "--project", str(tmp_path), "--format", "json")
    story = tmp_path / "story.toml"
    story.write_text('[contagion]\nrul = "debtrank"\n', encoding="utf-8")
    refused = run_cli("stress", str(story), "--project", str(tmp_path))
    assert refused.code == 2
    assert "story.toml: [contagion]" in refused.err
    assert "did you mean rule?" in refused.err
