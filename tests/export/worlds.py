"""A small graph whose every cell is a trap for some format, and score tables to go with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from tests.worlds.build import AS_OF, tables_of

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\tTab",
    "＝1+1",
    'quote " and , comma; 分号',
    "line\nbreak",
    "<script>alert(1)</script> & 'x'",
    "云溪恒隆纺织有限公司",
    "😀 outside the basic plane",
    "bell \x07 and \x0b",
)


def world() -> dict[str, list[dict[str, Any]]]:
    """Return rows: parties with hostile names, two equal contracts, nulls, dates, a facility with a party's id."""
    parties = [
        {"party_id": f"P{k:02d}", "name": name, "is_client": k % 2 == 0, "incorporated_on": date(1999, 12, 31)}
        for k, name in enumerate(HOSTILE)
    ]
    parties[3]["industry"] = None
    guarantee = {"guarantor_id": "P00", "debtor_id": "P01", "facility_id": "F1", "amount": 5e6, "rank": 1}
    return {
        "parties": [*parties, {"party_id": "LONE", "name": "nobody knows him", "kind": "person"}],
        "facilities": [
            {"facility_id": "F1", "borrower_id": "P01", "outstanding": 123456.78, "maturity_on": date(2027, 1, 31)},
            {"facility_id": "P02", "borrower_id": "P02", "outstanding": 0.0},
        ],
        "collateral": [{"collateral_id": "K1", "owner_id": "P01", "value": 1e6}],
        "pledges": [{"facility_id": "F1", "collateral_id": "K1"}],
        "guarantees": [{"guarantee_id": "G1", **guarantee}, {"guarantee_id": "G2", **guarantee}],
        "ownership": [{"owner_id": "P03", "owned_id": "P01", "share_min": None, "share_max": 0.5}],
        "exposures": [{"creditor_id": "P04", "debtor_id": "P05", "amount": 10.0}] * 2,
        "financials": [{"party_id": "P01", "equity": -3.5}],
    }


def tables() -> dict[str, pa.Table]:
    """Return the canonical tables."""
    return tables_of(**world())


def graph() -> RiskGraph:
    """Return the graph of the tables."""
    return build_graph(tables(), as_of=AS_OF)


def scores() -> dict[str, pa.Table]:
    """Return score tables as the workspace hands them over: one row per party, and one row per layer and party."""
    chains = pd.DataFrame(
        {
            "party_id": ["P00", "P01"],
            "depth": [1, 2],
            "over_guarantee_ratio": [2.5, float("nan")],
            "in_circle": [True, False],
        }
    )
    central = pd.DataFrame(
        {"layer": ["all", "all", "guarantees"], "party_id": ["P00", "P01", "P00"], "pagerank": [0.25, 0.75, 0.5]}
    )
    frames = {"chains_parties": chains, "centrality_scores": central}
    return {name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in frames.items()}


def columns_of(name: str) -> list[str]:
    """Return the declared columns of a canonical table."""
    return list(CATALOG[name].names)
