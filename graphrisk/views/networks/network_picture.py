"""The data of a page that draws any network: its own names, notes, groups and places, and what of it is not drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.views.arrangement.communities import communities
from graphrisk.views.arrangement.layout import SPACING, Pairs, Points
from graphrisk.views.arrangement.places import place
from graphrisk.views.data.json_columns import columns, numbers
from graphrisk.views.data.palette import RELATIONS, as_payload
from graphrisk.views.networks import looks
from graphrisk.views.networks.hexagons import NODES, amount_of, gather_groups, sum_lines_between
from graphrisk.views.picture import Picture
from graphrisk.views.wording.words import say, words_of

if TYPE_CHECKING:
    from graphrisk.views.riskview import RiskNetwork

WHOLE_NODES, WHOLE_LINES = 1_500, 6_000
"""Most nodes and lines that are drawn as they are; more are gathered into groups that open."""
LINES = 100_000
"""Most lines in one page."""
DRAWN = frozenset(
    {"id", "label", "title", "shape", "color", "x", "y", "size", "group", "kind", "value", "hidden"}
    | {"from", "to", "relation", "amount", "weight", "width", "dashes", "arrows"}
)
UNUSED = frozenset(
    {
        "image",
        "brokenImage",
        "icon",
        "font",
        "physics",
        "mass",
        "level",
        "fixed",
        "shapeProperties",
        "scaling",
        "shadow",
    }
    | {"smooth", "length", "arrowStrikethrough", "hoverWidth", "selectionWidth", "labelHighlightBold", "borderWidth"}
    | {"borderWidthSelected", "widthConstraint", "heightConstraint", "margin", "opacity", "ctxRenderer", "background"}
    | {"selfReference", "selfReferenceSize", "endPointOffset", "chosen", "imagePadding", "widthMin", "widthMax"}
)
"""Options of vis-network that these pages do not draw; anything else that is given is a fact of the node or line."""
_FACTS = 40
"""Most columns of facts in the table of nodes, and of lines."""


def network_picture(network: RiskNetwork) -> Picture:
    """Return the picture of the nodes and edges of a RiskNetwork."""
    lang = network.lang
    notes: list[str] = []
    left_out: list[str] = []
    nodes, edges = _shown(network, lang, left_out)
    place_of = {node["id"]: at for at, node in enumerate(nodes)}
    pairs = np.array([[place_of[e["from"]], place_of[e["to"]]] for e in edges], dtype=np.int64).reshape(-1, 2)
    whole = len(nodes) <= WHOLE_NODES and len(edges) <= WHOLE_LINES
    given = _given_places(nodes)
    if whole or np.isfinite(given).all():
        places, groups = _placed(given, pairs, lang, notes), None
    else:
        groups = communities(len(nodes), pairs)
        places = np.zeros((len(nodes), 2))
    boxes, inside = gather_groups(nodes, pairs, groups, places)
    if groups is not None:
        count = {"nodes": f"{len(nodes):,}", "lines": f"{len(edges):,}", "groups": f"{len(boxes['name']):,}"}
        notes.append(say(lang, "plain.gathered", **count))
    kept = _kept_lines(edges, pairs, inside)
    if not inside.all():
        left_out.append(
            say(
                lang,
                "plain.left_out_nodes",
                nodes=f"{int((~inside).sum()):,}",
                all=f"{len(nodes):,}",
                limit=f"{NODES:,}",
            )
        )
    possible = int((inside[pairs[:, 0]] & inside[pairs[:, 1]]).sum())
    if len(kept) < possible:
        left_out.append(
            say(
                lang,
                "plain.left_out_lines",
                lines=f"{possible - len(kept):,}",
                all=f"{len(edges):,}",
                limit=f"{LINES:,}",
            )
        )
    at = np.cumsum(inside) - 1
    group_of = groups if groups is not None else np.full(len(nodes), -1, dtype=np.int64)
    shown = np.flatnonzero(inside)
    node_data, kinds = _nodes([nodes[k] for k in shown], places[shown], group_of[shown], network, notes)
    line_data, relations = _lines([edges[k] for k in kept], at[pairs[kept]], network, notes)
    notes += _unused([*nodes, *edges], lang)
    return Picture(
        view="network",
        title=network.title,
        lang=lang,
        words=_words(network, kinds, relations, edges),
        palette=_palette(kinds, relations),
        about={"facts": [], "runs": [], "notes": [*notes, *network.remarks], "left_out": left_out},
        nodes=node_data,
        links=line_data,
        groups=boxes,
        bundles=sum_lines_between(edges, pairs, groups, relations) if groups is not None else {},
        amounts=True,
        banner=left_out,
    )


def _shown(network: RiskNetwork, lang: str, left_out: list[str]) -> tuple[list[Any], list[Any]]:
    nodes = [node for node in network.nodes if node.get("hidden") is not True]
    many = len(network.nodes) - len(nodes)
    if many:
        left_out.append(say(lang, "plain.hidden", nodes=f"{many:,}"))
    ids = {node["id"] for node in nodes}
    edges = [e for e in network.edges if e["from"] in ids and e["to"] in ids and e.get("hidden") is not True]
    return nodes, edges


def _given_places(nodes: Sequence[Mapping[str, Any]]) -> Points:
    return np.array(
        [[float(node["x"]), float(node["y"])] if "x" in node and "y" in node else [np.nan, np.nan] for node in nodes],
        dtype=np.float64,
    ).reshape(-1, 2)


def _placed(given: Points, pairs: Pairs, lang: str, notes: list[str]) -> Points:
    """Return the places given, enlarged or reduced as a whole to what a screen needs; the others beside them."""
    own = np.isfinite(given).all(axis=1)
    out = np.zeros_like(given)
    if own.any():
        extent = float(np.ptp(given[own], axis=0).max())
        side = SPACING * 1.6 * max(float(np.sqrt(own.sum())), 1.5)
        scale = side / extent if extent > 0 and not 0.6 * side <= extent <= 6.0 * side else 1.0
        middle = (given[own].max(axis=0) + given[own].min(axis=0)) / 2.0
        out[own] = (given[own] - middle) * scale
    rest = np.flatnonzero(~own)
    if len(rest):
        inside = pairs[np.isin(pairs, rest).all(axis=1)]
        laid = place(len(rest), np.searchsorted(rest, inside)) * min(2.5, max(1.0, 80.0 / len(rest)))
        if own.any():
            laid = laid + np.array([out[own, 0].max() + 2.0 * SPACING - laid[:, 0].min(), 0.0])
            notes.append(say(lang, "plain.some_placed", given=f"{int(own.sum()):,}", all=f"{len(given):,}"))
        out[rest] = laid
    return out


def _kept_lines(edges: Sequence[Mapping[str, Any]], pairs: Pairs, inside: Any) -> list[int]:
    within = np.flatnonzero(inside[pairs[:, 0]] & inside[pairs[:, 1]])
    if len(within) <= LINES:
        return [int(k) for k in within]
    weight = np.array([abs(float(amount_of(edges[int(k)]) or 0.0)) for k in within])
    return sorted(int(k) for k in within[np.lexsort((within, -weight))[:LINES]])


def _ids(nodes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the ids as texts; where 1 and "1" are two nodes, the text is quoted."""
    count = Counter(str(node["id"]) for node in nodes)
    return [str(node["id"]) if count[str(node["id"])] == 1 else repr(node["id"]) for node in nodes]


def _facts(items: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    names = Counter(name for item in items for name in item if name not in DRAWN and name not in UNUSED)
    chosen = sorted(names, key=lambda name: (-names[name], name))[:_FACTS]
    return chosen, [[_fact(item.get(name)) for name in chosen] for item in items]


def _fact(value: Any) -> Any:
    return value if value is None or (isinstance(value, int | float) and not isinstance(value, bool)) else str(value)


def _colours(items: Sequence[Mapping[str, Any]], part: str, lang: str, notes: list[str]) -> list[str | None]:
    found = [looks.colour(item.get("color"), part) for item in items]
    wrong = sorted({text for _, text in found if text})
    if wrong:
        notes.append(say(lang, "plain.colours", names=", ".join(wrong[:5]) + (", …" if len(wrong) > 5 else "")))
    return [fine for fine, _ in found]


def _nodes(
    nodes: list[Any], places: Points, groups: Positions, network: RiskNetwork, notes: list[str]
) -> tuple[dict[str, Any], looks.Classes]:
    lang, classes = network.lang, looks.node_classes(nodes)
    if classes.rest:
        notes.append(say(lang, "plain.classes", rest=f"{classes.rest:,}", all=f"{classes.rest + len(classes.names):,}"))
    fills = _colours(nodes, "background", lang, notes)
    borders = [
        looks.colour(node.get("color"), "border")[0] if isinstance(node.get("color"), dict) else None for node in nodes
    ]
    shapes = [looks.SHAPES.get(str(node["shape"]), "dot") if node.get("shape") else None for node in nodes]
    shapes = [
        shape if shape != "dot" or key == "node" else None for shape, key in zip(shapes, classes.key, strict=True)
    ]
    radii, reduced = looks.sizes(nodes)
    if reduced:
        notes.append(say(lang, "plain.sizes", size=f"{looks.LARGEST_SIZE:g}"))
    looks.share_look(classes, fills, "line")
    looks.share_look(classes, shapes, "shape")
    names, facts = _facts(nodes)
    grouped = any(node.get("kind") not in (None, "") and node.get("group") not in (None, "") for node in nodes)
    if classes.rest or grouped:  # the legend does not say it
        names = [say(lang, "plain.group"), *names]
        facts = [[_fact(node.get("group")), *row] for node, row in zip(nodes, facts, strict=True)]
    rows = [
        {
            "id": key,
            "label": node["label"],
            "kind": classes.key[at],
            "x": round(float(places[at, 0]), 1),
            "y": round(float(places[at, 1]), 1),
            "group": int(groups[at]),
            "title": _text(node.get("title")),
            "fill": fills[at],
            "border": borders[at],
            "shape": shapes[at],
            "radius": radii[at],
            "facts": facts[at] if names else None,
        }
        for at, (key, node) in enumerate(zip(_ids(nodes), nodes, strict=True))
    ]
    return {**columns(rows, list(rows[0]) if rows else ("id", "label")), "fact_names": names}, classes


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _lines(
    edges: list[Any], ends: Pairs, network: RiskNetwork, notes: list[str]
) -> tuple[dict[str, Any], looks.Classes]:
    classes = looks.line_classes(edges)
    colours = _colours(edges, "color", network.lang, notes)
    looks.share_look(classes, colours, "line")
    names, facts = _facts(edges)
    wide = looks.widths(edges)
    rows = [
        {
            "relation": classes.key[at],
            "label": _text(edge.get("label")),
            "title": _text(edge.get("title")),
            "colour": colours[at],
            "width": None if classes.key[at] in RELATIONS and "width" not in edge else wide[at],
            "dashes": None if edge.get("dashes") is None else 1 if edge["dashes"] else 0,
            "arrows": looks.arrows(edge, network.directed),
            "facts": facts[at] if names else None,
        }
        for at, edge in enumerate(edges)
    ]
    data = columns(rows, list(rows[0]) if rows else ())
    amounts = numbers([np.nan if amount_of(edge) is None else float(amount_of(edge)) for edge in edges])
    return {
        **data,
        "from": ends[:, 0].tolist(),
        "to": ends[:, 1].tolist(),
        "amount": amounts,
        "fact_names": names,
    }, classes


def _unused(items: Sequence[Mapping[str, Any]], lang: str) -> list[str]:
    found = sorted({name for item in items for name in item if name in UNUSED})
    return [say(lang, "plain.unused", names=", ".join(found))] if found else []


def _palette(kinds: looks.Classes, relations: looks.Classes) -> dict[str, Any]:
    return {
        **as_payload(),
        "kinds": kinds.looks,
        "relations": relations.looks,
        "kind_order": list(kinds.looks),
        "relation_order": list(relations.looks),
    }


def _words(
    network: RiskNetwork, kinds: looks.Classes, relations: looks.Classes, edges: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return the words of the page: kinds and relations are those of this network, called what it calls them."""
    own = ("kind.", "relation.", "verb.", "out.", "in.", "loss.", "lossin.")
    given = words_of(network.lang)
    words = {key: text for key, text in given.items() if not key.startswith(own)}
    words |= {f"kind.{key}": given[f"kind.{key}"] for key in kinds.looks if f"kind.{key}" in given}
    words |= {f"kind.{key}": name for key, name in kinds.names.items()}
    for key in relations.looks:
        words |= {f"{part}{key}": given[f"{part}{key}"] for part in own[1:5] if f"{part}{key}" in given}
    for key, name in [*relations.names.items(), *([("others", given["relation.others"])] if relations.rest else [])]:
        words |= {
            f"relation.{key}": name,
            f"verb.{key}": f"— {name} →",
            f"out.{key}": f"{name} →",
            f"in.{key}": f"← {name}",
        }
    if not network.directed:
        words |= {f"{part}{key}": words[f"relation.{key}"] for key in relations.looks for part in ("out.", "in.")}
    words["choose_hint"] = given["plain.choose"]
    words["parties_and_assets"], words["relations"] = given["plain.nodes_and_groups"], given["plain.lines"]
    words["party"], words["other_party"] = given["kind.node"], given["kind.node"]
    words["twin.parties"], words["twin.relations"] = given["plain.nodes_and_groups"], given["plain.lines"]
    if not any(edge.get("amount") is not None for edge in edges):
        words["amount"], words["least_amount"] = given["weight"], given["least_weight"]
    return words
