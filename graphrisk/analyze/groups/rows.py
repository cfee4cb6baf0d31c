"""The rows of groups, members and dependencies, and in words what joins a member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from graphrisk.analyze.groups.tables import BASES, DEPENDENCIES, GROUPS, MEMBERS
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.exposure_values import OurExposures, owed_by
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import VOTES
from graphrisk.model.note import Note, both
from graphrisk.standing.connected import Connected, RiskGroup, memberships
from graphrisk.standing.grown import BY_DEPENDENCY, BY_FACT, BY_FAMILY, BY_STATE, BY_VOTES

_BASES = {"accounts": "合并报表", "votes": "表决权", "board": "董事会", "agreement": "协议", "other": "其他"}
_CRITERIA = {
    "receipts": "收入",
    "expenditure": "支出",
    "guarantee": "对外担保",
    "output": "产出",
    "repayment_source": "还款来源",
    "funding": "资金来源",
    "insolvency": "连带破产",
}
_HEAD = both("head of the group", "集团核心")
MOST_STEPS = 100
GAP = "…"
"""Steps of a way that are told; before them stands the head and this mark, where the way is longer."""
BASIS = {0: None, **dict(enumerate(BASES, start=1))}


class Evidence:
    """Says of a link in words what it rests on."""

    def __init__(self, graph: RiskGraph, found: Connected) -> None:
        self._ids = graph.party_ids
        self._found = found
        stakes = found.links.holdings.stakes
        pairs = zip(stakes.holder.tolist(), stakes.owned.tolist(), strict=True)
        self._stake = dict(zip(pairs, stakes.low[VOTES].tolist(), strict=True))
        controller, controlled = graph.ends("control")
        basis = graph.texts("control", "basis").tolist()
        self._fact = dict(zip(zip(controller.tolist(), controlled.tolist(), strict=True), basis, strict=True))
        depends = found.links.depends
        self._depends = (
            depends.criterion.tolist(),
            depends.ratio.tolist(),
            depends.coverage.tolist(),
            depends.derived.tolist(),
            depends.upstream.tolist(),
        )

    def of(self, group: RiskGroup, party: int) -> Note:
        """Return what joins a party to the group."""
        above, how, row = group.parents[party]
        who = self._ids[above]
        if how == BY_FACT and (above, party) in self._fact:
            basis = self._fact[above, party]
            return both(f"{who} controls it ({basis})", f"{who} 控制该户（{_BASES[basis]}）")
        if how in (BY_FACT, BY_VOTES):
            own, held = self._stake.get((above, party), 0.0), self._found.commands.held(row)
            if held <= own + 1e-9 or own > 0.5:
                return both(f"{who} holds {own:.2%} of the votes", f"{who} 持有 {own:.2%} 表决权")
            return both(
                f"{held:.2%} of the votes are held together, {own:.2%} by {who}",
                f"合计持有 {held:.2%} 表决权，其中 {who} 持有 {own:.2%}",
            )
        if how == BY_FAMILY:
            return both(f"close family of {who}", f"{who} 的近亲属")
        if how == BY_STATE:
            return both(f"directly under {who}, a state", f"由国家主体 {who} 直接控制")
        if how == BY_DEPENDENCY:
            return self.dependency(row)
        return _HEAD

    def dependency(self, row: int) -> Note:
        """Return a row of the dependencies in words."""
        on = self._ids[self._found.links.depends.on[row]]
        criterion, ratio, coverage, derived, upstream = (column[row] for column in self._depends)
        guarantee = criterion == "guarantee"
        known, covered = ratio == ratio, coverage == coverage
        size = "" if not known else f" {ratio:.0%} of net assets" if guarantee else f" {ratio:.0%}"
        english = f"{criterion.replace('_', ' ')}{size}, {'derived' if derived else 'declared'}"
        english += f" (recorded: {coverage:.0%} of the whole)" if covered else ""
        size = "" if not known else f"为净资产的 {ratio:.0%}" if guarantee else f" {ratio:.0%}"
        chinese = f"{_CRITERIA[criterion]}{size}，{'由数据推算' if derived else '人工认定'}"
        chinese += f"（已记录部分占总额 {coverage:.0%}）" if covered else ""
        return both(
            f"depends on {on}: {english}{', upstream' if upstream else ''}",
            f"依赖 {on}：{chinese}{'，向上传导' if upstream else ''}",
        )


def group_rows(
    graph: RiskGraph, found: Connected, ours: OurExposures, evidence: Evidence
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of groups and of their members, the largest exposure first."""
    ids = graph.party_ids
    exposure = owed_by(ours, *memberships(found.groups), len(found.groups)).exposure
    order = np.lexsort((np.arange(len(exposure)), -exposure)).tolist()
    groups: dict[str, list[object]] = {name: [] for name in GROUPS.names}
    members: dict[str, list[object]] = {name: [] for name in MEMBERS.names}
    for k in order:
        group, name = found.groups[k], found.ids[k]
        named = [str(ids[one]) for one in group.members]
        basis = group.basis
        groups["group_id"].append(name)
        groups["clients"].append(len(named))
        groups["exposure"].append(float(exposure[k]))
        groups["basis"].append(BASIS[basis])
        groups["head_id"].append(str(ids[group.head]))
        groups["reported_as"].append("a" if basis == 1 else "b")
        groups["parties"].append(named)
        for one in sorted(group.members, key=lambda one: (one != group.head, one)):
            members["group_id"].append(name)
            members["party_id"].append(str(ids[one]))
            members["basis"].append(BASIS[group.kinds[one]])
            way, whole = group.last_steps(one, MOST_STEPS)
            steps = [str(ids[step]) for step in way]
            members["path"].append(steps if whole else [str(ids[group.head]), GAP, *steps])
            why = evidence.of(group, one)
            members["evidence"].append(why.text)
            members["evidence_zh"].append(why.chinese)
            members["recorded_in"].append(None)
    return score_frame(GROUPS, groups), score_frame(MEMBERS, members)


def numbered(keys: Sequence[Hashable]) -> list[int]:
    """Return for each key how often it has stood so far, itself included."""
    seen: Counter[Hashable] = Counter()
    out = []
    for key in keys:
        seen[key] += 1
        out.append(seen[key])
    return out


def dependency_rows(graph: RiskGraph, found: Connected, around: set[int] | None) -> pd.DataFrame:
    """Return the dependencies, those that count first; `around`: only those of these parties."""
    depends = found.links.depends
    keep = np.ones(len(depends.on), dtype=bool)
    if around is not None:
        near = np.array(sorted(around), dtype=np.int64)
        keep = np.isin(depends.dependent, near) | np.isin(depends.on, near)
    rows = np.flatnonzero(keep)
    rows = rows[np.argsort(~depends.counts[rows], kind="stable")]
    ids = graph.party_ids
    return score_frame(
        DEPENDENCIES,
        {
            "dependent_id": ids[depends.dependent[rows]],
            "on_id": ids[depends.on[rows]],
            "criterion": depends.criterion[rows],
            "ratio": depends.ratio[rows],
            "coverage": depends.coverage[rows],
            "derived": depends.derived[rows],
            "counts": depends.counts[rows],
            "why_not": [why or None for why in depends.why[rows].tolist()],
            "number": numbered(
                [(depends.dependent[k], depends.on[k], depends.criterion[k], depends.derived[k]) for k in rows]
            ),
            "upstream": depends.upstream[rows],
        },
    )
