"""Clearing of a large network of debts: an unshocked run of `contagion` under rule en, against a scipy loop.

    python -m benchmarks.clearing [PARTIES DEBTS]

Target: at 1,000,000 parties and 8,000,000 debts at least as fast as the scipy loop, which finds the payments and no
more. The answers are compared before times are shown. Times are CPU seconds of one thread; the ledger is built before,
and that is shown apart.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import sparse

from benchmarks.against import Row
from benchmarks.contagion import cpu, said
from benchmarks.contagion_books import debt_book
from benchmarks.networks import Floats
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, unshocked_run
from graphrisk.graph.book import Book
from graphrisk.model.result import Inputs

TOLERANCE = 1e-10


def scipy_loop(book: Book, owed: Floats, assets: Floats) -> Floats:
    """Return what each party pays of what it owes (parties,): the loop that one writes by hand."""
    size = book.graph.size
    part = np.divide(1.0, owed, out=np.zeros(size), where=owed > 0.0)
    received = sparse.csr_array(
        (book.claim * part[book.claim_debtor], (book.claim_creditor, book.claim_debtor)), shape=(size, size)
    )
    paid = owed
    while True:
        after = np.minimum(owed, assets + received @ paid)
        if np.abs(after - paid).max() <= TOLERANCE * owed.max():
            return np.asarray(after)
        paid = after


def main(size: int = 100_000, debts: int = 800_000) -> list[Row]:
    making, _, graph = cpu(lambda: debt_book(size, debts))
    params = Params(rule="en", tolerance=TOLERANCE)
    building, _, (book, shock, _) = cpu(lambda: prepare(graph, params, Inputs()))
    owed, equity = graph.latest("total_liabilities"), graph.equity
    claims = np.bincount(book.claim_creditor, weights=book.claim, minlength=size)
    assets = equity + owed - claims
    small = prepare(debt_book(60, 300), params, Inputs())
    unshocked_run(small[0], small[1], params, explain=False)
    hand, _, paid = cpu(lambda: scipy_loop(book, owed, assets), 3)
    taken, _, done = cpu(lambda: unshocked_run(book, shock, params, explain=False), 3)
    lost = np.divide(owed - paid, owed, out=np.zeros(size), where=owed > 0.0)
    assert np.abs(done.balance.loss - lost).max() <= 1e-6
    print(f"{size:,} parties, {debts:,} debts; graph {making:.1f} s, ledger {building:.2f} s (not counted)")
    print(
        f"  a run that clears and closes the books {taken:.3f} s, {done.run.rounds} sweeps, "
        f"{(lost > 0.0).mean():.0%} cannot pay in full; scipy loop {hand:.3f} s: {hand / taken:.2f} x, "
        f"{said(hand >= taken, '1 x')}"
    )
    return [Row(f"clearing, {size:,} parties and {debts:,} debts", taken, "scipy loop, payments alone", hand)]


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
