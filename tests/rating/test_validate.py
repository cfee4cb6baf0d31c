"""`graphrisk validate`: golden sample from outside, a model on new clients, past ratings, and what the network adds."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphrisk as gr
from graphrisk import ratings
from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.credit.points import chance
from graphrisk.model.result import records
from graphrisk.rating.network_help import STEPS, Ablation, ablation_rows, spread
from graphrisk.rating.training import Asked
from graphrisk.ratings.validating import validate_file, validate_snapshots
from tests.cli.conftest import run_cli
from tests.rating.samples import rows, write
from tests.rating.test_snapshots import DAY, book

GOLDEN = Path(__file__).parents[1] / "published" / "credit" / "validation.json"


def by_measure(result: Any) -> dict[str, dict[str, Any]]:
    return {row["measure"]: row for row in records(result.tables["validate_measures"])}


def test_the_golden_sample_comes_out_through_the_command_line(tmp_path: Path) -> None:
    sample = json.loads(GOLDEN.read_text("utf-8"))["sample"]
    with (tmp_path / "s.csv").open("w", newline="") as stream:
        made = csv.writer(stream)
        made.writerows([["y", "p"], *zip(sample["y"], sample["p"], strict=True)])
    asked = ("validate", "--data", tmp_path / "s.csv", "--target", "y", "--pd", "p", "--bins", "5", "--format", "json")
    done = run_cli("--project", tmp_path, *asked)
    found = {row["measure"]: row for row in done.json["tables"]["validate_measures"]}
    for name in ("auc", "gini", "ks", "brier"):
        assert sample[name] == pytest.approx(found[name]["value"], abs=1e-12)
    assert sample["spiegelhalter_z"] == pytest.approx(found["spiegelhalter"]["value"], abs=1e-12)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("validate")
    data = write(made / "clients.csv", rows())
    ratings.train_model(ratings.RowSource(project=made, data=data, target="bad", id_column="client"), Asked(name="own"))
    return made


def file_of(project: Path, given: list[dict[str, Any]], name: str = "new.csv") -> ratings.RowSource:
    return ratings.RowSource(project=project, data=write(project / name, given), target="bad", id_column="client")


def test_a_model_holds_on_new_clients_and_a_moved_population_is_seen(project: Path) -> None:
    given = rows(300, seed=8)
    result = validate_file(file_of(project, given), "own", pd_column=None, final_column=None, bins=10)
    found = by_measure(result)
    assert found["auc"]["low"] > 0.6
    assert found["jeffreys"]["p_value"] > 0.01
    stable = {row["column"]: row["band"] for row in records(result.tables["validate_stability"])}
    assert {"stable"} == {stable["lever"], stable["branch"]}
    moved = [{**row, "lever": row["lever"] + 1.5} for row in given]
    later = validate_file(file_of(project, moved), "own", pd_column=None, final_column=None, bins=10)
    shifted = {row["column"]: row["band"] for row in records(later.tables["validate_stability"])}
    assert "action" == shifted["lever"]
    assert by_measure(later)["hosmer_lemeshow"]["p_value"] < 0.02
    own = ratings.RowSource(project=project, data=project / "clients.csv", target="bad", id_column="client")
    flattered = validate_file(own, "own", pd_column=None, final_column=None, bins=10)
    assert {0.0} == {row["psi"] for row in records(flattered.tables["validate_stability"])}
    assert "own_sample" in {note.key for note in flattered.notes}


def test_overrides_are_counted_with_what_became_of_them(project: Path) -> None:
    given = [
        {"client": f"C{k}", "bad": int(k < 4), "pd": 0.1, "final": 0.3 if k < 8 else 0.05 if k > 15 else 0.1}
        for k in range(20)
    ]
    result = validate_file(file_of(project, given), None, pd_column="pd", final_column="final", bins=5)
    found = {row["direction"]: row for row in records(result.tables["validate_overrides"])}
    assert [8, 4, 8] == [found[way]["clients"] for way in ("worse", "better", "kept")]
    assert [4, 0, 0] == [found[way]["defaults"] for way in ("worse", "better", "kept")]
    assert 0.5 == found["worse"]["auc_model"]
    assert found["worse"]["auc_final"] > 0.8


def test_what_cannot_be_validated_is_refused_in_a_sentence(project: Path) -> None:
    source = file_of(project, [{"client": "A", "bad": 1, "pd": 3.0}, {"client": "B", "bad": 0, "pd": 0.2}], "odd.csv")
    with pytest.raises(DataError, match="a fraction in"):
        validate_file(source, None, pd_column="pd", final_column=None, bins=10)
    with pytest.raises(UsageError, match="there is no such column"):
        validate_file(source, None, pd_column="pds", final_column=None, bins=10)
    with pytest.raises(UsageError, match="whose PDs"):
        validate_file(source, "own", pd_column="pd", final_column=None, bins=10)
    all_good = file_of(project, [{**row, "bad": 0} for row in rows(80)], "good.csv")
    result = validate_file(all_good, "own", pd_column=None, final_column=None, bins=10)
    assert "auc" not in by_measure(result)
    assert ["one_outcome"] == [note.key for note in result.notes if note.severity == "warning"]


def test_past_ratings_are_compared_with_what_came(tmp_path: Path) -> None:
    data = book(tmp_path / "data")
    text = (data / "financials.csv").read_text("utf-8")
    accounts = {row["party_id"]: row for row in csv.DictReader(text.splitlines())}
    lever = {who: float(row["total_liabilities"]) / 1000.0 for who, row in accounts.items()}
    said = [
        {"party_id": who, "as_of_on": "2025-06-01", "model": "bank", "pd": round(float(chance(-6.0 + 7.0 * x)), 6)}
        for who, x in lever.items()
    ]
    late = [{"party_id": "P000", "as_of_on": "2025-07-01", "model": "bank", "pd": 0.99}]
    write(data / "ratings.csv", [*said, *late])
    workspace = gr.open(str(tmp_path))
    workspace.load("bank_csv", data, as_of=DAY)
    workspace.close()
    result = validate_snapshots(ratings.RowSource(project=tmp_path), "bank", final=None, bins=10, seed=0)
    found = by_measure(result)
    assert 0.75 < found["auc"]["value"]
    assert found["jeffreys"]["p_value"] > 0.01
    grades = records(result.tables["validate_grades"])
    assert 240 == sum(row["clients"] for row in grades)
    assert {"2025-06-30"} == {row["sample"] for row in grades}
    network = records(result.tables["validate_network"])
    assert {"random", "community"} == {row["split"] for row in network}
    assert not [row for row in network if row["split"] == "community" and row["verdict"] == "helps"]
    with pytest.raises(UsageError, match="no rating by a model called 'bnk'"):
        validate_snapshots(ratings.RowSource(project=tmp_path), "bnk", final=None, bins=10, seed=0)


def drawn(strength: float, seed: int) -> Ablation:
    """Return 600 clients in 150 communities of four; a community's own state moves its defaults by `strength`."""
    dice = np.random.default_rng(seed)
    community = np.repeat(np.arange(150), 4)
    own, state = dice.normal(size=600), dice.normal(size=150)[community]
    bad = (dice.random(600) < chance(-1.5 + own + strength * state)).astype(np.float64)
    columns = {"own": own}
    steps = {STEPS[0]: columns, STEPS[1]: {**columns, "place": state}, STEPS[2]: {**columns, "place": state}}
    steps[STEPS[3]] = {**columns, "place": state, "noise": dice.normal(size=600)}
    days = [date(2024, 1, 1)] * 300 + [date(2025, 1, 1)] * 300
    return Ablation(columns=steps, bad=bad, clients=np.arange(600), communities=community, days=days)


@pytest.mark.parametrize(("strength", "helps"), [(1.5, True), (0.0, False)])
def test_a_planted_help_is_found_and_where_there_is_none_none_is(strength: float, helps: bool) -> None:
    found = ablation_rows(drawn(strength, 3), kinds=("logit",))
    assert {"random", "community", "temporal"} == {row["split"] for row in found}
    for row in found:
        if row["features"] == STEPS[1]:
            assert helps == (row["low"] > 0.0), row
            assert row["low"] <= row["uplift"] <= row["high"]


def test_communities_are_never_divided_and_defaults_are_spread() -> None:
    given = drawn(1.0, 1)
    fold = spread(given.communities, given.bad, 5, 0)
    assert 1 == max(len(set(fold[given.communities == c])) for c in range(150))
    held = np.bincount(fold, given.bad)
    assert held.max() - held.min() <= 4
