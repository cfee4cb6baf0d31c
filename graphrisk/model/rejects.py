"""Rows refused for a reason: what every check returns, and how it is said in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Rows = npt.NDArray[np.int64]
EXAMPLES = 5
_LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Rows of one table refused for one reason.

    `reason` names what is wrong and what to do, `columns` those whose values show it, `rows` the positions in the
    table that was checked, ascending.
    """

    table: str
    reason: str
    rows: Rows
    columns: tuple[str, ...] = ()


def brief(reason: str) -> str:
    """Return what is wrong without what to do about it: the reason up to its colon, with its brackets closed."""
    head = reason.partition(": ")[0]
    return head if head.count("(") == head.count(")") else head.rpartition(" (")[0]


def shown(value: object) -> str:
    """Return a value as a message shows it: quoted if text, on one line, not longer than 80 characters."""
    if value is None:
        return "empty"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text):,} characters)"


def values_of(table: pa.Table, row: int, columns: Sequence[str]) -> str:
    """Return the values of one row in words: `party_id 'A', lgd 1.3`."""
    return ", ".join(f"{name} {shown(table[name][row].as_py())}" for name in columns if name in table.column_names)


def examples_of(reject: Reject, table: pa.Table, key: Sequence[str] = ()) -> list[str]:
    """Return up to five of the rows refused, by position (from 1) and the values at fault, led by their key."""
    columns = [*key, *(c for c in reject.columns if c not in key)]
    return [f"row {row + 1}: {values_of(table, int(row), columns)}" for row in reject.rows[:EXAMPLES]]
