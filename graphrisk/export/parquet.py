"""Parquet: a folder with one typed file a table; what it is taken from stands in the file's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from graphrisk.export.cells import files_for
from graphrisk.graph.riskgraph import RiskGraph

OF_TABLES = True
"""Its tables may be cut to a slice of the parties."""


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write one Parquet file a table; return the files.

    Metadata key `graphrisk` holds table, as-of day, base currency and fingerprint as JSON.
    """
    import pyarrow.parquet

    files = files_for(tables, path, "parquet")
    for name, file in files.items():
        said = {
            "table": name,
            "as_of": graph.as_of.isoformat(),
            "base_currency": graph.base_currency,
            "fingerprint": graph.fingerprint,
        }
        kept = dict(tables[name].schema.metadata or {})
        table = tables[name].replace_schema_metadata({**kept, b"graphrisk": json.dumps(said).encode()})
        pyarrow.parquet.write_table(table, file, compression="zstd")
    return list(files.values())
