"""Random small books for contagion: every relation, every awkward value, drawn from a seed."""

from __future__ import annotations

from typing import Any

import numpy as np

Rows = dict[str, list[dict[str, Any]]]
MONEY = {
    "financials": ("equity", "sales", "material_cost", "operating_costs", "total_liabilities"),
    "exposures": ("amount",),
    "facilities": ("outstanding",),
    "guarantees": ("amount",),
    "collateral": ("value",),
    "pledges": ("allocated_amount",),
    "supplies": ("amount",),
}


def random_book(seed: int, *, size: int = 7) -> Rows:
    """Return a book of `size` parties with circles, missing and negative equity, mixed modes, ranks and pledges."""
    rng = np.random.default_rng(seed)
    ids = [f"P{i}" for i in range(size)]

    def one(values: list[Any]) -> Any:
        return values[int(rng.integers(len(values)))]

    def money(low: float, high: float) -> float:
        return float(np.round(rng.uniform(low, high), int(rng.integers(0, 3))))

    rows: Rows = {"parties": [{"party_id": i, "industry": one(["A", "B", None])} for i in ids], "financials": []}
    for i in ids:
        if rng.random() < 0.85:
            equity = money(-20, 0) if rng.random() < 0.1 else money(5, 100)
            rows["financials"].append({"party_id": i, "equity": equity})
    rows["exposures"] = [
        {"creditor_id": one(ids), "debtor_id": one(ids), "amount": money(1, 40), "lgd": one([None, 0.4, 1.0])}
        for _ in range(int(rng.integers(0, 2 * size)))
    ]
    rows["exposures"] = [row for row in rows["exposures"] if row["creditor_id"] != row["debtor_id"]]
    rows["ownership"] = []
    for _ in range(int(rng.integers(0, size))):
        share = one([None, 0.3, 0.51])
        pair = (one(ids), one(ids))
        if pair[0] != pair[1]:
            rows["ownership"].append({"owner_id": pair[0], "owned_id": pair[1], "share_min": share, "share_max": share})
    rows["facilities"] = [
        {
            "facility_id": f"F{k}",
            "borrower_id": one(ids),
            "outstanding": money(5, 120),
            "lender_id": one([None, None, one(ids)]),
        }
        for k in range(int(rng.integers(1, size + 2)))
    ]
    for row in rows["facilities"]:
        if row["lender_id"] == row["borrower_id"]:
            row["lender_id"] = None
    rows["guarantees"] = []
    for k in range(int(rng.integers(0, 3 * size))):
        facility = one(rows["facilities"])
        rows["guarantees"].append(
            {
                "guarantee_id": f"G{k:02d}",
                "guarantor_id": one(ids),
                "debtor_id": facility["borrower_id"],
                "facility_id": one([facility["facility_id"], facility["facility_id"], None]),
                "amount": one([money(5, 150), 0.0]) if rng.random() < 0.1 else money(5, 150),
                "mode": one(["several", "joint_several"]),
                "liability": one([None, "general", "joint"]),
                "rank": one([None, 1, 2]),
            }
        )
    _give_shares(rows, rng)
    rows["collateral"] = [
        {
            "collateral_id": f"C{k}",
            "owner_id": one([None, *ids]),
            "value": money(5, 120),
            "haircut": one([None, 0.0, 0.3]),
            "kind": one(["real_estate", "inventory"]),
        }
        for k in range(int(rng.integers(0, 5)))
    ]
    rows["pledges"] = [
        {
            "facility_id": one(rows["facilities"])["facility_id"],
            "collateral_id": one(rows["collateral"])["collateral_id"],
            "rank": one([None, 1, 2]),
            "allocated_amount": one([None, money(5, 80)]),
        }
        for _ in range(int(rng.integers(0, 7)) if rows["collateral"] else 0)
    ]
    _give_production(rows, rng)
    return rows


def _give_production(rows: Rows, rng: np.random.Generator) -> None:
    """Give deliveries between industries, and what the valuations need of a balance sheet."""
    ids = [row["party_id"] for row in rows["parties"]]
    apart = rng.spawn(1)[0]  # what was added later leaves the rest of a drawn book as it was
    for row in rows["financials"]:
        if rng.random() < 0.8:
            row["sales"] = float(np.round(rng.uniform(20, 100), 1))
            row["material_cost"] = float(np.round(rng.uniform(5, 90), 1))
            row["operating_costs"] = [None, float(np.round(apart.uniform(0, 20), 1))][int(apart.integers(2))]
            row["period_months"] = [None, 12, 6][int(apart.integers(3))]
        row["total_liabilities"] = None if rng.random() < 0.2 else float(np.round(rng.uniform(5, 200), 1))
        row["equity_volatility"] = float(np.round(rng.uniform(0.1, 0.6), 2))
    rows["supplies"] = []
    for _ in range(int(rng.integers(0, 2 * len(ids)))):
        supplier, buyer = rng.choice(ids, size=2, replace=False)
        rows["supplies"].append(
            {
                "supplier_id": str(supplier),
                "buyer_id": str(buyer),
                "amount": float(np.round(rng.uniform(1, 50), 1)),
                "essential": [None, True, False][int(rng.integers(3))],
            }
        )


def _give_shares(rows: Rows, rng: np.random.Generator) -> None:
    """Give all guarantees of some debtors a share, those of mode several at most 1 in all per rank."""
    for debtor in sorted({row["debtor_id"] for row in rows["guarantees"]}):
        if rng.random() < 0.5:
            continue
        mine = [row for row in rows["guarantees"] if row["debtor_id"] == debtor]
        for row in mine:
            row["share"] = float(np.round(rng.uniform(0.2, 1.0) / len(mine), 3))


def random_shock(seed: int, rows: Rows) -> dict[str, float]:
    """Return a shock on one to three parties, whole or partial."""
    rng = np.random.default_rng(seed + 1_000_003)
    ids = [row["party_id"] for row in rows["parties"]]
    chosen = rng.choice(ids, size=int(rng.integers(1, 4)), replace=False)
    return {str(i): float(rng.choice([1.0, 1.0, 0.5, 0.2])) for i in chosen}


def scaled(rows: Rows, factor: float) -> Rows:
    """Return the book in another unit of money."""
    return {
        name: [
            {
                key: value * factor if key in MONEY.get(name, ()) and value is not None else value
                for key, value in row.items()
            }
            for row in table
        ]
        for name, table in rows.items()
    }
