"""Where nodes and groups are placed: deterministic, without random numbers, in units of one pixel at scale 1.

Force layout after Fruchterman and Reingold, "Graph drawing by force-directed placement", Software: Practice and
Experience 21(11), 1991, started from a sunflower spiral (Vogel, Mathematical Biosciences 44, 1979) instead of chance,
so that the same data gives the same picture. See docs/methods/layout.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.int64]

SPACING = 44.0
"""Distance kept between two nodes."""

_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))


def sunflower(size: int, spacing: float = SPACING) -> Points:
    """Return (size, 2) points of even density around the origin, the first in the middle."""
    number = np.arange(size, dtype=np.float64)
    radius = spacing * 0.62 * np.sqrt(number + (0.0 if size == 1 else 0.4))
    return np.stack([radius * np.cos(number * _GOLDEN), radius * np.sin(number * _GOLDEN)], axis=1)


def ring(size: int, spacing: float = SPACING, least: float = 0.0) -> Points:
    """Return (size, 2) points on a circle, clockwise from the top, neighbours at least `spacing` apart."""
    if size == 1:
        return np.zeros((1, 2))
    radius = max(spacing / (2.0 * math.sin(math.pi / size)), least)
    angle = 2.0 * math.pi * np.arange(size) / size - math.pi / 2.0
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def force(size: int, pairs: Pairs, *, iterations: int = 70) -> Points:
    """Return (size, 2) places for a connected component; `pairs` (m, 2) are the linked nodes."""
    if size <= 2:
        return np.array([[-SPACING / 2, 0.0], [SPACING / 2, 0.0]])[:size] if size == 2 else np.zeros((size, 2))
    degree = np.bincount(pairs.ravel(), minlength=size)
    order = np.argsort(-degree, kind="stable")
    places = np.empty((size, 2))
    places[order] = sunflower(size, SPACING * 1.2)
    ideal = SPACING * 1.15
    heat = SPACING * math.sqrt(size) * 0.35
    from graphrisk.kernels.network.forces import keep_apart, settle

    placed = settle(places, np.unique(np.sort(pairs, axis=1), axis=0), ideal, heat, iterations)
    return keep_apart(placed - placed.mean(axis=0), SPACING, 40)


def component(size: int, pairs: Pairs) -> Points:
    """Return (size, 2) places of one connected component: a star, a ring or a chain where it is one, else by force."""
    if size <= 2:
        return force(size, pairs)
    kept = pairs[pairs[:, 0] != pairs[:, 1]]
    unique = np.unique(np.sort(kept, axis=1), axis=0)
    degree = np.bincount(unique.ravel(), minlength=size)
    if len(unique) == size - 1 and degree.max() == size - 1 and size <= 24:
        hub = int(degree.argmax())
        around = ring(size - 1, SPACING, SPACING * 1.1)
        places = np.zeros((size, 2))
        places[[k for k in range(size) if k != hub]] = around
        return places
    if size <= 12 and (degree == 2).all():
        places = np.empty((size, 2))
        places[_walk(0, unique)] = ring(size, SPACING * 1.2)
        return places
    return force(size, unique)


def _walk(start: int, pairs: Pairs) -> list[int]:
    """Return the nodes of a ring in the order in which it runs."""
    near: dict[int, list[int]] = {}
    for a, b in pairs.tolist():
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    order, seen = [start], {start}
    while True:
        following = [node for node in sorted(near[order[-1]]) if node not in seen]
        if not following:
            return order
        order.append(following[0])
        seen.add(following[0])


def shelves(parts: Sequence[Points]) -> list[Points]:
    """Return `parts` (each around its own origin) moved apart into rows, largest first, centred on the origin."""
    sizes = [np.ptp(part, axis=0) + SPACING * 1.1 for part in parts]
    order = sorted(range(len(parts)), key=lambda k: (-float(sizes[k][1]), k))
    width = math.sqrt(sum(float(s[0] * s[1]) for s in sizes)) * 1.15
    width = max(width, max(float(s[0]) for s in sizes))
    moved: list[Points] = list(parts)
    x = y = tall = 0.0
    for k in order:
        wide, high = float(sizes[k][0]), float(sizes[k][1])
        if x + wide > width + 1e-9:
            x, y, tall = 0.0, y + tall, 0.0
        corner = parts[k].min(axis=0)
        moved[k] = parts[k] - corner + np.array([x, y])
        x, tall = x + wide, max(tall, high)
    whole = np.concatenate(moved)
    middle = (whole.max(axis=0) + whole.min(axis=0)) / 2.0
    return [part - middle for part in moved]


def hexagons(rooms: Points, members: Points) -> tuple[Points, Points]:
    """Return the radius of each group's disc, and that of its hexagon, whose area is as the number of `members`.

    `rooms` are the radii that the nodes need once a group is open: a disc holds both them and the hexagon.
    """
    if not len(rooms):
        return rooms, rooms
    root = np.sqrt(np.maximum(members, 1.0))
    sizes: Points = root * float(np.quantile(rooms / root, 0.6))
    return np.maximum(rooms, sizes), sizes


def pack(radii: Points, pulls: Pairs, *, wide: float = 1.15, gap: float = 14.0) -> Points:
    """Return (n, 2) centres of circles that do not overlap: the first in the middle, the next where it is nearest.

    `pulls` (m, 2) are circles that want to lie near one another, `wide` is the width of the whole over its height.
    Each circle is set touching two that stand already, so the whole is dense (after Wang and others, "Visualization
    of large hierarchical data by circle packing", CHI 2006).
    """
    size = len(radii)
    places = np.zeros((size, 2))
    near: list[list[int]] = [[] for _ in range(size)]
    for a, b in pulls.tolist():
        near[max(a, b)].append(min(a, b))
    for k in range(1, size):
        if k == 1:
            places[1] = (radii[0] + radii[1] + gap, 0.0)
            continue
        spots = _touching(places[:k], radii[:k] + gap / 2.0, float(radii[k]) + gap / 2.0)
        cost = (spots[:, 0] / wide) ** 2 + spots[:, 1] ** 2
        if near[k]:
            toward = places[near[k]].mean(axis=0)
            cost = cost + 0.35 * ((spots - toward) ** 2).sum(axis=1)
        places[k] = spots[int(np.argmin(np.round(cost, 3)))]
    return places


def _touching(places: Points, radii: Points, radius: float) -> Points:
    """Return every place where a circle of `radius` touches two of those that stand, and overlaps none."""
    distance = _distances(places, places)
    first, second = np.nonzero(np.triu(distance < radii[:, None] + radii[None, :] + 2.0 * radius, k=1))
    base = distance[first, second]
    one, other = radii[first] + radius, radii[second] + radius
    along = (one**2 - other**2 + base**2) / (2.0 * base)
    across = np.sqrt(np.maximum(one**2 - along**2, 0.0))
    unit = (places[second] - places[first]) / base[:, None]
    foot = places[first] + unit * along[:, None]
    normal = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
    spots = np.concatenate([foot + normal * across[:, None], foot - normal * across[:, None]])
    reach = _distances(spots, places)
    free = (reach >= radii[None, :] + radius - 1e-6 * radius).all(axis=1)
    found: Points = spots[free]
    return found


def _distances(ones: Points, others: Points) -> Points:
    """Return how far each of `ones` is from each of `others`: a sum over the last axis, which is short, is slow."""
    across = ones[:, 0, None] - others[None, :, 0]
    up = ones[:, 1, None] - others[None, :, 1]
    found: Points = np.sqrt(across**2 + up**2)
    return found
