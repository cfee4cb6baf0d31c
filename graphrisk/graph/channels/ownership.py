"""Ownership: an owner loses its share of the fall of the firm's equity. Step 4 of the map."""

from __future__ import annotations

import numpy as np

from graphrisk.graph.channels.base import FALL_OF_EQUITY, ContractRows
from graphrisk.graph.references import required
from graphrisk.graph.riskgraph import RiskGraph

FOLLOWS = FALL_OF_EQUITY
TABLE = "ownership"


def rows(graph: RiskGraph, notes: list[str]) -> ContractRows:
    """Return owner, owned, share of each stake; the upper bound of a share is what its owner may lose."""
    low, high = graph.floats("ownership", "share_min"), graph.floats("ownership", "share_max")
    share = np.where(np.isnan(high), low, high)
    unknown = np.isnan(share)
    owner, owned = required(graph, "ownership", "owner_id"), required(graph, "ownership", "owned_id")
    notes.append("ownership: an owner loses share_max of the fall of the firm's equity")
    if unknown.any():
        notes.append(f"{int(unknown.sum()):,} ownership rows have no share: taken as 0")
    lower = np.isnan(high) & ~np.isnan(low)
    if lower.any():
        notes.append(f"{int(lower.sum()):,} ownership rows have share_min alone: that is taken")
    share = np.where(unknown, 0.0, share)
    total = np.bincount(owned, weights=share, minlength=graph.size)
    over = total > 1.0 + 1e-9
    if over.any():
        notes.append(
            f"{int(over.sum()):,} firms are owned above 100 % by upper bounds: their owners together lose more than all"
        )
    blind = np.isnan(graph.equity)[owned] & (share > 0.0)
    if blind.any():
        notes.append(
            f"{int(blind.sum()):,} stakes are in firms without known equity: their owners lose nothing by them"
        )
    return ContractRows(owner, owned, share)
