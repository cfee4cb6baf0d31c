"""What a Neo4j store is held against."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from graphrisk.model.catalog import CATALOG
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j import writing
from tests.worlds.build import AS_OF
from tests.worlds.whole import whole_world


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, pa.Table]:
    """The tables of the whole world as the files store keeps them."""
    reference = FilesStore(tmp_path / "reference")
    reference.load(whole_world(), as_of=AS_OF)
    return {name: reference.table(name) for name in CATALOG}


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 3)
