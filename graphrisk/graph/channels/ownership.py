"""Ownership: an owner loses its share of the fall of the firm's equity. Step 4 of the map."""

from __future__ import annotations

import numpy as np

from graphrisk.graph.channels.base import FALL_OF_EQUITY, ContractRows
from graphrisk.graph.references import required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note

FOLLOWS = FALL_OF_EQUITY
TABLE = "ownership"


def rows(graph: RiskGraph, notes: list[str]) -> ContractRows:
    """Return owner, owned, share of each stake; the upper bound of a share is what its owner may lose."""
    low, high = graph.floats("ownership", "share_min"), graph.floats("ownership", "share_max")
    share = np.where(np.isnan(high), low, high)
    unknown = np.isnan(share)
    owner, owned = required(graph, "ownership", "owner_id"), required(graph, "ownership", "owned_id")
    notes.append(
        Note(
            "owners_lose_share_max",
            "ownership: an owner loses share_max of the fall of the firm's equity",
            "持股：股东按 share_max 承担企业净资产的下降",
        )
    )
    if unknown.any():
        many = int(unknown.sum())
        notes.append(
            Note(
                "stakes_without_share",
                f"{many:,} ownership rows have no share: taken as 0",
                f"{many:,} 条持股没有比例：按 0 计",
            )
        )
    lower = np.isnan(high) & ~np.isnan(low)
    if lower.any():
        many = int(lower.sum())
        notes.append(
            Note(
                "stakes_of_share_min",
                f"{many:,} ownership rows have share_min alone: that is taken",
                f"{many:,} 条持股只有 share_min ：即取该值",
            )
        )
    share = np.where(unknown, 0.0, share)
    total = np.bincount(owned, weights=share, minlength=graph.size)
    over = total > 1.0 + 1e-9
    if over.any():
        many = int(over.sum())
        notes.append(
            Note(
                "owned_above_whole",
                f"{many:,} firms are owned above 100 % by upper bounds: their owners together lose more than all",
                f"{many:,} 户企业按上限合计持股超过 100 %：其股东合计损失超过全部",
            )
        )
    blind = np.isnan(graph.equity)[owned] & (share > 0.0)
    if blind.any():
        many = int(blind.sum())
        notes.append(
            Note(
                "stakes_in_unknown_equity",
                f"{many:,} stakes are in firms without known equity: their owners lose nothing by them",
                f"{many:,} 笔持股的企业净资产未知：其股东不因此受损",
            )
        )
    return ContractRows(owner, owned, share)
