"""From the client graph to the ledger of contagion: the contracts as arrays, and the conventions that were used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from graphrisk.graph.accounts import MONTHS
from graphrisk.graph.channels.base import FALL_OF_EQUITY, LOSS_FRACTION, Joined, channels, joined
from graphrisk.graph.deliveries import deliveries
from graphrisk.graph.guarantee_lines import guarantee_lines
from graphrisk.graph.joint_debts import anybody_owes_jointly, with_joint_debts
from graphrisk.graph.pledge_rows import pledge_rows
from graphrisk.graph.references import optional, required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.collateral import Pledges, covered_at
from graphrisk.kernels.contagion.ledger import FIRST_EQUITY, KNOWN, NOTHING, SCALE, Flags, Floats, Ints, Ledger, rows_by
from graphrisk.kernels.contagion.supply_losses import Supply
from graphrisk.model.note import Note

LAYERS = ("exposures", "guarantees", "ownership", "supplies", "collateral")
"""The layers that can be left out of a run. Facilities always take part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The ledger of a client graph with what its rows stand for.

    `graph` has co-borrowers among its guarantees. Contracts are rows of `guarantees`, facilities and assets rows of
    their tables, parties rows of `parties`.
    """

    graph: RiskGraph
    layers: tuple[str, ...]
    ledger: Ledger
    due: Floats  # (facilities,)
    covered: Floats  # (facilities,) what collateral pays if the whole facility is called
    claims: Joined  # contracts whose loss follows the loss fraction of the other party: exposures and their like
    stakes: Joined  # those whose loss follows the fall of its equity
    claim_creditor: Ints  # rows of `claims`
    claim_debtor: Ints
    claim: Floats
    stake_owner: Ints  # rows of `stakes`
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
    return tuple(name for name in layers_known() if graph.rows(table.get(name, name)) or graph.rows(name))


def layers_known() -> tuple[str, ...]:
    """Return all layers: those of this package, then the channels that other packages add."""
    return (*LAYERS, *(channel.TABLE for channel in channels() if channel.TABLE not in LAYERS))


def build_book(
    graph: RiskGraph, *, layers: Collection[str], price_change: Floats | None = None, horizon_months: float = MONTHS
) -> Book:
    """Return the ledger of `graph` with the layers named.

    `price_change` (assets,): relative change of each asset's value; `horizon_months`: months of profit that a firm
    without production loses. Raises DataError for a contract on an id that is
    not in its table.
    """
    notes: list[str] = []
    used = tuple(name for name in layers_known() if name in layers)
    called = "guarantees" in used or anybody_owes_jointly(graph)  # joint debts are asked for in any case
    equity, known = _equity(graph, notes)
    party = np.zeros((graph.size, 7))
    party[:, FIRST_EQUITY], party[:, KNOWN], party[:, SCALE] = equity, known, np.maximum(np.abs(equity), 1.0)
    claims, stakes = (joined(graph, follows, used, notes) for follows in (LOSS_FRACTION, FALL_OF_EQUITY))
    creditor, debtor, claim = claims.rows
    owner, owned, stake = stakes.rows
    borrower = required(graph, "facilities", "borrower_id")
    lender = optional(graph, "facilities", "lender_id")
    due = graph.floats("facilities", "outstanding")
    pledges = pledge_rows(graph, "collateral" in used, price_change, notes)
    covered, pays = covered_at(pledges, pledges.price)
    others = np.flatnonzero(pledges.owner >= 0)
    pledge_start, order = rows_by(pledges.facility[others], len(due))
    made = deliveries(graph, "supplies" in used, horizon_months)
    notes += made.notes
    guarantees = guarantee_lines(graph, called, "guarantees" in used, notes)
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
        graph=with_joint_debts(graph, guarantees="guarantees" in used),
        layers=used,
        ledger=ledger,
        due=due,
        covered=covered,
        claims=claims,
        stakes=stakes,
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
        many = int((~known).sum())
        notes.append(
            Note(
                "parties_without_equity",
                f"{many:,} of {len(known):,} parties have no known equity: each fails only by a call that is not met, "
                "or where shocked",
                f"{len(known):,} 户中 {many:,} 户净资产未知：仅在代偿要求未满足或受冲击时违约",
            )
        )
    broken = known & (equity <= NOTHING * np.maximum(np.abs(equity), 1.0))
    if broken.any():
        many = int(broken.sum())
        notes.append(
            Note(
                "parties_without_net_assets",
                f"{many:,} parties have equity of 0 or less: in default at the start (cause initial)",
                f"{many:,} 户净资产为 0 或负：起始即违约（原因记为 initial）",
            )
        )
    return equity, known


def _note_self_loops(name: str, one: Ints, other: Ints, notes: list[str]) -> None:
    loops = int((one == other).sum())
    if loops:
        notes.append(
            Note(
                "contracts_with_oneself",
                f"{loops:,} {name} run from a party to itself: counted as they stand",
                f"{loops:,} 条 {name} 由主体指向自身：按原样计入",
            )
        )
