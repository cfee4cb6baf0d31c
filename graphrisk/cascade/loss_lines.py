"""The lines of which a party's loss is made: each from one debtor, firm owned, asset, contract or supplier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.cascade.contract_lines import (
    COLLATERAL,
    EXPOSURE,
    GROWTH,
    GUARANTEE,
    LAYERS,
    LENDING,
    OWN_STOP,
    SHOCK,
    SUPPLIES,
    Detail,
    DetailFinder,
    Moment,
)
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import CONTRACT, Floats, Ints

INITIAL = len(LAYERS)
"""No line: a party that had no equity left before anything happened failed by this."""
SAME = 1e-9
"""Lines within this part of the largest are a tie, which the smallest key wins."""


class Lines(NamedTuple):
    """Loss lines: `victim` loses `amount` by `kind`, `key`: a party, asset or contract by kind, `other` a buyer."""

    victim: Ints
    kind: Ints
    key: Ints
    other: Ints
    amount: Floats


class LineFinder:
    """Finds the lines of chosen parties without going through the whole book: those of their contracts, added up."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._contracts = DetailFinder(book)

    def lines(self, parties: Ints, moment: Moment) -> Lines:
        """Return the lines of `parties` with a loss, one per kind and key, in the order of party, kind, key."""
        return self._added_up(self._contracts.all_of(parties, moment))

    def _added_up(self, found: Detail, amount: Floats | None = None) -> Lines:
        """Return contract lines as lines by kind and key; `amount`: of another column of them."""
        book, row = self._book, found.row
        kind = np.where(found.layer == LENDING, EXPOSURE, found.layer)  # a claim and a loan on one debtor are one line
        key = np.where(kind == SHOCK, 0, found.source)
        called = kind == GUARANTEE
        key[called] = book.ledger.line[CONTRACT, row[called]]
        pledged = kind == COLLATERAL
        key[pledged & (row < 0)] = -1 - row[pledged & (row < 0)]
        key[pledged & (row >= 0)] = book.pledges.asset[row[pledged & (row >= 0)]]
        delivered = kind == SUPPLIES
        own_inputs = delivered & (row == found.victim)
        key[delivered & ~own_inputs] = found.victim[delivered & ~own_inputs]
        other = np.where(delivered, row, -1)
        return _one_per_key(found.victim, kind, key, other, found.amount if amount is None else amount)

    def added_lines(self, parties: Ints, moment: Moment, base: Moment | None) -> Lines:
        """Return by how much the lines of `parties` grew since `base`, the end of the unshocked run (None: from 0)."""
        now = self.lines(parties, moment)
        return now if base is None else grown(now, self.lines(parties, base))

    def causes(self, parties: Ints, moment: Moment, base: Moment | None = None) -> tuple[Ints, Ints, Ints]:
        """Return (kind, key, other) of the line of each of `parties` that grew most since `base`; ties: smallest key.

        What a party loses because it stopped itself is an effect, never a cause. A party of unknown equity, or without
        any loss, failed by a call: the contract with the largest unmet call; else by a shock to its production.
        """
        lines = self.added_lines(parties, moment, base)
        counts = (lines.kind != OWN_STOP) & self._book.ledger.known[lines.victim]
        lines = Lines(*(column[counts] for column in lines))
        kind = np.full(len(parties), GUARANTEE)
        key, other = np.zeros(len(parties), dtype=np.int64), np.full(len(parties), -1)
        place = np.searchsorted(parties, lines.victim)
        most = np.zeros(len(parties))
        np.maximum.at(most, place, lines.amount)
        chosen = np.flatnonzero(lines.amount >= most[place] * (1.0 - SAME))[::-1]  # the first written last wins
        kind[place[chosen]], key[place[chosen]] = lines.kind[chosen], lines.key[chosen]
        other[place[chosen]] = lines.other[chosen]
        bare = np.flatnonzero(most <= 0.0)
        if len(bare):
            calls = self._contracts.calls(parties[bare], moment)
            unmet = self._added_up(calls, calls.unmet - (0.0 if base is None else base.unmet[calls.row]))
            place = np.searchsorted(parties, unmet.victim)
            np.maximum.at(most, place, unmet.amount)
            chosen = np.flatnonzero(unmet.amount >= most[place] * (1.0 - SAME))[::-1]
            key[place[chosen]] = unmet.key[chosen]
            kind[bare[most[bare] <= 0.0]] = SHOCK  # a shock to its production cost it its profit, and nothing else
        return kind, key, other

    def text(self, victim: int, kind: int, key: int, other: int) -> str:
        """Return the name of a line, as `contagion_parties.cause` writes it."""
        graph = self._book.graph
        ids = graph.party_ids
        if kind == INITIAL:
            return "initial"
        if kind == SHOCK:
            return LAYERS[SHOCK]
        if kind == EXPOSURE:
            return f"exposure:{ids[victim]}-{ids[key]}"
        if kind == GUARANTEE:
            return f"guarantee:{graph.texts('guarantees', 'guarantee_id')[key]}"
        if kind == COLLATERAL:
            return f"collateral:{graph.texts('collateral', 'collateral_id')[key]}"
        if kind == SUPPLIES:
            return f"supplies:{ids[key]}-{ids[other]}"
        if kind == OWN_STOP:
            return f"own_stop:{ids[victim]}"
        return f"ownership:{ids[key]}"


def _one_per_key(victim: Ints, kind: Ints | int, key: Ints, other: Ints, amount: Floats) -> Lines:
    kinds = np.broadcast_to(np.asarray(kind), victim.shape)
    order, first = _same_key(victim, kinds, key, other)
    total = np.add.reduceat(amount[order], first) if len(first) else amount
    chosen, total = order[first[total > 0.0]], total[total > 0.0]
    return Lines(victim[chosen], kinds[chosen], key[chosen], other[chosen], total)


def _same_key(victim: Ints, kind: Ints, key: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return (order by victim, kind, key, other; the first row in it of each group that shares them)."""
    order = np.lexsort((other, key, kind, victim))
    fresh = np.ones(len(order), dtype=bool)
    for column in (victim, kind, key, other):
        fresh[1:] &= np.diff(column[order]) == 0
    fresh[1:] = ~fresh[1:]
    return order, np.flatnonzero(fresh)


def grown(now: Lines, before: Lines) -> Lines:
    """Return the lines that grew, each by how much; what two runs differ by in rounding is no growth."""
    victim, kind, key, other = (np.concatenate(pair) for pair in zip(now[:4], before[:4], strict=True))
    order, first = _same_key(victim, kind, key, other)
    if not len(first):
        return now
    more = np.add.reduceat(np.concatenate([now.amount, -before.amount])[order], first)
    size = np.add.reduceat(np.concatenate([now.amount, before.amount])[order], first)
    real = more > GROWTH * size
    chosen = order[first[real]]
    return Lines(victim[chosen], kind[chosen], key[chosen], other[chosen], more[real])
