"""Reads a sheet from a file: CSV (comma, semicolon or tab; UTF-8) or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from graphrisk.errors import DataError, UsageError

_DELIMITERS = ",;\t|"


def read_cells(path: Path) -> tuple[list[str], list[list[str]]]:
    """Return (header, rows of texts) of a file; empty lines are left out.

    Raises UsageError where there is no such file, DataError where it is not a table: no header, a name twice, a line
    with more or fewer cells than the header, another encoding.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}", hint="--data FILE.csv, one row a client")
    if path.suffix.lower() in (".parquet", ".pq"):
        header, rows = _parquet(path)
    else:
        header, rows = _csv(path)
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice or "" in header:
        what = f"the column {', '.join(twice)} stands twice" if twice and twice != [""] else "a column has no name"
        raise DataError(f"{what} in the header", where=str(path), hint="each column needs a name of its own")
    return header, rows


def _csv(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8", where=str(path), hint="save it as CSV UTF-8") from error
    lines = text.splitlines(keepends=True)
    if not lines:
        raise DataError("is empty", where=str(path), hint="a header and one row a client are needed")
    delimiter = max(_DELIMITERS, key=lines[0].count)
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header = [name.strip() for name in next(reader)]
        rows = []
        for row in reader:
            if not row or row == [""]:
                continue
            if len(row) != len(header):
                raise DataError(
                    f"line {reader.line_num} has {len(row)} cells, the header {len(header)}",
                    where=str(path),
                    hint="a text that holds the delimiter needs quotes",
                )
            rows.append(row)
    except csv.Error as error:
        raise DataError(f"line {reader.line_num} is not CSV: {error}", where=str(path), hint="correct it") from error
    return header, rows


def _parquet(path: Path) -> tuple[list[str], list[list[str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"is no Parquet file: {error}", where=str(path), hint="write it anew") from error
    columns = [["" if value is None else _text(value) for value in column.to_pylist()] for column in table.columns]
    return list(table.column_names), [list(row) for row in zip(*columns, strict=True)]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(value) if isinstance(value, float) else str(value)


def listed(names: Sequence[str], *, most: int = 5) -> str:
    """Return names in a line, the first few."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
