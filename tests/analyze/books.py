"""Random books with every table that analyzers read, and with the faults of real data."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from tests.worlds.build import AS_OF, tables_of

Rows = dict[str, list[dict[str, Any]]]


def book(seed: int, size: int = 12, relations: int = 30, *, faults: bool = True) -> Rows:
    """Return the rows of a book of `size` parties; with `faults`, repeated, self-referring and unknown facts too."""
    dice = random.Random(seed)
    ids = [f"P{k:02d}" for k in range(size)]
    loans = [f"F{k:02d}" for k in range(size)]

    def pair() -> tuple[str, str]:
        a, b = dice.choice(ids), dice.choice(ids)
        while a == b and not faults:
            b = dice.choice(ids)
        return a, b

    def amount() -> float:
        return round(dice.uniform(1.0, 100.0), 2)

    def maybe(value: Any, chance: float = 0.8) -> Any:
        return value if not faults or dice.random() < chance else None

    def day(back: int) -> date:
        return AS_OF - timedelta(days=dice.randrange(1, back))

    rows: Rows = {
        "parties": [
            {
                "party_id": i,
                "kind": dice.choice(["company", "company", "person", "bank"]),
                "industry": maybe(dice.choice(["C13", "F51", "K70"])),
                "region": maybe(dice.choice(["浙江", "江苏"])),
                "status": dice.choice(["active", "watch", "defaulted"]),
            }
            for i in ids
        ],
        "facilities": [
            {
                "facility_id": f,
                "borrower_id": dice.choice(ids),
                "lender_id": dice.choice([None, None, dice.choice(ids)]),
                "outstanding": amount(),
                "limit_amount": maybe(amount()),
                "maturity_on": maybe(AS_OF + timedelta(days=dice.randrange(-100, 1000))),
                "lgd": maybe(0.45),
            }
            for f in loans
        ],
        "collateral": [
            {
                "collateral_id": f"C{k}",
                "kind": dice.choice(["real_estate", "inventory", "shares"]),
                "owner_id": maybe(dice.choice(ids)),
                "value": amount(),
                "haircut": maybe(0.3, 0.5),
                "valued_on": maybe(day(800)),
            }
            for k in range(size // 2)
        ],
        "financials": [
            {
                "party_id": i,
                "period_end_on": date(2024 + k, 12, 31),
                "equity": maybe(round(dice.uniform(-10.0, 100.0), 2)),
                "total_assets": 150.0,
                "total_liabilities": 100.0,
                "sales": maybe(amount()),
            }
            for i in ids
            for k in range(2)
            if not faults or dice.random() < 0.7
        ],
    }
    for name, start, goal in (
        ("guarantees", "guarantor_id", "debtor_id"),
        ("exposures", "creditor_id", "debtor_id"),
        ("supplies", "supplier_id", "buyer_id"),
    ):
        rows[name] = [dict(zip((start, goal), pair(), strict=True), amount=amount()) for _ in range(relations)]
    for number, row in enumerate(rows["guarantees"]):
        row["guarantee_id"] = f"G{number:03d}"
        row["mode"] = dice.choice(["several", "joint_several"])
    rows["ownership"] = [
        dict(zip(("owner_id", "owned_id"), pair(), strict=True), share_min=maybe(low), share_max=maybe(low))
        for low in (round(dice.uniform(0.0, 0.4), 3) for _ in range(relations // 2))
    ]
    rows["pledges"] = [
        {
            "facility_id": dice.choice(loans),
            "collateral_id": f"C{dice.randrange(size // 2)}",
            "allocated_amount": maybe(amount(), 0.5),
        }
        for _ in range(size)
    ]
    if faults:
        for name in ("exposures", "supplies", "ownership", "pledges"):
            rows[name].append(dict(rows[name][0]))
    return rows


def turned(rows: Rows, seed: int) -> dict[str, pa.Table]:
    """Return the canonical tables of `rows` in another order of rows."""
    dice = random.Random(seed)
    tables = tables_of(**rows)  # ids are given before the rows are turned
    return {
        name: t.take(pa.array(dice.sample(range(t.num_rows), t.num_rows), pa.int64())) for name, t in tables.items()
    }
