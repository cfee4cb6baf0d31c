"""The bank's own related parties: named, tied to the bank, its holders, their close family, and whom they control.

Source: 银行保险机构关联交易管理办法 (银保监会令2022年第1号), Articles 6 to 8, our reading: holders of 5 % or more,
those who control it, key persons, the close family of related persons, and what any of these control.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.control import Majority, spread
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, VOTES
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.rebuttals import close_family

KEY_PERSONS = ("director", "officer", "associate", "family", "same_person")
_HOLDS_FROM = 0.05


def related_parties(graph: RiskGraph, holdings: Holdings, bank: int, named: Sequence[int]) -> dict[int, str]:
    """Return each related party with the reason; `bank` is our position (-1: unknown), `named` those of a list."""
    found: dict[int, str] = dict.fromkeys(sorted(named), "named in the list")
    if bank >= 0:
        _of_bank(graph, holdings, bank, found)
    a, b = close_family(graph)
    for one, other in sorted([*zip(a.tolist(), b.tolist(), strict=True), *zip(b.tolist(), a.tolist(), strict=True)]):
        if one in found and not found[one].startswith("close family"):
            found.setdefault(other, f"close family of {graph.party_ids[one]}")
    for one in sorted(found):
        if one == bank or holdings.nominee[one] or holdings.undisclosed[one]:
            continue
        reach = spread(holdings.stakes, np.array([one], dtype=np.int64), holdings.facts, Majority())
        for firm in reach.firm.tolist():
            found.setdefault(firm, f"controlled by {graph.party_ids[one]}")
    found.pop(bank, None)
    return dict(sorted(found.items()))


def _of_bank(graph: RiskGraph, holdings: Holdings, bank: int, found: dict[int, str]) -> None:
    ids = graph.texts("ties", "kind")
    a, b = graph.ends("ties")
    for one, other, kind in zip(a.tolist(), b.tolist(), ids.tolist(), strict=True):
        if kind in KEY_PERSONS and bank in (one, other) and one >= 0 and other >= 0:
            found.setdefault(other if one == bank else one, f"{kind} of the bank")
    stakes = holdings.stakes
    entries = np.arange(stakes.start[bank], stakes.start[bank + 1])
    for e in entries.tolist():
        held = max(float(stakes.low[CAPITAL, e]), float(stakes.low[VOTES, e]))
        if held >= _HOLDS_FROM - TOLERANCE and stakes.live[e] and stakes.holder[e] != bank:
            found.setdefault(int(stakes.holder[e]), f"holds {held:.2%} of the bank")
    for controller, controlled in zip(holdings.facts[0].tolist(), holdings.facts[1].tolist(), strict=True):
        if controlled == bank:
            found.setdefault(controller, "controls the bank")
    reach = spread(holdings.stakes, np.array([bank], dtype=np.int64), holdings.facts, Majority())
    for firm in reach.firm.tolist():
        found.setdefault(firm, "controlled by the bank")
