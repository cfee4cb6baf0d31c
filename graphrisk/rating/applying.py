"""A trained model applied to a sheet: PDs, grades, points, and what costs each client points. No scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError
from graphrisk.kernels.credit.points import points_of
from graphrisk.model.note import Note
from graphrisk.rating.kinds import FitPlan, find_kind
from graphrisk.rating.kinds.expert import check_raters, expert_reasons, rater_of
from graphrisk.rating.kinds.scorecard import bin_words, bins_of, points_lost
from graphrisk.rating.sheet import Sheet
from graphrisk.rating.training import calibrated

Floats = npt.NDArray[np.float64]
_LEAST_POINTS = 1e-9
_NEW_PART = 0.05
"""Part of the rows with an unknown category from which on it is a warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """PDs (n,) as calibrated, the score before it, rows of rate_ratings and rate_reasons, and notes."""

    pd: Floats
    score: Floats
    ratings: list[dict[str, Any]]
    reasons: list[dict[str, Any]]
    notes: tuple[Note, ...]


def apply_model(model: Mapping[str, Any], sheet: Sheet) -> Applied:
    """Return the ratings of the rows of a sheet. Raises DataError where it lacks columns of the model.

    A row in which the model knows nothing at all is not rated: its PD and grade are None, and a note counts it.
    """
    columns = columns_for(model, sheet)
    kind, plan = find_kind(model["kind"]), FitPlan()
    with np.errstate(over="ignore"):
        score = kind.pds(model["structure"], columns, sheet.size)
    pd = calibrated(model["calibration"], score, plan)
    known = _coverage(columns, sheet.size)
    blind = (known == 0.0) | np.isnan(score)
    pd = np.where(blind, np.nan, pd)
    score = np.where(blind, np.nan, score)
    grade = plan.policy.grade_of(pd)
    rules = plan.policy.scorecard
    points = points_of(pd, pdo=rules["pdo"], base=rules["base"], odds=rules["odds"])
    source = f"graphrisk rate: {model['kind']}, data {model['data']['fingerprint'][:12]}"
    ratings = [
        {
            "party_id": str(sheet.ids[k]),
            "as_of_on": sheet.days[k],
            "model": model["name"],
            "pd": None if blind[k] else float(pd[k]),
            "grade": grade[k],
            "points": None if blind[k] else float(points[k]),
            "coverage": float(known[k]),
            "source": source + _rater(model, columns, k),
        }
        for k in range(sheet.size)
    ]
    reasons = _reasons(model, columns, sheet)
    return Applied(pd=pd, score=score, ratings=ratings, reasons=reasons, notes=_notes(model, columns, blind))


def columns_for(model: Mapping[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Return the columns that a model needs from a sheet, in the model's kinds. Raises DataError."""
    needed = {column["name"]: column["kind"] for column in model["columns"]}
    lacking = sorted(name for name in needed if name not in sheet.columns)
    if model["kind"] == "expert" and any(name in sheet.columns for name, kind in needed.items() if kind == "number"):
        needed = {name: kind for name, kind in needed.items() if name not in lacking}  # judgement need not be complete
    elif lacking:
        shown = ", ".join(lacking[:5]) + (f" and {len(lacking) - 5} more" if len(lacking) > 5 else "")
        raise DataError(
            f"model {model['name']} needs {len(lacking)} column{'s' if len(lacking) > 1 else ''} that the data lacks: "
            f"{shown}",
            where=sheet.source,
            hint="give the data the columns of the model; graphrisk rate show names them",
        )
    found = {}
    for name, kind in needed.items():
        values = sheet.columns[name]
        if kind == "number" and values.dtype == object:
            if any(value is not None for value in values):
                raise DataError(
                    f"column {name} holds texts, and model {model['name']} was trained on numbers",
                    where=sheet.source,
                    hint="correct the column",
                )
            values = np.full(sheet.size, np.nan)
        found[name] = values
    if model["kind"] == "expert":
        check_raters(model["structure"], found, sheet.size, sheet.source)
    return found


def _rater(model: Mapping[str, Any], columns: Mapping[str, Any], row: int) -> str:
    said = rater_of(columns, model["structure"], row) if model["kind"] == "expert" else ""
    return f", graded by {said}" if said else ""


def _coverage(columns: Mapping[str, Any], rows: int) -> Floats:
    if not columns:
        return np.zeros(rows)
    known = [
        np.array([value is not None for value in values]) if values.dtype == object else ~np.isnan(values)
        for values in columns.values()
    ]
    return np.asarray(np.mean(known, axis=0))


def _reasons(model: Mapping[str, Any], columns: Mapping[str, Any], sheet: Sheet) -> list[dict[str, Any]]:
    """Return what costs each client points, the most first; of a scorecard and of an expert template."""
    if model["kind"] not in ("scorecard", "expert"):
        return []
    if model["kind"] == "expert":
        return expert_reasons(model["structure"], columns, sheet.ids, sheet.days)
    factors = model["structure"]["factors"]
    names, lost = points_lost(model["structure"], columns)
    words = [bin_words(factor) for factor in factors]
    at = [bins_of(factor, columns[factor["column"]]) for factor in factors]
    rows = []
    for k in range(sheet.size):
        order = sorted(range(len(names)), key=lambda j: (-lost[k, j], names[j]))
        rows += [
            {
                "party_id": str(sheet.ids[k]),
                "factor": names[j],
                "points_lost": float(lost[k, j]),
                "as_of_on": sheet.days[k],
                "value": words[j][int(at[j][k])],
            }
            for j in order
            if lost[k, j] > _LEAST_POINTS
        ]
    return rows


def _notes(model: Mapping[str, Any], columns: Mapping[str, Any], blind: npt.NDArray[np.bool_]) -> tuple[Note, ...]:
    notes = []
    if blind.any():
        many = int(blind.sum())
        least = "too few of the model's columns" if model["kind"] == "expert" else "no column of the model"
        notes.append(
            Note(
                "not_rated",
                f"{many:,} of {len(blind):,} rows have a value in {least}: not rated",
                f"{len(blind):,} 行中 {many:,} 行在模型所需的列中没有足够的值：未评级",
                severity="warning",
            )
        )
    for column in model["columns"]:
        if column["kind"] != "category" or not 0 < len(column["levels"]) < 200:
            continue
        seen = set(column["levels"])
        strange = [str(v) for v in columns[column["name"]] if v is not None and str(v) not in seen]
        if strange:
            part = len(strange) / max(len(blind), 1)
            shown = ", ".join(sorted(set(strange))[:3])
            notes.append(
                Note(
                    "new_categories",
                    f"{len(strange):,} values of {column['name']} were never seen in training ({shown}): counted as "
                    "other, or as missing where there was no other",
                    f"{column['name']} 有 {len(strange):,} 个训练时未见的取值（{shown}）：按其他或缺失处理",
                    severity="warning" if part > _NEW_PART else "info",
                )
            )
    return tuple(notes)
