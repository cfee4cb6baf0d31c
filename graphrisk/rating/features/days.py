"""Days as numbers, and the last months before the as-of day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from graphrisk.graph.riskgraph import Floats, RiskGraph

MONTH_DAYS = 30.4375
YEAR_DAYS = 365.25
_ORIGIN = date(1970, 1, 1)


def today_of(graph: RiskGraph) -> float:
    """Return the as-of day in days since 1970."""
    return float((graph.as_of - _ORIGIN).days)


def days_of_column(column: Any) -> Floats:
    """Return whole numbers or days of an Arrow column as floats, NaN where null."""
    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def days_of(graph: RiskGraph, table: str, column: str) -> Floats:
    """Return the days of a column in days since 1970, NaN where null."""
    return days_of_column(graph.tables.column(table, column).cast(pa.int32()))


def months_later(day: date, months: int) -> date:
    """Return the same day some months later (or before, where negative), the last of its month where it has no such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def a_year_later(day: date) -> date:
    """Return the same day of the next year; 28 February after 29 February."""
    return months_later(day, 12)


def a_year_before(day: date) -> date:
    """Return the same day of the year before; 28 February before 29 February."""
    return months_later(day, -12)
