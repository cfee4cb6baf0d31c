"""Random directed graphs for oracles: as arrays for our kernels and as NetworkX graphs."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st


@dataclass(frozen=True)
class Digraph:
    """Distinct arcs ordered by source and target, no self-arcs."""

    size: int
    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]

    def networkx(self) -> nx.DiGraph[int]:
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(self.size))
        graph.add_weighted_edges_from(
            zip(self.source.tolist(), self.target.tolist(), self.weight.tolist(), strict=True)
        )
        return graph


def digraph(size: int, arcs: dict[tuple[int, int], float]) -> Digraph:
    pairs = np.array(sorted(arcs), dtype=np.int64).reshape(-1, 2)
    weight = np.array([arcs[a, b] for a, b in pairs.tolist()], dtype=np.float64)
    return Digraph(size, pairs[:, 0].copy(), pairs[:, 1].copy(), weight)


def random_digraph(seed: int, size: int, arcs: int) -> Digraph:
    dice = np.random.default_rng(seed)
    found: dict[tuple[int, int], float] = {}
    for _ in range(arcs):
        a, b = dice.integers(0, size, 2).tolist()
        if a != b:
            found[a, b] = float(np.exp(dice.normal(0.0, 2.0)))
    return digraph(size, found)


def digraphs(low: int = 1, high: int = 9, zero_weights: bool = False) -> st.SearchStrategy[Digraph]:
    weights = st.floats(0.01, 1000.0) | (st.just(0.0) if zero_weights else st.nothing())

    def of_size(n: int) -> st.SearchStrategy[Digraph]:
        pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda p: p[0] != p[1])
        arcs = st.dictionaries(pair, weights, max_size=3 * n) if n > 1 else st.just({})
        return arcs.map(lambda found: digraph(n, found))

    return st.integers(low, high).flatmap(of_size)
