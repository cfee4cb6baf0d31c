"""pyvis as data model: a Network whose inserts are O(1), that keeps parallel contracts and renders offline and safe.

Imported only inside functions, since pyvis is heavy. What pyvis 0.3.2 does otherwise, and is undone here: it drops
parallel edges of undirected networks, writes into the graph it converts, asks the network for Bootstrap, writes in
the encoding of the locale, and puts ids, headings and options into the page unescaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pyvis.network import Network  # noqa: TID253 - this module is itself imported inside functions

from graphrisk.errors import DataError, UsageError
from graphrisk.views.page import Page
from graphrisk.views.render import render

if TYPE_CHECKING:
    from graphrisk.views.picture import Picture


class RiskNetwork(Network):  # type: ignore[misc]
    """A pyvis Network with the same lists (`nodes`, `edges`, `node_map`), rendered by graphrisk's own page.

    Labels, titles, groups, kinds, shapes, colours, sizes, widths and arrows are drawn as given; other attributes are
    facts of the node or line; what cannot be drawn is said under About. The page is in the language `lang`.
    """

    def __init__(
        self,
        title: str = "",
        lang: Literal["en", "zh"] = "en",
        **options: Any,
    ) -> None:
        options.setdefault("cdn_resources", "in_line")
        options.setdefault("directed", True)
        title = title or str(options.get("heading", ""))
        super().__init__(**options)
        self.title = title
        self.lang = lang
        self.remarks: list[str] = []

    def add_node(self, n_id: Any, label: Any = None, shape: str = "dot", color: Any = None, **options: Any) -> None:
        """Add a node; the same id again is ignored. Raises DataError on NaN or infinity."""
        key = _plain(n_id, "id")
        if key in self.node_map:
            return
        node = {name: _plain(value, name) for name, value in options.items() if value is not None}
        node.update(id=key, label=str(key if label is None else _plain(label, "label")), shape=shape)
        if color is not None:
            node["color"] = color
        self.nodes.append(node)
        self.node_ids.append(key)
        self.node_map[key] = node

    def add_nodes(self, nodes: Iterable[Any], **options: Sequence[Any]) -> None:
        """Add nodes; each option (label, title, size, ...) is a list with a value for each node."""
        ids = list(nodes)
        for name, values in options.items():
            if isinstance(values, str) or len(values) != len(ids):
                raise UsageError(f"{name} has not one value for each of the {len(ids)} nodes", hint="give a list")
        for at, n_id in enumerate(ids):
            self.add_node(n_id, **{name: values[at] for name, values in options.items()})

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

    def add_edges(self, edges: Iterable[Sequence[Any]]) -> None:
        """Add edges (source, target) or (source, target, weight): the weight is shown, and the width follows it."""
        for source, to, *weight in edges:
            self.add_edge(source, to, **({"width": weight[0], "weight": weight[0]} if weight else {}))

    def from_nx(
        self,
        nx_graph: Any,
        node_size_transf: Callable[[Any], Any] | None = None,
        edge_weight_transf: Callable[[Any], Any] | None = None,
        **_: Any,
    ) -> None:
        """Add the nodes and edges of a NetworkX graph with all their attributes; the graph is left as it was.

        An attribute that is NaN or infinite is not known, and left out. The two functions are applied to `size` of
        nodes and `weight` of edges where these are given.
        """
        self.directed = bool(nx_graph.is_directed())
        for node, given in nx_graph.nodes(data=True):
            chosen = {str(k): v for k, v in _finite(given).items() if str(k) not in ("id", "n_id")}
            if node_size_transf is not None and "size" in chosen:
                chosen["size"] = node_size_transf(chosen["size"])
            self.add_node(node, **chosen)
        for source, target, given in nx_graph.edges(data=True):
            chosen = {str(k): v for k, v in _finite(given).items() if str(k) not in ("from", "to", "id")}
            if edge_weight_transf is not None and "weight" in chosen:
                chosen["weight"] = edge_weight_transf(chosen["weight"])
            self.add_edge(source, target, **chosen)

    def from_DOT(self, dot: str) -> None:  # noqa: N802, ARG002 - the name of pyvis
        """Refuse: pyvis hands the file to a script that this page does not carry."""
        raise UsageError("a DOT file is not read", hint="read it with networkx (nx_pydot.read_dot), then from_nx")

    def set_options(self, options: str) -> None:  # noqa: ARG002
        """Note that options of vis-network are not used: the page has its own layout and looks."""
        self._remark("options of set_options are not used")

    def picture(self) -> Picture:
        """Return the data of the page."""
        from graphrisk.views.networks.network_picture import network_picture

        return network_picture(self)

    def page(self) -> Page:
        """Return the page: one HTML text, complete."""
        return render(self.picture())

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

    def _remark(self, text: str) -> None:
        if text not in self.remarks:
            self.remarks.append(text)

    def _repr_html_(self) -> str:
        return self.page()._repr_html_()


def _plain(value: Any, name: str) -> Any:
    """Return numpy scalars as Python's own; refuse NaN and infinity, which JSON does not have."""
    if type(value) is str:  # most are
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise DataError(
            f"{name} is {value}, which a page cannot hold", hint="leave the value out where it is not known"
        )
    return value


def _finite(given: Any) -> dict[Any, Any]:
    """Return the attributes that are known: neither null nor NaN nor infinite."""
    return {
        name: value
        for name, value in given.items()
        if value is not None and not (isinstance(value, float | np.floating) and not math.isfinite(float(value)))
    }
