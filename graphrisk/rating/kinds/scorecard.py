"""A points scorecard: monotone bins, weight of evidence, logistic regression; every point can be explained.

Source: Siddiqi, "Credit Risk Scorecards" (Wiley, 2006), chapters 6 and 7. Bins are monotone in each
factor; beside the others a coefficient may still turn round (columns that repeat one another), which is told; with
`monotone` such factors are left out, so that a better bin never has fewer points. What a factor costs a client is the
points of its best bin less those of the client's: exact, nothing is approximated.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError
from graphrisk.kernels.credit.points import chance, scaling
from graphrisk.kernels.credit.weight_of_evidence import information_value, monotone_edges, weight_of_evidence
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.kinds.logit import fit_logistic

LABEL = ("points scorecard", "打分卡")
LEARNS = True
Floats = npt.NDArray[np.float64]
MISSING = "missing"
OTHER = "other"


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan) -> dict[str, Any]:
    """Return the factors with bins, weights, coefficients and points. DataError where no factor tells anything."""
    rules = plan.policy.scorecard
    flags = bad.astype(bool)
    factors = []
    for name in sorted(columns):
        factor = _bins(name, columns[name], flags, rules)
        if factor is not None and factor["iv"] >= rules["least_iv"]:
            factors.append(factor)
    while factors:
        matrix = np.column_stack([np.array(f["woe"])[bins_of(f, columns[f["column"]])] for f in factors])
        intercept, weights = fit_logistic(matrix, bad, float(rules["penalty"]))
        wrong = [k for k, weight in enumerate(weights) if weight >= 0.0]
        if not wrong or not plan.monotone:
            break
        worst = max(wrong, key=lambda k: (float(weights[k]), factors[k]["column"]))
        factors.pop(worst)
    if not factors:
        raise DataError(
            "no column tells defaults from the others (information value below "
            f"{rules['least_iv']:g}, or no longer beside another)",
            hint="more rows or other columns are needed; graphrisk rate train --kind expert rates without history",
        )
    pace, offset = scaling(pdo=rules["pdo"], base=rules["base"], odds=rules["odds"])
    share = (offset - pace * intercept) / len(factors)
    for one, weight in zip(factors, weights, strict=True):
        one["coefficient"] = float(weight)
        one["points"] = [share - pace * float(weight) * woe for woe in one["woe"]]
    return {"intercept": intercept, "scale": {"factor": pace, "offset": offset}, "factors": factors}


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return 1 / (1 + odds) of the points."""
    logit = np.full(rows, float(structure["intercept"]))
    for factor in structure["factors"]:
        woe = np.array(factor["woe"])[bins_of(factor, columns[factor["column"]])]
        logit += factor["coefficient"] * woe
    return chance(logit)


def points_lost(structure: Mapping[str, Any], columns: Mapping[str, Any]) -> tuple[list[str], Floats]:
    """Return (factors, points that each costs each row against its best bin (rows, factors))."""
    names, lost = [], []
    for factor in structure["factors"]:
        points = np.array(factor["points"])
        names.append(str(factor["column"]))
        lost.append(points.max() - points[bins_of(factor, columns[factor["column"]])])
    return names, np.column_stack(lost)


def bins_of(factor: Mapping[str, Any], values: Any) -> npt.NDArray[np.int64]:
    """Return the bin of each value; the last bin is of missing ones."""
    last = len(factor["woe"]) - 1
    if factor["kind"] == "number":
        gone = np.isnan(values)
        at = np.searchsorted(np.array(factor["edges"]), np.where(gone, 0.0, values), side="left")
        return np.asarray(np.where(gone, last, at), dtype=np.int64)
    where = {level: k for k, group in enumerate(factor["levels"]) for level in group}
    other = where.get(OTHER, last)
    return np.array([last if v is None else where.get(str(v), other) for v in values], dtype=np.int64)


def bin_words(factor: Mapping[str, Any]) -> list[str]:
    """Return each bin in words: up to 3, over 3 up to 5, over 5, missing."""
    if factor["kind"] == "category":
        return [*(", ".join(group) for group in factor["levels"]), MISSING]
    edges = [f"{edge:.6g}" for edge in factor["edges"]]
    if not edges:
        return ["any", MISSING]
    inner = [f"over {low} up to {high}" for low, high in pairwise(edges)]
    return [f"up to {edges[0]}", *inner, f"over {edges[-1]}", MISSING]


def _bins(name: str, values: Any, bad: npt.NDArray[np.bool_], rules: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a factor with its bins and weights; None where it cannot be divided."""
    if values.dtype == object:
        factor = _category_bins(name, values, rules)
    else:
        known = ~np.isnan(values)
        edges = monotone_edges(
            values[known], bad[known], bins=int(rules["bins"]), smallest=float(rules["smallest_bin"])
        )
        factor = {"column": name, "kind": "number", "edges": edges.tolist()}
        factor["woe"] = [0.0] * (len(edges) + 2)
    at = bins_of(factor, values)
    many = np.bincount(at, minlength=len(factor["woe"])).astype(np.float64)
    worse = np.bincount(at, bad.astype(np.float64), minlength=len(factor["woe"]))
    goods, bads = many - worse, worse
    own = many[-1] >= rules["least_missing"]
    if not own and len(factor["woe"]) <= 2:
        return None
    counted = slice(None) if own else slice(0, -1)
    woe = np.zeros(len(many))
    woe[counted] = weight_of_evidence(goods[counted], bads[counted])
    if not own:
        woe[-1] = woe[:-1].min()  # too few to tell: counted as the worst
    factor["woe"] = woe.tolist()
    factor["goods"], factor["bads"] = goods.astype(int).tolist(), bads.astype(int).tolist()
    factor["iv"] = information_value(goods[counted], bads[counted])
    return factor


def _category_bins(name: str, values: Any, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return a factor of categories: each frequent level a bin, the rare ones together."""
    texts = np.array([MISSING if v is None else str(v) for v in values], dtype=object)
    known = np.array([v is not None for v in values], dtype=bool)
    levels, many = np.unique(texts[known].astype(str), return_counts=True)
    least = float(rules["smallest_bin"]) * len(values)
    large = [str(level) for level, count in zip(levels, many, strict=True) if count >= least]
    groups = [[level] for level in large]
    rare = [str(level) for level in levels if str(level) not in large]
    if rare:
        groups.append([*rare, OTHER])
    return {"column": name, "kind": "category", "levels": groups, "woe": [0.0] * (len(groups) + 1)}
