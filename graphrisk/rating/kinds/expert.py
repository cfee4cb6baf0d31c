"""An expert factor template: anchored grades from 1 (worst) to 5, weights by segment, a PD by judgement.

The grade of a factor comes from cuts on a column, or is given by a rater who says who they are and when. The score is a
weighted mean of the grades that are known; the log odds are linear in it. A client with less than half of the weight
known is not rated. Source: none but the template; the documents that ask for the "CREDIT" method do not define it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.credit.points import chance, logit_of, scaling
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.policy import rating_policy

LABEL = ("expert template", "专家评分模板")
LEARNS = False
Floats = npt.NDArray[np.float64]
BEST, WORST = 5, 1
LEAST_KNOWN = 0.5
"""Part of a client's weight that must be known."""
RATER, RATED_ON = "rater", "rated_on"


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan) -> dict[str, Any]:
    """Raise UsageError: a template is written, not learned."""
    raise UsageError(f"an expert template learns nothing ({len(columns)} columns, seed {plan.seed}, {len(bad)} rows)")


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return the PD of each row; NaN where too little is known."""
    grades, weights = _graded(structure, columns, rows)
    known = ~np.isnan(grades)
    total = (weights * known).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.where(known, weights * np.nan_to_num(grades), 0.0).sum(axis=1) / total
    enough = total >= LEAST_KNOWN * weights.sum(axis=1)
    base, slope = _line(structure)
    return np.where(enough & (total > 0.0), chance(base + slope * np.where(enough, score, 3.0)), np.nan)


def expert_reasons(
    structure: Mapping[str, Any], columns: Mapping[str, Any], ids: Any, days: Sequence[date | None]
) -> list[dict[str, Any]]:
    """Return rows of rate_reasons: what each grade below 5 costs, exactly."""
    grades, weights = _graded(structure, columns, len(ids))
    known = ~np.isnan(grades)
    total = (weights * known).sum(axis=1)
    rules = rating_policy().scorecard
    factor, _ = scaling(pdo=rules["pdo"], base=rules["base"], odds=rules["odds"])
    _, slope = _line(structure)
    rows = []
    for k in range(len(ids)):
        lost = {}
        for j, one in enumerate(structure["factor"]):
            if known[k, j] and grades[k, j] < BEST and total[k] > 0.0:
                cost = -factor * slope * weights[k, j] * (BEST - grades[k, j]) / total[k]
                lost[one["name"]] = (float(cost), f"grade {int(grades[k, j])} of {BEST}")
        for name in sorted(lost, key=lambda n: (-lost[n][0], n)):
            cost, words = lost[name]
            rows.append(
                {"party_id": str(ids[k]), "factor": name, "points_lost": cost, "as_of_on": days[k], "value": words}
            )
    return rows


def expert_factors(structure: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return rows of rate_factors: each factor's grades in words, and its weight by default."""
    rows = []
    for one in structure["factor"]:
        for grade, words in enumerate(_words(one), start=WORST):
            text = f"{one['group']}: {words} (grade {grade})"
            rows.append({"factor": one["name"], "bin": text, "weight": float(one["weights"]["default"])})
    return rows


def rater_of(columns: Mapping[str, Any], structure: Mapping[str, Any], row: int) -> str:
    """Return who graded a row and when, where a person did; "" else."""
    rated = [one["column"] for one in structure["factor"] if "anchors" in one]
    if not any(name in columns and not np.isnan(columns[name][row]) for name in rated):
        return ""
    return f"{columns[RATER][row]}, {columns[RATED_ON][row]}"


def check_raters(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int, source: str) -> None:
    """Raise DataError where a grade was given and nobody says who gave it and when, or it is none of 1 to 5."""
    for one in structure["factor"]:
        if "anchors" not in one or one["column"] not in columns:
            continue
        given = columns[one["column"]]
        known = ~np.isnan(given)
        wrong = sorted({float(value) for value in given[known] if value not in (1, 2, 3, 4, 5)})
        if wrong:
            raise DataError(
                f"{one['column']} is a grade from {WORST} to {BEST}, and holds {wrong[0]:g}", where=source,
                hint="; ".join(f"{k}: {words}" for k, words in enumerate(one["anchors"], start=WORST)),
            )  # fmt: skip
        for name in (RATER, RATED_ON):
            said = columns.get(name)
            silent = known.sum() if said is None else sum(known[k] and said[k] is None for k in range(rows))
            if silent:
                who = "who gave them" if name == RATER else "when"
                raise DataError(
                    f"{int(silent):,} grades in {one['column']} do not say {who}",
                    where=source,
                    hint=f"fill the columns {RATER} and {RATED_ON} beside each judgement",
                )


def _graded(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> tuple[Floats, Floats]:
    """Return (grades with NaN (rows, factors), weights (rows, factors))."""
    factors = structure["factor"]
    grades = np.full((rows, len(factors)), np.nan)
    weights = np.zeros((rows, len(factors)))
    segment = columns.get(structure.get("segment") or "")
    for j, one in enumerate(factors):
        given = columns.get(one["column"], np.full(rows, np.nan))
        known = ~np.isnan(given)
        if "anchors" in one:
            grades[known, j] = given[known]
        else:
            cuts = np.array(one["cuts"], dtype=np.float64)
            above = np.searchsorted(cuts, given[known], side="right")
            grades[known, j] = WORST + above if one["higher"] else BEST - above
        table = one["weights"]
        weights[:, j] = float(table["default"])
        if segment is not None:
            for name, weight in table.items():
                if name != "default":
                    weights[np.array([value == name for value in segment]), j] = float(weight)
    return grades, weights


def _line(structure: Mapping[str, Any]) -> tuple[float, float]:
    """Return (intercept, slope) of the log odds in the score."""
    best, worst = (float(logit_of(structure["scale"][end])) for end in ("best", "worst"))
    slope = (best - worst) / (BEST - WORST)
    return worst - WORST * slope, slope


def _words(one: Mapping[str, Any]) -> list[str]:
    if "anchors" in one:
        return list(one["anchors"])
    cuts = [f"{cut:g}" for cut in one["cuts"]]
    bands = [f"below {cuts[0]}", *(f"{a} to below {b}" for a, b in pairwise(cuts)), f"{cuts[-1]} on"]
    return bands if one["higher"] else bands[::-1]
