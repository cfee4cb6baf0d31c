"""The shape of the guarantee layer: who stands behind whom, so that its statistics are those of a published network.

Components are trees with a few more edges. Every edge but those of planted circles and mutual pairs runs upward in one
order of the nodes, so circles appear where they are planted and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.demo.dice import Dice, Flags, Floats, Ints

_RINGS = (5, 3, 3, 4, 7, 3)
"""Lengths of the planted circles of a layer of the published size, in the order in which smaller ones take them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a guarantee layer must come to: counts of distinct edges (`edges`) and of contracts beyond them."""

    nodes: int
    edges: int
    components: int
    largest: int
    most_in: int
    most_out: int
    rings: tuple[int, ...]
    mutual_pairs: int
    repeats: int


PUBLISHED = Shape(
    nodes=18_711,
    edges=13_478,
    components=7_158,
    largest=464,
    most_in=89,
    most_out=75,
    rings=_RINGS,
    mutual_pairs=9,
    repeats=1_016,
)
"""The published network; sources in `calibration`. Nine mutual pairs are the reciprocity of 0.13 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Contracts between nodes 0 .. nodes - 1: `guarantor[k]` stands behind `debtor[k]`; repeated pairs are contracts
    of their own. `hubs` are the nodes that guarantee most (a guarantee company) and are guaranteed by most."""

    nodes: int
    guarantor: Ints
    debtor: Ints
    hubs: tuple[int, ...]


def scaled(nodes: int) -> Shape:
    """Return the published shape for a layer of `nodes` nodes: counts in proportion, extremes with their 3/4 power."""
    part = nodes / PUBLISHED.nodes
    root = np.sqrt(part)
    slow = float(root * np.sqrt(root))  # part ** 0.75 by operations that every platform rounds alike

    def share(count: int) -> int:
        return int(np.rint(count * part))

    rings = min(len(_RINGS), max(share(len(_RINGS)), 2 if nodes >= 400 else 0))
    components = share(PUBLISHED.components)
    return Shape(
        nodes=nodes,
        edges=share(PUBLISHED.edges),
        components=components,
        largest=max(2, min(int(PUBLISHED.largest * slow), nodes - 2 * (components - 1))) if nodes >= 2 else 0,
        most_in=int(PUBLISHED.most_in * slow),
        most_out=int(PUBLISHED.most_out * slow),
        rings=_RINGS[:rings],
        mutual_pairs=share(PUBLISHED.mutual_pairs),
        repeats=share(PUBLISHED.repeats),
    )


def make_network(shape: Shape, dice: Dice) -> Network:
    """Return a random network of this shape."""
    if shape.components < 1:
        nothing = np.zeros(0, dtype=np.int64)
        return Network(nodes=0, guarantor=nothing, debtor=nothing, hubs=())
    sizes = _sizes(shape, dice)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    ring_of, mutual = _special(sizes, shape, dice)
    parent = _parents(sizes, starts, dice)
    hubs = _grow_hubs(shape, parent)
    tail, head, level = _orient(parent, starts, hubs, ring_of, dice)
    ring_tail, ring_head = _ring_edges(starts, ring_of)
    turned = np.flatnonzero(np.isin(tail, starts[mutual]) | np.isin(head, starts[mutual]))
    tails, heads = [tail, ring_tail, head[turned]], [head, ring_head, tail[turned]]
    plain = np.ones(len(sizes), dtype=bool)
    plain[[*ring_of, *mutual]] = False
    missing = shape.edges - sum(len(t) for t in tails)
    more = _extra_edges(sizes, starts, plain, level, np.concatenate(tails), np.concatenate(heads), hubs, missing, dice)
    tail, head = np.concatenate([*tails, more[0]]), np.concatenate([*heads, more[1]])
    again = dice.whole(shape.repeats, len(tail))
    return Network(
        nodes=shape.nodes,
        guarantor=np.concatenate([tail, tail[again]]),
        debtor=np.concatenate([head, head[again]]),
        hubs=hubs,
    )


def _sizes(shape: Shape, dice: Dice) -> Ints:
    """Return the sizes of the components, the largest first: mostly pairs, the others with weight 1 / size ** 3."""
    rest, count = shape.nodes - shape.largest, shape.components - 1
    if count < 1:
        return np.array([shape.nodes], dtype=np.int64)
    possible = np.arange(2, max(4, shape.largest // 4), dtype=np.float64)
    weights: Floats = 1.0 / (possible * possible * possible)
    weights /= weights.sum()
    mean = float((weights * possible).sum())
    mixed = weights * min(1.0, (rest / count - 2.0) / (mean - 2.0))
    mixed[0] += 1.0 - mixed.sum()
    at = np.searchsorted(np.cumsum(mixed), (np.arange(count) + 0.5) / count)
    sizes = possible[np.minimum(at, len(possible) - 1)].astype(np.int64)
    left = rest - int(sizes.sum())
    while left:  # a few nodes to add or to take away, from components that stay of two nodes at least
        places = dice.order(count)
        places = places[sizes[places] > 2] if left < 0 else places
        chosen = places[: abs(left)]
        sizes[chosen] += 1 if left > 0 else -1
        left -= len(chosen) if left > 0 else -len(chosen)
    return np.concatenate([[shape.largest], sizes[dice.order(count)]]).astype(np.int64)


def _special(sizes: Ints, shape: Shape, dice: Dice) -> tuple[dict[int, int], Ints]:
    """Choose the components that hold a circle (component -> its length), and the pairs that become mutual."""
    places = dice.order(len(sizes) - 1) + 1
    ring_of: dict[int, int] = {}
    for length in sorted(shape.rings, reverse=True):
        fitting = [int(c) for c in places if length <= sizes[c] <= 2 * length and int(c) not in ring_of]
        if fitting:
            ring_of[fitting[0]] = length
    pairs = places[sizes[places] == 2]
    return ring_of, pairs[: shape.mutual_pairs]


def _parents(sizes: Ints, starts: Ints, dice: Dice) -> Ints:
    """Return each node's parent in the tree of its component (-1 for the first), nodes near the first preferred."""
    local = np.arange(sizes.sum()) - np.repeat(starts, sizes)
    drawn = dice.uniform(len(local))
    parent = (local * drawn * drawn).astype(np.int64) + np.repeat(starts, sizes)
    parent[starts] = -1
    return parent


def _grow_hubs(shape: Shape, parent: Ints) -> tuple[int, ...]:
    """Make nodes 0 and 1 of the largest component its hubs: 0 guaranteed by `most_in`, 1 guaranteeing `most_out`."""
    if shape.most_in + shape.most_out > shape.largest - 2 or min(shape.most_in, shape.most_out) < 3:
        return ()
    parent[1] = 0
    first, last = shape.most_in - 1, shape.most_in + shape.most_out - 2
    parent[2 : 2 + first] = 0
    parent[2 + first : 2 + last] = 1
    others = np.arange(2 + last, shape.largest)
    parent[others] = 2 + (others - 2) * np.maximum(parent[others], 0) // np.maximum(others, 1)
    return (1, 0)


def _orient(
    parent: Ints, starts: Ints, hubs: tuple[int, ...], ring_of: dict[int, int], dice: Dice
) -> tuple[Ints, Ints, Ints]:
    """Return guarantor and debtor of each tree edge, and a level that rises along every edge (many stand behind one).

    Edges between the nodes of a planted circle are left out.
    """
    upward = dice.flags(len(parent), 0.62)  # the child guarantees the parent
    level = np.zeros(len(parent), dtype=np.int64)
    if hubs:
        upward[parent == 0] = True
        upward[parent == 1] = False
    for node in np.flatnonzero(parent >= 0).tolist():
        level[node] = level[parent[node]] + (-1 if upward[node] else 1)
    keep = parent >= 0
    for component, length in ring_of.items():
        keep[starts[component] : starts[component] + length] = False
    child = np.flatnonzero(keep)
    tail = np.where(upward[child], child, parent[child])
    head = np.where(upward[child], parent[child], child)
    return tail, head, level


def _ring_edges(starts: Ints, ring_of: dict[int, int]) -> tuple[Ints, Ints]:
    tails = [starts[c] + np.arange(length) for c, length in ring_of.items()]
    heads = [starts[c] + (np.arange(length) + 1) % length for c, length in ring_of.items()]
    empty = np.zeros(0, dtype=np.int64)
    return np.concatenate([empty, *tails]), np.concatenate([empty, *heads])


def _extra_edges(
    sizes: Ints,
    starts: Ints,
    plain: Flags,
    level: Ints,
    tail: Ints,
    head: Ints,
    hubs: tuple[int, ...],
    missing: int,
    dice: Dice,
) -> tuple[Ints, Ints]:
    """Return up to `missing` new edges inside components, upward in level, none at a hub, none twice."""
    whole = int(sizes.sum())
    component = np.repeat(np.arange(len(sizes)), sizes)
    allowed = np.flatnonzero((sizes[component] > 2) & plain[component] & ~np.isin(np.arange(whole), hubs))
    seen = set((np.minimum(tail, head) * whole + np.maximum(tail, head)).tolist())
    tails: list[int] = []
    heads: list[int] = []
    for _ in range(200):
        if len(tails) >= missing or not len(allowed):
            break
        one = allowed[dice.whole(4 * (missing - len(tails)), len(allowed))]
        other = starts[component[one]] + dice.whole(len(one), sizes[component[one]])
        for a, b in zip(one.tolist(), other.tolist(), strict=True):
            key = min(a, b) * whole + max(a, b)
            if a == b or b in hubs or key in seen or len(tails) >= missing:
                continue
            seen.add(key)
            low, high = (a, b) if (level[a], a) < (level[b], b) else (b, a)
            tails.append(low)
            heads.append(high)
    return np.array(tails, dtype=np.int64), np.array(heads, dtype=np.int64)
