"""graphrisk stress and portfolio --scenario as a user runs them: tables, a document, sentences, exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import run_cli, write_book

FALL = '[limits]\ndefaults = 2\nbank_loss = 1000\n[[shock]]\nparties = ["A"]\nloss = 1.0\n'


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The circle of three, with a PD and a grade for A and B."""
    project = tmp_path_factory.mktemp("rated")
    raw = write_book(project / "raw")
    (raw / "ratings.csv").write_text(
        "party_id,as_of_on,model,pd,grade\nA,2026-01-31,internal,0.05,BB\nB,2026-01-31,internal,0.02,A\n", "utf-8"
    )
    done = run_cli("load", "bank_csv", raw, "--as-of", "2026-09-30", "--project", project)
    assert 0 == done.code, done.err
    return project


def written(folder: Path, text: str, name: str = "story.toml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_broken_limit_leaves_with_10_after_the_results(rated: Path, tmp_path: Path) -> None:
    story = written(tmp_path, FALL)
    done = run_cli("stress", story, "--project", rated, "--format", "json")
    assert 10 == done.code, done.err
    rows = {row["measure"]: row for row in done.json["tables"]["contagion_comparison"]}
    assert (3.0, 2.0, True) == tuple(rows["defaults"][name] for name in ("stressed", "limit", "breached"))
    assert not rows["bank_loss"]["breached"]
    assert ["warning: limit breached: defaults is 3, limit 2"] == done.err.strip().splitlines()
    out = tmp_path / "out"
    assert 10 == run_cli("stress", story, "--project", rated, "--format", "csv", "-o", out).code
    assert (out / "contagion_groups.csv").is_file()


def test_within_its_limits_a_stress_leaves_with_0(rated: Path, tmp_path: Path) -> None:
    story = written(tmp_path, FALL.replace("defaults = 2", "defaults = 3"))
    done = run_cli("stress", story, "--project", rated)
    assert 0 == done.code, done.err
    assert "The book beside the book without it (CNY)" in done.out
    assert "Industries, regions, sizes and grades that lose most (CNY)" in done.out
    assert "" == done.err


def test_analyze_with_the_same_scenario_gives_the_same_document(rated: Path, tmp_path: Path) -> None:
    story = written(tmp_path, FALL)
    stress = run_cli("stress", story, "--project", rated, "--format", "json")
    analyzed = run_cli("analyze", "contagion", "--scenario", story, "--project", rated, "--format", "json")
    assert stress.out == analyzed.out
    assert 0 == analyzed.code


def test_two_scenarios_are_compared(rated: Path, tmp_path: Path) -> None:
    one, other = written(tmp_path, FALL), written(tmp_path, FALL.replace('"A"', '"C"').replace("1.0", "0.5"), "b.toml")
    done = run_cli("stress", one, "--against", other, "--project", rated, "--format", "json")
    rows = {row["measure"]: row for row in done.json["tables"]["contagion_comparison"]}
    assert (0.0, 3.0, 15.0) == (
        rows["defaults"]["baseline"],
        rows["defaults"]["stressed"],
        rows["equity_lost"]["baseline"],
    )
    assert any("baseline is the scenario 'b', stressed the scenario 'story'" in note for note in done.json["notes"])
    wrong = run_cli("explain", "A", "--shock", "B", "--project", rated, "--against", other)
    assert 2 == wrong.code


def test_portfolio_draws_by_the_scenario_s_pds(rated: Path, tmp_path: Path) -> None:
    story = written(tmp_path, "[portfolio]\nscenarios = 500\nlevels = [0.9]\n[[shock]]\npd_multiplier = 2.0\n")
    done = run_cli("portfolio", "--scenario", story, "--project", rated, "--format", "json")
    assert 0 == done.code, done.err
    el = done.json["tables"]["portfolio_comparison"][0]
    assert ("before_guarantors", "EL") == (el["losses"], el["measure"])
    assert (0.07 * 50, 0.14 * 50) == (pytest.approx(el["baseline"]), pytest.approx(el["stressed"]))
    assert 500 == done.json["params"]["scenarios"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[shock]]\npd_multiplyer = 2.0\n", "pd_multiplier"),
        ("[limits]\nbank_lost = 2.0\n", "bank_loss"),
        ('[portfolio]\nfactor = "sector"\n', "factors"),
        ("[portfolio]\nrho = true\n", "rho is a number"),
        ("[portfolio]\nscenarios = 2.5\n", "scenarios is a whole number"),
        ("[contagion]\nlayers = 3\n", "layers is one of"),
        ('[[shock]]\nfactor = {sector = "C"}\nmove = -2\n', 'factors = "sector"'),
    ],
)
def test_a_wrong_key_is_named_with_the_right_one(rated: Path, tmp_path: Path, text: str, said: str) -> None:
    done = run_cli("stress", written(tmp_path, text), "--project", rated)
    assert 2 == done.code
    assert said in done.err
    assert "defect" not in done.err
