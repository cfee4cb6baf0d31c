from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings

from graphrisk.kernels.network.betweenness import betweenness
from tests.kernels.digraphs import Digraph, digraphs, random_digraph


@given(digraphs())
@settings(max_examples=150, deadline=None)
def test_with_all_pivots_it_is_the_betweenness_of_networkx(case: Digraph) -> None:
    total, _ = betweenness(case.size, case.source, case.target, np.arange(case.size))
    expected = nx.betweenness_centrality(case.networkx(), normalized=False)
    np.testing.assert_allclose(total, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)


def test_pivots_add_up_and_squares_are_of_each_pivot() -> None:
    case = random_digraph(1, 300, 900)  # enough for several pieces
    one_by_one = [betweenness(300, case.source, case.target, np.array([k])) for k in range(300)]
    total, squares = betweenness(300, case.source, case.target, np.arange(300))
    np.testing.assert_allclose(total, sum(part[0] for part in one_by_one), atol=1e-9)
    np.testing.assert_allclose(squares, sum(part[0] ** 2 for part in one_by_one), atol=1e-6)
