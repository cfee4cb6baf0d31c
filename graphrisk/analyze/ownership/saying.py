"""What a reader must know of an answer on ownership, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import CAPITAL
from graphrisk.model.note import Note
from graphrisk.standing.holdings import Holdings, over_subscribed
from graphrisk.standing.shares import Integrated

if TYPE_CHECKING:
    from graphrisk.analyze.ownership.analysis import Params

SEMANTICS = {
    "corrected": ("each circle of owners counts once (first passage)", "循环持股只计一次（首达）"),
    "walk": (
        "every walk counts, so that shares inside circles count again on each round and may exceed 1",
        "计入所有路径，循环内的份额逐圈重复计算，可能超过 1",
    ),
    "simple": ("ways that pass no party twice count", "只计不重复经过任何主体的路径"),
}


def headline(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the answer in one to three sentences."""
    held, controls, circles = (tables[f"ownership_{name}"] for name in ("integrated", "control", "cycles"))
    if not len(held) and not len(controls):
        return ["Nobody in this book owns or controls anybody: there are no holdings and no facts of control."]
    firms = held["owned_id"].nunique() if len(held) else 0
    owners = held["owner_id"].nunique() if len(held) else 0
    said = (
        [f"{_many(owners, 'owner holds', 'owners hold')} shares in {_many(firms, 'party', 'parties')}."]
        if firms
        else []
    )
    sure = controls[controls["certain"].fillna(False).astype(bool)]
    top = sure[sure["ultimate"].fillna(False).astype(bool)]
    if len(sure):
        said.append(
            f"{_many(sure['controlled_id'].nunique(), 'party is', 'parties are')} controlled, by "
            f"{_many(top['controller_id'].nunique(), 'controller', 'controllers')} at the top."
        )
    else:
        said.append("Nobody controls anybody for certain.")
    if len(circles):
        closed = int(circles["closed"].astype(bool).sum())
        some = f", {closed:,} of them closed: nobody outside holds anything of them" if closed else ""
        groups = (
            "1 group of parties owns itself in a circle"
            if len(circles) == 1
            else (f"{len(circles):,} groups of parties own one another in circles")
        )
        said.append(f"{groups}{some}.")
    return said


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def said_of(graph: RiskGraph, holdings: Holdings, shares: Integrated, params: Params, cut: int) -> list[str]:
    """Return the notes: semantics, what was assumed, what has no answer."""
    english, chinese = SEMANTICS[params.semantics]
    notes: list[str] = [
        Note("semantics", f"Semantics {params.semantics}: {english}.", f"口径 {params.semantics}：{chinese}。")
    ]
    notes += holdings.notes
    stakes = holdings.stakes
    dead = np.unique(stakes.holder[~stakes.live])
    if len(dead):
        much = int((holdings.unknown[CAPITAL] > 0.5).sum())
        notes.append(
            Note(
                "nominees",
                f"{len(dead):,} nominees hold shares whose principals are not named: these count for nobody "
                f"(unknown_share; more than half of {much:,} firms). nominee=as_one treats each nominee as one owner.",
                f"{len(dead):,} 个代持人所持股份未披露委托人：不归属任何人"
                f"（unknown_share；其中 {much:,} 个主体超过一半）。nominee=as_one 把每个代持人视为一个所有人。",
            )
        )
    notes += over_subscribed(graph, stakes)
    for circle in shares.circles:
        first = ", ".join(graph.party_ids[circle.members[:4]])
        if circle.no_answer:
            notes.append(
                Note(
                    "circle_no_answer",
                    f"{first} own one another with more than 100 % of shares: what is held through them has no answer "
                    "(null).",
                    f"{first} 相互持股合计超过 100%：经由它们的持股没有答案（空值）。",
                    severity="warning",
                )
            )
        elif circle.closed:
            notes.append(
                Note(
                    "circle_closed",
                    f"{first} own one another whole: nobody outside holds anything of them.",
                    f"{first} 相互完全持有：外部无人持有其任何份额。",
                )
            )
        elif circle.radius > 0.9999:
            notes.append(
                Note(
                    "circle_almost_closed",
                    f"{first} own one another almost whole (spectral radius {circle.radius:.7f}): a small error in a "
                    "share moves the answer a lot.",
                    f"{first} 几乎完全相互持有（谱半径 {circle.radius:.7f}）：持股的微小误差会使结果大幅变动。",
                )
            )
    if cut:
        notes.append(
            Note(
                "paths_cut",
                f"{cut:,} pairs have more simple paths than max_paths = {params.max_paths:,} lets walk: their least "
                "share is a lower bound, their most is that of semantics corrected.",
                f"{cut:,} 对主体的简单路径超过 max_paths = {params.max_paths:,} 所允许的步数：最小值为下界，"
                "最大值取 corrected 口径。",
            )
        )
    return list(dict.fromkeys(notes))
