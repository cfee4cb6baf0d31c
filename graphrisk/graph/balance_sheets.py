"""What the valuations of a claim need of a debtor's balance sheet: debts, external assets and their volatility."""

from __future__ import annotations

import numpy as np

from graphrisk.errors import DataError
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import (
    ASSETS,
    BORROWER,
    CONTRACT,
    FLOOR,
    GUARANTOR,
    LENDER,
    OWED,
    SIGMA,
    Flags,
    Floats,
)
from graphrisk.model.note import Note


def value_by_balance_sheet(
    book: Book, *, shock: Floats, seniority: str, alpha: float, beta: float, sigma: float | None, lognormal: bool
) -> tuple[Floats, tuple[str, ...]]:
    """Return `book.ledger.party` with what en, rv and merton (`lognormal`) need, and notes.

    pbar = max(total liabilities, exposures and facilities owed), external assets = equity + pbar - own claims, less the
    shock. Raises DataError with a count where a party that takes part lacks its equity, or its volatility.
    """
    graph, ledger, notes = book.graph, book.ledger, []
    size = graph.size
    inside = np.zeros(size)
    claims = np.zeros(size)
    if len(book.claim):
        amount = _owed(book)
        inside += np.bincount(book.claim_debtor, weights=amount, minlength=size)
        claims += np.bincount(book.claim_creditor, weights=amount, minlength=size)
    inside += np.bincount(ledger.facility[BORROWER], weights=book.due, minlength=size)
    lent = ledger.facility[LENDER] >= 0
    claims += np.bincount(ledger.facility[LENDER, lent], weights=book.due[lent], minlength=size)
    part = _takes_part(book, inside + claims)
    blind = part & ~ledger.known
    if blind.any():
        ids = ", ".join(str(i) for i in graph.party_ids[blind][:5])
        raise DataError(
            f"{int(blind.sum()):,} parties that take part have no known equity, which this rule needs: {ids}",
            hint="add it to financials, leave the layer out, or take rule threshold or debtrank",
            where="financials.equity",
        )
    total = graph.latest("total_liabilities")
    unsaid = part & np.isnan(total)
    if unsaid.any():
        many = int(unsaid.sum())
        notes.append(
            Note(
                "parties_without_liabilities",
                f"{many:,} parties have no total_liabilities: what they owe in the book is taken",
                f"{many:,} 户没有 total_liabilities ：取其在账簿中的负债",
            )
        )
    owed = np.maximum(np.where(np.isnan(total), 0.0, total), inside)
    assets = ledger.equity + owed - claims - shock
    if (part & (assets < 0.0)).any():
        many = int((part & (assets < 0.0)).sum())
        notes.append(
            Note(
                "external_assets_negative",
                f"{many:,} parties have claims above equity and debts together: their external assets are negative, "
                "taken as they are",
                f"{many:,} 户的债权超过净资产与负债之和：其外部资产为负，按原样计",
            )
        )
    party = ledger.party.copy()
    party[:, OWED] = inside if seniority == "senior" else owed
    party[:, FLOOR] = (alpha - beta) * assets - ((1.0 - beta) * (owed - inside) if seniority == "senior" else 0.0)
    party[:, ASSETS] = np.maximum(assets, 0.0)
    if lognormal:
        party[:, SIGMA] = _volatility(book, part, sigma)
    return party, tuple(notes)


def _volatility(book: Book, part: Flags, sigma: float | None) -> Floats:
    graph = book.graph
    found = graph.latest("equity_volatility") if sigma is None else np.full(graph.size, sigma)
    lacking = part & ~(found > 0.0)
    if lacking.any():
        ids = ", ".join(str(i) for i in graph.party_ids[lacking][:5])
        raise DataError(
            f"{int(lacking.sum()):,} parties that take part have no volatility above 0, which rule merton needs: {ids}",
            hint="add financials.equity_volatility, or give one for all: --set sigma=0.2",
            where="financials.equity_volatility",
        )
    return np.where(part, found, 1.0)


def _owed(book: Book) -> Floats:
    """Return what is owed under each claim of the book, before its loss given default."""
    owed = book.claim.copy()
    for table, first in book.claims.tables:
        if table == "exposures":
            owed[first : first + book.graph.rows(table)] = book.graph.floats(table, "amount")
    return owed


def _takes_part(book: Book, money: Floats) -> Flags:
    ledger = book.ledger
    part = money > 0.0
    part[ledger.contract[GUARANTOR, ledger.line[CONTRACT]]] = True
    part[ledger.owner] = True
    part[book.stake_owned] = True
    part[ledger.pledger] = True
    return part
