"""Direct links: what the tables of owners, control, ties and guarantees say of two parties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from graphrisk.analyze.relations.tables import HINTS
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import CAPITAL
from graphrisk.model.note import Note, both
from graphrisk.standing.command import command, ultimate
from graphrisk.standing.holdings import Holdings

STRENGTH: Mapping[str, float] = {
    "control": 1.0,
    "same_as": 1.0,
    "co_controlled": 0.9,
    "family": 0.8,
    "officer": 0.7,
    "device": 0.6,
    "phone": 0.5,
    "value": 0.5,
    "guarantee": 0.5,
    "co_guarantor": 0.4,
    "same_person": 0.4,
    "associate": 0.4,
    "address": 0.4,
    "accountant": 0.3,
    "auditor": 0.2,
}
"""How closely a link binds, between 0 and 1: our ranking by the freedom that it leaves, no estimate from data.

A holding has the least of its share, what is shared through a third party the product of the two links."""
_TIES = {"director": "officer"}
"""Kinds of tie that are one kind of relation."""
_SHARED = ("officer", "address", "phone", "device", "same_person", "auditor", "accountant")
"""Kinds of tie by which a third party relates two others."""
_BY_FACT, _BY_VOTES = both("by a fact of control", "控制关系记录"), both("by a majority of votes", "多数表决权")
_TIED = {
    "family": "亲属", "director": "董事", "officer": "高管", "address": "地址", "phone": "电话",
    "same_as": "疑似同一主体", "associate": "业务伙伴", "auditor": "审计机构", "accountant": "会计",
    "same_person": "同名自然人", "device": "设备",
}  # fmt: skip
MOST_TOLD = 3


@dataclass(slots=True, kw_only=True)
class Relation:
    """One link between two parties, as positions a < b; `via` is the third party (-1: none)."""

    a: int
    b: int
    kind: str
    strength: float
    via: int = -1
    told: list[Note] = field(default_factory=list)

    @property
    def hint(self) -> bool:
        """Whether it binds nobody."""
        return self.kind in HINTS

    @property
    def evidence(self) -> Note:
        """What shows it, the first few."""
        if len(self.told) == 1:
            return self.told[0]
        left, first = len(self.told) - MOST_TOLD, self.told[:MOST_TOLD]
        return both(
            "; ".join(one.text for one in first) + (f"; and {left:,} more" if left > 0 else ""),
            "；".join(one.chinese for one in first) + (f"；另有 {left:,} 项" if left > 0 else ""),
        )


@dataclass(slots=True, kw_only=True)
class Relations:
    """The links of a graph by (a, b, kind), the strongest of each kept; `common` is what was too common to link."""

    pairs: dict[tuple[int, int, str], Relation] = field(default_factory=dict)
    common: list[tuple[str, str, list[int]]] = field(default_factory=list)

    def add(self, one: int, other: int, kind: str, strength: float, told: Note, via: int = -1) -> None:
        """Add one link; a stronger one of the kind takes the place of a weaker, its evidence is added to it."""
        if one == other or one < 0 or other < 0:
            return
        a, b = (one, other) if one < other else (other, one)
        held = self.pairs.get((a, b, kind))
        if held is None:
            self.pairs[a, b, kind] = Relation(a=a, b=b, kind=kind, strength=strength, via=via, told=[told])
            return
        new = 0.0 if np.isnan(strength) else strength
        old = -1.0 if np.isnan(held.strength) else held.strength
        if (new, held.via >= 0 > via) > (old, False):  # the stronger, and of equal ones the direct one
            held.strength, held.via = strength, via
            held.told.insert(0, told)
        elif told not in held.told:
            held.told.append(told)

    def share(self, source: str, value: str, members: Iterable[int], most: int) -> list[int]:
        """Return who shares something; nobody, and it is listed, where more than `most` do."""
        everybody = sorted(set(members))
        if len(everybody) > most:
            self.common.append((source, value, everybody))
            return []
        return everybody


def direct_links(
    graph: RiskGraph, holdings: Holdings, *, min_share: float, common_share: float, most: int, group: int
) -> Relations:
    """Return the links that the tables say, and those through one third party.

    A third party relates at most `most` others, an owner or controller at most `group`; more are listed as common.
    """
    found = Relations()
    _owners(graph, holdings, found, min_share, common_share, group)
    _control(graph, holdings, found, group)
    _ties(graph, found, most)
    _guarantees(graph, found, most)
    return found


def _percent(low: float, high: float) -> Note:
    if low == 0.0:
        open_ = high >= 1.0 - 1e-9
        return both(
            "a share that is not known" + ("" if open_ else f" (at most {100 * high:.4g} %)"),
            "未知比例的股权" + ("" if open_ else f"（至多 {100 * high:.4g}%）"),
        )
    if high - low < 1e-9:
        return both(f"{100 * low:.4g} %", f"{100 * low:.4g}%")
    return both(f"{100 * low:.4g} to {100 * high:.4g} %", f"{100 * low:.4g}% 至 {100 * high:.4g}%")


def _owners(
    graph: RiskGraph, holdings: Holdings, found: Relations, min_share: float, common_share: float, most: int
) -> None:
    stakes, ids = holdings.stakes, graph.party_ids
    low, high = stakes.low[CAPITAL], stakes.high[CAPITAL]
    firms: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for holder, owned, least, top, live in zip(
        stakes.holder.tolist(), stakes.owned.tolist(), low.tolist(), high.tolist(), stakes.live.tolist(), strict=True
    ):
        if holder == owned or not live or top < min_share - 1e-9:
            continue
        part = _percent(least, top)
        said = both(
            f"{ids[holder]} owns {part.text} of {ids[owned]}", f"{ids[holder]} 持有 {ids[owned]} {part.chinese}"
        )
        found.add(holder, owned, "ownership", least if least > 0.0 else np.nan, said)
        if least >= common_share - 1e-9 and not holdings.undisclosed[holder]:
            firms[holder].append((owned, least))
    for holder, held in sorted(firms.items()):
        if len(held) > 1:
            shares = dict(held)
            for a, b in combinations(found.share("owner", str(ids[holder]), shares, most), 2):
                parts = 100 * shares[a], 100 * shares[b]
                said = both(
                    f"{ids[holder]} owns {parts[0]:.4g} % of {ids[a]} and {parts[1]:.4g} % of {ids[b]}",
                    f"{ids[holder]} 持有 {ids[a]} {parts[0]:.4g}%、{ids[b]} {parts[1]:.4g}%",
                )
                found.add(a, b, "co_owned", shares[a] * shares[b], said, holder)


def _control(graph: RiskGraph, holdings: Holdings, found: Relations, most: int) -> None:
    """Add who certainly controls whom, and whom one ultimate controller controls."""
    ids, done = graph.party_ids, command(holdings)
    top = ultimate(done, graph.size)
    below: dict[int, list[int]] = defaultdict(list)
    for at, firm in enumerate(done.firm.tolist()):
        head = int(done.heads[done.seed[at]])
        if not done.certain[at]:
            continue
        by = _BY_FACT if done.by_facts[at] and not done.by_votes[at] else _BY_VOTES
        said = both(f"{ids[head]} controls {ids[firm]} {by.text}", f"{ids[head]} 控制 {ids[firm]}（{by.chinese}）")
        found.add(head, firm, "control", STRENGTH["control"], said)
        if top[at]:
            below[head].append(firm)
    for head, firms in sorted(below.items()):
        members = found.share("controller", str(ids[head]), firms, most) if len(set(firms)) > 1 else []
        for a, b in combinations(members, 2):
            if (a, b, "control") not in found.pairs:
                said = both(f"{ids[head]} controls {ids[a]} and {ids[b]}", f"{ids[head]} 同时控制 {ids[a]} 和 {ids[b]}")
                found.add(a, b, "co_controlled", STRENGTH["co_controlled"], said, head)


def _ties(graph: RiskGraph, found: Relations, most: int) -> None:
    ids = graph.party_ids
    a, b = graph.ends("ties")
    around: dict[tuple[str, int], dict[int, str]] = defaultdict(dict)
    for one, other, given in zip(a.tolist(), b.tolist(), graph.texts("ties", "kind").tolist(), strict=True):
        if one < 0 or other < 0 or one == other:
            continue
        kind = _TIES.get(given, given)
        said = both(f"{given}: {ids[one]} - {ids[other]}", f"{_TIED[given]}：{ids[one]} - {ids[other]}")
        found.add(one, other, kind, STRENGTH[kind], said)
        if kind in _SHARED:
            around[kind, one].setdefault(other, given)
            around[kind, other].setdefault(one, given)
    for (kind, middle), others in sorted(around.items()):
        if len(others) < 2:
            continue
        for one, other in combinations(found.share(f"ties.{kind}", str(ids[middle]), others, most), 2):
            said = both(
                f"{others[one]} of {ids[one]} and {others[other]} of {ids[other]}: {ids[middle]}",
                f"{ids[one]} 的{_TIED[others[one]]}与 {ids[other]} 的{_TIED[others[other]]}同为 {ids[middle]}",
            )
            found.add(one, other, kind, STRENGTH[kind] ** 2, said, middle)


def _guarantees(graph: RiskGraph, found: Relations, most: int) -> None:
    ids = graph.party_ids
    giver, debtor = graph.ends("guarantees")
    contracts = graph.texts("guarantees", "guarantee_id")
    behind: dict[int, set[int]] = defaultdict(set)
    for one, other, contract in zip(giver.tolist(), debtor.tolist(), contracts.tolist(), strict=True):
        if one >= 0 and other >= 0 and one != other:
            said = both(
                f"{ids[one]} guarantees {ids[other]} ({contract})", f"{ids[one]} 为 {ids[other]} 担保（{contract}）"
            )
            found.add(one, other, "guarantee", STRENGTH["guarantee"], said)
            behind[other].add(one)
    for owed, givers in sorted(behind.items()):
        if len(givers) > 1:
            for one, other in combinations(found.share("debtor", str(ids[owed]), givers, most), 2):
                said = both(f"both guarantee {ids[owed]}", f"共同为 {ids[owed]} 担保")
                found.add(one, other, "co_guarantor", STRENGTH["co_guarantor"], said, owed)
