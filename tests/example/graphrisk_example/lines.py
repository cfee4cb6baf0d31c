"""One line of text a row: the plainest file there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from graphrisk.graph.riskgraph import RiskGraph


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write one file with every row of every table; return it."""
    text = [f"{name} {row}" for name, table in tables.items() for row in table.to_pylist()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    return [path]
