"""What every test may use: small worlds as canonical tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import spreading
from tests.neo4j_fixtures import neo4j_server, neo4j_servers, neo4j_store
from tests.worlds.build import AS_OF, SHARED_DATA

BUSY = [HealthCheck.too_slow]  # hypothesis makes its tables of characters in a test's time, once on each machine
settings.register_profile("here", suppress_health_check=BUSY)
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=BUSY)
settings.load_profile("here")
if os.environ.get("CI"):  # a run that decides what lands asks the same questions every time
    settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """A process of `pytest -n` is told the width of the first one's window; the commands of a test have none."""
    if hasattr(config, "workerinput"):
        os.environ.pop("COLUMNS", None)


_SERVER = {"neo4j_store", "neo4j_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what talks to a Neo4j server or drives a browser, so that `-m "not neo4j and not browser"` needs neither."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        given = getattr(getattr(item, "callspec", None), "params", {}).values()
        if fixtures & _SERVER or any(str(value).startswith("neo4j ") for value in given):
            item.add_marker("neo4j")
        if "chromium" in fixtures:
            item.add_marker("browser")
    if hasattr(config, "workerinput"):
        spreading.put_in_order(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Spread the tests of `pytest -n` by what they share."""
    return spreading.scheduler(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; skips where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("real data is not beside this checkout (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One real Chromium for all tests of the pages; skips where there is none."""
    from tests.views.browser import browser

    with browser() as started:
        yield started


@pytest.fixture
def as_of() -> date:
    return AS_OF


__all__ = ["neo4j_server", "neo4j_servers", "neo4j_store"]
