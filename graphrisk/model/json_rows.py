"""A table as rows of JSON, put together column by column: as `json` writes the same values, at a fraction of the work.

A column holds one kind of value, and its texts recur. Encoding every row by itself took most of a large answer's time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from graphrisk.model.result import plain, values_of

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 20_000
"""Rows that are texts at a time: a large table is never there whole as one."""
encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class Texts(dict[str, str]):
    """Text -> its JSON, made when it is first asked for."""

    def __missing__(self, text: str) -> str:
        made = self[text] = encode(text)
        return made


def json_rows(table: pd.DataFrame) -> Iterator[list[str]]:
    """Return the JSON of each row of `table`, block by block: what `encode` says of the rows of `records`."""
    row = "{" + ", ".join(encode(str(name)).replace("%", "%%") + ": %s" for name in table.columns) + "}"
    days = {name: values_of(table[name]) for name in table.columns if table[name].dtype.kind == "M"}
    for begin in range(0, len(table), BLOCK):
        block, texts = table.iloc[begin : begin + BLOCK], Texts()
        columns = [
            [json_of(day) for day in days[name][begin : begin + BLOCK]] if name in days else _column(block[name], texts)
            for name in table.columns
        ]
        yield [row % values for values in zip(*columns, strict=True)]


def _column(column: pd.Series[Any], texts: Texts) -> list[str]:
    values = column.tolist()
    if str(column.dtype) == "str":
        return [texts[value] if type(value) is str else "null" for value in values]
    if str(column.dtype) == "float64":
        return [float.__repr__(value) if isfinite(value) else "null" for value in values]
    return [json_of(value, texts) for value in values]


def json_of(value: Any, texts: Mapping[str, str] | None = None) -> str:
    """Return the JSON of one value; `texts` are those that are known."""
    kind, of = type(value), encode if texts is None else texts.__getitem__
    if kind is str:
        return of(value)
    if kind is int:
        return int.__repr__(value)
    if kind is list and set(map(type, value)) <= {str}:
        return f"[{', '.join(map(of, value))}]"
    return encode(plain(value))
