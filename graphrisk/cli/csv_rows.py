"""A table as CSV, column by column: null is empty, a list is JSON, and no cell is a formula to a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphrisk.model.controls import without_controls
from graphrisk.model.formulas import as_text
from graphrisk.model.json_rows import Texts, json_of

if TYPE_CHECKING:
    import pandas as pd

_PLAIN = ("float64", "int64", "Int64", "str", "object")
"""Types of columns whose values a writer of CSV says as pandas does."""


class _Cells(dict[str, str]):
    """Text -> its cell, made when it is first asked for: texts of a table recur."""

    def __missing__(self, text: str) -> str:
        made = self[text] = as_text(without_controls(text))
        return made


def csv_text(table: pd.DataFrame) -> str:
    """Return the table as pandas writes it, with its cells for people who open it."""
    texts, listed = _Cells(), Texts()

    def cell(value: Any) -> Any:
        kind = type(value)
        return texts[value] if kind is str else json_of(value, listed) if kind is list else _cell(value)

    said = [column if str(column.dtype) in _PLAIN[:4] else column.map(cell) for _, column in table.items()]
    header = [_cell(name) for name in table.columns]
    if not said or any(str(column.dtype) not in _PLAIN for column in said):  # days, for one
        return table.map(cell).set_axis(header, axis=1).to_csv(index=False, lineterminator="\r\n")
    written = io.StringIO(newline="")
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(header)
    lines.writerows(zip(*(_values(column, texts) for column in said), strict=True))
    return written.getvalue()


def _values(column: pd.Series[Any], texts: Mapping[str, str]) -> list[Any]:
    """Return the values of a column as they are written, None where null."""
    values = column.tolist()
    if str(column.dtype) == "str":
        return [texts[value] if type(value) is str else None for value in values]
    if str(column.dtype) == "float64":
        return [value if value == value else None for value in values]
    return [None if null else value for null, value in zip(column.isna().tolist(), values, strict=True)]


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict) or type(value).__name__ == "ndarray":
        return json_of(value)
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return "true" if value else "false"
    return as_text(without_controls(value)) if isinstance(value, str) else value
