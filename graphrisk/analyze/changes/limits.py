"""Uses of limits in two snapshots side by side: what came nearer to a line, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.changes.matching import joined_codes, places, texts_of
from graphrisk.analyze.changes.reasons import columns, joined, said, said_in_chinese
from graphrisk.analyze.changes.scores import Kept
from graphrisk.analyze.changes.tables import LIMITS
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.ladder import LEVELS
from graphrisk.model.note import Note, both
from graphrisk.model.result import records
from graphrisk.standing.same_group import same_groups

_SAME = 1e-9
_READ = ("exposure_after", "use", "level", "capital_base")
_KEY = ("subject_id", "subject", "measure", "capital")
_INSIDE = both("its members or their contracts moved", "其成员或成员的合同有变动")
_ITS_OWN = both("its facilities, claims or cash collateral moved", "其授信、债权或现金抵质押有变动")


def limit_changes(kept: Kept, told: Mapping[str, Note]) -> pd.DataFrame:
    """Return the uses that are not the same; none where limits was not run on both snapshots."""
    old, new = kept.get("limits", (None, None))
    if old is None or new is None:
        return score_frame(LIMITS, {name: [] for name in LIMITS.names})
    same = same_groups(_clients(old), _clients(new))
    was, now = old.use, new.use
    group = (now["subject"] == "group").to_numpy()
    continued = now["subject_id"].where(~group, now["subject_id"].map(same))
    pairs = [(was["subject_id"], continued), *((was[name], now[name]) for name in _KEY[1:])]
    codes = joined_codes([[texts_of(side) for side in pair] for pair in pairs])
    at = places(*codes)
    in_both = np.flatnonzero(at >= 0)
    changed = in_both[_moved(was.iloc[at[in_both]], now.iloc[in_both])]
    gone = np.setdiff1d(np.arange(len(was)), at[in_both])
    sides = zip(_read(was, at[changed]), _read(now, changed), strict=True)
    rows = [_row(after, before, after, told) for before, after in sides]
    rows += [_row(after, None, after, told) for after in _read(now, np.flatnonzero(at < 0))]
    rows += [_row(before, before, None, told) for before in _read(was, gone)]
    rows.sort(key=lambda row: (-_rise(row), -abs(row["difference"]), *(row[k] for k in _KEY)))
    reasons = columns([row["why"] for row in rows])
    return score_frame(LIMITS, {**{k: [row[k] for row in rows] for k in LIMITS.names if k not in reasons}, **reasons})


def _read(use: pd.DataFrame, at: np.ndarray) -> list[dict[str, Any]]:
    return records(use.loc[:, [*_KEY, *_READ]].iloc[at])


def _clients(side: Any) -> dict[str, frozenset[str]]:
    """Return the clients of each group, by its id."""
    found: dict[str, list[str]] = {}
    for group, party in zip(side.members["group_id"].tolist(), side.members["party_id"].tolist(), strict=True):
        found.setdefault(str(group), []).append(str(party))
    return {group: frozenset(parties) for group, parties in found.items()}


def _moved(was: pd.DataFrame, now: pd.DataFrame) -> np.ndarray:
    """Return which rows of one side are not the same as those of the other, row by row."""
    found: np.ndarray = (was["level"].fillna("").to_numpy() != now["level"].fillna("").to_numpy()).astype(bool)
    for name in ("exposure_after", "use"):
        a, b = (side[name].to_numpy(dtype=np.float64) for side in (was, now))
        known = np.isfinite(a) & np.isfinite(b)
        gap = np.abs(np.where(known, a - b, 0.0)) > _SAME * np.maximum(np.abs(a), np.abs(b))
        found |= (np.isfinite(a) != np.isfinite(b)) | (known & gap)
    return found


def _row(
    named: dict[str, Any], before: dict[str, Any] | None, after: dict[str, Any] | None, told: Mapping[str, Note]
) -> dict[str, Any]:
    def of(side: dict[str, Any] | None, name: str) -> Any:
        return None if side is None else side[name]

    owed = [of(side, "exposure_after") for side in (before, after)]
    return {
        **{name: named[name] for name in _KEY},
        "before_id": of(before, "subject_id") if named["subject"] == "group" else None,
        "change": "new" if before is None else "gone" if after is None else "changed",
        "before": np.nan if owed[0] is None else owed[0],
        "after": np.nan if owed[1] is None else owed[1],
        "difference": (owed[1] or 0.0) - (owed[0] or 0.0),
        **{f"use_{when}": of(side, "use") for when, side in (("before", before), ("after", after))},
        **{f"level_{when}": of(side, "level") for when, side in (("before", before), ("after", after))},
        "why": _why(named, before, after, told),
    }


def _why(
    named: dict[str, Any], before: dict[str, Any] | None, after: dict[str, Any] | None, told: Mapping[str, Note]
) -> Note:
    parts = []
    if before is None or after is None or before["exposure_after"] != after["exposure_after"]:
        parts.append(_INSIDE if named["subject"] == "group" else told.get(named["subject_id"], _ITS_OWN))
    if before is not None and after is not None and before["capital_base"] != after["capital_base"]:
        capital = [before["capital_base"], after["capital_base"]]
        english, chinese = (" → ".join(say(one) for one in capital) for say in (said, said_in_chinese))
        parts.append(both(f"our capital {english}", f"本行资本 {chinese}"))
    return joined(parts)


def _rise(row: dict[str, Any]) -> int:
    """Return by how many steps the use rose; a use that is not known is no step."""
    steps = [-1 if row[name] is None else LEVELS.index(row[name]) for name in ("level_before", "level_after")]
    return max(0, steps[1] - max(steps[0], 0))
