"""Splitting a network: always valid, near the least that brute force finds, the same every time."""

from __future__ import annotations

import random

import networkx as nx
import numpy as np
import pytest

from graphrisk.kernels.network.splitting import split


def arrays(edges: dict[tuple[int, int], float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    pairs = list(edges)
    return (
        np.array([a for a, _ in pairs], dtype=np.int64),
        np.array([b for _, b in pairs], dtype=np.int64),
        np.array([edges[pair] for pair in pairs]),
    )


def network(seed: int, size: int, more: int) -> dict[tuple[int, int], float]:
    dice = random.Random(seed)
    edges = {(dice.randrange(node), node): dice.uniform(0.1, 9.0) for node in range(1, size)}
    for _ in range(more):
        a, b = dice.sample(range(size), 2)
        edges[a, b] = dice.uniform(0.1, 9.0)
    return edges


def lost(edges: dict[tuple[int, int], float], piece: list[int]) -> float:
    return sum(w for (a, b), w in edges.items() if piece[a] != piece[b])


def least(edges: dict[tuple[int, int], float], size: int, most: int) -> float:
    """Return the least weight lost over all ways to put the nodes into pieces."""
    best = float("inf")

    def place(node: int, piece: list[int], count: list[int]) -> None:
        nonlocal best
        if node == size:
            best = min(best, lost(edges, piece))
            return
        for name in range(len(count) + 1):
            if name == len(count):
                place(node + 1, [*piece, name], [*count, 1])
            elif count[name] < most:
                place(node + 1, [*piece, name], [*count[:name], count[name] + 1, *count[name + 1 :]])

    place(0, [], [])
    return best


@pytest.mark.parametrize("seed", range(12))
def test_pieces_fit_are_connected_and_lose_little_more_than_the_least(seed: int) -> None:
    size, most = 7, 2 + seed % 3
    edges = network(seed, size, seed % 5)
    piece = split(size, *arrays(edges), most).tolist()
    net = nx.Graph()
    net.add_nodes_from(range(size))
    net.add_edges_from((a, b) for a, b in edges if piece[a] == piece[b])
    assert {frozenset(part) for part in nx.connected_components(net)} == {
        frozenset(node for node in range(size) if piece[node] == name) for name in set(piece)
    }
    assert max(piece.count(name) for name in piece) <= most
    assert all(name == piece.index(name) for name in piece)
    found, best = lost(edges, piece), least(edges, size, most)
    assert best - 1e-9 <= found <= 1.5 * best + 1e-9


def test_a_light_bridge_between_two_heavy_groups_is_what_goes() -> None:
    edges = {(a, b): 5.0 for group in (range(6), range(6, 12)) for a in group for b in group if a < b}
    piece = split(12, *arrays({**edges, (2, 9): 1.0}), 6).tolist()
    assert [0] * 6 + [6] * 6 == piece


def test_large_networks_keep_their_limit_and_the_direction_of_an_arc_does_not_matter() -> None:
    edges = network(99, 600, 300)
    source, target, weight = arrays(edges)
    piece = split(600, source, target, weight, 50)
    assert np.bincount(piece).max() <= 50
    np.testing.assert_array_equal(piece, split(600, target, source, weight, 50))
    assert lost(edges, piece.tolist()) < 0.2 * weight.sum()


def test_pieces_of_one_and_a_network_without_arcs() -> None:
    assert [0, 1, 2] == split(3, *arrays({(0, 1): 1.0, (1, 2): 1.0}), 1).tolist()
    empty = np.zeros(0, dtype=np.int64)
    assert [0, 1] == split(2, empty, empty, np.zeros(0), 5).tolist()
    assert [] == split(0, empty, empty, np.zeros(0), 5).tolist()
