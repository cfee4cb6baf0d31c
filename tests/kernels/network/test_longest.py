from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.network.longest import longest_below

arcs_of_eight = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda p: p[0] != p[1]), max_size=16, unique=True
)


@given(arcs_of_eight, st.randoms())
@settings(max_examples=200, deadline=None)
def test_depth_and_width_are_those_of_all_ways_tried(arcs: list[tuple[int, int]], dice: object) -> None:
    arcs = sorted(arcs)
    weight = np.array([float(1 + (7 * a + 3 * b) % 11) for a, b in arcs])
    pairs = np.array(arcs, dtype=np.int64).reshape(-1, 2)
    label = component_labels(8, pairs[:, 0], pairs[:, 1], "strong")
    depth, width, arc = longest_below(8, pairs[:, 0].copy(), pairs[:, 1].copy(), weight, label)

    merged: nx.DiGraph[int] = nx.DiGraph()
    merged.add_nodes_from(range(8))
    for (a, b), w in zip(arcs, weight, strict=True):
        u, v = int(label[a]), int(label[b])
        if u != v:
            old = merged.edges[u, v]["weight"] if merged.has_edge(u, v) else 0.0
            merged.add_edge(u, v, weight=max(w, old))

    def ways(node: int) -> list[tuple[int, float]]:
        out = [(0, float("inf"))]
        for other in merged[node]:
            out += [(d + 1, min(w, merged.edges[node, other]["weight"])) for d, w in ways(other)]
        return out

    for node in range(8):
        assert max(ways(int(label[node]))) == (int(depth[node]), float(width[node]))
        assert (depth[node] == 0) == (arc[node] == -1)
        if arc[node] >= 0:
            assert label[node] == label[pairs[arc[node], 0]]
            assert depth[node] == depth[pairs[arc[node], 1]] + 1
