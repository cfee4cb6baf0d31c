"""Deliveries against what a firm sells and buys in all: shared case A1, our own data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import run_cli

A1 = Path(__file__).parent / "A1"


def _call(project: Path, *words: str) -> Any:
    done = run_cli(*words, "--project", str(project), "--format", "json")
    assert done.code == 0, done.err
    return done.json


def _by_party(document: Any) -> dict[str, dict[str, Any]]:
    return {row["party_id"]: row for row in document["tables"]["contagion_parties"]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("A1")
    _call(folder, "load", "bank_csv", str(A1), "--as-of", "2026-09-30")
    return folder


def test_a_supplier_loses_the_part_of_its_profit_that_hangs_on_the_buyer(project: Path) -> None:
    """S earns 10 m by sales of 310 m, 3 m of them to B: 10 m x 3 / 310. It stands, and the bank loses B's loan."""
    document = _call(project, "analyze", "contagion", "--shock", "B")
    supplier = _by_party(document)["S"]
    assert supplier["loss_supplies"] == pytest.approx(10e6 * 3 / 310)
    assert supplier["production_lost"] == pytest.approx(3 / 310)
    assert supplier["defaulted"] is False
    assert document["certificate"]["bank_loss"] == pytest.approx(1e6)
    assert not [note for note in document["notes"] if "in all" in note]


@pytest.mark.parametrize("months", [3, 24])
def test_the_horizon_scales_the_profit_lost(project: Path, months: int) -> None:
    document = _call(project, "analyze", "contagion", "--shock", "B", "--set", f"horizon_months={months}")
    assert _by_party(document)["S"]["loss_supplies"] == pytest.approx(10e6 * 3 / 310 * months / 12)
    assert [note for note in document["notes"] if note.startswith(f"horizon_months={months}:")]


def test_importance_takes_the_same_totals(project: Path) -> None:
    document = _call(project, "analyze", "contagion")
    caused = {row["party_id"]: row["loss_caused"] for row in document["tables"]["contagion_importance"]}
    assert caused["B"] == pytest.approx(1e6 + 10e6 * 3 / 310)


def test_explain_names_what_the_delivery_took(project: Path) -> None:
    document = _call(project, "explain", "S", "--shock", "B")
    (line,) = document["tables"]["explain_lines"]
    assert ("supplies", "B") == (line["layer"], line["other_id"])
    assert line["amount"] == pytest.approx(10e6 * 3 / 310)
    (contract,) = [row for row in document["tables"]["explain_contracts"] if row["kind"] == "supplies"]
    assert contract["effect_on_loss"] == pytest.approx(10e6 * 3 / 310)
    assert contract["adjoint_effect"] == pytest.approx(10e6 * 3 / 310)


def test_a_scenario_sets_the_horizon(project: Path, tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text('[contagion]\nhorizon_months = 6\n[[shock]]\nparties = "B"\nloss = 1.0\n', encoding="utf-8")
    document = _call(project, "analyze", "contagion", "--scenario", str(story))
    assert _by_party(document)["S"]["loss_supplies"] == pytest.approx(10e6 * 3 / 310 / 2)
