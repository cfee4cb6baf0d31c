"""GEXF for Gephi: nodes labelled by name, scores as node attributes, `amount` as the weight of an edge."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from graphrisk.export.cells import single_file
from graphrisk.export.network import network_of
from graphrisk.graph.riskgraph import RiskGraph


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write one GEXF file; return it."""
    import networkx as nx

    network = network_of(tables, graph)
    for _, _, key, data in network.edges(keys=True, data=True):
        data["id"] = key
        if data.get("amount"):
            data["weight"] = float(data["amount"])
    text = io.BytesIO()
    nx.write_gexf(network, text)
    dated = f'lastmodifieddate="{graph.as_of.isoformat()}"'.encode()  # not the day of writing
    target = single_file(path)
    target.write_bytes(re.sub(rb'lastmodifieddate="[^"]*"', dated, text.getvalue(), count=1))
    return [target]
