"""What igraph and networkit take for the same network: `benchmarks.structure --peers` runs it in another environment.

igraph is GPL and networkit is large: neither is needed by graphrisk, and this file imports nothing of it.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np


def cpu(work: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """Return the median CPU seconds of `work`, and its last answer."""
    times, answer = [], None
    for _ in range(repeats):
        begin = time.process_time()
        answer = work()
        times.append(time.process_time() - begin)
    return sorted(times)[len(times) // 2], answer


def igraph_times(size: int, source: Any, target: Any, weight: Any, pivots: list[int]) -> dict[str, float]:
    """Return CPU seconds by name; graphs are built beforehand."""
    import igraph

    graph = igraph.Graph(n=size, edges=np.stack([source, target], axis=1), directed=True)
    graph.es["w"] = weight
    lengths = (weight.max() / weight).tolist()
    both = graph.as_undirected(combine_edges="sum")
    return {
        "PageRank": cpu(lambda: graph.pagerank(weights="w"))[0],
        "weak components": cpu(lambda: graph.connected_components(mode="weak"))[0],
        "strong components": cpu(lambda: graph.connected_components(mode="strong"))[0],
        "k-cores": cpu(lambda: graph.coreness(mode="all"))[0],
        "eigenvector": cpu(lambda: graph.eigenvector_centrality(directed=True, weights="w"))[0],
        "communities": cpu(lambda: both.community_leiden(objective_function="modularity", weights="w"))[0],
        "betweenness": cpu(lambda: graph.betweenness(directed=True, sources=pivots), 1)[0],
        "betweenness by weight": cpu(lambda: graph.betweenness(directed=True, weights=lengths, sources=pivots), 1)[0],
    }


def networkit_times(size: int, source: Any, target: Any, weight: Any) -> dict[str, float]:
    """Return CPU seconds by name, on one thread."""
    import networkit

    networkit.setNumberOfThreads(1)
    graph = networkit.GraphFromCoo((weight, (source, target)), n=size, directed=True, weighted=True)
    both = networkit.graphtools.toUndirected(graph)
    return {
        "PageRank": cpu(lambda: networkit.centrality.PageRank(graph, tol=1e-10).run())[0],
        "weak components": cpu(lambda: networkit.components.WeaklyConnectedComponents(graph).run())[0],
        "strong components": cpu(lambda: networkit.components.StronglyConnectedComponents(graph).run())[0],
        "k-cores": cpu(lambda: networkit.centrality.CoreDecomposition(both).run())[0],
        "communities": cpu(lambda: networkit.community.PLM(both, refine=True).run())[0],
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    held = np.load(sys.argv[1])
    given = (int(held["size"]), held["source"], held["target"], held["weight"])
    found = {"igraph": igraph_times(*given, held["pivots"].tolist()), "networkit": networkit_times(*given)}
    print(json.dumps(found))
