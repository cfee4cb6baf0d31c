"""What is known of each client on a day, as columns: basics, accounts, behaviour, events, structure, neighbours.

One file a family, each with `columns(graph)`: party-long arrays, NaN or None where nothing is known. Only dated facts
and contracts are read; what a table says of today (status, days past due, what is outstanding) is not, since it would
tell the outcome where the graph is rebuilt for an earlier day.
"""

from __future__ import annotations

from typing import Any

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.rating.features import accounts, basics, behaviour, events, neighbours, structure

OWN = (basics, accounts, behaviour, events)
FAMILIES = {"own": OWN, "structure": (structure,), "neighbour_defaults": (neighbours,)}


def feature_columns(graph: RiskGraph, *families: str) -> dict[str, Any]:
    """Return the columns of the families named (default: own and structure), by name; each (n,) over the parties."""
    found: dict[str, Any] = {}
    for family in families or ("own", "structure"):
        for module in FAMILIES[family]:
            found |= module.columns(graph)
    return found
