"""The client graph as other network programs want it: typed attributes, nulls left out, scores on the nodes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphrisk.errors import UsageError
from graphrisk.export.cells import clean_text, plain_table
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG

if TYPE_CHECKING:
    import networkx as nx


def network_of(tables: Mapping[str, pa.Table], graph: RiskGraph) -> nx.MultiDiGraph[str]:
    """Return the graph of the node and relation tables named (of all, where none is), scores attached by party_id.

    A node has `label` (its name), `node` (Party, Facility, Collateral) and its columns; an edge has `relation` and its
    columns, and a key unique in the graph. Fact tables (financials, ratings, ...) are left out: they have no place in
    a network. A score column is named TABLE_COLUMN, with its layer between where it has one row per layer.
    Raises UsageError for a score table without a party_id, or with several rows per party.
    """
    import networkx as nx

    chosen = {name for name in tables if name in CATALOG and CATALOG[name].role in ("node", "relation")}
    wanted = chosen or {name for name in CATALOG if CATALOG[name].role in ("node", "relation")}
    relations = {CATALOG[name].relation for name in wanted}
    relations |= {link.relation for name in wanted for link in CATALOG[name].links}
    labels = {CATALOG[name].label for name in wanted if CATALOG[name].role == "node"}
    whole = graph.to_networkx()
    out: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    edges = [
        (u, v, key, data) for u, v, key, data in whole.edges(keys=True, data=True) if data["relation"] in relations
    ]
    ends = {end for u, v, _, _ in edges for end in (u, v)}
    for node, data in whole.nodes(data=True):
        if data["label"] in labels or node in ends:
            named = {name: _typed(value) for name, value in data.items() if name != "label"}
            title = named.get("name") or named.get("collateral_id") or named.get("facility_id") or node
            out.add_node(clean_text(node), label=title, node=data["label"], **named)
    for u, v, key, data in edges:
        unique = clean_text(f"{data['relation']}:{key}")
        out.add_edge(clean_text(u), clean_text(v), key=unique, **{name: _typed(value) for name, value in data.items()})
    for name, table in tables.items():
        if name not in CATALOG:
            _attach(out, name, plain_table(table))
    return out


def _typed(value: Any) -> Any:
    """Return a value as both formats know it: text, number, yes/no; dates as ISO text."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return value


def _attach(out: nx.MultiDiGraph[str], name: str, table: pa.Table) -> None:
    if "party_id" not in table.column_names:
        raise UsageError(
            f"{name} has no column party_id, so its rows belong to no node",
            hint=f"write it with --to csv or --to xlsx: graphrisk export {name} --to csv -o FOLDER",
        )
    layered = "layer" in table.column_names
    seen: set[tuple[str, str]] = set()
    for row in table.to_pylist():
        party, layer = str(row["party_id"]), str(row["layer"]) if layered else ""
        if (party, layer) in seen:
            raise UsageError(
                f"{name} has several rows for party {party}", hint="a node has one value per score: use --to csv"
            )
        seen.add((party, layer))
        node = clean_text(party)
        if node not in out:
            continue
        prefix = f"{name}_{layer}" if layered else name
        for column, value in row.items():
            if value is not None and column not in ("party_id", "layer"):
                out.nodes[node][f"{prefix}_{column}"] = _typed(value)
