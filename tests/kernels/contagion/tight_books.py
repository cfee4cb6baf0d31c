"""Random books of 60 parties for the bounds: caps small against debts, standing calls, other lenders, every mode."""

from __future__ import annotations

import numpy as np

from tests.analyze.contagion_books import Rows

LAYERS = ("exposures", "guarantees", "ownership", "collateral")


def tight_book(seed: int, *, size: int = 60) -> Rows:
    """Return a book in which guarantors promise 1 %, 10 % or all of what they stand behind, some of them broken."""
    rng = np.random.default_rng(seed)
    ids = [f"P{i:02d}" for i in range(size)]
    load, debts, caps = rng.choice([0.05, 0.2, 0.5, 1.0]), rng.choice([1, 3, 10]), rng.choice([0.01, 0.1, 1.0])
    broken, unknown = rng.choice([0.0, 0.0, 0.0, 0.05, 0.15]), rng.choice([0.0, 0.0, 0.05, 0.2])
    equity = np.round(rng.lognormal(3, 1, size), 2)

    def some() -> str:
        return ids[int(rng.integers(size))]

    rows: Rows = {"parties": [{"party_id": i} for i in ids], "exposures": [], "ownership": []}
    rows["financials"] = [
        {"party_id": i, "equity": float(-equity[k] * rng.random() if rng.random() < broken else equity[k])}
        for k, i in enumerate(ids) if rng.random() >= unknown
    ]  # fmt: skip
    for a in range(size):
        for b in rng.choice(size, int(rng.integers(0, 4)), replace=False):
            if a != b:
                amount = float(np.round(equity[a] * load * rng.uniform(0.1, 2) / 3, 3))
                rows["exposures"].append({"creditor_id": ids[a], "debtor_id": ids[b], "amount": amount})
    for _ in range(int(rng.integers(0, size // 2)) if rng.random() < 0.5 else 0):
        a, b = rng.choice(size, 2, replace=False)
        share = float(rng.choice([0.2, 0.4]))
        rows["ownership"].append({"owner_id": ids[a], "owned_id": ids[b], "share_min": share, "share_max": share})
    rows["facilities"] = []
    for k in range(int(rng.integers(size // 3, size * 4 // 3))):
        b, lender = int(rng.integers(size)), some() if rng.random() < 0.3 else None
        rows["facilities"].append(
            {
                "facility_id": f"F{k:03d}",
                "borrower_id": ids[b],
                "lender_id": None if lender == ids[b] else lender,
                "outstanding": float(np.round(equity[b] * debts * rng.uniform(0.2, 2), 2)),
            }
        )
    rows["guarantees"] = []
    for k in range(int(rng.integers(0, size * 3 // 2))):
        loan = rows["facilities"][int(rng.integers(len(rows["facilities"])))]
        rows["guarantees"].append(
            {
                "guarantee_id": f"G{k:03d}",
                "guarantor_id": some(),
                "debtor_id": loan["borrower_id"],
                "facility_id": loan["facility_id"] if rng.random() < 0.7 else None,
                "amount": float(np.round(loan["outstanding"] * caps * rng.uniform(0.1, 2), 3)),
                "mode": str(rng.choice(["several", "joint_several"])),
                "rank": int(rng.choice([1, 1, 1, 2, 3])),
                "liability": str(rng.choice(["general", "joint"])),
            }
        )
    rows["collateral"], rows["pledges"] = [], []
    for k in range(10 if rng.random() < 0.4 else 0):
        loan = rows["facilities"][int(rng.integers(len(rows["facilities"])))]
        value = float(np.round(loan["outstanding"] * rng.uniform(0.1, 1), 2))
        rows["collateral"].append({"collateral_id": f"C{k}", "owner_id": some(), "value": value})
        rows["pledges"].append({"facility_id": loan["facility_id"], "collateral_id": f"C{k}"})
    return rows
