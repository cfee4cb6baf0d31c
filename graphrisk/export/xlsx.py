"""Excel: one workbook, one sheet a table, typed cells, and a first sheet that says what is in it."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.export.cells import clean_text, plain_table, single_file, unit_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG

MOST_ROWS = 1_048_576
"""Rows of a sheet, header included (Microsoft, "Excel specifications and limits")."""

LONGEST_TEXT = 32_767
_WIDEST = 48
_SAMPLE = 200
_WIDE = re.compile("[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]")


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write one workbook; return it. Raises DataError where a table or a text is longer than Excel allows."""
    from openpyxl import Workbook

    plain = {name: plain_table(table) for name, table in tables.items()}
    for name, table in plain.items():
        _check_limits(name, table)
    target = single_file(path)
    book = Workbook(write_only=True)
    _read_me(book, plain, graph)
    for name, title in zip(plain, _titles(list(plain)), strict=True):
        _sheet(book, name, title, plain[name])
    draft = target.with_name(f".{target.name}.part")
    try:
        book.save(draft)
        _settle(draft, target, graph.as_of)
    finally:
        draft.unlink(missing_ok=True)
    return [target]


def _check_limits(name: str, table: pa.Table) -> None:
    import pyarrow.compute as pc

    if table.num_rows >= MOST_ROWS:
        raise DataError(
            f"{table.num_rows:,} rows do not fit into a sheet of {MOST_ROWS - 1:,}",
            hint="write it with --to csv or --to parquet",
            where=name,
        )
    for column in table.schema:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            longest = pc.max(pc.utf8_length(table[column.name])).as_py() or 0
            if longest > LONGEST_TEXT:
                raise DataError(
                    f"a text of {longest:,} characters does not fit into a cell of {LONGEST_TEXT:,}",
                    hint="write it with --to csv or --to parquet",
                    where=f"{name}.{column.name}",
                )


def _titles(names: list[str]) -> list[str]:
    """Return sheet names: at most 31 characters, none twice."""
    titles: list[str] = []
    for name in names:
        title, count = name[:31], 1
        while title in titles or title == "read me":
            count += 1
            title = f"{name[: 31 - len(str(count)) - 1]}~{count}"
        titles.append(title)
    return titles


def _read_me(book: Any, tables: Mapping[str, pa.Table], graph: RiskGraph) -> None:
    """Write what the book holds: where it comes from, the tables, and each column with its unit."""
    sheet = book.create_sheet("read me")
    for letter, width in zip("ABCD", (26, 26, 16, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    facts = [
        ("as of", graph.as_of.isoformat()),
        ("base currency", graph.base_currency or "none"),
        ("snapshot", graph.snapshot),
        ("fingerprint of the data", graph.fingerprint),
        *(("note", note) for note in graph.notes),
    ]
    sheet.append([_heading(sheet, "graphrisk export")])
    for label, value in facts:
        sheet.append([_text(sheet, label), _text(sheet, value)])
    sheet.append([])
    sheet.append([_heading(sheet, word) for word in ("table", "", "rows", "meaning")])
    for name, table in tables.items():
        declared = CATALOG.get(name)
        meaning = declared.meaning if declared else "scores computed by graphrisk: see docs/tables.md"
        sheet.append([_text(sheet, name), None, table.num_rows, _text(sheet, meaning)])
    sheet.append([])
    sheet.append([_heading(sheet, word) for word in ("table", "column", "unit", "meaning")])
    for name, table in tables.items():
        if name in CATALOG:
            said = [(column.name, column.unit, column.meaning) for column in CATALOG[name].columns]
        else:
            said = [(field.name, unit_of(field), "") for field in table.schema if unit_of(field)]
        for texts in said:
            sheet.append([_text(sheet, text) for text in (name, *texts)])


def _sheet(book: Any, name: str, title: str, table: pa.Table) -> None:
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    last = get_column_letter(max(1, table.num_columns))
    sheet.auto_filter.ref = f"A1:{last}{table.num_rows + 1}"
    for at, width in enumerate(_widths(table), start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.append([_heading(sheet, column) for column in table.column_names])
    cells = [_template(sheet, name, column) for column in table.schema]  # one a column: a row is written at once
    for row in _rows(table):
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.value = clean_text(value)
                cell.data_type = "s"  # also where the text looks like a formula or an error
            else:
                cell.value = value
        sheet.append(cells)


def _template(sheet: Any, table: str, column: pa.Field) -> Any:
    """Return a cell with the number format of a column."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet)
    if pa.types.is_date(column.type):
        cell.number_format = "yyyy-mm-dd"
    elif pa.types.is_timestamp(column.type):
        cell.number_format = "yyyy-mm-dd hh:mm:ss"
    elif _is_money(table, column.name):
        cell.number_format = "#,##0.00"
    return cell


def _is_money(table: str, column: str) -> bool:
    return table in CATALOG and column in CATALOG[table].money


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(max_chunksize=65_536):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _widths(table: pa.Table) -> list[int]:
    """Return column widths for the header and the first rows; Chinese characters count twice."""
    head = table.slice(0, _SAMPLE)
    widths = []
    for name in head.column_names:
        texts = [name, *(str(value) for value in head[name].to_pylist() if value is not None)]
        widths.append(min(_WIDEST, 2 + max(len(text) + len(_WIDE.findall(text)) for text in texts)))
    return widths


def _heading(sheet: Any, text: str) -> Any:
    from openpyxl.styles import Font

    cell = _text(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _text(sheet: Any, text: str) -> Any:
    """Return a cell of text, also where the text looks like a formula."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=clean_text(text))
    cell.data_type = "s"
    return cell


def _settle(draft: Path, target: Path, as_of: dt.date) -> None:
    """Copy the workbook without the time of writing, so that the same data gives the same bytes."""
    stamp = f"{as_of.isoformat()}T00:00:00Z".encode()
    finished = target.with_name(f".{target.name}.done")
    try:
        with zipfile.ZipFile(draft) as old, zipfile.ZipFile(finished, "w", zipfile.ZIP_DEFLATED) as new:
            for item in old.infolist():
                entry = zipfile.ZipInfo(item.filename, date_time=(1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                if item.filename == "docProps/core.xml":
                    new.writestr(entry, re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp, old.read(item)))
                    continue
                with old.open(item) as source, new.open(entry, "w", force_zip64=True) as copy:
                    while part := source.read(1 << 20):
                        copy.write(part)
        finished.replace(target)
    finally:
        finished.unlink(missing_ok=True)
