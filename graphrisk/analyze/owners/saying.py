"""What an answer on owners says first, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from graphrisk.graph.references import named
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import CAPITAL
from graphrisk.model.note import Note
from graphrisk.regimes.rule import Version
from graphrisk.standing.holdings import Holdings, over_subscribed

if TYPE_CHECKING:
    from graphrisk.analyze.owners.analysis import Params


def headline(
    graph: RiskGraph, frames: Mapping[str, pd.DataFrame], params: Params, certificate: Mapping[str, Any]
) -> list[str]:
    """Return the answer in one to four sentences."""
    rule = f"{certificate['regime']} ({certificate['version']}, day {certificate['day']})"
    if params.listed:
        return [*_list(frames["owners_listed"]), f"Rule: {rule}."]
    owners = frames["owners_owners"]
    if params.party is not None:
        said = [_one(graph, owners, params.party)]
    else:
        named = owners[~owners["basis"].isin(["senior_manager", "undisclosed"])]
        sure = named[named["certain"].fillna(False).astype(bool)]
        said = [
            f"{sure['owner_id'].nunique():,} persons are certain owners of {sure['party_id'].nunique():,} parties; "
            f"{len(named) - len(sure):,} more pairs are possible."
        ]
        hidden = owners[owners["basis"] == "undisclosed"]
        if len(hidden):
            said.append(f"{hidden['party_id'].nunique():,} parties have an owner that is declared and not named.")
    if params.other_regime is not None:
        changes = frames["owners_changes"]
        count = changes["change"].value_counts().to_dict()
        other = certificate["against"]
        said.append(
            f"Under {other['regime']} ({other['version']}) {count.get('becomes', 0):,} become owners and "
            f"{count.get('ceases', 0):,} cease to be."
        )
    return [*said, f"Regime {rule}."]


def _one(graph: RiskGraph, owners: pd.DataFrame, party: str) -> str:
    """Return who owns one party, in a sentence."""
    called = named(graph, party)
    if str(graph.texts("parties", "kind")[graph.position(party)]) == "person":
        return f"{called} is a person: owners are asked of firms."
    if owners.empty:
        return f"{called} has no beneficial owner in this data, and no manager is recorded."
    parts = []
    for row in owners.head(5).to_dict("records"):
        name = named(graph, row["owner_id"])
        sure = bool(row["certain"])
        if row["basis"] == "senior_manager":
            parts.append(f"{name} (senior manager, for want of an owner)")
            continue
        share = _span(row["capital_min"], row["capital_max"])
        word = {"ownership": "owns", "control": "controls it, owning", "ownership_and_control": "owns and controls",
                "undisclosed": "is declared and not named, holding"}[str(row["basis"])]  # fmt: skip
        parts.append(f"{name} {word} {share} ({'certain' if sure else 'possible'})")
    more = f", and {len(owners) - 5:,} more" if len(owners) > 5 else ""
    return f"{called}: {'; '.join(parts)}{more}."


def _span(low: float, high: float) -> str:
    if pd.isna(low) or pd.isna(high):
        return "a share that is not known"
    if abs(high - low) < 1e-9:
        return f"{100 * low:.4g} %"
    return f"{100 * low:.4g} to {100 * high:.4g} %"


def _list(found: pd.DataFrame) -> list[str]:
    sure = int((found["reached"].fillna(False).astype(bool)).sum())
    maybe = int(found["reached"].isna().sum())
    flags = int(found["red_flag"].fillna(False).astype(bool).sum())
    said = f"The list reaches {sure:,} firm{'' if sure == 1 else 's'} for certain"
    if maybe:
        said += f", and {maybe:,} more if what is not known turns out so"
    return [f"{said}; red flags: {flags:,}."]


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
            chinese = stated["reading_zh"] or f"（仅有英文）{stated['reading']}"
            notes.append(
                Note("regime_reading", f"{stated['regime']}: {stated['reading']}", f"{stated['regime']}：{chinese}")
            )
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
