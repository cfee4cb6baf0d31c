"""Bundles around a party: nothing lost, nothing twice, no more than a reader takes in."""

from __future__ import annotations

import numpy as np
import pytest

from graphrisk.views.arrangement.folding import LEAVES, fold
from graphrisk.views.arrangement.radial import Tree, spanning_tree


def random_web(seed: int) -> tuple[list[set[int]], list[int]]:
    """Return the neighbours of each node and its kind: hubs, leaves, and lines among the leaves."""
    rng = np.random.default_rng(seed)
    size = int(rng.integers(3, 400))
    near: list[set[int]] = [set() for _ in range(size)]
    for node in range(1, size):
        other = int(rng.integers(node)) if rng.random() < 0.4 else int(rng.integers(min(node, 1 + seed % 9)))
        near[node].add(other)
        near[other].add(node)
    for a, b in rng.integers(size, size=(size // (2 + seed % 5), 2)).tolist():
        near[a].add(b)
        near[b].add(a)
    return near, rng.integers(1 + seed % 6, size=size).tolist()


def drawn(tree: Tree) -> list[Tree]:
    return [tree, *(below for child in tree.children for below in drawn(child))]


@pytest.mark.parametrize("seed", range(40))
def test_every_node_is_drawn_or_in_one_bundle(seed: int) -> None:
    near, kinds = random_web(seed)
    tree, more = spanning_tree(0, lambda node: sorted(near[node]), 1 + seed % 4, 1000)
    assert more == 0
    whole = {each.node for each in drawn(tree)}
    parents = {child.node: each.node for each in drawn(tree) for child in each.children}
    seen = 10 + seed
    folds = fold(tree, lambda parent, child: kinds[child], near.__getitem__, lambda parent, child: child, seen)
    left = drawn(tree)
    assert len(left) <= max(seen, 2)
    single = [each.node for each in left if each.node not in folds]
    inside = [node for _, members in folds.values() for node in members]
    assert sorted(single + inside) == sorted(whole)
    for stand_in, (parent, members) in folds.items():
        assert len(members) >= 2
        assert stand_in in members
        at = next(each for each in left if each.node == stand_in)
        assert at.children == []
        for member in members:  # all of it hangs on the node around which it stands
            while member != parent:
                member = parents[member]
    if len(whole) <= seen:
        assert all(len(members) >= LEAVES for _, members in folds.values())


def test_the_first_neighbours_of_each_kind_stay_out_of_bundles() -> None:
    tree = Tree(0, 0, [Tree(k, 1, [Tree(1000 + k, 2)]) for k in range(1, 101)])
    near = [set(range(1, 101))] + [{0, 1000 + k} for k in range(1, 101)] + [set()] * 900 + [{k} for k in range(1, 101)]
    folds = fold(tree, lambda parent, child: child % 2, near.__getitem__, lambda parent, child: child, 40)
    assert {parent for parent, _ in folds.values()} == {0}
    assert [child.node for child in tree.children if child.node not in folds] == list(range(1, 11))
    assert sorted(len(members) for _, members in folds.values()) == [90, 90]
