"""Small worlds for tests: rows in plain Python to canonical Arrow tables, and a few books used by many suites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
AS_OF = date(2026, 9, 30)
_DEFAULTS: dict[str, dict[str, Any]] = {
    "parties": {"kind": "company"},
    "collateral": {"kind": "real_estate"},
    "guarantees": {"mode": "several"},
    "control": {"basis": "votes"},
    "dependencies": {"criterion": "receipts"},
    "co_borrowers": {"mode": "joint_several"},
    "rebuttals": {"kind": "both", "reason": "shown", "author": "an analyst", "decided_on": date(2026, 1, 1)},
    "ties": {"kind": "family"},
    "financials": {"period_end_on": date(2025, 12, 31)},
    "ratings": {"as_of_on": date(2025, 12, 31), "model": "internal"},
}


def tables_of(**rows: Iterable[Mapping[str, Any]]) -> dict[str, pa.Table]:
    """Return canonical tables of the rows given; currency is CNY, a party's name its id, unless given otherwise."""
    out = {}
    for name, given in rows.items():
        declared = CATALOG[name]
        filled = []
        for number, row in enumerate(given):
            base = dict(_DEFAULTS.get(name, {}))
            if "currency" in declared.names:
                base["currency"] = "CNY"
            if name == "parties":
                base["name"] = row["party_id"]
            if name == "guarantees":
                base["guarantee_id"] = f"G{number:04d}"
            filled.append({**base, **row})
        unknown = {key for row in filled for key in row} - set(declared.names)
        assert not unknown, f"{name} has no column {unknown}"
        out[name] = pa.Table.from_pylist([{c: row.get(c) for c in declared.names} for row in filled], declared.schema)
    return out


def graph_of(**rows: Iterable[Mapping[str, Any]]) -> RiskGraph:
    """Return the RiskGraph of the rows given."""
    return build_graph(tables_of(**rows), as_of=AS_OF)


def parties(*ids: str) -> list[dict[str, Any]]:
    """Return rows of `parties` with these ids."""
    return [{"party_id": i} for i in ids]


def ring(size: int = 3, equity: float = 30.0, due: float = 50.0) -> dict[str, list[dict[str, Any]]]:
    """Return a circle of guarantees: party k+1 stands behind party k's one loan."""
    ids = [f"P{k}" for k in range(size)]
    return {
        "parties": parties(*ids),
        "financials": [{"party_id": i, "equity": equity} for i in ids],
        "facilities": [{"facility_id": f"F{k}", "borrower_id": i, "outstanding": due} for k, i in enumerate(ids)],
        "guarantees": [
            {
                "guarantee_id": f"G{k}",
                "guarantor_id": ids[(k + 1) % size],
                "debtor_id": i,
                "facility_id": f"F{k}",
                "amount": due,
            }
            for k, i in enumerate(ids)
        ],
    }
