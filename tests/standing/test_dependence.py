"""Derived dependencies against their definition, row by row, on random books."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from graphrisk.regimes.exposure_rule import find_exposure_regime
from graphrisk.standing.dependence import dependence
from tests.standing.groups_reference import Rows
from tests.worlds.build import AS_OF, graph_of

BASEL = find_exposure_regime("basel").versions[-1]
RATES = {"CNY": 1.0, "USD": 7.0}
ENDS = (date(2024, 12, 31), date(2025, 12, 31), date(2026, 12, 31))
Found = dict[tuple[str, str, str], tuple[float | None, float | None, str]]
"""(dependent, on, criterion) -> ratio, coverage, why it does not count ("": it does)."""


def random_book(seed: int) -> Rows:
    dice = random.Random(seed)
    ids = [f"P{k}" for k in range(7)] + ["丁公司"]
    pair = lambda: dice.sample(ids, 2)  # noqa: E731
    money = lambda: dice.choice(list(RATES))  # noqa: E731
    days = [date(2025, 9, 30), date(2025, 10, 1), date(2026, 9, 30), date(2026, 10, 1)]
    rows: Rows = {
        "parties": [{"party_id": one, "is_client": True} for one in ids],
        "fx": [{"currency": name, "as_of_on": date(2026, 1, 1), "rate": rate} for name, rate in RATES.items()],
        "supplies": [
            {"supplier_id": a, "buyer_id": b, "amount": dice.choice([10.0, 30.0, 60.0]), "currency": money(),
             "to_on": dice.choice([None, None, AS_OF])}
            for a, b in (pair() for _ in range(8))
        ],
        "fund_flows": [
            {"payer_id": a, "payee_id": b, "amount": dice.choice([5.0, 40.0]), "currency": money(),
             "paid_on": dice.choice(days)}
            for a, b in (pair() for _ in range(8))
        ],
        "financials": [
            {"party_id": one, "period_end_on": end, "period_months": dice.choice([None, 12, 6]), "currency": money(),
             "sales": dice.choice([None, 0.0, 40.0, 100.0]), "material_cost": dice.choice([None, 30.0, 80.0]),
             "equity": dice.choice([None, -5.0, 0.0, 30.0, 60.0])}
            for one in ids for end in ENDS if dice.random() < 0.6
        ],
        "facilities": [
            {"facility_id": f"F{k}", "borrower_id": one, "outstanding": 50.0, "currency": money()}
            for k, one in enumerate(ids)
        ],
        "guarantees": [
            {"guarantor_id": a, "debtor_id": b, "amount": dice.choice([10.0, 60.0]), "currency": money()}
            for a, b in (pair() for _ in range(6))
        ],
        "co_borrowers": [
            {"facility_id": f"F{k}", "party_id": dice.choice([one for one in ids if one != ids[k]]), **how}
            for k, how in ((0, {"mode": "several", "share": 0.3}), (1, {"mode": "joint_several"}))
        ],
    }  # fmt: skip
    return rows


def base(row: dict[str, Any], column: str) -> float:
    return float(row[column]) * RATES[row["currency"]]


def latest(rows: Rows, party: str, column: str) -> float | None:
    mine = [r for r in rows["financials"] if r["party_id"] == party and r["period_end_on"] <= AS_OF
            and r[column] is not None]  # fmt: skip
    if not mine:
        return None
    last = max(mine, key=lambda row: row["period_end_on"])
    return base(last, column) * (1.0 if column == "equity" else 12.0 / (last["period_months"] or 12))


def derived(rows: Rows) -> Found:
    delivered: dict[tuple[str, str], float] = defaultdict(float)
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows["supplies"]:
        if row["to_on"] is None:
            delivered[row["supplier_id"], row["buyer_id"]] += base(row, "amount")
    for row in rows["fund_flows"]:
        if date(2025, 9, 30) < row["paid_on"] <= AS_OF:
            paid[row["payee_id"], row["payer_id"]] += base(row, "amount")
    money = {pair: max(delivered[pair], paid[pair]) for pair in [*delivered, *paid]}
    found: Found = {}
    for side, column, criterion in ((0, "sales", "receipts"), (1, "material_cost", "expenditure")):
        recorded: dict[str, float] = defaultdict(float)
        for pair, amount in money.items():
            recorded[pair[side]] += amount
        for pair, amount in money.items():
            me, other = pair[side], pair[1 - side]
            whole = latest(rows, me, column)
            ratio = amount / max(whole or 0.0, recorded[me])
            if ratio >= 0.5:
                coverage = recorded[me] / whole if whole else None
                said = (None, None, "unknown_denominator") if whole is None else (ratio, coverage, "")
                found[me, other, criterion] = said
    liable: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows["guarantees"]:
        liable[row["guarantor_id"], row["debtor_id"]] += base(row, "amount")
    for row in rows["co_borrowers"]:
        loan = rows["facilities"][int(row["facility_id"][1:])]
        liable[row["party_id"], loan["borrower_id"]] += base(loan, "outstanding") * row.get("share", 1.0)
    for (me, other), amount in liable.items():
        net = latest(rows, me, "equity")
        if net is None or net <= 0.0:
            found[me, other, "guarantee"] = (None, None, "unknown_denominator" if net is None else "no_net_assets")
        elif amount / net >= 1.0:
            found[me, other, "guarantee"] = (amount / net, None, "")
    return found


@pytest.mark.parametrize("seed", range(12))
def test_dependencies_follow_from_payments_guarantees_and_joint_debts(seed: int) -> None:
    rows = random_book(seed)
    graph = graph_of(**rows)
    depends = dependence(graph, BASEL)
    ids = graph.party_ids
    got = {
        (str(ids[a]), str(ids[b]), str(how)): (ratio, coverage, why)
        for a, b, how, ratio, coverage, why in zip(
            depends.dependent, depends.on, depends.criterion, depends.ratio, depends.coverage, depends.why, strict=True
        )
    }
    expected = derived(rows)
    assert expected.keys() == got.keys()
    for key, (ratio, coverage, why) in expected.items():
        assert why == got[key][2], key
        for said, found in ((ratio, got[key][0]), (coverage, got[key][1])):
            assert (found != found) if said is None else said == pytest.approx(found), key
    assert any(not why for *_, why in expected.values())
