"""What an answer on owners says first, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from graphrisk.graph.references import named
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import CAPITAL
from graphrisk.model.note import Note, both, reading_note
from graphrisk.regimes.rule import Version
from graphrisk.standing.holdings import Holdings, over_subscribed

if TYPE_CHECKING:
    from graphrisk.analyze.owners.analysis import Params


_BASES = {
    "ownership": both("owns", "持有"),
    "control": both("controls it, owning", "控制该主体，持有"),
    "ownership_and_control": both("owns and controls", "持股并控制，持有"),
    "undisclosed": both("is declared and not named, holding", "（已申报但未列名）持有"),
}
_NAMED = 5
"""Owners of one party that the answer names."""


def headline(
    graph: RiskGraph, frames: Mapping[str, pd.DataFrame], params: Params, certificate: Mapping[str, Any]
) -> list[Note]:
    """Return the answer in one to four sentences, each in both languages."""
    rule = f"{certificate['regime']} ({certificate['version']}, day {certificate['day']})"
    rule_zh = f"规则：{certificate['regime']}（{certificate['version']}，规则日 {certificate['day']}）。"
    if params.listed:
        return [_list(frames["owners_listed"]), both(f"Rule: {rule}.", rule_zh)]
    owners = frames["owners_owners"]
    said = [_one(graph, owners, params.party)] if params.party is not None else _book(owners)
    if params.other_regime is not None:
        count = frames["owners_changes"]["change"].value_counts().to_dict()
        other, more, less = certificate["against"], count.get("becomes", 0), count.get("ceases", 0)
        said.append(
            both(
                f"Under {other['regime']} ({other['version']}) {more:,} become owners and {less:,} cease to be.",
                f"按 {other['regime']}（{other['version']}），新增受益所有人 {more:,} 个，不再是的 {less:,} 个。",
            )
        )
    return [*said, both(f"Regime {rule}.", rule_zh)]


def _book(owners: pd.DataFrame) -> list[Note]:
    """Return how many own how many of the whole book."""
    known = owners[~owners["basis"].isin(["senior_manager", "undisclosed"])]
    sure = known[known["certain"].fillna(False).astype(bool)]
    persons, parties, rest = sure["owner_id"].nunique(), sure["party_id"].nunique(), len(known) - len(sure)
    said = [
        both(
            f"{persons:,} persons are certain owners of {parties:,} parties; {rest:,} more pairs are possible.",
            f"{persons:,} 人是 {parties:,} 个主体的确定受益所有人；另有 {rest:,} 对可能成立。",
        )
    ]
    if hidden := owners.loc[owners["basis"] == "undisclosed", "party_id"].nunique():
        said.append(
            both(
                f"{hidden:,} {'party has' if hidden == 1 else 'parties have'} an owner that is declared and not named.",
                f"{hidden:,} 个主体有已申报但未列名的所有人。",
            )
        )
    return said


def _one(graph: RiskGraph, owners: pd.DataFrame, party: str) -> Note:
    """Return who owns one party, in a sentence."""
    called = _called(graph, party)
    if str(graph.texts("parties", "kind")[graph.position(party)]) == "person":
        return both(
            f"{called.text} is a person: owners are asked of firms.",
            f"{called.chinese}是自然人：受益所有人只针对企业等主体查询。",
        )
    if owners.empty:
        return both(
            f"{called.text} has no beneficial owner in this data, and no manager is recorded.",
            f"本数据中{called.chinese}没有受益所有人，也没有高级管理人员的记录。",
        )
    parts = [_part(graph, row) for row in owners.head(_NAMED).to_dict("records")]
    rest = len(owners) - _NAMED
    return both(
        f"{called.text}: {'; '.join(part.text for part in parts)}{f', and {rest:,} more' if rest > 0 else ''}.",
        f"{called.chinese}：{'；'.join(part.chinese for part in parts)}{f'；另有 {rest:,} 个' if rest > 0 else ''}。",
    )


def _part(graph: RiskGraph, row: Mapping[Any, Any]) -> Note:
    """Return what one owner holds, and how sure that is."""
    name = _called(graph, row["owner_id"])
    if row["basis"] == "senior_manager":
        return both(
            f"{name.text} (senior manager, for want of an owner)", f"{name.chinese}（无受益所有人时的高级管理人员）"
        )
    word, share = _BASES[str(row["basis"])], _span(row["capital_min"], row["capital_max"])
    sure = both("certain", "确定") if bool(row["certain"]) else both("possible", "可能")
    return both(
        f"{name.text} {word.text} {share.text} ({sure.text})",
        f"{name.chinese}{word.chinese} {share.chinese}（{sure.chinese}）",
    )


def _called(graph: RiskGraph, party: str) -> Note:
    english = named(graph, party)
    return both(english, english.removesuffix(f" ({party})") + f"（{party}）" if english != party else party)


def _span(low: float, high: float) -> Note:
    if pd.isna(low) or pd.isna(high):
        return both("a share that is not known", "份额不详")
    if abs(high - low) < 1e-9:
        return both(f"{100 * low:.4g} %", f"{100 * low:.4g}%")
    return both(f"{100 * low:.4g} to {100 * high:.4g} %", f"{100 * low:.4g}% 至 {100 * high:.4g}%")


def _list(found: pd.DataFrame) -> Note:
    sure = int((found["reached"].fillna(False).astype(bool)).sum())
    maybe = int(found["reached"].isna().sum())
    flags = int(found["red_flag"].fillna(False).astype(bool).sum())
    more = f", and {maybe:,} more if what is not known turns out so" if maybe else ""
    more_zh = f"，另有 {maybe:,} 个取决于未知持股" if maybe else ""
    return both(
        f"The list reaches {sure:,} firm{'' if sure == 1 else 's'} for certain{more}; red flags: {flags:,}.",
        f"名单确定触及 {sure:,} 个主体{more_zh}；需警惕 {flags:,} 个。",
    )


def said_of(
    graph: RiskGraph,
    holdings: Holdings,
    frames: Mapping[str, pd.DataFrame],
    version: Version,
    certificate: Mapping[str, Any],
    params: Params,
) -> list[str]:
    """Return the notes: does the rule apply, what is our reading, what is not known."""
    notes: list[str] = []
    for stated in (certificate, certificate.get("against")):
        if stated is not None and not stated["applies"]:
            notes.append(
                Note(
                    "regime_ahead",
                    f"{stated['regime']} applies from {stated['valid_from']}; it does not apply yet on "
                    f"{stated['day']}, and is answered ahead of its time.",
                    f"{stated['regime']} 自 {stated['valid_from']} 起适用；"
                    f"在 {stated['day']} 尚未适用，此处为预先回答。",
                    severity="warning",
                )
            )
        if stated is not None and stated["reading"]:
            notes.append(reading_note(stated["regime"], stated["reading"], stated["reading_zh"]))
    notes += [*holdings.notes, *over_subscribed(graph, holdings.stakes)]
    if params.party is not None:
        at = graph.position(params.party)
        notes += _of_one(graph, holdings, at, frames["owners_owners"], version)
    return notes


def _of_one(graph: RiskGraph, holdings: Holdings, at: int, owners: pd.DataFrame, version: Version) -> list[str]:
    stakes, party = holdings.stakes, graph.party_ids[at]
    notes: list[str] = []
    entries = np.arange(stakes.start[at], stakes.start[at + 1])
    held = float(stakes.low[CAPITAL][entries].sum())
    if not len(entries) and not (holdings.facts[1] == at).any():
        notes.append(
            Note(
                "no_holders",
                f"{party} has no recorded holders: there is no data on its owners, which is not the same as none.",
                f"{party} 没有股东记录：这是没有数据，不等于没有所有人。",
            )
        )
    elif held < 1.0 - 1e-9:
        notes.append(
            Note(
                "shares_recorded",
                f"The least shares of the recorded holders of {party} add up to {held:.2%}.",
                f"{party} 已记录股东的最小持股合计为 {held:.2%}。",
            )
        )
    hidden = float(holdings.unknown[CAPITAL][at])
    if hidden > 0.0:
        notes.append(
            Note(
                "nominees_above",
                f"Up to {hidden:.2%} of {party} lies with nominees whose principals are not named: an owner named "
                "above it that would reach the threshold with it is listed as possible.",
                f"{party} 最多有 {hidden:.2%} 由未披露委托人的代持人持有：加上该份额即达到标准的上层所有人列为“可能”。",
            )
        )
    basis = set(owners["basis"])
    if "senior_manager" in basis:
        notes.append(
            Note(
                "managers_instead",
                "No owner is named: senior managers are the rule's fall-back and no owners.",
                "没有列名的受益所有人：按规则以高级管理人员代替，他们不是所有人。",
            )
        )
    elif owners.empty and version.fall_back == "senior_manager":
        notes.append(
            Note(
                "no_managers",
                "The rule falls back to senior managers, and none is recorded in ties (director, officer).",
                "该规则以高级管理人员代替，但 ties 表中没有董事或高管记录。",
            )
        )
    return notes
