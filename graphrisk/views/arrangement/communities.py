"""Parts of any network that are more linked inside than outwards, none above a given size: what a hexagon holds.

Up to `LOUVAIN` lines by Louvain communities (Blondel and others, J. Stat. Mech. P10008, 2008, through NetworkX, fixed
seed), beyond by halving along pivot distances and letting each node join the part of most of its neighbours.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.views.arrangement.gathering import Gathering
from graphrisk.views.arrangement.layout import Pairs, Points
from graphrisk.views.arrangement.places import by_pivots, parts_of, unique_pairs

LARGEST = 300
"""Most nodes in one part, so that five can be open at once."""
PARTS = 150
"""Parts aimed at: more are joined where they are linked, then gathered, as far as LARGEST allows."""
SMALL = 8
"""Fewest nodes of a part of its own, where there are many."""
LOUVAIN = 20_000
"""Most lines for which Louvain communities are sought."""


def communities(size: int, pairs: Pairs) -> Positions:
    """Return the number of its part for each node: 0 the largest; every part holds at most LARGEST nodes."""
    linked = unique_pairs(pairs)
    labels = parts_of(size, linked)
    fresh = int(labels.max()) + 1 if size else 0
    for label in np.flatnonzero(np.bincount(labels) > LARGEST).tolist() if size else []:
        members = np.flatnonzero(labels == label)
        inside = np.searchsorted(members, linked[labels[linked[:, 0]] == label])
        found = _split(len(members), inside)
        labels[members] = fresh + found
        fresh += int(found.max()) + 1
    return _by_size(_joined(_numbered(labels), linked))


def _numbered(labels: Positions) -> Positions:
    return np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _by_size(labels: Positions) -> Positions:
    """Number the parts by size, largest first, then by first member."""
    found, first, where, count = np.unique(labels, return_index=True, return_inverse=True, return_counts=True)
    rank = np.empty(len(found), dtype=np.int64)
    rank[np.lexsort((first, -count))] = np.arange(len(found))
    return rank[where.reshape(-1)]


def _split(size: int, pairs: Pairs) -> Positions:
    labels = _louvain(size, pairs) if len(pairs) <= LOUVAIN else np.zeros(size, dtype=np.int64)
    labels = _halved(labels, by_pivots(size, pairs, axes=6))
    if len(pairs) > LOUVAIN:
        labels = _halved(_drawn_to_neighbours(labels, pairs), by_pivots(size, pairs, axes=6))
    return labels


def _louvain(size: int, pairs: Pairs) -> Positions:
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(size))
    graph.add_edges_from(map(tuple, pairs.tolist()))
    labels = np.zeros(size, dtype=np.int64)
    for number, members in enumerate(nx.community.louvain_communities(graph, seed=1)):
        labels[list(members)] = number
    return labels


def _halved(labels: Positions, places: Points) -> Positions:
    """Halve every part above LARGEST along its longest axis, again and again."""
    labels = labels.copy()
    fresh = int(labels.max()) + 1
    waiting = [np.flatnonzero(labels == k) for k in np.flatnonzero(np.bincount(labels) > LARGEST)]
    while waiting:
        part = waiting.pop()
        axis = int(np.ptp(places[part], axis=0).argmax())
        order = part[np.lexsort((part, places[part, axis]))]
        half = order[len(order) // 2 :]
        labels[half] = fresh
        fresh += 1
        waiting += [each for each in (order[: len(order) // 2], half) if len(each) > LARGEST]
    return labels


def _drawn_to_neighbours(labels: Positions, pairs: Pairs, rounds: int = 6) -> Positions:
    """Let half of the nodes at a time join the part in which most of their neighbours are."""
    size, many = len(labels), int(labels.max()) + 1
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    for number in range(2 * rounds):
        key, count = np.unique(ends[:, 0] * many + labels[ends[:, 1]], return_counts=True)
        node, label = key // many, key % many
        order = np.lexsort((label, -(2 * count + (label == labels[node])), node))
        first = order[np.unique(node[order], return_index=True)[1]]
        moved = first[(node[first] + number) % 2 == 0]
        labels = labels.copy()
        labels[node[moved]] = label[moved]
    return _numbered(labels)[:size]


def _joined(labels: Positions, pairs: Pairs) -> Positions:
    """Join linked parts along their strongest links, then the smallest of the rest, until few enough are left."""
    count = np.bincount(labels)
    many = len(count)
    if many <= 20:
        return labels
    parts = Gathering(count.tolist(), LARGEST)
    left = many
    ends = np.sort(labels[pairs], axis=1)
    key, lines = np.unique(ends[:, 0] * many + ends[:, 1], return_counts=True)
    for at in np.lexsort((key, -lines)).tolist():
        if left > PARTS and parts.join(int(key[at]) % many, int(key[at]) // many):
            left -= 1
    small = sorted((k for k in range(many) if parts.root(k) == k), key=lambda k: (parts.size[k], k))
    for before, after in pairwise(small):
        if left <= PARTS and parts.size[parts.root(before)] >= SMALL:
            break
        if parts.join(before, after):
            left -= 1
    return _numbered(parts.roots()[labels])
