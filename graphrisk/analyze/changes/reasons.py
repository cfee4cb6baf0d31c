"""Reasons of changes, said in English and Chinese at once: a reason is a note without a name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from graphrisk.answers.column_words import column_word
from graphrisk.model.figures import money
from graphrisk.model.note import Note, both


def joined(parts: Sequence[Note]) -> Note:
    """Return several reasons as one."""
    return both("; ".join(part.text for part in parts), "；".join(part.chinese for part in parts))


def columns(told: Sequence[Note]) -> dict[str, list[str]]:
    """Return the columns `reason` and `reason_zh` of a table."""
    return {"reason": [one.text for one in told], "reason_zh": [one.chinese for one in told]}


@cache
def column_in_chinese(column: str, table: str) -> str:
    """Return what a column of a table is called."""
    return column_word(column, "zh", table)


def moved(table: str, column: str, was: object, now: object) -> Note:
    """Return that a column went from one value to another."""
    name = column_in_chinese(column, table)
    return both(f"{column} {said(was)} → {said(now)}", f"{name} {said_in_chinese(was)} → {said_in_chinese(now)}")


def said(value: object) -> str:
    """Return a value as it stands in a reason."""
    if value is None or (isinstance(value, float) and value != value):
        return "unknown"
    if isinstance(value, float):
        for size, unit in ((1e9, " bn"), (1e6, " m")):
            if abs(value) >= size:
                return f"{value / size:,.2f}{unit}"
        return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"
    return str(value)


def said_in_chinese(value: object) -> str:
    """Return a value as it stands in a reason in Chinese."""
    if value is None or (isinstance(value, float) and value != value):
        return "未知"
    if isinstance(value, float) and abs(value) >= 1e4:
        return money(value, "zh")
    return {"True": "是", "False": "否"}.get(str(value), said(value))
