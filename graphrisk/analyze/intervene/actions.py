"""Actions: what can be done, in which sizes and at which cost, and the book with some of them taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from graphrisk.cascade.what_if import with_capital, with_rows, with_values, without_rows
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import Flags

ROWS_OF = {"claim": "exposures", "stake": "ownership", "delivery": "supplies"}
"""The tables whose rows an action makes smaller, by its row_key."""


class Lever(NamedTuple):
    """An action that can be taken in `levels` sizes, up to `whole` (base currency)."""

    kind: str
    party: int
    contract: str  # id of the facility or guarantee, row_key of a claim, stake or delivery, "" for capital
    guarantor: int  # who is added as guarantor, or takes a delivery over; -1: none
    whole: float
    levels: int
    cost: float  # of the whole
    gains: tuple[float, ...] = ()  # by which each size is expected to lower the measure

    def part(self, level: int) -> float:
        """Return the fraction of the whole at a level."""
        return level / self.levels


def changed(graph: RiskGraph, all_levers: list[Lever], chosen: Mapping[int, int]) -> RiskGraph:
    """Return the graph with levers taken: `chosen` maps the number of a lever to its level."""
    for number in sorted(chosen):
        lever = all_levers[number]
        graph = _taken(graph, lever, lever.part(chosen[number]), f"what-if-{number}")
    return graph


def _taken(graph: RiskGraph, lever: Lever, part: float, name: str) -> RiskGraph:
    size, kind = part * lever.whole, lever.kind
    if kind == "capital":
        return with_capital(graph, lever.party, size)
    if kind in ("release", "split"):
        return without_rows(graph, "guarantees", np.flatnonzero(_is(graph, "guarantees", "guarantee_id", lever)))
    if kind in ROWS_OF:
        return _smaller(graph, lever, part, name)
    row = np.flatnonzero(_is(graph, "facilities", "facility_id", lever))
    if kind == "cut":
        left = np.maximum(graph.floats("facilities", "outstanding")[row] - size, 0.0)
        return with_values(graph, "facilities", "outstanding", row, 0.0 if part >= 1.0 else left)
    facility = {"facility_id": lever.contract, "currency": graph.base_currency}
    if kind == "collateral":
        asset = {"collateral_id": name, "kind": "cash", "value": size, "haircut": 0.0, "currency": graph.base_currency}
        pledge = {**facility, "row_key": name, "collateral_id": name, "rank": 1, "allocated_amount": size}
        return with_rows(with_rows(graph, "collateral", [asset]), "pledges", [pledge])
    behind = graph.floats("guarantees", "rank")[_is(graph, "guarantees", "facility_id", lever)]
    blanket = graph.floats("guarantees", "rank")[
        (graph.positions("guarantees", "facility_id") < 0) & (graph.positions("guarantees", "debtor_id") == lever.party)
    ]
    ranks = np.concatenate([behind, blanket, np.zeros(1)])
    contract = {
        **facility,
        "guarantee_id": name,
        "guarantor_id": str(graph.party_ids[lever.guarantor]),
        "debtor_id": str(graph.party_ids[lever.party]),
        "amount": size,
        "share": 1.0,
        "mode": "several",
        "rank": int(np.where(np.isnan(ranks), 1.0, ranks).max()) + 1,
    }
    return with_rows(graph, "guarantees", [contract])


def _smaller(graph: RiskGraph, lever: Lever, part: float, name: str) -> RiskGraph:
    """Return the graph with a claim, a stake or a delivery smaller; another supplier takes the delivery over."""
    table = ROWS_OF[lever.kind]
    row = np.flatnonzero(_is(graph, table, "row_key", lever))
    for column in ("share_min", "share_max") if lever.kind == "stake" else ("amount",):
        left = np.maximum(graph.floats(table, column)[row] * (1.0 - part), 0.0)
        graph = with_values(graph, table, column, row, 0.0 * left if part >= 1.0 else left)
    if lever.kind != "delivery":
        return graph
    whole = graph.tables.taken(table, row[:1]).to_pylist()[0]
    moved = {"row_key": name, "supplier_id": str(graph.party_ids[lever.guarantor]), "amount": part * lever.whole}
    return with_rows(graph, table, [{**whole, **moved}])


def _is(graph: RiskGraph, table: str, column: str, lever: Lever) -> Flags:
    found: Flags = (graph.texts(table, column) == lever.contract).astype(bool)
    return found
