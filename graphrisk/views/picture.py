"""From a chosen set of nodes to the data of a page: columns instead of rows, masked, every number plain JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphrisk.graph.riskgraph import Positions
from graphrisk.model.result import Result, plain
from graphrisk.views import contracts
from graphrisk.views.about import about
from graphrisk.views.base import Options
from graphrisk.views.book import Book, Links, read_book
from graphrisk.views.columns import columns, numbers
from graphrisk.views.findings import Finder
from graphrisk.views.layout import Points
from graphrisk.views.masking import Mask
from graphrisk.views.palette import as_payload
from graphrisk.views.scores import Lens, Measure, lenses, measures, of_group
from graphrisk.views.words import say, words_of

if TYPE_CHECKING:
    from graphrisk.graph.riskgraph import RiskGraph
    from graphrisk.views.riskview import RiskNetwork


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A group of the picture: a hexagon until it is opened.

    `members` are all its nodes, `inside` whether the page holds them; `fold` marks a bundle of leaves of one hub.
    """

    name: str
    members: Positions
    x: float
    y: float
    radius: float
    inside: bool = True
    opened: bool = False
    fold: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What one view draws: nodes with places, boxes, links among the nodes, lists and figures beside it."""

    view: str
    title: str
    nodes: Positions
    places: Points
    links: Links
    boxes: Sequence[Box] = ()
    bundles: Sequence[Mapping[str, Any]] = ()
    panels: Sequence[Mapping[str, Any]] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    focus: int | None = None
    amounts: bool = False
    hidden: Sequence[str] = ()
    left_out: Sequence[str] = ()
    banner: Sequence[str] = ()
    empty: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every view starts from: the book, the results, the measures, and how names are written."""

    book: Book
    results: Mapping[str, Result]
    options: Options
    mask: Mask
    measures: list[Measure]
    lenses: list[Lens]
    finder: Finder

    @property
    def lang(self) -> str:
        """Language of the page."""
        return self.options.lang

    def name(self, node: int) -> str:
        """Return what the page calls a node: its name, or its pseudonym."""
        word = say(self.lang, f"kind.{self.book.kind(node)}")
        return str(self.mask.name(self.book.identifier(node), self.book.name(node), word))


def open_desk(graph: RiskGraph, results: Mapping[str, Result], options: Options) -> Desk:
    """Return the desk of one page."""
    book, mask = read_book(graph), Mask(options.mask)
    found = measures(book, results)
    return Desk(book, results, options, mask, found, lenses(found), Finder(book, results, mask))


def finish(desk: Desk, picture: Picture) -> str:
    """Return the page of `picture` as text."""
    from graphrisk.views.page import render
    from graphrisk.views.riskview import RiskNetwork

    book = desk.book
    keys = [str(desk.mask.identifier(str(book.keys[node]))) for node in picture.nodes.tolist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)  # by the id that is shown: a mask gives no order away
    nodes = picture.nodes[order] if len(order) else picture.nodes
    places = picture.places[order] if len(order) else picture.places
    where = {int(node): at for at, node in enumerate(nodes.tolist())}
    box_of = {int(n): k for k, box in enumerate(picture.boxes) if box.inside for n in box.members.tolist()}
    network = RiskNetwork(picture.title)
    for at, node in enumerate(nodes.tolist()):
        network.add_node(
            keys[order[at]],
            label=desk.name(node),
            x=round(float(places[at, 0])),
            y=round(float(places[at, 1])),
            group=box_of.get(node, -1),
            kind=book.kind(node),
        )
    contracts.add_links(network, desk.book, picture.links, desk.mask)
    payload = _payload(desk, picture, network, nodes, where)
    network.payload = payload
    return render(payload, compress=desk.options.compress)


def _payload(
    desk: Desk, picture: Picture, network: RiskNetwork, nodes: Positions, where: Mapping[int, int]
) -> dict[str, Any]:
    book, graph = desk.book, desk.book.graph
    cell = _cells(desk, where)
    place_of = {key: at for at, key in enumerate(network.node_ids)}
    return {
        "format": 1,
        "view": picture.view,
        "title": picture.title,
        "lang": desk.lang,
        "words": words_of(desk.lang),
        "palette": as_payload(),
        "currency": graph.base_currency or "",
        "about": about(desk, picture),
        "nodes": {**columns(network.nodes, ("id", "label", "kind", "x", "y", "group")), **_facts(desk, nodes)},
        "links": contracts.link_columns(network.edges, place_of),
        "facilities": contracts.facility_columns(book, nodes, where, desk.mask),
        "groups": _boxes(desk, picture.boxes),
        "bundles": contracts.bundle_columns(picture.bundles),
        "measures": [_measure(m, nodes) for m in desk.measures],
        "lenses": [{"key": x.key, "kind": x.kind, "edges": list(x.edges)} for x in desk.lenses],
        "panels": [
            {**panel, "rows": [[cell(value) for value in row] for row in panel["rows"]]} for panel in picture.panels
        ],
        "figures": list(picture.figures),
        "focus": where.get(picture.focus, -1) if picture.focus is not None else -1,
        "amounts": picture.amounts,
        "hidden": list(picture.hidden),
        "empty": picture.empty,
        "banner": list(picture.banner),
        **picture.extra,
    }


def _cells(desk: Desk, where: Mapping[int, int]) -> Any:
    def cell(value: Any) -> Any:
        if isinstance(value, Mapping) and "node" in value:
            node = int(value["node"])
            at, beside = where.get(node, -1), desk.mask.identifier(desk.book.identifier(node))
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
    graph, parties = desk.book.graph, desk.book.parties
    out: dict[str, list[Any]] = {}
    shown = ("status", "country", "region", "industry", "size", "incorporated_on", "client_since_on")
    private = ("lei", "national_id", "source")
    chosen = nodes.tolist()
    for column in (*shown, *(() if desk.mask.on else private)):
        values = graph.texts("parties", column)
        other = graph.texts("collateral", column) if column in ("region", "source") else None
        out["size_class" if column == "size" else column] = [
            plain(values[n]) if n < parties else (plain(other[n - parties]) if other is not None else None)
            for n in chosen
        ]
    client = graph.flags("parties", "is_client")
    out["client"] = [1 if n < parties and client[n] else None for n in chosen]
    asset = graph.texts("collateral", "kind")
    out["asset"] = [None if n < parties else str(asset[n - parties]) for n in chosen]
    return {name: values for name, values in out.items() if any(v is not None for v in values)}


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
    exposure = desk.book.exposure
    out: dict[str, list[Any]] = {
        "name": [box.name for box in boxes],
        "x": [round(box.x) for box in boxes],
        "y": [round(box.y) for box in boxes],
        "r": [round(box.radius) for box in boxes],
        "members": [len(box.members) for box in boxes],
        "inside": [1 if box.inside else 0 for box in boxes],
        "opened": [1 if box.opened else 0 for box in boxes],
        "fold": [1 if box.fold else 0 for box in boxes],
        "note": [box.note for box in boxes],
        "exposure": numbers([float(exposure[box.members].sum()) for box in boxes]),
        "kind": [_one_kind(desk.book, box) for box in boxes],
    }
    for lens in desk.lenses:
        values = by_key[lens.key].values
        out[f"lens.{lens.key}"] = numbers([of_group(lens, values[b.members], exposure[b.members]) for b in boxes])
    return out


def _one_kind(book: Book, box: Box) -> str:
    return book.kind(int(box.members[0])) if box.fold else ""
