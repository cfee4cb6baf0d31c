"""Calibration of random pasts against a slow reading, and where there is nothing to compare."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from graphrisk.analyze.needs import computed
from graphrisk.answers.calibration import verdict
from graphrisk.answers.reader import Reader
from graphrisk.errors import UsageError
from graphrisk.kernels.credit import calibration as kernel
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, records
from graphrisk.rating.policy import rating_policy
from tests.worlds.build import AS_OF, graph_of


def analysed(rows: dict[str, Any], **params: Any) -> Result:
    graph = graph_of(**rows)
    return computed(graph)(Ask(key="calibration", analyzer="calibration", params=params))


def years_ago(many: int) -> date:
    return AS_OF.replace(year=AS_OF.year - many)


def past(seed: int, clients: int = 200, times: float = 1.0) -> dict[str, Any]:
    """Return ratings on random days and defaults `times` as frequent as the PDs say; some PDs are 1, some null."""
    dice = random.Random(seed)
    parties, ratings, events = [], [], []
    for number in range(clients):
        one, level = f"P{number:03d}", dice.choice([0.0004, 0.004, 0.03, 0.2])
        parties.append({"party_id": one})
        for when in sorted(AS_OF - timedelta(days=dice.randrange(1500)) for _ in range(dice.randrange(1, 5))):
            pd = dice.choices([level * dice.uniform(0.6, 1.4), None, 1.0], [20, 1, 1])[0]
            ratings.append({"party_id": one, "as_of_on": when, "pd": pd, "grade": "X", "model": "own"})
        for year in (4, 3, 2, 1):
            if dice.random() < level * times:
                on = years_ago(year) + timedelta(days=dice.choice([0, 1, 200, 365]))
                events.append({"event_id": f"E{number}-{year}", "party_id": one, "kind": "default", "occurred_on": on})
    ratings = list({(r["party_id"], r["as_of_on"]): r for r in ratings}.values())
    events.append({"event_id": "S", "party_id": "P001", "kind": "lawsuit", "occurred_on": years_ago(1)})
    return {"parties": parties, "ratings": ratings, "events": [e for e in events if e["occurred_on"] <= AS_OF]}


def slow(rows: dict[str, Any], years: int = 10) -> list[tuple[float, bool]]:
    """Return (PD, whether it defaulted) of each client-year, one by one."""
    out = []
    for day in map(years_ago, range(1, years + 1)):
        for party in rows["parties"]:
            mine = [r for r in rows["ratings"] if r["party_id"] == party["party_id"] and r["pd"] is not None]
            told = sorted((r["as_of_on"], r["pd"]) for r in mine if r["as_of_on"] <= day)
            fails = [
                e["occurred_on"] for e in rows["events"]
                if e["party_id"] == party["party_id"] and e["kind"] == "default"
            ]  # fmt: skip
            if not told or told[-1][1] >= 1.0 or any(on <= day for on in fails):
                continue
            out.append((told[-1][1], any(day < on <= day.replace(year=day.year + 1) for on in fails)))
    return out


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("years", [1, 10])
def test_grades_and_tests_follow_a_client_by_client_reading(seed: int, years: int) -> None:
    rows = past(seed)
    result, found = analysed(rows, years=years), slow(rows, years)
    bounds = {grade["name"]: grade["most"] for grade in rating_policy().grades}
    lowest = 0.0
    expected = {}
    for name, most in bounds.items():
        mine = [(p, bad) for p, bad in found if lowest < p <= most]
        lowest = most
        if mine:
            n, d, mean = len(mine), sum(bad for _, bad in mine), sum(p for p, _ in mine) / len(mine)
            low, high = kernel.rate_interval(d, n)
            said = "too_low" if mean < low else "too_high" if mean > high else "agrees"
            expected[name] = [n, d, pytest.approx(mean), pytest.approx(d / n), low, high, said]
    names = ("clients", "defaults", "mean_pd", "default_rate", "low", "high", "verdict")
    assert expected == {row["grade"]: [row[name] for name in names] for row in records(result.grades)}
    by = {row["measure"]: row for row in records(result.measures)}
    assert by["brier"]["value"] == pytest.approx(sum((bad - p) ** 2 for p, bad in found) / len(found))
    assert by["jeffreys"]["value"] == pytest.approx(sum(bad for _, bad in found) / len(found))
    assert [len(found), sum(bad for _, bad in found)] == [
        result.certificate["client_years"],
        result.certificate["defaults"],
    ]


@pytest.mark.parametrize(
    ("times", "english", "chinese"),
    [(1.0, "is right", "水平合适"), (2.5, "too low", "偏低"), (0.4, "too high", "偏高")],
)
def test_the_first_sentence_says_whether_the_level_is_right(times: float, english: str, chinese: str) -> None:
    result = analysed(past(5, clients=500, times=times))
    assert english in verdict(result, Reader())[0]
    assert chinese in verdict(result, Reader(lang="zh"))[0]


def test_few_defaults_do_not_make_a_level_right() -> None:
    rows = {"parties": [{"party_id": "A"}], "ratings": [{"party_id": "A", "as_of_on": years_ago(2), "pd": 0.01}]}
    result = analysed(rows)
    assert ["few_defaults"] == [note.key for note in result.notes]
    assert "Too few defaults" in verdict(result, Reader())[0]
    assert [2, 0] == [result.grades["clients"].sum(), result.grades["defaults"].sum()]


def test_a_test_that_cannot_be_made_does_not_agree() -> None:
    rows = {"parties": [{"party_id": "A"}], "ratings": [{"party_id": "A", "as_of_on": years_ago(1), "pd": 0.0}]}
    failed = [{"event_id": "E", "party_id": "A", "kind": "default", "occurred_on": AS_OF}]
    said = verdict(analysed({**rows, "events": failed}), Reader())
    assert "PDs are too low" in said[0]
    assert "Too few or too extreme PDs" in said[1]


def test_ratings_of_the_last_year_say_nothing_yet() -> None:
    parties = [{"party_id": "A"}]
    recent = [{"party_id": "A", "as_of_on": years_ago(1) + timedelta(days=1), "pd": 0.01}]
    result = analysed({"parties": parties, "ratings": recent})
    assert [[], []] == [records(result.grades), records(result.measures)]
    assert ["no_outcomes"] == [note.key for note in result.notes]
    assert "No PD can be compared" in verdict(result, Reader())[0]
    assert () == analysed({"parties": parties}).notes


def test_a_model_is_chosen_by_name_else_the_one_with_most_client_years() -> None:
    ratings = [
        {"party_id": "A", "as_of_on": years_ago(3), "pd": 0.01, "model": "long"},
        {"party_id": "A", "as_of_on": years_ago(1), "pd": 0.2, "model": "short"},
        {"party_id": "A", "as_of_on": AS_OF, "pd": 0.2, "model": "new"},
    ]
    rows = {"parties": [{"party_id": "A"}], "ratings": ratings}
    chosen = analysed(rows)
    assert "long" == chosen.certificate["model"]
    assert "several_rating_models" in [note.key for note in chosen.notes]
    assert "short" == analysed(rows, model="short").certificate["model"]
    assert not len(analysed(rows, model="new").grades)
    with pytest.raises(UsageError, match="'shrot'") as caught:
        analysed(rows, model="shrot")
    assert "short" in caught.value.hint
