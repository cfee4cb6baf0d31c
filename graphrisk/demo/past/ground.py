"""The ground of the past: who and what there is in a district, with the places for contracts and who stands at them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.credit import Loans
from graphrisk.demo.dice import Dice, Flags, Floats, Ints
from graphrisk.demo.firms import Block
from graphrisk.demo.past.contracts import OnDay, Places, numbered_by

WRITTEN_OFF = 548
"""Days after which a loan in default leaves the book, and its borrower counts as closed (our judgement)."""
SETTLED = 92
"""Days after a default until the last call or claim on it is settled, and the contract ends."""
_LEFT = 0.5
"""What is left of a loan in default on the books: the rest is paid, sold or written off (as in `credit`)."""
_TERMS = {"supplies": 730, "ownership": 2500, "control": 1500, "ties": 3000, "fund_flows": 180}
_ENDS = {
    "guarantees": ("guarantor_id", "debtor_id"),
    "supplies": ("supplier_id", "buyer_id"),
    "exposures": ("creditor_id", "debtor_id"),
    "dependencies": ("dependent_id", "on_id"),
    "fund_flows": ("payer_id", "payee_id"),
    "ownership": ("owner_id", "owned_id"),
    "control": ("controller_id", "controlled_id"),
    "ties": ("a_id", "b_id"),
}
_STAYS = ("control", "ties", "fund_flows")
"""Relations that a default does not end."""
_AT_ONCE = ("supplies", "dependencies")
"""Relations that end on the day of the default: nothing is delivered any more. Others end once they are settled."""
_UNNUMBERED = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A day and how each client stands on it (n,): in the book, day of default (above the day: none), whether its
    guarantees, claims and shares have ended by it, late, watched."""

    day: int
    there: Flags
    down_on: Ints
    ended: Flags
    late: Ints
    watched: Flags

    @property
    def down(self) -> Flags:
        """Who is in default or was (n,)."""
        fallen: Flags = self.down_on <= self.day
        return fallen

    @property
    def closed(self) -> Flags:
        """Whose loans have left the book (n,)."""
        gone: Flags = self.day - self.down_on >= WRITTEN_OFF
        return gone


class Ground:
    """The tables of a bank that nothing has happened to, and what of them stands on a day."""

    def __init__(self, block: Block, loans: Loans, tables: Mapping[str, pa.Table], since: int) -> None:
        """`tables`: of the last day, with nobody in default; `since`: the first day that is asked for."""
        self.block, self.loans = block, loans
        self._tables = tables
        self.entry = _days(tables["parties"].slice(0, block.count), "client_since_on")
        ids = tables["parties"]["party_id"].combine_chunks()
        self._ids = ids
        self._firm = _firm_of(ids.to_pylist(), block)
        first = np.zeros(loans.count, dtype=bool)
        first[loans.first[loans.first >= 0]] = True
        self._loans = Places(
            block.dice("terms of loans"),
            loans.start,
            np.maximum(loans.maturity - loans.start, 180),
            since,
            always=first,
        )
        self._factor = 1.0 - 0.3 * block.dice("earlier loans").uniform(loans.count)
        self._places = {
            name: Places(
                block.dice(f"terms of {name}"), _days(tables[name], column),
                np.full(tables[name].num_rows, _TERMS.get(name, 730)), since,
            )
            for name, column in (
                ("guarantees", "from_on"), ("supplies", "from_on"), ("ownership", "from_on"), ("control", "from_on"),
                ("ties", "from_on"), ("fund_flows", "paid_on"),
            )
        }  # fmt: skip
        self._pairs = {name: tuple(self._at(name, column) for column in pair) for name, pair in _ENDS.items()}

    def on(self, now: Now) -> dict[str, pa.Table]:
        """Return what stands on a day: parties, loans, what secures them, and every relation."""
        facilities, lent = self._facilities(now)
        found = {"parties": self._parties(now), "facilities": facilities}
        found |= self._secured(now, lent)
        supplied = self._relation("supplies", now)
        found["supplies"] = supplied
        for name in ("guarantees", "ownership", "control", "ties"):
            found[name] = self._relation(name, now)
        pairs = _pairs_of(supplied, "supplier_id", "buyer_id")
        delivered = dataclasses.replace(now, down_on=np.where(now.ended, now.down_on, now.day + 1))
        owed = _pairs_of(self._relation("supplies", delivered), "supplier_id", "buyer_id")
        found["exposures"] = self._following(
            "exposures", now, owed, pc.equal(self._tables["exposures"]["kind"], "loan")
        )
        found["dependencies"] = self._following("dependencies", now, pairs, None)
        flows = self._relation("fund_flows", now)
        keep = pc.is_null(flows["facility_id"])
        known = pc.is_in(flows["facility_id"], value_set=facilities["facility_id"].combine_chunks())
        found["fund_flows"] = flows.filter(pc.or_(keep, known))
        return found

    def due(self) -> Floats:
        """Return what each client owes in its first loan, in the loan's currency (n,); NaN without one."""
        outstanding = self._tables["facilities"]["outstanding"].to_numpy()
        first = self.loans.first
        return (
            np.where(first >= 0, outstanding[np.maximum(first, 0)], np.nan)
            if len(outstanding)
            else np.full(len(first), np.nan)
        )

    def _parties(self, now: Now) -> pa.Table:
        table, n = self._tables["parties"], self.block.count
        status = np.where(self.block.status == 3, 3, np.where(now.watched, 1, 0))
        status = np.where(now.closed, 3, np.where(now.down, 2, status))
        kinds = pa.array(["active", "watch", "defaulted", "closed"]).take(pa.array(status))
        rest = table["status"].combine_chunks().slice(n)
        table = _with(table, "status", pa.concat_arrays([kinds, rest]))
        return table.filter(pa.array(self._there(self._firm, now)))

    def _facilities(self, now: Now) -> tuple[pa.Table, Flags]:
        table, loans, block = self._tables["facilities"], self.loans, self.block
        who, here = loans.borrower, self._loans.on(now.day, loans.maturity)
        older = here.start < loans.start
        down = now.down[who]
        whole = table["outstanding"].to_numpy()
        due = np.where(
            older, np.maximum(np.rint(whole * self._factor / 1000.0) * 1000.0, np.minimum(whole, 1000.0)), whole
        )
        due = np.where(down & (due > 0), np.maximum(np.rint(due * _LEFT / 1000.0) * 1000.0, 1000.0), due)
        first = loans.first[who] == np.arange(loans.count)
        late = np.where(due > 0, np.where(down | first, now.late[who], 0), 0)
        graded = np.searchsorted([1, 91, 181, 361], late, side="right")
        graded = np.maximum(graded, (now.watched[who] & ~down).astype(np.int64))
        words = pa.array(["正常", "关注", "次级", "可疑", "损失"])
        renewed = here.renewed & (here.start > self.entry[who])
        columns = {
            "facility_id": numbered_by(table["facility_id"].combine_chunks(), here.younger),
            "outstanding": pa.array(due),
            "limit_amount": pa.array(np.maximum(table["limit_amount"].to_numpy(), due)),
            "start_on": _dates(np.maximum(here.start, self.entry[who])),
            "maturity_on": _dates(np.where(down, np.maximum(here.end, here.start + 30), np.maximum(here.end, now.day))),
            "days_past_due": pa.array(late),
            "classification": words.take(pa.array(graded)),
            "renewed_on": _dates(np.where(renewed, here.start, -1)),
            "renewal_basis": pc.if_else(pa.array(renewed), pa.scalar("续贷"), pa.scalar(None, pa.string())),
        }
        for name, values in columns.items():
            table = _with(table, name, values)
        there = here.there & now.there[who] & ~now.closed[who]
        return table.filter(pa.array(there)), there & (block.status[who] != 3)

    def _secured(self, now: Now, lent: Flags) -> dict[str, pa.Table]:
        """Return assets and pledges of the loans that stand (`lent` (loans,)); assets are valued every year."""
        pledges, assets = self._tables["pledges"], self._tables["collateral"]
        at = _place(pledges["facility_id"], self.loans.ids)
        here = self._loans.on(now.day, self.loans.maturity)
        held = pledges.filter(pa.array(lent[at]))
        at = at[lent[at]]
        held = _with(held, "facility_id", numbered_by(self.loans.ids, here.younger).take(pa.array(at)))
        held = _with(held, "from_on", _dates(np.minimum(np.maximum(here.start[at], 0), now.day)))
        ends = held["to_on"].combine_chunks().cast(pa.int32()).fill_null(-1).to_numpy()
        held = _with(held, "to_on", _dates(np.where(ends >= 0, np.maximum(ends, now.day + 1), -1)))
        half = pa.array(
            np.where(now.down[self.loans.borrower[at]] | (here.start[at] < self.loans.start[at]), False, True)
        )
        kept = pc.if_else(half, held["allocated_amount"].combine_chunks(), pa.scalar(None, pa.float64()))
        held = _with(held, "allocated_amount", kept)
        held = _with(
            held,
            "currency",
            pc.if_else(pc.is_valid(kept), held["currency"].combine_chunks(), pa.scalar(None, pa.string())),
        )
        used = pc.is_in(assets["collateral_id"], value_set=held["collateral_id"].combine_chunks())
        assets = assets.filter(used)
        valued = _days(assets, "valued_on")
        back = np.maximum(-((now.day - valued) // 365), 0)
        return {"collateral": _with(assets, "valued_on", _dates(valued - 365 * back)), "pledges": held}

    def _relation(self, name: str, now: Now) -> pa.Table:
        """Return the rows of a relation that hold on a day, both ends being in the book and, mostly, not in default."""
        table = self._tables[name]
        start, until = ("paid_on", None) if name == "fund_flows" else ("from_on", "to_on")
        last = _days(table, until) if until else np.full(table.num_rows, -1)
        here = self._places[name].on(now.day, last)
        keep = here.there & self._both(name, now) & ((here.end < 0) | (here.end > now.day) | (name == "fund_flows"))
        began = here.start if name == "fund_flows" else np.maximum(here.start, self._entered(name))
        keep &= began <= now.day
        table = _with(table, start, _dates(began))
        if until:
            table = _with(table, until, _dates(here.end))
        if name == "guarantees":
            table = self._named_guarantees(table, here)
        return table.filter(pa.array(keep))

    def _named_guarantees(self, table: pa.Table, here: OnDay) -> pa.Table:
        return _with(table, "guarantee_id", numbered_by(table["guarantee_id"].combine_chunks(), here.younger))

    def _following(self, name: str, now: Now, pairs: pa.Array, free: pa.Array | None) -> pa.Table:
        """Return claims and dependences between those who deliver to one another on the day, and those `free` of it."""
        table = self._tables[name]
        one, other = _ENDS[name]
        joined = pc.or_(
            pc.is_in(_joined(table, one, other), value_set=pairs), pc.is_in(_joined(table, other, one), value_set=pairs)
        )
        keep = joined if free is None else pc.or_(joined, free)
        return table.filter(pc.and_(keep, pa.array(self._both(name, now))))

    def _both(self, name: str, now: Now) -> Flags:
        """Return where both ends of a relation are in the book and not in default (or it outlives that)."""
        one, other = self._pairs[name]
        found = self._there(one, now) & self._there(other, now)
        if name not in _STAYS:
            found &= ~self._fallen(name, now)
        return found

    def _fallen(self, name: str, now: Now) -> Flags:
        """Return where a default has ended a relation; an owner in person of a firm in default keeps its shares."""
        down = np.append(now.down | now.ended if name in _AT_ONCE else now.ended, False)
        one, other = (
            down[np.where(self._client(name, column), at, -1)]
            for column, at in zip(_ENDS[name], self._pairs[name], strict=True)
        )
        if name != "ownership":
            return np.asarray(one | other)
        return np.asarray(one | (other & self._client(name, "owner_id")))

    def _client(self, name: str, column: str) -> Flags:
        return np.asarray(pc.starts_with(self._tables[name][column], "C").to_numpy(zero_copy_only=False), dtype=bool)

    def _there(self, firm: Ints, now: Now) -> Flags:
        found: Flags = np.append(now.there, True)[firm]
        return found

    def _entered(self, name: str) -> Ints:
        entry = np.append(self.entry, 0)
        one, other = self._pairs[name]
        found: Ints = np.maximum(entry[one], entry[other])
        return found

    def _at(self, name: str, column: str) -> Ints:
        """Return for each row of a relation the client that its party is, or stands behind; -1: neither."""
        place = pc.index_in(self._tables[name][column], value_set=self._ids)
        return np.asarray(self._firm[place.to_numpy()])


def dice_of(block: Block, purpose: str, month: int) -> Dice:
    """Return the stream of a district for one purpose in one month."""
    return Dice(block.seed, block.district, purpose, month)


def _firm_of(ids: list[str], block: Block) -> Ints:
    """Return the position of the client that each party is or, of an owner, stands behind; -1 where neither."""
    place = {int(number): k for k, number in enumerate(block.number.tolist())}
    number = [int(one[1:]) // (2 if one[0] == "P" else 1) if one[0] in "CPH" else _UNNUMBERED for one in ids]
    return np.array([place.get(one, -1) for one in number], dtype=np.int64)


def _days(table: pa.Table, column: str) -> Ints:
    values = table[column].combine_chunks().cast(pa.int32()).fill_null(-1)
    return np.asarray(values.to_numpy(), dtype=np.int64)


def _dates(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=days < 0).cast(pa.date32())


def _with(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), values.cast(table.schema.field(at).type))


def _place(ids: pa.ChunkedArray, among: pa.Array) -> Ints:
    return np.asarray(pc.index_in(ids, value_set=among).to_numpy(), dtype=np.int64)


def _joined(table: pa.Table, one: str, other: str) -> pa.Array:
    return pc.binary_join_element_wise(table[one], table[other], ">")


def _pairs_of(table: pa.Table, one: str, other: str) -> pa.Array:
    joined = _joined(table, one, other)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined
