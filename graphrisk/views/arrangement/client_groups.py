"""How the overview gathers clients: by what binds them in law and money, so that a group is what a banker would name.

A group is a connected component of guarantees, ownership, control, shared assets and personal ties; one above
`LARGEST` nodes is split by Louvain communities (Blondel and others, J. Stat. Mech. P10008, 2008, through NetworkX,
fixed seed) over all its relations, and where that is too much work by its largest contracts. Small ones are gathered by
industry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.views.arrangement.gathering import Gathering
from graphrisk.views.data.page_graph import CODES, Links, PageGraph

LARGEST = 300
"""Most nodes in one group, so that five can be open at once."""
OWN = 8
"""Fewest nodes of a group of its own, where there are many."""
NAMED = 90
"""Most groups of their own; the rest is gathered by industry."""
_LOUVAIN_LIMIT = 20_000
_BINDING = ("GUARANTEES", "OWNS", "CONTROLS", "SECURED_BY", "HAS_COLLATERAL", "TIED_TO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`members` in node order; `lead` is the member we lend most to; `industry` where small ones are gathered."""

    members: Positions
    lead: int
    exposure: float
    gathered: bool
    industry: str | None = None
    part: int = 0


def find_groups(page_graph: PageGraph) -> list[Group]:
    """Return the groups of the book, each node in exactly one, by exposure descending, then by first member."""
    if page_graph.size == 0:
        return []
    labels = _split_large(page_graph, _components(page_graph.size, page_graph.links.of(*_BINDING)))
    sizes = np.bincount(labels)
    exposure = np.bincount(labels, weights=page_graph.exposure).astype(np.float64)
    by_label = np.argsort(labels, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)])
    leads = _leads(page_graph, labels, starts)
    few = len(sizes) <= 60
    candidates = np.flatnonzero(sizes >= (2 if few else OWN))
    ranked = candidates[np.lexsort((candidates, -exposure[candidates]))]
    own = np.zeros(len(sizes), dtype=bool)
    own[ranked[:NAMED]] = True
    found = [
        Group(
            members=by_label[starts[k] : starts[k + 1]],
            lead=int(leads[k]),
            exposure=float(exposure[k]),
            gathered=False,
        )
        for k in np.flatnonzero(own)
    ]
    found += _gathered(page_graph, np.flatnonzero(~own), sizes, exposure, leads, by_label, starts)
    return sorted(found, key=lambda g: (-g.exposure, int(g.members[0])))


def _components(size: int, links: Links) -> Positions:
    """Return a component number for each node, numbered by first member."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(links), dtype=np.int8)
    matrix = coo_array((ones, (links.source, links.target)), shape=(size, size)).tocsr()
    labels = connected_components(matrix, directed=False)[1]
    return _renumbered(np.asarray(labels, dtype=np.int64))


def _renumbered(labels: Positions) -> Positions:
    _, first, where = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[where]


def _leads(page_graph: PageGraph, labels: Positions, starts: Positions) -> Positions:
    """Return the party with the largest exposure of each group (first in key order among equals)."""
    asset = np.arange(page_graph.size) >= page_graph.parties
    order = np.lexsort((np.arange(page_graph.size), -page_graph.exposure, asset, labels))
    return order[starts[:-1]]


def _split_large(page_graph: PageGraph, labels: Positions) -> Positions:
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes > LARGEST)
    if not len(large):
        return labels
    labels = labels.copy()
    fresh = len(sizes)
    unpaid = page_graph.links.only(page_graph.links.code != CODES["PAID"])
    for label in large:
        members = np.flatnonzero(labels == label)
        inside = unpaid.only((labels[unpaid.source] == label) & (labels[unpaid.target] == label))
        for part in _parts(members, inside):
            labels[part] = fresh
            fresh += 1
    return _renumbered(labels)


def _parts(members: Positions, links: Links) -> list[Positions]:
    """Return disjoint parts of a component, each at most LARGEST nodes."""
    if len(members) > _LOUVAIN_LIMIT:
        return _by_contracts(members, links)
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(members.tolist())
    graph.add_edges_from(zip(links.source.tolist(), links.target.tolist(), strict=True))
    out: list[Positions] = []
    for community in nx.community.louvain_communities(graph, seed=1):
        part = np.array(sorted(community), dtype=np.int64)
        if len(part) <= LARGEST:
            out.append(part)
            continue
        inside = np.isin(links.source, part) & np.isin(links.target, part)
        out += _by_contracts(part, links.only(inside))
    return out


def _by_contracts(members: Positions, links: Links) -> list[Positions]:
    """Join along the largest contracts first, never beyond LARGEST nodes: one pass, any size."""
    place = {node: k for k, node in enumerate(members.tolist())}
    parts = Gathering([1] * len(members), LARGEST)
    amount = np.nan_to_num(links.amount)
    for at in np.lexsort((links.target, links.source, -amount)).tolist():
        ends = (place[int(links.source[at])], place[int(links.target[at])])
        roots_of = sorted(parts.root(end) for end in ends)
        parts.join(roots_of[1], roots_of[0])
    roots = parts.roots()
    order = np.argsort(roots, kind="stable")
    cuts = np.flatnonzero(np.diff(roots[order])) + 1
    return [members[part] for part in np.split(order, cuts)]


def _gathered(
    page_graph: PageGraph,
    labels: Positions,
    sizes: Positions,
    exposure: Floats,
    leads: Positions,
    by_label: Positions,
    starts: Positions,
) -> list[Group]:
    """Gather whole small components by the industry of their lead, in order of exposure, LARGEST nodes at most."""
    if not len(labels):
        return []
    industry = _industry_of(page_graph)[leads[labels]]
    names, code = np.unique(industry, return_inverse=True)
    order = np.lexsort((labels, -exposure[labels], code))
    out: list[Group] = []
    for number, name in enumerate(names):
        mine = order[code[order] == number]
        filled = np.cumsum(sizes[labels[mine]])
        begin, part = 0, 0
        while begin < len(mine):
            before = int(filled[begin - 1]) if begin else 0
            end = max(int(np.searchsorted(filled, before + LARGEST, side="right")), begin + 1)
            chosen = labels[mine[begin:end]]
            part += 1
            out.append(
                Group(
                    members=np.sort(np.concatenate([by_label[starts[k] : starts[k + 1]] for k in chosen])),
                    lead=int(leads[chosen[0]]),
                    exposure=float(exposure[chosen].sum()),
                    gathered=True,
                    industry=str(name),
                    part=part,
                )
            )
            begin = end
    return out


def _industry_of(page_graph: PageGraph) -> npt.NDArray[np.object_]:
    out = np.full(page_graph.size, "", dtype=object)
    given = page_graph.graph.texts("parties", "industry")
    out[: page_graph.parties] = [value or "" for value in given]
    return out
