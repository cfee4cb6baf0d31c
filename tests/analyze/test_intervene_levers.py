"""Claims, stakes, deliveries and further guarantors as actions; and a chosen set done to the files of a book."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.intervene.actions import Lever
from graphrisk.analyze.intervene.params import KINDS
from graphrisk.analyze.intervene.search import cost_of, greedy, meets
from graphrisk.errors import ConvergenceError
from graphrisk.model.catalog import CATALOG
from tests.analyze import contagion_runs
from tests.analyze.contagion_books import Rows, random_book, random_shock
from tests.analyze.test_intervene import bank_loss, rows, run
from tests.cli.conftest import run_cli
from tests.worlds.build import AS_OF, parties, ring, tables_of


def book_of(equity: dict[str, float], **tables: list[dict[str, Any]]) -> Rows:
    """Return a book in which B owes our bank 50."""
    return {
        "parties": parties(*equity),
        "financials": [{"party_id": i, "equity": e} for i, e in equity.items()],
        "facilities": [{"facility_id": "F", "borrower_id": "B", "outstanding": 50.0}],
        **tables,
    }


def chosen(world: Rows, shocks: dict[str, float], kind: str) -> dict[str, Any]:
    (row,) = rows(run(world, shocks, actions=kind, target=0.0), "actions")
    assert kind == row["action"]
    return row


def test_half_a_claim_is_enough() -> None:
    # B has 20 and loses 25 with A; with half the claim it loses 12.5 and stands
    world = book_of({"A": 10.0, "B": 20.0}, exposures=[{"creditor_id": "B", "debtor_id": "A", "amount": 25.0}])
    row = chosen(world, {"A": 1.0}, "claim")
    assert ("B", 12.5, 50.0, 0.0) == tuple(row[k] for k in ("party_id", "size", "measure_before", "measure_after"))
    assert f"Cut the claim {row['contract_id']} of B by 12.50 CNY: the bank loss goes from 50.00" in row["sentence"]


def test_half_a_stake_is_enough() -> None:
    # B owns 0.4 of 60: it loses 24 of its 20, with half the stake 12
    stake = {"owner_id": "B", "owned_id": "A", "share_min": 0.4, "share_max": 0.4}
    row = chosen(book_of({"A": 60.0, "B": 20.0}, ownership=[stake]), {"A": 1.0}, "stake")
    assert ("B", pytest.approx(12.0), 0.0) == tuple(row[k] for k in ("party_id", "size", "measure_after"))
    assert "Sell 12.00 CNY of the stake" in row["sentence"]


def test_a_joint_debt_is_none_that_could_be_released() -> None:
    # C owes the 50 with B and has 20; G guarantees 20 of it and has 10
    world = book_of(
        {"B": 20.0, "C": 20.0, "G": 10.0},
        co_borrowers=[{"facility_id": "F", "party_id": "C"}],
        guarantees=[{"guarantee_id": "N", "guarantor_id": "G", "debtor_id": "B", "facility_id": "F", "amount": 20.0}],
    )
    found = run(world, {"B": 1.0}, actions="release", measure="defaults", target=0.0)
    assert {"N"} == {row["contract_id"] for row in rows(found, "candidates")}


def test_half_the_deliveries_from_another_firm_of_the_industry_are_enough() -> None:
    # S stops and B with it: a profit of 30 is more than its 20. T takes half over: then nobody else delivers 25 of 100
    # of the industry's sales, which is 1/3 of what is still sold, and half of what B needs: B loses 1/6 of 30
    world = book_of(
        {"S": 10.0, "T": 90.0, "B": 20.0, "C": 90.0},
        supplies=[
            {"supplier_id": "S", "buyer_id": "B", "amount": 50.0, "essential": True},
            {"supplier_id": "T", "buyer_id": "C", "amount": 50.0, "essential": True},
        ],
    )
    for party in world["parties"]:
        party["industry"] = "K" if party["party_id"] in ("S", "T") else None
    world["financials"][2].update(sales=40.0, material_cost=10.0)
    row = chosen(world, {"S": 1.0}, "delivery")
    assert ("B", "T", 25.0, 0.0) == tuple(row[k] for k in ("party_id", "guarantor_id", "size", "measure_after"))
    assert row["sentence"].startswith("Let T deliver 25.00 CNY a year of ")
    for party in world["parties"]:
        party["industry"] = None  # then nobody can stand in for S
    assert [] == rows(run(world, {"S": 1.0}, actions="delivery"), "candidates")


def test_the_second_guarantor_is_there_where_the_strongest_cannot_bear_it_alone() -> None:
    world = ring(2, due=50.0)
    world["guarantees"] = []
    world["parties"] = parties("P0", "P1", "Y", "Z")
    world["financials"] += [{"party_id": "Y", "equity": 35.0}, {"party_id": "Z", "equity": 40.0}]
    result = run(world, {"P0": 1.0}, actions="guarantor", target=0.0)
    assert {"Y", "Z"} <= {row["guarantor_id"] for row in rows(result, "actions")}
    assert result.certificate["reached"] is True
    (note,) = [n for n in result.notes if n.startswith("not searched")]
    assert "claims" not in note


def done_to(world: Rows, row: dict[str, Any], keys: dict[str, dict[str, int]]) -> Rows:
    """Return the rows of a book with one action taken by hand; `keys`: row_key to row of each relation."""
    book = {name: [dict(one) for one in table] for name, table in world.items()}
    kind, contract, size = row["action"], row["contract_id"], row["size"]
    if kind == "claim":
        book["exposures"][keys["exposures"][contract]]["amount"] -= size
    elif kind == "stake":
        stake = book["ownership"][keys["ownership"][contract]]
        firm = next(one["equity"] for one in book["financials"] if one["party_id"] == stake["owned_id"])
        for column in ("share_min", "share_max"):
            stake[column] = max(0.0, stake[column] - size / firm)
    elif kind == "delivery":
        delivery = book["supplies"][keys["supplies"][contract]]
        delivery["amount"] -= size
        book["supplies"].append({**delivery, "supplier_id": row["guarantor_id"], "amount": size})
    elif kind == "cut":
        next(one for one in book["facilities"] if one["facility_id"] == contract)["outstanding"] -= size
    elif kind == "capital":
        next(one for one in book["financials"] if one["party_id"] == row["party_id"])["equity"] += size
    elif kind == "collateral":
        book["collateral"].append({"collateral_id": "NEW", "kind": "cash", "value": size})
        book["pledges"].append({"facility_id": contract, "collateral_id": "NEW", "allocated_amount": size})
    elif kind == "guarantor":
        behind = [
            one["rank"] or 1
            for one in book["guarantees"]
            if one["debtor_id"] == row["party_id"] and one["facility_id"] in (contract, None)
        ]
        book["guarantees"].append(
            {"guarantee_id": "NEW", "guarantor_id": row["guarantor_id"], "debtor_id": row["party_id"], "share": 1.0,
             "facility_id": contract, "amount": size, "mode": "several", "rank": max(behind, default=0) + 1}
        )  # fmt: skip
    else:
        book["guarantees"] = [one for one in book["guarantees"] if one["guarantee_id"] != contract]
    return book


def keys_of(world: Rows) -> dict[str, dict[str, int]]:
    """Return which row of the book has which row_key."""
    graph, found = contagion_runs.graph_from(world), {}
    ends = {"exposures": ("creditor_id", "debtor_id"), "ownership": ("owner_id", "owned_id"),
            "supplies": ("supplier_id", "buyer_id")}  # fmt: skip
    for name, (one, other) in ends.items():
        amount = "share_max" if name == "ownership" else "amount"
        place = {(row[one], row[other], row[amount]): k for k, row in enumerate(world.get(name, []))}
        found[name] = {
            row["row_key"]: place[row[one], row[other], row[amount]] for row in graph.table(name).to_pylist()
        }
    return found


@pytest.mark.parametrize("seed", [206, 212, 214, 222])
def test_every_effect_is_that_of_the_rows_changed_by_hand(seed: int) -> None:
    world = random_book(seed, size=12)
    shocks = random_shock(seed, world)
    keys = keys_of(world)
    try:
        result = run(world, shocks, max_candidates=24, steps=2, target_fraction=0.3)
    except ConvergenceError:
        pytest.skip("this book swings")
    seen = set()
    for row in rows(result, "candidates"):
        seen.add(row["action"])
        if row["measure_after"] is not None:
            again = bank_loss(done_to(world, row, keys), shocks)
            assert again == pytest.approx(row["measure_after"], rel=1e-9, abs=1e-6), row
    assert not rows(result, "candidates") or len(seen) >= 3


def test_the_kinds_that_can_be_taken_are_all_offered_on_some_book() -> None:
    seen = set()
    for seed in range(200, 232):
        if set(KINDS) == seen:
            break
        world = random_book(seed, size=12)
        try:
            seen |= {row["action"] for row in rows(run(world, random_shock(seed, world), steps=1), "candidates")}
        except ConvergenceError:
            continue
    assert set(KINDS) == seen


def test_a_chosen_set_does_to_the_files_of_a_book_what_it_says(tmp_path: Path) -> None:
    world = random_book(227, size=12)
    words = [word for party, part in random_shock(227, world).items() for word in ("--shock", f"{party}={part}")]
    plan = loaded(tmp_path / "before", world, "intervene", *words, "--set", "target_fraction=0.5")
    actions = plan["tables"]["intervene_actions"]
    assert 1 == len(actions)
    changed, keys = world, keys_of(world)
    for row in actions:
        changed = done_to(changed, row, keys)
    after = loaded(tmp_path / "after", changed, "analyze", "contagion", *words)
    assert plan["certificate"]["measure_after"] == pytest.approx(after["certificate"]["bank_loss_added"], rel=1e-9)
    assert after["certificate"]["bank_loss_added"] <= 0.5 * plan["certificate"]["measure_before"]


def loaded(project: Path, world: Rows, *words: str) -> Any:
    """Load a book from CSV files and run a command on it."""
    (project / "book").mkdir(parents=True)
    for name, table in tables_of(**{name: table for name, table in world.items() if table}).items():
        with (project / "book" / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, CATALOG[name].names)
            writer.writeheader()
            for row in table.to_pylist():
                writer.writerow({key: "" if value is None else value for key, value in row.items()})
    day = ("--as-of", AS_OF.isoformat(), "--strict")
    assert 0 == run_cli("load", "bank_csv", str(project / "book"), *day, "--project", str(project)).code
    done = run_cli(*words, "--project", str(project), "--format", "json")
    assert done.code == 0, done.err
    return done.json


@pytest.mark.parametrize("seed", range(8))
def test_later_steps_look_at_fewer_actions_and_where_each_helps_less_the_answer_is_that_of_looking_at_all(
    seed: int,
) -> None:
    # each action saves a part of what is left: gains only fall from step to step, so that what was seen is a bound
    rng = np.random.default_rng(seed)
    count = 14
    levers = [Lever("cut", k, f"F{k}", -1, 1.0, 1, float(rng.uniform(1, 9))) for k in range(count)]
    part = rng.uniform(0.02, 0.3, count)
    looked: set[tuple[tuple[int, int], ...]] = set()

    def measure(choice: Any) -> float:
        looked.add(tuple(sorted(choice.items())))
        return float(100.0 * np.prod([1.0 - part[k] for k in choice]))

    target = 25.0
    found = greedy(levers, measure, target, count)
    runs = len(looked)
    looked.clear()
    plain: dict[int, int] = {}
    while not meets(measure(plain), target):
        rate = {k: (measure(plain) - measure({**plain, k: 1})) / levers[k].cost for k in range(count) if k not in plain}
        plain[min(rate, key=lambda k: (-rate[k], k))] = 1
    assert meets(measure(found), target)
    assert cost_of(levers, found) <= cost_of(levers, plain) + 1e-12
    assert runs < len(looked)


def test_where_the_cheapest_few_do_not_reach_the_target_the_largest_are_tried() -> None:
    # ten actions that save 1 for 0.01 each, two that save 40 for 50; of 100 no more than 20 may be left, by two actions
    levers = [Lever("cut", k, f"F{k}", -1, 1.0, 1, 0.01 if k < 10 else 50.0) for k in range(12)]

    def measure(choice: Any) -> float:
        return 100.0 - sum(1.0 if k < 10 else 40.0 for k in choice)

    assert {10: 1, 11: 1} == greedy(levers, measure, 20.0, 2)
    assert {10: 1, 11: 1} == greedy(levers, measure, 5.0, 2)  # out of reach: as far as two go
