"""The contracts over which the losses of a shock ran, with the money that ran over each."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.cascade.contract_lines import GROWTH, SUPPLIES, Moment
from graphrisk.cascade.expected_effect import Key, pairs_of, pledge_rows_of
from graphrisk.cascade.loss_lines import LineFinder
from graphrisk.cascade.run import Spread
from graphrisk.cascade.what_if import with_values, without_rows
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, LENDER, Floats, Ints

TABLES = {
    "guarantee": "guarantees", "exposure": "exposures", "lending": "facilities", "ownership": "ownership",
    "pledge": "pledges", "supplies": "supplies",
}  # fmt: skip


class Contract(NamedTuple):
    """A contract: rows of a table, between two parties (-1: none), and the money that ran over it.

    `rows` are those of the book, which for claims and stakes begin at `first` in their table.
    """

    kind: str
    table: str
    rows: tuple[int, ...]
    one: int
    other: int
    flow: float
    first: int = 0

    @property
    def table_rows(self) -> tuple[int, ...]:
        """The rows in the table."""
        return tuple(row - self.first for row in self.rows)


def without_contract(graph: RiskGraph, contract: Contract) -> RiskGraph:
    """Return the graph without a contract; a facility stays with nothing outstanding, because others refer to it."""
    if contract.table == "facilities":
        return with_values(graph, "facilities", "outstanding", contract.table_rows, 0.0)
    return without_rows(graph, contract.table, contract.table_rows)


def weight_of(standing: Floats, contract: Contract) -> float:
    """Return the money over a contract that counts: up to the equity of the loser, which passes on no more."""
    if contract.kind in ("guarantee", "pledge", "lending"):
        return contract.flow
    if contract.kind == "supplies":
        return min(contract.flow, max(float(standing[contract.one]), float(standing[contract.other])))
    return min(contract.flow, float(standing[contract.one]))


def still_contract(done: Spread, key: Key) -> Contract:
    """Return a contract over which no money ran."""
    kind, rows = key
    book = done.book
    graph, table = book.graph, TABLES[kind]
    if kind in ("exposure", "ownership"):
        side = book.claims if kind == "exposure" else book.stakes
        table, at = side.origin(rows[0])
        return Contract(
            kind, table, rows, int(side.rows.loser[rows[0]]), int(side.rows.other[rows[0]]), 0.0, rows[0] - at
        )
    if kind == "lending":
        one, other = graph.positions(table, "lender_id"), graph.positions(table, "borrower_id")
    elif kind == "pledge":
        one = graph.positions("collateral", "owner_id")[graph.positions(table, "collateral_id")]
        other = graph.positions("facilities", "borrower_id")[graph.positions(table, "facility_id")]
    else:
        one, other = graph.ends(table)
    return Contract(kind, table, rows, int(one[rows[0]]), int(other[rows[0]]), 0.0)


def every_contract(done: Spread) -> list[Contract]:
    """Return every contract over which money ran that the shock set in motion."""
    book, moment = done.book, _moved(done)
    ledger = book.ledger
    asked = np.zeros(ledger.contract.shape[1])
    np.add.at(asked, ledger.line[CONTRACT], moment.paid + moment.unmet)
    debtor = book.graph.positions("guarantees", "debtor_id")
    found = _each("guarantee", "guarantees", ledger.contract[0], debtor, asked)
    for kind, side, driver in (("exposure", book.claims, moment.loss), ("ownership", book.stakes, moment.fallen)):
        flow = side.rows.amount * driver[side.rows.other]
        for each in _each(kind, TABLES[kind], side.rows.loser, side.rows.other, flow):
            table, at = side.origin(each.rows[0])
            found.append(each._replace(table=table, first=each.rows[0] - at))
    lent = np.where(ledger.facility[LENDER] >= 0, moment.unpaid, 0.0)
    found += _each("lending", "facilities", ledger.facility[LENDER], ledger.facility[BORROWER], lent)
    found += _pledges(done, moment.loss)
    if done.supply is not None:
        hit = np.flatnonzero(moment.profit_lost > 0.0)
        lines = LineFinder(book).added_lines(hit, done.moment, done.base_moment)
        pairs = pairs_of(book.graph)
        for key, to, amount, kind in zip(
            lines.key.tolist(), lines.other.tolist(), lines.amount.tolist(), lines.kind.tolist(), strict=True
        ):
            if kind == SUPPLIES and key != to and (key, to) in pairs:
                found.append(Contract("supplies", "supplies", tuple(pairs[key, to]), key, to, amount))
    return found


def _moved(done: Spread) -> Moment:
    """Return what the shock adds to the quantities of which loss lines are made; rounding is none."""
    now = done.moment
    if done.base is None:
        return now
    before = done.base.moment

    def more(one: Floats, other: Floats) -> Floats:
        gap = one - other
        return np.where(gap > GROWTH * np.maximum(np.abs(one), np.abs(other)), gap, 0.0)

    return now._replace(
        loss=more(now.loss, before.loss),
        fallen=more(now.fallen, before.fallen),
        unpaid=more(now.unpaid, before.unpaid),
        paid=more(now.paid, before.paid),
        unmet=more(now.unmet, before.unmet),
        profit_lost=more(now.profit_lost, before.profit_lost),
    )


def _each(kind: str, table: str, one: Ints, other: Ints, flow: Floats) -> list[Contract]:
    return [Contract(kind, table, (int(k),), int(one[k]), int(other[k]), float(flow[k])) for k in np.flatnonzero(flow)]


def _pledges(done: Spread, loss: Floats) -> list[Contract]:
    """Return the pledges as rows of their table; `loss` (parties,): fraction that the shock adds."""
    book = done.book
    own, row = book.pledges, pledge_rows_of(book)
    borrower = book.ledger.facility[BORROWER, own.facility]
    paid = done.pledge_pays * loss[borrower]
    return [
        Contract("pledge", "pledges", (int(row[k]),), int(own.asset_owner[own.asset[k]]), int(borrower[k]), float(v))
        for k, v in enumerate(paid)
        if v > 0.0
    ]
