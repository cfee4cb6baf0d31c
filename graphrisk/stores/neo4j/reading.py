"""Reads a table back from the graph, and tells whether it still is what was loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from graphrisk.model.content import in_order, stored_schema, table_digests
from graphrisk.model.shapes import EDGES, NODES
from graphrisk.model.table import Table
from graphrisk.stores.neo4j.connection import Connection
from graphrisk.stores.neo4j.marker import Marker

_EPOCH = date(1970, 1, 1).toordinal()


def read_table(connection: Connection, declared: Table) -> pa.Table | None:
    """Return a table as the graph holds it, rows in key order; None where a value has another type than its column."""
    columns = stored_schema(declared).names
    rows = connection.read(_reading(declared, columns))
    if not rows:
        return stored_schema(declared).empty_table()
    try:
        return in_order(declared, _typed(declared, columns, rows))
    except (pa.ArrowException, TypeError, ValueError, AttributeError, OverflowError):
        return None


def fault_of(table: pa.Table | None, held: Marker, name: str) -> str:
    """Return how a table differs from what was loaded; "" where it does not, or only its number is known."""
    if table is None:
        return f"holds values of another kind in {name} than were loaded"
    rows = held.info.rows.get(name, 0)
    if table.num_rows != rows:
        return f"holds {table.num_rows} rows of {name} where {rows} were loaded"
    if held.digests and table_digests({name: table}).get(name) != held.digests.get(name):
        return f"holds other values in {name} than were loaded"
    return ""


def _reading(declared: Table, columns: Sequence[str]) -> str:
    """Return the statement that reads the columns of a table from the graph."""
    if declared.name in NODES:
        shape = NODES[declared.name]
        said = {column: "n.id" if column in (shape.key, "row_key") else f"n.{column}" for column in columns}
        pattern = f"MATCH (n:{shape.label})"
    else:
        edge = EDGES[declared.name]
        ends = {edge.source: "a.id", edge.target: "b.id"}
        said = {column: ends.get(column, f"r.{column}") for column in columns}
        pattern = f"MATCH (a:{edge.source_label})-[r:{edge.relation}]->(b:{edge.target_label})"
    return f"{pattern} RETURN {', '.join(f'{value} AS c{i}' for i, value in enumerate(said.values()))}"


def _typed(declared: Table, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    schema = stored_schema(declared)
    arrays = []
    for name, values in zip(columns, zip(*rows, strict=True), strict=True):
        kind = schema.field(name).type
        if pa.types.is_date(kind):
            days = [None if value is None else value.to_ordinal() - _EPOCH for value in values]
            arrays.append(pa.array(days, pa.int32()).cast(kind))
        else:
            arrays.append(pa.array(values, kind))
    return pa.table(arrays, schema=pa.schema([schema.field(name) for name in columns]))
