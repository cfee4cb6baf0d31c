"""Bringing a Neo4j database to the content of a snapshot: only what differs is written, in steps of one batch each."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG, PLACE
from graphrisk.model.shapes import (
    CLIENT,
    DIGEST,
    EDGES,
    NODES,
    EdgeShape,
    NodeShape,
    edge_rows,
    filled,
    node_rows,
    second_labels,
    with_digest,
)
from graphrisk.stores.neo4j.connection import Connection
from graphrisk.stores.neo4j.marker import Turn

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

BATCH = 10_000
_VERSION = ("loader", *PLACE)
"""What tells two versions of a relation without a business key apart, beside its `row_key`."""
INTERNAL = ("SnapshotPart", "ScoreRun", "ScorePart")
Report = Callable[[str, int], None]


def define_constraints(connection: Connection) -> None:
    """Declare the keys: `id` of every label, which also is the index by which relationships find their ends."""
    for shape in NODES.values():
        connection.define(
            f"CREATE CONSTRAINT graphrisk_{shape.label.lower()}_id IF NOT EXISTS "
            f"FOR (n:{shape.label}) REQUIRE n.id IS UNIQUE"
        )
    connection.define(
        "CREATE CONSTRAINT graphrisk_state_key IF NOT EXISTS FOR (s:SnapshotState) REQUIRE s.key IS UNIQUE"
    )
    connection.define("CALL db.awaitIndexes(300)")


def counts(connection: Connection) -> dict[str, int]:
    """Return how many nodes each label and how many relationships each shape has, from the server's own counters."""
    patterns = {node.label: f"(x:{node.label})" for node in NODES.values()}
    # With a label at one end the server knows the number; it is exact where no foreign node has such an edge.
    patterns |= {edge.relation: f"(:{edge.source_label})-[x:{edge.relation}]->()" for edge in EDGES.values()}
    asked = [
        f"MATCH {pattern} WITH count(x) AS held RETURN '{what}' AS what, held" for what, pattern in patterns.items()
    ]
    return {what: int(held) for what, held in connection.read(" UNION ALL ".join(asked))}


class Writer:
    """Writes the difference between the database and a snapshot."""

    def __init__(self, connection: Connection, turn: Turn, report: Report, anew: Collection[str] = ()) -> None:
        """`anew` are tables that another program changed: of these every row is written again."""
        self._connection = connection
        self._turn = turn
        self._report = report
        self._anew = anew
        self._there: dict[str, int] = {}

    def bring_to(self, content: Mapping[str, pa.Table]) -> None:
        """Make the graph in the database that of `content`, whatever part of it is there."""
        self._there = counts(self._connection)
        held = {name: self._delete_edges(shape, content[shape.table]) for name, shape in EDGES.items()}
        for node in NODES.values():
            self._bring_nodes(node, content[node.table])
        for name, shape in EDGES.items():
            self._create_edges(shape, content[shape.table], held[name])

    def differences(self, content: Mapping[str, pa.Table]) -> list[str]:
        """Return the labels and relationship types of which the database holds another number than `content`."""
        held = counts(self._connection)
        wrong = [n.label for n in NODES.values() if held[n.label] != content[n.table].num_rows]
        edges = {e.relation: edge_rows(e, content[e.table]).num_rows for e in EDGES.values()}
        return wrong + [relation for relation, wanted in edges.items() if held[relation] != wanted]

    def _bring_nodes(self, shape: NodeShape, table: pa.Table) -> None:
        held: dict[str, str] = {}
        if self._there[shape.label]:
            self._report(f"comparing :{shape.label}", 0)
            held = dict(self._connection.read(f"MATCH (n:{shape.label}) RETURN n.id, n.{DIGEST}"))
        table = with_digest(table, CATALOG[shape.table])
        keys, digests = table[shape.key].to_pylist(), table[DIGEST].to_pylist()
        wanted = set(keys)
        self._delete_nodes(shape, [key for key in held if key not in wanted])
        fresh = pa.array([key not in held for key in keys], pa.bool_())
        changed = pa.array(
            [
                key in held and (shape.table in self._anew or held[key] != digest)
                for key, digest in zip(keys, digests, strict=True)
            ],
            pa.bool_(),
        )
        for labels, marked in _label_groups(shape, table):
            self._create_nodes(shape, labels, table.filter(pc.and_(fresh, marked)))
            self._update_nodes(shape, labels, table.filter(pc.and_(changed, marked)))

    def _create_nodes(self, shape: NodeShape, labels: Sequence[str], table: pa.Table) -> None:
        rows = node_rows(shape, table).append_column(DIGEST, table[DIGEST])
        values = ", ".join(f"{name}: $c{i}[i]" for i, name in enumerate(rows.column_names))
        text = f"{_EACH} CREATE (:{':'.join((shape.label, *labels))} {{{values}}})"
        self._send(text, rows, f"nodes :{shape.label}")

    def _update_nodes(self, shape: NodeShape, labels: Sequence[str], table: pa.Table) -> None:
        """Overwrite our own properties and labels, and no others: an analyst's notes on a node stay."""
        values = ", ".join(f"n.{name} = $c{i}[i]" for i, name in enumerate((*shape.properties, DIGEST)) if i)
        old = "".join(f":{label}" for label in second_labels(table)) if shape.table == "parties" else ""
        relabel = (f"REMOVE n{old} " if old else "") + (f"SET n:{':'.join(labels)} " if labels else "")
        text = f"{_EACH} MATCH (n:{shape.label} {{id: $c0[i]}}) {relabel}SET {values}"
        self._send(text, table.select([*shape.properties.values(), DIGEST]), f"nodes :{shape.label}")

    def _delete_nodes(self, shape: NodeShape, keys: list[str]) -> None:
        gone = pa.table({"id": pa.array(keys, pa.string())})
        for batch in gone.to_batches(BATCH):
            tied = self._connection.read(
                f"UNWIND $keys AS key MATCH (n:{shape.label} {{id: key}})-[r]-() RETURN n.id, type(r) LIMIT 1",
                keys=batch["id"].to_pylist(),
            )
            if tied:
                raise StoreError(
                    f"{shape.label} {tied[0][0]} is no longer in the data, but another program tied it by {tied[0][1]}",
                    where=self._connection.url,
                    hint="remove that relationship, then load again",
                )
        text = f"{_EACH} MATCH (n:{shape.label} {{id: $c0[i]}}) DELETE n"
        self._send(text, gone, f"removing :{shape.label}")

    def _delete_edges(self, shape: EdgeShape, table: pa.Table) -> set[str]:
        """Delete the relationships that are not wanted, or there twice; return the digests of those that stay."""
        held = self._held_edges(shape)
        if not held:
            return set()
        wanted = set(_edge_digests(shape, _rows(shape, table)))
        twice = {digest for digest, times in Counter(held).items() if times > 1}
        gone = (set(held) - wanted) | twice
        if len(gone) * 2 > len(held) or (shape.table in self._anew and not shape.is_link):
            drain(self._turn, f"{pattern_of(shape)} WITH r LIMIT {BATCH} DELETE r RETURN count(*)")
            return set()
        if shape.is_link:
            pairs = [json.loads(digest) for digest in sorted(gone)]
            ends = pa.table({"a": pa.array([a for a, _ in pairs], pa.string()), "b": [b for _, b in pairs]})
            text = (
                f"{_EACH} MATCH (:{shape.source_label} {{id: $c0[i]}})-[r:{shape.relation}]->"
                f"(:{shape.target_label} {{id: $c1[i]}}) DELETE r"
            )
            self._send(text, ends, f"removing {shape.relation}")
        else:
            digests = sorted(gone)
            for at in range(0, len(digests), BATCH):
                text = f"{pattern_of(shape)} WHERE {version_of(shape)} IN $digests DELETE r"
                self._run(text, {"digests": digests[at : at + BATCH]}, f"removing {shape.relation}", BATCH)
        return set(held) - gone

    def _held_edges(self, shape: EdgeShape) -> list[str]:
        """Return the digest of each relationship of a shape in the database."""
        if self._there[shape.relation] == 0:
            return []
        self._report(f"comparing {shape.relation}", 0)
        if shape.is_link:
            return [_pair(a, b) for a, b in self._connection.read(f"{pattern_of(shape)} RETURN a.id, b.id")]
        held = [row[0] for row in self._connection.read(f"{pattern_of(shape)} RETURN {version_of(shape)}")]
        foreign = sum(digest is None for digest in held)
        if foreign:
            raise StoreError(
                f"{foreign} {shape.relation} relationships between our nodes come from another program",
                where=self._connection.url,
                hint="remove them or give them another type, then load again",
            )
        return held

    def _create_edges(self, shape: EdgeShape, table: pa.Table, held: set[str]) -> None:
        rows = _rows(shape, table)
        if held:
            rows = rows.filter(pa.array([digest not in held for digest in _edge_digests(shape, rows)], pa.bool_()))
        columns = filled(rows, rows.column_names[2:])
        values = ", ".join(f"{name}: $c{i}[i]" for i, name in enumerate(columns, 2))
        text = (
            f"{_EACH} MATCH (a:{shape.source_label} {{id: $c0[i]}}) MATCH (b:{shape.target_label} {{id: $c1[i]}}) "
            f"CREATE (a)-[:{shape.relation} {{{values}}}]->(b)"
        )
        names = ["from id", "to id", *columns]
        ends = rows.select([shape.source, shape.target, *columns]).rename_columns(names)
        self._send(text, ends, f"relationships {shape.relation}")

    def _send(self, text: str, table: pa.Table, what: str) -> None:
        """Run a statement on every batch of rows, its columns as the lists $c0, $c1 ...; the next batch is made ready
        while the server works on one."""
        batches = table.combine_chunks().to_batches(BATCH)
        with ThreadPoolExecutor(1) as ahead:
            pending = deque([ahead.submit(_lists, batch) for batch in batches[:1]])
            for following, batch in enumerate(batches, 1):
                lists = pending.popleft().result()
                if following < len(batches):
                    pending.append(ahead.submit(_lists, batches[following]))
                self._run(text, lists, what, batch.num_rows)

    def _run(self, text: str, params: dict[str, Any], what: str, rows: int) -> None:
        def work(tx: ManagedTransaction) -> None:
            tx.run(text, params).consume()

        self._turn.step(work)
        self._report(what, rows)


_EACH = "UNWIND range(0, size($c0) - 1) AS i"


def drain(turn: Turn, text: str) -> None:
    """Run a statement that removes a batch and returns how many, until it returns 0."""
    left = 1
    while left:
        answer = turn.step(lambda tx: tx.run(text).single(strict=True)[0])
        left = 1 if answer is None else answer


def pattern_of(shape: EdgeShape) -> str:
    return f"MATCH (a:{shape.source_label})-[r:{shape.relation}]->(b:{shape.target_label})"


def _pair(a: str, b: str) -> str:
    return json.dumps([a, b])


def version_of(shape: EdgeShape) -> str:
    """Return the expression for what tells one version of a row from another; null where it is not ours."""
    if CATALOG[shape.table].key:
        return f"r.{DIGEST}"
    said = [f"coalesce(toString(r.{name}), '')" for name in _VERSION]
    return " + '|' + ".join(["r.row_key", *said])


def _edge_digests(shape: EdgeShape, rows: pa.Table) -> list[str]:
    if shape.is_link:
        ends = zip(rows[shape.source].to_pylist(), rows[shape.target].to_pylist(), strict=True)
        return [_pair(a, b) for a, b in ends]
    if CATALOG[shape.table].key:
        held: list[str] = rows[DIGEST].to_pylist()
        return held
    said = [pc.fill_null(rows[name].cast(pa.string()), "") for name in _VERSION]
    versions: list[str] = pc.binary_join_element_wise(rows["row_key"], *said, "|").to_pylist()
    return versions


def _rows(shape: EdgeShape, table: pa.Table) -> pa.Table:
    """Return the relationships of a table, those of keyed rows with their digest."""
    rows = edge_rows(shape, table)
    if shape.is_link or not CATALOG[shape.table].key:
        return rows
    return rows.append_column(DIGEST, with_digest(table, CATALOG[shape.table])[DIGEST])


def _label_groups(shape: NodeShape, table: pa.Table) -> Iterator[tuple[tuple[str, ...], pa.Array]]:
    """Yield each set of second labels that occurs, and which rows carry it."""
    if shape.table != "parties":
        yield (), pa.array([True] * table.num_rows, pa.bool_())
        return
    marks = second_labels(table)
    client = marks.pop(CLIENT)
    for label, marked in marks.items():
        for labels, also in (((label, CLIENT), client), ((label,), pc.invert(client))):
            rows = pc.and_(marked, also)
            if pc.any(rows).as_py():
                yield labels, rows


def _lists(batch: pa.RecordBatch) -> dict[str, Any]:
    return {f"c{i}": column.to_pylist() for i, column in enumerate(batch.columns)}
