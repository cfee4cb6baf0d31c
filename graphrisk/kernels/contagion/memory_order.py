"""A book under other row numbers, so that what is passed on together lies together in memory.

A drawn set follows contracts all over the book, and waits for memory more than it computes. Firms lie here in the order
in which production is worked out, guarantors by the firms that they stand behind, facilities by their cluster. The book
is the same, and so is what happens in it, but for the order in which amounts are added.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CLAIMS,
    CLUSTER,
    CONTRACT,
    GUARANTOR,
    LENDER,
    LINES,
    LOANS,
    PLEDGES,
    STAKES,
    Floats,
    Ints,
    Ledger,
)
from graphrisk.kernels.contagion.supply_losses import Supply


class Renumbered(NamedTuple):
    """A book in the order of memory, and whose row each of its rows is in the book as given."""

    ledger: Ledger
    supply: Supply
    profit: Floats
    party: Ints  # (parties,)
    facility: Ints  # (facilities,)


def in_memory_order(ledger: Ledger, supply: Supply, profit: Floats) -> Renumbered:
    """Return a ledger, its deliveries and the profit (parties,) that hangs on production in the order of memory."""
    party = _parties(ledger, supply.in_turn.firm)
    number = place_of(party)
    facility = _facilities(ledger, number)
    return Renumbered(
        _ledger(ledger, party, number, facility), _supply(supply, party, number), profit[party], party, facility
    )


def place_of(order: Ints) -> Ints:
    """Return where each row stands in an order of all."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def _parties(ledger: Ledger, firm: Ints) -> Ints:
    """Return the parties: firms in their order, then guarantors by the first firm that their cluster stands behind."""
    size = len(ledger.party)
    key = np.full(size, len(firm))
    key[firm] = np.arange(len(firm))
    first = _first_of_cluster(ledger, key)
    behind = np.where(ledger.cluster_of >= 0, first[ledger.cluster_of], size) if ledger.clusters else np.zeros(size)
    return np.lexsort((ledger.cluster_of, behind, key))


def _facilities(ledger: Ledger, number: Ints) -> Ints:
    """Return the facilities: those of a cluster together, clusters and others by their first borrower."""
    borrower, cluster = number[ledger.facility[BORROWER]], ledger.facility[CLUSTER]
    first = _first_of_cluster(ledger, number)
    lead = np.where(cluster >= 0, first[cluster], borrower) if ledger.clusters else borrower
    return np.lexsort((borrower, cluster, lead))


def _first_of_cluster(ledger: Ledger, key: Ints) -> Ints:
    """Return the least key of a borrower in each cluster."""
    first, cluster = np.full(ledger.clusters, len(key)), ledger.facility[CLUSTER]
    among = cluster >= 0
    np.minimum.at(first, cluster[among], key[ledger.facility[BORROWER, among]])
    return first


def _rows(start: Ints, order: Ints) -> tuple[Ints, Ints]:
    """Return the rows of groups that stand in another order, and where each group then starts."""
    size = np.diff(start)[order]
    starts = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    return np.repeat(start[:-1][order] - starts[:-1], size) + np.arange(starts[-1]), starts


def _by_appearance(names: Ints, count: int) -> Ints:
    """Return `count` names in the order in which they are first met, those that are never met last."""
    met, where = np.unique(names, return_index=True)
    return np.concatenate([met[np.argsort(where)], np.setdiff1d(np.arange(count), met)]).astype(np.int64)


def _ledger(ledger: Ledger, party: Ints, number: Ints, facility: Ints) -> Ledger:
    (claim, claims), (stake, stakes), (loan, loans) = (_rows(ledger.start[k], party) for k in (CLAIMS, STAKES, LOANS))
    (pledge, pledges), (line, lines) = (_rows(ledger.facility_start[k], facility) for k in (PLEDGES, LINES))
    facilities, line_rows = ledger.facility[:, facility], ledger.line[:, line]
    contract = _by_appearance(line_rows[CONTRACT], ledger.contract.shape[1])
    line_rows[CONTRACT] = place_of(contract)[line_rows[CONTRACT]]
    contracts = ledger.contract[:, contract]
    contracts[GUARANTOR] = number[contracts[GUARANTOR]]
    cluster = place_of(_by_appearance(facilities[CLUSTER, facilities[CLUSTER] >= 0], ledger.clusters))
    facilities[BORROWER] = number[facilities[BORROWER]]
    facilities[LENDER] = _renamed(facilities[LENDER], number)
    facilities[CLUSTER] = _renamed(facilities[CLUSTER], cluster)
    return ledger._replace(
        party=ledger.party[party],
        start=np.stack([claims, stakes, loans]),
        creditor=number[ledger.creditor[claim]],
        claim=ledger.claim[claim],
        owner=number[ledger.owner[stake]],
        stake=ledger.stake[stake],
        loan=place_of(facility)[ledger.loan[loan]],
        facility=np.ascontiguousarray(facilities),
        uncovered=ledger.uncovered[facility],
        facility_start=np.stack([pledges, lines]),
        pledger=number[ledger.pledger[pledge]],
        pledged=ledger.pledged[pledge],
        line=np.ascontiguousarray(line_rows),
        share=ledger.share[line],
        contract=np.ascontiguousarray(contracts),
        cap=ledger.cap[contract],
        cluster_of=_renamed(ledger.cluster_of[party], cluster),
    )


def _renamed(names: Ints, number: Ints) -> Ints:
    """Return the numbers of names, -1 of -1."""
    out = names.copy()
    out[names >= 0] = number[names[names >= 0]]
    return out


def _supply(supply: Supply, party: Ints, number: Ints) -> Supply:
    (bought, buyers), (sold, suppliers) = _rows(supply.buyer_start, party), _rows(supply.supplier_start, party)
    markets = _by_appearance(supply.market[party], len(supply.market_sales))
    market = place_of(markets)
    turned = supply.in_turn
    return Supply(
        buyer_start=buyers,
        supplier=number[supply.supplier[bought]],
        group=supply.group[bought],
        weight=supply.weight[bought],
        supplier_start=suppliers,
        row=place_of(bought)[supply.row[sold]],
        buyer=number[supply.buyer[sold]],
        order=supply.order[sold],
        sales=supply.sales[party],
        market=market[supply.market[party]],
        market_sales=supply.market_sales[markets],
        in_turn=turned._replace(firm=number[turned.firm], market=market[turned.market]),
    )
