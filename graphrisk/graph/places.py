"""Where the rows of a client graph were read: the file and the line, row or statement in it, as one text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.merge import joined_keys

BETWEEN = "; "


def places_of(graph: RiskGraph, table: str, rows: Positions | Sequence[int]) -> list[str | None]:
    """Return for each of the `rows` of a table where it was read: "holders.csv:12".

    None where it is not known: for a row of a proposal, and for snapshots written before files were kept.
    """
    at = np.asarray(rows, dtype=np.int64)
    if graph.read_places is None or not len(at):
        return [None] * len(at)
    kept = _kept(graph, table)
    declared = CATALOG[table]
    taken = graph.tables.taken(table, at, declared.key or ("row_key",))
    keys = joined_keys(declared, taken) if declared.key else taken["row_key"].combine_chunks()
    where = pc.index_in(keys, value_set=kept["row_key"].combine_chunks())
    files: list[str | None] = kept["source_file"].combine_chunks().take(where).to_pylist()
    numbers: list[int | None] = kept["source_row"].combine_chunks().take(where).to_pylist()
    # a party known from several files names them without a row; pyarrow joins columns of nulls to no rows at all
    return [file if file is None or row is None else f"{file}:{row}" for file, row in zip(files, numbers, strict=True)]


def _kept(graph: RiskGraph, table: str) -> pa.Table:
    key = ("places", table)
    if key not in graph._cache:
        assert graph.read_places is not None
        graph._cache[key] = graph.read_places(table)
    found: pa.Table = graph._cache[key]
    return found
