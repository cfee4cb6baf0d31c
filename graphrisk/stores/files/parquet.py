"""Reads one table of a snapshot from its Parquet file, also one that another version of graphrisk wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.errors import StoreError
from graphrisk.model.catalog import BOOKKEEPING
from graphrisk.model.content import stored_schema
from graphrisk.model.table import Table


def read_stored(path: Path, declared: Table, wanted: Sequence[str]) -> pa.Table:
    """Return the columns `wanted` of a table.

    An optional column that the model has gained since is null. Raises StoreError where the file has a column that this
    version does not know (leaving it out could change answers), ValueError where a required one is not there, and what
    Arrow raises for damage.
    """
    schema = stored_schema(declared)
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        held = set(file.schema_arrow.names)
        if unknown := sorted(held - set(schema.names)):
            raise newer(path.parent, f"table {declared.name} has a column {unknown[0]!r}")
        needed = [*(column.name for column in declared.columns if column.required), *BOOKKEEPING]
        if lacking := [name for name in needed if name not in held]:
            raise ValueError(f"column {lacking[0]} is missing")
        kept = file.read(columns=[name for name in wanted if name in held])
    for name in wanted:
        if name not in held:
            kept = kept.append_column(name, pa.nulls(kept.num_rows, schema.field(name).type))
    return kept.select(list(wanted)).cast(pa.schema([schema.field(name) for name in wanted]))


def newer(folder: Path, why: str) -> StoreError:
    """Return the error of a snapshot that a later version wrote."""
    return StoreError(
        f"was written by a newer graphrisk: {why}", where=str(folder), hint="upgrade: pip install -U graphrisk"
    )
