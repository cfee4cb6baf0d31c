"""Excel as data: a sheet a table with its own column names, typed cells, and a first sheet that says what is in it.

`graphrisk export TABLE... --to xlsx --raw`; the workbook for people is `--to xlsx`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.answers.workbook import LONGEST_TEXT, Heading, Workbook, refuse_rows, refuse_text, width_of, writing
from graphrisk.export.cells import plain_table, single_file, unit_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG

_SAMPLE = 200

OF_TABLES = True
"""Its tables may be cut to a slice of the parties."""


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write one workbook; return it. Raises DataError where a table or a text is longer than Excel allows."""
    plain = {name: plain_table(table) for name, table in tables.items()}
    for name, table in plain.items():
        check_limits(name, table)
    target = single_file(path)
    with writing(target, graph.as_of, wrap=False) as book:
        read_me = book.title("read me")
        titles = {name: book.title(name) for name in plain}
        book.grid(read_me, _read_me(plain, graph), (26, 26, 16, 90))
        for name, table in plain.items():
            _sheet(book, name, titles[name], table)
    return [target]


def check_limits(name: str, table: pa.Table) -> None:
    """Raise DataError where a table or one of its texts is longer than Excel allows."""
    import pyarrow.compute as pc

    refuse_rows(table.num_rows, name)
    for column in table.schema:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            longest = pc.max(pc.utf8_length(table[column.name])).as_py() or 0
            if longest > LONGEST_TEXT:
                refuse_text(longest, f"{name}.{column.name}")


def _read_me(tables: Mapping[str, pa.Table], graph: RiskGraph) -> Iterator[tuple[bool, tuple[Any, ...]]]:
    """Return what the book holds: where it comes from, the tables, and each column with its unit."""
    yield True, ("graphrisk export",)
    yield False, ("as of", graph.as_of.isoformat())
    yield False, ("base currency", graph.base_currency or "none")
    yield False, ("snapshot", graph.snapshot)
    yield False, ("fingerprint of the data", graph.fingerprint)
    for note in graph.notes:
        yield False, ("note", str(note))
    yield False, ()
    yield True, ("table", "", "rows", "meaning")
    for name, table in tables.items():
        declared = CATALOG.get(name)
        meaning = declared.meaning if declared else "scores computed by graphrisk: see docs/tables.md"
        yield False, (name, None, table.num_rows, meaning)
    yield False, ()
    yield True, ("table", "column", "unit", "meaning")
    for name, table in tables.items():
        if name in CATALOG:
            said = [(column.name, column.unit, column.meaning) for column in CATALOG[name].columns]
        else:
            said = [(field.name, unit_of(field), "") for field in table.schema if unit_of(field)]
        for texts in said:
            yield False, (name, *texts)


def _sheet(book: Workbook, name: str, title: str, table: pa.Table) -> None:
    head = table.slice(0, _SAMPLE)
    headings = []
    for field in table.schema:
        texts = [field.name, *(str(value) for value in head[field.name].to_pylist() if value is not None)]
        money = name in CATALOG and field.name in CATALOG[name].money
        headings.append(Heading(text=field.name, kind=_kind(field.type, money), width=width_of(texts)))
    book.columns(title, headings, table)


def _kind(kind: pa.DataType, money: bool) -> str:
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_timestamp(kind):
        return "time"
    return "money" if money else "text"
