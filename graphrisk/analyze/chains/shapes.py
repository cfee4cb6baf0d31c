"""Shapes of a guarantee network: long chains, stars, groups of parties in circles."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.tables import real, score_frame, several, whole
from graphrisk.graph.exposure import Arcs
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import row_starts
from graphrisk.model.columns import category, money, party
from graphrisk.model.table import Table

CHAINS = Table(
    name="chains_chains",
    meaning="the longest chain below each party that nobody further up guarantees; longest first, then by bottleneck",
    role="score",
    key=("start_id",),
    columns=(
        party("start_id", "the guarantor at the top"),
        party("end_id", "the debtor at the bottom"),
        whole("length", "number of guarantees in a row"),
        several("parties", "the parties from the top down", ordered=True),
        money("bottleneck_amount", "smallest sum of caps between two neighbours"),
        party("bottleneck_guarantor_id", "the guarantor of the weakest link"),
        party("bottleneck_debtor_id", "the debtor of the weakest link"),
    ),
)
STARS = Table(
    name="chains_stars",
    meaning="parties that guarantee many others, or are guaranteed by many; most partners first",
    role="score",
    key=("party_id", "side"),
    columns=(
        party("party_id", "the party in the middle"),
        category("side", "what the party in the middle is", "guarantor", "debtor"),
        whole("partners", "number of different parties on the other side"),
        money("amount", "sum of the caps"),
        money("net_assets", "latest known equity of the party in the middle"),
        real("amount_to_net_assets", "caps over net assets; null where net assets are unknown, zero or negative"),
    ),
)
COMPONENTS = Table(
    name="chains_components",
    meaning="groups in which every party stands, directly or not, behind every other; largest first",
    role="score",
    key=("component",),
    columns=(
        party("component", "smallest party id of the group"),
        whole("size", "number of parties"),
        whole("pairs", "number of different guarantor-debtor pairs inside"),
        money("amount", "sum of the caps inside"),
        money("net_assets", "sum of the known equity of its parties; null where none is known"),
        whole("unknown_net_assets", "number of parties without known equity"),
        several("parties", "the parties, by id"),
    ),
)


def chain_rows(
    graph: RiskGraph, arcs: Arcs, strong: Positions, depth: Positions, width: Floats, arc: Positions, limit: int
) -> tuple[pd.DataFrame, int]:
    """Return the longest chain below each top of the network, and how many were left out by `limit`.

    A chain has at least two guarantees. Ways between groups are the longest ones, of equal ones that with the largest
    bottleneck; through a group they take the shortest way.
    """
    between = strong[arcs.source] != strong[arcs.target]
    guaranteed = np.zeros(graph.size, dtype=bool)
    guaranteed[strong[arcs.target[between]]] = True
    tops = np.flatnonzero((strong == np.arange(graph.size)) & (depth >= 2) & ~guaranteed)
    tops = tops[np.lexsort((tops, -width[tops], -depth[tops]))]
    inside = _Inside(graph.size, arcs, ~between)
    rows = []
    for top in tops[:limit].tolist():
        path = _walk(top, arcs, arc, inside)
        amounts = [_amount(arcs, u, v) for u, v in pairwise(path)]
        weakest = int(np.argmin(amounts))
        rows.append((path, amounts[weakest], path[weakest], path[weakest + 1]))
    rows.sort(key=lambda row: (-len(row[0]), -row[1], row[0]))
    ids = graph.party_ids
    frame = score_frame(
        CHAINS,
        {
            "start_id": [ids[row[0][0]] for row in rows],
            "end_id": [ids[row[0][-1]] for row in rows],
            "length": [len(row[0]) - 1 for row in rows],
            "parties": [ids[row[0]].tolist() for row in rows],
            "bottleneck_amount": [row[1] for row in rows],
            "bottleneck_guarantor_id": [ids[row[2]] for row in rows],
            "bottleneck_debtor_id": [ids[row[3]] for row in rows],
        },
    )
    return frame, max(0, len(tops) - limit)


class _Inside:
    """Shortest ways inside the groups; each group is left by one arc only, so one search for each is enough."""

    def __init__(self, size: int, arcs: Arcs, which: npt.NDArray[np.bool_]) -> None:
        order = np.argsort(arcs.target[which], kind="stable")
        self.starts = row_starts(size, arcs.target[which][order])
        self.origins = arcs.source[which][order]
        self.searched: dict[int, dict[int, int]] = {}

    def way(self, start: int, goal: int) -> list[int]:
        """Return the nodes after `start` up to `goal`, as few as can be."""
        if start == goal:
            return []
        if goal not in self.searched:
            self.searched[goal] = self._search(goal)
        following = self.searched[goal]
        way = [following[start]]
        while way[-1] != goal:
            way.append(following[way[-1]])
        return way

    def _search(self, goal: int) -> dict[int, int]:
        """Return for each node of the group the next one on a shortest way to `goal`."""
        following = {goal: goal}
        waiting = deque([goal])
        while waiting:
            node = waiting.popleft()
            for other in self.origins[self.starts[node] : self.starts[node + 1]].tolist():
                if other not in following:
                    following[other] = node
                    waiting.append(other)
        return following


def _walk(top: int, arcs: Arcs, arc: Positions, inside: _Inside) -> list[int]:
    link = int(arc[top])
    path = [int(arcs.source[link])]
    while link >= 0:
        path += inside.way(path[-1], int(arcs.source[link]))
        path.append(int(arcs.target[link]))
        link = int(arc[path[-1]])
    return path


def _amount(arcs: Arcs, source: int, target: int) -> float:
    low, high = np.searchsorted(arcs.source, [source, source + 1])
    return float(arcs.weight[low + np.searchsorted(arcs.target[low:high], target)])


def star_rows(graph: RiskGraph, arcs: Arcs, fewest: int) -> pd.DataFrame:
    """Return the parties with at least `fewest` partners on one side, most partners first, then by id."""
    middle, partners, amounts, sides = [], [], [], []
    for side, ends in (("debtor", arcs.target), ("guarantor", arcs.source)):
        count = count_by(ends, graph.size)
        found = np.flatnonzero(count >= fewest)
        middle.append(found)
        partners.append(count[found])
        amounts.append(sum_by(ends, arcs.weight, graph.size)[found])
        sides += [side] * len(found)
    party_at, count, amount = np.concatenate(middle), np.concatenate(partners), np.concatenate(amounts)
    order = np.lexsort((np.array(sides, dtype=str), party_at, -count))
    party_at, amount = party_at[order], amount[order]
    equity = graph.equity[party_at]
    ratio = np.full(len(party_at), np.nan)
    positive = equity > 0
    ratio[positive] = amount[positive] / equity[positive]
    return score_frame(
        STARS,
        {
            "party_id": graph.party_ids[party_at],
            "side": [sides[k] for k in order],
            "partners": count[order],
            "amount": amount,
            "net_assets": equity,
            "amount_to_net_assets": ratio,
        },
    )


def component_rows(graph: RiskGraph, arcs: Arcs, strong: Positions) -> pd.DataFrame:
    """Return the strong components of at least two parties, largest first, then by id."""
    sizes = count_by(strong, graph.size)
    inside = strong[arcs.source] == strong[arcs.target]
    pairs = count_by(strong[arcs.source[inside]], graph.size)
    amounts = sum_by(strong[arcs.source[inside]], arcs.weight[inside], graph.size)
    unknown = np.isnan(graph.equity)
    equity = sum_by(strong, np.where(unknown, 0.0, graph.equity), graph.size)
    missing = count_by(strong[unknown], graph.size)
    equity[missing == sizes] = np.nan  # nothing known is not zero
    groups = np.flatnonzero(sizes > 1)
    groups = groups[np.lexsort((groups, -sizes[groups]))]
    member_order = np.argsort(strong, kind="stable")
    begin = np.searchsorted(strong[member_order], groups)
    members = [graph.party_ids[member_order[b : b + sizes[g]]].tolist() for b, g in zip(begin, groups, strict=True)]
    return score_frame(
        COMPONENTS,
        {
            "component": graph.party_ids[groups],
            "size": sizes[groups],
            "pairs": pairs[groups],
            "amount": amounts[groups],
            "net_assets": equity[groups],
            "unknown_net_assets": missing[groups],
            "parties": members,
        },
    )
