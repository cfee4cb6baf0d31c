from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import run_cli, write_book


def test_the_whole_circle_is_in_the_tail_when_one_of_it_defaults(tmp_path: Path) -> None:
    raw = write_book(tmp_path / "raw")
    (raw / "ratings.csv").write_text("party_id,as_of_on,model,pd\nA,2026-01-31,internal,0.05\n", encoding="utf-8")
    loaded = run_cli("load", "bank_csv", raw, "--as-of", "2026-09-30", "--project", tmp_path)
    assert 0 == loaded.code, loaded.err
    options = ("--set", "scenarios=2000", "--set", "levels=0.99", "--set", "rho=0", "--format", "json")
    done = run_cli("portfolio", *options, "--project", tmp_path)
    assert 0 == done.code, done.err
    rows = {row["measure"]: row for row in done.json["tables"]["portfolio_summary"]}
    # B pays 30 of A's 50 and is gone, C pays 30 of B's, A nothing of C's: 20, then 20 + 20 + 50.
    assert (50.0, 20.0, 90.0) == tuple(
        rows["VaR"][column] for column in ("before_guarantors", "without_contagion", "with_contagion")
    )
    assert 2.5 == pytest.approx(rows["EL"]["closed_form"])
    assert any("2 of 3 parties have no PD" in note for note in done.json["notes"])
    assert done.out == run_cli("portfolio", *options, "--project", tmp_path).out


def test_a_wrong_parameter_is_refused_with_the_nearest(bank: Path) -> None:
    done = run_cli("portfolio", "--set", "scenarioz=5", "--project", bank)
    assert 2 == done.code
    assert "scenarios" in done.err
