"""Writes and reads one table of a snapshot as a Parquet file, also one that another version of graphrisk wrote."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.model.catalog import BOOKKEEPING, PLACE
from graphrisk.model.content import stored_schema
from graphrisk.model.currency import decided_currency
from graphrisk.model.table import Table
from graphrisk.stores.files.description import damaged, newer
from graphrisk.stores.files.folders import cannot


def write_stored(path: Path, table: pa.Table) -> str:
    """Write a table and return the checksum of its file."""
    with path.open("wb") as file:  # opened here: Arrow itself cannot open every name that the system can
        pq.write_table(table, file, compression="zstd", compression_level=1, write_page_checksum=True)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class StoredTable:
    """A table of a snapshot whose file is whole: any of its columns can be read, in their declared types.

    Raises StoreError where the file is missing, is not the one that was written (`checksum`, None: not known), holds
    another number of rows, lacks a column, or has one that this version does not know: leaving it out could change
    answers. An optional column that the model has gained since is null.
    """

    def __init__(self, path: Path, declared: Table, wanted: Sequence[str], rows: int, checksum: str | None) -> None:
        self.column_names, self.num_rows = list(wanted), rows
        self._path, self._schema = path, stored_schema(declared)
        with _told(path), path.open("rb") as file:
            if checksum is not None and hashlib.file_digest(file, "sha256").hexdigest() != checksum:
                raise damaged(path, "its checksum does not fit")
            file.seek(0)
            with pq.ParquetFile(file) as opened:
                self._footer = opened.metadata
                self._held = set(opened.schema_arrow.names)
            if unknown := sorted(self._held - set(self._schema.names)):
                raise newer(path.parent, f"table {declared.name} has a column {unknown[0]!r}")
            needed = [*(column.name for column in declared.columns if column.required), *BOOKKEEPING[: -len(PLACE)]]
            if lacking := [name for name in needed if name not in self._held]:
                raise ValueError(f"column {lacking[0]} is missing")
        if self._footer.num_rows != rows:
            raise damaged(path, f"{self._footer.num_rows} rows where {rows} were written")

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Return some columns, rows in key order."""
        schema = pa.schema([self._schema.field(name) for name in columns])
        with _told(self._path), self._path.open("rb") as source:
            with pq.ParquetFile(source, metadata=self._footer, page_checksum_verification=True) as file:
                kept = file.read(columns=[one for one in columns if one in self._held], use_threads=len(columns) > 1)
            gained = {one: pa.nulls(self.num_rows, schema.field(one).type) for one in columns if one not in self._held}
            return pa.table({one: gained[one] if one in gained else kept[one] for one in columns}).cast(schema)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say as a StoreError what goes wrong while a file is read."""
    try:
        yield
    except FileNotFoundError as error:
        raise damaged(path, "it is missing") from error
    except (OSError, MemoryError) as error:
        if isinstance(error, OSError) and error.errno is None:  # Arrow's own, of a file that is no Parquet
            raise damaged(path, error) from error
        raise cannot("read", path, error) from error
    except (pa.ArrowException, ValueError) as error:
        raise damaged(path, error) from error


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
