from __future__ import annotations

import networkx as nx
from hypothesis import given, settings

from graphrisk.kernels.network.kcore import core_numbers
from tests.kernels.digraphs import Digraph, digraphs, random_digraph


@given(digraphs())
@settings(max_examples=200, deadline=None)
def test_cores_are_those_of_networkx(case: Digraph) -> None:
    expected = nx.core_number(case.networkx())
    assert [expected[k] for k in range(case.size)] == core_numbers(case.size, case.source, case.target).tolist()


def test_cores_of_a_larger_graph() -> None:
    case = random_digraph(1, 500, 4_000)
    expected = nx.core_number(case.networkx())
    assert [expected[k] for k in range(500)] == core_numbers(500, case.source, case.target).tolist()
