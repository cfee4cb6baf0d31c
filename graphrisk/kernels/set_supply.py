"""Production in drawn scenarios: the synchronous step of the supply layer, over those alone whose level can change.

The same steps, in the same order, as `graphrisk.kernels.supply.SupplyLayer` takes from full production, so that a
drawn set ends where a whole run of it ends; what it touched is put back before the next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.kernels.ledger import (
    CHANGED,
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
    State,
)
from graphrisk.kernels.supply import Supply
from graphrisk.kernels.sweep import mark

# columns of Output.level: production lost for want of inputs, of orders, by itself, and the first two one step on
DOWN, UP, FLOOR, NEXT_DOWN, NEXT_UP = range(5)
# rows of Output.queue: to compute anew in the next step, those being computed in this one, ever changed
ANEW_DOWN, ANEW_UP, NOW_DOWN, NOW_UP, MOVED = range(5)
# further places in Output.counts and what stands there: markets whose room ever changed
MARKETS = 5


class Output(NamedTuple):
    """Where production stands in one scenario; everything is 0 before it."""

    level: Floats  # (parties, 5)
    queue: Ints  # (5, parties)
    queued: Flags  # (5, parties)
    room: Floats  # (markets,) sales that the firms of a market can still make
    hurt: Ints  # (markets,) a firm of the market that lost inputs, or -1; the others follow
    following: Ints  # (parties,) the next such firm of its market, -1: none, -2: not among them
    touched: Flags  # (markets,)
    markets: Ints  # (markets,)
    now: Flags  # (markets,) whose room changes in this step
    counts: Ints  # (6,)


def full_output(supply: Supply, size: int) -> Output:
    """Return production before any loss; `size`: number of parties."""
    markets = len(supply.market_sales)
    return Output(
        level=np.zeros((size, 5)),
        queue=np.zeros((5, size), dtype=np.int64),
        queued=np.zeros((5, size), dtype=np.bool_),
        room=supply.market_sales.copy(),
        hurt=np.full(markets, -1, dtype=np.int64),
        following=np.full(size, -2, dtype=np.int64),
        touched=np.zeros(markets, dtype=np.bool_),
        markets=np.zeros(markets, dtype=np.int64),
        now=np.zeros(markets, dtype=np.bool_),
        counts=np.zeros(6, dtype=np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def stop_at_once(supply: Supply, made: Output, ledger: Ledger, state: State, by_loss: bool) -> None:
    """Set the losses of production of those that changed before the first step, and tell their partners."""
    for i in range(state.counts[CHANGED]):
        j = state.party_list[CHANGED, i]
        floor = _by_itself(ledger, state, j, by_loss)
        if floor > 0.0:
            made.level[j, FLOOR] = floor
            _put(made, ANEW_DOWN, j)
            _put(made, ANEW_UP, j)
            _put(made, MOVED, j)
            _set_down(supply, made, j, floor)
            _set_up(supply, made, j, floor)
    _tell_markets(supply, made)


@njit(cache=True, nogil=True, error_model="numpy")
def stop_by_themselves(made: Output, ledger: Ledger, state: State, by_loss: bool) -> None:
    """Bring up to date what those that changed in the last sweep lose by themselves: in default all of it."""
    for i in range(state.counts[CHANGED]):
        j = state.party_list[CHANGED, i]
        floor = _by_itself(ledger, state, j, by_loss)
        if floor != made.level[j, FLOOR]:
            made.level[j, FLOOR] = floor
            _put(made, ANEW_DOWN, j)
            _put(made, ANEW_UP, j)
            _put(made, MOVED, j)


@njit(cache=True, nogil=True, error_model="numpy")
def production_step(supply: Supply, made: Output) -> float:
    """Make one step; return the largest change of a level of production."""
    level, counts = made.level, made.counts
    for now, anew in ((NOW_DOWN, ANEW_DOWN), (NOW_UP, ANEW_UP)):
        for i in range(counts[anew]):
            made.queue[now, i] = made.queue[anew, i]
            made.queued[anew, made.queue[anew, i]] = False
        counts[now] = counts[anew]
        counts[anew] = 0
    for i in range(counts[NOW_DOWN]):
        j = made.queue[NOW_DOWN, i]
        worst, total, group = level[j, FLOOR], 0.0, -1
        for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
            if supply.group[e] != group:
                worst, total, group = max(worst, total), 0.0, supply.group[e]
            k = supply.supplier[e]
            if level[k, DOWN] > 0.0 and supply.sales[k] > 0.0:
                total += _share(supply, made, k) * level[k, DOWN] * supply.weight[e]
        level[j, NEXT_DOWN] = min(1.0, max(worst, total))
    for i in range(counts[NOW_UP]):
        j = made.queue[NOW_UP, i]
        lost = 0.0
        for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
            lost += supply.order[e] * level[supply.buyer[e], UP]
        level[j, NEXT_UP] = min(1.0, max(level[j, FLOOR], lost))
    largest = 0.0
    for i in range(counts[NOW_DOWN]):
        j = made.queue[NOW_DOWN, i]
        change = abs(level[j, NEXT_DOWN] - level[j, DOWN])
        if change > 0.0:
            largest = max(largest, change)
            _put(made, MOVED, j)
            _set_down(supply, made, j, level[j, NEXT_DOWN])
    for i in range(counts[NOW_UP]):
        j = made.queue[NOW_UP, i]
        change = abs(level[j, NEXT_UP] - level[j, UP])
        if change > 0.0:
            largest = max(largest, change)
            _put(made, MOVED, j)
            _set_up(supply, made, j, level[j, NEXT_UP])
    _tell_markets(supply, made)
    return largest


@njit(cache=True, nogil=True, error_model="numpy")
def lose_profit(made: Output, profit: Floats, state: State) -> None:
    """Set the losses by lost production; those that change are computed anew in the sweep that follows."""
    for i in range(made.counts[MOVED]):
        j = made.queue[MOVED, i]
        lost = max(made.level[j, DOWN], made.level[j, UP]) * profit[j]
        if state.money[j, SUPPLIES] != lost:
            state.money[j, SUPPLIES] = lost
            mark(state, j, False)


@njit(cache=True, nogil=True, error_model="numpy")
def produce_in_full(supply: Supply, made: Output) -> None:
    """Undo a scenario: all production is back."""
    counts = made.counts
    for row in range(2):
        for i in range(counts[row]):
            made.queued[row, made.queue[row, i]] = False
    for i in range(counts[MOVED]):
        j = made.queue[MOVED, i]
        made.queued[MOVED, j] = False
        made.following[j] = -2
        for column in range(made.level.shape[1]):
            made.level[j, column] = 0.0
    for i in range(counts[MARKETS]):
        m = made.markets[i]
        made.room[m] = supply.market_sales[m]
        made.hurt[m] = -1
        made.touched[m] = False
    counts[:] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _by_itself(ledger: Ledger, state: State, j: int, by_loss: bool) -> float:
    if state.party_flag[j, FAILED]:
        return 1.0
    if not by_loss:
        return 0.0
    if ledger.party[j, KNOWN] == 0.0:
        return float(state.money[j, FIXED])
    first = ledger.party[j, FIRST_EQUITY]
    return float(min(1.0, max(0.0, (first - state.money[j, EQUITY]) / first))) if first > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _put(made: Output, row: int, j: int) -> None:
    if not made.queued[row, j]:
        made.queued[row, j] = True
        made.queue[row, made.counts[row]] = j
        made.counts[row] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _share(supply: Supply, made: Output, k: int) -> float:
    """Return what part of the deliveries of firm `k` nobody in its market can stand in for."""
    m = supply.market[k]
    if made.room[m] <= NOTHING * supply.market_sales[m]:
        return 1.0
    return float(min(1.0, supply.sales[k] / made.room[m]))


@njit(cache=True, nogil=True, error_model="numpy")
def _set_down(supply: Supply, made: Output, j: int, lost: float) -> None:
    """Set what firm `j` loses for want of inputs: its buyers, and by its market's room those of others, are told."""
    more = lost - made.level[j, DOWN]
    made.level[j, DOWN] = lost
    for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
        _put(made, ANEW_DOWN, supply.buyer[e])
    if supply.sales[j] <= 0.0:
        return
    m = supply.market[j]
    made.room[m] -= supply.sales[j] * more
    made.now[m] = True
    if not made.touched[m]:
        made.touched[m] = True
        made.markets[made.counts[MARKETS]] = m
        made.counts[MARKETS] += 1
    if made.following[j] == -2:
        made.following[j] = made.hurt[m]
        made.hurt[m] = j


@njit(cache=True, nogil=True, error_model="numpy")
def _set_up(supply: Supply, made: Output, j: int, lost: float) -> None:
    """Set what firm `j` loses for want of orders; its suppliers are told."""
    made.level[j, UP] = lost
    for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
        _put(made, ANEW_UP, supply.supplier[e])


@njit(cache=True, nogil=True, error_model="numpy")
def _tell_markets(supply: Supply, made: Output) -> None:
    """Tell the buyers of every firm without inputs in a market with other room: it is harder to stand in for."""
    for i in range(made.counts[MARKETS]):
        m = made.markets[i]
        if not made.now[m]:
            continue
        made.now[m] = False
        j = made.hurt[m]
        while j >= 0:
            for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
                _put(made, ANEW_DOWN, supply.buyer[e])
            j = made.following[j]
