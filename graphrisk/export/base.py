"""What an export is: a module of this folder that can `write`; `--to neo4j-import` finds neo4j_import."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa

from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.members import find_member, member_names

_ROOM = ("graphrisk.export", "write", "graphrisk.exports")
"""Where exports lie, what marks one, and the entry points by which other packages add theirs."""


class Export(Protocol):
    """A module: docstring, and `write`, which returns the files written.

    `tables` are the tables asked for by name (canonical ones without bookkeeping columns, and score tables);
    formats that hold a graph take what they need from `graph` and attach the score tables keyed by party_id to nodes.
    A module with `WHOLE = True` gets every canonical table of the snapshot instead, with the bookkeeping columns. One
    with `FOR_PEOPLE = True` gets the reader, and results of analyzers: those in its `NEEDS` where it takes no tables.
    `OF_TABLES = True`: it writes tables as they are, also those cut to a slice of the parties.
    """

    def write(self, tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]: ...


def export_names() -> list[str]:
    """Return the names of all formats as `--to` takes them (shipped, and of entry points), without importing them."""
    return sorted({name.replace("_", "-") for name in member_names(*_ROOM)})


def find_export(name: str) -> Export:
    """Return the export called `name`; UsageError naming the nearest if there is none."""
    if name not in export_names():
        raise UsageError(f"no export is called {name!r}", hint=nearest(name, export_names()))
    written = next(known for known in member_names(*_ROOM) if known.replace("_", "-") == name)
    return cast(Export, find_member("export", written, *_ROOM))
