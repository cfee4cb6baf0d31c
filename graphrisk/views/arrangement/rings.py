"""Circles of guarantees: strongly connected components, the order in which a circle runs, and chains in layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.views.arrangement.layout import SPACING, Points, component, ring
from graphrisk.views.data.page_graph import Links

RING_LARGEST = 60
"""Most nodes drawn as one ring; a larger component is drawn by force."""
_STEPS = 20_000


def strong_components(size: int, links: Links) -> list[Positions]:
    """Return the strongly connected components of two or more nodes: largest first, then by amount, then first node."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(links):
        return []
    ones = np.ones(len(links), dtype=np.int8)
    matrix = coo_array((ones, (links.source, links.target)), shape=(size, size)).tocsr()
    labels = connected_components(matrix, directed=True, connection="strong")[1]
    sizes = np.bincount(labels)
    inside = labels[links.source] == labels[links.target]
    amount = np.bincount(
        labels[links.source[inside]], weights=np.nan_to_num(links.amount[inside]), minlength=len(sizes)
    )
    order = np.argsort(labels, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    found = [(k, order[starts[k] : starts[k + 1]]) for k in np.flatnonzero(sizes >= 2).tolist()]
    found.sort(key=lambda item: (-len(item[1]), -float(amount[item[0]]), int(item[1][0])))
    return [members for _, members in found]


def running_order(members: Sequence[int], out: Mapping[int, Sequence[int]]) -> list[int]:
    """Return `members` in the order of the longest circle found within a fixed number of steps, the rest beside it.

    `out` maps a node to those it guarantees. The circle starts at the first member.
    """
    inside = set(members)
    near = {node: sorted({t for t in out.get(node, ()) if t in inside and t != node}) for node in members}
    best: list[int] = []
    steps = 0
    for start in sorted(members)[:8]:
        path, seen, ahead = [start], {start}, [iter(near[start])]
        while path and steps < _STEPS:
            steps += 1
            step = next(ahead[-1], None)
            if step is None:
                seen.discard(path.pop())
                ahead.pop()
            elif step == start:
                if len(path) > len(best):
                    best = path.copy()
            elif step not in seen:
                path.append(step)
                seen.add(step)
                ahead.append(iter(near[step]))
            if len(best) == len(members):
                return best
        if steps >= _STEPS:
            break
    order = best or [min(members)]
    for node in sorted(inside - set(order)):
        before = [k for k, other in enumerate(order) if node in near[other]]
        order.insert((before[0] + 1) if before else len(order), node)
    return order


def place_ring(members: Positions, links: Links, spacing: float = 150.0) -> Points:
    """Return the places of a strong component around the origin, in the order of `members`."""
    if len(members) > RING_LARGEST:
        pairs = np.stack([np.searchsorted(members, links.source), np.searchsorted(members, links.target)], axis=1)
        return component(len(members), pairs) * 1.6
    out: dict[int, list[int]] = {}
    for a, b in zip(links.source.tolist(), links.target.tolist(), strict=True):
        out.setdefault(a, []).append(b)
    order = running_order(members.tolist(), out)
    places = np.empty((len(members), 2))
    places[np.searchsorted(members, np.array(order))] = ring(len(order), spacing, spacing * 0.42)
    return places


def layers(
    core: Sequence[int], near: Mapping[int, Sequence[int]], depth: int, room: int
) -> tuple[list[list[int]], int]:
    """Return the nodes `depth` steps away from `core` layer by layer, at most `room`, and how many were left out."""
    met, out, left = set(core), [], 0
    level = list(core)
    for _ in range(depth):
        following: list[int] = []
        for node in level:
            for other in near.get(node, ()):
                if other not in met:
                    met.add(other)
                    following.append(other)
        left += max(len(following) - room, 0)
        following = following[:room]
        room -= len(following)
        if not following:
            break
        out.append(following)
        level = following
    return out, left


def place_layers(
    found: Sequence[Sequence[int]],
    places: dict[int, tuple[float, float]],
    near: Mapping[int, Sequence[int]],
    side: float,
) -> None:
    """Add places for layers left (`side` -1) or right (+1) of what is placed: each node near those it hangs on."""
    edge = max((abs(x) for x, _ in places.values()), default=0.0)
    for number, layer in enumerate(found):
        height = {
            node: float(np.mean([places[o][1] for o in near.get(node, ()) if o in places] or [0.0])) for node in layer
        }
        ordered = sorted(layer, key=lambda node: (height[node], node))
        columns = max(1, -(-len(ordered) // 24))
        tall = -(-len(ordered) // columns)
        gap = SPACING * 1.35
        for k, node in enumerate(ordered):
            column, row = k // tall, k % tall
            in_column = min(tall, len(ordered) - column * tall)
            x = side * (edge + 230.0 + column * 190.0)
            places[node] = (x, (row - (in_column - 1) / 2.0) * gap)
        edge += 230.0 + (columns - 1) * 190.0
        _ = number
