"""Owners and control: upwards to the persons behind a party, downwards to what it holds, circles as rings.

Owners stand left, what is held right, holdings that are alike in a bundle; the share is written on each line. The
lists tell who is an owner under several regimes, shares over all ways, control, and where each holding drawn comes
from. Without a party the one under the most layers of owners is drawn.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.places import places_of
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, plain
from graphrisk.views.arrangement.folding import LEAVES
from graphrisk.views.arrangement.radial import fold_places
from graphrisk.views.arrangement.rings import layers, place_layers, place_ring, strong_components
from graphrisk.views.base import Options
from graphrisk.views.data.neighbours import Neighbours, bundle
from graphrisk.views.data.page_graph import Links
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Who owns and controls a party, up to the persons, and what it holds"
ARG = "optional"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("quality", "ownership")

REGIMES = ("amlr", "psc", "cn")
"""Regimes whose owners stand in the lists."""
NODES = 300
CONTROL_WIDTH = 5.0
"""Width of a line on a way of control; others have 1 to 3."""
UPWARDS = 12
"""Most steps upwards: to the persons; downwards it is the depth asked for."""
ROWS = 60


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:
    """Return the owners of the party under each regime. Raises UsageError where a run was described."""
    if options.shocks or options.scenario or options.settings or options.compares:
        raise UsageError("this view shows no run: it takes no shock, scenario or setting", hint="cascade and stress do")
    party = _party(graph, results, arg)
    if party is None:
        return ()
    named = str(graph.party_ids[party])
    return [Ask(key=name, analyzer="owners", params={"regime": name, "party": named}) for name in REGIMES]


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture. Raises UsageError where the party is unknown."""
    desk = open_desk(graph, results, options)
    party = _party(graph, results, arg)
    links = desk.page_graph.links.of("OWNS", "CONTROLS")
    if party is None:
        none = np.zeros(0, dtype=np.int64)
        empty = say(desk.lang, "no_owners")
        title = say(desk.lang, "title.ownership", name="–")
        nothing = Drawing(
            view="ownership", title=title, nodes=none, places=np.zeros((0, 2)), links=links.only(none), empty=empty
        )
        return make_picture(desk, nothing)
    return _marked(desk, make_picture(desk, drawing := _drawing(desk, links, party)), drawing, party)


def _marked(desk: Desk, made: Picture, drawing: Drawing, party: int) -> Picture:
    """Return the picture with what only this page has: shares at nodes, owners by regime, thick lines of control."""
    keys = made.nodes["id"]
    place = {str(key): at for at, key in enumerate(keys)}
    named = {
        str(desk.page_graph.keys[node]): place[str(desk.mask.identifier(str(desk.page_graph.keys[node])))]
        for node in drawing.nodes.tolist()
    }
    one = str(desk.page_graph.graph.party_ids[party])
    shares = desk.results["ownership"].integrated
    share: list[list[float] | None] = [None] * len(keys)
    for near, far in (("owned_id", "owner_id"), ("owner_id", "owned_id")):  # what holds it goes before what it holds
        for row in shares[shares[near] == one].to_dict("records"):
            at = named.get(str(row[far]))
            if at is not None and share[at] is None and row[far] != one and row["capital_max"] == row["capital_max"]:
                share[at] = [float(row["capital_min"]), float(row["capital_max"])]
    owners = {
        name: {
            str(named[row["owner_id"]]): bool(row["certain"])
            for row in desk.results[name].owners.to_dict("records")
            if row["owner_id"] in named and row["basis"] != "senior_manager"
        }
        for name in REGIMES
        if name in desk.results
    }
    thick = {(named[a], named[b]) for a, b in _control_steps(desk, one) if a in named and b in named}
    links = dict(made.links)
    ends = list(zip(links.get("from", ()), links.get("to", ()), strict=True))
    widths = links.get("width") or [None] * len(ends)
    links["width"] = [CONTROL_WIDTH if pair in thick else width for pair, width in zip(ends, widths, strict=True)]
    if not any(width is not None for width in links["width"]):
        del links["width"]
    return dataclasses.replace(
        made, links=links, extra={"standing": {"regimes": list(owners), "share": share, "owners": owners}}
    )


def _control_steps(desk: Desk, one: str) -> set[tuple[str, str]]:
    """Return the holders and the held in the proofs and on the ways by which the party is controlled and controls."""
    control = desk.results["ownership"].control
    mine = control[((control["controller_id"] == one) | (control["controlled_id"] == one)) & control["certain"]]
    steps = {(str(a), str(b)) for path in mine["path"] for a, b in pairwise(path)}
    proofs = [json.loads(proof) if isinstance(proof, str) else proof for proof in mine["proof"]]
    return steps | {(str(step[0]), str(step[1])) for proof in proofs for step in proof}


def _party(graph: RiskGraph, results: Mapping[str, Result], arg: str | None) -> int | None:
    if arg:
        return graph.position(arg)
    indicators = results["ownership"].tables["ownership_indicators"]
    if not indicators.empty:
        return graph.position(str(indicators.iloc[0]["party_id"]))
    return 0 if graph.size else None


def _drawing(desk: Desk, links: Links, party: int) -> Drawing:
    lang, name = desk.lang, desk.name(party)
    circle = next((m for m in strong_components(desk.page_graph.size, links) if party in m), None)
    core = np.array([party], dtype=np.int64) if circle is None else circle
    inside = links.only(np.isin(links.source, core) & np.isin(links.target, core))
    local = np.zeros((1, 2)) if circle is None else place_ring(core, inside, 210.0)
    places = {int(n): (float(p[0]), float(p[1])) for n, p in zip(core, local, strict=True)}
    owners, holdings = _near(links.target, links.source), _near(links.source, links.target)
    room = max(NODES - len(core), 0)
    left, less = layers(core.tolist(), owners, UPWARDS, room * 2 // 3)
    right, fewer = layers(core.tolist(), holdings, desk.options.depth, room - sum(map(len, left)))
    right = [[n for n in layer if not any(n in other for other in left)] for layer in right]
    placed_left, placed_right = dict(places), dict(places)
    near = Neighbours(desk.page_graph, links)
    bundles = _alike(near, right, {*places, *(n for layer in [*left, *right] for n in layer)})
    folded = {n for _, members in bundles.values() for n in members[1:]}
    right = [[n for n in layer if n not in folded] for layer in right]
    place_layers(left, placed_left, holdings, -1.0)
    place_layers([layer for layer in right if layer], placed_right, owners, 1.0)
    places, boxes = {**placed_right, **placed_left}, []
    for stand_in, (parent, members) in bundles.items():
        x, y = places[stand_in]
        spread = fold_places(x, y, len(members), 62.0)
        places.update({n: (float(at[0]), float(at[1])) for n, at in zip(members, spread, strict=True)})
        boxes.append(bundle(desk, near, parent, members, x, y))
    nodes = np.array(sorted(places), dtype=np.int64)
    shown = links.only(np.isin(links.source, nodes) & np.isin(links.target, nodes))
    more = [say(lang, "shares_hidden", nodes=f"{less + fewer:,}")] if less + fewer else []
    return Drawing(
        view="ownership",
        title=say(lang, "title.ownership", name=name),
        nodes=nodes,
        places=np.array([places[n] for n in nodes.tolist()]),
        links=shown,
        boxes=boxes,
        panels=_panels(desk, party, shown),
        figures=_figures(desk, party),
        focus=party,
        amounts=True,
        banner=more,
        left_out=more,
        empty="" if len(nodes) > 1 else say(lang, "no_owner_of", name=name),
    )


def _alike(near: Neighbours, right: list[list[int]], drawn: set[int]) -> dict[int, tuple[int, list[int]]]:
    """Return what is held by one party alone, and holds nothing, LEAVES or more of a likeness, by the first of each."""
    found: dict[Any, list[int]] = {}
    for node in (node for layer in right for node in layer):
        beside = (near.others(node) & drawn) - {node}
        if len(beside) == 1:
            (parent,) = beside
            found.setdefault((parent, near.likeness(parent, node)), []).append(node)
    return {members[0]: (parent, members) for (parent, _), members in found.items() if len(members) >= LEAVES}


def _near(of: Positions, other: Positions) -> dict[int, list[int]]:
    near: dict[int, list[int]] = {}
    for a, b in sorted({*zip(of.tolist(), other.tolist(), strict=True)}):
        if a != b:
            near.setdefault(a, []).append(b)
    return near


def _panels(desk: Desk, party: int, shown: Links) -> list[dict[str, Any]]:
    graph = desk.page_graph.graph
    one = str(graph.party_ids[party])
    shares = desk.results["ownership"].integrated
    control = desk.results["ownership"].control
    found = [_owners(desk, name) for name in REGIMES if name in desk.results]
    found.append(_shares(desk, "shares_in_it", "owner", "owner_id", shares[shares["owned_id"] == one]))
    found.append(_shares(desk, "shares_of_it", "owned", "owned_id", shares[shares["owner_id"] == one]))
    mine = control[(control["controller_id"] == one) | (control["controlled_id"] == one)]
    columns = [("controller", "party"), ("controlled", "party"), ("votes_least", "percent"), ("ground", "text"),
               ("way", "nodes")]  # fmt: skip
    rows = [
        [_node(graph, r["controller_id"]), _node(graph, r["controlled_id"]), plain(r["votes_min"]),
         {"word": f"ground.{r['basis']}"}, {"nodes": [graph.position(p) for p in r["path"]]}]
        for r in mine.head(ROWS).to_dict("records")
    ]  # fmt: skip
    found.append(panel("controllers", columns, rows, len(mine)))
    found.append(_evidence(desk, shown))
    return [panel for panel in found if panel["rows"]]


def _owners(desk: Desk, regime: str) -> dict[str, Any]:
    graph, owners = desk.page_graph.graph, desk.results[regime].owners
    columns = [("owner", "party"), ("least", "percent"), ("most", "percent"), ("certainty", "text"), ("ground", "text"),
               ("written_in", "text"), ("way", "nodes")]  # fmt: skip
    rows = [
        [_node(graph, r["owner_id"]), plain(r["capital_min"]), plain(r["capital_max"]),
         {"word": "certain.yes" if r["certain"] else "certain.no"}, {"word": f"ground.{r['basis']}"}, r["legal_basis"],
         {"nodes": [graph.position(p) for p in r["path"]]}]
        for r in owners.head(ROWS).to_dict("records")
    ]  # fmt: skip
    return panel(f"owners_{regime}", columns, rows, len(owners), "owners_note")


def _shares(desk: Desk, key: str, word: str, column: str, found: pd.DataFrame) -> dict[str, Any]:
    graph = desk.page_graph.graph
    columns = [(word, "party"), ("direct", "percent"), ("least", "percent"), ("most", "percent")]
    rows = [
        [_node(graph, r[column]), plain(r["direct_min"]), plain(r["capital_min"]), plain(r["capital_max"])]
        for r in found.head(ROWS).to_dict("records")
    ]
    return panel(key, columns, rows, len(found))


def _evidence(desk: Desk, shown: Links) -> dict[str, Any]:
    """List the holdings and facts drawn with their bounds, days and source, and the file and row of each."""
    graph, rows = desk.page_graph.graph, []
    for table, ends in (("ownership", ("owner_id", "owned_id")), ("control", ("controller_id", "controlled_id"))):
        taken = np.sort(shown.row[shown.table == table])
        places = places_of(graph, table, taken)
        for row, place in zip(graph.tables.taken(table, taken).to_pylist(), places, strict=True):
            since = plain(row.get("from_on"))
            rows.append(
                [_node(graph, row[ends[0]]), _node(graph, row[ends[1]]), row.get("share_min"), row.get("share_max"),
                 since, desk.mask.text(row.get("source")), desk.mask.text(place)]
            )  # fmt: skip
    columns = [("owner", "party"), ("owned", "party"), ("least", "percent"), ("most", "percent")]
    columns += [("held_since", "text"), ("source", "text"), ("recorded_in", "text")]
    return panel("evidence", columns, rows[: ROWS * 4], len(rows), "evidence_note")


def _node(graph: RiskGraph, party: str) -> dict[str, int]:
    return {"node": graph.position(str(party))}


def _figures(desk: Desk, party: int) -> list[dict[str, Any]]:
    table = desk.results["ownership"].indicators
    mine = table[table["party_id"] == str(desk.page_graph.graph.party_ids[party])]
    if mine.empty:
        return []
    row = mine.iloc[0]
    return [
        {"word": "layers", "value": int(row["layers"]), "kind": "count"},
        {"word": "persons_above", "value": int(row["persons"]), "kind": "count"},
        {"word": "nominee_share", "value": float(row["unknown_share"]), "kind": "percent"},
    ]
