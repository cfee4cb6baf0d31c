"""Circles of guarantees: who stands behind whom in a ring, so that nobody's guarantee is worth what it says.

Draws the strongly connected components of the guarantee graph, whatever their length: that of one party with the
chains that lead into it (guarantors, left) and out of it (debtors, right), or all of them, the largest first. With
the relations chosen in the legend it shows who in a circle also belongs together otherwise. Beside it stand the
connected parts as supervisors count circles, and what would have to be cut of very large ones (dashed).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.result import Result
from graphrisk.views.arrangement.layout import Points, hexagons, pack
from graphrisk.views.arrangement.rings import layers, place_layers, place_ring, strong_components
from graphrisk.views.base import Options
from graphrisk.views.data.page_graph import Links
from graphrisk.views.data.panels import panel
from graphrisk.views.data.supervisor import cut_rows, supervisor_panels
from graphrisk.views.desk import Box, Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "Circles of guarantees, the largest first, or that of one party"
ARG = "optional"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("quality", "chains", "contagion")

NODES = 400
"""Most nodes drawn open; further circles are hexagons that open on a click."""
IN_PAGE = 4_000
"""Most parties of circles in one page."""
_HIDDEN = ("SUPPLIES", "DEPENDS_ON", "PAID")


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture. Raises UsageError where the party is unknown."""
    desk = open_desk(graph, results, options)
    guarantees = desk.page_graph.guarantees()
    found = strong_components(desk.page_graph.size, guarantees)
    drawing = _of_party(desk, guarantees, found, graph.position(arg)) if arg else _all(desk, guarantees, found)
    return make_picture(desk, drawing)


def _among(links: Links, nodes: Positions) -> Links:
    return links.only(np.isin(links.source, nodes) & np.isin(links.target, nodes))


def _of_party(desk: Desk, guarantees: Links, found: list[Positions], party: int) -> Drawing:
    """The circle of one party with its chains; without a circle, its chains and a sentence that says so."""
    lang = desk.lang
    mine = next((members for members in found if party in members), None)
    core = mine if mine is not None else np.array([party], dtype=np.int64)
    local = place_ring(core, _among(guarantees, core), 210.0) if mine is not None else np.zeros((1, 2))
    places = {int(n): (float(p[0]), float(p[1])) for n, p in zip(core, local, strict=True)}
    debtors, guarantors = _near(guarantees, "out"), _near(guarantees, "in")
    room = max(NODES - len(core), 0)
    left, less = layers(core.tolist(), guarantors, desk.options.depth, room // 2)
    right, fewer = layers(core.tolist(), debtors, desk.options.depth, room - sum(map(len, left)))
    right = [[n for n in layer if not any(n in other for other in left)] for layer in right]
    placed_left = dict(places)
    place_layers(left, placed_left, debtors, -1.0)
    placed_right = dict(places)
    place_layers([layer for layer in right if layer], placed_right, guarantors, 1.0)
    places = {**placed_right, **placed_left}
    nodes = np.array(sorted(places), dtype=np.int64)
    name = desk.name(party)
    circles = [mine] if mine is not None else []
    return Drawing(
        view="circle",
        title=say(lang, "title.circle_of", name=name),
        nodes=nodes,
        places=np.array([places[n] for n in nodes.tolist()]),
        links=_among(desk.page_graph.links, nodes),
        panels=[*([_panel(desk, guarantees, circles)] if circles else []), *supervisor_panels(desk, nodes)],
        figures=_figures(desk, guarantees, circles) if circles else [],
        focus=party,
        amounts=True,
        hidden=_HIDDEN,
        left_out=[say(lang, "left_out_neighbours", nodes=f"{less + fewer:,}", limit=str(NODES))]
        if less + fewer
        else [],
        empty="" if circles else say(lang, "no_circle_of", name=name),
        dashed=cut_rows(desk),
    )


def _all(desk: Desk, guarantees: Links, found: list[Positions]) -> Drawing:
    """All circles, the largest first, each a ring; those beyond NODES parties closed, beyond IN_PAGE only counted."""
    lang, room = desk.lang, IN_PAGE
    shown: list[Positions] = []
    for members in found:
        if len(members) > room:
            break
        shown.append(members)
        room -= len(members)
    local = [place_ring(members, _among(guarantees, members)) for members in shown]
    radii = np.array([float(np.sqrt((p**2).sum(axis=1)).max()) + 58.0 for p in local])
    radii, sizes = hexagons(radii, np.array([len(members) for members in shown], dtype=np.float64))
    centres = pack(radii, np.zeros((0, 2), dtype=np.int64), gap=24.0) if len(shown) <= 400 else _grid(radii)
    nodes, places, boxes, drawn = [], [], [], 0
    for members, spots, centre, radius, size in zip(shown, local, centres, radii, sizes, strict=True):
        drawn += len(members)
        nodes.append(members)
        places.append(spots + centre)
        boxes.append(
            Box(
                name=say(lang, "circle_name", count=len(members), name=desk.name(_lead(desk, members))),
                members=members,
                x=float(centre[0]),
                y=float(centre[1]),
                radius=float(radius),
                size=float(size),
                opened=drawn <= NODES,
            )
        )
    chosen = np.concatenate(nodes) if nodes else np.zeros(0, dtype=np.int64)
    where = np.concatenate(places) if places else np.zeros((0, 2))
    order = np.argsort(chosen, kind="stable")
    out = []
    if len(shown) < len(found):
        rest = found[len(shown) :]
        out.append(
            say(lang, "left_out_circles", circles=len(rest), nodes=f"{sum(map(len, rest)):,}", limit=f"{IN_PAGE:,}")
        )
    return Drawing(
        view="circle",
        title=say(lang, "title.circle"),
        nodes=chosen[order],
        places=where[order],
        links=_among(desk.page_graph.links, chosen),
        boxes=boxes,
        panels=[*([_panel(desk, guarantees, found)] if found else []), *supervisor_panels(desk, None)],
        figures=_figures(desk, guarantees, found) if found else [],
        amounts=True,
        hidden=_HIDDEN,
        left_out=out,
        banner=out,
        empty="" if found else say(lang, "no_circle"),
        dashed=cut_rows(desk),
    )


def _grid(radii: Points) -> Points:
    """Return centres in rows, for many small circles."""
    step = float(radii.max()) * 2.0 + 40.0
    across = int(np.ceil(np.sqrt(len(radii) * 1.5)))
    number = np.arange(len(radii))
    return np.stack([(number % across) * step, (number // across) * step], axis=1).astype(np.float64)


def _near(links: Links, way: str) -> dict[int, list[int]]:
    """Return for each node those it guarantees ("out") or is guaranteed by ("in"), the largest amount first."""
    start, goal = (links.source, links.target) if way == "out" else (links.target, links.source)
    near: dict[int, list[int]] = {}
    for k in np.lexsort((goal, -np.nan_to_num(links.amount))).tolist():
        near.setdefault(int(start[k]), []).append(int(goal[k]))
    return near


def _lead(desk: Desk, members: Positions) -> int:
    exposure = desk.page_graph.exposure[members]
    return int(members[int(np.lexsort((members, -exposure))[0])])


def _panel(desk: Desk, guarantees: Links, found: list[Positions]) -> dict[str, Any]:
    """List the circles: members, contracts among them and their sum, the smallest contract, what we lent them."""
    rows = []
    for members in found[:60]:
        inside = _among(guarantees, members)
        amount = inside.amount[~np.isnan(inside.amount)]
        rows.append(
            [
                {"nodes": members.tolist()[:12]},
                len(members),
                len(inside),
                float(amount.sum()) if len(amount) else None,
                float(desk.page_graph.exposure[members].sum()),
            ]
        )
    columns = [("members", "nodes"), ("parties", "count"), ("contracts", "count")]
    columns += [("guaranteed_inside", "money"), ("exposure", "money")]
    return panel("strong_components", columns, rows, len(found), "strong_components_note")


def _figures(desk: Desk, guarantees: Links, found: list[Positions]) -> list[dict[str, Any]]:
    members = np.concatenate(found)
    inside = [_among(guarantees, m) for m in found] if len(found) <= 200 else [_among(guarantees, members)]
    return [
        {"word": "circles", "value": len(found), "kind": "count", "warn": True},
        {"word": "parties", "value": len(members), "kind": "count"},
        {"word": "largest_circle", "value": len(found[0]), "kind": "count"},
        {"word": "guaranteed_inside", "value": float(sum(np.nansum(i.amount) for i in inside)), "kind": "money"},
        {"word": "exposure", "value": float(desk.page_graph.exposure[members].sum()), "kind": "money"},
    ]
