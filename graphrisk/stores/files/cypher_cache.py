"""Cypher on a Parquet snapshot: a KGLite graph in a cache file, made again from the Parquet files when need be."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import uuid
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphrisk.model.shapes import EDGES, NODES, SCORE_PREFIX, edge_rows, filled, node_rows, second_labels
from graphrisk.stores.base import SnapshotInfo
from graphrisk.stores.files.folders import make_folder, write_own

if TYPE_CHECKING:
    import pandas as pd

CACHE_FORMAT = 1


def build(info: SnapshotInfo, content: Mapping[str, pa.Table], scores: Mapping[str, pa.Table]) -> Any:
    """Return the KGLite graph of a snapshot, with its `:Snapshot` node.

    `scores`: per analyzer the columns for the party nodes, keyed by party_id.
    """
    import kglite

    graph = kglite.KnowledgeGraph()
    said = {"id": [info.id], "as_of": [info.as_of], "fingerprint": [info.fingerprint], "complete": [True]}
    snapshot = pa.table({**said, "name": pa.nulls(1, pa.string())})
    graph.add_nodes(_frame(snapshot), "Snapshot", "id", "name", column_types=_dates(snapshot))
    for node in NODES.values():
        table = content[node.table]
        if table.num_rows == 0:
            continue
        kept = node_rows(node, table)
        if "name" not in kept.column_names:
            # KGLite answers `n.name` with the id where a type has no title column; Neo4j answers null.
            kept = kept.append_column("name", pa.nulls(kept.num_rows, pa.string()))
        if node.table == "parties":
            for scored in scores.values():
                kept = _with_scores(kept, scored)
        graph.add_nodes(_frame(kept), node.label, "id", "name", column_types=_dates(kept))
    parties = content["parties"]
    for label, marked in second_labels(parties).items() if parties.num_rows else ():
        ids = parties["party_id"].filter(marked).to_pylist()
        if ids:
            graph.add_label("Party", ids, label)
    for edge in EDGES.values():
        rows = edge_rows(edge, content[edge.table])
        if rows.num_rows == 0:
            continue
        kept = rows.select([edge.source, edge.target, *filled(rows, edge.properties)])
        ends = ["from id", "to id"]  # no column is called so: a link's end may also be one of its properties
        graph.add_relationships(
            _frame(kept.rename_columns([*ends, *kept.column_names[2:]])),
            edge.relation,
            edge.source_label,
            ends[0],
            edge.target_label,
            ends[1],
            columns=kept.column_names[2:],
            column_types=_dates(kept),
        )
    return graph


def _with_scores(parties: pa.Table, scored: pa.Table) -> pa.Table:
    """Return the party nodes with the score columns of `scored` (keyed by party_id), in their own order."""
    import pyarrow.compute as pc

    at = pc.index_in(parties["id"], value_set=scored["party_id"].combine_chunks())
    for name in scored.column_names:
        if name.startswith(SCORE_PREFIX):
            parties = parties.append_column(name, pc.take(scored[name], at))
    return parties


def _frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    types = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get, date_as_object=False)
    return frame


def _dates(table: pa.Table) -> dict[str, str]:
    return {field.name: "datetime" for field in table.schema if pa.types.is_date(field.type)}


def cache_stamp(content_digest: str, scores: Mapping[str, str]) -> dict[str, Any]:
    """Return what a cache file must have been made from, and by what, to be of use."""
    import kglite

    return {"format": CACHE_FORMAT, "kglite": kglite.__version__, "content": content_digest, "scores": dict(scores)}


def cache_is_good(path: Path, stamp: Mapping[str, Any]) -> bool:
    """Return whether the cache file is there, undamaged, and made from what `stamp` says."""
    try:
        kept = json.loads(_beside(path).read_bytes())
        return bool(kept == {**stamp, "sha256": _sha256(path)})
    except (OSError, ValueError):
        return False


def write_cache(graph: Any, path: Path, stamp: Mapping[str, Any]) -> None:
    """Write the cache file and its stamp; who reads in between finds that they do not fit, and builds its own."""
    import kglite

    make_folder(path.parent)
    fresh = path.with_name(f".unfinished-{uuid.uuid4().hex[:8]}.kgl")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", kglite.MappedFallbackWarning)  # says only which part loads less fast
            try:
                graph.save(str(fresh), fsync=False)
            except kglite.KgError as error:  # its own word for a disk that is full or may only be read
                raise OSError(str(error)) from error
        said = json.dumps({**stamp, "sha256": _sha256(fresh)}, sort_keys=True, indent=1)
        fresh.chmod(0o600)
        os.replace(fresh, path)
        write_own(_beside(path), said)
    finally:
        for left in path.parent.glob(f"{fresh.name}*"):
            left.unlink()


def forget_cache(path: Path) -> None:
    """Remove a cache file and its stamp; without the stamp the file is nobody's, should another program hold it."""
    _beside(path).unlink(missing_ok=True)
    with contextlib.suppress(PermissionError):
        path.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_suffix(".json")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
