"""PageRank, components, k-cores, eigenvector, communities and betweenness of a network with hubs, against its peers.

    python -m benchmarks.structure [PARTIES ARCS] [--peers PYTHON]

CPU seconds, medians, all in one run. NetworkX and plain scipy run here; igraph and networkit in the environment of the
interpreter PYTHON (`pip install igraph networkit numpy`), on the same arcs. A peer's graph is built beforehand, ours
begin from arrays. Answers are compared with NetworkX before times are shown. What was measured is kept in
benchmarks/results; `python -m benchmarks.page` makes docs/benchmarks.md of it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from benchmarks.against import Row, keep_rows
from benchmarks.networks import Floats, Ints, hub_network
from graphrisk.kernels.network.betweenness import betweenness, betweenness_by_length
from graphrisk.kernels.network.community import communities, modularity
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.network.eigenvector import dominant_eigenvector
from graphrisk.kernels.network.kcore import core_numbers
from graphrisk.kernels.network.pagerank import pagerank

TOLERANCE = 1e-10
PIVOTS = 200
PACK = ("PageRank", "weak components", "strong components", "k-cores")
"""Together at least 30 times as fast as NetworkX."""


def cpu(work: Callable[[], Any], repeats: int = 5) -> tuple[float, Any]:
    """Return the median CPU seconds of `work` after one run that is not counted, and its last answer."""
    answer, times = work() if repeats > 1 else None, []
    for _ in range(repeats):
        begin = time.process_time()
        answer = work()
        times.append(time.process_time() - begin)
    return float(np.median(times)), answer


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


def main(size: int, arcs: int, python: str | None) -> None:
    source, target, weight = hub_network(size, arcs)
    three = (size, source, target)
    pivots = np.random.default_rng(1).choice(size, min(PIVOTS, size), replace=False)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(size))
    graph.add_weighted_edges_from(zip(source.tolist(), target.tolist(), weight.tolist(), strict=True))

    own, peers = {}, {"NetworkX": {}, "scipy": {}}  # type: dict[str, float], dict[str, dict[str, float]]
    own["PageRank"], rank = cpu(lambda: pagerank(*three, weight, tolerance=TOLERANCE))
    peers["NetworkX"]["PageRank"], expected = cpu(lambda: nx.pagerank(graph, tol=TOLERANCE / size, max_iter=10_000), 1)
    peers["scipy"]["PageRank"], _ = cpu(lambda: scipy_pagerank(*three, weight), 3)
    assert np.abs(rank.scores - np.array([expected[k] for k in range(size)])).max() < 1e-9
    for way, theirs in (("weak", nx.weakly_connected_components), ("strong", nx.strongly_connected_components)):
        name = f"{way} components"
        own[name], label = cpu(lambda way=way: component_labels(*three, way))
        peers["NetworkX"][name], parts = cpu(lambda theirs=theirs: list(theirs(graph)), 1)
        peers["scipy"][name], _ = cpu(lambda way=way: _scipy_components(*three, way))
        assert len(parts) == len(np.unique(label))
    own["k-cores"], cores = cpu(lambda: core_numbers(*three))
    peers["NetworkX"]["k-cores"], expected = cpu(lambda: nx.core_number(graph), 1)
    assert cores.tolist() == [expected[k] for k in range(size)]
    own["eigenvector"], _ = cpu(lambda: dominant_eigenvector(*three, weight), 3)
    own["communities"], label = cpu(lambda: communities(*three, weight), 3)
    own["betweenness"], _ = cpu(lambda: betweenness(*three, pivots), 1)
    length = weight.max() / weight
    betweenness_by_length(*three, length, pivots[:1])  # compiled
    own["betweenness by weight"], _ = cpu(lambda: betweenness_by_length(*three, length, pivots), 1)
    if python:
        peers |= _elsewhere(python, size=size, source=source, target=target, weight=weight, pivots=pivots)
    print(f"{size:,} parties, {arcs:,} arcs; modularity of ours {modularity(source, target, weight, label):.5f}")
    for name, ours in own.items():
        others = {peer: held[name] for peer, held in peers.items() if name in held}
        print(f"{name:20}{ours:9.4f} s" + "".join(f"{p:>11}{s:9.4f} s{s / ours:7.2f}x" for p, s in others.items()))
    ratio = sum(peers["NetworkX"][name] for name in PACK) / sum(own[name] for name in PACK)
    print(f"the pack against NetworkX: {ratio:.0f}x (target 30x: {'met' if ratio >= 30 else 'MISSED'})")
    rows = [
        Row(f"{name}, {size:,} parties and {arcs:,} arcs", own[name], peer, held[name])
        for name in own
        for peer, held in peers.items()
        if name in held
    ]
    keep_rows("structure", rows)


def _elsewhere(python: str, **arrays: Any) -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "network.npz", **arrays)
        script = Path(__file__).with_name("structure_peers.py")
        asked = [python, "-P", str(script), f"{folder}/network.npz"]
        found: dict[str, dict[str, float]] = json.loads(subprocess.check_output(asked, text=True, env={}))
    return found


def _scipy_components(size: int, source: Ints, target: Ints, connection: str) -> Ints:
    matrix = csr_array((np.ones(len(source), dtype=np.int8), (source, target)), shape=(size, size))
    labels: Ints = connected_components(matrix, directed=True, connection=connection)[1]
    return labels


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("size", nargs="?", type=int, default=100_000)
    given.add_argument("arcs", nargs="?", type=int, default=500_000)
    given.add_argument("--peers")
    chosen = given.parse_args()
    main(chosen.size, chosen.arcs, chosen.peers)
