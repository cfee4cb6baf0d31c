from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings

from graphrisk.kernels.network.closeness import harmonic
from tests.kernels.digraphs import Digraph, digraphs, random_digraph


@given(digraphs())
@settings(max_examples=150, deadline=None)
def test_with_all_pivots_it_is_the_harmonic_closeness_of_networkx(case: Digraph) -> None:
    total, _ = harmonic(case.size, case.source, case.target, np.arange(case.size))
    expected = nx.harmonic_centrality(case.networkx())
    np.testing.assert_allclose(total, [expected[k] for k in range(case.size)], atol=1e-9, rtol=0)


def test_more_sources_than_a_word_has_bits_and_more_than_a_piece() -> None:
    case = random_digraph(2, 1_200, 3_000)
    total, _ = harmonic(1_200, case.source, case.target, np.arange(1_200))
    expected = nx.harmonic_centrality(case.networkx())
    np.testing.assert_allclose(total, [expected[k] for k in range(1_200)], atol=1e-9, rtol=0)


def test_squares_are_of_each_pivot() -> None:
    case = random_digraph(3, 100, 300)
    pivots = np.array([3, 17, 40, 41, 99])
    one_by_one = [harmonic(100, case.source, case.target, np.array([k]))[0] for k in pivots]
    total, squares = harmonic(100, case.source, case.target, pivots)
    np.testing.assert_allclose(total, sum(one_by_one), atol=1e-12)
    np.testing.assert_allclose(squares, sum(part**2 for part in one_by_one), atol=1e-12)
