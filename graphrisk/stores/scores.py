"""A result as every store keeps it: one JSON document of how it was obtained, one Parquet file per table.

The result with default parameters also becomes properties of the party nodes, `score_<analyzer>_<column>`: from its
tables with one row per party_id, columns with plain values. Of a table with a `layer` column it is the layer
"combined". Where two tables of an analyzer share a column, the later one's property is
`score_<analyzer>_<table>_<column>`.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphrisk.model.note import as_notes
from graphrisk.model.result import Result, plain
from graphrisk.model.shapes import SCORE_PREFIX
from graphrisk.stores.sealed import sealed, unsealed

if TYPE_CHECKING:
    import pandas as pd

HEAD = "result.json"
COMBINED = "combined"
FORMAT = 2
"""Of a kept result; 1 had no checksums and did not name the project's settings."""
_STEPS = b"graphrisk.steps"
"""Where the metadata of a kept table names its columns of lists of lists."""


def pack(result: Result) -> dict[str, bytes]:
    """Return the files of a result by name: `result.json` and TABLE.parquet for each of its tables."""
    head = {
        "format": FORMAT,
        "analyzer": result.analyzer,
        "version": result.version,
        "as_of": result.as_of.isoformat(),
        "fingerprint": result.fingerprint,
        "params": plain(result.params),
        "settings": plain(result.settings),
        "units": plain(result.units),
        "certificate": plain(result.certificate),
        "notes": [note.as_data() for note in result.notes],
        "tables": list(result.tables),
    }
    files = {}
    for name, table in result.tables.items():
        sink = io.BytesIO()
        pq.write_table(as_arrow(table), sink, compression="zstd", write_page_checksum=True)
        files[f"{name}.parquet"] = sink.getvalue()
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return {**files, HEAD: sealed({**head, "files": sums}).encode()}


def unpack(files: Mapping[str, bytes], *, of_parties: bool = False) -> Result | None:
    """Return the result whose files were made by `pack`; `of_parties`: only what `party_scores` reads of it.

    None where they do not fit their checksums or are of another format: it is a cache, to be computed again.
    """
    try:
        head: dict[str, Any] = unsealed(files[HEAD])
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != HEAD}
        if sums != head["files"]:
            return None
        tables = {}
        for name in head["tables"]:
            content = pa.BufferReader(files[f"{name}.parquet"])
            with pq.ParquetFile(content, page_checksum_verification=True) as file:  # read_table imports data sets
                if not of_parties:
                    tables[name] = _as_frame(file.read())
                elif "party_id" in file.schema_arrow.names:
                    plainly = [one.name for one in file.schema_arrow if not pa.types.is_nested(one.type)]
                    tables[name] = _as_frame(file.read(columns=plainly))
        return Result(
            analyzer=head["analyzer"],
            version=head["version"],
            as_of=date.fromisoformat(head["as_of"]),
            fingerprint=head["fingerprint"],
            params=head["params"],
            certificate=head["certificate"],
            notes=as_notes(head["notes"]),
            tables=tables,
            settings=head["settings"],
            units=head["units"],
        )
    except (KeyError, ValueError, TypeError, AttributeError, OSError, RecursionError, pa.ArrowException):
        return None


def party_scores(result: Result) -> pa.Table:
    """Return the columns that become properties of party nodes, with `party_id` first: one row per party scored."""
    columns: dict[str, tuple[str, pa.ChunkedArray]] = {}  # of which table, and what
    whose: dict[str, pa.Array] = {}
    for name, frame in result.tables.items():
        if "party_id" not in frame.columns or frame.empty:
            continue
        shown = frame[(frame["layer"] == COMBINED).fillna(False)] if "layer" in frame.columns else frame
        if shown["party_id"].duplicated().any():
            continue  # several rows a party: no single value to show
        table = as_arrow(shown)
        whose[name] = table["party_id"].cast(pa.string()).combine_chunks()
        for column in table.column_names:
            kind = table.schema.field(column).type
            if column in ("party_id", "layer") or pa.types.is_nested(kind) or pa.types.is_null(kind):
                continue
            prop = f"{SCORE_PREFIX}{result.analyzer}_{column}"
            if prop in columns:
                prop = f"{SCORE_PREFIX}{result.analyzer}_{name.removeprefix(result.analyzer + '_')}_{column}"
            columns[prop] = name, _finite(table[column])
    told = dict.fromkeys(name for name, _ in columns.values())
    known = pa.chunked_array([whose[name] for name in told], pa.string()).drop_null().unique()
    parties = known.take(pc.sort_indices(known))
    at = {name: pc.index_in(parties, value_set=whose[name]) for name in told}
    return pa.table({"party_id": parties, **{prop: values.take(at[name]) for prop, (name, values) in columns.items()}})


def _finite(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with NaN and infinity as missing: they are no value of a property."""
    if not pa.types.is_floating(column.type):
        return column
    return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))


def as_arrow(table: pd.DataFrame) -> pa.Table:
    """Return a score table as Arrow, without its index; lists of lists are kept as JSON, and named in the metadata."""
    table = table.reset_index(drop=True)
    nested = [name for name in table.columns if table[name].dtype == object and _holds_lists(table[name])]
    for name in nested:
        table[name] = [None if v is None else json.dumps(plain(v)) for v in table[name]]  # ours since the new index
    made = pa.Table.from_pandas(table, preserve_index=False)
    for at, field in enumerate(made.schema):
        if pa.types.is_timestamp(field.type):  # a score table holds days, no times
            made = made.set_column(at, field.name, made[field.name].cast(pa.date32()))
    return made.replace_schema_metadata({**(made.schema.metadata or {}), _STEPS: json.dumps(nested).encode()})


def _holds_lists(column: pd.Series[Any]) -> bool:
    """True where the cells are lists of lists: steps, not ids."""
    first = next((value for value in column if isinstance(value, list) and value), None)
    return first is not None and isinstance(first[0], list)


def _as_frame(kept: pa.Table) -> pd.DataFrame:
    """Return the DataFrame that was packed; lists are lists again, not arrays or texts."""
    import pandas as pd

    frame: pd.DataFrame = kept.to_pandas()
    for field in kept.schema:
        if pa.types.is_nested(field.type):
            frame[field.name] = kept[field.name].to_pylist()
    for name in json.loads((kept.schema.metadata or {}).get(_STEPS, b"[]")):
        frame[name] = pd.Series([None if v is None else json.loads(v) for v in kept[name].to_pylist()], dtype=object)
    return frame
