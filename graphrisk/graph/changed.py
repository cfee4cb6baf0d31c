"""The client graph with tables changed: what was worked out of the others is taken over."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphrisk.graph.build import prepare_table
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG, find_table
from graphrisk.model.currency import rates_on

OF_COLUMNS = ("texts", "floats", "flags", "positions")
"""What a graph keeps of single columns."""


def with_tables(graph: RiskGraph, changed: Mapping[str, pa.Table], fingerprint: str) -> RiskGraph:
    """Return `graph` with the whole content of some tables given anew, as a store would hold it.

    It is the graph that `build_graph` makes of the changed book, for tables that do not hold rates; `fingerprint` says
    that it is not the stored one. Raises DataError where an amount has no rate.
    """
    rates = rates_on(graph.tables["fx"], graph.as_of, graph.base_currency)
    kept = graph.tables
    touched: set[str] = set()
    for name, declared in CATALOG.items():
        if name in changed:
            fresh = prepare_table(declared, changed[name], graph.as_of, kept, rates, graph.base_currency, [])
            kept = kept.changed({name: fresh.combine_chunks()})
            touched.add(name)
    cache: dict[Any, Any] = {key: array for key, array in list(graph._cache.items()) if _stays(key, touched)}
    return dataclasses.replace(graph, tables=kept, fingerprint=fingerprint, snapshot="", _cache=cache)


def with_table(
    graph: RiskGraph,
    name: str,
    table: pa.Table,
    *,
    column: str = "",
    kept: npt.NDArray[np.bool_] | None = None,
    added: npt.NDArray[np.bool_] | None = None,
) -> RiskGraph:
    """Return `graph` with one table replaced by another of the same form.

    `column`: the only one that changed, a number and no key; `kept`: which rows stayed, or `added`: which rows of
    `table` are new, where nothing else changed.
    """
    cache: dict[Any, Any] = {}
    for key, array in list(graph._cache.items()):
        if _stays(key, {name}, column):
            cache[key] = array
        elif kept is not None and key[0] in OF_COLUMNS and key[1] == name:
            cache[key] = array[kept]
            cache[key].setflags(write=False)
        elif added is not None and key[:2] == ("positions", name):
            refers_to = find_table(name).column(key[2]).references
            if refers_to is not None and refers_to != name:
                cache[key] = np.empty(len(added), dtype=np.int64)
                cache[key][~added] = array
                new = table[key[2]].filter(pa.array(added)).cast(pa.string()).to_pylist()
                cache[key][added] = graph.locate(refers_to, new)
                cache[key].setflags(write=False)
    return dataclasses.replace(graph, tables=graph.tables.changed({name: table.combine_chunks()}), _cache=cache)


def _stays(key: Any, changed: Collection[str], column: str = "") -> bool:
    """Return whether what is kept under a key depends on none of the tables that changed, or not on the `column`."""
    if len(key) < 2:  # of the whole graph
        return False
    what, table = key[0], key[1]
    if what == "latest":
        return "parties" not in changed and ("financials" not in changed or column not in ("", table))
    if what == "made":
        return not any(of == name or _of_column(of, name, column) for of in key[2:] for name in changed)
    if what not in OF_COLUMNS:
        return False
    if table in changed:
        return column not in ("", key[2])
    return bool(column) or what != "positions" or find_table(table).column(key[2]).references not in changed


def _of_column(of: str, name: str, column: str) -> bool:
    """Return whether "financials.sales" is a column of a table that changed, or the one of it that did."""
    table, _, one = of.partition(".")
    return bool(one) and table == name and column in ("", one)
