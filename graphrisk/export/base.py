"""What an export is: a module of this folder, found by its file name ("neo4j_import" is `--to neo4j-import`)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, cast

import pyarrow as pa

from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import RiskGraph

ROOM_MODULES = frozenset({"base", "cells", "network"})
"""Modules of this room that are not exports."""


class Export(Protocol):
    """A module: docstring, and `write`, which returns the files written.

    `tables` are the tables asked for by name (canonical ones without bookkeeping columns, and score tables);
    formats that hold a graph take what they need from `graph` and attach the score tables keyed by party_id to nodes.
    A module with `WHOLE = True` gets every canonical table of the snapshot instead, with the bookkeeping columns.
    """

    def write(self, tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]: ...


def export_names() -> list[str]:
    """Return the names of all formats as `--to` takes them (shipped, and of entry points), without importing them."""
    import graphrisk.export as room

    own = [m.name for m in pkgutil.iter_modules(room.__path__) if m.name not in ROOM_MODULES]
    others = [point.name for point in entry_points(group="graphrisk.exports")]
    return sorted({name.replace("_", "-") for name in (*own, *others)})


def find_export(name: str) -> Export:
    """Return the export called `name`; UsageError naming the nearest if there is none."""
    if name not in export_names():
        raise UsageError(f"no export is called {name!r}", hint=nearest(name, export_names()))
    for point in entry_points(group="graphrisk.exports"):
        if point.name.replace("_", "-") == name:
            return cast(Export, point.load())
    return cast(Export, importlib.import_module(f"graphrisk.export.{name.replace('-', '_')}"))
