"""Borrowers that one asset connects, and what else does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graphrisk.analyze.collateral.tables import LINKS
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.kernels.network.components import component_labels
from graphrisk.model.catalog import CATALOG

BETWEEN = tuple(
    name
    for name, table in CATALOG.items()
    if table.role == "relation"
    and name != "rebuttals"  # it says that a link is none
    and table.source
    and table.target
    and table.column(table.source).references == table.column(table.target).references == "parties"
)
"""Relations between two parties."""


def link_rows(graph: RiskGraph, facility: Positions, asset: Positions, most: int) -> tuple[pd.DataFrame, int]:
    """Return the pairs of borrowers of each asset, and how many were left out by `most`."""
    borrower = graph.positions("facilities", "borrower_id")[facility]
    width = np.int64(max(graph.size, 1))
    who = np.unique(asset * width + borrower)
    asset, borrower = who // width, who % width
    rows: list[tuple[int, int, int]] = []
    left = 0
    begin = np.flatnonzero(np.diff(asset, prepend=-1)) if len(asset) else asset
    ends = [*begin[1:].tolist(), len(asset)][: len(begin)]
    for first, last in zip(begin.tolist(), ends, strict=True):
        mine = borrower[first:last].tolist()
        pairs = len(mine) * (len(mine) - 1) // 2
        if not pairs or len(rows) + pairs > most:
            left += pairs
            continue
        rows += [(a, b, int(asset[first])) for k, a in enumerate(mine) for b in mine[k + 1 :]]
    one, other, at = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    ties = _ties(graph, one, other)
    part = _parts(graph)
    value = graph.floats("collateral", "value")[at]
    only = np.array([not tie for tie in ties], dtype=bool)
    order = np.lexsort((at, other, one, -np.nan_to_num(value), ~only))
    owner, ids = graph.positions("collateral", "owner_id"), graph.party_ids
    return score_frame(
        LINKS,
        {
            "a_id": ids[one[order]],
            "b_id": ids[other[order]],
            "collateral_id": graph.texts("collateral", "collateral_id")[at[order]],
            "only": only[order],
            "connected": (part[one] == part[other])[order],
            "other": [ties[k] for k in order.tolist()],
            "value": value[order],
            "owner_id": [None if k < 0 else ids[k] for k in owner[at[order]].tolist()],
        },
    ), left


def _ties(graph: RiskGraph, one: Positions, other: Positions) -> list[list[str]]:
    """Return the relations that run between each pair, in either direction; a loan of one to the other is one too."""
    width = np.int64(max(graph.size, 1))
    wanted = one * width + other
    found: list[list[str]] = [[] for _ in range(len(one))]
    for name, (a, b) in _relations(graph).items():
        low, high = np.minimum(a, b), np.maximum(a, b)
        known = np.isin(wanted, np.unique((low * width + high)[(low >= 0) & (low < high)]))
        for k in np.flatnonzero(known).tolist():
            found[k].append(name)
    return found


def _relations(graph: RiskGraph) -> dict[str, tuple[Positions, Positions]]:
    ends = {name: graph.ends(name) for name in BETWEEN if graph.rows(name)}
    if graph.rows("facilities"):
        ends["facilities"] = graph.positions("facilities", "lender_id"), graph.positions("facilities", "borrower_id")
    if graph.rows("co_borrowers"):
        of = graph.positions("co_borrowers", "facility_id")
        borrower = np.where(of >= 0, graph.positions("facilities", "borrower_id")[of], -1)
        ends["co_borrowers"] = graph.positions("co_borrowers", "party_id"), borrower
    return ends


def _parts(graph: RiskGraph) -> Positions:
    """Return the connected part of each party over all relations between parties, pledges left out (n,)."""
    ends = [(a[(a >= 0) & (b >= 0)], b[(a >= 0) & (b >= 0)]) for a, b in _relations(graph).values()]
    if not ends:
        return np.arange(graph.size, dtype=np.int64)
    return component_labels(
        graph.size, np.concatenate([a for a, _ in ends]), np.concatenate([b for _, b in ends]), "weak"
    )
