"""Tables and answers as sheets of a workbook: typed cells, names beside ids, lists as text, headings in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from graphrisk.answers.base import Answer, Shown
from graphrisk.answers.coded_words import worded
from graphrisk.answers.reader import Reader
from graphrisk.answers.workbook import LONGEST_TITLE, Heading, Workbook, width_of
from graphrisk.model.result import records
from graphrisk.model.table import Column

Columns = Sequence[tuple[str, Column | None]]
_KINDS = {"money": "money", "fraction": "percent", "integer": "integer", "number": "number", "date": "date"}
MOST_ROWS = 5_000
"""Rows of a sheet that an answer brings along; the data has all."""


def lines_of(title: str, answer: Answer, reader: Reader) -> Iterator[tuple[str, str]]:
    """Return an answer as the lines of a sheet of words."""
    yield "subheading", title[:1].upper() + title[1:]
    for text in answer.sentences:
        yield "sentence", text
    for text in answer.warnings:
        yield "warning", reader.pick(f"Warning: {text}", f"注意：{text}")
    for heading, texts in answer.details:
        yield "sentence", f"{heading}:"
        for text in texts:
            yield "sentence", f"  {text}"
    yield "sentence", answer.certificate


def write_shown(book: Workbook, shown: Shown, reader: Reader) -> None:
    """Write a table of an answer as a sheet, at most MOST_ROWS of it."""
    columns = [(name, column) for name, column, _ in shown.columns(reader)]
    if shown.unit_column:
        columns.append((shown.unit_column, None))
    rows = records(shown.frame.head(MOST_ROWS))
    headings = headings_of(shown.table, columns, reader, rows[:200])
    first = reader.pick(f" (first {MOST_ROWS:,})", f"（前 {MOST_ROWS:,} 行）") if len(shown.frame) > MOST_ROWS else ""
    title = sheet_title(shown, reader, LONGEST_TITLE - len(first)) + first
    book.sheet(title, headings, rows_of(rows, columns, reader), count=len(rows))


def sheet_title(shown: Shown, reader: Reader, most: int) -> str:
    """Return the title of a table in `most` characters: whole, else in Chinese its short name, else how it begins."""
    if len(shown.title) <= most:
        return shown.title
    if reader.zh:
        return reader.title(shown.table)[:most]
    clause = shown.title.split(",", 1)[0]
    return clause if len(clause) <= most else f"{clause[: most - 1].rsplit(' ', 1)[0]}…"


def headings_of(
    table: str,
    columns: Columns,
    reader: Reader,
    sample: Sequence[Mapping[str, Any]],
    *,
    own_currency: bool = False,
) -> list[Heading]:
    """Return the headings of a sheet: in words, money with its currency, a name behind each party."""
    out = []
    for name, column in columns:
        kind = _kind(column)
        kind = _digits([row[name] for row in sample]) if kind == "number" else kind
        text = reader.heading(table, name)
        text = text[:1].upper() + text[1:]
        if kind == "money" and reader.currency and not own_currency:
            text = f"{text} ({reader.currency})"
        width = (
            width_of([text[:30], *(str(_cell(column, row[name], reader) or "") for row in sample)])
            if kind == "text"
            else 0
        )
        out.append(Heading(text=text, kind=kind, width=width))
        if _names(column):
            said = [one or "" for one in reader.names([row[name] for row in sample])]
            label = reader.pick(f"Name of {reader.heading(table, name)}", f"{reader.heading(table, name)}名称")
            out.append(Heading(text=label, width=width_of([label[:30], *said])))
    return out


def _kind(column: Column | None) -> str:
    """Return the format of a column's cells."""
    if column is None:
        return "text"
    part = column.kind == "number" and column.is_fraction and column.name != "hhi"
    return "percent" if part else _KINDS.get(column.kind, "text")


def _digits(values: Sequence[Any]) -> str:
    """Return the format of a column of numbers by their size: two decimals, four, or as the program writes them."""
    sizes = [abs(value) for value in values if isinstance(value, int | float) and value == value]
    largest = max(sizes, default=0.0)
    if all(size == round(size) for size in sizes):
        return "number"
    return "decimal" if largest >= 1.0 else "part" if largest >= 0.01 else "number"


def rows_of(rows: Sequence[Mapping[str, Any]], columns: Columns, reader: Reader) -> Iterator[list[Any]]:
    """Return the cells of a sheet, row by row."""
    names = {name: reader.names([row[name] for row in rows]) for name, column in columns if _names(column)}
    for at, row in enumerate(rows):
        cells = []
        for name, column in columns:
            cells.append(_cell(column, row[name], reader))
            if name in names:
                cells.append(names[name][at])
        yield cells


def _names(column: Column | None) -> bool:
    return column is not None and column.references == "parties"


def _cell(column: Column | None, value: Any, reader: Reader) -> Any:
    """Return a value as a cell holds it: numbers and days typed, categories, yes and no in words, lists as text."""
    if value is None or value != value or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, bool):
        return reader.pick("yes" if value else "no", "是" if value else "否")
    if isinstance(value, list | tuple):
        named = column is not None and (column.ordered or column.name == "parties")
        between = " → " if column is not None and column.ordered else reader.pick(", ", "、")
        return between.join(_item(column, item, named, reader) for item in value)
    if isinstance(value, int | float):
        return value
    if column is not None and column.kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, date):
        return value
    return worded(column, str(value), reader.lang)


def _item(column: Column | None, item: Any, named: bool, reader: Reader) -> str:
    """Return an item of a list as text."""
    if not isinstance(item, str):
        return str(item)
    return reader.party(item) if named else worded(column, item, reader.lang)
