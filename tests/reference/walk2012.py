"""DebtRank of 2012: a walk over exposures, not a fixed point.

    W_ij = min(1, A_ij / E_i). h_j = psi on the seeds, which are in distress. In each round h_i = min(1, h_i + sum over
    the parties j in distress of W_ij h_j), h_j of the round before; who is in distress passes on once and then rests.

A party whose equity is not above 0 has no ratio: it is lost (h = 1) and in distress from the start. The walk always
starts undistressed; the base run is the walk from those parties alone. A party of unknown equity can be a seed and
nothing else.

Left open and chosen: equity_after = E0 (1 - h), what is beyond the shock is loss_exposures; its lines are the hits,
uncapped, as in the other rules; a party is in default where h reaches 1, in the round in which it does.
"""

from __future__ import annotations

from tests.reference.book import Book
from tests.reference.run import Outcome, cause_of
from tests.reference.settings import Settings, Shock
from tests.reference.sweep import DEFAULT, add, in_default, taken_at_the_start, undistressed


def weights(book: Book) -> dict[tuple[str, str], float]:
    """Return W[i, j]."""
    claim: dict[tuple[str, str], float] = {}
    for row in book.claims:
        key = (row.creditor, row.debtor)
        claim[key] = claim.get(key, 0.0) + row.amount * row.lgd
    return {(i, j): min(1.0, a / book.equity[i]) for (i, j), a in claim.items() if (book.equity[i] or 0.0) > 0}


def walk(book: Book, settings: Settings, shock: Shock) -> Outcome:
    """Return the state at the end of the walk."""
    state = undistressed(book)
    result = Outcome(state, 0)
    h: dict[str, float] = {}
    for party in book.parties:
        first = book.equity[party]
        if first is None:
            h[party] = min(1.0, shock.fraction.get(party, 0.0))
        else:
            taken = taken_at_the_start(book, settings, shock, party)
            add(state, party, "shock", "loss_shock", taken)
            h[party] = 1.0 if first <= 0 else taken / first
        if h[party] >= 1 - DEFAULT:
            state.failed.add(party)
            result.default_round[party] = 0
            result.cause[party] = "initial" if first is not None and first <= 0 else "shock"
    distressed = {party for party in book.parties if h[party] > 0}
    done: set[str] = set()
    weight = weights(book)
    while distressed:
        result.rounds += 1
        hits: dict[str, dict[str, float]] = {}
        for (i, j), w in sorted(weight.items()):
            if j in distressed:
                hits.setdefault(i, {})[j] = w * h[j]
        done |= distressed
        new = dict(h)
        for i, parts in hits.items():
            new[i] = min(1.0, h[i] + sum(parts.values()))
            state.column[i]["loss_exposures"] += (new[i] - h[i]) * book.equity[i]
            for j, amount in parts.items():
                line = f"exposure:{i}-{j}"
                state.lines[i][line] = state.lines[i].get(line, 0.0) + amount * book.equity[i]
        distressed = {party for party in book.parties if new[party] > 0 and party not in done}
        h = new
        for party in sorted(book.parties):
            if party not in state.failed and h[party] >= 1 - DEFAULT:
                state.failed.add(party)
                result.default_round[party] = result.rounds
                result.cause[party] = cause_of(book, settings, shock, state, {p: {} for p in book.parties}, party)
    for party in book.parties:
        first = book.equity[party]
        state.equity[party] = None if first is None else first - sum(state.column[party].values())
        state.phi[party] = h[party]
    assert all(
        in_default(book, settings, shock, p, state.equity[p]) for p in state.failed if book.equity[p] is not None
    )
    return result
