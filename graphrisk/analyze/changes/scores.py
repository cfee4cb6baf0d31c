"""Scores and findings of two snapshots side by side, and the book in one number each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.changes.parties import Pair, PartyStates
from graphrisk.analyze.changes.reasons import columns
from graphrisk.analyze.changes.tables import FINDINGS, SCORE, SUMMARY
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.riskgraph import rows_that_say
from graphrisk.model.note import Note
from graphrisk.model.note import both as reason
from graphrisk.model.result import Result, records

_SAME = 1e-9
_SEVERITY = ("high", "medium", "low")
_ORDER = ("bank_loss_caused", "loss_caused", "over_guarantee", "pd")
Kept = Mapping[str, tuple[Result | None, Result | None]]
"""Analyzer -> its results of the earlier and of the later snapshot; None where it was not run."""


def score_changes(
    before: PartyStates,
    after: PartyStates,
    pair: Pair,
    kept: Kept,
    told: Mapping[str, Note],
    parties: pd.DataFrame,
) -> pd.DataFrame:
    """Return the scores that moved."""
    frames = [*_losses(kept, told), _over(before, after, pair), _pds(before, after, pair, parties)]
    whole = pd.concat(
        [frame for frame in frames if len(frame)] or [pd.DataFrame(columns=list(SCORE.names))], ignore_index=True
    )
    if whole.empty:
        return score_frame(SCORE, {name: [] for name in SCORE.names})
    rank = whole["score"].map({name: at for at, name in enumerate(_ORDER)}).to_numpy(dtype=float)
    size = whole["difference"].abs().fillna(0.0).to_numpy(dtype=float)
    whole = whole.iloc[np.lexsort((whole["party_id"], -size, rank))]
    return score_frame(SCORE, {name: whole[name].tolist() for name in SCORE.names})


def _losses(kept: Kept, told: Mapping[str, Note]) -> list[pd.DataFrame]:
    old, new = kept.get("contagion", (None, None))
    if old is None or new is None:
        return []
    sides = [side.importance.set_index("party_id") for side in (old, new)]
    frames = []
    for score in ("bank_loss_caused", "loss_caused"):
        both = pd.concat([sides[0][score].rename("before"), sides[1][score].rename("after")], axis=1)
        gap = both["after"].fillna(0.0) - both["before"].fillna(0.0)
        size = np.maximum(both["before"].abs().fillna(0.0), both["after"].abs().fillna(0.0))
        both = both.assign(difference=gap)[gap.abs() > _SAME * size]
        frames.append(
            _rows(
                both,
                score,
                "base currency",
                [told.get(str(one), _AROUND) for one in both.index],
            )
        )
    return frames


def _over(before: PartyStates, after: PartyStates, pair: Pair) -> pd.DataFrame:
    given = pair.both(before.given, after.given)
    names = [
        np.where(rows >= 0, book.over[np.maximum(rows, 0)] if len(book.over) else "", "")
        for book, rows in ((before, pair.old), (after, pair.new))
    ]
    bad = [_stretched(side) for side in names]
    at = np.flatnonzero((bad[0] != bad[1]) | (bad[0] & (names[0] != names[1])))
    frame = pd.DataFrame({"before": given[0][at], "after": given[1][at]}, index=pair.ids[at])
    frame["difference"] = frame["after"].fillna(0.0) - frame["before"].fillna(0.0)
    reasons = [
        reason(f"{_plain(a)} → {_plain(b)}", f"{_COVER.get(str(a), '未知')} → {_COVER.get(str(b), '未知')}")
        for a, b in zip(names[0][at], names[1][at], strict=True)
    ]
    return _rows(frame, "over_guarantee", "base currency", reasons)


_AROUND = reason("its partners or their contracts moved", "其往来方或其合同有变动")
_COVER = {
    "ok": "未超过净资产",
    "beyond_net_assets": "超过净资产",
    "no_net_assets": "净资产不为正",
    "": "不在数据中",
}


def _plain(name: Any) -> str:
    return str(name).replace("_", " ") or "not in the data"


def _pds(before: PartyStates, after: PartyStates, pair: Pair, parties: pd.DataFrame) -> pd.DataFrame:
    was, now = pair.both(before.chance, after.chance)
    stays = (pair.old >= 0) & (pair.new >= 0)
    gap = np.nan_to_num(now) - np.nan_to_num(was)
    at = np.flatnonzero(stays & ((np.isnan(was) != np.isnan(now)) | (np.abs(gap) > _SAME * np.maximum(was, now))))
    frame = pd.DataFrame({"before": was[at], "after": now[at], "difference": gap[at]}, index=pair.ids[at])
    names = ("party_id", "reason", "reason_zh")
    told = {one: reason(why, chinese) for one, why, chinese in zip(*(parties[name] for name in names), strict=True)}
    return _rows(frame, "pd", "fraction", [told.get(one, reason("", "")) for one in frame.index])


def _rows(frame: pd.DataFrame, score: str, unit: str, reasons: list[Note]) -> pd.DataFrame:
    change = np.where(frame["before"].isna(), "new", np.where(frame["after"].isna(), "gone", "changed"))
    return frame.assign(party_id=frame.index, score=score, change=change, unit=unit, **columns(reasons)).reset_index(
        drop=True
    )


def finding_changes(kept: Kept) -> pd.DataFrame:
    """Return the findings of quality that are not the same."""
    old, new = kept.get("quality", (None, None))
    rows = []
    if old is not None and new is not None:
        sides = [{(row["check"], row["table"]): row for row in records(side.findings)} for side in (old, new)]
        for key in sorted(sides[0].keys() | sides[1].keys()):
            was, now = sides[0].get(key), sides[1].get(key)
            if was is not None and now is not None and was["rows"] == now["rows"]:
                continue
            one: Any = now if now is not None else was
            change = "new" if was is None else "gone" if now is None else "changed"
            rows.append((*key, one["severity"], change, was and was["rows"], now and now["rows"], str(one["finding"])))
    rank = {"new": 0, "changed": 1, "gone": 2}
    rows.sort(key=lambda row: (_SEVERITY.index(row[2]), rank[row[3]], row[0], row[1]))
    return score_frame(FINDINGS, {name: [row[at] for row in rows] for at, name in enumerate(FINDINGS.names)})


def summary(
    before: PartyStates, after: PartyStates, kept: Kept, networks: Mapping[str, tuple[int, int]]
) -> pd.DataFrame:
    """Return the book in one number each."""
    rows: list[tuple[str, str, float, float]] = []

    def add(measure: str, unit: str, was: float, now: float) -> None:
        rows.append((measure, unit, was, now))

    sides = (before, after)
    add("exposure", "base currency", *(float(side.exposure.sum()) for side in sides))
    add("parties", "count", *(float(side.graph.size) for side in sides))
    add("facilities", "count", *(float(side.graph.rows("facilities")) for side in sides))
    add("guaranteed", "base currency", *(float(side.given.sum()) for side in sides))
    add("mean_pd", "fraction", *(_mean_pd(side) for side in sides))
    down = [rows_that_say(side.graph, "parties", "status", "defaulted") for side in sides]
    add("defaulted", "count", *(float(one.sum()) for one in down))
    add("over_guaranteed", "count", *(float(_stretched(side.over).sum()) for side in sides))
    for name, counts in networks.items():
        add(name, "count", *(float(count) for count in counts))
    old, new = kept.get("contagion", (None, None))
    if old is not None and new is not None:
        add(
            "largest_bank_loss_caused",
            "base currency",
            *(float(side.importance["bank_loss_caused"].max()) for side in (old, new)),
        )
    old, new = kept.get("quality", (None, None))
    if old is not None and new is not None:
        add("high_findings", "count", *(float((side.findings["severity"] == "high").sum()) for side in (old, new)))
    columns = dict(zip(("measure", "unit", "before", "after"), zip(*rows, strict=True), strict=True))
    gap = [now - was for _, _, was, now in rows]
    return score_frame(SUMMARY, {**{name: list(values) for name, values in columns.items()}, "difference": gap})


def _stretched(over: np.ndarray) -> np.ndarray:
    """Return which parties gave more than they have."""
    return np.asarray((over == "beyond_net_assets") | (over == "no_net_assets"), dtype=bool)


def _mean_pd(book: PartyStates) -> float:
    rated = ~np.isnan(book.chance) & (book.exposure > 0)
    total = float(book.exposure[rated].sum())
    return float((book.chance[rated] * book.exposure[rated]).sum()) / total if total > 0 else float("nan")
