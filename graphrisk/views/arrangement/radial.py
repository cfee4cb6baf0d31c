"""Rings of neighbours around one node: a spanning tree by steps, sectors as wide as what hangs on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from graphrisk.views.arrangement.layout import Points

STEP = 210.0
"""Distance between two rings, at least."""
ROOM = 96.0
"""Room along a ring for a node with its label."""


@dataclass(slots=True)
class Tree:
    """A node of the spanning tree (`node` may stand for a fold) with its children in drawing order."""

    node: int
    depth: int
    children: list[Tree] = field(default_factory=list)
    weight: float = 1.0


def weigh(tree: Tree) -> float:
    """Give each node the number of leaves below it; return that of the root."""
    tree.weight = sum(weigh(child) for child in tree.children) if tree.children else 1.0
    return tree.weight


def radial(tree: Tree) -> dict[int, tuple[float, float]]:
    """Return the place of each node: the root in the middle, depth k on ring k."""
    weigh(tree)
    radii = _radii(tree)
    out = {tree.node: (0.0, 0.0)}
    _sector(tree, -math.pi / 2.0, 2.0 * math.pi, radii, out)
    return out


def _radii(tree: Tree) -> list[float]:
    """Return the radius of each ring: wide enough that the narrowest sector has room for a label."""
    needed: dict[int, float] = {0: 0.0}

    def walk(node: Tree, share: float) -> None:
        for child in node.children:
            mine = share * child.weight / node.weight
            needed[child.depth] = max(needed.get(child.depth, 0.0), ROOM / max(mine * 2.0 * math.pi, 1e-9))
            walk(child, mine)

    walk(tree, 1.0)
    radii = [0.0]
    for depth in range(1, len(needed)):
        crowd = ROOM * _count(tree, depth) / (2.0 * math.pi)
        radii.append(max(radii[-1] + STEP, min(needed[depth], crowd * 2.2)))
    return radii


def _count(tree: Tree, depth: int) -> int:
    return 1 if tree.depth == depth else sum(_count(child, depth) for child in tree.children)


def _sector(
    tree: Tree, begin: float, width: float, radii: Sequence[float], out: dict[int, tuple[float, float]]
) -> None:
    angle = begin
    for child in tree.children:
        mine = width * child.weight / tree.weight
        middle, radius = angle + mine / 2.0, radii[child.depth]
        out[child.node] = (radius * math.cos(middle), radius * math.sin(middle))
        _sector(child, angle, mine, radii, out)
        angle += mine


def spanning_tree(root: int, near: Callable[[int], Sequence[int]], depth: int, limit: int) -> tuple[Tree, int]:
    """Return the tree of shortest step counts from `root`, and how many nodes were met but left out.

    `near(node)` lists neighbours, most important first; `limit` is the most nodes, `depth` the most steps.
    """
    tree = Tree(root, 0)
    placed, met = {root: tree}, {root}
    level = [tree]
    for step in range(1, depth + 1):
        following: list[Tree] = []
        for parent in level:
            for node in near(parent.node):
                if node in met:
                    continue
                met.add(node)
                if len(placed) < limit:
                    child = Tree(node, step)
                    placed[node] = child
                    parent.children.append(child)
                    following.append(child)
        level = following
    return tree, len(met) - len(placed)


def fold_places(x: float, y: float, size: int, spacing: float) -> Points:
    """Return (size, 2) places in a patch beyond (x, y), seen from the origin: where a fold opens to."""
    from graphrisk.views.arrangement.layout import sunflower

    patch = sunflower(size, spacing)
    reach = float(np.sqrt((patch**2).sum(axis=1)).max()) if size > 1 else 0.0
    length = math.hypot(x, y) or 1.0
    shift: Points = np.array([x + x / length * reach * 0.9, y + y / length * reach * 0.9])
    return patch + shift
