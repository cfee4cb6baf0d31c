"""What-if graphs: the same client graph with a contract left out, a value changed or a row added."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import UsageError
from graphrisk.graph.changed import with_table
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import find_table

Rows = npt.NDArray[np.int64]


def without_rows(graph: RiskGraph, table: str, rows: Sequence[int] | Rows) -> RiskGraph:
    """Return `graph` without the `rows` of a relation. Raises UsageError for a node table, which others refer to."""
    declared = find_table(table)
    if declared.role == "node":
        raise UsageError(f"rows of {table} cannot be left out: contracts refer to them")
    keep = np.ones(graph.rows(table), dtype=bool)
    keep[np.asarray(rows, dtype=np.int64)] = False
    return _changed(graph, table, graph.table(table).filter(pa.array(keep)), kept=keep)


def with_values(graph: RiskGraph, table: str, column: str, rows: Sequence[int] | Rows, values: Any) -> RiskGraph:
    """Return `graph` with other values in the `rows` of a number column; money in base currency."""
    whole = graph.table(table)
    at = whole.column_names.index(column)
    field = whole.schema.field(at)
    if not pa.types.is_floating(field.type):
        raise UsageError(f"{table}.{column} is no column of numbers that can be changed")
    given = graph.floats(table, column).copy()  # NaN where null: none is stored
    given[np.asarray(rows, dtype=np.int64)] = values
    fresh = pa.array(given, field.type, from_pandas=True)
    return _changed(graph, table, whole.set_column(at, field, fresh), column=column)


def with_rows(graph: RiskGraph, table: str, rows: Sequence[Mapping[str, Any]]) -> RiskGraph:
    """Return `graph` with rows added, money in base currency; a column not given is null. Keys must be new ones."""
    whole, declared = graph.table(table), find_table(table)
    key = declared.key[0] if declared.key else "row_key"
    known = set(graph.texts(table, key))
    for row in rows:
        if row[key] in known:
            raise UsageError(f"{table} has a row {row[key]!r} already", where=f"{table}.{key}")
    added = pa.Table.from_pylist([{name: row.get(name) for name in whole.column_names} for row in rows], whole.schema)
    joined = pa.concat_tables([whole, added])
    order = pc.sort_indices(joined, sort_keys=[(name, "ascending") for name in declared.key or ("row_key",)])
    is_new = np.asarray(order.to_numpy() >= whole.num_rows)  # the others stay in order: a graph's rows are sorted
    return _changed(graph, table, joined.take(order), added=is_new)


def with_capital(graph: RiskGraph, party: int, amount: float) -> RiskGraph:
    """Return `graph` with `amount` more in the latest known equity of a party; UsageError where none is known."""
    known = ~np.isnan(graph.floats("financials", "equity"))
    rows = np.flatnonzero(known & (graph.positions("financials", "party_id") == party))
    if not len(rows):
        raise UsageError("a party without known equity cannot be given capital", where=str(graph.party_ids[party]))
    equity = graph.floats("financials", "equity")[rows[-1]]
    return with_values(graph, "financials", "equity", rows[-1:], equity + amount)


def _changed(graph: RiskGraph, name: str, table: pa.Table, **how: Any) -> RiskGraph:
    """Return `graph` with one table replaced; its fingerprint says that it is not the stored one."""
    print_ = hashlib.sha256(f"{graph.fingerprint} what-if {name}".encode()).hexdigest()[:32]
    return dataclasses.replace(with_table(graph, name, table, **how), fingerprint=print_)
