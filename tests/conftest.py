"""What every test may use: small worlds as canonical tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.neo4j_fixtures import neo4j_server, neo4j_servers, neo4j_store
from tests.worlds.build import AS_OF, SHARED_DATA


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real data is not beside this checkout (../shared/data)")
    return SHARED_DATA


@pytest.fixture
def as_of() -> date:
    return AS_OF


__all__ = ["neo4j_server", "neo4j_servers", "neo4j_store"]
