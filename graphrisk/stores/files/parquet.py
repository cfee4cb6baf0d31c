"""Writes and reads one table of a snapshot as a Parquet file, also one that another version of graphrisk wrote."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.model.catalog import BOOKKEEPING, PLACE
from graphrisk.model.content import stored_schema
from graphrisk.model.currency import decided_currency
from graphrisk.model.table import Table
from graphrisk.stores.files.description import newer


def write_stored(path: Path, table: pa.Table) -> str:
    """Write a table and return the checksum of its file."""
    with path.open("wb") as file:  # opened here: Arrow itself cannot open every name that the system can
        pq.write_table(table, file, compression="zstd", compression_level=1, write_page_checksum=True)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_stored(path: Path, content: bytes, declared: Table, wanted: Sequence[str]) -> pa.Table:
    """Return the columns `wanted` of a table from the `content` of its file at `path`.

    An optional column that the model has gained since is null. Raises StoreError where the file has a column that this
    version does not know (leaving it out could change answers), ValueError where a required one is not there, and what
    Arrow raises for damage.
    """
    schema = stored_schema(declared)
    with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as file:
        held = set(file.schema_arrow.names)
        if unknown := sorted(held - set(schema.names)):
            raise newer(path.parent, f"table {declared.name} has a column {unknown[0]!r}")
        needed = [*(column.name for column in declared.columns if column.required), *BOOKKEEPING[: -len(PLACE)]]
        if lacking := [name for name in needed if name not in held]:
            raise ValueError(f"column {lacking[0]} is missing")
        kept = file.read(columns=[name for name in wanted if name in held])
    for name in wanted:
        if name not in held:
            kept = kept.append_column(name, pa.nulls(kept.num_rows, schema.field(name).type))
    return kept.select(list(wanted)).cast(pa.schema([schema.field(name) for name in wanted]))


def old_currency(folder: Path, rows: Mapping[str, int]) -> str | None:
    """Return the base currency that the data of a snapshot of format 1 decides."""
    tables = {}
    for name, held in rows.items():
        wanted = ["currency", "rate"] if name == "fx" else ["currency"]
        with contextlib.suppress(OSError, pa.ArrowException, ValueError):
            content = (folder / f"{name}.parquet").read_bytes() if held else b""
            with pq.ParquetFile(pa.BufferReader(content)) as file:
                tables[name] = file.read(columns=[one for one in wanted if one in file.schema_arrow.names])
    return decided_currency({name: table for name, table in tables.items() if "currency" in table.column_names})
