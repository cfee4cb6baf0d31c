from __future__ import annotations

import pytest

from graphrisk.graph.riskgraph import RiskGraph
from tests.views.worlds import hostile_graph, random_graph


@pytest.fixture(scope="session")
def bank() -> RiskGraph:
    return random_graph(600)


@pytest.fixture(scope="session")
def hostile() -> RiskGraph:
    return hostile_graph()
