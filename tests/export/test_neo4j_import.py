"""Files for neo4j-admin's importer: what the real importer makes of them is what the Neo4j store would load."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphrisk.errors import UsageError
from graphrisk.export.neo4j_import import ARGUMENTS, write
from graphrisk.graph.build import build_graph
from graphrisk.model.catalog import CATALOG
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j.store import Neo4jStore
from graphrisk.workspace import Workspace
from tests.neo4j_fixtures import Servers
from tests.neo4j_server import runnable_versions
from tests.worlds.build import AS_OF, ring, tables_of
from tests.worlds.whole import whole_world


def exported(store: FilesStore, folder: Path) -> list[Path]:
    info = store.snapshots()[-1]
    tables = {name: store.table(name) for name in CATALOG}
    graph = build_graph(tables, as_of=info.as_of, snapshot=info.id, digest=info.fingerprint)
    return write(tables, graph, folder)


@pytest.mark.neo4j
@pytest.mark.parametrize("version", runnable_versions())
def test_the_real_importer_makes_the_graph_that_the_store_would_load(
    version: str, tmp_path: Path, neo4j_servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = FilesStore(tmp_path / "store")
    reference.load(whole_world(), as_of=AS_OF)
    exported(reference, tmp_path / "out")
    server = neo4j_servers.fresh(version, f"import-{version}")
    server.prepare()
    server.admin("database", "import", "full", "neo4j", f"@{ARGUMENTS}", cwd=tmp_path / "out")
    server.start()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    store = Neo4jStore.connect(server.url)
    try:
        assert reference.snapshots() == store.snapshots()
        for name in CATALOG:
            assert reference.table(name).equals(store.table(name)), name
        links = (
            "MATCH (a:Party)-[r:BORROWS|HAS_COLLATERAL|REPORTED|RATED]->(b) "
            "RETURN a.id AS a, type(r) AS r, b.id AS b ORDER BY r, a, b"
        )
        labels = "MATCH (p:Party) RETURN p.id AS id, size(labels(p)) AS n, p:Client AS client ORDER BY id"
        for text in (links, labels):
            assert reference.query(text) == store.query(text)
        before = store.query("MATCH (n:Party) RETURN elementId(n) AS id ORDER BY id")
        assert "2026-09-30.1" == store.load(whole_world(), as_of=AS_OF)
        assert before == store.query("MATCH (n:Party) RETURN elementId(n) AS id ORDER BY id"), "nothing was rewritten"
        store.load(tables_of(**ring(3)), as_of=AS_OF)
        assert 3 == store.table("parties").num_rows
    finally:
        store.close()
        reference.close()
        server.kill()


def test_the_workspace_exports_the_whole_snapshot_and_no_choice(tmp_path: Path) -> None:
    FilesStore(tmp_path / ".graphrisk").load(whole_world(), as_of=AS_OF)
    workspace = Workspace(tmp_path)
    files = workspace.export([], "neo4j-import", tmp_path / "out")
    assert {path.name for path in files} == {path.name for path in (tmp_path / "out").iterdir()}
    assert "nodes-SnapshotState.csv" in {path.name for path in files}
    assert '"bods+bank_csv"' in (tmp_path / "out" / "nodes-Party.csv").read_text("utf-8")
    with pytest.raises(UsageError, match="whole snapshot"):
        workspace.export(["parties"], "neo4j-import", tmp_path / "out2")


def test_the_same_snapshot_gives_the_same_bytes(tmp_path: Path) -> None:
    store = FilesStore(tmp_path / "store")
    store.load(whole_world(), as_of=AS_OF)
    first, second = exported(store, tmp_path / "a"), exported(store, tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
