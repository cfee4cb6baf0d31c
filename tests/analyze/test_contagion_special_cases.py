"""The joint map reduces exactly to the models it joins: clearing, ESRI, FSRI, fire sales, the walk of 2012."""

from __future__ import annotations

import json
from typing import Any, Literal

import numpy as np
import pytest
from scipy.sparse import csr_array

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.contagion import debtrank2012
from tests.analyze.contagion_books import Rows
from tests.analyze.contagion_runs import by_id, party, run
from tests.analyze.test_contagion_golden import GOLDEN
from tests.published.models import clearing, esri
from tests.published.models.esri_network import supply_network


def _system(owed: Any, assets: Any, outside: Any) -> Rows:
    """Return n banks with debts `owed` (i owes j), external assets and debts, as canonical rows."""
    owed = np.asarray(owed, dtype=float)
    size = len(owed)
    names = [f"B{i:02d}" for i in range(size)]
    total = owed.sum(axis=1) + np.asarray(outside)
    equity = np.asarray(assets) + owed.sum(axis=0) - total
    return {
        "parties": [{"party_id": name, "kind": "bank"} for name in names],
        "financials": [
            {"party_id": n, "equity": float(e), "total_liabilities": float(t)}
            for n, e, t in zip(names, equity, total, strict=True)
        ],
        "exposures": [
            {"creditor_id": names[j], "debtor_id": names[i], "amount": float(owed[i, j])}
            for i in range(size) for j in range(size) if owed[i, j] > 0
        ],
    }  # fmt: skip


def _payments(rows: Rows, **params: Any) -> list[float]:
    """Return what each bank pays, read from its creditors' losses: (1 - phi) pbar."""
    table = run(rows, all_rows=True, **params).parties
    owed = {row["party_id"]: row["total_liabilities"] for row in rows["financials"]}
    return [min(owed[row.party_id], max(0.0, row.equity_after + owed[row.party_id])) for row in table.itertuples()]


def test_eisenberg_noe_on_three_banks() -> None:
    golden = json.loads((GOLDEN / "clearing_3bank_systemicrisk.json").read_text(encoding="utf-8"))
    rows = _system(golden["L"], golden["external_assets"], golden["external_liabilities"])
    expected = golden["expected"]["eisenberg_noe"]
    assert expected["p"] == pytest.approx(_payments(rows, rule="en", tolerance=1e-14), abs=1e-12)
    assert [bool(d) for d in expected["default"]] == by_id(run(rows, all_rows=True, rule="en"))["defaulted"].tolist()


@pytest.mark.parametrize("seniority", ["pari", "senior"])
@pytest.mark.parametrize(("rule", "alpha", "beta"), [("en", 1.0, 1.0), ("rv", 0.7, 0.7), ("rv", 0.5, 0.9)])
def test_clearing_equals_the_clearing_kernel(
    rule: str, alpha: float, beta: float, seniority: Literal["pari", "senior"]
) -> None:
    failed = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        size = 8
        owed = np.where(rng.random((size, size)) < 0.4, rng.uniform(1, 20, (size, size)), 0.0)
        np.fill_diagonal(owed, 0.0)
        assets, outside = rng.uniform(0, 30, size), rng.uniform(0, 25, size)
        rows = _system(owed, assets, outside)
        given = {"rule": rule, "seniority": seniority, "tolerance": 1e-14}
        table = run(rows, all_rows=True, **given, **({"alpha": alpha, "beta": beta} if rule == "rv" else {})).parties
        system = clearing.clearing_system(owed, outside, seniority=seniority)
        right = clearing.clear(system, assets, alpha=alpha, beta=beta)
        lost = table["loss_exposures"].to_numpy()
        paid = csr_array(owed).T @ np.divide(right.payment, right.owed, out=np.ones(size), where=right.owed > 0)
        np.testing.assert_allclose(owed.sum(axis=0) - lost, paid, atol=1e-9)
        failed += int(right.default.sum())
    assert failed > 10


def test_only_supplies_is_esri() -> None:
    for seed in range(6):
        rng = np.random.default_rng(seed)
        size, kinds = 30, 4
        industry = rng.integers(0, kinds, size)
        supplier, buyer = rng.integers(0, size, 120), rng.integers(0, size, 120)
        keep = supplier != buyer
        supplier, buyer = supplier[keep], buyer[keep]
        amount = rng.uniform(1, 10, len(supplier)).round(2)
        classes = rng.integers(1, 3, (kinds, kinds))
        rows: Rows = {
            "parties": [{"party_id": f"P{i:02d}", "industry": f"I{industry[i]}"} for i in range(size)],
            "financials": [{"party_id": f"P{i:02d}", "equity": 1e9} for i in range(size)],
            "supplies": [
                {"supplier_id": f"P{i:02d}", "buyer_id": f"P{j:02d}", "amount": float(a),
                 "essential": bool(classes[industry[i], industry[j]] == 2)}
                for i, j, a in zip(supplier, buyer, amount, strict=True)
            ],
        }  # fmt: skip
        network = supply_network(supplier, buyer, amount, industry, classes, market=industry)
        output = np.ones(size)
        output[[0, 7]] = [0.0, 0.4]
        right = esri.cascade(network, output, eps=1e-13)
        result = run(
            rows, {"P00": 1.0, "P07": 0.6}, all_rows=True, supply_default="none", tolerance=1e-13, layers="supplies"
        )
        table = by_id(result)
        expected = 1.0 - np.minimum(right.downstream, right.upstream)
        np.testing.assert_allclose(table["production_lost"].to_numpy(), expected, atol=1e-9)
        assert table["production_lost"].max() > 0.5


def test_staged_supply_then_finance_is_fsri() -> None:
    """A firm whose lost profit exceeds its equity defaults, and its bank loses; nothing goes back to the supplies."""
    rows: Rows = {
        "parties": [{"party_id": "A"}, {"party_id": "B"}, {"party_id": "C"}, {"party_id": "Bank", "kind": "bank"}],
        "financials": [
            {"party_id": "A", "equity": 50.0, "sales": 30.0, "material_cost": 20.0},
            {"party_id": "B", "equity": 8.0, "sales": 30.0, "material_cost": 15.0},
            {"party_id": "C", "equity": 9.0, "sales": 40.0, "material_cost": 20.0},
            {"party_id": "Bank", "equity": 100.0},
        ],
        "supplies": [
            {"supplier_id": "A", "buyer_id": "B", "amount": 10.0, "essential": True},
            {"supplier_id": "B", "buyer_id": "C", "amount": 5.0},
            {"supplier_id": "A", "buyer_id": "C", "amount": 5.0},
        ],
        "exposures": [{"creditor_id": "Bank", "debtor_id": name, "amount": 20.0} for name in "ABC"],
    }  # fmt: skip
    result = run(rows, {"A": 0.6}, all_rows=True, supply_default="none", schedule="staged")
    # production lost: A .6; B .6 by its essential input; C 5/20 x .6 + 5/20 x .6 = .3: half of what it buys is not here
    assert 6.0 == pytest.approx(party(result, "A")["loss_own_stop"])
    assert [0.0, 9.0, 0.0, 6.0] == pytest.approx([party(result, i)["loss_supplies"] for i in ("A", "B", "Bank", "C")])
    assert [False, True, False, False] == [party(result, i)["defaulted"] for i in ("A", "B", "Bank", "C")]
    assert party(result, "Bank")["loss_exposures"] == pytest.approx(20.0)
    assert party(result, "B")["cause"] == "supplies:A-B"
    rows["financials"][2]["equity"] = 5.0
    result = run(rows, {"A": 0.6}, all_rows=True, supply_default="none", schedule="staged")
    assert party(result, "Bank")["loss_exposures"] == pytest.approx(40.0)
    assert party(result, "C")["cause"] == "supplies:A-C"


def test_collateral_price_step_is_cifuentes() -> None:
    """One seed sells one asset of a class of 400: price exp(-0.5 x 100/400); the rest of the class falls with it."""
    rows: Rows = {
        "parties": [{"party_id": "A"}, {"party_id": "B"}],
        "financials": [{"party_id": "A", "equity": 10.0}, {"party_id": "B", "equity": 50.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "A", "outstanding": 100.0}],
        "collateral": [
            {"collateral_id": "C1", "owner_id": "A", "value": 100.0},
            {"collateral_id": "C2", "owner_id": "B", "value": 300.0},
        ],
        "pledges": [{"facility_id": "F", "collateral_id": "C1"}],
    }
    result = run(rows, {"A": 1.0}, all_rows=True, impact_beta=0.5)
    price = float(np.exp(-0.5 * 100.0 / 400.0))
    assert party(result, "B")["loss_collateral"] == pytest.approx(300.0 * (1.0 - price), abs=1e-9)
    assert result.facilities["shortfall"].tolist() == pytest.approx([100.0 * (1.0 - price)], abs=1e-9)
    assert result.certificate["lowest_price"] == pytest.approx(price)


def test_debtrank_2012_is_the_walk() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        size = 9
        claims = np.where(rng.random((size, size)) < 0.3, rng.uniform(1, 20, (size, size)), 0.0)
        np.fill_diagonal(claims, 0.0)
        equity = rng.uniform(5, 30, size)
        rows: Rows = {
            "parties": [{"party_id": f"B{i}"} for i in range(size)],
            "financials": [{"party_id": f"B{i}", "equity": float(equity[i])} for i in range(size)],
            "exposures": [
                {"creditor_id": f"B{i}", "debtor_id": f"B{j}", "amount": float(claims[i, j])}
                for i in range(size) for j in range(size) if claims[i, j] > 0
            ],
        }  # fmt: skip
        impact, _ = debtrank2012.impact_matrix(claims, equity)
        start = np.zeros(size)
        start[2] = 0.8
        right = debtrank2012.walk(impact, start)
        result = run(rows, {"B2": 0.8}, all_rows=True, rule="debtrank2012")
        np.testing.assert_allclose(by_id(result)["loss_fraction"], right.distress, atol=1e-14)
        assert by_id(result)["default_round"].notna().tolist() == (right.distress >= 1.0).tolist()
        scores = run(rows, rule="debtrank2012").importance.set_index("party_id")["loss_caused"]
        expected = debtrank2012.scores(impact, equity)
        assert expected.tolist() == pytest.approx([scores[f"B{i}"] for i in range(size)], abs=1e-10)


def test_debtrank_2012_refuses_another_layer_by_name() -> None:
    rows: Rows = {"parties": [{"party_id": "A"}]}
    with pytest.raises(UsageError, match="guarantees"):
        run(rows, rule="debtrank2012", layers="exposures,guarantees")


@pytest.mark.parametrize("rule", ["en", "rv", "merton"])
def test_a_rule_by_balance_sheet_refuses_parties_without_one(rule: str) -> None:
    rows: Rows = {
        "parties": [{"party_id": "A"}, {"party_id": "B"}, {"party_id": "C"}, {"party_id": "Alone"}],
        "financials": [{"party_id": "A", "equity": 10.0, "equity_volatility": 0.2}],
        "exposures": [
            {"creditor_id": "A", "debtor_id": "B", "amount": 5.0},
            {"creditor_id": "A", "debtor_id": "C", "amount": 5.0},
        ],
    }
    with pytest.raises(DataError, match=r"2 parties that take part have no known equity.*B, C") as caught:
        run(rows, {"A": 1.0}, rule=rule)
    assert caught.value.exit_code == 3
