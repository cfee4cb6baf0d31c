"""The client graph in the notebook's own type: a NetworkX multigraph."""

from __future__ import annotations

from typing import Any

import networkx as nx

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.merge import joined_keys
from graphrisk.model.table import Table


def to_networkx(graph: RiskGraph) -> nx.MultiDiGraph[str]:
    """Return a new multigraph: nodes keyed by id with `label` and their columns, edges keyed by id or row key.

    An edge holds `relation` (GUARANTEES, ...) and the columns of its row; nulls are left out. A facility or an asset
    that shares its id with a party is keyed "facility:ID" or "collateral:ID".
    """
    out: nx.MultiDiGraph[str] = nx.MultiDiGraph(as_of=graph.as_of.isoformat(), fingerprint=graph.fingerprint)
    names: dict[str, dict[str, str]] = {}
    for declared in CATALOG.values():
        if declared.role == "node":
            names[declared.name] = {}
            for row in graph.table(declared.name).to_pylist():
                own = str(row[declared.key[0]])
                node = own if own not in out else f"{declared.label.lower()}:{own}"
                names[declared.name][own] = node
                out.add_node(node, label=declared.label, **_given(row))
    for declared in CATALOG.values():
        if declared.role == "relation":
            _add_edges(out, graph, declared, names)
        elif declared.role == "node":
            _add_links(out, graph, declared, names)
    return out


def _add_edges(out: nx.MultiDiGraph[str], graph: RiskGraph, declared: Table, names: dict[str, dict[str, str]]) -> None:
    starts = names[str(declared.column(declared.source).references)]
    goals = names[str(declared.column(declared.target).references)]
    table = graph.table(declared.name)
    keys = joined_keys(declared, table) if declared.key else table["row_key"]
    for key, row in zip(keys.to_pylist(), table.to_pylist(), strict=True):
        start, goal = starts[row[declared.source]], goals[row[declared.target]]
        out.add_edge(start, goal, key=key, relation=declared.relation, **_given(row))


def _add_links(out: nx.MultiDiGraph[str], graph: RiskGraph, declared: Table, names: dict[str, dict[str, str]]) -> None:
    for link in declared.links:
        column = str(link.source)
        for own, other in zip(
            graph.texts(declared.name, declared.key[0]), graph.texts(declared.name, column), strict=True
        ):
            if other is not None:
                out.add_edge(names["parties"][other], names[declared.name][own], key=own, relation=link.relation)


def _given(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and name != "row_key"}
