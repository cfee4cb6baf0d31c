"""What every district shares: six invented banks and their claims on one another, public bodies, a fund, the rates."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from graphrisk.demo.credit import BANKS, USD_RATE
from graphrisk.demo.filling import AS_OF
from graphrisk.model.catalog import CATALOG

Rows = dict[str, list[dict[str, Any]]]

_BANK_NAMES = ("云岭银行", "沅川银行", "浔浦银行", "澜洲农村商业银行", "汀溪城市商业银行", "泽陵银行")
_BANK_EQUITY = (9.0e9, 6.5e9, 4.2e9, 1.6e9, 2.4e9, 3.1e9)
_CLAIMS = (
    (0, 1, 6.0e7),
    (0, 3, 3.0e7),
    (1, 2, 4.5e7),
    (2, 4, 2.2e7),
    (3, 0, 1.5e7),
    (4, 5, 2.6e7),
    (5, 1, 3.0e7),
    (5, 0, 2.0e7),
)
_USD = (7.25, 7.22, 7.20, 7.19, 7.18, 7.17, 7.16, 7.15, 7.14, 7.13, 7.12, USD_RATE)


def institutions() -> Rows:
    """Return the shared rows by table; amounts in CNY, invented."""
    parties: list[dict[str, Any]] = [
        {"party_id": bank, "name": f"{name}股份有限公司", "kind": "bank", "industry": "J66", "size": "large"}
        for bank, name in zip(BANKS, _BANK_NAMES, strict=True)
    ]
    parties += [
        {"party_id": "U01", "name": "云泽国有资产运营管理局", "kind": "public_body"},
        {"party_id": "U02", "name": "浔溪产业引导基金（有限合伙）", "kind": "fund", "arrangement": True},
        {"party_id": "U03", "name": "待查股东（登记信息不全）", "kind": "unknown", "opaque": True},
    ]
    financials = [
        {
            "party_id": bank,
            "period_end_on": AS_OF.replace(year=2025, month=12, day=31),
            "currency": "CNY",
            "total_assets": equity * 13,
            "total_liabilities": equity * 12,
            "equity": equity,
            "cash": equity,
            "audited": True,
        }
        for bank, equity in zip(BANKS, _BANK_EQUITY, strict=True)
    ]
    exposures = [
        {
            "creditor_id": BANKS[a],
            "debtor_id": BANKS[b],
            "amount": amount,
            "currency": "CNY",
            "lgd": 0.45,
            "kind": "loan",
        }
        for a, b, amount in _CLAIMS
    ]
    shares = ((0, 0.31), (3, 0.22), (4, 0.28))
    ownership = [
        {"owner_id": "U01", "owned_id": BANKS[bank], "share_min": share, "share_max": share}
        | {"votes_min": share, "votes_max": share}
        for bank, share in shares
    ]
    # a holding known by its band alone, as a register states it: more than a quarter, less than three tenths
    ownership[-1] |= {"min_exclusive": True, "max_exclusive": True}
    ownership[-1] |= {"share_min": 0.25, "share_max": 0.30, "votes_min": 0.25, "votes_max": 0.30}
    ownership.append(
        {"owner_id": "U03", "owned_id": BANKS[5], "disclosed": False, "reason": "register entry incomplete"}
    )
    months = [(2025 + (9 + k) // 12, (9 + k) % 12 + 1) for k in range(12)]
    fx = [{"currency": "CNY", "as_of_on": AS_OF.replace(year=2025, month=10, day=1), "rate": 1.0}]
    fx += [
        {"currency": "USD", "as_of_on": AS_OF.replace(year=year, month=month, day=1), "rate": rate}
        for (year, month), rate in zip(months, _USD, strict=True)
    ]
    for party in parties:
        party |= {"country": "CN", "is_client": False, "status": "active", "source": "demo"}
    return {"parties": parties, "financials": financials, "exposures": exposures, "ownership": ownership, "fx": fx}


def as_tables(rows: Rows) -> dict[str, pa.Table]:
    """Return rows in plain Python as canonical tables; what is not given is null."""
    return {
        name: pa.Table.from_pylist(
            [{column: row.get(column) for column in CATALOG[name].names} for row in given], CATALOG[name].schema
        )
        for name, given in rows.items()
    }
