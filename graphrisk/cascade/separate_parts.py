"""Which parties can bear on one another at all: the parts of the book between which no loss passes."""

from __future__ import annotations

import numpy as np

from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, Ints
from graphrisk.kernels.network.components import component_labels


def separate_parts(book: Book) -> Ints:
    """Return the smallest party of each party's part (parties,).

    Claims, stakes, guarantees, loans of other lenders and assets that are shared hold a part together; whoever delivers
    or buys lies in one, because firms of an industry stand in for one another.
    """
    ledger, size = book.ledger, book.graph.size
    borrower, lender = ledger.facility[BORROWER], ledger.facility[LENDER]
    lent = lender >= 0
    pairs = [
        (book.claim_creditor, book.claim_debtor),
        (book.stake_owner, book.stake_owned),
        (ledger.contract[GUARANTOR, ledger.line[CONTRACT]], borrower[book.line_facility]),
        (borrower[lent], lender[lent]),
        *_over_assets(book),
    ]
    if book.supply is not None and len(book.supply.supplier):
        trading = np.unique(np.concatenate([book.supply.supplier, book.supply.buyer]))
        pairs.append((trading[:-1], trading[1:]))
    one, other = (np.concatenate(side).astype(np.int64) for side in zip(*pairs, strict=True))
    there = (one >= 0) & (other >= 0)
    return component_labels(size, one[there], other[there], "weak")


def _over_assets(book: Book) -> list[tuple[Ints, Ints]]:
    """Return pairs that hold together who shares an asset: its owner, and the borrowers whose loans it secures."""
    pledges = book.pledges
    borrower = book.ledger.facility[BORROWER][pledges.facility]
    order = np.argsort(pledges.asset, kind="stable")
    asset, borrower = pledges.asset[order], borrower[order]
    same = asset[1:] == asset[:-1]
    return [(borrower[:-1][same], borrower[1:][same]), (pledges.asset_owner[asset], borrower)]
