from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphrisk.graph.riskgraph import RiskGraph
from tests.views.browser import browser
from tests.views.worlds import hostile_graph, random_graph


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One real Chromium for all tests of the pages."""
    with browser() as started:
        yield started


@pytest.fixture(scope="session")
def bank() -> RiskGraph:
    return random_graph(600)


@pytest.fixture(scope="session")
def hostile() -> RiskGraph:
    return hostile_graph()
