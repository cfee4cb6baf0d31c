"""Actions: which are worth considering after a cascade, what they cost, and the book with some of them taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphrisk.analyze.contagion.unified import Spread
from graphrisk.analyze.intervene.params import Params
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.graph.what_if import with_capital, with_rows, with_values, without_rows
from graphrisk.kernels.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, UNMET_PART, Flags, Floats

MARGIN = 1e-6
"""Capital beyond what is missing, over the party's equity or the gap: default is at equity of 0 already."""


class Lever(NamedTuple):
    """An action that can be taken in `levels` sizes, up to `whole` (base currency)."""

    kind: str
    party: int
    contract: str  # facility or guarantee id, "" for capital
    guarantor: int  # -1: none
    whole: float
    levels: int
    cost: float  # of the whole

    def part(self, level: int) -> float:
        """Return the fraction of the whole at a level."""
        return level / self.levels


def levers(done: Spread, params: Params) -> list[Lever]:
    """Return what can be done about a finished run: by kind in turn, in each the most money first."""
    graph, book, balance = done.book.graph, done.book, done.balance
    facilities = graph.texts("facilities", "facility_id")
    borrower = book.ledger.facility[BORROWER]
    short = np.flatnonzero(balance.unpaid > 0.0)
    found: dict[str, list[Lever]] = {kind: [] for kind in params.actions}
    strong = _strongest(done)
    for f in short.tolist():
        owing, name, unpaid = int(borrower[f]), str(facilities[f]), float(balance.unpaid[f])
        _add(found, params, Lever("cut", owing, name, -1, float(book.due[f]), params.steps, 0.0))
        if params.layers is None or "collateral" in params.layers:
            _add(found, params, Lever("collateral", owing, name, -1, unpaid, params.steps, 0.0))
        guarantor = next((k for k in strong if k not in (owing, int(book.ledger.facility[LENDER, f]))), -1)
        if guarantor >= 0 and (params.layers is None or "guarantees" in params.layers):
            _add(found, params, Lever("guarantor", owing, name, guarantor, unpaid, params.steps, 0.0))
    for party, need in _needs(done):
        _add(found, params, Lever("capital", party, "", -1, need, params.steps, 0.0))
    asked = np.zeros(book.ledger.contract.shape[1])
    np.add.at(asked, book.ledger.line[CONTRACT], balance.asked)
    circle = _in_circle(graph)
    for c in np.flatnonzero(asked > 0.0).tolist():
        guarantor, cap = int(book.ledger.contract[GUARANTOR, c]), float(book.ledger.cap[c])
        kind = "split" if circle[c] else "release"
        name = str(graph.texts("guarantees", "guarantee_id")[c])
        _add(found, params, Lever(kind, guarantor, name, -1, cap, 1, 0.0))
    ordered = [sorted(found[kind], key=lambda a: (-a.whole, a.party, a.contract)) for kind in params.actions]
    longest = max((len(each) for each in ordered), default=0)
    turns = [each[k] for k in range(longest) for each in ordered if k < len(each)]
    return turns[: params.max_candidates]


def _add(found: dict[str, list[Lever]], params: Params, lever: Lever) -> None:
    if lever.kind in found and lever.whole > 0.0:
        rate = float(getattr(params, f"cost_{lever.kind}"))
        found[lever.kind].append(lever._replace(cost=rate * lever.whole))


def _needs(done: Spread) -> list[tuple[int, float]]:
    """Return the capital with which each failed party of known equity would have stood, all else as it was."""
    ledger, balance, fraction = done.ledger, done.balance, done.shock.fraction
    found = []
    for party in np.flatnonzero(done.run.state.failed & ledger.known & (fraction < 1.0)).tolist():
        unmet = float(balance.unmet[party])
        unmet = unmet if unmet > UNMET_PART * (unmet + float(balance.paid[party])) else 0.0
        gap = max(0.0, -float(balance.equity[party])) + unmet
        gap += MARGIN * max(gap, abs(float(ledger.equity[party])), 1.0)
        found.append((party, gap / (1.0 - float(fraction[party]))))
    return found


def _strongest(done: Spread) -> list[int]:
    """Return the three parties with the most equity left, none failed or shocked."""
    left: Floats = np.where(done.run.state.failed | (done.shock.fraction > 0.0), 0.0, done.balance.equity)
    order = np.lexsort((np.arange(len(left)), -left))[:3]
    return [int(k) for k in order if left[k] > 0.0]


def _in_circle(graph: RiskGraph) -> Flags:
    """Return which guarantees lie on a circle of guarantees (contracts,)."""
    one, other = graph.ends("guarantees")
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(graph.size, graph.size))
    label = connected_components(links.tocsr(), directed=True, connection="strong")[1] if graph.size else one
    found: Flags = (label[one] == label[other]) & (one != other)
    return found


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


def _is(graph: RiskGraph, table: str, column: str, lever: Lever) -> Flags:
    found: Flags = (graph.texts(table, column) == lever.contract).astype(bool)
    return found
