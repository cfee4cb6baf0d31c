"""Who may write: one process at a time, taken for dead only when it is; what it left can be completed or removed."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

import graphrisk as gr
from graphrisk.errors import BusyError, StoreError
from graphrisk.stores.neo4j import marker
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.cli.conftest import write_book
from tests.neo4j_fixtures import Reachable
from tests.stores.neo4j.loads import Interrupted, after, crash
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world


def test_a_snapshot_that_is_being_loaded_is_said_to_be_and_an_answer_is_given_all_the_same(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, tmp_path: Path
) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    hold = (
        "MATCH (s:SnapshotState) SET s.token = 't', s.holder = 'elsewhere/77/1', s.at = timestamp(), s.state = $state"
    )
    neo4j_server.run(hold, state="complete")
    workspace = gr.open(str(tmp_path), store=neo4j_store.url)
    result = workspace.analyze("chains")
    assert [note for note in result.notes if "not kept in the store" in note and "elsewhere/77" in note]
    workspace.close()
    neo4j_server.run(hold, state="loading")
    with pytest.raises(BusyError, match="is being loaded by elsewhere/77"):
        neo4j_store.table("parties")
    with pytest.raises(BusyError, match="is being loaded"):
        neo4j_store.recover()


def test_a_turn_is_renewed_while_nothing_is_written(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marker, "_BEAT", 0.2)
    turn = marker.Turn(neo4j_store._connection)
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    turn.take()
    neo4j_server.run("MATCH (s:SnapshotState) SET s.at = 0")
    time.sleep(1.5)
    ((silent,),) = neo4j_server.run("MATCH (s:SnapshotState) RETURN (timestamp() - s.at) / 1000.0")
    turn.end()
    turn.give_back()
    assert float(str(silent)) < 10


def test_a_process_number_that_was_given_again_is_nobody_who_works(
    neo4j_store: Neo4jStore, neo4j_server: Reachable
) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    parent = f"{socket.gethostname()}/{os.getppid()}"
    hold = "MATCH (s:SnapshotState) SET s.token = 't', s.holder = $holder, s.at = timestamp() - $silent"
    neo4j_server.run(hold, holder=f"{parent}/{marker._started(os.getppid())}", silent=1_000)
    with pytest.raises(BusyError):
        neo4j_store.load(tables_of(**ring(4)), as_of=AS_OF)
    neo4j_server.run(hold, holder=f"{parent}/1", silent=1_000)
    neo4j_store.load(tables_of(**ring(4)), as_of=AS_OF)
    neo4j_server.run(hold, holder=f"{parent}/{marker._started(os.getppid())}", silent=61_000)
    neo4j_store.load(tables_of(**ring(5)), as_of=AS_OF)
    assert 5 == neo4j_store.table("parties").num_rows


def test_an_unfinished_load_is_listed_and_the_command_line_removes_it(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, tmp_path: Path
) -> None:
    with pytest.raises(Interrupted):
        neo4j_store.load(whole_world(), as_of=AS_OF, progress=after(5, crash))
    neo4j_server.run("MATCH (p:SnapshotPart) WHERE p.seq > 0 DELETE p")
    workspace = gr.open(str(tmp_path), store=neo4j_store.url)
    with pytest.raises(StoreError, match="not whole") as caught:
        workspace.load("bank_csv", write_book(tmp_path / "data"), as_of="2026-09-30")
    assert "snapshots remove 2026-09-30.1" in caught.value.hint
    assert ["2026-09-30.1"] == workspace.snapshots()["snapshot"].tolist()
    workspace.remove("2026-09-30.1")
    assert 0 == len(workspace.snapshots())
    workspace.load("bank_csv", write_book(tmp_path / "data"), as_of="2026-09-30")
    assert 3 == len(workspace.table("parties"))
    workspace.close()
