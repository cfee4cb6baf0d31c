"""What the bank sees of each client month by month: its account, delays, suits and news.

Strain fades in: the longer a client is strained, the more it shows, at each in another strength. Accounts of sound
clients look strained at times, too, for a few months and for no reason that matters later (a season, a large order, a
dispute), and delays and suits come to the sound as well. Numbers are our judgement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.credit import Loans
from graphrisk.demo.dice import Dice, Flags, Floats, Ints, fraction, rounded
from graphrisk.demo.filling import fill, where, words
from graphrisk.demo.firms import Block
from graphrisk.demo.history import DETAILS, KINDS
from graphrisk.demo.past.calendar import first_day, last_day

FADES = 6
"""Months of strain until it shows in full."""
ALARMS, ALARM_MONTHS = 0.012, 3
"""Chance in a month that a client begins to look strained without being so, and for how long it does on average."""
_LATE, _LATE_STRAINED = 0.006, 0.30
_SUITS = ((2, 0.0025, 0.025), (3, 0.0004, 0.008), (4, 0.0025, 0.05), (5, 0.003, 0.02), (6, 0.0001, 0.008))
"""Kind of event, its chance in a month where all is well, and what full strain adds."""
_WATCHED, _LET_GO = 0.3, 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMonth:
    """One month of the accounts (n,): `late` in days; `there`: who was a client already."""

    there: Flags
    inflow: Floats
    outflow: Floats
    used: Floats
    overdraft: Ints
    late: Ints


class Signals:
    """The clients of a district as the bank saw them so far."""

    def __init__(self, block: Block, loans: Loans) -> None:
        dice, n = block.dice("habits"), block.count
        self._block, self._loans = block, loans
        self._level = dice.uniform(n, 0.3, 0.85)
        self._strength = dice.uniform(n, 0.4, 1.3)
        self._alarm = np.zeros(n, dtype=np.int64)
        self.late = np.zeros(n, dtype=np.int64)
        self.watched = np.zeros(n, dtype=bool)
        self._months: dict[int, AccountMonth] = {}
        self._events: list[pa.Table] = []

    def pass_month(self, month: int, block: Block, there: Flags, strained: Ints, down_on: Ints) -> None:
        """See a month: who is `there`, `strained` months at its end, the day of default (above the last: none); (n,).

        `block` has the accounts of the year.
        """
        dice, n = Dice(block.seed, block.district, "signals", month), block.count
        end = last_day(month)
        down = down_on <= end
        begins = (self._alarm == 0) & dice.flags(n, ALARMS)
        lasts = dice.flags(n, 1.0 - 1.0 / ALARM_MONTHS)
        self._alarm = np.where(begins, 1, np.where(lasts & (self._alarm > 0), self._alarm + 1, 0))
        shown = np.maximum(np.minimum(strained, FADES), np.minimum(3 * self._alarm, FADES)) / FADES
        trouble = np.where(down, 1.0, np.clip(shown * self._strength * dice.uniform(n, 0.6, 1.2), 0.0, 1.0))
        yearly = np.where(np.isnan(block.sales), block.bank_debt * 0.3, block.sales)
        usual = yearly / 12.0 * block.wallet
        missed = dice.flags(n, _LATE + _LATE_STRAINED * trouble)
        fresh = missed & (self.late == 0) & ~down
        self.late = np.where(down, end - down_on + 91, np.where(missed, np.minimum(self.late + 30, 89), 0))
        self._months[month] = AccountMonth(
            there=there,
            inflow=rounded(usual * (1.0 - 0.45 * trouble) * dice.uniform(n, 0.7, 1.3), 100.0),
            outflow=rounded(usual * (1.0 - 0.25 * trouble) * dice.uniform(n, 0.7, 1.3), 100.0),
            used=fraction(np.clip(self._level + 0.3 * trouble + dice.uniform(n, -0.1, 0.1), 0.0, 1.2), 3),
            overdraft=np.where(dice.flags(n, 0.03 + 0.6 * trouble), 1 + dice.whole(n, 12), 0),
            late=self.late,
        )
        looked = dice.uniform(n)
        uneasy = (trouble > 0.3) | (self.late >= 30)
        self.watched = ~down & np.where(self.watched, uneasy | (looked >= _LET_GO), uneasy & (looked < _WATCHED))
        self._take_events(month, dice, trouble, fresh & there, there & ~down)

    def take_defaults(self, month: int, clients: Ints, down_on: Ints, due: Floats) -> None:
        """Note the defaults of a month: known at once, with what is due of the first loan (n,)."""
        if len(clients):
            self._events.append(self._rows(month, clients, 0, down_on[clients], down_on[clients], due[clients]))

    def behaviour(self, month: int, known: Flags) -> pa.Table:
        """Return the accounts of the twelve months up to `month`, of the borrowers among `known` (n,)."""
        borrowers = known & (self._loans.first >= 0)
        return pa.concat_tables(
            self._accounts(m, seen, np.flatnonzero(borrowers & seen.there))
            for m, seen in self._months.items()
            if month - 12 < m <= month
        )

    def _accounts(self, month: int, seen: AccountMonth, who: Ints) -> pa.Table:
        return fill(
            "behaviour",
            len(who),
            party_id=self._block.ids.take(pa.array(who)),
            month_on=first_day(month),
            inflow=seen.inflow[who],
            outflow=seen.outflow[who],
            limit_utilisation=seen.used[who],
            days_past_due=seen.late[who],
            overdraft_days=seen.overdraft[who],
        )

    def events(self, day: int) -> pa.Table:
        """Return the events that the bank knows of on a day."""
        whole = pa.concat_tables(self._events)
        return whole.filter(pc.less_equal(whole["known_on"].cast(pa.int32()), day))

    def _take_events(self, month: int, dice: Dice, trouble: Floats, fresh: Flags, open_: Flags) -> None:
        n, start = self._block.count, first_day(month)
        when, heard = start + dice.whole(n, 28), dice.whole(n, 25)
        share = dice.uniform(n, 0.01, 0.2)
        drawn = [(kind, dice.flags(n, chance + more * trouble)) for kind, chance, more in _SUITS]
        owed = self._block.bank_debt
        for kind, there in ((1, fresh), *drawn):
            at = np.flatnonzero(there & open_ & ~((kind != 1) & self._block.person))
            if len(at):
                known = when[at] if kind == 1 else when[at] + heard[at]
                amount = rounded(owed[at] * share[at], 1000.0) if kind in (1, 2, 3) else np.full(len(at), np.nan)
                self._events.append(self._rows(month, at, kind, when[at], known, amount))

    def _rows(self, month: int, at: Ints, kind: int, happened: Ints, known: Ints, amount: Floats) -> pa.Table:
        first = self._loans.first[at]
        lent = (first >= 0) & (kind < 2)
        columns = {}
        if self._loans.count:
            columns["facility_id"] = where(lent, self._loans.ids.take(pa.array(np.maximum(first, 0))))
        numbers = self._block.number[at]
        return fill(
            "events",
            len(at),
            event_id=pa.array([f"E{month}{kind}{number:07d}" for number in numbers.tolist()]),
            party_id=self._block.ids.take(pa.array(at)),
            kind=words(KINDS, np.full(len(at), kind)),
            occurred_on=happened,
            known_on=known,
            amount=amount,
            currency=where(~np.isnan(amount), pa.repeat("CNY", len(at))),
            detail=words(DETAILS, np.full(len(at), kind)),
            source="demo",
            **columns,
        )
