"""The parts into which a book falls: no loss ever runs from one to another, so each can be looked at alone."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphrisk.kernels.contagion.collateral import Pledges
from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CLAIMS,
    CONTRACT,
    GUARANTOR,
    LENDER,
    LINES,
    PLEDGES,
    STAKES,
    Ints,
    Ledger,
)
from graphrisk.kernels.contagion.supply_losses import Supply


def parts_of_book(ledger: Ledger, *, supply: Supply | None = None, pledges: Pledges | None = None) -> tuple[Ints, Ints]:
    """Return (the part of each party (parties,), the contracts in each part (parts,)).

    Parties are in one part where contracts tie them, whichever way the loss runs. `supply`: deliveries and markets tie
    too; `pledges`: a class of assets whose price can move ties those who own such assets and those who pledged them.
    """
    size, facilities = ledger.party.shape[0], ledger.facility.shape[1]
    facility = size + np.arange(facilities)
    lines_of = np.repeat(facility, np.diff(ledger.facility_start[LINES]))
    pledges_of = np.repeat(facility, np.diff(ledger.facility_start[PLEDGES]))
    lent = ledger.facility[LENDER] >= 0
    ties: list[tuple[Ints, Ints]] = [
        (ledger.creditor, np.repeat(np.arange(size), np.diff(ledger.start[CLAIMS]))),
        (ledger.owner, np.repeat(np.arange(size), np.diff(ledger.start[STAKES]))),
        (ledger.facility[BORROWER], facility),
        (ledger.facility[LENDER, lent], facility[lent]),
        (ledger.contract[GUARANTOR, ledger.line[CONTRACT]], lines_of),
        (ledger.pledger, pledges_of),
    ]
    nodes = size + facilities
    if supply is not None:
        delivering = np.isin(supply.market, supply.market[supply.supplier])  # a market of which somebody buys here
        sells = np.flatnonzero(delivering & (supply.sales > 0.0))
        ties.append((supply.supplier, np.repeat(np.arange(size), np.diff(supply.buyer_start))))
        ties.append((sells, nodes + supply.market[sells]))
        nodes += len(supply.market_sales)
    if pledges is not None:
        owned = np.flatnonzero(pledges.asset_owner >= 0)
        ties.append((pledges.asset_owner[owned], nodes + pledges.classes[owned]))
        ties.append((size + pledges.facility, nodes + pledges.classes[pledges.asset]))
        nodes += int(pledges.classes.max(initial=-1)) + 1
    one, other = (np.concatenate(ends).astype(np.int64) for ends in zip(*ties, strict=True))
    net = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(nodes, nodes)).tocsr()
    label = connected_components(net, directed=False)[1].astype(np.int64)
    return label[:size], np.bincount(label[one], minlength=int(label.max(initial=-1)) + 1).astype(np.int64)
