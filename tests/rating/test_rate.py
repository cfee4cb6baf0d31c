"""`graphrisk rate` on files, as a person runs it: trains, shows, applies, compares, and refuses what gives no model."""

from __future__ import annotations

import dataclasses
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk import ratings
from graphrisk.errors import DataError, GraphRiskError, UsageError
from graphrisk.kernels.credit.discrimination import auc
from graphrisk.model.result import records
from graphrisk.rating.training import Asked
from tests.cli.conftest import run_cli
from tests.rating.samples import rows, write


def source(project: Path, data: Path) -> ratings.RowSource:
    return ratings.RowSource(project=project, data=data, target="bad", id_column="client")


TRAIN = ("rate", "train", "--target", "bad", "--id", "client", "--format", "json")


def train(project: Path, data: Path, *more: str, model: str = "own") -> Any:
    return run_cli("--project", project, *TRAIN, "--data", data, "--model", model, *more)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("rate")
    done = train(project, write(project / "clients.csv", rows()))
    assert 0 == done.code
    (project / "train.json").write_text(done.out, encoding="utf-8")
    return project


def test_training_prints_a_row_of_comparison_and_writes_plain_json(trained: Path) -> None:
    said = json.loads((trained / "train.json").read_text("utf-8"))
    (row,) = said["tables"]["rate_comparison"]
    assert "own" == row["model"]
    assert 0.6 < row["auc_low"] < row["auc"] < row["auc_high"] < 0.95
    assert row["fit_s"] > 0.0
    assert {"lever", "cover", "noise", "branch"} == {leak["column"] for leak in said["tables"]["rate_leaks"]}
    assert not any(leak["suspected"] for leak in said["tables"]["rate_leaks"])
    model = json.loads((trained / "models" / "own.json").read_text("utf-8"))
    assert 400 == model["data"]["rows"]
    assert {"fingerprint", "source"} <= set(model["data"])
    assert ("rating", 1) == (model["policy"]["name"], model["policy"]["version"])
    assert model["code_version"]


def test_the_same_rows_in_any_order_give_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    given = rows()
    random.Random(5).shuffle(given)
    (tmp_path / "p").mkdir()
    assert 0 == train(tmp_path / "p", write(tmp_path / "clients.csv", given)).code
    assert (trained / "models" / "own.json").read_bytes() == (tmp_path / "p" / "models" / "own.json").read_bytes()


def test_a_model_rates_new_clients_with_exact_reasons(trained: Path, tmp_path: Path) -> None:
    given = rows(150, seed=4)
    bad = [row.pop("bad") for row in given]
    data = write(tmp_path / "new.csv", given)
    said = run_cli(
        "--project", trained, "rate", "apply", "own", "--data", data, "--id", "client", "--format", "json"
    ).json
    rated = said["tables"]["rate_ratings"]
    assert [row["client"] for row in given] == [row["party_id"] for row in rated]
    assert auc(bad, [row["pd"] for row in rated]) > 0.7
    model = json.loads((trained / "models" / "own.json").read_text("utf-8"))
    best = sum(max(factor["points"]) for factor in model["structure"]["factors"])
    for row in rated[:20]:
        lost = [r["points_lost"] for r in said["tables"]["rate_reasons"] if r["party_id"] == row["party_id"]]
        assert best - sum(lost) == pytest.approx(row["points"], abs=1e-6)
        assert sorted(lost, reverse=True) == lost
    out = tmp_path / "rated.csv"
    assert 0 == run_cli("--project", trained, "rate", "apply", "own", "--data", data, "--id", "client", "-o", out).code
    assert out.read_text("utf-8-sig").startswith("party_id,as_of_on,model,pd,grade")


def test_applying_and_showing_import_no_scikit_learn(trained: Path) -> None:
    for arguments in (["rate", "show", "own"], ["rate", "apply", "own", "--data", str(trained / "clients.csv")]):
        code = (
            "import sys\nfrom graphrisk.cli.app import main\n"
            f"try:\n    main({['--project', str(trained), *arguments]!r})\nexcept SystemExit:\n    pass\n"
            "print(sorted({'sklearn', 'joblib'} & set(sys.modules)), file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stderr.strip().endswith("[]"), done.stderr


def test_the_card_answers_in_the_order_in_which_validators_ask(trained: Path) -> None:
    text = run_cli("--project", trained, "rate", "show", "own", "--card").out
    asked = ["Model card", "Data", "Exclusions", "Method", "Performance", "Calibration", "Stability", "Limits",
             "Versions", "Changes"]  # fmt: skip
    at = [text.index(f"# {title}") for title in asked]
    assert sorted(at) == at
    sections = run_cli("--project", trained, "rate", "show", "own", "--card", "--format", "json").json
    assert len(asked) == len(sections)


def test_a_leak_is_named_and_found_first(tmp_path: Path) -> None:
    given = rows(300)
    dice = np.random.default_rng(2)
    for row in given:
        row["written_off"] = round(row["bad"] * float(dice.uniform(1, 9)), 3)
        row["recovered"] = "" if not row["bad"] else round(row["written_off"] * 0.4, 3)
    done = train(tmp_path, write(tmp_path / "d.csv", given), "--kind", "logit")
    leaks = done.json["tables"]["rate_leaks"]
    assert {"written_off", "recovered"} == {leak["column"] for leak in leaks if leak["suspected"]}
    assert {"written_off", "recovered"} == {leak["column"] for leak in leaks[:2]}
    assert [note for note in done.json["notes"] if "written_off may know the outcome" in note]


def test_every_kind_is_compared_on_the_same_rows(trained: Path) -> None:
    data = trained / "clients.csv"
    done = ratings.compare_models(source(trained, data), folds=2, seed=0)
    table = records(done.tables["rate_comparison"])
    expected = {"scorecard", "logit", "tree", "forest", "boosted", "boosted_monotone", "mlp"}
    assert expected == {row["model"] for row in table}
    assert "scorecard" == table[0]["model"]
    assert all(row["gain_low"] <= row["auc_gain"] <= row["gain_high"] for row in table[1:])
    kept = ratings.compare_models(ratings.RowSource(project=trained), folds=5, seed=0).tables["rate_comparison"]
    assert ["own"] == kept["model"].tolist()


def test_isotonic_calibration_and_a_prior_move_the_pds(trained: Path, tmp_path: Path) -> None:
    data = trained / "clients.csv"
    assert 0 == train(tmp_path, data, "--kind", "tree", "--calibrate", "isotonic", "--prior", "0.02").code
    applied = run_cli(
        "--project", tmp_path, "rate", "apply", "own", "--data", data, "--id", "client", "--format", "json"
    )
    pds = [row["pd"] for row in applied.json["tables"]["rate_ratings"]]
    assert 0.01 < np.mean(pds) < 0.035
    assert min(pds) >= 0.0003


REFUSED = {
    "one class": (lambda g: [{**r, "bad": 0} for r in g], 3, "a model learns from both outcomes"),
    "30 rows": (lambda g: g[:30], 3, "too few to train on"),
    "constant": (lambda g: [{"client": r["client"], "same": 1, "bad": r["bad"]} for r in g], 3, "same is constant"),
    "repeated": (lambda g: [*g, g[0]], 3, "repeat the client"),
    "a text": (lambda g: [{**r, "lever": "n. a. yet"} if r is g[4] else r for r in g], 3, "'n. a. yet'"),
    "third outcome": (lambda g: [{**r, "bad": 2} if r is g[4] else r for r in g], 3, "holds 0, 1, 2"),
    "no id": (lambda g: [{**r, "client": ""} if r is g[4] else r for r in g], 3, "have no client"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_bad_input_is_refused_in_a_sentence_and_nothing_is_written(what: str, tmp_path: Path) -> None:
    change, code, says = REFUSED[what]
    data = write(tmp_path / "d.csv", change(rows(120)))
    with pytest.raises(GraphRiskError) as refused:
        ratings.train_model(source(tmp_path, data), Asked(name="own"))
    assert code == refused.value.exit_code
    assert says in str(refused.value)
    assert not (tmp_path / "models").exists()


def test_days_in_the_future_and_columns_that_are_not_there_are_refused(trained: Path, tmp_path: Path) -> None:
    given = [{**row, "on": "2025-12-31"} for row in rows(120)]
    given[7]["on"] = "2099-01-01"
    late = train(tmp_path, write(tmp_path / "d.csv", given), "--date", "on")
    assert 3 == late.code
    assert "2099-01-01" in late.err
    whole = source(tmp_path, tmp_path / "d.csv")
    with pytest.raises(UsageError, match="did you mean lever"):
        ratings.train_model(dataclasses.replace(whole, exclude=("levr",)), Asked(name="own"))
    few = source(trained, write(tmp_path / "few.csv", [{"client": "A", "noise": 1.0}]))
    with pytest.raises(DataError, match="lever"):
        ratings.apply_to_file(few, "own")
    for name in ("owm", "../own", None):
        with pytest.raises(UsageError):
            ratings.show_model(few, name)
    (trained / "models" / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="is no JSON"):
        ratings.show_model(few, "broken")
    (trained / "models" / "broken.json").unlink()


def test_a_portfolio_without_defaults_gets_most_prudent_pds(tmp_path: Path) -> None:
    """Two grades of 100 and 50 clients and no default: 1 - 0.1^(1/150) and 1 - 0.1^(1/50) at a confidence of 90 %."""
    healthy = {
        "tenure_months": 100,
        "days_past_due_12m": 0,
        "interest_cover": 9,
        "net_margin": 0.2,
        "debt_to_assets": 0.1,
    }
    weaker = {**healthy, "interest_cover": 0.5, "net_margin": -0.1, "days_past_due_12m": 40}
    given = [{"client": f"C{k:03d}", **(healthy if k < 100 else weaker), "bad": 0} for k in range(150)]
    where = source(tmp_path, write(tmp_path / "low.csv", given))
    ratings.train_model(where, Asked(name="low", kind="expert", calibrate="pluto_tasche"))
    pds = ratings.apply_to_file(where, "low").tables["rate_ratings"]["pd"].to_numpy()
    assert 1 - 0.1 ** (1 / 150) == pytest.approx(pds[0], abs=1e-12)
    assert 1 - 0.1 ** (1 / 50) == pytest.approx(pds[149], abs=1e-12)


def test_an_expert_template_rates_without_history_and_says_who_judged(tmp_path: Path) -> None:
    done = run_cli("--project", tmp_path, "rate", "train", "--kind", "expert", "--model", "5c", "--format", "json")
    assert 0 == done.code
    given = [
        {"client": "甲", "size": "micro", "tenure_months": 100, "days_past_due_12m": 0, "interest_cover": 5,
         "net_margin": 0.1, "debt_to_assets": 0.2, "management_grade": 5, "rater": "王", "rated_on": "2026-09-01"},
        {"client": "乙", "size": "small", "tenure_months": 1, "days_past_due_12m": 90, "interest_cover": 0.1,
         "net_margin": -0.3, "debt_to_assets": 0.95, "management_grade": "", "rater": "", "rated_on": ""},
        {"client": "丙", "size": "small", "tenure_months": 50, "days_past_due_12m": "", "interest_cover": "",
         "net_margin": "", "debt_to_assets": "", "management_grade": "", "rater": "", "rated_on": ""},
    ]  # fmt: skip
    data = write(tmp_path / "e.csv", given)
    said = run_cli(
        "--project", tmp_path, "rate", "apply", "5c", "--data", data, "--id", "client", "--format", "json"
    ).json
    by_id = {row["party_id"]: row for row in said["tables"]["rate_ratings"]}
    assert by_id["甲"]["pd"] == pytest.approx(0.001, abs=1e-9)
    assert "graded by 王, 2026-09-01" in by_id["甲"]["source"]
    assert by_id["乙"]["pd"] == pytest.approx(0.30, abs=1e-9)
    assert by_id["丙"]["pd"] is None
    given[0]["rater"] = ""
    write(data, given)
    done = run_cli("--project", tmp_path, "rate", "apply", "5c", "--data", data, "--id", "client")
    assert 3 == done.code
    assert "who gave them" in done.err


def test_a_model_that_was_edited_is_refused_and_one_trained_again_has_a_log(trained: Path, tmp_path: Path) -> None:
    path = trained / "models" / "own.json"
    model = json.loads(path.read_text("utf-8"))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.json").write_text(json.dumps({**model, "structure": {}}), encoding="utf-8")
    with pytest.raises(DataError, match="changed or damaged"):
        ratings.show_model(ratings.RowSource(project=tmp_path), "own")
    data = write(tmp_path / "d.csv", rows(200, seed=5))
    ratings.train_model(source(tmp_path, data), Asked(name="own", kind="logit"))
    (entry,) = json.loads((tmp_path / "models" / "own.json").read_text("utf-8"))["change_log"]
    assert "a file that could not be read" == entry["before"]
    (tmp_path / "models" / "own.json").write_bytes(path.read_bytes())
    data = write(tmp_path / "d.csv", rows(200, seed=5))
    for _ in range(2):  # the second time nothing is new
        ratings.train_model(source(tmp_path, data), Asked(name="own", kind="logit"))
    log = json.loads((tmp_path / "models" / "own.json").read_text("utf-8"))["change_log"]
    assert [(1, "scorecard"), (2, "logit")] == [(entry["version"], entry["kind"]) for entry in log]
    (plain,) = (
        ratings.apply_to_file(ratings.RowSource(project=tmp_path, data=data), "own")
        .tables["rate_ratings"]
        .head(1)["party_id"]
    )
    assert "C0000" == plain, "the column of ids that it was trained with"
