"""One store of each kind: the contract runs on all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graphrisk.stores.base import Store
from graphrisk.stores.files.store import FilesStore
from tests.neo4j_fixtures import Servers, server_versions


@pytest.fixture(params=["files", *(f"neo4j {version}" for version in server_versions())])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, neo4j_servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """An empty store of every kind."""
    kind, _, version = request.param.partition(" ")
    opened: Store
    if kind == "files":
        opened = FilesStore(tmp_path / "store")
    else:
        server = neo4j_servers.get(version)
        server.wipe()
        opened = server.connect(monkeypatch)
    yield opened
    opened.close()
