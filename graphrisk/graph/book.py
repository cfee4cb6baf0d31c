"""From the client graph to the ledger of contagion: the contracts as arrays, and the conventions that were used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from graphrisk.graph.accounts import MONTHS
from graphrisk.graph.deliveries import deliveries
from graphrisk.graph.guarantee_lines import guarantee_lines
from graphrisk.graph.pledge_rows import pledge_rows
from graphrisk.graph.references import optional, required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.collateral import Pledges, covered_at
from graphrisk.kernels.contagion.ledger import FIRST_EQUITY, KNOWN, NOTHING, SCALE, Flags, Floats, Ints, Ledger, rows_by
from graphrisk.kernels.contagion.supply_losses import Supply

LAYERS = ("exposures", "guarantees", "ownership", "supplies", "collateral")
"""The layers that can be left out of a run. Facilities always take part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The ledger of a client graph with what its rows stand for.

    Contracts are rows of `guarantees`, facilities and assets rows of their tables, parties rows of `parties`.
    """

    graph: RiskGraph
    layers: tuple[str, ...]
    ledger: Ledger
    due: Floats  # (facilities,)
    covered: Floats  # (facilities,) what collateral pays if the whole facility is called
    claim_creditor: Ints  # exposures that count, in row order
    claim_debtor: Ints
    claim: Floats
    stake_owner: Ints  # ownership rows that count
    stake_owned: Ints
    stake: Floats
    line_facility: Ints  # (lines,)
    pledges: Pledges
    pledge_pays: Floats  # what each pledge pays if the whole facility is called
    pledge_row: Ints  # the pledge of each row of ledger.pledged
    supply: Supply | None
    supply_row: Ints  # row of `supplies` of each row of the supply layer
    profit: Floats  # (parties,) lost with all production over the horizon
    warnings: tuple[str, ...]  # what a reader must know first
    notes: tuple[str, ...]
    supply_notes: tuple[str, ...]  # those of the notes that tell of the supply layer

    def price_loss(self, price: Floats) -> Floats:
        """Return the money that each party loses by the fall of its assets to `price` (assets,): (parties,)."""
        owned = self.pledges.asset_owner >= 0
        fall = (1.0 - price) * self.pledges.value
        return np.bincount(self.pledges.asset_owner[owned], weights=fall[owned], minlength=self.graph.size).astype(
            np.float64
        )


def layers_with_data(graph: RiskGraph) -> tuple[str, ...]:
    """Return the layers that hold rows."""
    table = {"collateral": "pledges"}
    return tuple(name for name in LAYERS if graph.rows(table.get(name, name)) or graph.rows(name))


def build_book(
    graph: RiskGraph, *, layers: Collection[str], price_change: Floats | None = None, horizon_months: float = MONTHS
) -> Book:
    """Return the ledger of `graph` with the layers named.

    `price_change` (assets,): relative change of each asset's value; `horizon_months`: months of profit that a firm
    without production loses. Raises DataError for a contract on an id that is
    not in its table.
    """
    notes: list[str] = []
    used = tuple(name for name in LAYERS if name in layers)
    equity, known = _equity(graph, notes)
    party = np.zeros((graph.size, 7))
    party[:, FIRST_EQUITY], party[:, KNOWN], party[:, SCALE] = equity, known, np.maximum(np.abs(equity), 1.0)
    creditor, debtor, claim = _claims(graph, "exposures" in used, notes)
    owner, owned, stake = _stakes(graph, "ownership" in used, known, notes)
    borrower = required(graph, "facilities", "borrower_id")
    lender = optional(graph, "facilities", "lender_id")
    due = graph.floats("facilities", "outstanding")
    pledges = pledge_rows(graph, "collateral" in used, borrower, due, price_change, notes)
    covered, pays = covered_at(pledges, pledges.price)
    others = np.flatnonzero(pledges.owner >= 0)
    pledge_start, order = rows_by(pledges.facility[others], len(due))
    made = deliveries(graph, "supplies" in used, horizon_months)
    notes += made.notes
    guarantees = guarantee_lines(graph, "guarantees" in used, borrower, lender, notes)
    claim_start, claim_order = rows_by(debtor, graph.size)
    stake_start, stake_order = rows_by(owned, graph.size)
    loan_start, loan_order = rows_by(borrower, graph.size)
    for name, one, other in (
        ("exposures", creditor, debtor),
        ("ownership rows", owner, owned),
        ("facilities", lender, borrower),
    ):
        _note_self_loops(name, one, other, notes)
    ledger = Ledger(
        party=party,
        start=np.stack([claim_start, stake_start, loan_start]),
        creditor=creditor[claim_order],
        claim=claim[claim_order],
        owner=owner[stake_order],
        stake=stake[stake_order],
        loan=loan_order,
        facility=np.stack([borrower, lender, guarantees.cluster, guarantees.joint]).astype(np.int64),
        uncovered=due - covered,
        facility_start=np.stack([pledge_start, guarantees.start]),
        pledger=pledges.owner[others][order],
        pledged=pays[others][order],
        line=guarantees.line,
        share=guarantees.share,
        contract=guarantees.contract,
        cap=guarantees.cap,
        cluster_of=guarantees.cluster_of,
        ranks=guarantees.ranks,
        clusters=guarantees.clusters,
    )
    return Book(
        graph=graph,
        layers=used,
        ledger=ledger,
        due=due,
        covered=covered,
        claim_creditor=creditor,
        claim_debtor=debtor,
        claim=claim,
        stake_owner=owner,
        stake_owned=owned,
        stake=stake,
        line_facility=guarantees.facility,
        pledges=pledges,
        pledge_pays=pays,
        pledge_row=others[order],
        supply=made.supply,
        supply_row=made.row,
        profit=made.profit,
        warnings=made.warnings,
        notes=tuple(notes),
        supply_notes=made.notes,
    )


def _equity(graph: RiskGraph, notes: list[str]) -> tuple[Floats, Flags]:
    given = graph.equity
    known = ~np.isnan(given)
    equity = np.where(known, given, 0.0)
    if not known.all():
        notes.append(
            f"{int((~known).sum()):,} of {len(known):,} parties have no known equity: each fails only by a call "
            "that is not met, or where shocked"
        )
    broken = known & (equity <= NOTHING * np.maximum(np.abs(equity), 1.0))
    if broken.any():
        notes.append(f"{int(broken.sum()):,} parties have equity of 0 or less: in default at the start (cause initial)")
    return equity, known


def _claims(graph: RiskGraph, on: bool, notes: list[str]) -> tuple[Ints, Ints, Floats]:
    """Return creditor, debtor, amount x lgd of each exposure."""
    if not on or not graph.rows("exposures"):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    lgd = graph.floats("exposures", "lgd")
    if np.isnan(lgd).any():
        notes.append(f"{int(np.isnan(lgd).sum()):,} exposures have no lgd: taken as 1, the whole claim is lost")
    claim = graph.floats("exposures", "amount") * np.where(np.isnan(lgd), 1.0, lgd)
    return required(graph, "exposures", "creditor_id"), required(graph, "exposures", "debtor_id"), claim


def _stakes(graph: RiskGraph, on: bool, known: Flags, notes: list[str]) -> tuple[Ints, Ints, Floats]:
    """Return owner, owned, share of each stake; the upper bound of a share is what its owner may lose."""
    if not on or not graph.rows("ownership"):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    low, high = graph.floats("ownership", "share_min"), graph.floats("ownership", "share_max")
    share = np.where(np.isnan(high), low, high)
    unknown = np.isnan(share)
    owner, owned = required(graph, "ownership", "owner_id"), required(graph, "ownership", "owned_id")
    notes.append("ownership: an owner loses share_max of the fall of the firm's equity")
    if unknown.any():
        notes.append(f"{int(unknown.sum()):,} ownership rows have no share: taken as 0")
    lower = np.isnan(high) & ~np.isnan(low)
    if lower.any():
        notes.append(f"{int(lower.sum()):,} ownership rows have share_min alone: that is taken")
    share = np.where(unknown, 0.0, share)
    total = np.bincount(owned, weights=share, minlength=graph.size)
    over = total > 1.0 + 1e-9
    if over.any():
        notes.append(
            f"{int(over.sum()):,} firms are owned above 100 % by upper bounds: their owners together lose more than all"
        )
    blind = ~known[owned] & (share > 0.0)
    if blind.any():
        notes.append(
            f"{int(blind.sum()):,} stakes are in firms without known equity: their owners lose nothing by them"
        )
    return owner, owned, share


def _note_self_loops(name: str, one: Ints, other: Ints, notes: list[str]) -> None:
    loops = int((one == other).sum())
    if loops:
        notes.append(f"{loops:,} {name} run from a party to itself: counted as they stand")
