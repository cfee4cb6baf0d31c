"""The Neo4j servers of a test session: the one at NEO4J_URI, else our own from Maven artifacts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graphrisk.model.shapes import LABELS
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.neo4j_server import Server, UnavailableError, libraries, runnable_versions

GIVEN = "given"


def server_versions() -> list[str]:
    """Return what Neo4j tests are run on: the server at NEO4J_URI alone, else every version this machine can run."""
    return [GIVEN] if os.environ.get("NEO4J_URI") else runnable_versions()


@dataclass(frozen=True, kw_only=True)
class Reachable:
    """A running server: its url, the variables that reach it, and the process where it is ours."""

    url: str
    environment: dict[str, str]
    own: Server | None

    def connect(self, monkeypatch: pytest.MonkeyPatch) -> Neo4jStore:
        """Return a store on it, with the environment set."""
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        return Neo4jStore.connect(self.url)

    def run(self, cypher: str, **params: object) -> list[list[object]]:
        """Run any statement, as another program would."""
        from neo4j import GraphDatabase

        auth = (self.environment["NEO4J_USERNAME"], self.environment["NEO4J_PASSWORD"])
        with GraphDatabase.driver(self.url, auth=auth) as driver, driver.session() as session:
            return [record.values() for record in session.run(cypher, params)]  # type: ignore[arg-type]

    def wipe(self) -> None:
        """Remove what graphrisk or a test left there."""
        ours = [*LABELS, "SnapshotState", "SnapshotPart", "ScoreRun", "ScorePart", "Foreign"]
        self.run("MATCH (n) WHERE any(label IN labels(n) WHERE label IN $ours) DETACH DELETE n", ours=ours)


class Servers:
    """Starts each version once a session."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, Reachable] = {}

    def get(self, version: str) -> Reachable:
        """Return a running server; skips where none can be, and fails in CI."""
        if version not in self._running:
            try:
                self._running[version] = self._start(version)
            except UnavailableError as error:
                if os.environ.get("CI"):
                    pytest.fail(str(error))
                pytest.skip(str(error))
        return self._running[version]

    def fresh(self, version: str, name: str) -> Server:
        """Return a server of its own, not started, for a test that breaks it."""
        try:
            libraries(version)
        except UnavailableError as error:
            if os.environ.get("CI"):
                pytest.fail(str(error))
            pytest.skip(str(error))
        return Server(home=self._folder / name, version=version)

    def stop(self) -> None:
        """End what was started here."""
        for reachable in self._running.values():
            if reachable.own is not None:
                reachable.own.kill()

    def _start(self, version: str) -> Reachable:
        if version == GIVEN:
            environment = {
                "NEO4J_USERNAME": os.environ.get("NEO4J_USERNAME", "neo4j"),
                "NEO4J_PASSWORD": os.environ["NEO4J_PASSWORD"],
            }
            return Reachable(url=os.environ["NEO4J_URI"], environment=environment, own=None)
        server = Server(home=self._folder / version, version=version).start()
        return Reachable(url=server.url, environment=server.environment, own=server)


@pytest.fixture(scope="session")
def neo4j_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Running servers by version."""
    servers = Servers(tmp_path_factory.mktemp("neo4j"))
    yield servers
    servers.stop()


@pytest.fixture(params=server_versions())
def neo4j_server(request: pytest.FixtureRequest, neo4j_servers: Servers) -> Reachable:
    """A running server of every version, without anything of ours in it."""
    reachable = neo4j_servers.get(request.param)
    reachable.wipe()
    return reachable


@pytest.fixture
def neo4j_store(neo4j_server: Reachable, monkeypatch: pytest.MonkeyPatch) -> Iterator[Neo4jStore]:
    """An empty Neo4j store on every version."""
    store = neo4j_server.connect(monkeypatch)
    yield store
    store.close()
