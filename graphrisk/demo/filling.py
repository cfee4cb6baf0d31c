"""Columns to canonical tables: what is not given is null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.dice import Flags, Ints
from graphrisk.model.catalog import CATALOG

AS_OF = date(2026, 9, 30)
TODAY = (AS_OF - date(1970, 1, 1)).days
"""The as-of date of the demo as a day number, in which the generator counts days."""


def fill(name: str, size: int, /, **columns: Any) -> pa.Table:
    """Return canonical table `name` of `size` rows; a column is an array, or one value for every row.

    NaN becomes null in number columns; dates are day numbers since 1970, negative where null.
    """
    declared = CATALOG[name]
    arrays = []
    for column in declared.columns:
        given = columns.pop(column.name, None)
        if given is None:
            arrays.append(pa.nulls(size, column.arrow_type))
        elif column.kind == "date":
            days = np.broadcast_to(np.asarray(given, dtype=np.int32), (size,))
            arrays.append(pa.array(days, mask=days < 0).cast(pa.date32()))
        elif isinstance(given, pa.Array | pa.ChunkedArray):
            arrays.append(given.cast(column.arrow_type))
        elif isinstance(given, np.ndarray):
            arrays.append(pa.array(given, from_pandas=True).cast(column.arrow_type))
        else:
            arrays.append(pa.repeat(pa.scalar(given, column.arrow_type), size))
    if columns:
        raise TypeError(f"{name} has no column {', '.join(columns)}")
    return pa.table(arrays, schema=declared.schema)


def words(values: Sequence[str | None], at: Ints) -> pa.Array:
    """Return `values[at]` as text."""
    return pa.array(list(values), pa.string()).take(pa.array(at))


def where(condition: Flags, one: Any, other: Any = None) -> pa.Array:
    """Return `one` where the condition holds, else `other` (null by default), as text."""
    return pc.if_else(
        pa.array(condition), one, pa.scalar(other, pa.string()) if not isinstance(other, pa.Array) else other
    )


def spread(there: Flags, values: pa.Array) -> pa.Array:
    """Return one row for each flag: the next of `values` where it is set, null elsewhere."""
    return values.take(pa.array(np.cumsum(there) - 1, mask=~there))


def day(year: int, month: int, day_of_month: int) -> int:
    """Return the day number of a date."""
    return (date(year, month, day_of_month) - date(1970, 1, 1)).days


MONTHS = [day(2025 + (9 + k) // 12, (9 + k) % 12 + 1, 1) for k in range(12)]
"""First days of the twelve months up to the as-of date."""
