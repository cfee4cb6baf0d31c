"""What each party causes if it alone fails, beyond the unshocked run.

    loss_caused      = sum over the others of (max(E0, 0) - max(E, 0)) + the loss of OUR bank (lender_id null) on all
                       its facilities, the seed's own too, less the same in the run without a shock
    bank_loss_caused = its second part
    defaults_caused  = who fails beyond the unshocked run, without the seed

A party in default without any shock has 0, except for its lost production under supply_default=none. A seed whose run
swings for ever has null in every column: the reference cannot say.
"""

from __future__ import annotations

from tests.reference.book import Book
from tests.reference.run import NeverAtRestError, Outcome, shocked_run, to_rest
from tests.reference.settings import Settings, Shock
from tests.reference.sweep import State, takes_production
from tests.reference.tables import bank_loss


def fallen(book: Book, state: State, seed: str) -> float:
    """Return the equity above 0 that the others have lost."""
    known = [party for party in book.parties if party != seed and book.equity[party] is not None]
    return sum(max(book.equity[party], 0.0) - max(state.equity[party], 0.0) for party in known)


def our_bank(book: Book, state: State) -> float:
    """Return what our bank loses."""
    return sum(bank_loss(state, facility.id) for facility in book.facilities if facility.lender is None)


def of_seed(book: Book, settings: Settings, base: Outcome, seed: str) -> dict:
    """Return the row of one seed, but for its rank."""
    row = {"party_id": seed, "loss_caused": 0.0, "bank_loss_caused": 0.0, "defaults_caused": 0}
    if seed in base.state.failed and not takes_production(book, settings):
        return row
    try:
        hit = shocked_run(book, settings, Shock(fraction={seed: 1.0}), base)
    except NeverAtRestError:
        return dict.fromkeys(row) | {"party_id": seed}
    bank = our_bank(book, hit.state) - our_bank(book, base.state)
    others = fallen(book, hit.state, seed) - fallen(book, base.state, seed)
    row["loss_caused"] = others + bank
    row["bank_loss_caused"] = bank
    row["defaults_caused"] = len(hit.state.failed - base.state.failed - {seed})
    return row


def importance(book: Book, settings: Settings) -> list[dict]:
    """Return contagion_importance: every party as seed, the most harmful first."""
    base = to_rest(book, settings, Shock(), None)
    rows = [of_seed(book, settings, base, seed) for seed in book.parties]
    rows.sort(key=lambda row: (-(row["loss_caused"] or 0.0), row["party_id"]))
    for rank, row in enumerate(rows, start=1):
        known = True if row["loss_caused"] is not None else None
        row |= {"lower": row["loss_caused"], "upper": row["loss_caused"], "exact": known, "rank": rank}
    return rows
