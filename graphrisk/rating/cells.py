"""Cells of a sheet as values: numbers, categories, days and outcomes; strict, with the row that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError
from graphrisk.model.note import Note

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", ".", "-"})
"""Texts, in small letters, that stand for nothing known."""
_MOSTLY = 0.9
"""Part of a column's cells that are numbers from which on a text among them is a fault, not a category."""
_BAD = frozenset({"1", "1.0", "true", "yes", "y", "bad", "default", "defaulted", "是", "违约"})
_GOOD = frozenset({"0", "0.0", "false", "no", "n", "good", "none", "performing", "否", "正常"})
_FEW = 5


def is_missing(cell: Any) -> bool:
    """Return whether a cell says that nothing is known."""
    return str(cell).strip().lower() in MISSING


def numbers_of(cells: Texts, name: str, source: str, notes: list[Note]) -> Floats | Texts:
    """Return numbers (NaN where missing) where the cells are numbers, else categories.

    DataError where nearly all are numbers and some are texts. Infinite numbers count as missing, with a note.
    """
    given = [str(cell).strip() for cell in cells]
    known = np.array([not is_missing(cell) for cell in given], dtype=bool)
    values = np.full(len(given), np.nan)
    faults = []
    for k in np.flatnonzero(known):
        try:
            values[k] = float(given[k])
        except ValueError:
            faults.append(int(k))
    many = int(known.sum())
    if faults and many - len(faults) >= _MOSTLY * many:
        shown = ", ".join(dict.fromkeys(repr(given[k]) for k in faults))
        raise DataError(
            f"column {name} holds numbers, and {len(faults):,} cells that are none ({shown[:80]})",
            where=source,
            hint=f"correct them or leave them empty, or --exclude {name}, or --category {name}",
        )
    if faults:
        return categories_of(cells)
    endless = np.isinf(values)
    if endless.any():
        values[endless] = np.nan
        count = int(endless.sum())
        notes.append(
            Note(
                "infinite_values",
                f"infinite values of {name}, counted as missing: {count:,}",
                f"{name} 有 {count:,} 个无穷大的值：按缺失处理",
            )
        )
    return values


def categories_of(cells: Texts) -> Texts:
    """Return texts, None where missing; whole numbers written as 1 and 1.0 are one category."""
    found = np.full(len(cells), None, dtype=object)
    for k, cell in enumerate(cells):
        if not is_missing(cell):
            text = str(cell).strip()
            found[k] = text[:-2] if text.endswith(".0") and text[:-2].lstrip("-").isdigit() else text
    return found


def days_of(cells: Texts, name: str, source: str) -> tuple[date | None, ...]:
    """Return days written YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD, with or without a time, or as a year (its last day)."""
    found: list[date | None] = []
    for k, cell in enumerate(cells):
        if is_missing(cell):
            raise DataError(f"row {k + 2} has no {name}", where=source, hint="each row needs its day")
        text = str(cell).strip().replace("/", "-")
        text = text[:-2] if text.endswith(".0") else text
        try:
            day = date(int(text), 12, 31) if len(text) == 4 else date.fromisoformat(text[:10])
        except ValueError:
            raise DataError(
                f"{text!r} in {name}, row {k + 2}, is not a day", where=source, hint="write days as YYYY-MM-DD"
            ) from None
        found.append(day)
    return tuple(found)


def outcomes_of(cells: Texts, name: str, bad_value: str | None, source: str) -> Floats:
    """Return 1 for a default, 0 for none, NaN where the outcome is missing.

    `bad_value` says which value is the default; without it 1 / 0, true / false, yes / no and the like are understood.
    Raises DataError for a third value.
    """
    given = [str(cell).strip() for cell in cells]
    lower = [text.lower() for text in given]
    found = np.full(len(given), np.nan)
    kinds = sorted({text for text in given if not is_missing(text) or text == bad_value})
    if bad_value is not None:
        if bad_value not in kinds:
            raise UsageError(
                f"--bad {bad_value}: {name} never has this value", hint=f"it has {', '.join(kinds[:8])}", where=source
            )
        if len(kinds) > 2:
            raise _third(name, kinds, source)
        for k, text in enumerate(given):
            if text == bad_value or not is_missing(text):
                found[k] = 1.0 if text == bad_value else 0.0
        return found
    for k, text in enumerate(lower):
        if text in _BAD or text in _GOOD:
            found[k] = 1.0 if text in _BAD else 0.0
        elif not is_missing(text):
            raise _third(name, kinds, source)
    return found


def _third(name: str, kinds: Sequence[str], source: str) -> DataError:
    shown = ", ".join(kinds[:_FEW]) + (", ..." if len(kinds) > _FEW else "")
    hint = "write 1 for a default and 0 for none"
    if len(kinds) == 2:
        hint += f", or say which value is a default: --bad {kinds[0]}"
    return DataError(f"{name} is to be 1 (default) or 0 (none), and holds {shown}", where=source, hint=hint)
