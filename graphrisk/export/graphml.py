"""GraphML for yEd, Cytoscape, igraph and NetworkX: typed attributes, scores on the nodes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from graphrisk.export.cells import single_file
from graphrisk.export.network import network_of
from graphrisk.graph.riskgraph import RiskGraph


def write(tables: Mapping[str, pa.Table], graph: RiskGraph, path: Path) -> list[Path]:
    """Write one GraphML file; return it."""
    import networkx as nx

    network = network_of(tables, graph)
    network.graph.update({"as_of": graph.as_of.isoformat(), "fingerprint": graph.fingerprint})
    target = single_file(path)
    nx.write_graphml_xml(network, str(target))
    return [target]
