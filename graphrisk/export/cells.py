"""What exports share: tables without surprises in their cells, and places to write to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import UsageError

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain_table(table: pa.Table) -> pa.Table:
    """Return `table` with lists as JSON text and NaN as null; what spreadsheets and XML know stays typed."""
    for at, column in enumerate(table.schema):
        values = table[column.name]
        if pa.types.is_dictionary(column.type):
            values = values.cast(column.type.value_type)
        if pa.types.is_nested(column.type):
            texts = [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values.to_pylist()]
            values = pa.chunked_array([pa.array(texts, pa.string())])
        elif pa.types.is_floating(column.type):
            values = pc.if_else(pc.fill_null(pc.is_nan(values), False), pa.scalar(None, column.type), values)
        elif pa.types.is_null(column.type):
            values = values.cast(pa.string())
        table = table.set_column(at, pa.field(column.name, values.type, metadata=column.metadata), values)
    return table


def clean_text(text: str) -> str:
    """Return `text` with each character that XML forbids replaced by the replacement character."""
    return _NOT_IN_XML.sub("\ufffd", text)


def files_for(tables: Mapping[str, pa.Table], path: Path, suffix: str) -> dict[str, Path]:
    """Return the file of each table: NAME.suffix in folder `path`, or `path` itself where it names one such file.

    Makes the folder. Raises UsageError where a file stands in the way, or several tables meet one file name.
    """
    if path.suffix == f".{suffix}" and not path.is_dir():
        if len(tables) != 1:
            raise UsageError(
                f"{len(tables)} tables do not fit into one file", hint=f"name a folder: -o {path.with_suffix('')}"
            )
        single_file(path)
        return dict.fromkeys(tables, path)
    if path.exists() and not path.is_dir():
        raise UsageError("is a file, not a folder", where=str(path), hint="name a folder, or a new one")
    path.mkdir(parents=True, exist_ok=True)
    return {name: path / f"{name}.{suffix}" for name in tables}


def single_file(path: Path) -> Path:
    """Return `path` after making its folder; UsageError where it is a folder itself."""
    if path.is_dir():
        raise UsageError("is a folder, not a file", where=str(path), hint="name a file")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def with_units(table: pa.Table, units: Mapping[str, str]) -> pa.Table:
    """Return a table whose columns say their unit (field metadata `unit`): amounts in which currency."""
    fields = [f.with_metadata({"unit": units[f.name]}) if f.name in units else f for f in table.schema]
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))


def unit_of(field: pa.Field) -> str:
    """Return the unit that a column says, "" where it says none."""
    return str((field.metadata or {}).get(b"unit", b""), "utf-8")
