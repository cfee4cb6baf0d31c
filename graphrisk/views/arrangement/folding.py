"""Bundles of a tree of neighbours: what is alike stands behind one number, more of it the more there is to draw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from graphrisk.views.arrangement.radial import Tree

LEAVES = 8
"""Fewest like leaves that are one bundle in any picture."""
FIRST = 5
"""Of like neighbours of the root that are folded, so many of the first stay out."""

Folds = dict[int, tuple[int, list[int]]]
"""By the node that stands for a bundle: the node around which it stands, and the nodes in it, the first first."""


def fold(
    tree: Tree,
    likeness: Callable[[int, int], Hashable],
    neighbours: Callable[[int], set[int]],
    rank: Callable[[int, int], Any],
    seen: int,
) -> Folds:
    """Replace neighbours by bundles until at most `seen` nodes and bundles are left, as far as that goes; return them.

    `likeness(parent, child)` is equal for children that may stand together, `rank(parent, child)` orders them around a
    ring; children come the most important first. Like leaves, at least LEAVES of them and linked to nobody else in the
    tree, are always a bundle. What is too much is folded from the farthest ring inwards: first what is alike, then all
    around one node; around the root the FIRST of each likeness stay, then fewer. A bundle holds what hangs on it.
    """
    folds: Folds = {}
    present = set(_nodes(tree))
    for parent in list(_parents(tree)):
        leaves = [
            c for c in parent.children if not c.children and neighbours(c.node) & present <= {parent.node, c.node}
        ]
        for alike in _classes(parent, leaves, likeness):
            if len(alike) >= LEAVES:
                _bundle(parent, alike, folds)
    deepest = max(node.depth for node in _walk(tree))
    for whole in (False, True):
        for depth in range(deepest, 1, -1):
            ring = [node for node in _walk(tree) if node.depth == depth - 1]
            for parent in sorted(ring, key=lambda node: -len(node.children)):
                if _count(tree) <= seen:
                    break
                for alike in [parent.children] if whole else _classes(parent, parent.children, likeness):
                    _bundle(parent, alike, folds)
    for first in range(FIRST, -1, -1):
        if _count(tree) <= seen:
            break
        for alike in _classes(tree, tree.children, likeness):
            single = [child for child in alike if child.node not in folds]
            if single[first:]:
                _bundle(tree, [*single[first:], *(child for child in alike if child.node in folds)], folds)
    while _count(tree) > seen and len(tree.children) > 1:
        _bundle(tree, tree.children[(len(tree.children) - 1) // 2 :], folds)
    for node in _walk(tree):
        node.children.sort(key=lambda child, parent=node.node: rank(parent, child.node))  # type: ignore[misc]
    return folds


def _bundle(parent: Tree, children: list[Tree], folds: Folds) -> None:
    """Let the first of `children` stand for all of them and what hangs on them; two at least make a bundle."""
    if len(children) < 2:
        return
    members: list[int] = []
    for child in children:
        for node in _nodes(child):
            members += folds.pop(node)[1] if node in folds else [node]
    gone = {id(child) for child in children}
    stand_in = Tree(children[0].node, children[0].depth)
    parent.children = [*(child for child in parent.children if id(child) not in gone), stand_in]
    folds[stand_in.node] = (parent.node, members)


def _classes(parent: Tree, children: list[Tree], likeness: Callable[[int, int], Hashable]) -> list[list[Tree]]:
    found: dict[Hashable, list[Tree]] = defaultdict(list)
    for child in children:
        found[likeness(parent.node, child.node)].append(child)
    return list(found.values())


def _walk(tree: Tree) -> Iterator[Tree]:
    yield tree
    for child in tree.children:
        yield from _walk(child)


def _parents(tree: Tree) -> Iterator[Tree]:
    return (node for node in _walk(tree) if node.children)


def _nodes(tree: Tree) -> list[int]:
    return [node.node for node in _walk(tree)]


def _count(tree: Tree) -> int:
    return len(_nodes(tree))
