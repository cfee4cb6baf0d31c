"""PageRank, components and k-cores of a network with hubs: our kernels, NetworkX and plain scipy in one run.

    python -m benchmarks.structure [PARTIES ARCS]

Target: the three together at least 20 times as fast as NetworkX at 100,000 parties and 500,000 arcs, algorithms alone
(NetworkX's graph is built beforehand and its building shown apart). The answers are compared before times are shown.
"""

from __future__ import annotations

import sys

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.networks import Floats, Ints, hub_network, once, seconds
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.network.kcore import core_numbers
from graphrisk.kernels.network.pagerank import pagerank

TOLERANCE = 1e-10
TARGET = 20.0


def scipy_pagerank(size: int, source: Ints, target: Ints, weight: Floats) -> Floats:
    """The loop that one writes by hand, to the same tolerance."""
    matrix = csr_array((weight, (source, target)), shape=(size, size))
    given = np.asarray(matrix.sum(axis=1)).ravel()
    step = csr_array(matrix.multiply(np.divide(1.0, given, out=np.zeros(size), where=given > 0)[:, None])).T.tocsr()
    scores = np.full(size, 1.0 / size)
    while True:
        after = 0.85 * (step @ scores + scores[given == 0].sum() / size) + 0.15 / size
        if np.abs(after - scores).sum() <= TOLERANCE:
            return after
        scores = after


def main(size: int = 100_000, arcs: int = 500_000) -> None:
    source, target, weight = hub_network(size, arcs)
    build, graph = once(lambda: _networkx(size, source, target, weight))
    three = (size, source, target)

    own: dict[str, float] = {}
    other: dict[str, float] = {}
    plain: dict[str, float] = {}
    own["PageRank"], rank = seconds(lambda: pagerank(*three, weight, tolerance=TOLERANCE))
    other["PageRank"], expected = once(lambda: nx.pagerank(graph, tol=TOLERANCE / size, max_iter=10_000))
    plain["PageRank"], _ = seconds(lambda: scipy_pagerank(*three, weight), 3)
    assert np.abs(rank.scores - np.array([expected[k] for k in range(size)])).max() < 1e-9

    own["weak components"], weak = seconds(lambda: component_labels(*three, "weak"))
    other["weak components"], parts = once(lambda: list(nx.weakly_connected_components(graph)))
    plain["weak components"], _ = seconds(lambda: _scipy_components(size, source, target, "weak"))
    assert len(parts) == len(np.unique(weak))

    own["strong components"], strong = seconds(lambda: component_labels(*three, "strong"))
    other["strong components"], parts = once(lambda: list(nx.strongly_connected_components(graph)))
    plain["strong components"], _ = seconds(lambda: _scipy_components(size, source, target, "strong"))
    assert len(parts) == len(np.unique(strong))

    own["k-cores"], cores = seconds(lambda: core_numbers(*three))
    other["k-cores"], expected = once(lambda: nx.core_number(graph))
    assert cores.tolist() == [expected[k] for k in range(size)]

    print(f"{size:,} parties, {arcs:,} arcs; NetworkX built its graph in {build:.2f} s (not counted)")
    print(f"{'':20}{'ours':>10}{'NetworkX':>10}{'ratio':>8}{'scipy':>10}{'ratio':>8}")
    for name in own:
        by_hand = f"{plain[name]:9.4f}s{plain[name] / own[name]:7.1f}x" if name in plain else f"{'-':>10}{'-':>8}"
        print(f"{name:20}{own[name]:9.4f}s{other[name]:9.3f}s{other[name] / own[name]:7.0f}x{by_hand}")
    ours, theirs = sum(own.values()), sum(other.values())
    met = "met" if theirs / ours >= TARGET else "MISSED"
    print(f"{'together':20}{ours:9.4f}s{theirs:9.3f}s{theirs / ours:7.0f}x   target {TARGET:.0f}x: {met}")


def _networkx(size: int, source: Ints, target: Ints, weight: Floats) -> nx.DiGraph[int]:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_weighted_edges_from(zip(source.tolist(), target.tolist(), weight.tolist(), strict=True))
    return graph


def _scipy_components(size: int, source: Ints, target: Ints, connection: str) -> Ints:
    matrix = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(size, size))
    labels: Ints = connected_components(matrix, directed=True, connection=connection)[1]
    return labels


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
