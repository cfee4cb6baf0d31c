"""The deliveries of a client graph as the supply layer needs them, and what a party loses with its production."""

from __future__ import annotations

import numpy as np

from graphrisk.graph.references import required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ledger import Floats, Ints
from graphrisk.kernels.supply import Supply, supply_rows


def deliveries(graph: RiskGraph, on: bool, notes: list[str]) -> tuple[Supply | None, Ints, Floats]:
    """Return (the supply layer or None, the row of `supplies` of each of its rows, profit of each party (parties,)).

    A market is an industry; a party without one has a market of its own. Profit is sales less material cost, not below
    0; where one of them is missing it is 0.
    """
    none = np.zeros(0, dtype=np.int64)
    if not on or not graph.rows("supplies"):
        return None, none, np.zeros(graph.size)
    supplier, buyer = required(graph, "supplies", "supplier_id"), required(graph, "supplies", "buyer_id")
    sales, cost = graph.latest("sales"), graph.latest("material_cost")
    blind = np.isnan(sales) | np.isnan(cost)
    profit = np.where(blind, 0.0, np.maximum(np.where(blind, 0.0, sales) - np.where(blind, 0.0, cost), 0.0))
    linked = np.unique(np.concatenate([supplier, buyer]))
    if blind[linked].any():
        notes.append(
            f"{int(blind[linked].sum()):,} of {len(linked):,} parties in the supply layer lack sales or material cost: "
            "they lose no profit with their production"
        )
    industry = graph.texts("parties", "industry")
    known = np.array([name is not None for name in industry], dtype=bool)
    code = np.arange(graph.size, dtype=np.int64) + graph.size
    if known.any():
        code[known] = np.unique(industry[known].astype(str), return_inverse=True)[1]
    if (~known[supplier]).any():
        notes.append(
            f"{len(np.unique(supplier[~known[supplier]])):,} suppliers have no industry: nobody can stand in for them, "
            "and each is an industry of its own"
        )
    essential = graph.texts("supplies", "essential")
    unsaid = int(sum(flag is None for flag in essential))
    if unsaid:
        notes.append(f"{unsaid:,} deliveries do not say whether they are essential: taken as not essential")
    supply, row = supply_rows(
        supplier, buyer, graph.floats("supplies", "amount"), graph.flags("supplies", "essential"), code, graph.size
    )
    return supply, row, profit
