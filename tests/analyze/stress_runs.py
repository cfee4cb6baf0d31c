"""Books and scenarios of the tests of stress, and short ways to run and read them."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.analyze import contagion
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import parse_scenario
from tests.analyze.contagion_books import Rows, random_book
from tests.analyze.contagion_runs import graph_from

FOUR = """
[limits]
bank_loss = 20.0
defaults = 1
expected_loss = 29.4
[[shock]]
parties = ["A"]
loss = 1.0
[[shock]]
where = {rating = "BB"}
pd_multiplier = 3.0
[[shock]]
collateral = {kind = "real_estate"}
price = -0.25
"""


def four() -> Rows:
    """A owes 50 and G stands behind 40 of it with 30; B owes 100 and pledges a house of 80; D owes 20, nobody's."""
    return {
        "parties": [
            {"party_id": "A", "industry": "C17", "region": "浙江", "size": "small"},
            {"party_id": "B", "industry": "C18", "region": "江苏", "size": "large"},
            {"party_id": "D", "region": "江苏"},
            {"party_id": "G", "industry": "K70", "region": "浙江"},
        ],
        "financials": [{"party_id": i, "equity": e} for i, e in (("A", 10.0), ("B", 100.0), ("G", 30.0))],
        "facilities": [
            {"facility_id": "FA", "borrower_id": "A", "outstanding": 50.0, "lgd": 0.4},
            {"facility_id": "FB", "borrower_id": "B", "outstanding": 100.0, "lgd": 0.5},
            {"facility_id": "FD", "borrower_id": "D", "outstanding": 20.0},
        ],
        "guarantees": [
            {"guarantee_id": "G1", "guarantor_id": "G", "debtor_id": "A", "facility_id": "FA", "amount": 40.0}
        ],
        "collateral": [{"collateral_id": "K", "owner_id": "B", "value": 80.0, "haircut": 0.25}],
        "pledges": [{"facility_id": "FB", "collateral_id": "K", "allocated_amount": 100.0}],
        "ratings": [
            {"party_id": "A", "pd": 0.02, "grade": "BB"},
            {"party_id": "B", "pd": 0.1, "grade": "B"},
            {"party_id": "D", "pd": 0.05, "grade": "BB"},
        ],
    }


def compared(world: Any, one: str | None = None, against: str | None = None, **params: Any) -> Result:
    """Run a scenario against another, both given as texts."""
    graph = world if not isinstance(world, dict) else graph_from(world)
    story, rival = (None if text is None else parse_scenario(text) for text in (one, against))
    given = {**(story.params if story else {}), **params}
    settled = parse_params(contagion.Params, given, where="contagion")
    return contagion.run(graph, settled, inputs=Inputs(scenario=story, against=rival), progress=silent)


def side(result: Result, column: str) -> dict[str, float]:
    return dict(zip(result.comparison["measure"], result.comparison[column], strict=True))


def notes(result: Result, text: str) -> list[str]:
    return [note for note in result.notes if text in note]


def with_ratings(seed: int) -> Rows:
    """Return a random book in which most parties are rated, with a region and a size."""
    rows, rng = random_book(seed), np.random.default_rng(seed + 1)
    for row in rows["parties"]:
        row["region"] = [None, "浙江", "江苏"][int(rng.integers(3))]
        row["size"] = [None, "small", "large"][int(rng.integers(3))]
    rows["ratings"] = [
        {"party_id": row["party_id"], "pd": float(rng.uniform(0.001, 0.2)), "grade": "ABC"[int(rng.integers(3))]}
        for row in rows["parties"]
        if rng.random() < 0.8
    ]
    for row in rows["facilities"]:
        row["lgd"] = [None, 0.4][int(rng.integers(2))]
    return rows


STORM = """
default_above = 0.3
[portfolio]
factors = "sector_region"
[[shock]]
factor = "market"
move = -1.5
[[shock]]
factor = {region = ["浙江", "江苏"]}
move = -1
[[shock]]
where = {rating = ["A", "B"], industry = "A*"}
pd_multiplier = 2.5
[[shock]]
where = {size = "small"}
loss = 0.6
[[shock]]
collateral = {kind = "real_estate"}
price = -0.4
"""


def both_regions(rows: Rows) -> Rows:
    """Return the book with somebody in each of the two regions."""
    rows["parties"][0]["region"], rows["parties"][1]["region"] = "浙江", "江苏"
    return rows
