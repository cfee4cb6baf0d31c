"""Columns that know too much: what was written after the outcome tells it almost for certain.

A column is suspected where it alone tells the outcomes apart nearly perfectly, or where a strong model owes most of its
strength to it and to what repeats it. Being suspected proves nothing: a person looks at when the column was written.

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
_SUM = 0.98
"""Part of a column's variance from which on a sum of others stands for it: an end date is a start and a length."""
_MOST_REPEATED = 6
_HUGE = 1e100
"""Beyond it a square would overflow."""
_FROM = 0.65
"""AUC alone from which on a column is worth a closer look."""


def find_leaks(
    columns: Mapping[str, Any], bad: Floats, folds: Folds, plan: FitPlan, *, progress: Progress = silent
) -> list[dict[str, Any]]:
    """Return per column auc_alone, and of the strongest auc_with and auc_without it; suspected ones first.

    All are out of sample. Columns that tell the outcome alone are set aside before the others are tried; what repeats
    a suspected column is suspected with it. auc_with and auc_without are None where a column is too weak to be tried.
    """
    rules = plan.policy.leaks
    alone = {name: _alone(values, bad, folds) for name, values in columns.items()}
    ranked = sorted(columns, key=lambda name: (-alone[name], name))
    telling = [name for name in ranked if alone[name] >= rules["alone"]]
    rest = {name: values for name, values in columns.items() if name not in telling}
    strong = [name for name in ranked if name in rest and alone[name] >= _FROM][: int(rules["candidates"])]
    whole = _strength(rest, bad, folds, plan) if strong or telling else None
    suspected = set(telling)
    tried: dict[str, tuple[float, float]] = {}
    for name in telling[: int(rules["candidates"])]:
        tried[name] = _strength({**rest, name: columns[name]}, bad, folds, plan), float(whole or 0.5)
    sums = _Sums(rest)
    for at, name in enumerate(strong):
        progress("looking for columns that know too much", at, len(strong))
        same = sums.repeated(name)
        left = _strength({other: rest[other] for other in rest if other not in same}, bad, folds, plan)
        full = float(whole or 0.5)
        tried[name] = full, left
        much = full >= rules["together"] and full - left >= rules["drop"]
        if much and 1.0 - full <= rules["error_left"] * (1.0 - left):
            suspected |= same
            tried |= {other: (full, left) for other in same if other not in tried}
    found = [
        {
            "column": name,
            "auc_alone": alone[name],
            "auc_with": tried[name][0] if name in tried else None,
            "auc_without": tried[name][1] if name in tried else None,
            "suspected": name in suspected,
        }
        for name in ranked
    ]
    return sorted(found, key=lambda one: (not one["suspected"], -one["auc_alone"], one["column"]))


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


class _Sums:
    """The numbers among the columns, standardised, and how they go together: computed once."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.names = sorted(name for name, values in columns.items() if values.dtype != object)
        ranks = [_standard(_ranks(columns[name])) for name in self.names]
        plain = [_standard(columns[name]) for name in self.names]
        rows = max(len(ranks[0]) if ranks else 1, 1)
        self.ranked = np.array(ranks) @ np.array(ranks).T / rows if ranks else np.zeros((0, 0))
        self.plain = np.array(plain) @ np.array(plain).T / rows if plain else np.zeros((0, 0))

    def repeated(self, name: str) -> set[str]:
        """Return the column itself and what repeats it: ranked alike, or needed to write it as a sum of others."""
        if name not in self.names:
            return {name}
        own = self.names.index(name)
        alike = set(np.flatnonzero(np.abs(self.ranked[own]) >= _SAME).tolist()) | {own}
        rest = [k for k in range(len(self.names)) if k not in alike]
        while rest and len(alike) < _MOST_REPEATED and self._explained(own, rest) >= _SUM:
            kept = [self._explained(own, [k for k in rest if k != other]) for other in rest]
            worst = rest[int(np.argmin(kept))]  # without it the sum falls apart most
            alike.add(worst)
            rest.remove(worst)
        return {self.names[k] for k in alike}

    def _explained(self, own: int, others: list[int]) -> float:
        """Return the part of a column's variance that a weighted sum of others explains."""
        total = float(self.plain[own, own])
        if not others or total <= 0.0:
            return 0.0
        inner = self.plain[np.ix_(others, others)] + 1e-9 * np.eye(len(others))
        outer = self.plain[others, own]
        return float(outer @ np.linalg.solve(inner, outer)) / total


def _standard(values: Floats) -> Floats:
    values = np.clip(values, -_HUGE, _HUGE)
    known = values[~np.isnan(values)]
    middle, spread = (float(known.mean()), float(known.std())) if len(known) else (0.0, 0.0)
    return np.asarray(np.nan_to_num((values - middle) / (spread or 1.0)))


def _ranks(values: Floats) -> Floats:
    """Return middle ranks; missing values as the lowest."""
    filled = np.where(np.isnan(values), -np.inf, values)
    ordered = np.sort(filled)
    low, high = np.searchsorted(ordered, filled, side="left"), np.searchsorted(ordered, filled, side="right")
    return np.asarray((low + high) / 2.0)
