"""What an answer on groups says first, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.graph.references import named
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.figures import money_en
from graphrisk.model.note import Note, reading_note
from graphrisk.regimes.exposure_rule import ExposureRule
from graphrisk.standing.connected import Connected
from graphrisk.standing.dependence import BELOW_CHECK, NO_NET_ASSETS, ONESELF, UNKNOWN

Frames = Mapping[str, pd.DataFrame]
_UNCOUNTED = (
    (
        UNKNOWN,
        "dependency_unknown",
        "cannot be measured, since sales, cost of materials or net assets are not known (listed, they join nobody)",
        "无法计量（销售收入、材料成本或净资产未知），已列出但不作为关联依据",
    ),
    (
        NO_NET_ASSETS,
        "dependency_no_net_assets",
        "are of guarantors with net assets of zero or less (for review, never a link by themselves)",
        "的担保人净资产为零或负，仅供复核，不单独作为关联依据",
    ),
    (
        BELOW_CHECK,
        "dependency_below_check",
        "are between clients that owe us too little to be looked into (proportionate; listed, they join nobody)",
        "的双方风险暴露未达核查标准（按比例原则，仅列示）",
    ),
    (ONESELF, "dependency_on_oneself", "are of a party on itself (left out)", "指向自身，不计入"),
)


def headline(graph: RiskGraph, frames: Frames, party: str | None, certificate: Mapping[str, Any]) -> list[str]:
    """Return the answer in one to four sentences."""
    groups, members = frames["groups_groups"], frames["groups_members"]
    if party is not None:
        said = [_one(graph, groups, members, party)]
    elif groups.empty:
        said = ["No two clients are connected by control or economic dependency in this data."]
    else:
        twice = int((members["party_id"].value_counts() > 1).sum())
        first = groups.iloc[0]
        said = [
            f"{members['party_id'].nunique():,} clients stand in {_count(len(groups), 'group')} of connected clients, "
            f"{twice:,} of them in more than one.",
            f"The largest exposure is to the group of {named(graph, str(first['head_id']))} ({first['group_id']}): "
            f"{money_en(first['exposure'], graph.base_currency)} with {int(first['clients']):,} clients.",
        ]
    if "against" in certificate:
        counts = frames["groups_changes"]["change"].value_counts().to_dict()
        said.append(
            f"Since {certificate['against']['as_of']}: {counts.get('joins', 0) + counts.get('new_group', 0):,} "
            f"memberships came, {counts.get('leaves', 0) + counts.get('gone_group', 0):,} went."
        )
    declared = frames["groups_declared"]
    if len(declared):
        many = declared["status"].value_counts().to_dict()
        said.append(
            f"Declared groups: {many.get('equal', 0):,} equal, {many.get('different', 0):,} different, "
            f"{many.get('not_found', 0):,} not found; {many.get('undeclared', 0):,} computed groups are not declared."
        )
    return [*said, f"Regime {certificate['regime']} ({certificate['version']})."]


def _one(graph: RiskGraph, groups: pd.DataFrame, members: pd.DataFrame, party: str) -> str:
    mine = members[members["party_id"] == party]
    if mine.empty:
        client = "" if groups.empty else f", but {_count(len(groups), 'group')} of clients hang together through it"
        return f"{named(graph, party)} stands in no group of connected clients{client}."
    parts = [f"{row['group_id']} ({row['basis']}: {row['evidence']})" for row in mine.head(5).to_dict("records")]
    more = f", and {len(mine) - 5:,} more" if len(mine) > 5 else ""
    return f"{named(graph, party)} stands in {_count(len(mine), 'group')}: {'; '.join(parts)}{more}."


def _count(many: int, what: str) -> str:
    return f"{many:,} {what}{'' if many == 1 else 's'}"


def said_of(
    graph: RiskGraph, found: Connected, frames: Frames, rule: ExposureRule, certificate: Mapping[str, Any]
) -> list[str]:
    """Return the notes: does the rule apply, what is not known, what became of rebuttals, what is only a hint."""
    notes: list[str] = []
    if not certificate["applies"]:
        notes.append(
            Note(
                "regime_does_not_apply",
                f"{certificate['regime']} applies from {certificate['valid_from']}"
                + (f" to {certificate['valid_to']}" if certificate["valid_to"] else "")
                + f"; it does not apply on {graph.as_of} and is answered all the same.",
                f"{certificate['regime']} 自 {certificate['valid_from']} 起适用，在 {graph.as_of} 不适用，仍予以回答。",
                severity="warning",
            )
        )
    why = found.links.depends.why
    for reason, key, english, chinese in _UNCOUNTED:
        many = int((why == reason).sum())
        if many:
            notes.append(Note(key, f"Dependencies that {english}: {many:,}.", f"{many:,} 条依赖{chinese}。"))
    status = frames["groups_rebuttals"]["status"].value_counts().to_dict()
    if status.get("expired"):
        many = status["expired"]
        notes.append(
            Note(
                "rebuttals_expired",
                f"{_count(many, 'rebuttal')} expired: decide again, what has expired no longer counts.",
                f"{many:,} 条反证已过期，不再生效，请重新认定。",
                severity="warning",
            )
        )
    if status.get("no_link"):
        many = status["no_link"]
        notes.append(
            Note(
                "rebuttals_without_link",
                f"{_count(many, 'rebuttal')} without effect: the two have no direct link of that kind.",
                f"{many:,} 条反证未消除任何关系：两者之间没有该类直接关系。",
            )
        )
    halves = _joint_halves(found)
    if halves:
        named = ", ".join(str(graph.party_ids[one]) for one in halves[:3])
        who = "1 party is" if len(halves) == 1 else f"{len(halves):,} parties are"
        notes.append(
            Note(
                "equal_halves",
                f"{who} held in equal halves ({named}): joint control would put them into the groups of both; it "
                "counts only where table control says so.",
                f"{len(halves):,} 户由两方各持一半表决权（{named}）：共同控制须在 control 表中记载方才计入两个集团。",
            )
        )
    notes.append(
        Note(
            "never_by_directors",
            "Shared directors, addresses and phones group nobody; they are hints for review.",
            "共同董事、地址、电话不构成关联客户，仅供复核。",
        )
    )
    if rule.reading:
        notes.append(reading_note(str(certificate["regime"]), rule.reading, rule.reading_zh))
    return [*notes, *found.links.holdings.notes]


def _joint_halves(found: Connected) -> list[int]:
    """Return the parties of which two hold exactly half of the votes each."""
    stakes = found.links.holdings.stakes
    half = np.abs(stakes.low[1] - 0.5) <= 1e-9
    held = np.bincount(stakes.owned[half & stakes.live], minlength=stakes.size)
    return np.flatnonzero(held == 2).tolist()
