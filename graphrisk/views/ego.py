"""One party and what it hangs on: its neighbours in rings, amounts on the lines, bundles of like leaves folded.

Eight or more leaves of one kind behind one relation of one party are drawn as one bundle, which opens on a click.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.result import Result
from graphrisk.views.arrangement.radial import Tree, fold_places, radial, spanning_tree
from graphrisk.views.base import Options
from graphrisk.views.data.page_graph import CODES, Links, PageGraph
from graphrisk.views.data.palette import RELATIONS
from graphrisk.views.desk import Box, Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "One party and what it hangs on, step by step"
ARG = "required"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("quality", "centrality", "chains", "contagion")

NODES = 400
"""Most nodes drawn; the nearest and, among them, those with the largest amounts come first."""
FOLD = 8
"""Fewest like leaves that are drawn as one bundle."""


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture of party `arg`. Raises UsageError where it is unknown."""
    if not arg:
        raise UsageError("this view needs the id of a party", hint="graphrisk view ego PARTY -o ego.html")
    desk = open_desk(graph, results, options)
    root = graph.position(arg)
    near = Neighbours(desk.page_graph)
    tree, more = spanning_tree(root, near.of, options.depth, NODES)
    folds = _fold(desk.page_graph, near, tree)
    at = radial(tree)
    boxes, places = [], dict(at)
    for stand_in, members in folds.items():
        x, y = at[stand_in]
        spread = fold_places(x, y, len(members), 62.0)
        places.update({node: (float(p[0]), float(p[1])) for node, p in zip(members, spread, strict=True)})
        boxes.append(_box(desk, near, members, x, y))
    nodes = np.array(sorted(places), dtype=np.int64)
    left_out = [say(desk.lang, "left_out_neighbours", nodes=f"{more:,}", limit=str(NODES))] if more else []
    drawing = Drawing(
        view="ego",
        title=say(desk.lang, "title.ego", name=desk.name(root)),
        nodes=nodes,
        places=np.array([places[n] for n in nodes.tolist()]),
        links=near.among(nodes),
        boxes=boxes,
        bundles=(),
        focus=root,
        amounts=True,
        banner=left_out,
        left_out=[*left_out, say(desk.lang, "ego_depth", depth=options.depth)],
    )
    return make_picture(desk, drawing)


Likeness = tuple[str, frozenset[tuple[str, bool]]]
"""Kind of a leaf, and its relations to its parent, each with whether it leads outwards."""


class Neighbours:
    """The links of a book by node, most important first: largest amount, then relation, then node."""

    def __init__(self, page_graph: PageGraph) -> None:
        self.links = page_graph.links
        both = np.concatenate([page_graph.links.source, page_graph.links.target])
        other = np.concatenate([page_graph.links.target, page_graph.links.source])
        link = np.tile(np.arange(len(page_graph.links)), 2)
        amount = np.nan_to_num(page_graph.links.amount)[link]
        order = np.lexsort((other, page_graph.links.code[link], -amount, both))
        self._other, self._link = other[order], link[order]
        self._starts = np.searchsorted(both[order], np.arange(page_graph.size + 1))

    def of(self, node: int) -> list[int]:
        """Return the neighbours of a node; one met through payments only comes last."""
        begin, end = self._starts[node], self._starts[node + 1]
        others = self._other[begin:end].tolist()
        paid = (self.links.code[self._link[begin:end]] == CODES["PAID"]).tolist()
        return [n for n, p in zip(others, paid, strict=True) if not p] + [
            n for n, p in zip(others, paid, strict=True) if p
        ]

    def links_of(self, node: int) -> list[int]:
        """Return the numbers of the links at a node."""
        return [int(k) for k in self._link[self._starts[node] : self._starts[node + 1]]]

    def among(self, nodes: Positions) -> Links:
        """Return the links with both ends among `nodes`."""
        return self.links.only(np.isin(self.links.source, nodes) & np.isin(self.links.target, nodes))


def _fold(page_graph: PageGraph, near: Neighbours, tree: Tree) -> dict[int, list[int]]:
    """Replace FOLD or more like leaves of one parent by one stand-in; return its members."""
    drawn = set(_nodes(tree))
    folds: dict[int, list[int]] = {}
    level = [tree]
    while level:
        following: list[Tree] = []
        for parent in level:
            alike: dict[Likeness, list[Tree]] = defaultdict(list)
            for child in parent.children:
                key = _likeness(page_graph, near, parent.node, child, drawn)
                if key is not None:
                    alike[key].append(child)
            bundled = {id(c): group[0] for group in alike.values() if len(group) >= FOLD for c in group}
            kept = [c for c in parent.children if id(c) not in bundled or bundled[id(c)] is c]
            for group in alike.values():
                if len(group) >= FOLD:
                    folds[group[0].node] = [c.node for c in group]
            parent.children = sorted(kept, key=lambda c: _rank(near, parent.node, c.node))
            following += parent.children
        level = following
    return folds


def _nodes(tree: Tree) -> list[int]:
    return [tree.node, *(n for child in tree.children for n in _nodes(child))]


def _likeness(page_graph: PageGraph, near: Neighbours, parent: int, child: Tree, drawn: set[int]) -> Likeness | None:
    """Return what makes a leaf alike: its kind and the set of its relations to the parent; None where it is no leaf."""
    if child.children:
        return None
    seen = set()
    for k in near.links_of(child.node):
        source, target = int(near.links.source[k]), int(near.links.target[k])
        other = target if source == child.node else source
        if other not in drawn:
            continue
        if other != parent:
            return None
        seen.add((tuple(RELATIONS)[int(near.links.code[k])], source == parent))
    return (page_graph.kind(child.node), frozenset(seen)) if seen else None


def _rank(near: Neighbours, parent: int, child: int) -> tuple[int, bool, int]:
    """Order of the children around a ring: by relation, then direction, so that like stands beside like."""
    codes = [
        (int(near.links.code[k]), int(near.links.source[k]) == child)
        for k in near.links_of(child)
        if parent in (int(near.links.source[k]), int(near.links.target[k]))
    ]
    return (*min(codes), child)


def _box(desk: Desk, near: Neighbours, members: Sequence[int], x: float, y: float) -> Box:
    kind = say(desk.lang, f"kind.{desk.page_graph.kind(members[0])}")
    codes = sorted({int(near.links.code[k]) for k in near.links_of(members[0])})
    relation = " + ".join(say(desk.lang, f"relation.{tuple(RELATIONS)[code]}") for code in codes)
    return Box(
        name=say(desk.lang, "fold_name", count=len(members), kind=kind, relation=relation),
        members=np.array(sorted(members), dtype=np.int64),
        x=x,
        y=y,
        radius=26.0,
        fold=True,
    )
