from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze import intervene
from graphrisk.analyze.intervene.actions import Lever
from graphrisk.analyze.intervene.params import KINDS
from graphrisk.analyze.intervene.search import cost_of, every_set, greedy, meets
from graphrisk.cascade.what_if import with_capital, with_rows, with_values, without_rows
from graphrisk.errors import UsageError
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze import contagion_runs
from tests.analyze.contagion_books import Rows, random_book, random_shock
from tests.worlds.build import graph_of, parties, ring


def run(world: Rows, shocks: dict[str, float], **params: Any) -> Result:
    return intervene.run(
        contagion_runs.graph_from(world),
        parse_params(intervene.Params, {"actions": KINDS, **params}, where="intervene"),
        inputs=Inputs(shocks=shocks),
        progress=silent,
    )


def rows(result: Result, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = result.to_dict()["tables"][f"intervene_{table}"]
    return found


def bank_loss(world: Rows, shocks: dict[str, float]) -> float:
    return float(contagion_runs.run(world, shocks).certificate["bank_loss_added"])


def test_capital_of_what_it_lacks_stops_the_circle_where_it_is_cheapest() -> None:
    # P0 falls; P1 is asked for 50 and has 30: with 20 more it pays, and neither it nor P2 falls
    result = run(ring(), {"P0": 1.0})
    (row,) = rows(result, "actions")
    assert ("capital", "P1", 90.0, 0.0) == tuple(
        row[k] for k in ("action", "party_id", "measure_before", "measure_after")
    )
    assert 20.0 == pytest.approx(row["size"], rel=1e-5)
    assert row["cost"] == row["cumulative_cost"] == result.certificate["cost"]
    assert "Add 20.00 CNY of capital to P1: the bank loss goes from 90.00 CNY to 0.00 CNY." == row["sentence"]


def test_the_costs_decide() -> None:
    result = run(ring(), {"P0": 1.0}, cost_capital=100.0, cost_cut=100.0, cost_collateral=100.0, cost_split=0.01)
    # without G0 only P0 falls and its 50 are lost; without G1 P1 pays 30, and the bank loses 20 + 50
    assert [("split", "G0", 50.0, 0.5)] == [
        (row["action"], row["contract_id"], row["measure_after"], row["cost"]) for row in rows(result, "actions")
    ][:1]


def test_a_guarantee_off_the_circle_is_released_and_not_split() -> None:
    book = ring(3)
    book["guarantees"] = book["guarantees"][:2]
    kinds = {row["action"] for row in rows(run(book, {"P0": 1.0}, actions="release,split"), "candidates")}
    assert {"release"} == kinds


def test_a_strong_party_is_added_as_guarantor() -> None:
    book = ring(2, due=50.0)
    book["guarantees"] = []
    book["parties"] = parties("P0", "P1", "Z")
    book["financials"].append({"party_id": "Z", "equity": 500.0})
    result = run(book, {"P0": 1.0}, actions="guarantor", target=0.0)
    (row,) = rows(result, "actions")
    assert ("guarantor", "P0", "F0", "Z", 50.0, 0.0) == tuple(
        row[k] for k in ("action", "party_id", "contract_id", "guarantor_id", "size", "measure_after")
    )


def test_a_target_that_is_met_already_needs_nothing() -> None:
    result = run(ring(), {"P0": 1.0}, target=90.0)
    assert [] == rows(result, "actions")
    assert result.certificate["reached"] is True
    assert "nothing needs to be done" in result.notes[0]


def test_a_target_out_of_reach_is_a_warning() -> None:
    result = run(ring(), {"P0": 1.0}, measure="defaults", target=0.0)
    assert result.certificate["reached"] is False
    assert result.notes[0].startswith("warning: no set that greedy found brings the defaults from 3.00 to 0.00")
    exact = run(ring(), {"P0": 1.0}, measure="defaults", target=0.0, exact=True, max_candidates=3)
    assert exact.certificate["reached"] is False


def test_every_effect_is_that_of_a_fresh_book() -> None:
    shocks = {"P0": 1.0}
    found = rows(run(ring(4), shocks, steps=2, max_candidates=40), "candidates")
    assert {"cut", "capital", "collateral", "split"} == {row["action"] for row in found}
    for row in found:
        book = ring(4)
        if row["action"] == "cut":
            (loan,) = [f for f in book["facilities"] if f["facility_id"] == row["contract_id"]]
            loan["outstanding"] -= row["size"]
        elif row["action"] == "capital":
            (sheet,) = [f for f in book["financials"] if f["party_id"] == row["party_id"]]
            sheet["equity"] += row["size"]
        elif row["action"] == "collateral":
            book["collateral"] = [{"collateral_id": "C", "value": row["size"]}]
            book["pledges"] = [{"facility_id": row["contract_id"], "collateral_id": "C"}]
        else:
            book["guarantees"] = [g for g in book["guarantees"] if g["guarantee_id"] != row["contract_id"]]
        assert bank_loss(book, shocks) == pytest.approx(row["measure_after"], abs=1e-9), row


@pytest.mark.parametrize("seed", [7, 9, 27, 28])  # books in which the shock adds to the bank loss
def test_greedy_meets_the_target_at_no_less_than_the_exact_cost(seed: int) -> None:
    book = random_book(seed)
    shocks = random_shock(seed, book)
    given = {"max_candidates": 6, "steps": 1, "target_fraction": 0.3}
    exact, quick = run(book, shocks, exact=True, **given), run(book, shocks, **given)
    for result in (exact, quick):
        chosen, said = rows(result, "actions"), result.certificate
        assert chosen
        assert said["reached"] is True
        assert said["measure_before"] == bank_loss(book, shocks) > 0.0
        assert said["measure_after"] == chosen[-1]["measure_after"] <= 0.3 * bank_loss(book, shocks) * (1 + 1e-12)
        assert said["cost"] == pytest.approx(math.fsum(row["cost"] for row in chosen))
    assert exact.certificate["cost"] <= quick.certificate["cost"] * (1 + 1e-12)


def test_where_no_set_reaches_the_target_greedy_shows_how_far_it_came() -> None:
    book = random_book(93)
    shocks = random_shock(93, book)
    given = {"max_candidates": 6, "steps": 1, "target_fraction": 0.3}
    exact, quick = run(book, shocks, exact=True, **given), run(book, shocks, **given)
    assert [] == rows(exact, "actions")
    assert exact.notes[0].startswith("warning: no set of the candidates")
    assert quick.certificate["reached"] is False
    assert quick.certificate["target"] < quick.certificate["measure_after"] < quick.certificate["measure_before"]


@pytest.mark.parametrize("seed", range(20))
def test_the_search_over_made_up_measures_agrees_with_brute_force(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count, levels = 4, 2
    levers = [Lever("cut", k, f"F{k}", -1, 1.0, levels, float(rng.uniform(1, 9))) for k in range(count)]
    gain = rng.uniform(0, 4, (count, levels + 1)).cumsum(axis=1) - 1.0
    both = rng.uniform(-1, 4, (count, count))

    def measure(choice: Any) -> float:
        alone = sum(gain[k, level] for k, level in choice.items())
        together = sum(both[a, b] for a, b in itertools.combinations(sorted(choice), 2))
        return float(max(0.0, 20.0 - alone - together))

    target = float(rng.uniform(2, 15))
    every = [{k: n for k, n in enumerate(each) if n} for each in itertools.product(range(levels + 1), repeat=count)]
    least = min((cost_of(levers, c) for c in every if meets(measure(c), target)), default=None)
    best = every_set(levers, measure, target, count, 1_000)
    assert (best is None) == (least is None)
    found = greedy(levers, measure, target, count)
    if best is not None and least is not None:
        assert least == pytest.approx(cost_of(levers, best))
        if meets(measure(found), target):
            assert least <= cost_of(levers, found) + 1e-12
            for k in found:  # nothing of it is needless
                assert not meets(measure({j: n for j, n in found.items() if j != k}), target)


def test_too_many_sets_are_refused() -> None:
    with pytest.raises(UsageError, match="exact may run 10") as caught:
        run(ring(), {"P0": 1.0}, exact=True, max_runs=10)
    assert "max_candidates" in caught.value.hint


def test_without_a_shock_the_note_says_what_to_give() -> None:
    result = run(ring(), {})
    assert "intervene needs a shock: graphrisk intervene --shock PARTY, or --scenario FILE" == result.notes[0]
    with pytest.raises(UsageError, match="debtrank2012"):
        run(ring(), {"P0": 1.0}, rule="debtrank2012")


def test_a_what_if_graph_is_the_graph_of_the_changed_rows() -> None:
    graph = graph_of(**ring())
    book = ring()
    book["guarantees"].pop(1)
    book["facilities"][2]["outstanding"] = 7.0
    book["financials"][0]["equity"] = 35.0
    book["collateral"] = [{"collateral_id": "C", "kind": "cash", "value": 4.0}]
    same = graph_of(**book)
    changed = without_rows(graph, "guarantees", [1])
    changed = with_values(changed, "facilities", "outstanding", [2], 7.0)
    changed = with_capital(changed, 0, 5.0)
    changed = with_rows(
        changed, "collateral", [{"collateral_id": "C", "kind": "cash", "value": 4.0, "currency": "CNY"}]
    )
    for name in ("guarantees", "facilities", "financials", "collateral"):
        assert same.table(name).equals(changed.table(name)), name
    assert 3 == graph.rows("guarantees")
    assert changed.fingerprint != graph.fingerprint
    assert 35.0 == changed.equity[0]


def test_a_what_if_refuses_what_would_break_the_graph() -> None:
    graph = graph_of(**{**ring(), "parties": parties("P0", "P1", "P2", "Z")})
    with pytest.raises(UsageError, match="contracts refer to them"):
        without_rows(graph, "facilities", [0])
    with pytest.raises(UsageError, match="already"):
        with_rows(graph, "guarantees", [{"guarantee_id": "G0"}])
    with pytest.raises(UsageError, match="without known equity"):
        with_capital(graph, 3, 1.0)
