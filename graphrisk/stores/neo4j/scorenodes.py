"""Results in Neo4j: whole in `:ScoreRun` and `:ScorePart` nodes, the default ones also as properties of the parties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphrisk.model.result import Result, digest_of
from graphrisk.stores.neo4j.connection import Connection
from graphrisk.stores.neo4j.marker import Turn
from graphrisk.stores.neo4j.writing import BATCH, drain
from graphrisk.stores.scores import pack, party_scores, unpack

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

_PART = 1 << 20


def write_scores(connection: Connection, turn: Turn, result: Result, *, default: bool) -> None:
    """Keep a result in place of an earlier one with the same parameters."""
    run = f"{result.analyzer}-{result.digest}"
    scored = party_scores(result) if default else None
    properties = [name for name in scored.column_names if name != "party_id"] if scored is not None else []
    if default:
        _drop_properties(connection, turn, result.analyzer)
    drain(turn, f"MATCH (p:ScorePart {{run: {json.dumps(run)}}}) WITH p LIMIT {BATCH} DELETE p RETURN count(*)")
    _step(
        turn,
        "MERGE (r:ScoreRun {run: $run}) SET r += $said",
        run=run,
        said={
            "graphrisk": True,
            "analyzer": result.analyzer,
            "digest": result.digest,
            "whole": False,
            "properties": properties,
            "settings": digest_of(result.settings),
        },
    )
    seq = 0
    for file, content in pack(result).items():
        for at in range(0, max(len(content), 1), _PART):
            _step(
                turn,
                "CREATE (:ScorePart {graphrisk: true, run: $run, seq: $seq, file: $file, bytes: $bytes})",
                run=run,
                seq=seq,
                file=file,
                bytes=content[at : at + _PART],
            )
            seq += 1
    if scored is not None and properties:
        _set_properties(turn, scored, properties)
    _step(turn, "MATCH (r:ScoreRun {run: $run}) SET r.whole = true, r.parts = $parts", run=run, parts=seq)


def read_scores(connection: Connection, analyzer: str, digest: str) -> Result | None:
    """Return a kept result, None if there is none or if writing it did not finish."""
    run = f"{analyzer}-{digest}"
    whole = connection.read("MATCH (r:ScoreRun {run: $run}) WHERE r.whole RETURN r.parts", run=run)
    if not whole:
        return None
    rows = connection.read("MATCH (p:ScorePart {run: $run}) RETURN p.file, p.bytes ORDER BY p.seq", run=run)
    files: dict[str, bytearray] = {}
    for file, piece in rows:
        files.setdefault(file, bytearray()).extend(piece)
    return unpack({name: bytes(content) for name, content in files.items()})


def scored_otherwise(connection: Connection, settings: Mapping[str, Any]) -> list[str]:
    """Return the analyzers whose properties on the parties were computed under other settings than these."""
    rows = connection.read(
        "MATCH (r:ScoreRun) WHERE size(r.properties) > 0 AND coalesce(r.settings, '') <> $settings "
        "RETURN DISTINCT r.analyzer AS analyzer ORDER BY analyzer",
        settings=digest_of(settings),
    )
    return [analyzer for (analyzer,) in rows]


def drop_scores(connection: Connection, turn: Turn) -> None:
    """Remove all results: they belong to the snapshot that was there."""
    for (analyzer,) in connection.read("MATCH (r:ScoreRun) RETURN DISTINCT r.analyzer"):
        _drop_properties(connection, turn, analyzer)
    for label in ("ScorePart", "ScoreRun"):
        drain(turn, f"MATCH (n:{label}) WITH n LIMIT {BATCH} DELETE n RETURN count(*)")


def tidy(connection: Connection, turn: Turn) -> None:
    """Remove what writers that died left: pieces of snapshots that are not there, results that are not whole."""
    left = connection.read(
        "MATCH (s:SnapshotState {key: 'graphrisk'}) MATCH (p:SnapshotPart) WHERE s.content IS NULL OR p.of IS NULL "
        "OR p.of <> s.content RETURN count(p)"
    )
    if left and left[0][0]:
        drain(
            turn,
            "MATCH (s:SnapshotState {key: 'graphrisk'}) MATCH (p:SnapshotPart) WHERE s.content IS NULL OR p.of IS NULL "
            f"OR p.of <> s.content WITH p LIMIT {BATCH} DELETE p RETURN count(*)",
        )
    for run, analyzer in connection.read("MATCH (r:ScoreRun) WHERE NOT r.whole RETURN r.run, r.analyzer"):
        _drop_properties(connection, turn, analyzer)
        drain(turn, f"MATCH (p:ScorePart {{run: {json.dumps(run)}}}) WITH p LIMIT {BATCH} DELETE p RETURN count(*)")
        _step(turn, "MATCH (r:ScoreRun {run: $run}) DELETE r", run=run)


def _drop_properties(connection: Connection, turn: Turn, analyzer: str) -> None:
    kept = connection.read("MATCH (r:ScoreRun {analyzer: $analyzer}) RETURN r.properties", analyzer=analyzer)
    names = sorted({name for (properties,) in kept for name in properties or ()})
    if not names:
        return
    there = " OR ".join(f"p.{_quoted(name)} IS NOT NULL" for name in names)
    gone = ", ".join(f"p.{_quoted(name)}" for name in names)
    drain(turn, f"MATCH (p:Party) WHERE {there} WITH p LIMIT {BATCH} REMOVE {gone} RETURN count(*)")
    _step(turn, "MATCH (r:ScoreRun {analyzer: $analyzer}) SET r.properties = []", analyzer=analyzer)


def _set_properties(turn: Turn, scored: pa.Table, properties: list[str]) -> None:
    values = ", ".join(f"p.{_quoted(name)} = $c{i}[i]" for i, name in enumerate(properties, 1))
    text = f"UNWIND range(0, size($c0) - 1) AS i MATCH (p:Party {{id: $c0[i]}}) SET {values}"
    for batch in scored.combine_chunks().select(["party_id", *properties]).to_batches(BATCH):
        _step(turn, text, **{f"c{i}": column.to_pylist() for i, column in enumerate(batch.columns)})


def _step(turn: Turn, text: str, **params: Any) -> None:
    def work(tx: ManagedTransaction) -> None:
        tx.run(text, params).consume()

    turn.step(work)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
