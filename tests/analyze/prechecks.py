"""Proposals for tests: rows beside a book of plain rows, without files and stores."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.analyze.base import find_analyzer
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.proposing import with_proposal
from tests.worlds.build import AS_OF, tables_of

Rows = Mapping[str, Iterable[Mapping[str, Any]]]


def write_rows(folder: Path, rows: Rows) -> Path:
    """Write rows as CSV files, with the defaults of `tables_of`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables_of(**rows).items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.column_names)
            writer.writerows(["" if cell is None else cell for cell in row.values()] for row in table.to_pylist())
    return folder


def stored(tables: Mapping[str, pa.Table]) -> Any:
    """Return what gives each table as a store would hold it."""
    return lambda name: tables.get(name, CATALOG[name].schema.empty_table())


def prechecked_with_graph(rows: Rows, proposed: Rows, **given: Any) -> tuple[Result, RiskGraph]:
    """Return what the proposed rows do to a book, and the book with them."""
    tables = tables_of(**rows)
    analyzer = find_analyzer("precheck")
    params = parse_params(analyzer.Params, given, where="precheck")
    with tempfile.TemporaryDirectory() as folder:
        write_rows(Path(folder), proposed)
        graph, proposal = with_proposal(build_graph(tables, as_of=AS_OF), stored(tables), Path(folder), None, silent)
    return analyzer.run(graph, params, inputs=Inputs(proposed=proposal), progress=silent), graph


def prechecked(rows: Rows, proposed: Rows, **given: Any) -> Result:
    """Return what the proposed rows do to a book."""
    return prechecked_with_graph(rows, proposed, **given)[0]
