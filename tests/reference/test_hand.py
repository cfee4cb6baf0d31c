"""The reference itself against cases worked out by hand: it must be right before anything is held to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reference.model import contagion
from tests.reference.settings import Settings

DAY = "2026-06-30"
CASES = json.loads(
    (Path(__file__).parent.parent / "published/contagion/guarantee_hand_cases.json").read_text(encoding="utf-8")
)


def accounts(**equity: float) -> dict[str, list[dict]]:
    """Return a book of parties with these equities."""
    return {
        "parties": [{"party_id": party} for party in equity],
        "financials": [
            {"party_id": party, "period_end_on": "2025-12-31", "currency": "CNY", "equity": value}
            for party, value in equity.items()
        ],
    }


def loan(facility: str, borrower: str, due: float, lender: str | None = None) -> dict:
    return {
        "facility_id": facility,
        "borrower_id": borrower,
        "lender_id": lender,
        "currency": "CNY",
        "outstanding": due,
    }


def by(rows: list[dict], key: str) -> dict[str, dict]:
    return {row[key]: row for row in rows}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_reference_meets_the_hand_cases_of_guarantees(case):
    data = accounts(**{f"P{i}": value for i, value in enumerate(case["E0"])})
    data |= {"facilities": [], "guarantees": [], "collateral": [], "pledges": []}
    for f, facility in enumerate(case["facilities"]):
        data["facilities"].append(loan(f"F{f}", f"P{facility['borrower']}", facility["due"]))
        if "collateral_value" in facility:
            asset = {"collateral_id": f"C{f}", "kind": "other", "owner_id": f"P{facility['borrower']}"}
            data["collateral"].append(asset | {"value": facility["collateral_value"], "currency": "CNY"})
            data["pledges"].append({"facility_id": f"F{f}", "collateral_id": f"C{f}"})
        for k, (party, cap, share, rank, *mode) in enumerate(facility["guarantors"]):
            contract = {"guarantee_id": f"G{f}{k}", "guarantor_id": f"P{party}", "facility_id": f"F{f}"}
            contract |= {"debtor_id": f"P{facility['borrower']}", "amount": cap, "currency": "CNY"}
            contract |= {"share": share, "rank": rank, "mode": mode[0] if mode else facility["mode"]}
            data["guarantees"].append(contract)
    amount = {f"P{party}": taken for party, taken in case["shock"].items()}
    result = contagion(data, DAY, Settings(all_rows=True), amount=amount)
    party = [by(result["contagion_parties"], "party_id")[f"P{i}"] for i in range(case["n"])]
    facility = by(result["contagion_facilities"], "facility_id")
    expected = case["expected"]
    assert expected["equity"] == pytest.approx([row["equity_after"] for row in party])
    assert expected["guarantor_paid"] == pytest.approx([row["guarantee_paid"] for row in party])
    assert expected["unmet_call"] == pytest.approx([row["guarantee_unmet"] for row in party])
    assert expected["failed"] == [int(row["defaulted"]) for row in party]
    assert expected["bank_loss"] == pytest.approx([facility[f"F{f}"]["bank_loss"] for f in range(len(facility))])


def test_a_supplier_loses_the_part_of_its_whole_sales_that_it_sold_to_the_failed_buyer():
    """Shared case A1, our own data: 10 m x 3 / 310."""
    data = accounts(S=9e6, B=10e6)
    data["financials"][0] |= {"sales": 310e6, "material_cost": 300e6}
    data["financials"][1] |= {"sales": 50e6, "material_cost": 40e6}
    data["facilities"] = [loan("L1", "S", 38e6), loan("L2", "B", 1e6)]
    data["supplies"] = [{"supplier_id": "S", "buyer_id": "B", "amount": 3e6, "currency": "CNY", "essential": False}]
    result = contagion(data, DAY, Settings(), fraction={"B": 1.0})
    supplier = by(result["contagion_parties"], "party_id")["S"]
    assert supplier["loss_supplies"] == pytest.approx(10e6 * 3 / 310)
    assert not supplier["defaulted"]
    assert [row["bank_loss"] for row in result["contagion_facilities"]] == [1e6]


def test_a_guarantor_is_not_called_for_its_own_loan():
    """Shared case T2, our own data: our bank loses 10, PARENT keeps 150."""
    data = accounts(PARENT=300.0, SUB=50.0)
    data["facilities"] = [loan("IC", "SUB", 100.0, "PARENT"), loan("BANK", "SUB", 60.0)]
    guarantee = {"guarantee_id": "G", "guarantor_id": "PARENT", "debtor_id": "SUB", "amount": 50.0, "currency": "CNY"}
    data["guarantees"] = [guarantee | {"mode": "joint_several"}]
    result = contagion(data, DAY, Settings(), fraction={"SUB": 1.0})
    assert by(result["contagion_parties"], "party_id")["PARENT"]["equity_after"] == pytest.approx(150)
    assert by(result["contagion_facilities"], "facility_id")["BANK"]["bank_loss"] == pytest.approx(10)


def test_a_guarantee_for_oneself_changes_nothing():
    """Shared case T4, our own data."""
    data = accounts(S=50.0)
    data["facilities"] = [loan("F", "S", 100.0)]
    guarantee = {"guarantee_id": "G", "guarantor_id": "S", "debtor_id": "S", "facility_id": "F", "amount": 100.0}
    data["guarantees"] = [guarantee | {"currency": "CNY", "mode": "several"}]
    result = contagion(data, DAY, Settings(rule="debtrank"), fraction={"S": 0.5})
    assert [row["bank_loss"] for row in result["contagion_facilities"]] == [50]
    assert [row["defaulted"] for row in result["contagion_parties"]] == [False]


def test_rv_never_loses_less_than_en_with_negative_assets():
    """Shared case T5, our own data: A loses 100."""
    data = accounts(A=500.0, B=10.0, D=-300.0)
    for row, debts in zip(data["financials"], (0.0, 100.0, 300.0), strict=True):
        row["total_liabilities"] = debts
    data["exposures"] = [
        {"creditor_id": "A", "debtor_id": "B", "amount": 100.0, "currency": "CNY"},
        {"creditor_id": "B", "debtor_id": "D", "amount": 200.0, "currency": "CNY"},
    ]
    for rule in ("en", "rv"):
        result = contagion(data, DAY, Settings(rule=rule, all_rows=True), fraction={"D": 1.0})
        assert by(result["contagion_parties"], "party_id")["A"]["loss_exposures"] == pytest.approx(100)
