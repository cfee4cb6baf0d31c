"""What only a database server can do to us: refuse, restart, hold another program's data, be left half loaded."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from graphrisk.errors import StoreError, UsageError
from graphrisk.stores.neo4j.connection import check_version
from graphrisk.stores.neo4j.store import Neo4jStore
from graphrisk.stores.open import open_store
from tests.neo4j_fixtures import Reachable, Servers
from tests.neo4j_server import LTS, free_port
from tests.stores.neo4j.loads import Interrupted, after, assert_exact, crash
from tests.stores.test_contract import a_result
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world

REPO = Path(__file__).resolve().parents[3]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("steps", [1, 7, 30])
def test_a_load_that_broke_is_never_read_and_is_completed(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, expected: dict[str, pa.Table], steps: int
) -> None:
    neo4j_store.load(tables_of(**ring(5)), as_of=AS_OF)
    neo4j_store.write_scores(a_result(), default=True)
    with pytest.raises(Interrupted):
        neo4j_store.load(whole_world(), as_of=AS_OF, progress=after(steps, crash))
    assert ["its load did not finish"] == [info.trouble for info in neo4j_store.snapshots()]
    for read in (
        lambda: neo4j_store.table("parties"),
        lambda: neo4j_store.query("MATCH (p:Party) RETURN p.id AS id"),
        lambda: neo4j_store.scores("chains", a_result().digest),
        lambda: neo4j_store.write_scores(a_result(), default=True),
    ):
        with pytest.raises(StoreError, match="did not finish") as caught:
            read()
        assert "load again" in caught.value.hint
    assert [[False]] == neo4j_server.run("MATCH (s:Snapshot) RETURN s.complete")
    second = Neo4jStore.connect(neo4j_store.url)
    second.recover()
    second.close()
    assert ["2026-09-30.2"] == [info.id for info in neo4j_store.snapshots()]
    assert_exact(neo4j_store, neo4j_server, expected)


@pytest.mark.usefixtures("small_batches")
def test_loading_something_else_over_a_broken_load_gives_exactly_that(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, expected: dict[str, pa.Table]
) -> None:
    with pytest.raises(Interrupted):
        neo4j_store.load(tables_of(**ring(9)), as_of=date(2026, 1, 31), progress=after(4, crash))
    assert "2026-09-30.1" == neo4j_store.load(whole_world(), as_of=AS_OF)
    assert_exact(neo4j_store, neo4j_server, expected)


def test_a_broken_load_can_be_removed(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    with pytest.raises(Interrupted):
        neo4j_store.load(whole_world(), as_of=AS_OF, progress=after(5, crash))
    neo4j_store.remove("2026-09-30.1")
    assert [] == neo4j_store.snapshots()
    assert [["SnapshotState", 1]] == neo4j_server.run("MATCH (n) UNWIND labels(n) AS label RETURN label, count(*)")


def test_our_own_process_killed_in_the_middle_leaves_nothing_wrong(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, expected: dict[str, pa.Table]
) -> None:
    program = (
        "import os, signal\n"
        "from graphrisk.stores.neo4j import writing\n"
        "from graphrisk.stores.neo4j.store import Neo4jStore\n"
        "from tests.stores.neo4j.loads import after\n"
        "from tests.worlds.build import AS_OF\n"
        "from tests.worlds.whole import whole_world\n"
        "writing.BATCH = 3\n"
        f"store = Neo4jStore.connect({neo4j_store.url!r})\n"
        "store.load(whole_world(), as_of=AS_OF, progress=after(12, lambda: os.kill(os.getpid(), signal.SIGKILL)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], env={**os.environ, **neo4j_server.environment}, check=False)
    assert -signal.SIGKILL == ran.returncode
    with pytest.raises(StoreError, match="did not finish"):
        neo4j_store.table("parties")
    neo4j_store.load(whole_world(), as_of=AS_OF)
    assert_exact(neo4j_store, neo4j_server, expected)


@pytest.mark.usefixtures("small_batches")
def test_a_server_restarted_in_the_middle_completes_or_fails_clearly(
    neo4j_server: Reachable, neo4j_store: Neo4jStore, expected: dict[str, pa.Table]
) -> None:
    if neo4j_server.own is None:
        pytest.skip("the server at NEO4J_URI is not ours to kill")
    own = neo4j_server.own

    def restart() -> None:
        own.kill()
        threading.Thread(target=own.start).start()

    with contextlib.suppress(StoreError):
        neo4j_store.load(whole_world(), as_of=AS_OF, progress=after(10, restart))
    own.wait_until_started()
    again = Neo4jStore.connect(neo4j_store.url)
    again.load(whole_world(), as_of=AS_OF)
    assert_exact(again, neo4j_server, expected)
    again.close()


def test_a_second_load_of_the_same_writes_nothing(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    neo4j_store.load(whole_world(), as_of=AS_OF)
    ids = "MATCH (n:Party) RETURN elementId(n) AS id, n.id ORDER BY n.id"
    edges = "MATCH (:Party)-[r]->(:Party) RETURN elementId(r) AS id ORDER BY id"
    before = (neo4j_server.run(ids), neo4j_server.run(edges))
    neo4j_store.load(whole_world(), as_of=AS_OF)
    assert before == (neo4j_server.run(ids), neo4j_server.run(edges))


def test_a_small_change_rewrites_only_what_changed(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    book = ring(6)
    neo4j_store.load(tables_of(**book), as_of=AS_OF)
    edges = "MATCH (:Party)-[r:GUARANTEES]->() RETURN r.guarantee_id, elementId(r)"
    before = dict(neo4j_server.run(edges))
    book["guarantees"][2] |= {"amount": 1.0}
    neo4j_store.load(tables_of(**book), as_of=AS_OF)
    changed = dict(neo4j_server.run(edges))
    assert ["G2"] == [key for key in before if before[key] != changed[key]]


def test_a_graph_that_another_program_changed_is_not_read_and_is_mended(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, expected: dict[str, pa.Table]
) -> None:
    neo4j_store.load(whole_world(), as_of=AS_OF)
    neo4j_server.run("MATCH (:Party)-[g:GUARANTEES {guarantee_id: 'G1'}]->() DELETE g")
    neo4j_server.run("MATCH (a:Party)-[o:OWNS]->(b:Party) WITH a, o, b LIMIT 1 CREATE (a)-[x:OWNS]->(b) SET x = o")
    for table in ("guarantees", "ownership"):
        with pytest.raises(StoreError, match="another program"):
            neo4j_store.table(table)
    neo4j_store.load(whole_world(), as_of=AS_OF)
    assert_exact(neo4j_store, neo4j_server, expected)


def test_data_of_another_program_is_not_touched(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    neo4j_server.run("CREATE (:Foreign {id: 'P00', name: 'mine'})-[:OWNS {share: 1}]->(:Foreign {id: 'P01'})")
    snapshot = neo4j_store.load(whole_world(), as_of=AS_OF)
    neo4j_server.run("MATCH (p:Party {id: 'P00'}) SET p.note = 'seen'")
    neo4j_store.load(tables_of(**ring(2), collateral=[], ties=[]), as_of=date(2026, 10, 31))
    neo4j_store.remove(neo4j_store.snapshots()[-1].id)
    assert snapshot
    left = neo4j_server.run("MATCH (a:Foreign)-[r:OWNS]->(b:Foreign) RETURN a.name, r.share, b.id")
    assert [["mine", 1, "P01"]] == left
    assert [[2]] == neo4j_server.run("MATCH (n:Foreign) RETURN count(n)")


def test_a_note_on_a_party_stays_when_the_party_changes(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    book = ring(3)
    neo4j_store.load(tables_of(**book), as_of=AS_OF)
    neo4j_server.run("MATCH (p:Party {id: 'P0'}) SET p.note = 'seen'")
    book["parties"][0] |= {"region": "浙江"}
    neo4j_store.load(tables_of(**book), as_of=AS_OF)
    assert [["seen", "浙江"]] == neo4j_server.run("MATCH (p:Party {id: 'P0'}) RETURN p.note, p.region")


@pytest.mark.parametrize("label", ["Party", "Financials", "Snapshot", "ScoreRun"])
def test_a_database_that_uses_our_labels_is_refused(
    neo4j_store: Neo4jStore, neo4j_server: Reachable, label: str
) -> None:
    neo4j_server.run(f"CREATE (:{label} {{id: 'theirs'}})")
    with pytest.raises(StoreError, match=f"1 :{label} nodes that graphrisk did not load"):
        neo4j_store.load(whole_world(), as_of=AS_OF)
    assert [[1]] == neo4j_server.run("MATCH (n) RETURN count(n)")


def test_a_party_that_another_program_tied_is_not_removed_silently(
    neo4j_store: Neo4jStore, neo4j_server: Reachable
) -> None:
    neo4j_store.load(tables_of(**ring(4)), as_of=AS_OF)
    neo4j_server.run("MATCH (p:Party {id: 'P3'}) CREATE (:Foreign)-[:INVESTIGATES]->(p)")
    with pytest.raises(StoreError, match="P3 is no longer in the data, but another program tied it by INVESTIGATES"):
        neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert 4 == neo4j_store.table("parties").num_rows, "nothing was marked or changed"
    with pytest.raises(StoreError, match="no longer in the data"):
        neo4j_store.remove(neo4j_store.snapshots()[-1].id)
    assert 4 == neo4j_store.table("parties").num_rows
    neo4j_server.run("MATCH (f:Foreign) DETACH DELETE f")
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    assert 3 == neo4j_store.table("parties").num_rows


def test_a_living_writer_is_not_disturbed(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    hold = "MATCH (s:SnapshotState) SET s.token = 't', s.holder = $holder, s.at = timestamp() - $silent"
    neo4j_server.run(hold, holder="elsewhere/77", silent=5_000)
    with pytest.raises(StoreError, match=r"another process .elsewhere/77. is writing"):
        neo4j_store.load(tables_of(**ring(4)), as_of=AS_OF)
    neo4j_server.run(hold, holder="elsewhere/77", silent=120_000)
    neo4j_store.load(tables_of(**ring(4)), as_of=AS_OF)
    assert 4 == neo4j_store.table("parties").num_rows


def test_who_lost_the_turn_stops(neo4j_store: Neo4jStore, neo4j_server: Reachable) -> None:
    def steal() -> None:
        neo4j_server.run("MATCH (s:SnapshotState) SET s.token = 'thief'")

    with pytest.raises(StoreError, match="taken over"):
        neo4j_store.load(whole_world(), as_of=AS_OF, progress=after(3, steal))


def refused(url: str) -> StoreError:
    started = time.monotonic()
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert 4 == caught.value.exit_code
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert time.monotonic() - started < 30, "far from the five seconds that a quiet machine needs"
    return caught.value


def test_a_refused_connection_is_one_sentence() -> None:
    error = refused(f"neo4j://127.0.0.1:{free_port()}")
    assert "refuses the connection" in error.message
    assert "docker run" in error.hint


def test_an_unknown_host_is_one_sentence() -> None:
    assert "no host is called" in refused("neo4j://no-such-host.invalid:7687").message


def test_a_wrong_password_is_one_sentence(neo4j_server: Reachable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.setenv("NEO4J_PASSWORD", "not-this-one")
    error = refused(neo4j_server.url)
    assert "refuses the password of user neo4j" in error.message
    assert "NEO4J_PASSWORD" in error.hint


def test_no_password_at_all_says_which_variable_to_set(
    neo4j_server: Reachable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEO4J_PASSWORD", raising=False)
    assert "NEO4J_PASSWORD is not set" in refused(neo4j_server.url).message


def test_an_unknown_database_is_one_sentence(neo4j_server: Reachable, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**neo4j_server.environment, "NEO4J_DATABASE": "nosuchdb"}.items():
        monkeypatch.setenv(name, value)
    assert "no database called 'nosuchdb'" in refused(neo4j_server.url).message


def test_encryption_that_the_server_does_not_speak_is_said(
    neo4j_server: Reachable, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in neo4j_server.environment.items():
        monkeypatch.setenv(name, value)
    error = refused(neo4j_server.url.replace("neo4j://", "bolt+s://"))
    assert error.message


def test_credentials_in_the_url_are_refused() -> None:
    with pytest.raises(UsageError, match="credentials") as caught:
        open_store("neo4j://me:secret@127.0.0.1:7687")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("agent", ["Neo4j/4.4.38", "Neo4j/3.5.0", "Memgraph/2.0"])
def test_an_old_or_other_server_is_refused(agent: str) -> None:
    with pytest.raises(StoreError, match="is not supported"):
        check_version(agent, "neo4j://x")
    check_version("Neo4j/5.0.0", "neo4j://x")
    check_version("Neo4j/2026.08.1", "neo4j://x")


def test_a_database_that_may_only_be_read_is_one_sentence(
    neo4j_servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Community has no read-only users; a read-only database refuses with the same kind of error."""
    server = neo4j_servers.fresh(LTS, "readonly").start()
    server.stop()
    with (server.home / "conf" / "neo4j.conf").open("a", encoding="utf-8") as conf:
        conf.write("server.databases.default_to_read_only=true\n")
    server.start()
    try:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        store = Neo4jStore.connect(server.url)
        with pytest.raises(StoreError, match="not allowed") as caught:
            store.load(whole_world(), as_of=AS_OF)
        assert "may write" in caught.value.hint
        assert [] == store.snapshots()
        store.close()
    finally:
        server.kill()


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
def test_a_server_that_is_gone_is_said_to_have_gone_away(
    neo4j_servers: Servers, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    server = neo4j_servers.fresh(LTS, f"gone-{scheme}").start()
    monkeypatch.setattr("graphrisk.stores.neo4j.connection._RETRY", 1.0)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    try:
        store = Neo4jStore.connect(server.url.replace("neo4j:", f"{scheme}:"))
        store.load(tables_of(**ring(3)), as_of=AS_OF)
    finally:
        server.kill()
    for act in (store.snapshots, lambda: store.write_scores(a_result(), default=True)):
        with pytest.raises(StoreError, match="the server went away"):
            act()
    store.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "UNWIND range(1, 50000) AS a UNWIND range(1, 50000) AS b WITH a, b WHERE a * b < 0 RETURN count(*) AS n",
            "took longer than 0.5 s",
        ),
        ("RETURN 1 / 0 AS n", "cannot run"),
    ],
)
def test_a_query_that_fails_says_why(neo4j_store: Neo4jStore, text: str, said: str) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    with pytest.raises((StoreError, UsageError), match=said):
        neo4j_store.query(text, timeout=0.5)


def test_the_server_itself_refuses_a_write_that_slips_through(
    neo4j_store: Neo4jStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    neo4j_store.load(tables_of(**ring(3)), as_of=AS_OF)
    monkeypatch.setattr("graphrisk.stores.neo4j.store.check_statement", lambda text: text)
    with pytest.raises(UsageError, match="only reads"):
        neo4j_store.query("CREATE (n:Foreign) RETURN n")
    with pytest.raises(UsageError, match="only reads"):
        neo4j_store.query("MATCH (p:Party) SET p.name = 'x' RETURN p.id AS id")


def test_a_name_mistyped_is_told_and_one_of_the_vocabulary_is_not(neo4j_store: Neo4jStore) -> None:
    neo4j_store.load(tables_of(parties=[{"party_id": "P0"}]), as_of=AS_OF)
    assert () == neo4j_store.query("MATCH (c:Collateral)<-[:SECURED_BY]-(f) RETURN c.haircut AS h").rows
    for text in ("MATCH (p:Prty) RETURN p", "MATCH (p)-[:OWN]->(q) RETURN p", "MATCH (p:Party) RETURN p.nmae AS n"):
        with pytest.raises(UsageError, match="is called"):
            neo4j_store.query(text)
