"""What a model may be trained on: enough rows of both outcomes, columns that can say something, and test folds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError
from graphrisk.rating.policy import RatingPolicy
from graphrisk.rating.sheet import Sheet

Floats = npt.NDArray[np.float64]
Folds = npt.NDArray[np.int64]


def check_sample(sheet: Sheet, folds: int, policy: RatingPolicy) -> Floats:
    """Return the outcomes (n,). Raises DataError where nothing can be learned from them, UsageError for `folds`."""
    if sheet.bad is None:
        raise UsageError("training needs the column of outcomes", hint="--target COLUMN: 1 for a default, 0 for none")
    if folds < 2:
        raise UsageError(f"--folds is at least 2, not {folds}", hint="--folds 5")
    rows, bads = sheet.size, int(sheet.bad.sum())
    expert = "graphrisk rate train --kind expert rates by judgement, without history"
    if bads in (0, rows):
        what = "a default" if bads else "no default"
        only = f"all {rows:,} rows have {what}" if bads else f"none of the {rows:,} rows is a default"
        raise DataError(
            f"{only}: a model learns from both outcomes", where=sheet.source, hint=f"check --target and --bad; {expert}"
        )
    least, of_class = int(policy.sample["least_rows"]), int(policy.sample["least_of_a_class"])
    if rows < least or min(bads, rows - bads) < of_class:
        raise DataError(
            f"{rows:,} rows with {bads:,} defaults are too few to train on: at least {least} rows and {of_class} of "
            "each outcome are needed",
            where=sheet.source,
            hint=f"take a longer history, or other outcomes too; {expert}",
        )
    clients, bad_clients = _clients(sheet)
    fewest = min(int(bad_clients.sum()), int(clients - bad_clients.sum()))
    if folds > fewest:
        raise UsageError(f"--folds {folds}: there are {fewest} clients of an outcome", hint=f"--folds {max(2, fewest)}")
    return sheet.bad


def useful_columns(sheet: Sheet, policy: RatingPolicy) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return (columns that can say something, those left out with the reason), by name.

    Raises DataError where none is left.
    """
    kept: dict[str, Any] = {}
    left: list[dict[str, str]] = []
    for name in sorted(sheet.columns):
        why = fault_of(sheet.columns[name], policy)
        if why:
            left.append({"column": name, "reason": why})
        else:
            kept[name] = sheet.columns[name]
    if not kept:
        said = "; ".join(f"{one['column']} {one['reason']}" for one in left[:5])
        why = f" ({said})" if said else ": there are ids, days and outcomes only"
        raise DataError(f"no column is left to learn from{why}", where=sheet.source, hint="give more columns")
    return kept, left


def spread_folds(sheet: Sheet, folds: int, seed: int) -> Folds:
    """Return the fold in which each row is tested (n,): a client's rows in one, outcomes spread evenly."""
    groups = sheet.groups
    _, bad = _clients(sheet)
    dice = np.random.default_rng(seed)
    fold_of = np.empty(len(bad), dtype=np.int64)
    start = 0
    for outcome in (True, False):
        members = dice.permutation(np.flatnonzero(bad == outcome))
        fold_of[members] = (start + np.arange(len(members))) % folds
        start += len(members)
    return np.asarray(fold_of[groups])


def _clients(sheet: Sheet) -> tuple[int, npt.NDArray[np.bool_]]:
    groups = sheet.groups
    assert sheet.bad is not None
    bad = np.zeros(int(groups.max()) + 1, dtype=bool)
    np.logical_or.at(bad, groups, sheet.bad > 0.0)
    return len(bad), bad


def fault_of(values: Any, policy: RatingPolicy) -> str:
    """Return why a column cannot be learned from; "" where it can."""
    if values.dtype == object:
        known = [value for value in values if value is not None]
        many = len(set(known))
        if not known:
            return "is empty"
        if many == 1 and len(known) == len(values):
            return "is constant"
        if many > 20 and many > policy.columns["most_distinct"] * len(known):
            return f"is a name or a number, not a category: {many:,} texts in {len(known):,} rows"
        return ""
    given = values[~np.isnan(values)]
    if not len(given):
        return "is empty"
    return "is constant" if len(given) == len(values) and float(given.min()) == float(given.max()) else ""


def rows_of(columns: Mapping[str, Any], chosen: npt.NDArray[Any]) -> dict[str, Any]:
    """Return some rows of the columns."""
    return {name: values[chosen] for name, values in columns.items()}
