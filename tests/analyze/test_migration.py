"""Migration of random histories against a slow reading, and bad input."""

from __future__ import annotations

import dataclasses
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.needs import computed
from graphrisk.errors import DataError, UsageError
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.worlds.build import AS_OF, graph_of

GRADES = ("A", "B", "C", "D")


def analysed(rows: dict[str, Any], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="migration", analyzer="migration", params=params))


def histories(seed: int, clients: int = 40) -> dict[str, Any]:
    dice = random.Random(seed)
    ratings, events = [], []
    for number in range(clients):
        one = f"P{number:02d}"
        when = AS_OF - timedelta(days=dice.randrange(30, 1300))
        while when <= AS_OF:
            grade = dice.choices(["A", "B", "C", "D", "NR"], [5, 5, 5, 1, 1])[0]
            ratings.append({"party_id": one, "as_of_on": when, "grade": grade})
            when += timedelta(days=dice.randrange(20, 400))
        if dice.random() < 0.1:
            on = AS_OF - timedelta(days=dice.randrange(900))
            events.append({"event_id": f"E{number}", "party_id": one, "kind": "default", "occurred_on": on})
    return {"parties": [{"party_id": f"P{k:02d}"} for k in range(clients)], "ratings": ratings, "events": events}


def state_on(rows: dict[str, Any], one: str, day: date) -> str | None:
    """Return the grade that a client has at the end of a day; None: not rated, or withdrawn."""
    mine = sorted((r["as_of_on"], r["grade"]) for r in rows["ratings"] if r["party_id"] == one)
    fails = [r["occurred_on"] for r in rows["events"] if r["party_id"] == one] if mine else []
    fails += [when for when, grade in mine if grade == "D"]
    if fails and min(fails) <= day:
        return "D"
    past = [grade for when, grade in mine if when <= day]
    return None if not past or past[-1] == "NR" else past[-1]


def windows() -> list[tuple[date, date]]:
    return [(AS_OF.replace(year=AS_OF.year - k - 1), AS_OF.replace(year=AS_OF.year - k)) for k in range(4)]


def one_year(result: Result, estimator: str) -> Any:
    rows = result.matrix[(result.matrix["estimator"] == estimator) & (result.matrix["years"] == 1)]
    return rows["probability"].to_numpy(dtype=float).reshape(4, 4)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_estimators_follow_a_day_by_day_reading(seed: int) -> None:
    rows = histories(seed)
    result = analysed(rows, resamples=20)
    assert list(GRADES) == result.grades["grade"].tolist()
    clients = [p["party_id"] for p in rows["parties"]]
    yearly, product = np.zeros((4, 4)), np.eye(4)
    moved, risk = np.zeros((367, 4, 4)), np.zeros((367, 4))
    for start, stop in windows():
        for one in clients:
            states = [state_on(rows, one, start + timedelta(days=d)) for d in range((stop - start).days + 1)]
            if states[0] is not None and states[-1] is not None:
                yearly[GRADES.index(states[0]), GRADES.index(states[-1])] += 1
            for d in range(1, len(states)):
                before, now = states[d - 1], states[d]
                if before is not None:
                    risk[d, GRADES.index(before)] += 1
                    if now is not None and now != before:
                        moved[d, GRADES.index(before), GRADES.index(now)] += 1
    for d in range(367):
        step = np.eye(4)
        for i in range(3):
            if risk[d, i]:
                step[i] += moved[d, i] / risk[d, i]
                step[i, i] -= moved[d, i].sum() / risk[d, i]
        product = product @ step
    cohort = yearly / yearly.sum(axis=1, keepdims=True)
    cohort[3] = [0, 0, 0, 1]
    assert np.allclose(cohort, one_year(result, "cohort"), atol=1e-12)
    assert np.allclose(product, one_year(result, "aalen_johansen"), atol=1e-12)
    assert yearly.sum(axis=1)[:3].tolist() == result.grades["from_count"].tolist()[:3]


def test_the_generator_is_moves_over_years_and_its_exponential_sums_to_one() -> None:
    rows = histories(4)
    result = analysed(rows, resamples=0)
    first = min(r["as_of_on"] for r in rows["ratings"])
    moves, years = np.zeros((4, 4)), np.zeros(4)
    for party in rows["parties"]:
        before = state_on(rows, party["party_id"], first - timedelta(days=1))
        for d in range((AS_OF - first).days + 1):
            now = state_on(rows, party["party_id"], first + timedelta(days=d))
            if before is not None:
                years[GRADES.index(before)] += 1 / 365.25
                if now is not None and now != before:
                    moves[GRADES.index(before), GRADES.index(now)] += 1
            before = now
    rates = result.generator[result.generator["estimator"] == "generator"]["rate"].to_numpy(dtype=float).reshape(4, 4)
    expected = moves / years[:, None]
    expected[3] = 0.0
    assert np.allclose(expected - np.diag(expected.sum(axis=1)), rates, atol=1e-9)
    assert np.allclose(1.0, one_year(result, "generator").sum(axis=1))
    assert result.certificate["residual"] < 1e-9


def test_intervals_hold_the_estimate_and_default_grows_with_the_years() -> None:
    result = analysed(histories(5, 80), resamples=40)
    known = result.matrix[result.matrix["probability"].notna()]
    assert (known["low"] <= known["probability"]).all()
    assert (known["probability"] <= known["high"]).all()
    falls = known[(known["to_grade"] == "D") & (known["estimator"] == "cohort")].pivot_table(
        index="years", columns="from_grade", values="probability"
    )
    assert (falls.diff().dropna() >= -1e-12).all().all()
    never = known[(known["probability"] == 0) & (known["estimator"] == "cohort") & (known["years"] == 1)]
    assert (never[never["from_grade"] != "D"]["high"] > 0).all()


def test_a_grade_nobody_began_a_year_in_has_no_row_of_numbers() -> None:
    rating = {"party_id": "A", "as_of_on": AS_OF - timedelta(days=500), "grade": "A"}
    late = {"party_id": "A", "as_of_on": AS_OF - timedelta(days=10), "grade": "B"}
    result = analysed({"parties": [{"party_id": "A"}], "ratings": [rating, late]})
    two = result.matrix[(result.matrix["years"] == 2) & (result.matrix["estimator"] == "cohort")]
    assert two[two["from_grade"] != "D"]["probability"].isna().all(), "from B nobody knows where it leads"
    assert {"small_grades"} <= {note.key for note in result.notes}


def test_the_model_with_most_grades_is_read_and_another_can_be_named() -> None:
    ratings = [
        {"party_id": "A", "as_of_on": AS_OF - timedelta(days=k), "grade": "A", "model": "内部"} for k in (1, 400)
    ]
    ratings.append({"party_id": "A", "as_of_on": AS_OF, "grade": "7", "model": "外部"})
    rows = {"parties": [{"party_id": "A"}], "ratings": ratings}
    result = analysed(rows)
    assert "内部" == result.certificate["model"]
    assert "several_rating_models" in {note.key for note in result.notes}
    assert ["7", "D"] == analysed(rows, model="外部").grades["grade"].tolist()
    with pytest.raises(UsageError, match="no grade comes from"):
        analysed(rows, model="穆迪")


def test_a_model_of_the_settings_that_rates_since_this_year_has_not_moved_so_another_is_read() -> None:
    old = [
        {"party_id": p, "as_of_on": AS_OF - timedelta(days=k), "grade": "A", "model": "old"}
        for p in "AB"
        for k in (1, 400)
    ]
    new = [
        {"party_id": p, "as_of_on": AS_OF - timedelta(days=k), "grade": "7", "model": "new"}
        for p in "AB"
        for k in range(5)
    ]
    graph = graph_of(parties=[{"party_id": p} for p in "AB"], ratings=[*old, *new])
    named = dataclasses.replace(graph, settings={"ratings.model": "new"})
    result = computed(named)(Ask(key="migration", analyzer="migration", params={}))
    assert "old" == result.certificate["model"]
    assert ["rating_model_too_young"] == [note.key for note in result.notes if "rating_model" in note.key]
    alone = dataclasses.replace(
        graph_of(parties=[{"party_id": p} for p in "AB"], ratings=new), settings={"ratings.model": "new"}
    )
    assert "new" == computed(alone)(Ask(key="migration", analyzer="migration", params={})).certificate["model"]
    asked = computed(named)(Ask(key="migration", analyzer="migration", params={"model": "new"}))
    assert "new" == asked.certificate["model"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        (",A,D\nA,0.9\n", "does not hold 2 numbers"),
        (",A,D\nA,90,10\n", "outside"),
        (",A,D\nA,0.5,0.1\n", "do not sum to 1"),
        (",A,D\nB,0.9,0.1\n", "not in the header"),
        (",A,A\nA,0.9,0.1\n", "twice"),
        (",A,D\nA,0.9,0.1\nD,0.1,0.9\n", "is default"),
    ],
)
def test_a_matrix_that_is_none_is_refused(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        analysed({"parties": []}, matrix=str(path))
