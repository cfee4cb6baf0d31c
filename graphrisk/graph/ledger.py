"""From the client graph to the ledger of contagion: the contracts as arrays, and the conventions that were used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from graphrisk.graph.guarantee_lines import guarantee_lines
from graphrisk.graph.references import optional, required
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.collateral import recoveries
from graphrisk.kernels.ledger import FIRST_EQUITY, KNOWN, NOTHING, SCALE, Flags, Floats, Ints, Ledger, rows_by

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
    pledge_facility: Ints  # pledges by asset and rank
    pledge_asset: Ints
    pledge_pays: Floats  # what each pays if the whole facility is called
    pledge_owner: Ints  # who loses it; -1 where that is the borrower himself or nobody known
    price_loss: Floats  # (assets,) loss of value by a fall of price
    asset_owner: Ints  # (assets,)
    notes: tuple[str, ...]

    @property
    def price_loss_of_party(self) -> Floats:
        """Money that each party loses by the fall of its assets' prices (parties,)."""
        owned = self.asset_owner >= 0
        return np.bincount(self.asset_owner[owned], weights=self.price_loss[owned], minlength=self.graph.size).astype(
            np.float64
        )


def layers_with_data(graph: RiskGraph) -> tuple[str, ...]:
    """Return the layers that hold rows."""
    table = {"collateral": "pledges"}
    return tuple(name for name in LAYERS if graph.rows(table.get(name, name)) or graph.rows(name))


def build_book(graph: RiskGraph, *, layers: Collection[str], price_change: Floats | None = None) -> Book:
    """Return the ledger of `graph` with the layers named.

    `price_change` (assets,): relative change of each asset's value. Raises DataError for a contract on an id that is
    not in its table.
    """
    notes: list[str] = []
    used = tuple(name for name in LAYERS if name in layers)
    equity, known = _equity(graph, notes)
    party = np.zeros((7, graph.size))
    party[FIRST_EQUITY], party[KNOWN], party[SCALE] = equity, known, np.maximum(np.abs(equity), 1.0)
    creditor, debtor, claim = _claims(graph, "exposures" in used, notes)
    owner, owned, stake = _stakes(graph, "ownership" in used, known, notes)
    borrower = required(graph, "facilities", "borrower_id")
    lender = optional(graph, "facilities", "lender_id")
    due = graph.floats("facilities", "outstanding")
    facility, asset, pays, covered = _pledges(graph, "collateral" in used, due, price_change, notes)
    asset_owner = optional(graph, "collateral", "owner_id")
    pledger = np.where(asset_owner[asset] == borrower[facility], -1, asset_owner[asset])
    others = np.flatnonzero(pledger >= 0)
    pledge_start, order = rows_by(facility[others], len(due))
    guarantees = guarantee_lines(graph, "guarantees" in used, borrower, notes)
    claim_start, claim_order = rows_by(debtor, graph.size)
    stake_start, stake_order = rows_by(owned, graph.size)
    loan_start, loan_order = rows_by(borrower, graph.size)
    for name, one, other in (
        ("exposures", creditor, debtor),
        ("ownership rows", owner, owned),
        ("facilities", lender, borrower),
    ):
        _note_self_loops(name, one, other, notes)
    value = graph.floats("collateral", "value")
    fall = np.zeros(len(value)) if price_change is None or "collateral" not in used else -price_change * value
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
        pledger=pledger[others][order],
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
        pledge_facility=facility,
        pledge_asset=asset,
        pledge_pays=pays,
        pledge_owner=pledger,
        price_loss=fall,
        asset_owner=np.array(asset_owner),
        notes=tuple(notes),
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


def _pledges(
    graph: RiskGraph, on: bool, due: Floats, price_change: Floats | None, notes: list[str]
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return facility, asset and payment of each pledge, by asset and rank, and what each facility is covered for."""
    if not on or not graph.rows("pledges"):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(len(due))
    facility, asset = required(graph, "pledges", "facility_id"), required(graph, "pledges", "collateral_id")
    given = graph.floats("pledges", "rank")
    rank = np.where(np.isnan(given), 1, given).astype(np.int64)
    allocated = graph.floats("pledges", "allocated_amount")
    open_ = np.isnan(allocated)
    allocated = np.where(open_, due[facility], allocated)
    haircut = graph.floats("collateral", "haircut")
    bare = np.isnan(haircut)
    haircut = np.where(bare, 0.0, haircut)
    pledged = np.unique(asset)
    if bare[pledged].any():
        notes.append(f"{int(bare[pledged].sum()):,} pledged assets have no haircut: taken as 0")
    if (open_ & (haircut[asset] > 0.0)).any():
        notes.append(
            f"{int((open_ & (haircut[asset] > 0.0)).sum()):,} pledges of assets with a haircut name no allocated "
            "amount: the facility's due is taken as the value allocated, and the haircut applies to it"
        )
    ownerless = graph.positions("collateral", "owner_id")[pledged] < 0
    if ownerless.any():
        notes.append(f"{int(ownerless.sum()):,} pledged assets have no owner: no party bears what they pay")
    price = 1.0 + (np.zeros(graph.rows("collateral")) if price_change is None else price_change)
    order = np.lexsort((facility, rank, asset))
    covered, pays = recoveries(
        facility=facility[order],
        asset=asset[order],
        rank=rank[order],
        allocated=allocated[order],
        due=due,
        value=graph.floats("collateral", "value"),
        lending_value=price * (1.0 - haircut),
    )
    return facility[order], asset[order], pays, covered


def _note_self_loops(name: str, one: Ints, other: Ints, notes: list[str]) -> None:
    loops = int((one == other).sum())
    if loops:
        notes.append(f"{loops:,} {name} run from a party to itself: counted as they stand")
