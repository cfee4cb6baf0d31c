"""Data of other programs in the database: never touched; what stands in the way is said before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from graphrisk.errors import StoreError
from graphrisk.model.shapes import DIGEST, EDGES, NODES
from graphrisk.stores.neo4j.connection import Connection
from graphrisk.stores.neo4j.writing import BATCH, INTERNAL, counts, pattern_of, version_of


def refuse_foreign(connection: Connection) -> None:
    """Refuse a database in which another program uses our labels: loading would mix with, or remove, its data."""
    checks = [(shape.label, DIGEST) for shape in NODES.values()]
    checks += [("Snapshot", "complete"), ("SnapshotState", "key"), *((label, "graphrisk") for label in INTERNAL)]
    asked = [f"MATCH (n:{name}) WHERE n.{mark} IS NULL RETURN '{name}' AS name, count(n) AS n" for name, mark in checks]
    for label, found in connection.read(" UNION ALL ".join(asked)):
        if found:
            raise StoreError(
                f"the database already holds {found} :{label} nodes that graphrisk did not load",
                where=connection.url,
                hint="use an empty database (NEO4J_DATABASE names one), or remove these nodes",
            )


def refuse_ties(connection: Connection, content: Mapping[str, pa.Table]) -> None:
    """Refuse a load that would remove a node to which another program tied something, or relationships of its own."""
    there = counts(connection)
    ours = {"types": [edge.relation for edge in EDGES.values()], "labels": [node.label for node in NODES.values()]}
    for shape in NODES.values():
        if not there[shape.label]:
            continue
        wanted = set(content[shape.table][shape.key].to_pylist())
        held = connection.read(f"MATCH (n:{shape.label}) RETURN n.id")
        gone = [key for (key,) in held if key not in wanted]
        for at in range(0, len(gone), BATCH):
            tied = connection.read(
                f"UNWIND $keys AS key MATCH (n:{shape.label} {{id: key}})-[r]-(m) "
                "WHERE NOT type(r) IN $types OR none(label IN labels(m) WHERE label IN $labels) "
                "RETURN n.id, type(r) LIMIT 1",
                keys=gone[at : at + BATCH],
                **ours,
            )
            if tied:
                raise StoreError(
                    f"{shape.label} {tied[0][0]} is no longer in the data, but another program tied it by {tied[0][1]}",
                    where=connection.url,
                    hint="remove that relationship, then load again: nothing was changed",
                )
    for edge in EDGES.values():
        if edge.is_link or not there[edge.relation]:
            continue
        ((foreign,),) = connection.read(f"{pattern_of(edge)} WHERE {version_of(edge)} IS NULL RETURN count(r)")
        if foreign:
            raise StoreError(
                f"{foreign} {edge.relation} relationships between our nodes come from another program",
                where=connection.url,
                hint="remove them or give them another type, then load again: nothing was changed",
            )
