"""Exposures: a creditor loses its claim times the loss fraction of its debtor. Steps 1 and 4 of the map."""

from __future__ import annotations

import numpy as np

from graphrisk.graph.channels.base import LOSS_FRACTION, ContractRows
from graphrisk.graph.references import required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note

FOLLOWS = LOSS_FRACTION
TABLE = "exposures"


def rows(graph: RiskGraph, notes: list[str]) -> ContractRows:
    """Return creditor, debtor, amount x lgd of each exposure."""
    lgd = graph.floats("exposures", "lgd")
    if np.isnan(lgd).any():
        many = int(np.isnan(lgd).sum())
        notes.append(
            Note(
                "exposures_without_lgd",
                f"{many:,} exposures have no lgd: taken as 1, the whole claim is lost",
                f"{many:,} 笔债权没有 lgd：按 1 计，全部损失",
            )
        )
    claim = graph.floats("exposures", "amount") * np.where(np.isnan(lgd), 1.0, lgd)
    return ContractRows(required(graph, "exposures", "creditor_id"), required(graph, "exposures", "debtor_id"), claim)
