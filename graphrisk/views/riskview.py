"""pyvis as data model: a Network whose inserts are O(1), that keeps parallel contracts and renders offline and safe.

Imported only inside functions, since pyvis is heavy. What pyvis 0.3.2 does otherwise, and is undone here: it drops
parallel edges of undirected networks, writes into the graph it converts, asks the network for Bootstrap, writes in
the encoding of the locale, and puts ids, headings and options into the page unescaped.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from pyvis.network import Network  # noqa: TID253 - this module is itself imported inside functions

from graphrisk.errors import DataError
from graphrisk.views.page import Page, render

NODE_KEYS = frozenset({"id", "label", "title", "shape", "color", "x", "y", "size", "group", "kind", "value"})
"""Node options that `from_nx` takes over; an image or font option could ask the network or carry markup."""


class RiskNetwork(Network):  # type: ignore[misc]
    """A pyvis Network with the same lists (`nodes`, `edges`, `node_map`), rendered by graphrisk's own page.

    `payload` is all else that the page shows; without it the page is a plain drawing of nodes and edges.
    """

    def __init__(self, title: str = "", payload: dict[str, Any] | None = None, **options: Any) -> None:
        options.setdefault("cdn_resources", "in_line")
        options.setdefault("directed", True)
        super().__init__(**options)
        self.title = title
        self.payload = payload

    def add_node(self, n_id: Any, label: Any = None, shape: str = "dot", color: Any = None, **options: Any) -> None:
        """Add a node; the same id again is ignored. Raises DataError on NaN or infinity."""
        key = _plain(n_id, "id")
        if key in self.node_map:
            return
        node = {name: _plain(value, name) for name, value in options.items() if value is not None}
        node.update(id=key, label=str(key if label is None else label), shape=shape)
        if color is not None:
            node["color"] = color
        self.nodes.append(node)
        self.node_ids.append(key)
        self.node_map[key] = node

    def add_edge(self, source: Any, to: Any, /, **options: Any) -> None:
        """Add an edge; parallel edges are kept. Raises DataError where an end is not a node, on NaN or infinity."""
        source, to = _plain(source, "source"), _plain(to, "to")
        for end in (source, to):
            if end not in self.node_map:
                raise DataError(f"an edge ends at {end!r}, which is not a node", hint="add_node first")
        edge = {name: _plain(value, name) for name, value in options.items() if value is not None}
        edge["from"], edge["to"] = source, to
        if self.directed:
            edge.setdefault("arrows", "to")
        self.edges.append(edge)

    def from_nx(self, nx_graph: Any, **_: Any) -> None:
        """Add the nodes and edges of a NetworkX graph, which is left as it was."""
        self.directed = bool(nx_graph.is_directed())
        for node, given in nx_graph.nodes(data=True):
            chosen = {
                str(k): v for k, v in given.items() if k in NODE_KEYS and k not in ("id", "label", "shape", "color")
            }
            self.add_node(node, label=given.get("label"), **_finite(chosen))
        for source, target, given in nx_graph.edges(data=True):
            self.add_edge(source, target, **_finite({str(k): v for k, v in given.items() if k not in ("from", "to")}))

    def page(self) -> Page:
        """Return the page: one HTML text, complete."""
        from graphrisk.views.picture import plain_payload

        return Page(render(self.payload if self.payload is not None else plain_payload(self)))

    def generate_html(self, name: str = "index.html", local: bool = True, notebook: bool = False) -> str:  # noqa: ARG002
        """Return the page as text."""
        self.html = self.page().html
        return str(self.html)

    def write_html(self, name: str | Path, **_: Any) -> None:
        """Write the page in UTF-8, whatever the locale."""
        self.page().write(name)

    def show(self, name: str | Path, **_: Any) -> Page:
        """Write the page and return it, so that a notebook displays it."""
        page = self.page()
        page.write(name)
        return page

    def _repr_html_(self) -> str:
        return self.page()._repr_html_()


def _plain(value: Any, name: str) -> Any:
    """Return numpy scalars as Python's own; refuse NaN and infinity, which JSON does not have."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise DataError(
            f"{name} is {value}, which a page cannot hold", hint="leave the value out where it is not known"
        )
    return value


def _finite(given: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in given.items()
        if isinstance(value, str | bool | int | np.integer)
        or (isinstance(value, float | np.floating) and math.isfinite(float(value)))
    }
