"""A small world in which every table holds rows, with the values that break stores: hostile, Chinese and rare texts,
extreme numbers and dates, ids that two kinds of node share, parallel contracts, rows that are equal."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from graphrisk.model.catalog import CATALOG
from tests.worlds.build import tables_of

HOSTILE = [
    "'); MATCH (n) DETACH DELETE n //",
    "a\"b'c`d\\e$f{g}",
    "<script>alert(1)</script>",
    "  spaces  ",
    "line\nbreak\ttab\r",
    "",
    "null",
    "浙江宏远纺织有限公司",
    "𠮷野家𝄞😀",
    "e\u0301 \u202eevil\u200b\ufeff",
    "\u0000nul",
]


def whole_world() -> dict[str, pa.Table]:
    """Return tables of a world that uses every table and every column."""
    parties: list[dict[str, Any]] = [
        {"party_id": f"P{i:02d}", "name": name, "is_client": [True, False, None][i % 3], "source": name}
        for i, name in enumerate(HOSTILE)
    ]
    kinds = ["company", "person", "public_body", "bank", "guarantee_company", "fund", "nominee", "unknown"]
    parties += [{"party_id": f"K-{kind}", "kind": kind, "is_client": kind == "company"} for kind in kinds]
    parties += [{"party_id": text, "name": "hostile id"} for text in ("a'b\"c`\\", "  ", "007", "𠮷", "X1")]
    parties[0] |= {
        "country": "CN",
        "region": "浙江",
        "industry": "K70",
        "size": "small",
        "status": "watch",
        "lei": "529900T8BM49AURSDO55",
        "national_id": "91330000MA27U0XX0X",
        "incorporated_on": date(1, 1, 1),
        "client_since_on": date(9999, 12, 31),
        "listed": True,
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "parties": parties,
        "facilities": [
            {
                "facility_id": "X1",
                "borrower_id": "P00",
                "lender_id": "K-bank",
                "product": "贷款",
                "limit_amount": 1e308,
                "outstanding": 0.1 + 0.2,
                "lgd": 0.45,
                "rate": -0.001,
                "start_on": date(1969, 12, 31),
                "maturity_on": date(2030, 2, 28),
                "days_past_due": 2**53 + 1,
                "classification": "关注",
                "renewed_on": date(2026, 3, 1),
                "renewal_basis": "展期",
                "restructured_on": date(2026, 4, 1),
                "source": "core",
            },
            {"facility_id": "F2", "borrower_id": "P07", "outstanding": 5e-324},
            {"facility_id": "F3", "borrower_id": "X1", "outstanding": 100.0},
        ],
        "collateral": [
            {
                "collateral_id": "X1",
                "name": "厂房",
                "owner_id": "P00",
                "value": 1000.0,
                "valued_on": date(2026, 1, 31),
                "haircut": 0.3,
                "asset_class": "office",
                "region": "浙江",
            },
            {"collateral_id": "C2", "kind": "cash", "value": 7.0},
        ],
        "ownership": [
            {"owner_id": "K-person", "owned_id": "P00", "share_min": 0.25, "share_max": 0.5, "via": "K-nominee"},
            {"owner_id": "K-person", "owned_id": "P00", "share_min": 0.25, "share_max": 0.5, "via": "K-nominee"},
            {"owner_id": "P00", "owned_id": "P01", "votes_min": 1.0, "votes_max": 1.0, "from_on": date(2020, 1, 1)},
            {"owner_id": "P01", "owned_id": "P01", "to_on": date(2021, 1, 1)},
        ],
        "control": [{"controller_id": "K-person", "controlled_id": "P02", "basis": "board"}],
        "guarantees": [
            {"guarantee_id": "G1", "guarantor_id": "P01", "debtor_id": "P00", "facility_id": "X1", "amount": 50.0},
            {"guarantee_id": "G2", "guarantor_id": "P01", "debtor_id": "P00", "facility_id": "X1", "amount": 50.0},
            {"guarantee_id": "G3", "guarantor_id": "P00", "debtor_id": "P01", "amount": 0.0, "mode": "joint_several"},
            {
                "guarantee_id": "G'4\"",
                "guarantor_id": "P07",
                "debtor_id": "P08",
                "amount": 9.5,
                "rank": 2,
                "share": 1.0,
            },
        ],
        "supplies": [{"supplier_id": "P03", "buyer_id": "P04", "amount": 12.5, "product": "丝", "essential": False}],
        "exposures": [{"creditor_id": "K-bank", "debtor_id": "P00", "amount": 3.0, "lgd": 1.0, "kind": "bond"}],
        "pledges": [
            {"facility_id": "X1", "collateral_id": "X1", "rank": 1, "allocated_amount": 10.0},
            {"facility_id": "F2", "collateral_id": "X1", "rank": 2},
        ],
        "co_borrowers": [
            {"facility_id": "X1", "party_id": "P01", "mode": "several", "share": 0.25, "source": "core"},
            {"facility_id": "X1", "party_id": "𠮷", "from_on": date(2020, 1, 1), "to_on": date(2031, 1, 1)},
            {"facility_id": "F2", "party_id": "P01"},
        ],
        "rebuttals": [
            {"a_id": "P05", "b_id": "P06", "kind": "economic", "reason": "另有客户", "expires_on": date(2027, 1, 1)},
            {"a_id": "P05", "b_id": "P06", "kind": "both", "source": "committee"},
        ],
        "declared_groups": [
            {"group_id": "JT1", "party_id": "P00", "group_name": "宏远集团"},
            {"group_id": "JT1", "party_id": "a'b\"c`\\", "from_on": date(2020, 1, 1)},
        ],
        "dependencies": [{"dependent_id": "P05", "on_id": "P06", "ratio": 0.6, "replaceable": True, "upstream": False}],
        "ties": [{"a_id": "P09", "b_id": "P10", "kind": "address"}, {"a_id": "K-person", "b_id": "P10"}],
        "fund_flows": [{"payer_id": "P00", "payee_id": "P01", "amount": 1.0, "paid_on": date(2026, 2, 1)}],
        "financials": [
            {"party_id": "P00", "period_end_on": date(2024, 12, 31), "equity": -5.0, "sales": 1e12, "audited": True},
            {"party_id": "P00", "period_end_on": date(2025, 12, 31), "equity": 10.0, "equity_volatility": 0.3},
            {"party_id": "a'b\"c`\\", "equity": -0.0},
        ],
        "behaviour": [{"party_id": "P00", "month_on": date(2026, 8, 1), "inflow": 1.5, "overdraft_days": 3}],
        "events": [
            {"event_id": "E1", "party_id": "P00", "kind": "lawsuit", "occurred_on": date(2026, 5, 1), "detail": "诉讼"},
        ],
        "ratings": [
            {"party_id": "P00", "pd": 0.02, "grade": "BB+"},
            {"party_id": "P00", "model": "a|b\\c", "pd": 0.03},
        ],
        "relationship": [
            {"party_id": "P00", "as_of_on": date(2026, 9, 1), "products": 3, "share_of_wallet": 0.2},
        ],
        "fx": [{"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0}],
    }
    tables = tables_of(**rows)
    assert set(tables) == set(CATALOG)
    loaders = {"parties": "bods+bank_csv", "ownership": "bods"}
    out = {}
    for name, table in tables.items():
        count = table.num_rows
        parts = pa.array(['{"bods": {"name": "甲"}}' if name == "parties" and i == 0 else None for i in range(count)])
        loader = pa.repeat(pa.scalar(loaders.get(name, "bank_csv")), count)
        out[name] = table.append_column("loader", loader).append_column("parts", parts.cast(pa.string()))
    return out
