"""The months of a bank, each drawn forward from the one before: own defaults, what they pass on, what the bank sees.

A bank without contagion is drawn from the same numbers: the same clients with the same accounts, contracts, strain and
own defaults, of which none is passed on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.accounts import Mix, statement
from graphrisk.demo.credit import Loans
from graphrisk.demo.dice import Floats, fraction, rounded
from graphrisk.demo.filling import day, fill, words
from graphrisk.demo.firms import Block
from graphrisk.demo.past.calendar import LAST, as_date, first_day, last_day
from graphrisk.demo.past.coming import LEAST_DAYS, MOST_DAYS, Coming, Fall
from graphrisk.demo.past.ground import SETTLED, Ground, Now, dice_of
from graphrisk.demo.past.signals import Signals
from graphrisk.demo.past.standing import Year, years
from graphrisk.demo.past.strain import chances, step, within_a_year
from graphrisk.demo.past.surroundings import surroundings, together
from graphrisk.demo.sectors import GRADE_PD, GRADES

BEFORE = 12
"""Months that are drawn before the first that is written, so that it has a past too."""
_NEVER = 10**8
_RECOVERS = 1.0 / 24.0
"""Part of what a survivor lost by others that it earns back in a month (our judgement)."""
_STATEMENT_DAYS = 120
"""Days after the end of a year on which the bank has the accounts."""
_MODEL = "内部评级"


@dataclass(frozen=True, slots=True, kw_only=True)
class Default:
    """A default: when, whose, of its own or passed on: then by whom, through which contract, whose own default was
    the first of it, and on which day `by` was in default."""

    on: date
    party: str
    by: str = ""
    through: str = ""
    first: str = ""
    cause_on: date | None = None

    def as_row(self) -> dict[str, str]:
        """Return it as `story.json` has it."""
        row = {"party_id": self.party, "occurred_on": self.on.isoformat(), "kind": "passed_on" if self.by else "own"}
        if self.cause_on is None:
            return row
        cause = {"cause_on": self.cause_on.isoformat()}
        return row | {"by": self.by, "through": self.through, "first": self.first} | cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The end of a month: the tables of the day, the month's defaults, and the true PD by one's own of each client
    not in default, over the next twelve months."""

    day: date
    tables: dict[str, pa.Table]
    defaults: tuple[Default, ...]
    true_pd: dict[str, float] = field(default_factory=dict)


class Course:
    """A district on its way: `pass_month` goes on by a month, `tables` says how it stands."""

    def __init__(self, block: Block, loans: Loans, tables: dict[str, pa.Table], months: int, contagion: bool) -> None:
        self._block, self._contagion = block, contagion
        first = LAST - months - BEFORE + 1
        self.months = range(first, LAST + 1)
        self._years = years(block, first // 12, LAST // 12)
        self._ground = Ground(block, loans, tables, last_day(first))
        self._signals = Signals(block, loans)
        n = block.count
        self._strained = np.zeros(n, dtype=np.int64)
        self._down_on = np.full(n, _NEVER)
        self._coming = Coming(block.ids)
        self._lost = np.zeros(n)
        known = np.flatnonzero(~np.isnan(block.assets))
        self._known, self._mix = known, Mix.drawn(block, known, block.dice("financials"))
        self._cash: Floats | None = None
        self._statements: list[tuple[int, pa.Table]] = []
        self._ratings: list[pa.Table] = []
        self._rated = np.zeros(n, dtype=bool)
        self._perceived = block.dice("perception").normal(n, 0.0, 0.5)
        self._owner = rounded(block.dice("owners' credit").normal(n, 0.0, 40.0))
        self._relations = block.dice("relationship")
        self._products = 1 + self._relations.whole(n, np.array([3, 5, 7, 9])[block.size]) + (loans.first >= 0)
        self._contact = rounded(self._relations.uniform(n, 10.0, 100.0))
        self._share = np.where(loans.first >= 0, block.wallet, 0.0)
        self._telling = self._relations.flags(n, 0.9)
        for year in (first // 12 - 2, first // 12 - 1):
            self._close_year(year)

    def pass_month(self, month: int) -> tuple[Default, ...]:
        """Draw a month, and return its defaults in the order of party."""
        block, year, n = self._block, self._years[month // 12], self._block.count
        end = last_day(month)
        dice = dice_of(block, "months", month)
        first, second, when = dice.uniform(n), dice.uniform(n), dice.whole(n, 18)
        there = self._ground.entry <= end
        open_ = there & (self._down_on > end) & (block.status != 3)
        fails, strained = step(chances(year.pd), self._strained, first, second)
        self._strained = np.where(open_, strained, 0)
        own = np.flatnonzero(fails & open_)
        found = {int(k): Default(on=as_date(first_day(month) + int(when[k])), party=self._id(int(k))) for k in own}
        if self._contagion:
            self._pass_on(month, {k: _day_of(one.on) for k, one in found.items()})
        for k, fall in self._coming.due(end).items():
            if k not in found or fall.on < _day_of(found[k].on):
                found[k] = self._fallen(k, fall)
        self._coming.forget(found)
        for k, one in found.items():
            self._down_on[k] = _day_of(one.on)
        fallen = np.array(sorted(found), dtype=np.int64)
        self._strained[fallen] = 0
        self._lost[fallen] = 0.0
        self._signals.pass_month(month, year.block, there, self._strained, self._down_on)
        self._signals.take_defaults(month, fallen, self._down_on, self._ground.due())
        self._lost *= 1.0 - _RECOVERS
        if month % 12 == 11:
            self._close_year(month // 12)
        self._rate(month, year)
        return tuple(found[k] for k in sorted(found))

    def _fallen(self, k: int, fall: Fall) -> Default:
        by = self._coming.place_of(fall.by)
        fell = _NEVER if by is None else int(self._down_on[by])  # a supplier may stop without a default of its own
        cause = fell if fell < fall.on else fall.cause
        return Default(
            on=as_date(fall.on), party=self._id(k), by=fall.by, through=fall.through, first=fall.first,
            cause_on=as_date(cause),
        )  # fmt: skip

    def _pass_on(self, month: int, own: dict[int, int]) -> None:
        """Note who will fall by the own defaults of a month (day by client), and what the survivors lose.

        Whoever is to fall already has passed on what it passes on, so nobody meets it again.
        """
        from graphrisk.demo.past.spreading import spread_month

        fresh = np.array([k for k in own if k not in self._coming], dtype=np.int64)
        gone = np.array(self._coming.clients, dtype=np.int64)
        if not len(fresh):
            return
        end = last_day(month)
        now = dataclasses.replace(self._now(end), ended=self._down_on <= end)
        now.ended[gone] = True
        around = surroundings(as_date(end), self.months[0] // 12 - 2)
        tables = together(around, {**self._ground.on(now), "financials": self._as_they_stand(month)})
        passed, lost = spread_month(tables, as_date(end), self._block.ids, fresh)
        self._lost = self._lost + lost
        delays = LEAST_DAYS + dice_of(self._block, "delays", month).whole(self._block.count, MOST_DAYS - LEAST_DAYS + 1)
        self._coming.take(passed, {self._id(k): own[k] for k in fresh.tolist()}, delays)

    def tables(self, month: int) -> dict[str, pa.Table]:
        """Return the tables of a month's last day."""
        end = last_day(month)
        now = self._now(end)
        around = surroundings(as_date(end), self.months[0] // 12 - 2)
        ground = self._ground.on(now)
        published = pa.concat_tables(t for on, t in self._statements if on + _STATEMENT_DAYS <= end)
        ours = pc.is_in(published["party_id"], value_set=ground["parties"]["party_id"].combine_chunks())
        mine = {
            **ground,
            "financials": published.filter(ours),
            "behaviour": self._signals.behaviour(month, now.there & ~now.closed),
            "events": _of(ground, self._signals.events(end)),
            "ratings": pa.concat_tables(self._ratings),
            "relationship": self._relationship(month, now),
        }
        return together(around, mine)

    def true_pd(self, month: int) -> dict[str, float]:
        """Return the true PD over the next twelve months, by their own, of the clients not in default."""
        now = self._now(last_day(month))
        values = fraction(within_a_year(chances(self._years[month // 12].pd), self._strained > 0), 6)
        at = np.flatnonzero(now.there & ~now.down & (self._block.status != 3))
        return dict(zip(self._block.ids.take(pa.array(at)).to_pylist(), values[at].tolist(), strict=True))

    def _now(self, end: int) -> Now:
        return Now(
            day=end,
            there=self._ground.entry <= end,
            down_on=self._down_on,
            ended=end - self._down_on >= SETTLED,
            late=self._signals.late,
            watched=self._signals.watched,
        )

    def _id(self, k: int) -> str:
        return str(self._block.ids[k].as_py())

    def _close_year(self, number: int) -> None:
        """Write the accounts of a year's end: of who is not in default, less what it lost by others."""
        block = self._years[min(max(number + 1, min(self._years)), max(self._years))].block
        end = day(number, 12, 31)
        less = np.where(block.guarantor, 0.0, rounded(self._lost, 1000.0))
        left = dataclasses.replace(
            block,
            assets=block.assets - less,
            equity=np.where(less > 0.0, np.maximum(block.equity - less, 50_000.0), block.equity),
        )
        growth = np.ones(len(self._known))
        table, self._cash = statement(left, self._known, self._mix, end, growth, self._cash)
        keep = (self._down_on[self._known] > end) & (self._ground.entry[self._known] <= end + 365)
        self._statements.append((end, table.filter(pa.array(keep))))

    def _as_they_stand(self, month: int) -> pa.Table:
        """Return the latest accounts of each firm, published or not, with the net assets that it has now."""
        end = last_day(month)
        block = self._years[month // 12].block
        latest = self._statements[-1][1] if self._statements[-1][0] <= end else self._statements[-2][1]
        at = pc.index_in(latest["party_id"], value_set=block.ids).to_numpy()
        equity = np.maximum(block.equity[at] - np.where(block.guarantor[at], 0.0, self._lost[at]), 1000.0)
        place = latest.schema.get_field_index("equity")
        return latest.set_column(place, latest.schema.field(place), pa.array(equity))

    def _rate(self, month: int, year: Year) -> None:
        """Rate every client in June, and a new one in its first month: as the bank's own people see it, not truly."""
        block, end, n = self._block, last_day(month), self._block.count
        here = (self._ground.entry <= end) & (block.status != 3)
        due = np.flatnonzero(here & (~self._rated | (month % 12 == 5)))
        dice = dice_of(block, "ratings", month)
        seen = year.pd * np.exp(self._perceived) * dice.lognormal(n, 0.25) * np.where(self._strained > 0, 2.0, 1.0)
        bounds = np.sqrt(GRADE_PD[:6] * GRADE_PD[1:7])
        grade = np.where(self._down_on <= end, 7, np.searchsorted(bounds, seen))
        pd = np.where(grade == 7, 1.0, fraction(GRADE_PD[grade] * dice.uniform(n, 0.75, 1.3), 5))
        self._rated[due] = True
        table = fill(
            "ratings", len(due), party_id=block.ids.take(pa.array(due)), as_of_on=end, model=_MODEL, pd=pd[due],
            grade=words(GRADES, grade[due]), source="demo",
        )  # fmt: skip
        self._ratings.append(table)

    def _relationship(self, month: int, now: Now) -> pa.Table:
        block, end = self._block, last_day(month)
        at = np.flatnonzero(now.there)
        pd = self._years[month // 12].pd
        grade = np.searchsorted(np.sqrt(GRADE_PD[:6] * GRADE_PD[1:7]), pd)
        credit = np.clip(690.0 - 35.0 * (grade - 3) + self._owner, 350.0, 850.0)
        return fill(
            "relationship",
            len(at),
            party_id=block.ids.take(pa.array(at)),
            as_of_on=end,
            products=self._products[at],
            tenure_months=np.floor((end - self._ground.entry[at]) / 30.4375),
            contact_score=self._contact[at],
            share_of_wallet=self._share[at],
            owner_credit_score=np.where(self._telling, credit, np.nan)[at],
        )


def _day_of(one: date) -> int:
    return one.toordinal() - date(1970, 1, 1).toordinal()


def _of(ground: dict[str, pa.Table], events: pa.Table) -> pa.Table:
    """Return the events, without the loan where it has left the book."""
    at = events.schema.get_field_index("facility_id")
    stands = pc.is_in(events["facility_id"], value_set=ground["facilities"]["facility_id"].combine_chunks())
    loans = pc.if_else(stands, events["facility_id"], pa.scalar(None, pa.string()))
    return events.set_column(at, events.schema.field(at), loans)


def drawn_months(course: Course, months: int) -> Iterator[Month]:
    """Yield the last `months` months of a course, tables and all."""
    for month in course.months:
        defaults = course.pass_month(month)
        if month > LAST - months:
            yield Month(
                day=as_date(last_day(month)),
                tables=course.tables(month),
                defaults=defaults,
                true_pd=course.true_pd(month),
            )
