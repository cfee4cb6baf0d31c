"""Places for the nodes of any network, of any size: far from chance, so that the same data gives the same picture.

A connected part above `SMALL` nodes starts from pivot distances (Brandes and Pich, "Eigensolver methods for progressive
multidimensional scaling of large data", Graph Drawing 2006) and is then settled by forces: along every line, from the
nearest nodes, and from a sample of all. See docs/methods/layout.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.views.arrangement.layout import SPACING, Pairs, Points, component, shelves, sunflower

SMALL = 60
"""Largest part that `layout.component` places: a star, a ring, a chain, or every pair of nodes by force."""
PIVOTS = 40
"""Nodes from which distances are counted."""
NEAREST = 12
"""Nearest nodes that push a node away."""


def place(size: int, pairs: Pairs) -> Points:
    """Return (size, 2) places; linked nodes lie near one another, connected parts lie apart. `pairs` (m, 2)."""
    if not size:
        return np.zeros((0, 2))
    linked = unique_pairs(pairs)
    labels = parts_of(size, linked)
    order = np.argsort(labels, kind="stable")
    cuts = np.searchsorted(labels[order], np.arange(int(labels.max()) + 2))
    by_part = linked[np.argsort(labels[linked[:, 0]], kind="stable")]
    ends = np.searchsorted(labels[by_part[:, 0]], np.arange(int(labels.max()) + 2))
    local = np.empty(size, dtype=np.int64)
    local[order] = np.arange(size) - np.repeat(cuts[:-1], np.diff(cuts))
    members = [order[cuts[k] : cuts[k + 1]] for k in range(len(cuts) - 1)]
    placed = [_part(len(part), local[by_part[ends[k] : ends[k + 1]]]) for k, part in enumerate(members)]
    out = np.zeros((size, 2))
    for part, where in zip(members, shelves(placed), strict=True):
        out[part] = where
    return out


def unique_pairs(pairs: Pairs) -> Pairs:
    """Return each linked pair once, smaller node first, without lines from a node to itself."""
    kept = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(kept, axis=0).astype(np.int64).reshape(-1, 2)


def parts_of(size: int, pairs: Pairs) -> Any:
    """Return the number of its connected part for each node."""
    from scipy.sparse.csgraph import connected_components

    return np.asarray(connected_components(_matrix(size, pairs), directed=False)[1], dtype=np.int64)


def _matrix(size: int, pairs: Pairs) -> Any:
    from scipy.sparse import coo_array

    both = np.concatenate([pairs, pairs[:, ::-1]])
    return coo_array((np.ones(len(both), dtype=np.int8), (both[:, 0], both[:, 1])), shape=(size, size)).tocsr()


def _part(size: int, pairs: Pairs) -> Points:
    return component(size, pairs) if size <= SMALL else settle(by_pivots(size, pairs), pairs)


def by_pivots(size: int, pairs: Pairs, axes: int = 2) -> Points:
    """Return (size, axes) places of a connected part that keep its distances in steps as well as `axes` axes can."""
    from scipy.sparse.csgraph import dijkstra

    matrix = _matrix(size, pairs)
    degree = np.bincount(pairs.ravel(), minlength=size)
    pivot, nearest, steps = int(degree.argmax()), np.full(size, np.inf), []
    for _ in range(min(PIVOTS, size)):
        found = np.asarray(dijkstra(matrix, directed=False, unweighted=True, indices=[pivot]))[0]
        steps.append(found)
        nearest = np.minimum(nearest, found)
        pivot = int(nearest.argmax())  # the node farthest from all pivots so far
    squared = np.stack(steps, axis=1) ** 2
    centred = -0.5 * (squared - squared.mean(axis=0) - squared.mean(axis=1)[:, None] + squared.mean())
    values, vectors = np.linalg.eigh(centred.T @ centred)
    chosen = vectors[:, np.argsort(-values, kind="stable")[:axes]]
    chosen = chosen * np.where(chosen[np.abs(chosen).argmax(axis=0), np.arange(chosen.shape[1])] < 0, -1.0, 1.0)
    places = centred @ chosen
    length = float(np.sqrt(((places[pairs[:, 0]] - places[pairs[:, 1]]) ** 2).sum(axis=1)).mean())
    return np.asarray(places * (SPACING / length if length > 0 else 1.0), dtype=np.float64)


def settle(places: Points, pairs: Pairs, *, iterations: int = 80) -> Points:
    """Return `places` after forces: lines pull, the nearest nodes and a sample of all push; no two overlap."""
    from scipy.spatial import cKDTree

    size = len(places)
    ideal = SPACING * 1.15
    degree = np.maximum(np.bincount(pairs.ravel(), minlength=size), 1)
    pull = 5.0 / (np.minimum(degree[pairs[:, 0]], degree[pairs[:, 1]]) + 4.0)
    places = places + sunflower(size, 4.0)[np.argsort(np.argsort(-degree, kind="stable"), kind="stable")]
    sample = np.unique(np.linspace(0, size - 1, min(64, size)).astype(np.int64))
    near = min(NEAREST, size - 1)
    heat = ideal * 1.5
    for step in range(iterations):
        move = np.zeros((size, 2))
        delta = places[pairs[:, 1]] - places[pairs[:, 0]]
        force = delta * (pull * np.sqrt((delta**2).sum(axis=1)) / ideal)[:, None]
        for axis in (0, 1):
            move[:, axis] += np.bincount(pairs[:, 0], weights=force[:, axis], minlength=size)
            move[:, axis] -= np.bincount(pairs[:, 1], weights=force[:, axis], minlength=size)
        found = np.asarray(cKDTree(places).query(places, k=near + 1)[1])[:, 1:]
        move += _push(places, places[found], ideal, 1.0)
        move += _push(places, np.broadcast_to(places[sample], (size, len(sample), 2)), ideal, 0.5 * size / len(sample))
        length = np.maximum(np.sqrt((move**2).sum(axis=1)), 1e-9)
        most = heat * (1.0 - step / iterations) + 0.5
        places = places + move * (np.minimum(length, most) / length)[:, None]
    return spread(places - places.mean(axis=0), SPACING)


def _push(places: Points, others: Points, ideal: float, weight: float) -> Points:
    delta = places[:, None, :] - others
    squared = np.maximum((delta**2).sum(axis=2), 1.0)
    pushed: Points = (delta * (weight * ideal**2 / squared)[:, :, None]).sum(axis=1)
    return pushed


def spread(places: Points, least: float, rounds: int = 60) -> Points:
    """Push nodes that lie closer than `least` apart; a crowded place is first drawn out as a whole."""
    from scipy.spatial import cKDTree

    for _ in range(rounds):
        close = cKDTree(places).query_pairs(least * 0.98, output_type="ndarray")
        if not len(close):
            break
        if len(close) > 4 * len(places):
            places = places * 1.25
            continue
        delta = places[close[:, 0]] - places[close[:, 1]]
        distance = np.sqrt((delta**2).sum(axis=1))
        flat = distance < 1e-6  # two on one spot: part them along their number
        delta[flat] = np.stack([np.cos(close[flat, 0]), np.sin(close[flat, 0])], axis=1)
        distance[flat] = 1.0
        push = delta * (0.5 * np.clip(least - distance, 1.0, None) / distance)[:, None]
        for axis in (0, 1):
            places[:, axis] += 0.9 * np.bincount(close[:, 0], weights=push[:, axis], minlength=len(places))
            places[:, axis] -= 0.9 * np.bincount(close[:, 1], weights=push[:, axis], minlength=len(places))
    return places
