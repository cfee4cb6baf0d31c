"""A result as bytes that every store keeps: one JSON document of how it was obtained, one Parquet file per table."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.errors import StoreError
from graphrisk.model.result import Result, plain

if TYPE_CHECKING:
    import pandas as pd

HEAD = "result.json"


def pack(result: Result) -> dict[str, bytes]:
    """Return the files of a result by name: `result.json` and TABLE.parquet for each of its tables."""
    head = {
        "analyzer": result.analyzer,
        "version": result.version,
        "as_of": result.as_of.isoformat(),
        "fingerprint": result.fingerprint,
        "params": plain(result.params),
        "certificate": plain(result.certificate),
        "notes": list(result.notes),
        "tables": list(result.tables),
    }
    files = {HEAD: json.dumps(head, ensure_ascii=False, allow_nan=False, indent=1).encode()}
    for name, table in result.tables.items():
        sink = io.BytesIO()
        pq.write_table(as_arrow(table), sink, compression="zstd", write_page_checksum=True)
        files[f"{name}.parquet"] = sink.getvalue()
    return files


def unpack(files: Mapping[str, bytes], where: str) -> Result:
    """Return the result whose files were made by `pack`; StoreError where they are damaged."""
    try:
        head: dict[str, Any] = json.loads(files[HEAD])
        tables = {}
        for name in head["tables"]:
            kept = pq.read_table(io.BytesIO(files[f"{name}.parquet"]), page_checksum_verification=True)
            tables[name] = _as_frame(kept)
        return Result(
            analyzer=head["analyzer"],
            version=head["version"],
            as_of=date.fromisoformat(head["as_of"]),
            fingerprint=head["fingerprint"],
            params=head["params"],
            certificate=head["certificate"],
            notes=tuple(head["notes"]),
            tables=tables,
        )
    except (KeyError, ValueError, TypeError, OSError, pa.ArrowException) as error:
        raise StoreError(f"the kept result is damaged: {error}", where=where, hint="run the analysis again") from error


def as_arrow(table: pd.DataFrame) -> pa.Table:
    """Return a score table as Arrow, without its index."""
    return pa.Table.from_pandas(table.reset_index(drop=True), preserve_index=False)


def _as_frame(kept: pa.Table) -> pd.DataFrame:
    """Return the DataFrame that was packed; lists are lists again, not arrays."""
    frame: pd.DataFrame = kept.to_pandas()
    for field in kept.schema:
        if pa.types.is_nested(field.type):
            frame[field.name] = kept[field.name].to_pylist()
    return frame
