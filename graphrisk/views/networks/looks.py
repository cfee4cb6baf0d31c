"""How the nodes and lines of any network look: a legend of their own groups, kinds and relations, never of others'."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphrisk.views.data.palette import KINDS, RELATIONS

HUES = (
    ("#0072B2", "#7CB8FF"),
    ("#D55E00", "#FF8A3D"),
    ("#009E73", "#0FA873"),
    ("#CC5F9A", "#F2B0D4"),
    ("#B06C00", "#D98E00"),
    ("#7A5AA6", "#B08CF0"),
    ("#4a545e", "#C3CCD5"),
)
"""Colours of groups, light and dark: those of kinds and relations, which tests hold apart."""
FORMS = ("dot", "square", "triangle", "diamond", "star")
DASHES: tuple[tuple[int, ...], ...] = ((), (8, 4), (2, 3), (12, 4, 2, 4))
SHAPES = {name: name for name in ("dot", "square", "triangle", "triangleDown", "diamond", "star", "hexagon")} | {
    "box": "square",
    "database": "square",
    "ellipse": "dot",
    "circle": "dot",
}
"""Shapes of vis-network and what is drawn for them: those that hold their text become the plain form."""
LARGEST_SIZE, LEAST_SIZE = 24.0, 4.0
_COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,4}|#[0-9a-fA-F]{6}|#[0-9a-fA-F]{8}|[a-zA-Z]{3,25}|(rgb|hsl)a?\([0-9.,%/ +-]{5,40}\)"
)


@dataclass(frozen=True, slots=True)
class Classes:
    """`key` of each item, what each key is called, and how it looks; `rest` names share the last key."""

    key: list[str]
    names: dict[str, str]
    looks: dict[str, dict[str, Any]]
    rest: int = 0


def colour(given: Any, part: str = "background") -> tuple[str | None, str | None]:
    """Return the colour given (text, or the `part` of a mapping), and what was given where it is none."""
    if isinstance(given, Mapping):
        given = given.get(part, given.get("color"))
    if given is None or given == "":
        return None, None
    text = str(given).strip()
    return (text, None) if isinstance(given, str) and _COLOUR.fullmatch(text) else (None, text[:40])


def node_classes(nodes: Sequence[Mapping[str, Any]]) -> Classes:
    """Return the classes of nodes: a known kind by its look; another kind, or a group, by one of its own."""

    def given(node: Mapping[str, Any]) -> Any:
        return node.get("kind") if node.get("kind") not in (None, "") else node.get("group")

    def look(number: int) -> dict[str, Any]:
        return {"shape": FORMS[number // len(HUES)], "line": list(HUES[number % len(HUES)])}

    known = {name: {"shape": shape, "line": [light, dark]} for name, (shape, light, dark) in KINDS.items()}
    return _classes([given(node) for node in nodes], "node", known, look, len(HUES) * len(FORMS))


def line_classes(edges: Sequence[Mapping[str, Any]]) -> Classes:
    """Return the classes of lines: a relation that is given, known or not; all others are lines."""

    def look(number: int) -> dict[str, Any]:
        dash = DASHES[(number // len(HUES)) % len(DASHES)]
        return {"line": list(HUES[number % len(HUES)]), "dash": list(dash), "width": 1.4}

    known = {
        name: {"line": [light, dark], "dash": list(dash), "width": width}
        for name, (light, dark, dash, width) in RELATIONS.items()
    }
    return _classes([edge.get("relation") for edge in edges], "line", known, look, len(HUES) * len(DASHES))


def _classes(
    given: Sequence[Any],
    plain: str,
    known: Mapping[str, dict[str, Any]],
    look: Callable[[int], dict[str, Any]],
    most: int,
) -> Classes:
    texts = [None if value is None or value == "" else str(value) for value in given]
    count = Counter(text for text in texts if text is not None and text not in known)
    own = sorted(count, key=lambda text: (-count[text], text))
    kept = own if len(own) <= most else own[: most - 1]
    key_of: dict[str | None, str] = {text: f"class:{number}" for number, text in enumerate(kept)}
    looks = {key_of[text]: look(number) for number, text in enumerate(kept)}
    names = {key_of[text]: text for text in kept}
    grey = {"shape": "dot", "line": ["#6b7682", "#93A0AD"], "dash": [], "width": 1.4}
    if len(own) > len(kept):
        looks["others"] = grey
    for text in (name for name in known if name in set(texts)):
        key_of[text], looks[text] = text, dict(known[text])
    if None in texts:
        key_of[None], looks[plain] = plain, {**grey, **({"line": list(HUES[0])} if plain == "node" else {})}
    return Classes([key_of.get(text, "others") for text in texts], names, looks, len(own) - len(kept))


def share_look(classes: Classes, given: Sequence[Any], name: str) -> None:
    """Give the legend the look that all items of a class share (`name`: "shape", "line", "dash")."""
    found: dict[str, set[Any]] = {}
    for key, value in zip(classes.key, given, strict=True):
        found.setdefault(key, set()).add(value)
    for key, values in found.items():
        if len(values) == 1 and None not in values:
            (value,) = values
            classes.looks[key][name] = [value, value] if name == "line" else value
        elif len(values) > 1 and name == "line" and None not in values:
            classes.looks[key][name] = ["#6b7682", "#93A0AD"]


def sizes(nodes: Sequence[Mapping[str, Any]]) -> tuple[list[float | None], bool]:
    """Return the radius of each node (area by `value`, else `size` as given), and whether sizes were brought down."""
    values = [_number(node.get("value")) for node in nodes]
    given = [_number(node.get("size")) for node in nodes]
    top = max((abs(v) for v in values if v is not None), default=0.0)
    largest = max((v for v in given if v is not None), default=0.0)
    scale = LARGEST_SIZE / largest if largest > LARGEST_SIZE else 1.0
    out: list[float | None] = []
    for value, size in zip(values, given, strict=True):
        if value is not None:
            share = math.sqrt(max(value, 0.0) / top) if top else 0.0
            out.append(round(LEAST_SIZE + (LARGEST_SIZE - LEAST_SIZE) * share, 1))
        else:
            out.append(None if size is None else round(max(size * scale, LEAST_SIZE), 1))
    return out, scale < 1.0


def widths(edges: Sequence[Mapping[str, Any]]) -> list[float | None]:
    """Return the width of each line: as given where all are small, else in proportion to width, value or weight."""
    out: list[float | None] = [None] * len(edges)
    for name in ("weight", "value", "width"):  # the later one counts
        given = [_number(edge.get(name)) for edge in edges]
        top = max((abs(v) for v in given if v is not None), default=0.0)
        as_is = name == "width" and top <= 12.0
        for at, value in enumerate(given):
            if value is not None:
                part = abs(value) / top if top else 0.0
                out[at] = round(max(abs(value), 0.5) if as_is else 1.0 + 4.0 * part, 2)
    return out


def arrows(edge: Mapping[str, Any], directed: bool) -> str:
    """Return at which ends a line has an arrow: words of "from", "middle", "to"."""
    given = edge.get("arrows", "to" if directed else "")
    if isinstance(given, Mapping):
        on = {str(k) for k, v in given.items() if v is True or (isinstance(v, Mapping) and v.get("enabled", True))}
    else:
        on = set(re.split(r"[^a-z]+", str(given))) if given else set()
    return " ".join(end for end in ("from", "middle", "to") if end in on)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
