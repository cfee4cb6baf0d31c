"""A picture: the data of a page, plain JSON, masked and in one language. What a view returns and what is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from graphrisk.graph.riskgraph import Positions
from graphrisk.model.result import plain
from graphrisk.views.data import contract_columns
from graphrisk.views.data.about import about
from graphrisk.views.data.json_columns import columns, numbers
from graphrisk.views.data.measures import Measure, of_group
from graphrisk.views.data.page_graph import PageGraph
from graphrisk.views.data.palette import as_payload
from graphrisk.views.data.sounds import sounds
from graphrisk.views.wording.words import words_of

if TYPE_CHECKING:
    from graphrisk.views.desk import Box, Desk, Drawing

FORMAT = 1
"""Version of the form of `Picture.data`, which the scripts of the page read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a page shows, as JSON values: whoever draws it needs nothing else, and it names nobody whom a mask hides.

    `nodes`, `links`, `facilities`, `groups` and `bundles` (lines between groups) are tables, a list of values a column;
    ends of links and members of groups are places in `nodes`. `measures` hold a value a node, `lenses` say which of
    them may fill the nodes. `panels` are the lists beside the picture, `figures` the numbers above it. `about` says how
    all of it was obtained, `banner` and `empty` what a reader must see first (`calm`: it warns of nothing). `words` and
    `palette` are those of the page. `extra` is what only this view has, each under a name of its own.
    """

    view: str
    title: str
    lang: str
    words: Mapping[str, str]
    palette: Mapping[str, Any]
    about: Mapping[str, Any]
    nodes: Mapping[str, Any]
    links: Mapping[str, Any]
    groups: Mapping[str, Any]
    bundles: Mapping[str, Any]
    currency: str = ""
    facilities: Mapping[str, Any] = field(default_factory=dict)
    measures: Sequence[Mapping[str, Any]] = ()
    lenses: Sequence[Mapping[str, Any]] = ()
    panels: Sequence[Mapping[str, Any]] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    focus: int = -1
    amounts: bool = False
    hidden: Sequence[str] = ()
    banner: Sequence[str] = ()
    calm: bool = False
    empty: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        taken = sorted({"format", *(item.name for item in fields(self))} & set(self.extra))
        if taken:
            raise ValueError(f"every picture has {', '.join(taken)}: what only one view has needs another name")

    def data(self) -> dict[str, Any]:
        """Return the picture as one JSON object: that of a page, of `serve` and of whoever draws it otherwise."""
        own = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "extra"}
        return {"format": FORMAT, **own, **self.extra}


def make_picture(desk: Desk, drawing: Drawing) -> Picture:
    """Return the picture of a drawing: nodes in the order of the ids that are shown, so that a mask gives none away."""
    from graphrisk.views.riskview import RiskNetwork

    page_graph = desk.page_graph
    keys = [str(desk.mask.identifier(str(page_graph.keys[node]))) for node in drawing.nodes.tolist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    nodes = drawing.nodes[order] if len(order) else drawing.nodes
    places = drawing.places[order] if len(order) else drawing.places
    where = {int(node): at for at, node in enumerate(nodes.tolist())}
    box_of = {int(n): k for k, box in enumerate(drawing.boxes) if box.inside for n in box.members.tolist()}
    network = RiskNetwork(drawing.title)
    for at, node in enumerate(nodes.tolist()):
        network.add_node(
            keys[order[at]],
            label=desk.name(node),
            x=round(float(places[at, 0])),
            y=round(float(places[at, 1])),
            group=box_of.get(node, -1),
            kind=page_graph.kind(node),
        )
    contract_columns.add_links(network, desk.page_graph, drawing.links, desk.mask, drawing.dashed)
    cell = _cells(desk, where)
    place_of = {key: at for at, key in enumerate(network.node_ids)}
    return Picture(
        view=drawing.view,
        title=drawing.title,
        lang=desk.lang,
        words=words_of(desk.lang),
        palette=as_payload(),
        currency=page_graph.graph.base_currency or "",
        about=about(desk, drawing),
        nodes={
            **columns(network.nodes, ("id", "label", "kind", "x", "y", "group")),
            **_facts(desk, nodes),
            **_typed(desk, nodes),
        },
        links=contract_columns.link_columns(network.edges, place_of),
        facilities=contract_columns.facility_columns(page_graph, nodes, where, desk.mask),
        groups=_boxes(desk, drawing.boxes),
        bundles=contract_columns.bundle_columns(drawing.bundles),
        measures=[_measure(measure, nodes) for measure in desk.measures],
        lenses=[{"key": lens.key, "kind": lens.kind, "edges": list(lens.edges)} for lens in desk.lenses],
        panels=[
            {**panel, "rows": [[cell(value) for value in row] for row in panel["rows"]]} for panel in drawing.panels
        ],
        figures=list(drawing.figures),
        focus=where.get(drawing.focus, -1) if drawing.focus is not None else -1,
        amounts=drawing.amounts,
        hidden=list(drawing.hidden),
        banner=list(drawing.banner),
        calm=drawing.calm,
        empty=drawing.empty,
        extra=drawing.extra,
    )


def _cells(desk: Desk, where: Mapping[int, int]) -> Any:
    def cell(value: Any) -> Any:
        if isinstance(value, Mapping) and "node" in value:
            node = int(value["node"])
            at, beside = where.get(node, -1), desk.mask.identifier(desk.page_graph.identifier(node))
            return {"at": at, "text": desk.name(node), **({} if at >= 0 else {"id": beside})}
        if isinstance(value, Mapping) and "nodes" in value:
            found = [int(node) for node in value["nodes"]]
            return {"many": [where.get(node, -1) for node in found], "text": " → ".join(desk.name(n) for n in found)}
        if isinstance(value, Mapping) and "word" in value:
            return {"word": value["word"]}
        return plain(value)

    return cell


def _facts(desk: Desk, nodes: Positions) -> dict[str, list[Any]]:
    """Identity of the nodes, from `parties` and `collateral`; register numbers only where nothing is masked."""
    graph, parties = desk.page_graph.graph, desk.page_graph.parties
    out: dict[str, list[Any]] = {}
    shown = ("status", "country", "region", "industry", "size", "incorporated_on", "client_since_on")
    private = ("lei", "national_id", "phone", "address", "source")
    chosen = nodes.tolist()
    for column in (*shown, *(() if desk.mask.on else private)):
        values = graph.texts("parties", column)
        other = graph.texts("collateral", column) if column in ("region", "source") else None
        out["size_class" if column == "size" else column] = [
            plain(values[n]) if n < parties else (plain(other[n - parties]) if other is not None else None)
            for n in chosen
        ]
    out["industry"] = [desk.industry(code) for code in out["industry"]]
    client = graph.flags("parties", "is_client")
    out["client"] = [1 if n < parties and client[n] else None for n in chosen]
    asset = graph.texts("collateral", "kind")
    out["asset"] = [None if n < parties else str(asset[n - parties]) for n in chosen]
    return {name: values for name, values in out.items() if any(v is not None for v in values)}


def _typed(desk: Desk, nodes: Positions) -> dict[str, Any]:
    """How Chinese names are typed, for the search; nothing where names are masked."""
    found = [] if desk.mask.on else sounds([desk.name(node) for node in nodes.tolist()])
    return {"sound": found} if any(found) else {}


def _measure(measure: Measure, nodes: Positions) -> dict[str, Any]:
    share = measure.percentiles()[nodes]
    return {
        "key": measure.key,
        "kind": measure.kind,
        "source": measure.source,
        "known": measure.known,
        "values": numbers(measure.values[nodes]),
        "share": [None if math.isnan(v) else math.floor(v * 1000) / 10 for v in share.tolist()],
    }


def _boxes(desk: Desk, boxes: Sequence[Box]) -> dict[str, list[Any]]:
    by_key = {measure.key: measure for measure in desk.measures}
    exposure = desk.page_graph.exposure
    out: dict[str, list[Any]] = {
        "name": [box.name for box in boxes],
        "x": [round(box.x) for box in boxes],
        "y": [round(box.y) for box in boxes],
        "r": [round(box.radius) for box in boxes],
        "size": [round(box.size or box.radius) for box in boxes],
        "members": [len(box.members) for box in boxes],
        "inside": [1 if box.inside else 0 for box in boxes],
        "opened": [1 if box.opened else 0 for box in boxes],
        "fold": [1 if box.fold else 0 for box in boxes],
        "note": [box.note for box in boxes],
        "exposure": numbers([float(exposure[box.members].sum()) for box in boxes]),
        "kind": [_one_kind(desk.page_graph, box) for box in boxes],
    }
    for lens in desk.lenses:
        values = by_key[lens.key].values
        out[f"lens.{lens.key}"] = numbers([of_group(lens, values[b.members], exposure[b.members]) for b in boxes])
    return out


def _one_kind(page_graph: PageGraph, box: Box) -> str:
    kinds = {page_graph.kind(int(member)) for member in box.members} if box.fold else set()
    return kinds.pop() if len(kinds) == 1 else ""
