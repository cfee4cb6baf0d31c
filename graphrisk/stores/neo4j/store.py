"""The Neo4j store: the current snapshot as a graph in a database, and the results computed on it.

It holds one snapshot: loading another replaces it. Tables are read back from the graph itself, so that analyzers see
what is in the database. A load first puts the target aside (`:SnapshotPart`), then brings the graph to it; what a
crash leaves is said by the marker, and completed by the next load, whoever starts it.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.errors import StoreError
from graphrisk.model.catalog import find_table
from graphrisk.model.content import content_of, digests_of, in_order, stored_schema
from graphrisk.model.loads import PastLoad, read, written
from graphrisk.model.result import Result
from graphrisk.model.shapes import EDGES, NODES
from graphrisk.model.table import Table
from graphrisk.progress import Progress, silent
from graphrisk.statement import check_statement
from graphrisk.stores.base import Rows, SnapshotInfo
from graphrisk.stores.content import chosen_columns, describe, find_snapshot
from graphrisk.stores.neo4j.connection import Connection
from graphrisk.stores.neo4j.marker import LOADING, Marker, Turn, complete, read_marker, whole
from graphrisk.stores.neo4j.scorenodes import drop_scores, read_scores, scored_otherwise, write_scores
from graphrisk.stores.neo4j.writing import BATCH, INTERNAL, Writer, define_constraints, drain, refuse_foreign
from graphrisk.stores.refusals import check_names, refuse_scores, without_scores
from graphrisk.stores.rows import from_neo4j

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

_PART = 1 << 20
_EPOCH = date(1970, 1, 1).toordinal()


class Neo4jStore:
    """One snapshot in one database of a Neo4j server."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.url = connection.url

    @classmethod
    def connect(cls, url: str) -> Neo4jStore:
        """Return the store at `url`; StoreError within five seconds where it cannot be used."""
        return cls(Connection.open(url))

    def load(self, tables: Mapping[str, pa.Table], *, as_of: date, progress: Progress = silent) -> str:
        """Make the database hold this snapshot in place of the present one; return its id.

        The same content for the same day again changes nothing. Raises StoreError where another program's data is in
        the way, or the server goes away; what is there then is no snapshot until a load has finished.
        """
        content = content_of(tables)
        fingerprint, digest = digests_of(content)
        refuse_foreign(self._connection)
        define_constraints(self._connection)
        held = read_marker(self._connection)
        version = 1
        if held is not None and held.info.as_of == as_of:
            version = int(held.info.id.rpartition(".")[2]) + (held.content != digest)
        target = Marker(
            state=LOADING,
            info=describe(content, f"{as_of.isoformat()}.{version}", as_of, fingerprint, digest),
            content=digest,
        )
        with _Turns(self._connection) as turn:
            writer = Writer(self._connection, turn, _counter(progress, content))
            same = held is not None and held.state != LOADING and (held.info, held.content) == (target.info, digest)
            if same and not writer.differences(content):
                return target.info.id
            self._put_aside(turn, content, target, progress)
            self._bring(turn, writer, content, target)
        return target.info.id

    def loading(self) -> contextlib.AbstractContextManager[None]:
        """Return at once: the turn is taken when the load begins to write."""
        return contextlib.nullcontext()

    def recover(self, progress: Progress = silent) -> None:
        """Complete a load that a crash interrupted; without one, do nothing."""
        held = read_marker(self._connection)
        if held is None or held.state != LOADING:
            return
        content = self._parts(held)
        with _Turns(self._connection) as turn:
            self._bring(turn, Writer(self._connection, turn, _counter(progress, content)), content, held)

    def snapshots(self) -> list[SnapshotInfo]:
        """Return the one snapshot that the database holds, if any."""
        marker = whole(read_marker(self._connection), self.url)
        return [marker.info] if marker else []

    def table(self, name: str, snapshot: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a canonical table with the BOOKKEEPING columns, rows in key order, as the graph holds it."""
        declared = find_table(name)
        wanted = chosen_columns(declared, columns)
        info = find_snapshot(self.snapshots(), snapshot, self.url)
        schema = pa.schema([stored_schema(declared).field(column) for column in wanted])
        if not info.rows.get(name):
            return schema.empty_table()
        order = declared.key or ("row_key",)
        read = list(dict.fromkeys([*wanted, *order]))
        rows = self._connection.read(_reading(declared, read))
        if len(rows) != info.rows[name]:
            raise StoreError(
                f"holds {len(rows)} rows of {name} where {info.rows[name]} were loaded: another program changed them",
                where=self.url,
                hint="load again",
            )
        return in_order(declared, _typed(declared, read, rows)).select(wanted)

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        snapshot: str | None = None,
        timeout: float = 60.0,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        """Run one read-only Cypher statement within `timeout` seconds.

        Properties `score_...` computed under other `settings` are not shown, and refused where they are named.
        """
        text = check_statement(cypher)
        find_snapshot(self.snapshots(), snapshot, self.url)
        others = scored_otherwise(self._connection, settings) if settings is not None else []
        refuse_scores(text, params or {}, others)
        columns, rows, warnings = self._connection.analyst(text, params or {}, timeout)
        check_names(warnings)
        shown = tuple(tuple(without_scores(from_neo4j(value), others) for value in row) for row in rows)
        return Rows(columns=columns, rows=shown)

    def write_scores(self, result: Result, *, default: bool, snapshot: str | None = None) -> None:
        """Keep a result under (analyzer, digest of parameters); a `default` one becomes properties of the parties."""
        find_snapshot(self.snapshots(), snapshot, self.url)
        with _Turns(self._connection) as turn:
            write_scores(self._connection, turn, result, default=default)

    def scores(self, analyzer: str, digest: str, snapshot: str | None = None) -> Result | None:
        """Return a kept result, None if there is none."""
        find_snapshot(self.snapshots(), snapshot, self.url)
        return read_scores(self._connection, analyzer, digest)

    def remove(self, snapshot: str) -> None:
        """Remove everything that graphrisk loaded, also where the load did not finish, and nothing else."""
        marker = read_marker(self._connection)
        find_snapshot([marker.info] if marker else [], snapshot, self.url)
        refuse_foreign(self._connection)
        with _Turns(self._connection) as turn:
            empty = content_of({})
            assert marker is not None
            turn.mark(Marker(state=LOADING, info=marker.info, content=""))
            Writer(self._connection, turn, _counter(silent, empty)).bring_to(empty)
            for label in INTERNAL:
                drain(turn, f"MATCH (n:{label}) WITH n LIMIT {BATCH} DELETE n RETURN count(*)")
            turn.unmark()

    def loads(self) -> tuple[PastLoad, ...]:
        """Return what `remember` last kept."""
        rows = self._connection.read("MATCH (s:SnapshotState {key: 'graphrisk'}) RETURN s.loads")
        try:
            return read(rows[0][0]) if rows and rows[0][0] else ()
        except ValueError as error:
            raise StoreError(
                f"what past loads rejected is damaged: {error}", where=self.url, hint="load again"
            ) from error

    def remember(self, loads: Sequence[PastLoad]) -> None:
        """Keep what past loads rejected, in the node that says who loads."""
        refuse_foreign(self._connection)
        define_constraints(self._connection)
        text = written(loads)
        with _Turns(self._connection) as turn:
            turn.step(
                lambda tx: tx.run("MATCH (s:SnapshotState {key: 'graphrisk'}) SET s.loads = $text", text=text).consume()
            )

    def beside(self) -> list[str]:
        """Return what is wrong with what lies beside the snapshots."""
        faults = []
        for reading in (self.loads,):
            try:
                reading()
            except StoreError as error:
                faults.append(f"{error.where}: {error.message}")
        return faults

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _put_aside(self, turn: Turn, content: Mapping[str, pa.Table], target: Marker, progress: Progress) -> None:
        """Write the target beside the graph, so that whoever comes after a crash can complete it."""
        drain(turn, f"MATCH (p:SnapshotPart) WITH p LIMIT {BATCH} DELETE p RETURN count(*)")
        parts = list(_pieces(content))
        for seq, (table, piece) in enumerate(parts):
            progress("putting the snapshot aside", seq, len(parts))

            def work(tx: ManagedTransaction, seq: int = seq, table: str = table, piece: bytes = piece) -> None:
                tx.run(
                    "CREATE (:SnapshotPart {graphrisk: true, seq: $seq, table: $table, bytes: $bytes})",
                    seq=seq,
                    table=table,
                    bytes=piece,
                ).consume()

            turn.step(work)
        turn.mark(Marker(state=LOADING, info=target.info, content=target.content, parts=len(parts)))

    def _parts(self, held: Marker) -> dict[str, pa.Table]:
        rows = self._connection.read("MATCH (p:SnapshotPart) RETURN p.seq, p.table, p.bytes ORDER BY p.seq")
        whole_parts = [row[0] for row in rows] == list(range(held.parts))
        pieces: dict[str, bytearray] = {}
        for _, table, piece in rows:
            pieces.setdefault(table, bytearray()).extend(piece)
        content = content_of(
            {name: pq.read_table(io.BytesIO(file)) for name, file in pieces.items()} if whole_parts else {}
        )
        if not held.content or digests_of(content)[1] != held.content:
            raise StoreError(
                f"what was put aside of snapshot {held.info.id} is not whole",
                where=self.url,
                hint=f"remove it (graphrisk snapshots remove {held.info.id}), then load again",
            )
        return content

    def _bring(self, turn: Turn, writer: Writer, content: Mapping[str, pa.Table], target: Marker) -> None:
        drop_scores(self._connection, turn)
        writer.bring_to(content)
        wrong = writer.differences(content)
        if wrong:
            raise StoreError(
                f"another program changed {', '.join(wrong)} during the load", where=self.url, hint="load again"
            )
        turn.mark(complete(target))
        drain(turn, f"MATCH (p:SnapshotPart) WITH p LIMIT {BATCH} DELETE p RETURN count(*)")


class _Turns:
    """Holds the turn while a block runs, and gives it back, also when the block fails."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = Turn(connection)

    def __enter__(self) -> Turn:
        self._turn.take()
        return self._turn

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            self._turn.give_back()
        elif self._connection.is_reachable():
            with contextlib.suppress(StoreError):
                self._turn.give_back()


def _pieces(content: Mapping[str, pa.Table]) -> list[tuple[str, bytes]]:
    pieces = []
    for name, table in content.items():
        if table.num_rows:
            sink = io.BytesIO()
            pq.write_table(table, sink, compression="zstd")
            file = sink.getvalue()
            pieces += [(name, file[at : at + _PART]) for at in range(0, len(file), _PART)]
    return pieces


def _counter(progress: Progress, content: Mapping[str, pa.Table]) -> Callable[[str, int], None]:
    total = sum(content[node.table].num_rows for node in NODES.values())
    total += sum(content[edge.table].num_rows for edge in EDGES.values())
    done = 0

    def report(what: str, rows: int) -> None:
        nonlocal done
        done += rows
        progress(what, min(done, total), total)

    return report


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
