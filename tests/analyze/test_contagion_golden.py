"""Contagion against published and hand-made numbers; each file names its source."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.graph.book import build_book
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.bounds import majorant
from tests.analyze.contagion_books import Rows
from tests.analyze.contagion_runs import by_id, graph_from, run

GOLDEN = Path(__file__).resolve().parents[1] / "published" / "contagion"


def _json(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


def _csv(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


HAND_CASES = _json("guarantee_hand_cases.json")


def hand_case_rows(case: dict[str, Any]) -> Rows:
    """Return a hand case as canonical rows: parties P0.., facilities F0.., guarantees G00.. in the order written."""
    rows: Rows = {
        "parties": [{"party_id": f"P{i}"} for i in range(case["n"])],
        "financials": [{"party_id": f"P{i}", "equity": float(e)} for i, e in enumerate(case["E0"])],
        "facilities": [], "guarantees": [], "collateral": [], "pledges": [],
    }  # fmt: skip
    for number, facility in enumerate(case["facilities"]):
        name, borrower = f"F{number}", f"P{facility['borrower']}"
        rows["facilities"].append({"facility_id": name, "borrower_id": borrower, "outstanding": facility["due"]})
        if "collateral_value" in facility:
            value = facility["collateral_value"]
            rows["collateral"].append({"collateral_id": f"C{number}", "owner_id": borrower, "value": value})
            rows["pledges"].append({"facility_id": name, "collateral_id": f"C{number}"})
        for guarantor, cap, share, rank, *mode in facility["guarantors"]:
            rows["guarantees"].append(
                {
                    "guarantee_id": f"G{len(rows['guarantees']):02d}",
                    "guarantor_id": f"P{guarantor}",
                    "debtor_id": borrower,
                    "facility_id": name,
                    "amount": cap,
                    "share": share,
                    "rank": rank,
                    "mode": mode[0] if mode else facility["mode"],
                }
            )
    return rows


def hand_case_shock(case: dict[str, Any]) -> dict[str, float]:
    return {f"P{i}": money / case["E0"][int(i)] for i, money in case["shock"].items()}


@pytest.mark.parametrize("case", HAND_CASES, ids=[case["name"] for case in HAND_CASES])
def test_guarantee_hand_case(case: dict[str, Any]) -> None:
    result, expected = run(hand_case_rows(case), hand_case_shock(case), all_rows=True), case["expected"]
    np.testing.assert_allclose(by_id(result)["equity_after"], expected["equity"], atol=1e-12)
    np.testing.assert_allclose(by_id(result)["guarantee_paid"], expected["guarantor_paid"], atol=1e-12)
    np.testing.assert_allclose(by_id(result)["guarantee_unmet"], expected["unmet_call"], atol=1e-12)
    assert [bool(x) for x in expected["failed"]] == by_id(result)["defaulted"].tolist()
    loss = dict(zip(result.facilities["facility_id"], result.facilities["bank_loss"], strict=True))
    assert dict(enumerate(expected["bank_loss"])) == {
        number: pytest.approx(loss.get(f"F{number}", 0.0), abs=1e-12) for number in range(len(expected["bank_loss"]))
    }


def _nrm_graph() -> RiskGraph:
    nodes, edges = _csv("nrm_nodes.csv"), _csv("nrm_edges.csv")
    return graph_from(
        {
            "parties": [{"party_id": row["bank"], "kind": "bank"} for row in nodes],
            "financials": [{"party_id": row["bank"], "equity": float(row["buffer"])} for row in nodes],
            "exposures": [
                {"creditor_id": row["creditor"], "debtor_id": row["debtor"], "amount": float(row["amount"]), "lgd": 1.0}
                for row in edges
            ],
        }
    )


@pytest.fixture(scope="module")
def nrm() -> RiskGraph:
    return _nrm_graph()


def _stress(graph: RiskGraph, shocks: dict[str, float], **params: Any) -> tuple[float, float, int, float]:
    """Return weighted stress beyond the shock, stress of the shock, defaults among others, losses beyond the shock."""
    weight = {row["bank"]: float(row["weights"]) for row in _csv("nrm_nodes.csv")}
    total = sum(weight.values())
    table = by_id(run(graph, shocks, all_rows=True, **params))
    h = sum(weight[i] / total * f for i, f in zip(table["party_id"], table["loss_fraction"], strict=True))
    h0 = sum(weight[i] / total * f for i, f in shocks.items())
    lost = float((table["equity"] - table["equity_after"]).sum() - table["loss_shock"].sum())
    return h - h0, h0, int(table["defaulted"].sum()) - sum(f >= 1.0 for f in shocks.values()), lost


@pytest.mark.parametrize(("rule", "name"), [("debtrank", "nrm_debtrank_tol1e-12"), ("threshold", "nrm_threshold")])
def test_125_banks_one_by_one(nrm: RiskGraph, rule: str, name: str) -> None:
    for row in _csv(f"{name}.csv"):
        more, first, defaults, lost = _stress(nrm, {row["scenario"]: 1.0}, rule=rule, tolerance=1e-14)
        assert float(row["original_stress"]) == pytest.approx(first, abs=1e-12)
        assert float(row["additional_stress"]) == pytest.approx(more, abs=1e-10)
        assert int(row["additional_defaults"]) == defaults
        assert float(row["additional_losses"]) == pytest.approx(lost, abs=1e-8)


def test_125_banks_shocked_alike(nrm: RiskGraph) -> None:
    for row in _csv("nrm_uniform_tol1e-12.csv"):
        shock = float(row["original_stress"])
        shocks = {str(i): shock for i in nrm.party_ids}
        more, _, defaults, lost = _stress(nrm, shocks, rule="debtrank", tolerance=1e-14)
        assert float(row["additional_stress"]) == pytest.approx(more, abs=1e-10)
        assert int(row["additional_defaults"]) == defaults
        assert float(row["additional_losses"]) == pytest.approx(lost, abs=1e-8)


def test_a_loose_absolute_tolerance_would_be_far_off(nrm: RiskGraph) -> None:
    """NetworkRiskMeasures stops at 7.4e-4: 31 of its 125 default scores are more than 5 % from the fixed point."""
    loose = {row["scenario"]: float(row["additional_stress"]) for row in _csv("nrm_debtrank.csv")}
    converged = _csv("nrm_debtrank_tol1e-12.csv")
    exact = {row["scenario"]: float(row["additional_stress"]) for row in converged}
    for seed in ("b55", "b28", "b74"):
        assert exact[seed] == pytest.approx(_stress(nrm, {seed: 1.0}, rule="debtrank")[0], abs=1e-9)
    assert 31 == sum(abs(loose[seed] - exact[seed]) > 0.05 * exact[seed] for seed in loose)


def test_non_linear_debtrank_on_125_banks(nrm: RiskGraph) -> None:
    golden = _json("debtrank_nonlinear_125.json")
    banks = [row["bank"] for row in _csv("nrm_nodes.csv")]
    grid = {a: values for a, values in golden["additional_stress_by_seed"].items() if a[0].isdigit()}
    assert len(grid) >= 4
    for alpha, expected in grid.items():
        for place in range(0, len(banks), 9):
            more, *_ = _stress(nrm, {banks[place]: 1.0}, rule="nonlinear", alpha=float(alpha), tolerance=1e-14)
            assert expected[place] == pytest.approx(more, abs=1e-10), f"alpha {alpha}, {banks[place]}"


def test_six_banks_lose_what_nrm_says_of_one_another() -> None:
    six = _json("nrm_small.json")["six_node"]
    names, size = six["names"], len(six["names"])
    owed = np.array(six["liabilities_col_major"], dtype=float).reshape(size, size).T
    capped = np.array(six["capped_impact_col_major"]).reshape(size, size).T
    graph = graph_from(
        {
            "parties": [{"party_id": name} for name in names],
            "financials": [{"party_id": n, "equity": float(b)} for n, b in zip(names, six["buffer"], strict=True)],
            "exposures": [
                {"creditor_id": names[j], "debtor_id": names[i], "amount": owed[i, j]}
                for i in range(size) for j in range(size) if owed[i, j] > 0
            ],
        }
    )  # fmt: skip
    ledger = build_book(graph, layers=("exposures",)).ledger
    order = [names.index(str(party)) for party in graph.party_ids]
    impact = np.minimum(1.0, majorant(ledger).toarray().T)
    np.testing.assert_allclose(impact, capped[np.ix_(order, order)], atol=1e-15)
    for i, seed in enumerate(names):
        table = by_id(run(graph, {seed: 1.0}, all_rows=True))
        first = set(table["party_id"][table["default_round"].fillna(-1) == 1])
        assert {names[j] for j in range(size) if j != i and capped[i, j] == 1.0} == first


@pytest.mark.parametrize("number", [0, 1, 2])
def test_each_bank_of_a_chain_is_measured_by_its_own_equity(number: int) -> None:
    """NEVA 0.3's linear DebtRank divides every bank's loss by the last bank's equity: A would keep 1.5."""
    golden = _json("neva_chain.json")
    names, owed = ["A", "B", "C"], np.array(golden["L"])
    case = golden["cases"][number]
    graph = graph_from(
        {
            "parties": [{"party_id": name} for name in names],
            "financials": [{"party_id": n, "equity": e} for n, e in zip(names, golden["equity0"], strict=True)],
            "exposures": [
                {"creditor_id": names[i], "debtor_id": names[j], "amount": owed[j, i]}
                for i in range(3) for j in range(3) if owed[j, i] > 0
            ],
        }
    )  # fmt: skip
    shocks = {n: s / e for n, s, e in zip(names, case["shock"], golden["equity0"], strict=True) if s > 0}
    after = by_id(run(graph, shocks, all_rows=True, rule="debtrank"))["equity_after"].tolist()
    assert case["linear_debtrank_equity"] == pytest.approx(after, abs=1e-12)
    assert case["neva_0_3_shock_and_solve_WRONG"] != pytest.approx(after, abs=1e-12)
