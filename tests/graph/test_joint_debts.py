"""Joint debts in contagion: who is called before whom, for what, and that every answer on them holds together."""

from __future__ import annotations

import random
from typing import Any

import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.analyze.needs import computed
from graphrisk.graph.joint_debts import with_joint_debts
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.worlds.build import graph_of

Rows = dict[str, list[dict[str, Any]]]
LAYERS = "exposures,guarantees,ownership,supplies,collateral"


def shocked(graph: RiskGraph, who: str, name: str = "contagion", **params: Any) -> Result:
    analyzer = find_analyzer(name)
    settings = parse_params(analyzer.Params, params, where=name)
    return analyzer.run(graph, settings, inputs=Inputs(shocks={who: 1.0}), progress=silent)


def calls(result: Result) -> dict[str, tuple[float, float]]:
    frame = result.calls
    rows = zip(frame["guarantee_id"], frame["called"], frame["paid"], strict=True)
    return {name: (round(called, 9), round(paid, 9)) for name, called, paid in rows}


def book(*joint: dict[str, Any], **more: Any) -> Rows:
    return {
        "parties": [{"party_id": one} for one in "ABCGH"],
        "financials": [
            {"party_id": one, "equity": e}
            for one, e in zip("ABCGH", (10.0, 60.0, 500.0, 500.0, 500.0), strict=True)
        ],
        "facilities": [{"facility_id": "F", "borrower_id": "A", "outstanding": 100.0}],
        "co_borrowers": [{"facility_id": "F", **row} for row in joint],
        "guarantees": [{"guarantee_id": "G", "guarantor_id": "G", "debtor_id": "A", "facility_id": "F",
                        "amount": 100.0, "mode": "joint_several"}],
        **more,
    }  # fmt: skip


def test_one_who_owes_all_is_called_before_the_guarantor_and_fails_by_what_it_cannot_pay() -> None:
    result = shocked(graph_of(**book({"party_id": "B"})), "A")
    assert {"co_borrower:F:B": (100.0, 60.0), "G": (40.0, 40.0)} == calls(result)
    failed = result.parties.set_index("party_id")["defaulted"]
    assert failed["B"]
    assert not failed.get("G", False)
    assert [0.0] == result.facilities["bank_loss"].tolist()
    assert "guarantee:co_borrower:F:B" == result.parties.set_index("party_id").loc["B", "cause"]


def test_one_who_owes_a_share_is_called_for_it_alone() -> None:
    result = shocked(graph_of(**book({"party_id": "C", "mode": "several", "share": 0.3})), "A")
    assert {"co_borrower:F:C": (30.0, 30.0), "G": (70.0, 70.0)} == calls(result)


def test_those_who_owe_all_share_equally_and_step_in_for_one_another() -> None:
    result = shocked(graph_of(**book({"party_id": "C"}, {"party_id": "H"})), "A")
    assert {"co_borrower:F:C": (50.0, 50.0), "co_borrower:F:H": (50.0, 50.0)} == calls(result)
    result = shocked(graph_of(**book({"party_id": "B"}, {"party_id": "H"}, financials=[
        {"party_id": one, "equity": e} for one, e in (("A", 10.0), ("B", 20.0), ("H", 500.0), ("G", 500.0))
    ])), "A")  # fmt: skip
    paid = {name: paid for name, (_, paid) in calls(result).items()}
    assert {"co_borrower:F:B": 20.0, "co_borrower:F:H": 80.0} == pytest.approx(paid)


def test_joint_debts_are_asked_for_without_the_layer_of_guarantees_too() -> None:
    result = shocked(graph_of(**book({"party_id": "B"})), "A", layers="exposures")
    assert {"co_borrower:F:B": (100.0, 60.0)} == calls(result)
    assert [40.0] == pytest.approx(result.facilities["bank_loss"].tolist())


def test_a_co_borrower_that_fails_alone_changes_nothing_and_one_that_is_a_side_is_not_called() -> None:
    graph = graph_of(**book({"party_id": "B"}, {"party_id": "A"}))
    assert shocked(graph, "B").facilities.empty
    result = shocked(graph, "A")
    assert "co_borrower:F:A" not in calls(result)
    assert "guarantees_for_oneself" in {note.key for note in result.notes}


def test_its_own_pledge_pays_like_the_borrowers() -> None:
    pledged: Rows = {
        "collateral": [{"collateral_id": "K", "owner_id": "C", "value": 80.0}],
        "pledges": [{"facility_id": "F", "collateral_id": "K"}],
    }
    result = shocked(graph_of(**book({"party_id": "C"}, **pledged)), "A")
    assert {"co_borrower:F:C": (20.0, 20.0)} == calls(result)
    assert 0.0 == result.parties.set_index("party_id").loc["C", "loss_collateral"]


def test_a_book_without_joint_debts_is_the_same_graph_and_twice_is_once() -> None:
    plain = graph_of(**{**book(), "co_borrowers": []})
    assert with_joint_debts(plain) is plain
    once = with_joint_debts(graph_of(**book({"party_id": "B"})))
    assert with_joint_debts(once) is once
    assert ["G", "co_borrower:F:B"] == once.texts("guarantees", "guarantee_id").tolist()
    assert once.fingerprint == graph_of(**book({"party_id": "B"})).fingerprint


def random_book(seed: int) -> Rows:
    dice = random.Random(seed)
    ids = [f"P{k}" for k in range(7)]
    return {
        "parties": [{"party_id": one, "is_client": True} for one in ids],
        "financials": [{"party_id": one, "equity": float(dice.randint(5, 80))} for one in ids],
        "facilities": [
            {"facility_id": f"F{k}", "borrower_id": ids[k], "outstanding": float(dice.randint(9, 60))} for k in range(5)
        ],
        "co_borrowers": [
            {"facility_id": f"F{k}", "party_id": one, **dice.choice([{"mode": "several", "share": 0.25}, {}])}
            for k, one in sorted({(dice.randint(0, 4), dice.choice(ids)) for _ in range(5)})
        ],
        "guarantees": [
            {"guarantor_id": dice.choice(ids), "debtor_id": ids[k], "facility_id": f"F{k}",
             "amount": float(dice.randint(5, 50)), "mode": "joint_several"}
            for k in (0, 2, 4)
        ],
        "exposures": [{"creditor_id": ids[k + 1], "debtor_id": ids[k], "amount": 8.0} for k in range(5)],
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_every_unit_that_is_not_paid_is_with_a_guarantor_a_co_borrower_or_the_bank(seed: int) -> None:
    result = shocked(graph_of(**random_book(seed)), "P0")
    facilities = result.facilities
    assert facilities["shortfall"].sum() == pytest.approx(facilities[["guarantor_paid", "bank_loss"]].sum().sum())
    assert result.calls["paid"].sum() == pytest.approx(facilities["guarantor_paid"].sum())
    assert result.certificate["converged"]


@pytest.mark.parametrize("name", ["explain", "intervene", "portfolio", "guarantee_value", "chains"])
def test_answers_that_run_contagion_hold_together_with_joint_debts(name: str) -> None:
    rows = random_book(1)
    rows["ratings"] = [{"party_id": row["party_id"], "pd": 0.05} for row in rows["parties"]]
    graph = graph_of(**rows)
    if name in ("explain", "intervene"):
        more = {"party": "P1"} if name == "explain" else {}
        result = shocked(graph, "P0", name, **more)
    else:
        result = computed(graph)(Ask(key=name, analyzer=name))
    assert result.to_json()
