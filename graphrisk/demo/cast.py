"""How a planted story is written down: firms, persons, loans, guarantees and shares, and what every client has."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from graphrisk.demo.filling import AS_OF
from graphrisk.demo.institutions import Rows
from graphrisk.demo.names import credit_codes

M = 1_000_000.0
START, _END = date(2026, 1, 15), date(2027, 1, 15)


class Cast:
    """The rows of one story as they are written down."""

    def __init__(self) -> None:
        self.rows: Rows = {}

    def add(self, table: str, **row: Any) -> None:
        """Add one row."""
        self.rows.setdefault(table, []).append(row)

    def firm(
        self,
        party: str,
        name: str,
        *,
        equity: float | None = None,
        client: bool = True,
        industry: str = "C33",
        sales: float | None = None,
        material_cost: float | None = None,
        size: str = "small",
        kind: str = "company",
        phone: str | None = None,
    ) -> None:
        """Add a firm with its accounts (none where `equity` is None).

        Without sales, a firm that fails loses no production, and only what its story tells.
        """
        self.add(
            "parties",
            party_id=party,
            name=name,
            kind=kind,
            is_client=client,
            country="CN",
            region="浙江",
            industry=industry,
            size=size,
            status="active",
            phone=phone,
            incorporated_on=date(2012, 5, 8),
            client_since_on=date(2019, 3, 1) if client else None,
            source="demo",
        )
        if equity is not None:
            self.add(
                "financials",
                party_id=party,
                period_end_on=date(2025, 12, 31),
                currency="CNY",
                total_assets=equity * 3,
                total_liabilities=equity * 2,
                equity=equity,
                sales=sales,
                material_cost=material_cost,
                ebit=equity / 8,
                audited=True,
            )

    def person(self, party: str, name: str, kind: str = "person") -> None:
        """Add a person."""
        self.add(
            "parties", party_id=party, name=name, kind=kind, is_client=False, country="CN", region="浙江", source="demo"
        )

    def loan(self, facility: str, borrower: str, due: float, start_on: date = START, **more: Any) -> None:
        """Add a loan of our bank, not in arrears; `more` are further columns."""
        self.add(
            "facilities",
            facility_id=facility,
            borrower_id=borrower,
            product="流动资金贷款",
            currency="CNY",
            limit_amount=due,
            outstanding=due,
            lgd=0.45,
            rate=0.045,
            start_on=start_on,
            maturity_on=_END,
            days_past_due=0,
            classification="正常",
            source="demo",
            **more,
        )

    def guarantee(self, contract: str, guarantor: str, debtor: str, facility: str, cap: float) -> None:
        """Add a joint and several guarantee of a loan."""
        self.add(
            "guarantees",
            guarantee_id=contract,
            guarantor_id=guarantor,
            debtor_id=debtor,
            facility_id=facility,
            amount=cap,
            currency="CNY",
            mode="joint_several",
            liability="joint",
            rank=1,
            from_on=START,
            source="demo",
        )

    def owns(self, owner: str, owned: str, share: float, via: str | None = None) -> None:
        """Add a shareholding with equal votes."""
        self.add(
            "ownership",
            owner_id=owner,
            owned_id=owned,
            share_min=share,
            share_max=share,
            votes_min=share,
            votes_max=share,
            via=via,
            from_on=date(2018, 6, 1),
            source="demo",
        )


def complete(rows: Rows) -> None:
    """Give every client of the stories what the bank has of any client: register number, rating, year, profile."""
    fund = [row["borrower_id"] for row in rows["facilities"]]
    for k, party in enumerate(row for row in rows["parties"] if row["kind"] not in ("person", "nominee")):
        party["national_id"] = credit_codes(np.array([900_000_000 + k])).to_pylist()[0]
        if not party["is_client"]:
            continue
        owner = f"{party['party_id']}-O"
        if not any(row["owned_id"] == party["party_id"] for row in rows["ownership"]):
            rows["parties"].append(_owner(owner, k))
            rows["ownership"].append(
                {
                    "owner_id": owner,
                    "owned_id": party["party_id"],
                    "share_min": 1.0,
                    "share_max": 1.0,
                    "votes_min": 1.0,
                    "votes_max": 1.0,
                    "source": "demo",
                }
            )
        rows.setdefault("ratings", []).append(
            {
                "party_id": party["party_id"],
                "as_of_on": date(2026, 6, 30),
                "model": "内部评级",
                "pd": 0.012,
                "grade": "BB",
                "source": "demo",
            }
        )
        rows.setdefault("relationship", []).append(
            {
                "party_id": party["party_id"],
                "as_of_on": AS_OF,
                "products": 3,
                "tenure_months": 90.0,
                "contact_score": 55.0,
                "share_of_wallet": 0.6,
                "owner_credit_score": 650.0,
            }
        )
        if party["party_id"] in fund:
            rows.setdefault("behaviour", []).extend(_year(party["party_id"]))
    rows.setdefault("events", []).append(
        {
            "event_id": "ST-TRIP-E1",
            "party_id": "ST-TRIP-1",
            "kind": "news",
            "occurred_on": date(2026, 3, 20),
            "known_on": date(2026, 3, 25),
            "detail": "贸易背景真实性存疑",
            "source": "demo",
        }
    )


def _owner(party: str, number: int) -> dict[str, Any]:
    name = "赵钱孙李周吴郑王冯陈褚卫"[number % 12] + "安宁远清然和舟帆岚石松竹"[number // 12 % 12] + "平"
    return {
        "party_id": party,
        "name": name,
        "kind": "person",
        "is_client": False,
        "country": "CN",
        "region": "浙江",
        "source": "demo",
    }


def _year(party: str) -> list[dict[str, Any]]:
    first = date(2025, 10, 1)
    months = [(first + timedelta(days=31 * k)).replace(day=1) for k in range(12)]
    return [
        {
            "party_id": party,
            "month_on": month,
            "inflow": 1.6 * M,
            "outflow": 1.5 * M,
            "limit_utilisation": 0.9,
            "days_past_due": 0,
            "overdraft_days": 0,
        }
        for month in months
    ]
