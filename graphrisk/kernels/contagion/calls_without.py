"""The guarantee calls of a finished run settled again with one contract less, all else as it was.

Source: our own; the procedure is that of `calls`, stated in docs/methods/contagion.md.
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.closing import Balance
from graphrisk.kernels.contagion.guarantee_calls import settle
from graphrisk.kernels.contagion.ledger import (
    ASKED,
    BATCH,
    CAPACITY,
    CLUSTER,
    CONTRACT,
    GUARANTOR,
    LINES,
    RANK,
    SHORTFALL,
    UNPAID,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    fresh_state,
    rows_by,
)
from graphrisk.kernels.contagion.rooms import Room, borrowed, ledger_in, state_in


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(room: Ints, count: int) -> None:
    settle(ledger_in(room), state_in(room), count)


class CallsWithout:
    """Settles the calls of one cluster again without a contract."""

    def __init__(self, ledger: Ledger, rule: Rule, balance: Balance, *, split: Flags) -> None:
        """Take a closed balance. `split` (lines,): whether a line's share was not given but split by caps."""
        self._ledger = ledger._replace(cap=ledger.cap.copy(), share=ledger.share.copy())
        self._first, self._balance = ledger, balance
        self._split = split
        lost = balance.shock + balance.exposures + balance.ownership + balance.supplies + balance.collateral
        self._capacity: Floats = np.where(ledger.known, np.maximum(0.0, ledger.equity - lost), 0.0)
        if rule.caps:
            self._capacity = np.where(ledger.known, self._capacity, np.inf)
        if rule.unlimited:
            self._capacity = np.full(len(lost), np.inf)
        self._state = fresh_state(ledger)
        self._state.facility_money[SHORTFALL] = balance.shortfall
        self._room = borrowed(Room(self._ledger, self._state, None, None))
        short = np.flatnonzero((balance.shortfall > 0.0) & (ledger.facility[CLUSTER] >= 0))
        starts, order = rows_by(ledger.facility[CLUSTER, short], ledger.clusters)
        self._starts, self._short = starts, short[order]
        self._lines = rows_by(ledger.line[CONTRACT], ledger.contract.shape[1])

    def called(self) -> Ints:
        """Return the contracts that were asked for anything."""
        asked = np.zeros(self._ledger.contract.shape[1])
        np.add.at(asked, self._ledger.line[CONTRACT], self._balance.asked)
        return np.flatnonzero(asked > 0.0)

    def without(self, contract: int) -> tuple[Ints, Floats, Ints, Floats]:
        """Return (facilities, unpaid more of each, guarantor of each line, asked more of it) without a contract."""
        ledger, state = self._ledger, self._state
        starts, order = self._lines
        mine = order[starts[contract] : starts[contract + 1]]
        facility_start = ledger.facility_start[LINES]
        facility = np.searchsorted(facility_start, mine, side="right") - 1
        cluster = int(ledger.facility[CLUSTER, facility[0]])
        batch = self._short[self._starts[cluster] : self._starts[cluster + 1]]
        touched = []
        for line, f in zip(mine.tolist(), facility.tolist(), strict=True):
            rows = np.arange(facility_start[f], facility_start[f + 1])
            rows = rows[(ledger.line[RANK, rows] == ledger.line[RANK, line]) & self._split[rows]]
            rest = 1.0 - float(ledger.share[line])
            if self._split[line] and rest > 0.0:
                ledger.share[rows] /= rest
                touched.append(rows)
        ledger.cap[contract] = 0.0
        length = facility_start[batch + 1] - facility_start[batch]
        within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        lines = np.repeat(facility_start[batch], length) + within
        guarantor = ledger.contract[GUARANTOR, ledger.line[CONTRACT, lines]]
        state.money[guarantor, CAPACITY] = self._capacity[guarantor]
        state.facility_list[BATCH, : len(batch)] = batch
        _settle(self._room, len(batch))
        unpaid = state.facility_money[UNPAID, batch] - self._balance.unpaid[batch]
        asked = state.line_money[ASKED, lines] - self._balance.asked[lines]
        ledger.cap[contract] = self._first.cap[contract]
        for rows in touched:
            ledger.share[rows] = self._first.share[rows]
        return batch, unpaid, guarantor, asked
