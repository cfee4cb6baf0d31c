"""Reads Parquet files: columns keep their types."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError
from graphrisk.loading.delimited import check_header, trimmed
from graphrisk.loading.raw import RawFile


def read_parquet(data: bytes, path: str) -> RawFile:
    """Return the rows of a Parquet file; white space around texts is cut, and empty ones are null."""
    import pyarrow.parquet as pq

    if not data:
        raise DataError("is empty", where=path, hint="leave the file out if there is nothing to load")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        check_header(file.schema_arrow.names, path)
        table = file.read().combine_chunks()  # here, where the parts go at once: later whole columns are wanted
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"cannot be read as Parquet ({str(error).splitlines()[0]})", where=path, hint="write the file again"
        ) from error
    columns = {}
    for name in table.column_names:
        values = table[name]
        if pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
            values = values.cast(pa.string())
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if pa.types.is_string(values.type):
            values = pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
        columns[name] = values
    cut, notes = trimmed(pa.table(columns), path) if columns else (table, [])
    return RawFile(
        path=path,
        columns=cut,
        lines=np.arange(1, table.num_rows + 1),
        unit="row",
        notes=tuple(notes),
    )
