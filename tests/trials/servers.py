"""Servers: a push into Neo4j is killed, and so is the server in the middle of one."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import traceback
from pathlib import Path
from unittest import mock

from graphrisk.errors import StoreError
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j import writing
from graphrisk.stores.neo4j.store import Neo4jStore
from graphrisk.stores.verifying import faults_of
from tests.neo4j_server import LTS, Server, UnavailableError
from tests.stores.neo4j.loads import after
from tests.trials.outcome import Outcome
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world

BATCH = 3
"""Rows of a step, so that a small book has many."""


def pushes(folder: Path, times: int, servers: int) -> list[Outcome]:
    """Kill a push into Neo4j at `times` of its steps, and the server `servers` times in the middle of one."""
    killed = Outcome(what="push into Neo4j killed", expected="0 read half, 0 lost, 0 left over")
    gone = Outcome(what="Neo4j server killed during a push", expected="completed, or refused and completed next")
    reference = FilesStore(folder / "reference")
    reference.load(whole_world(), as_of=AS_OF)
    whole = reference.snapshots()[-1].content
    try:
        server = Server(home=folder / "server", version=LTS).start()
    except UnavailableError as error:
        killed.note = gone.note = f"not tried: {str(error)[:80]}"
        return [killed, gone]
    try:
        with mock.patch.dict(os.environ, server.environment):
            steps = _steps(server.url)
            for turn in range(times):
                _push_killed(killed, server.url, turn, 1 + turn * (steps - 1) // max(times - 1, 1), whole)
            killed.counts["steps of a push"] = steps
            for turn in range(servers):
                _server_killed(gone, server, 1 + (turn + 1) * steps // (servers + 1), whole)
    finally:
        server.kill()
    return [killed, gone]


def _steps(url: str) -> int:
    """Return how many steps a push over another snapshot has."""
    store = Neo4jStore.connect(url)
    store.load(tables_of(**ring(5)), as_of=AS_OF)
    seen = 0

    def count(task: str, done: int = 0, total: int | None = None) -> None:
        nonlocal seen
        seen += task.startswith(("nodes", "relationships", "removing"))

    with mock.patch.object(writing, "BATCH", BATCH):
        store.load(whole_world(), as_of=AS_OF, progress=count)
    store.close()
    return seen


def _push_killed(outcome: Outcome, url: str, turn: int, step: int, whole: str) -> None:
    store = Neo4jStore.connect(url)
    store.load(tables_of(**ring(5)), as_of=AS_OF)
    held = store.snapshots()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException), mock.patch.object(writing, "BATCH", BATCH):
            try:
                end = after(step, lambda: os.kill(os.getpid(), signal.SIGKILL))
                Neo4jStore.connect(url).load(whole_world(), as_of=AS_OF, progress=end)
            except BaseException:
                traceback.print_exc()
        os._exit(1)
    _, status = os.waitpid(child, 0)
    outcome.check(os.WIFSIGNALED(status), f"step {step}: the push was not killed")
    (info,) = store.snapshots()
    if info.trouble:
        try:
            store.table("parties")
            outcome.wrong.append(f"step {step}: half a snapshot is read")
        except StoreError:
            pass
    else:
        outcome.check([info] == held and not faults_of(store, info), f"step {step}: {info.id} is torn")
    store.recover()
    if turn % 2:
        store.load(whole_world(), as_of=AS_OF)
    (info,) = store.snapshots()
    fine = info.content in ({whole} if turn % 2 else {whole, held[0].content})
    outcome.check(fine and not faults_of(store, info), f"step {step}: not whole after the next load")
    store.remember([])
    left = store._connection.read(
        "MATCH (s:SnapshotState) MATCH (p:SnapshotPart) WHERE p.of <> s.content RETURN count(p)"
    )
    outcome.check(left == [[0]], f"step {step}: pieces are left over")
    outcome.tried += 1
    store.close()


def _server_killed(outcome: Outcome, server: Server, step: int, whole: str) -> None:
    store = Neo4jStore.connect(server.url)
    store.load(tables_of(**ring(5)), as_of=AS_OF)
    restarted: list[threading.Thread] = []

    def restart() -> None:
        server.kill()
        restarted.append(threading.Thread(target=server.start))
        restarted[0].start()

    with contextlib.suppress(StoreError), mock.patch.object(writing, "BATCH", BATCH):
        store.load(whole_world(), as_of=AS_OF, progress=after(step, restart))
    outcome.check(bool(restarted), f"step {step}: the server was not killed")
    for one in restarted:
        one.join()
    store.close()
    again = Neo4jStore.connect(server.url)
    again.load(whole_world(), as_of=AS_OF)
    (info,) = again.snapshots()
    outcome.check(info.content == whole and not faults_of(again, info), f"step {step}: not whole after the next load")
    again.close()
    outcome.tried += 1
