"""Columns that know too much: what was written after the outcome tells it almost for certain.

A column is suspected where it alone tells the outcomes apart nearly perfectly, or where a strong model falls far
without it and whatever repeats it. Being suspected proves nothing: a person looks at when the column was written.

Source: Kaufman, Rosset and Perlich, "Leakage in data mining", ACM TKDD 6 (2012), section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.credit.discrimination import auc
from graphrisk.kernels.credit.weight_of_evidence import monotone_edges, weight_of_evidence
from graphrisk.progress import Progress, silent
from graphrisk.rating.kinds import FitPlan, boosted
from graphrisk.rating.sample import Folds, rows_of
from graphrisk.rating.trials import one_thread

Floats = npt.NDArray[np.float64]
_ROUNDS = 40
_SAME = 0.9
"""Rank correlation from which on two columns repeat one another."""
_FROM = 0.65
"""AUC alone from which on a column is worth a closer look."""


def find_leaks(
    columns: Mapping[str, Any], bad: Floats, folds: Folds, plan: FitPlan, *, progress: Progress = silent
) -> list[dict[str, Any]]:
    """Return per column auc_alone, and of the strongest auc_with and auc_without it; suspected ones first.

    All are out of sample. auc_with and auc_without are None where the column alone is too weak to be tried.
    """
    rules = plan.policy.leaks
    alone = {name: _alone(values, bad, folds) for name, values in columns.items()}
    ranked = sorted(columns, key=lambda name: (-alone[name], name))
    tried = [name for name in ranked[: int(rules["candidates"])] if alone[name] >= _FROM]
    whole = _strength(columns, bad, folds, plan) if tried else None
    found = []
    for at, name in enumerate(ranked):
        without = None
        if name in tried:
            progress("looking for columns that know too much", at, len(tried))
            rest = {other: values for other, values in columns.items() if other not in _repeated(name, columns)}
            without = _strength(rest, bad, folds, plan)
        big = whole is not None and without is not None
        drop = whole - without if whole is not None and without is not None else 0.0
        suspected = alone[name] >= rules["alone"] or (
            big and whole is not None and whole >= rules["together"] and drop >= rules["drop"]
        )
        found.append(
            {
                "column": name,
                "auc_alone": alone[name],
                "auc_with": whole if name in tried else None,
                "auc_without": without,
                "suspected": bool(suspected),
            }
        )
    return sorted(
        found, key=lambda one: (not one["suspected"], one["auc_without"] or 1.0, -one["auc_alone"], one["column"])
    )


def _alone(values: Any, bad: Floats, folds: Folds) -> float:
    """Return the AUC of a column by itself, out of sample; what is missing counts as a value."""
    score = np.empty(len(bad))
    for fold in np.unique(folds):
        test, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        codes = _codes(values, rest, bad)
        many = int(codes.max()) + 1
        worse = np.bincount(codes[rest], bad[rest], minlength=many)
        good = np.bincount(codes[rest], minlength=many) - worse
        score[test] = -weight_of_evidence(good, worse)[codes[test]]
    aucs = [auc(bad[folds == fold], score[folds == fold]) for fold in np.unique(folds)]
    return float(np.mean(aucs))


def _codes(values: Any, rest: npt.NDArray[np.int64], bad: Floats) -> npt.NDArray[np.int64]:
    if values.dtype == object:
        texts = np.array(["" if value is None else str(value) for value in values])
        return np.asarray(np.unique(texts, return_inverse=True)[1], dtype=np.int64)
    gone = np.isnan(values)
    known = rest[~gone[rest]]
    edges = monotone_edges(values[known], bad[known].astype(bool), bins=20, smallest=0.01)
    zero = np.where(gone, 0.0, values)
    return np.asarray(np.where(gone, len(edges) + 1, np.searchsorted(edges, zero, side="left")), dtype=np.int64)


def _strength(columns: Mapping[str, Any], bad: Floats, folds: Folds, plan: FitPlan) -> float:
    """Return the AUC of short boosted trees out of sample; one half without a column."""
    if not columns:
        return 0.5
    aucs = []
    for fold in np.unique(folds)[:2]:
        test, rest = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        with one_thread():
            structure = boosted.fit(rows_of(columns, rest), bad[rest], plan, rounds=_ROUNDS)
        aucs.append(auc(bad[test], boosted.pds(structure, rows_of(columns, test), len(test))))
    return float(np.mean(aucs))


def _repeated(name: str, columns: Mapping[str, Any]) -> set[str]:
    """Return the column itself and the columns that repeat it: ranked alike, or missing where it is."""
    own = columns[name]
    found = {name}
    if own.dtype == object:
        return found
    ranks = _ranks(own)
    for other, values in columns.items():
        if other != name and values.dtype != object and abs(_correlation(ranks, _ranks(values))) >= _SAME:
            found.add(other)
    return found


def _ranks(values: Floats) -> Floats:
    """Return middle ranks; missing values as the lowest."""
    filled = np.where(np.isnan(values), -np.inf, values)
    ordered = np.sort(filled)
    low, high = np.searchsorted(ordered, filled, side="left"), np.searchsorted(ordered, filled, side="right")
    return np.asarray((low + high) / 2.0)


def _correlation(a: Floats, b: Floats) -> float:
    x, y = a - a.mean(), b - b.mean()
    size = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return float((x * y).sum() / size) if size > 0.0 else 0.0
