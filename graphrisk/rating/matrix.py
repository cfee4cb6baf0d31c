"""Columns as a matrix of numbers: categories become one column a level, and for smooth models numbers become normal.

What is learned of the columns (levels, knots) is a plain dictionary that the model keeps; the same code reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]
Columns = Mapping[str, Any]
OTHER = "other"
_LARGEST = 3.0e38
"""Beyond it a number does not fit the 32 bits that trees compare."""
_KNOTS = 101


def learn_levels(columns: Columns, *, most: int, smallest: float) -> list[dict[str, Any]]:
    """Return what each column is: a number, or a category with its levels (the frequent ones), in name order.

    A column without any value is left out. Raises DataError where all are.
    """
    found: list[dict[str, Any]] = []
    for name in sorted(columns):
        values = columns[name]
        if values.dtype != object:
            if np.isnan(values).all():
                continue  # nothing can be learned of it here
            found.append({"name": name, "kind": "number", "missing": bool(np.isnan(values).any())})
            continue
        given = [value for value in values if value is not None]
        if not given:
            continue
        levels, many = np.unique(np.array(given, dtype=str), return_counts=True)
        order = sorted(range(len(levels)), key=lambda k: (-int(many[k]), str(levels[k])))
        kept = sorted(str(levels[k]) for k in order[:most] if many[k] >= smallest * len(values))
        found.append({"name": name, "kind": "category", "levels": kept})
    if not found:
        raise DataError("a part of the sample holds nothing in any column", hint="give fuller columns, or fewer folds")
    return found


def encode(known: list[dict[str, Any]], columns: Columns, rows: int) -> Floats:
    """Return the matrix (rows, p): numbers with NaN, and 0 or 1 a level, with one column for all other levels.

    A missing category is 0 in all of its columns.
    """
    parts: list[Floats] = []
    for column in known:
        values = columns[column["name"]]
        if column["kind"] == "number":
            parts.append(np.clip(values, -_LARGEST, _LARGEST)[:, None])
            continue
        levels = column["levels"]
        at = {level: k for k, level in enumerate(levels)}
        wide = np.zeros((rows, len(levels) + 1))
        for k, value in enumerate(values):
            if value is not None:
                wide[k, at.get(str(value), len(levels))] = 1.0
        parts.append(wide)
    return np.hstack(parts) if parts else np.zeros((rows, 0))


def encoded_names(known: list[dict[str, Any]]) -> list[str]:
    """Return the name of each column of the matrix."""
    names: list[str] = []
    for column in known:
        if column["kind"] == "number":
            names.append(column["name"])
        else:
            names += [f"{column['name']}={level}" for level in (*column["levels"], OTHER)]
    return names


def learn_normal(matrix: Floats) -> list[dict[str, Any]]:
    """Return per column of the matrix the knots that make it normal by its ranks, and whether it has missing cells."""
    from scipy.special import ndtri

    found: list[dict[str, Any]] = []
    for at in range(matrix.shape[1]):
        column = matrix[:, at]
        known = column[~np.isnan(column)]
        missing = len(known) < len(column)
        if not len(known):
            raise DataError("a column holds nothing in a part of the sample", hint="exclude it")
        levels = np.unique(known)
        if len(levels) <= 2:
            middle, spread = float(known.mean()), float(known.std()) or 1.0
            found.append({"at": [0.0, 1.0], "to": [-middle / spread, (1.0 - middle) / spread], "missing": missing})
            continue
        grid = np.unique(np.quantile(known, np.linspace(0.0, 1.0, _KNOTS)))
        ordered = np.sort(known)
        low, high = (np.searchsorted(ordered, grid, side=side) for side in ("left", "right"))
        rank = (low + high) / (2.0 * len(known))
        to = ndtri(np.clip(rank, 0.5 / len(known), 1.0 - 0.5 / len(known)))
        found.append({"at": grid.tolist(), "to": to.tolist(), "missing": missing})
    return found


def normal(known: list[dict[str, Any]], matrix: Floats) -> Floats:
    """Return the matrix with normal columns: 0 where missing, beside a column that says so where some were missing."""
    parts: list[Floats] = []
    for at, column in enumerate(known):
        values = matrix[:, at]
        gone = np.isnan(values)
        grid, to = np.array(column["at"]), np.array(column["to"])
        if len(grid) == 2 and grid.tolist() == [0.0, 1.0]:
            made = to[0] + (to[1] - to[0]) * values
        else:
            made = np.interp(values, grid, to)
        parts.append(np.where(gone, 0.0, made)[:, None])
        if column["missing"]:
            parts.append(gone.astype(np.float64)[:, None])
    return np.hstack(parts) if parts else np.zeros((len(matrix), 0))
