"""Migration against tests/published/credit: migration_jlt1997, cohort_aalen_johansen_hand, creditmetrics_bbb."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

from graphrisk.analyze.needs import computed
from graphrisk.kernels.credit import migration
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.worlds.build import AS_OF, graph_of

FOLDER = Path(__file__).parent / "credit"


def golden(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def analysed(rows: dict[str, Any], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="migration", analyzer="migration", params=params))


def matrix_of(result: Result, estimator: str, years: int) -> Any:
    rows = result.matrix[(result.matrix["estimator"] == estimator) & (result.matrix["years"] == years)]
    size = int(len(rows) ** 0.5)
    return rows["probability"].to_numpy(dtype=float).reshape(size, size)


@pytest.fixture(scope="module")
def jlt(tmp_path_factory: pytest.TempPathFactory) -> Result:
    given = golden("migration_jlt1997.json")
    path = tmp_path_factory.mktemp("matrix") / "one_year.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["", *given["states"]])
        writer.writerows([name, *row] for name, row in zip(given["states"], given["matrix"], strict=True))
    return analysed({"parties": []}, matrix=str(path))


def test_powers_of_the_printed_matrix(jlt: Result) -> None:
    expected = golden("migration_jlt1997.json")["expected"]
    for years in (1, 5, 10):
        found = matrix_of(jlt, "matrix", years)[:-1, -1]
        assert pytest.approx(expected[f"pd_{years}y"], abs=1e-9) == found.tolist()


def test_rows_that_do_not_sum_to_one_are_named(jlt: Result) -> None:
    note = next(note for note in jlt.notes if note.key == "rows_normalised")
    assert note.text.endswith(": A, BBB, BB, B, CCC")
    assert "warning" == note.severity


def test_the_generator_of_jarrow_lando_turnbull(jlt: Result) -> None:
    rows = jlt.generator[jlt.generator["estimator"] == "jlt"]
    expected = np.array(golden("migration_jlt1997.json")["expected"]["jlt_generator"])
    assert np.abs(rows["rate"].to_numpy(dtype=float).reshape(expected.shape) - expected).max() < 6e-7


def test_the_logarithm_is_no_generator_and_is_regularised(jlt: Result) -> None:
    expected = golden("migration_jlt1997.json")["expected"]
    sound, _ = migration.normalised(np.array(golden("migration_jlt1997.json")["matrix"]))
    log = migration.log_generator(sound)
    off = log[~np.eye(len(log), dtype=bool)]
    assert pytest.approx(expected["log_generator_min_offdiagonal"], abs=1e-9) == off.min()
    regular = migration.diagonal_adjusted(log)
    assert np.abs(regular - np.array(expected["regularised_generator"])).max() < 6e-9
    for years, key in ((0.25, "regularised_pd_0_25y"), (1.0, "regularised_pd_1y")):
        assert pytest.approx(expected[key], abs=1e-9) == migration.over_years(regular, years)[:-1, -1].tolist()
    assert (
        pytest.approx(expected["regularised_pd_1y"], abs=1e-9) == matrix_of(jlt, "log_regularised", 1)[:-1, -1].tolist()
    )
    assert any(note.key == "generator_regularised" for note in jlt.notes)


def test_cohort_and_aalen_johansen_of_six_clients_by_hand() -> None:
    given = golden("cohort_aalen_johansen_hand.json")
    start = AS_OF - timedelta(days=365)

    def day(years: float) -> date:
        return start + timedelta(days=round(365 * years))

    ratings = []
    for client in given["clients"]:
        one = f"客户{client['id']}"
        ratings += [{"party_id": one, "as_of_on": day(t), "grade": grade} for t, grade in client["history"]]
        if client["end"] < 1.0:
            ratings.append({"party_id": one, "as_of_on": day(client["end"]), "grade": "NR"})
    rows = {"parties": [{"party_id": one} for one in sorted({r["party_id"] for r in ratings})], "ratings": ratings}
    result = analysed(rows, min_count=3)
    expected = given["expected"]
    states = given["states"]
    for grade, row in expected["cohort_one_year_censored_excluded"].items():
        found = matrix_of(result, "cohort", 1)[states.index(grade)]
        assert [float(Fraction(row[s])) for s in states] == pytest.approx(found.tolist(), abs=1e-12)
        mine = result.grades[result.grades["grade"] == grade].iloc[0]
        assert row["n"] == mine["from_count"]
        assert mine["small"] == (grade == "W")
    product = matrix_of(result, "aalen_johansen", 1)
    exact = [[float(Fraction(cell)) for cell in row] for row in expected["aalen_johansen"]["matrix"]]
    assert np.abs(product - np.array(exact)).max() < given["tolerance"]


def test_creditmetrics_thresholds_and_value_of_a_bbb_bond() -> None:
    given = golden("creditmetrics_bbb.json")
    found = migration.thresholds(given["prob"])
    assert pytest.approx(given["asset_return_thresholds_from_D"], abs=1e-12) == found.tolist()
    mean, deviation = migration.value_in_a_year(given["prob"], given["value"])
    assert pytest.approx((given["mean"], given["std"]), abs=1e-12) == (mean, deviation)
    assert (107.09, 2.99) == (round(mean, 2), round(deviation, 2))


def test_the_exponential_is_that_of_scipy() -> None:
    dice = np.random.default_rng(3)
    rates = dice.exponential(0.3, (6, 5, 5)) * (dice.random((6, 5, 5)) < 0.6) * (1.0 - np.eye(5))
    rates = rates - np.eye(5) * rates.sum(axis=-1, keepdims=True)
    for years in (0.25, 1.0, 10.0):
        for one, found in zip(rates, migration.over_years(rates, years), strict=True):
            assert np.abs(expm(years * one) - found).max() < 1e-13
