"""The rows of a sheet as SpreadsheetML, made column by column: a cell at a time costs ten times as much.

ECMA-376, part 1, 18.3.1.4 (cells), 18.18.11 (kinds of cells) and 22.9.2.19 (texts with `_xHHHH_`). Texts stand in the
cell itself (`inlineStr`), as XlsxWriter writes them in constant memory, and are never formulas.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

BATCH = 16_384
_NOT_IN_XML = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x{fffe}\\x{ffff}]"
_SPECIAL = "[\\x00-\\x08\\x0b-\\x1f\\x{fffe}\\x{ffff}&<>]|_x[0-9a-fA-F]{4}_"
_SPACED = "^[ \\t\\n\\v\\f\\r]|[ \\t\\n\\v\\f\\r]$"
_UNIX_DAY = 25_568
"""Days from 1899-12-31, where Excel begins to count, to 1970-01-01."""
_LEAP_DAY = 59
"""Excel has a 29th of February in 1900: days after it count one more."""
_SECONDS = 86_400.0


def row_texts(table: pa.Table, styles: Sequence[int], *, first: int) -> Iterator[str]:
    """Return the rows of a table as XML, in pieces; row `first` (counted from 1) is the one of its first row.

    `styles` are the cell formats of the columns, 0 for none. A null is no cell. The columns are texts, yes/no, numbers,
    days, or times without a zone: `plain_table` makes them so.
    """
    letters = [column_letters(at) for at in range(table.num_columns)]
    for batch in table.to_batches(max_chunksize=BATCH):
        numbers = pa.array(range(first, first + batch.num_rows), pa.int64()).cast(pa.string())
        cells = [
            _cells(column, f'<c r="{letter}', numbers, f' s="{style}"' if style else "")
            for column, letter, style in zip(batch.columns, letters, styles, strict=True)
        ]
        rows = _joined('<row r="', numbers, '">', *cells, "</row>", nulls="replace")
        first += batch.num_rows
        start, end = rows.offset, rows.offset + len(rows)
        offsets = memoryview(rows.buffers()[1]).cast("i")
        yield str(memoryview(rows.buffers()[2])[offsets[start] : offsets[end]], "utf-8")


def column_letters(at: int) -> str:
    """Return the name of the column `at` (counted from 0).

    >>> [column_letters(at) for at in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    name = ""
    while at >= 0:
        at, left = divmod(at, 26)
        name = chr(ord("A") + left) + name
        at -= 1
    return name


def _cells(values: Any, begin: str, numbers: Any, style: str) -> Any:
    """Return the cells of a column as XML, null where there is no value."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        text = values.cast(pa.string())
        spaced = pc.match_substring_regex(text, _SPACED)
        kept = '<is><t xml:space="preserve">'
        opened = pc.if_else(spaced, kept, "<is><t>") if pc.any(spaced).as_py() else "<is><t>"
        return _joined(begin, numbers, f'"{style} t="inlineStr">', opened, _escaped(text), "</t></is></c>")
    if pa.types.is_boolean(kind):
        return _joined(begin, numbers, f'"{style} t="b"><v>', pc.if_else(values, "1", "0"), "</v></c>")
    text = _serial(values).cast(pa.string())
    cells = _joined(begin, numbers, f'"{style}><v>', text, "</v></c>")
    if not pa.types.is_floating(kind) or pc.all(pc.is_finite(values)).as_py():
        return cells
    said = _joined(begin, numbers, f'"{style} t="inlineStr"><is><t>', text, "</t></is></c>")  # Excel has no infinity
    return pc.if_else(pc.is_finite(values), cells, said)


def _joined(*parts: Any, nulls: str = "emit_null") -> Any:
    return pc.binary_join_element_wise(*parts, "", null_handling=nulls)


def _escaped(text: Any) -> Any:
    """Return texts as they stand in XML; what XML forbids becomes the replacement character."""
    if not pc.any(pc.match_substring_regex(text, _SPECIAL)).as_py():
        return text
    text = pc.replace_substring_regex(text, _NOT_IN_XML, "\ufffd")
    text = pc.replace_substring_regex(text, "(_x[0-9a-fA-F]{4}_)", "_x005F\\1")
    for plain, said in (("\r", "_x000D_"), ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = pc.replace_substring(text, plain, said)
    return text


def _serial(values: Any) -> Any:
    """Return numbers as they are, days and times as Excel counts them."""
    if pa.types.is_date(values.type):
        return _counted(values.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()))
    if pa.types.is_timestamp(values.type):
        seconds = pc.divide(values.cast(pa.timestamp("us")).cast(pa.int64()).cast(pa.float64()), 1e6)
        days = pc.floor(pc.divide(seconds, _SECONDS))
        part = pc.divide(pc.subtract(seconds, pc.multiply(days, _SECONDS)), _SECONDS)
        return pc.add(_counted(days), part)
    return values


def _counted(days: Any) -> Any:
    """Return days since 1970 as Excel's, with the day in 1900 that never was."""
    since = pc.add(days, _UNIX_DAY)
    return pc.add(since, pc.if_else(pc.greater(since, _LEAP_DAY), 1, 0))
