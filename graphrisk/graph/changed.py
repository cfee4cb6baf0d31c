"""The client graph with some canonical tables changed: only what depends on them is built again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from graphrisk.graph.build import prepare_table
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG, find_table
from graphrisk.model.currency import rates_on


def with_tables(graph: RiskGraph, changed: Mapping[str, pa.Table], fingerprint: str) -> RiskGraph:
    """Return `graph` with the whole content of some tables given anew, as a store would hold it.

    It is the graph that `build_graph` makes of the changed book, for tables that do not hold rates; `fingerprint` says
    that it is not the stored one. Raises DataError where an amount has no rate.
    """
    rates = rates_on(graph.tables["fx"], graph.as_of, graph.base_currency)
    kept: dict[str, pa.Table] = dict(graph.tables)
    touched: set[str] = set()
    for name, declared in CATALOG.items():
        if name in changed:
            kept[name] = prepare_table(
                declared, changed[name], graph.as_of, kept, rates, graph.base_currency, []
            ).combine_chunks()
            touched.add(name)
    cache: dict[Any, Any] = {key: array for key, array in graph._cache.items() if _stays(key, touched)}
    return dataclasses.replace(graph, tables=kept, fingerprint=fingerprint, snapshot="", _cache=cache)


def _stays(key: Any, touched: set[str]) -> bool:
    """Return whether a kept array depends on none of the tables."""
    if key[0] == "latest":
        return not touched & {"financials", "parties"}
    if key[0] not in ("texts", "floats", "positions") or key[1] in touched:
        return False
    return key[0] != "positions" or find_table(key[1]).column(key[2]).references not in touched
