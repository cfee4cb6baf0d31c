"""Who is linked to whom, the most important first; what makes neighbours alike, and the bundle of those that are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.views.data.page_graph import CODES, Links, PageGraph
from graphrisk.views.data.palette import RELATIONS
from graphrisk.views.desk import Box, Desk
from graphrisk.views.wording.words import say

Likeness = tuple[str, frozenset[tuple[int, bool]]]
"""Kind of a neighbour, and its relations to its parent by code, each with whether it leads outwards."""


class Neighbours:
    """Links of a book by node, of each relation in turn the largest amount, the second largest and so on."""

    def __init__(self, page_graph: PageGraph, links: Links) -> None:
        self.links, self._page_graph = links, page_graph
        both = np.concatenate([links.source, links.target])
        other = np.concatenate([links.target, links.source])
        link = np.tile(np.arange(len(links)), 2)
        amount = np.nan_to_num(links.amount)[link]
        kind = 2 * links.code[link].astype(np.int64) + (np.arange(len(both)) < len(links))
        by_kind = np.lexsort((other, -amount, kind, both))
        fresh = np.ones(len(both), dtype=bool)
        fresh[1:] = np.diff(both[by_kind]).astype(bool) | np.diff(kind[by_kind]).astype(bool)
        start = np.maximum.accumulate(np.where(fresh, np.arange(len(both)), 0))
        place = np.empty(len(both), dtype=np.int64)
        place[by_kind] = np.arange(len(both)) - start
        order = np.lexsort((other, kind, -amount, place, both))
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

    def others(self, node: int) -> set[int]:
        """Return the neighbours of a node as a set."""
        return set(self._other[self._starts[node] : self._starts[node + 1]].tolist())

    def likeness(self, parent: int, child: int) -> Likeness:
        """Return what makes a neighbour of `parent` like another: its kind, and the set of its relations to it."""
        seen = set()
        for k in self.links_of(child):
            source, target = int(self.links.source[k]), int(self.links.target[k])
            if parent in (source, target):
                seen.add((int(self.links.code[k]), source == parent))
        return self._page_graph.kind(child), frozenset(seen)

    def rank(self, parent: int, child: int) -> tuple[int, bool, int]:
        """Order of the children around a ring: by relation, then direction, so that like stands beside like."""
        _, seen = self.likeness(parent, child)
        return (*min(seen), child)

    def among(self, nodes: Positions) -> Links:
        """Return the links with both ends among `nodes`."""
        return self.links.only(np.isin(self.links.source, nodes) & np.isin(self.links.target, nodes))


def bundle(desk: Desk, near: Neighbours, parent: int, members: Sequence[int], x: float, y: float) -> Box:
    """Return the bundle of `members` around `parent`; its name counts those linked to it, and what hangs on them."""
    beside = [alike for alike in (near.likeness(parent, member) for member in members) if alike[1]]
    if len(set(beside)) == 1:
        kind, relations = beside[0]
        names = [
            say(desk.lang, f"relation.{tuple(RELATIONS)[code]}") for code in sorted({code for code, _ in relations})
        ]
        name = say(
            desk.lang, "fold_name", count=len(beside), kind=say(desk.lang, f"kind.{kind}"), relation=" + ".join(names)
        )
    else:
        name = say(desk.lang, "fold_mixed", count=len(beside), name=desk.name(parent))
    if len(members) > len(beside):
        name = say(desk.lang, "fold_behind", name=name, more=len(members) - len(beside))
    return Box(name=name, members=np.array(sorted(members), dtype=np.int64), x=x, y=y, radius=26.0, fold=True)
