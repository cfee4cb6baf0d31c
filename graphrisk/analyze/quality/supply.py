"""Supply networks that are closed: nothing that they produce reaches a final buyer.

In a closed network every loss of production runs round without end: the published scores of such networks are where
the iteration was stopped, not where it ends (see docs/methods/quality.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Scope
from graphrisk.graph.accounts import yearly_accounts
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import component_labels

FINAL_DEMAND = 0.01
"""Part of its sales that a firm must sell outside the network for it to count as open: above rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedSupply:
    """The closed networks, largest first: `first` their smallest party, `label` (n,) the strong component of each."""

    first: Positions
    size: Positions
    deliveries: Floats
    sales: Floats
    label: Positions

    def members(self, graph: RiskGraph) -> list[list[str]]:
        """Return the party ids of each closed network, by id."""
        order = np.argsort(self.label, kind="stable")
        begin = np.searchsorted(self.label[order], self.first)
        return [graph.party_ids[order[b : b + n]].tolist() for b, n in zip(begin, self.size, strict=True)]


def closed_supply(graph: RiskGraph) -> ClosedSupply:
    """Return the groups of at least two parties that deliver, directly or not, to one another and to nobody else.

    A group is open where one of its members has known sales above its deliveries in the network by more than 1 %.
    """
    arcs = arcs_of(graph, "supplies")
    label = component_labels(graph.size, arcs.source, arcs.target, "strong")
    size = count_by(label, graph.size)
    delivered = sum_by(arcs.source, arcs.weight, graph.size)
    sales = yearly_accounts(graph).sales
    outside = sales > delivered * (1.0 + FINAL_DEMAND)  # unknown sales show no final demand
    open_ = np.zeros(graph.size, dtype=bool)
    open_[label[arcs.source[label[arcs.source] != label[arcs.target]]]] = True
    open_[label[outside]] = True
    first = np.flatnonzero((size > 1) & ~open_)
    first = first[np.lexsort((first, -size[first]))]
    known = sum_by(label, np.nan_to_num(sales), graph.size)
    known[count_by(label[~np.isnan(sales)], graph.size) == 0] = np.nan
    total = sum_by(label, delivered, graph.size)
    return ClosedSupply(first=first, size=size[first], deliveries=total[first], sales=known[first], label=label)


def parties_in_closed_supply(scope: Scope) -> Found:
    closed = closed_supply(scope.graph)
    inside = np.zeros(scope.graph.size, dtype=bool)
    inside[closed.first] = True
    which = inside[closed.label] if scope.graph.size else inside
    arcs = arcs_of(scope.graph, "supplies")
    delivering = count_by(arcs.source, scope.graph.size) + count_by(arcs.target, scope.graph.size)
    looked_at = int((delivering > 0).sum())
    found = scope.found_parties(which)
    return Found(names=found.names, looked_at=looked_at, parties=found.parties, size=found.size)


def self_supplies(scope: Scope) -> Found:
    supplier, buyer = scope.graph.ends("supplies")
    return scope.found_rows(
        "supplies", (supplier == buyer) & (buyer >= 0), size=scope.graph.floats("supplies", "amount")
    )


CHECKS = (
    Check(
        name="closed_supply_network",
        severity="high",
        table="supplies",
        one="party delivers only within a closed network, without any final buyer",
        many="parties deliver only within a closed network, without any final buyer",
        action="Load the sales to buyers outside (financials.sales, or a party for final demand); "
        "a supply shock in a closed network never fades.",
        find=parties_in_closed_supply,
    ),
    Check(
        name="self_supplies",
        severity="low",
        table="supplies",
        one="delivery is of a party to itself",
        many="deliveries are of a party to itself",
        action="Leave out internal deliveries, or name the plant that receives them.",
        find=self_supplies,
    ),
)
