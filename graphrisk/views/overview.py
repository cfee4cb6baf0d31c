"""The whole book on one page: groups of connected clients, the biggest risks among them, and how it was obtained.

A hexagon is a group; it opens on a double click or when it is zoomed into. At most `NODES` nodes travel in the page and
1,500 are drawn at a time: what is left out is counted on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.result import Result
from graphrisk.views.arrangement.client_groups import Group, find_groups
from graphrisk.views.arrangement.layout import SPACING, Points, component, hexagons, pack, shelves
from graphrisk.views.base import Options
from graphrisk.views.data.lists import indicators, largest_contracts
from graphrisk.views.data.page_graph import CODES, Links, PageGraph
from graphrisk.views.data.palette import RELATIONS
from graphrisk.views.desk import Box, Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording import figures
from graphrisk.views.wording.words import say

TITLE = "The whole book: groups of connected clients and the biggest risks among them"
ARG = "none"
NEEDS: tuple[str, ...] = ("quality", "centrality", "chains", "contagion")

NODES = 20_000
"""Most nodes in one page; the groups with the largest exposure come first."""
HEXAGONS = 160
"""Most groups drawn."""
_CLOSE = ("GUARANTEES", "OWNS", "CONTROLS", "SECURED_BY", "TIED_TO")
"""Relations that draw two groups together in the picture."""
OPEN_ALL = 120
"""A book of this many nodes or fewer is shown open."""


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:  # noqa: ARG001
    """Return the picture."""
    desk = open_desk(graph, results, options)
    page_graph = desk.page_graph
    found = find_groups(page_graph)
    shown, whole = found[:HEXAGONS], _with_members(found[:HEXAGONS])
    inside = np.concatenate(
        [g.members for g, keep in zip(shown, whole, strict=True) if keep] or [np.zeros(0, np.int64)]
    )
    group_of = np.full(page_graph.size, -1, dtype=np.int64)
    for number, group in enumerate(shown):
        group_of[group.members] = number
    bundles = _bundles(page_graph, group_of)
    places, boxes = _arrange(desk, shown, whole, bundles, group_of)
    held = np.zeros(page_graph.size, dtype=bool)
    held[inside] = True
    links = page_graph.links.only(held[page_graph.links.source] & held[page_graph.links.target])
    known = page_graph.names() if desk.mask.on else {}
    panels = desk.lists.all(known)
    if not any(panel["key"] in ("importance", "overstretched") for panel in panels):
        panels += [panel for panel in (largest_contracts(page_graph.guarantees()),) if panel is not None]
    order = np.sort(inside)
    left_out = _left_out(desk, found, shown, whole)
    drawing = Drawing(
        view="overview",
        title=say(desk.lang, "title.overview"),
        nodes=order,
        places=places[order],
        links=links,
        boxes=boxes,
        bundles=bundles,
        panels=panels,
        figures=indicators(page_graph, desk.lists),
        hidden=("PAID",) if (page_graph.links.code == CODES["PAID"]).any() else (),
        left_out=left_out,
        banner=left_out,
        empty=say(desk.lang, "empty_book") if not page_graph.size else "",
    )
    return make_picture(desk, drawing)


def _with_members(groups: list[Group]) -> list[bool]:
    room, out = NODES, []
    for group in groups:
        fits = len(group.members) <= room
        room -= len(group.members) if fits else 0
        out.append(fits)
    return out


def _bundles(page_graph: PageGraph, group_of: Positions) -> list[dict[str, Any]]:
    """Return the sums of links from group to group, by relation."""
    a, b = group_of[page_graph.links.source], group_of[page_graph.links.target]
    across = page_graph.links.only((a != b) & (a >= 0) & (b >= 0))
    if not len(across):
        return []
    a, b = group_of[across.source], group_of[across.target]
    many, kinds = int(group_of.max()) + 1, len(RELATIONS)
    found, where = np.unique((a * many + b) * kinds + across.code, return_inverse=True)
    count, amount = np.zeros(len(found), dtype=np.int64), np.zeros(len(found))
    np.add.at(count, where, across.count)
    np.add.at(amount, where, np.nan_to_num(across.amount))
    names = tuple(RELATIONS)
    return [
        {
            "from": key // kinds // many,
            "to": key // kinds % many,
            "relation": names[key % kinds],
            "count": int(count[k]),
            "amount": float(amount[k]) if amount[k] > 0 else float("nan"),
        }
        for k, key in enumerate(found.tolist())
    ]


def _arrange(
    desk: Desk, shown: list[Group], whole: list[bool], bundles: list[dict[str, Any]], group_of: Positions
) -> tuple[Points, list[Box]]:
    page_graph = desk.page_graph
    places = np.zeros((page_graph.size, 2))
    binding = page_graph.links.only(
        (page_graph.links.code != CODES["PAID"]) & (page_graph.links.source != page_graph.links.target)
    )
    same = group_of[binding.source] == group_of[binding.target]
    within = binding.only(same & (group_of[binding.source] >= 0))
    by_group = np.argsort(group_of[within.source], kind="stable")
    cuts = np.searchsorted(group_of[within.source][by_group], np.arange(len(shown) + 1))
    radii = np.zeros(len(shown))
    for number, group in enumerate(shown):
        if whole[number]:
            mine = within.only(by_group[cuts[number] : cuts[number + 1]])
            local = _inside(group.members, mine)
            places[group.members] = local
            radii[number] = float(np.sqrt((local**2).sum(axis=1)).max()) + SPACING * 0.9
        else:
            radii[number] = SPACING * 0.75 * np.sqrt(len(group.members)) + SPACING
    pulls = {(min(b["from"], b["to"]), max(b["from"], b["to"])) for b in bundles if b["relation"] in _CLOSE}
    radii, sizes = hexagons(radii, np.array([len(group.members) for group in shown], dtype=np.float64))
    centres = pack(radii, np.array(sorted(pulls), dtype=np.int64).reshape(-1, 2))
    small = page_graph.size <= OPEN_ALL
    boxes = []
    for number, group in enumerate(shown):
        places[group.members] += centres[number]
        boxes.append(
            Box(
                name=_name(desk, group),
                members=group.members,
                x=float(centres[number, 0]),
                y=float(centres[number, 1]),
                radius=float(radii[number]),
                size=float(sizes[number]),
                inside=whole[number],
                opened=small,
                note=say(desk.lang, "gathered_note") if group.gathered else "",
            )
        )
    return places, boxes


def _inside(members: Positions, links: Links) -> Points:
    """Return the places of a group's nodes: each connected component by itself, then side by side."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size = len(members)
    pairs = np.stack([np.searchsorted(members, links.source), np.searchsorted(members, links.target)], axis=1)
    matrix = coo_array((np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size)).tocsr()
    many, labels = connected_components(matrix, directed=False)
    parts = [np.flatnonzero(labels == k) for k in range(many)]
    placed = []
    for k, part in enumerate(parts):
        mine = pairs[labels[pairs[:, 0]] == k] if len(pairs) else pairs
        local = np.searchsorted(part, mine)
        placed.append(component(len(part), local))
    out = np.zeros((size, 2))
    for part, where in zip(parts, shelves(placed), strict=True):
        out[part] = where
    return out


def _name(desk: Desk, group: Group) -> str:
    if group.gathered:
        industry = desk.industry(group.industry or None) or say(desk.lang, "no_industry")
        name = say(desk.lang, "small_groups", industry=industry)
        return f"{name} {group.part}" if group.part > 1 else name
    return desk.name(group.lead)


def _left_out(desk: Desk, found: list[Group], shown: list[Group], whole: list[bool]) -> list[str]:
    """Say in words what is not drawn and what is not in the page."""
    lang, out = desk.lang, []
    rest = found[len(shown) :]
    if rest:
        money = figures.money(sum(g.exposure for g in rest), lang)
        many = sum(len(g.members) for g in rest)
        out.append(say(lang, "left_out_groups", groups=len(rest), nodes=f"{many:,}", money=money))
    closed = [g for g, keep in zip(shown, whole, strict=True) if not keep]
    if closed:
        many = sum(len(g.members) for g in closed)
        out.append(say(lang, "left_out_members", groups=len(closed), nodes=f"{many:,}", limit=f"{NODES:,}"))
    return out
