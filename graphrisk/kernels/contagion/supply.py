"""The supply layer of the joint map: one synchronous step of production lost to missing inputs and missing orders.

Source: the recursion of C. Diem, A. Borsos, T. Reisch, J. Kertesz, S. Thurner, "Quantifying firm-level economic
systemic risk from nation-wide supply networks", Scientific Reports 12, 7719 (2022); profit lost by Z. Tabachova, C.
Diem, A. Borsos, C. Burger, S. Thurner, "Estimating the impact of supply chain network contagion on financial
stability", Journal of Financial Stability 75 (2024). Kept as losses 1 - h. Which firms can stand in for
each other is a market; an essential input binds alone, by its supplier's industry, all others together. What is known
to be sold and bought besides the recorded deliveries stands still: nobody carries a shock into or out of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.ledger import (
    EQUITY,
    FAILED,
    FIRST_EQUITY,
    FIXED,
    KNOWN,
    NOTHING,
    SUPPLIES,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    rows_by,
)
from graphrisk.kernels.contagion.sweep import mark


class Supply(NamedTuple):
    """Deliveries, by buyer, group of inputs and supplier; and the same rows by supplier."""

    buyer_start: Ints  # (parties + 1,)
    supplier: Ints  # (rows,)
    group: Ints  # (rows,) 0 for what is not essential, else a number of the supplier's industry, from 1
    weight: Floats  # (rows,) part of the buyer's production that hangs on the row
    supplier_start: Ints  # (parties + 1,)
    row: Ints  # rows by supplier
    buyer: Ints  # (rows,) of those
    order: Floats  # (rows,) of those: part of the supplier's sales
    sales: Floats  # (parties,) in all, of those too who neither deliver nor buy here
    market: Ints  # (parties,)
    market_sales: Floats  # (markets,) of everybody


def supply_rows(
    supplier: Ints,
    buyer: Ints,
    amount: Floats,
    essential: Flags,
    industry: Ints,
    size: int,
    *,
    sold: Floats | None = None,
    bought: Floats | None = None,
) -> tuple[Supply, Ints]:
    """Return the deliveries in the form of the step, and the given row of each of its rows.

    `industry` (size,): firms of one number share a market; a firm with a number of its own has none to stand in.
    `sold`, `bought` (size,): what each firm sells, and buys of inputs, in all; where unknown (NaN) or less than what is
    recorded, the recorded sum is taken. With neither, the step is that of the source.
    """
    sales = np.bincount(supplier, weights=amount, minlength=size).astype(np.float64)
    inputs = np.bincount(buyer, weights=amount, minlength=size).astype(np.float64)
    sales = sales if sold is None else np.fmax(sales, sold)
    inputs = inputs if bought is None else np.fmax(inputs, bought)
    market = np.unique(industry, return_inverse=True)[1].astype(np.int64)
    markets = int(market.max(initial=-1)) + 1
    kind = industry[supplier]
    order = np.lexsort((np.arange(len(buyer)), supplier, np.where(essential, kind + 1, 0), buyer))
    supplier, buyer, amount, kind = supplier[order], buyer[order], amount[order], kind[order]
    pair = np.unique(np.stack([buyer, kind]), axis=1, return_inverse=True)[1]
    of_kind = np.bincount(pair, weights=amount) if len(pair) else amount
    essential = essential[order]
    whole = np.where(essential, of_kind[pair] if len(pair) else amount, inputs[buyer])
    by_supplier, rows = rows_by(supplier, size)
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(buyer, minlength=size), out=starts[1:])
    return Supply(
        buyer_start=starts,
        supplier=supplier,
        group=np.where(essential, kind + 1, 0),
        weight=np.divide(amount, whole, out=np.zeros(len(amount)), where=whole > 0.0),
        supplier_start=by_supplier,
        row=rows,
        buyer=buyer[rows],
        order=np.divide(amount, sales[supplier], out=np.zeros(len(amount)), where=sales[supplier] > 0.0)[rows],
        sales=sales,
        market=market,
        market_sales=np.bincount(market, weights=sales, minlength=markets).astype(np.float64),
    ), order


def more_by_itself(lost: Floats, before: Floats, by_others: Floats) -> Floats:
    """Return what of the growth of each firm's loss of production from `before` to `lost` it owes to its own stop.

    Arrays of (parties,) in [0, 1]. `by_others`: what the stopping of others costs it now, whether it stands or not; as
    far as that reaches the growth is theirs.
    """
    found: Floats = np.maximum(lost - np.maximum(before, by_others), 0.0)
    return found


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def share_missed(supply: Supply, room: Floats, k: int) -> float:
    """Return what part of the deliveries of firm `k` nobody can stand in for; `room` (markets,): sales left."""
    if supply.sales[k] <= 0.0:
        return 0.0
    left = room[supply.market[k]]
    if left <= NOTHING * supply.market_sales[supply.market[k]]:
        return 1.0
    return float(min(1.0, supply.sales[k] / left))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lost_by_itself(ledger: Ledger, state: State, i: int, by_loss: bool) -> float:
    """Return the part of its production that party `i` loses by itself: all in default, `by_loss` as its equity."""
    if state.party_flag[i, FAILED]:
        return 1.0
    if not by_loss:
        return 0.0
    if ledger.party[i, KNOWN] == 0.0:
        return float(state.money[i, FIXED])
    first = ledger.party[i, FIRST_EQUITY]
    return float(min(1.0, max(0.0, (first - state.money[i, EQUITY]) / first))) if first > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def market_shares(supply: Supply, down: Floats) -> Floats:
    """Return what part of each firm's deliveries nobody can stand in for (parties,)."""
    room = np.zeros(len(supply.market_sales))
    for i in range(len(down)):
        room[supply.market[i]] += supply.sales[i] * (1.0 - down[i])
    share = np.zeros(len(down))
    for i in range(len(down)):
        share[i] = share_missed(supply, room, i)
    return share


@njit(cache=True, nogil=True, error_model="numpy")
def supply_step(supply: Supply, floor: Floats, down: Floats, up: Floats, new_down: Floats, new_up: Floats) -> float:
    """Write the losses of production after one step; return the largest change.

    `floor` (parties,): production a firm loses by itself. `down`, `up`: losses so far for want of inputs and of orders.
    """
    share = market_shares(supply, down)
    largest = 0.0
    for j in range(len(floor)):
        worst, total, group = floor[j], 0.0, -1
        for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
            if supply.group[e] != group:
                worst, total, group = max(worst, total), 0.0, supply.group[e]
            total += share[supply.supplier[e]] * down[supply.supplier[e]] * supply.weight[e]
        new_down[j] = min(1.0, max(worst, total))
        lost = 0.0
        for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
            lost += supply.order[e] * up[supply.buyer[e]]
        new_up[j] = min(1.0, max(floor[j], lost))
        largest = max(largest, abs(new_down[j] - down[j]), abs(new_up[j] - up[j]))
    return largest


NEVER, IN_DEFAULT, BY_LOSS = range(3)


@dataclass(slots=True, kw_only=True)
class SupplyLayer:
    """The supply layer of one run: it is asked before each sweep and sets what every firm loses by it.

    `profit` (parties,): money lost with all production; `shock` (parties,): production lost at the start; `stops`: when
    a party stops delivering by itself; `staged`: production settles first and stays as it is. `down`, `up`: losses of
    production for want of inputs and of orders; `before_down`, `before_up`: one step earlier; `own`: what of its loss
    each firm owes to its own stop, on top of what others cost it until then.
    """

    supply: Supply
    profit: Floats
    shock: Floats
    stops: int
    staged: bool
    tolerance: float
    max_rounds: int
    down: Floats = field(init=False)
    up: Floats = field(init=False)
    before_down: Floats = field(init=False)
    before_up: Floats = field(init=False)
    floor: Floats = field(init=False)
    own: Floats = field(init=False)
    rounds: int = 0

    def begin(self, ledger: Ledger, state: State, /) -> None:
        """Start from what the shock takes at once; staged: run to the end."""
        self.floor = self._by_itself(ledger, state)
        self.down, self.up = self.floor.copy(), self.floor.copy()
        self.before_down, self.before_up = self.down, self.up
        self.own = self.floor.copy()
        self._settle_first()

    def go_on(self, base: SupplyLayer, ledger: Ledger, state: State, /) -> None:
        """Start from the production at the end of the unshocked run, less what the shock takes at once."""
        self.floor = self._by_itself(ledger, state)
        self.down, self.up = np.maximum(base.down, self.floor), np.maximum(base.up, self.floor)
        self.before_down, self.before_up = self.down, self.up
        self.own = base.own + (self.lost - base.lost)
        self._settle_first()

    def _settle_first(self) -> None:
        change = 1.0
        while self.staged and change > self.tolerance:
            if self.rounds >= self.max_rounds:
                raise ConvergenceError(
                    f"production did not settle in {self.max_rounds:,} rounds: it still changes by {change:.3g}",
                    hint="raise max_rounds or tolerance",
                )
            change = self._step()

    def before_sweep(self, ledger: Ledger, _rule: Rule, state: State, /) -> float:
        """Make one step, pass on the profit lost; return the largest change of production."""
        change = 0.0
        if not self.staged:
            self.floor = self._by_itself(ledger, state)
            change = self._step()
        _lose(state, self.lost * self.profit)
        return change

    @property
    def lost(self) -> Floats:
        """The part of its production that each firm loses (parties,)."""
        found: Floats = np.maximum(self.down, self.up)
        return found

    def one_more(self, ledger: Ledger, state: State, /) -> float:
        """Return the largest change of production that one more step would make; nothing is changed."""
        floor = self.floor if self.staged or self.stops == NEVER else self._by_itself(ledger, state)
        return float(
            supply_step(self.supply, floor, self.down, self.up, np.empty_like(self.down), np.empty_like(self.up))
        )

    @property
    def lost_if_it_stood(self) -> Floats:
        """The part of its production that each firm would lose had it not failed, all others as they are (parties,)."""
        down, up = np.empty_like(self.down), np.empty_like(self.up)
        supply_step(self.supply, self.shock, self.down, self.up, down, up)
        found: Floats = np.maximum(down, up)
        return found

    def _step(self) -> float:
        down, up = np.empty_like(self.down), np.empty_like(self.up)
        change = float(supply_step(self.supply, self.floor, self.down, self.up, down, up))
        before = self.lost
        self.before_down, self.before_up = self.down, self.up
        self.down, self.up = down, up
        if ((self.floor > 0.0) & (self.lost > before)).any():
            supply_step(self.supply, np.zeros_like(down), self.before_down, self.before_up, *(others := _pair(down)))
            self.own = self.own + more_by_itself(self.lost, before, np.maximum(*others))
        self.rounds += 1
        return change

    def _by_itself(self, ledger: Ledger, state: State) -> Floats:
        if self.stops == NEVER:
            return self.shock
        floor: Floats = np.maximum(self.shock, state.party_flag[:, FAILED].astype(np.float64))
        if self.stops == IN_DEFAULT:
            return floor
        first, known = ledger.party[:, FIRST_EQUITY], ledger.party[:, KNOWN] > 0.0
        able = known & (first > 0.0)
        part = np.divide(first - state.money[:, EQUITY], first, out=np.zeros(len(first)), where=able)
        part = np.where(known, np.clip(part, 0.0, 1.0), state.money[:, FIXED])
        whole: Floats = np.maximum(floor, part)
        return whole


@njit(cache=True, nogil=True, error_model="numpy")
def _lose(state: State, lost: Floats) -> None:
    """Set the losses by the supply layer; those that change are computed anew in the sweep that follows."""
    for i in range(len(lost)):
        if state.money[i, SUPPLIES] != lost[i]:
            state.money[i, SUPPLIES] = lost[i]
            mark(state, i, False)


def _pair(like: Floats) -> tuple[Floats, Floats]:
    return np.empty_like(like), np.empty_like(like)
