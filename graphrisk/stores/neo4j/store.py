"""The Neo4j store: the current snapshot as a graph in a database, and the results computed on it.

It holds one snapshot: loading another replaces it. Tables are read back from the graph itself, so that analyzers see
what is in the database. A load first puts the target aside (`:SnapshotPart`), then brings the graph to it; what a
crash leaves is said by the marker, and completed by the next load, whoever starts it.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from graphrisk.errors import StoreError
from graphrisk.model.catalog import CATALOG, find_table
from graphrisk.model.content import content_of, digests_of, stored_schema, sums_of, table_digests
from graphrisk.model.loads import PastLoad, read, written
from graphrisk.model.result import Result
from graphrisk.model.shapes import EDGES, NODES
from graphrisk.progress import Progress, silent
from graphrisk.statement import check_statement
from graphrisk.stores.base import Rows, SnapshotInfo
from graphrisk.stores.content import chosen_columns, describe, find_snapshot
from graphrisk.stores.neo4j.connection import Connection
from graphrisk.stores.neo4j.foreign import refuse_foreign, refuse_ties
from graphrisk.stores.neo4j.marker import LOADING, Marker, Turn, complete, read_marker, require_whole
from graphrisk.stores.neo4j.reading import fault_of, read_table
from graphrisk.stores.neo4j.scorenodes import drop_scores, read_scores, scored_otherwise, tidy, write_scores
from graphrisk.stores.neo4j.writing import BATCH, INTERNAL, Writer, define_constraints, drain
from graphrisk.stores.refusals import check_names, refuse_scores, without_scores
from graphrisk.stores.rows import from_neo4j

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

_PART = 1 << 20


class Neo4jStore:
    """One snapshot in one database of a Neo4j server."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.url = connection.url
        self._verified: dict[str, pa.Table] | None = None

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
        sums = sums_of(content.items())
        _, digest = sums.digests()
        refuse_foreign(self._connection)
        define_constraints(self._connection)
        held = read_marker(self._connection)
        version = 1
        if held is not None and held.info.as_of == as_of:
            version = int(held.info.id.rpartition(".")[2]) + (held.content != digest)
        target = Marker(
            state=LOADING,
            info=describe(sums, f"{as_of.isoformat()}.{version}", as_of),
            content=digest,
            digests=table_digests(content),
        )
        with _Turns(self._connection) as turn:
            refuse_ties(self._connection, content)
            changed = self._changed(held, progress) if held is not None and held.state != LOADING else set()
            self._verified = None if self._verified is None else {}
            writer = Writer(self._connection, turn, _counter(progress, content), changed)
            same = held is not None and held.state != LOADING and (held.info, held.content) == (target.info, digest)
            if same and not changed and not writer.differences(content):
                return target.info.id
            target = self._put_aside(turn, content, target, progress)
            self._bring(turn, writer, content)
            if held is not None and held.state == LOADING:
                self._bring_what_is_wrong(turn, content, target, progress)
            turn.mark(complete(target))
            tidy(self._connection, turn)
        return target.info.id

    @contextlib.contextmanager
    def loading(self) -> Iterator[None]:
        """Read each table once from here on; the turn is taken when the load begins to write."""
        self._verified = {}
        try:
            yield
        finally:
            self._verified = None

    def recover(self, progress: Progress = silent) -> None:
        """Complete a load that a crash interrupted, and mend what another program changed; else do nothing."""
        held = read_marker(self._connection)
        if held is None:
            return
        if held.state == LOADING and held.busy:
            require_whole(held.info, self.url)
        changed = set() if held.state == LOADING else self._changed(held, progress)
        if held.state != LOADING and (not changed or not held.parts):
            return  # without what was put aside, the tables say themselves that they were changed
        content = self._parts(held)
        with _Turns(self._connection) as turn:
            refuse_ties(self._connection, content)
            if held.state != LOADING:
                turn.mark(replace(held, state=LOADING))
            self._bring(turn, Writer(self._connection, turn, _counter(progress, content), changed), content)
            self._bring_what_is_wrong(turn, content, held, progress)
            turn.mark(complete(held))
            tidy(self._connection, turn)

    def snapshots(self) -> list[SnapshotInfo]:
        """Return the one snapshot that the database holds, if any; where its load did not finish, with that trouble."""
        marker = read_marker(self._connection)
        return [marker.info] if marker else []

    def table(self, name: str, snapshot: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a canonical table with the BOOKKEEPING columns, rows in key order, as the graph holds it."""
        declared = find_table(name)
        wanted = chosen_columns(declared, columns)
        held = read_marker(self._connection)
        info = require_whole(find_snapshot([held.info] if held else [], snapshot, self.url), self.url)
        assert held is not None
        if self._verified is not None and name in self._verified:
            return self._verified[name].select(wanted)
        if not info.rows.get(name):
            return stored_schema(declared).empty_table().select(wanted)
        table = read_table(self._connection, declared)
        fault = fault_of(table, held, name)
        if fault or table is None:
            raise StoreError(
                f"{fault}: another program changed them",
                where=self.url,
                hint="load again; or push the snapshot into it again: graphrisk push " + self.url,
            )
        if self._verified is not None:
            self._verified[name] = table
        return table.select(wanted)

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
        self._whole(snapshot)
        others = scored_otherwise(self._connection, settings) if settings is not None else []
        refuse_scores(text, params or {}, others)
        columns, rows, warnings = self._connection.analyst(text, params or {}, timeout)
        check_names(warnings)
        shown = tuple(tuple(without_scores(from_neo4j(value), others) for value in row) for row in rows)
        return Rows(columns=columns, rows=shown)

    def write_scores(self, result: Result, *, default: bool, snapshot: str | None = None) -> None:
        """Keep a result under (analyzer, digest of parameters); a `default` one becomes properties of the parties."""
        self._whole(snapshot)
        with _Turns(self._connection) as turn:
            tidy(self._connection, turn)
            write_scores(self._connection, turn, result, default=default)

    def scores(self, analyzer: str, digest: str, snapshot: str | None = None) -> Result | None:
        """Return a kept result, None if there is none."""
        self._whole(snapshot)
        return read_scores(self._connection, analyzer, digest)

    def remove(self, snapshot: str) -> None:
        """Remove everything that graphrisk loaded, also where the load did not finish, and nothing else."""
        marker = read_marker(self._connection)
        find_snapshot([marker.info] if marker else [], snapshot, self.url)
        refuse_foreign(self._connection)
        empty = content_of({})
        with _Turns(self._connection) as turn:
            refuse_ties(self._connection, empty)
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
            tidy(self._connection, turn)
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

    def _whole(self, snapshot: str | None) -> SnapshotInfo:
        return require_whole(find_snapshot(self.snapshots(), snapshot, self.url), self.url)

    def _changed(self, held: Marker, progress: Progress) -> set[str]:
        """Return the tables of which the graph no longer holds what was loaded; none where that is not known."""
        changed = set()
        for name, declared in CATALOG.items():
            if not held.digests or (self._verified is not None and name in self._verified):
                continue
            progress(f"verifying {name}")
            table = read_table(self._connection, declared)
            if fault_of(table, held, name):
                changed.add(name)
            elif self._verified is not None:
                self._verified[name] = table
        return changed

    def _put_aside(self, turn: Turn, content: Mapping[str, pa.Table], target: Marker, progress: Progress) -> Marker:
        """Write the target beside the graph, so that whoever comes after a crash or a change can complete it."""
        own = f"MATCH (p:SnapshotPart {{of: '{target.content}'}})"
        drain(turn, f"{own} WITH p LIMIT {BATCH} DELETE p RETURN count(*)")
        parts = list(_pieces(content))
        for seq, (table, piece) in enumerate(parts):
            progress("putting the snapshot aside", seq, len(parts))

            def work(tx: ManagedTransaction, seq: int = seq, table: str = table, piece: bytes = piece) -> None:
                tx.run(
                    "CREATE (:SnapshotPart {graphrisk: true, of: $of, seq: $seq, table: $table, bytes: $bytes})",
                    of=target.content,
                    seq=seq,
                    table=table,
                    bytes=piece,
                ).consume()

            turn.step(work)
        target = replace(target, parts=len(parts))
        turn.mark(target)
        return target

    def _parts(self, held: Marker) -> dict[str, pa.Table]:
        rows = self._connection.read(
            "MATCH (p:SnapshotPart) WHERE coalesce(p.of, $of) = $of RETURN p.seq, p.table, p.bytes ORDER BY p.seq",
            of=held.content,
        )
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

    def _bring(self, turn: Turn, writer: Writer, content: Mapping[str, pa.Table]) -> None:
        drop_scores(self._connection, turn)
        writer.bring_to(content)
        wrong = writer.differences(content)
        if wrong:
            raise StoreError(
                f"another program changed {', '.join(wrong)} during the load", where=self.url, hint="load again"
            )

    def _bring_what_is_wrong(
        self, turn: Turn, content: Mapping[str, pa.Table], target: Marker, progress: Progress
    ) -> None:
        """Write the tables again that are not what they should be: a part of them was there before, and changed."""
        wrong = self._changed(target, progress)
        if wrong:
            self._bring(turn, Writer(self._connection, turn, _counter(progress, content), wrong), content)
            if wrong := self._changed(target, progress):
                raise StoreError(
                    f"another program changed {', '.join(sorted(wrong))} during the load",
                    where=self.url,
                    hint="load again",
                )


class _Turns:
    """Holds the turn while a block runs, and gives it back, also when the block fails."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._turn = Turn(connection)

    def __enter__(self) -> Turn:
        self._turn.take()
        return self._turn

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._turn.end()
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
