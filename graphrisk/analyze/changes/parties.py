"""Parties of two snapshots side by side: exposure, PD, equity, status, guarantees given, and what moved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.changes.matching import codes_of, places, texts_of
from graphrisk.analyze.changes.reasons import columns, joined, said, said_in_chinese
from graphrisk.analyze.changes.tables import PARTIES
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.pd import grades_of, pds_of
from graphrisk.credit.portfolio_params import SKIP
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.model.note import Note, both

_NAMED = 3
"""Contracts of a party that are named in its reason; of more the number is told."""
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyStates:
    """What one snapshot says of each party: outstanding at our bank, PD (`chance`, NaN without one), equity, caps."""

    graph: RiskGraph
    exposure: Floats
    chance: Floats
    equity: Floats
    given: Floats
    over: np.ndarray


def book_of(graph: RiskGraph) -> PartyStates:
    """Return what a snapshot says of each party."""
    own = own_book(graph)
    exposure = sum_by(own.borrower, own.ead, graph.size)
    pd_of, rated = pds_of(
        graph, model=None, multiplier=1.0, missing=SKIP, ead=exposure, skipped="", notes=[], several="highest"
    )
    arcs = arcs_of(graph, "guarantees")
    given = sum_by(arcs.source, arcs.weight, graph.size)
    equity = graph.equity
    over = np.full(graph.size, "ok", dtype=object)
    over[(given > 0) & (given > equity * (1.0 + _SAME))] = "beyond_net_assets"
    over[(given > 0) & (equity <= 0)] = "no_net_assets"
    over[(given > 0) & np.isnan(equity)] = "unknown"
    return PartyStates(
        graph=graph, exposure=exposure, chance=np.where(rated, pd_of, np.nan), equity=equity, given=given, over=over
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two books on one list of parties (`ids`, and as `texts`): where each stands in either (-1 where it does not)."""

    ids: np.ndarray
    old: np.ndarray
    new: np.ndarray
    texts: pa.Array

    def find(self, ids: pd.Series[str]) -> np.ndarray:
        """Return where some ids stand on the list; -1 where they do not."""
        at = pc.index_in(texts_of(ids), value_set=self.texts, skip_nulls=True)
        return np.asarray(at.fill_null(-1).to_numpy(), dtype=np.int64)

    def both(self, was: Floats, now: Floats) -> tuple[Floats, Floats]:
        """Return a measure of both books on the list, NaN where a party is not in one."""
        return _at(was, self.old), _at(now, self.new)


def pair_of(before: PartyStates, after: PartyStates) -> Pair:
    """Return the parties of both books by id, those of the later first."""
    sides = [side.graph.tables.column("parties", "party_id").combine_chunks() for side in (before, after)]
    old, new = codes_of(sides)
    gone = np.flatnonzero(places(new, old) < 0)
    codes = np.concatenate([new, old[gone]])
    texts = pa.concat_arrays([sides[1], sides[0].take(pa.array(gone))])
    ids = np.concatenate([after.graph.party_ids, before.graph.party_ids[gone]])
    return Pair(ids=ids, old=places(old, codes), new=places(new, codes), texts=texts)


def party_changes(before: PartyStates, after: PartyStates, pair: Pair, told: Mapping[str, Note]) -> pd.DataFrame:
    """Return the parties that are not the same, the largest effect first; `told`: what their contracts moved."""
    exposure = pair.both(before.exposure, after.exposure)
    chance = pair.both(before.chance, after.chance)
    equity = pair.both(before.equity, after.equity)
    born, died = pair.old < 0, pair.new < 0
    status = _texts(before, "status", pair.old), _texts(after, "status", pair.new)
    over = _pick(before.over, pair.old), _pick(after.over, pair.new)
    stays = ~born & ~died
    moved = born | died | _differs(*exposure) | _differs(*chance) | _differs(*equity)
    moved |= stays & ((status[0] != status[1]) | (over[0] != over[1]))
    at = np.flatnonzero(moved)
    was, now = (np.nan_to_num(side[at]) for side in exposure)
    risk = [np.nan_to_num(c[at]) * e for c, e in zip(chance, (was, now), strict=True)]
    effect = np.abs(now - was) + np.abs(risk[1] - risk[0])
    order = np.lexsort((pair.ids[at], -np.abs(np.nan_to_num(equity[1][at]) - np.nan_to_num(equity[0][at])), -effect))
    at, effect = at[order], effect[order]
    gap = np.nan_to_num(exposure[1][at]) - np.nan_to_num(exposure[0][at])
    return score_frame(
        PARTIES,
        {
            "party_id": pair.ids[at],
            "change": np.where(born[at], "new", np.where(died[at], "gone", "changed")),
            "before": exposure[0][at],
            "after": exposure[1][at],
            "difference": gap,
            "pd_before": chance[0][at],
            "pd_after": chance[1][at],
            "equity_before": equity[0][at],
            "equity_after": equity[1][at],
            "effect": effect,
            **columns(_reasons(before, after, pair, at, told, (status, over, equity, chance))),
        },
    )


def _reasons(
    before: PartyStates,
    after: PartyStates,
    pair: Pair,
    at: np.ndarray,
    told: Mapping[str, Note],
    states: tuple[tuple[np.ndarray, np.ndarray], ...],
) -> list[Note]:
    """Return what moved each party: its contracts, then rating, accounts, status and guarantees given."""
    status, over, equity, chance = states
    rerated, revalued = _differs(*chance), _differs(*equity)
    grades = (
        _pick(grades_of(before.graph, several="highest"), pair.old),
        _pick(grades_of(after.graph, several="highest"), pair.new),
    )
    periods = _pick(_periods(before.graph), pair.old), _pick(_periods(after.graph), pair.new)
    out = []
    for k in at.tolist():
        parts: list[Note] = []
        if pair.old[k] < 0:
            parts.append(both("new party", "新增主体"))
        elif pair.new[k] < 0:
            parts.append(both("no longer in the data", "已不在数据中"))
        if pair.ids[k] in told:
            parts.append(told[pair.ids[k]])
        if pair.old[k] >= 0 and pair.new[k] >= 0:
            if rerated[k] or grades[0][k] != grades[1][k]:
                graded = [
                    (_graded(side[k], part[k]), _graded(side[k], part[k], "无违约概率"))
                    for side, part in zip(grades, chance, strict=True)
                ]
                parts.append(both(f"rating {graded[0][0]} → {graded[1][0]}", f"评级 {graded[0][1]} → {graded[1][1]}"))
            if revalued[k]:
                day, values = periods[1][k], [float(side[k]) for side in equity]
                parts.append(
                    both(
                        f"equity {said(values[0])} → {said(values[1])}"
                        + ("" if day is None else f" (accounts of {day})"),
                        f"净资产 {said_in_chinese(values[0])} → {said_in_chinese(values[1])}"
                        + ("" if day is None else f"（{day} 报表）"),
                    )
                )
            if status[0][k] != status[1][k]:
                stands = [side[k] for side in status]
                parts.append(
                    both(
                        f"status {stands[0] or 'unknown'} → {stands[1] or 'unknown'}",
                        f"状态 {_STATUS.get(str(stands[0]), '未知')} → {_STATUS.get(str(stands[1]), '未知')}",
                    )
                )
            if over[0][k] != over[1][k]:
                parts.append(
                    both(
                        f"guarantees given: {_words(over[0][k])[0]} → {_words(over[1][k])[0]}",
                        f"对外担保：{_words(over[0][k])[1]} → {_words(over[1][k])[1]}",
                    )
                )
        out.append(joined(parts))
    return out


def contract_reasons(contracts: pd.DataFrame) -> dict[str, Note]:
    """Return for each party the contracts of its own that moved, the largest first, in a few words."""
    own = contracts[contracts["table"].isin(["facilities", "guarantees", "exposures"]) & contracts["party_id"].notna()]
    if own.empty:
        return {}
    rank = own.groupby("party_id", sort=False).cumcount()
    count = own.groupby("party_id", sort=False).size()
    shown = own[rank < _NAMED]
    texts: dict[str, list[Note]] = {}
    names = ("table", "contract_id", "party_id", "change", "before", "after", "reason", "reason_zh")
    for table, contract, owner, change, was, now, why, why_zh in zip(*(shown[name] for name in names), strict=True):
        one, chinese = _SINGULAR[table]
        if change == "new":
            text = both(f"{one} {contract} new: {said(now)}", f"新增{chinese} {contract}：{said_in_chinese(now)}")
        elif change == "gone":
            text = both(
                f"{one} {contract} gone: {said(was)} ({why})",
                f"{chinese} {contract} 消失：{said_in_chinese(was)}（{why_zh}）",
            )
        else:
            text = both(f"{one} {contract}: {why}", f"{chinese} {contract}：{why_zh}")
        texts.setdefault(owner, []).append(text)
    for owner, found in texts.items():
        if count[owner] > _NAMED:
            left = count[owner] - _NAMED
            found.append(both(f"{left} more contracts", f"另有 {left} 份合同"))
    return {owner: joined(found) for owner, found in texts.items()}


_SINGULAR = {"facilities": ("facility", "授信"), "guarantees": ("guarantee", "担保"), "exposures": ("claim", "债权")}
_STATUS = {"active": "正常", "watch": "关注", "defaulted": "违约", "closed": "已关闭"}


def _periods(graph: RiskGraph) -> np.ndarray:
    """Return the last day of the accounts from which each party's equity is taken; None without."""
    found = np.full(graph.size, None, dtype=object)
    party = graph.positions("financials", "party_id")
    known = (party >= 0) & ~np.isnan(graph.floats("financials", "equity"))
    found[party[known]] = graph.texts("financials", "period_end_on")[known]
    return found


def _graded(grade: object, chance: float, unknown: str = "no PD") -> str:
    number = unknown if np.isnan(chance) else f"PD {chance:.2%}"
    return number if grade is None else f"{grade} ({number})"


def _words(name: object) -> tuple[str, str]:
    """Return what a guarantor's class of cover says, in English and Chinese."""
    return {
        "ok": ("within net assets", "未超过净资产"),
        "beyond_net_assets": ("beyond net assets", "超过净资产"),
        "no_net_assets": ("no net assets", "净资产不为正"),
    }.get(str(name), ("net assets unknown", "净资产未知"))


def _at(values: Floats, rows: np.ndarray) -> Floats:
    out = np.full(len(rows), np.nan)
    out[rows >= 0] = values[rows[rows >= 0]]
    return out


def _pick(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    out = np.full(len(rows), None, dtype=object)
    out[rows >= 0] = values[rows[rows >= 0]]
    return out


def _texts(book: PartyStates, column: str, rows: np.ndarray) -> np.ndarray:
    return _pick(book.graph.texts("parties", column), rows)


def _differs(was: Floats, now: Floats) -> np.ndarray:
    size = np.maximum(np.abs(np.nan_to_num(was)), np.abs(np.nan_to_num(now)))
    gap = np.abs(np.nan_to_num(now) - np.nan_to_num(was)) > _SAME * size
    found: np.ndarray = (np.isnan(was) != np.isnan(now)) | gap
    return found
