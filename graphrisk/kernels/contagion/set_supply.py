"""Production in drawn scenarios: the supply layer, over those alone whose production is lost.

The fixed point of `graphrisk.kernels.contagion.supply.SupplyLayer` from full production. Firms are computed anew one
after the other, each with what is known by then, and tell their partners once their level differs by more than the
tolerance from what they told last: nothing is dropped, only told later. What a scenario touched is put back before the
next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.kernels.contagion.ledger import (
    CHANGED,
    SCALE,
    SUPPLIES,
    Flags,
    Floats,
    Ints,
    Ledger,
    State,
)
from graphrisk.kernels.contagion.supply import Supply, lost_by_itself, share_missed
from graphrisk.kernels.contagion.sweep import mark

# columns of Output.level: production lost for want of inputs, of orders, by itself, and what was told of the first two
DOWN, UP, FLOOR, TOLD_DOWN, TOLD_UP = range(5)
# rows of Output.queue: to compute anew in the next pass, ever changed, being computed
ANEW_DOWN, ANEW_UP, MOVED, NOW = range(4)
# further place in Output.counts: how many markets ever had other room
MARKETS = 4


class Output(NamedTuple):
    """Where production stands in one scenario; everything is 0 before it."""

    level: Floats  # (parties, 5)
    queue: Ints  # (4, parties)
    queued: Flags  # (3, parties)
    room: Floats  # (2, markets) sales that the firms of a market can still make, now and when last told
    hurt: Ints  # (markets,) a firm of the market that lost inputs, or -1; the others follow
    following: Ints  # (parties,) the next such firm of its market, -1: none, -2: not among them
    touched: Flags  # (markets,)
    markets: Ints  # (markets,)
    counts: Ints  # (5,)


def full_output(supply: Supply, size: int) -> Output:
    """Return production before any loss; `size`: number of parties."""
    markets = len(supply.market_sales)
    return Output(
        level=np.zeros((size, 5)),
        queue=np.zeros((4, size), dtype=np.int64),
        queued=np.zeros((3, size), dtype=np.bool_),
        room=np.stack([supply.market_sales, supply.market_sales]),
        hurt=np.full(markets, -1, dtype=np.int64),
        following=np.full(size, -2, dtype=np.int64),
        touched=np.zeros(markets, dtype=np.bool_),
        markets=np.zeros(markets, dtype=np.int64),
        counts=np.zeros(5, dtype=np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def stop_by_themselves(made: Output, ledger: Ledger, state: State, by_loss: bool) -> None:
    """Bring up to date what those that changed in the last sweep lose by themselves: in default all of it."""
    for i in range(state.counts[CHANGED]):
        j = state.party_list[CHANGED, i]
        floor = lost_by_itself(ledger, state, j, by_loss)
        if floor != made.level[j, FLOOR]:
            made.level[j, FLOOR] = floor
            _put(made, ANEW_DOWN, j)
            _put(made, ANEW_UP, j)
            _put(made, MOVED, j)


@njit(cache=True, nogil=True, error_model="numpy")
def let_production_settle(supply: Supply, made: Output, tolerance: float, most: int) -> bool:
    """Compute levels anew until nobody has anything more to tell; return False where `most` passes do not suffice."""
    level, counts, now = made.level, made.counts, made.queue[NOW]
    for _ in range(most):
        if counts[ANEW_DOWN] + counts[ANEW_UP] == 0:
            return True
        for i in range(_take(made, ANEW_DOWN)):
            j = now[i]
            worst, total, group = level[j, FLOOR], 0.0, -1
            for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
                if supply.group[e] != group:
                    worst, total, group = max(worst, total), 0.0, supply.group[e]
                k = supply.supplier[e]
                if level[k, DOWN] > 0.0:
                    total += share_missed(supply, made.room[0], k) * level[k, DOWN] * supply.weight[e]
            _set_down(supply, made, j, min(1.0, max(worst, total)), tolerance)
        for i in range(_take(made, ANEW_UP)):
            j = now[i]
            lost = 0.0
            for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
                lost += supply.order[e] * level[supply.buyer[e], UP]
            _set_up(supply, made, j, min(1.0, max(level[j, FLOOR], lost)), tolerance)
        _tell_markets(supply, made, tolerance)
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def tell_the_rest(supply: Supply, made: Output, tolerance: float) -> None:
    """Let all those tell their partners whose level differs by more than a finer tolerance from what they told."""
    for i in range(made.counts[MOVED]):
        j = made.queue[MOVED, i]
        if abs(made.level[j, DOWN] - made.level[j, TOLD_DOWN]) > tolerance:
            made.level[j, TOLD_DOWN] = made.level[j, DOWN]
            for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
                _put(made, ANEW_DOWN, supply.buyer[e])
        if abs(made.level[j, UP] - made.level[j, TOLD_UP]) > tolerance:
            made.level[j, TOLD_UP] = made.level[j, UP]
            for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
                _put(made, ANEW_UP, supply.supplier[e])
    _tell_markets(supply, made, tolerance)


@njit(cache=True, nogil=True, error_model="numpy")
def lose_profit(made: Output, profit: Floats, ledger: Ledger, state: State, tolerance: float) -> None:
    """Set the losses by lost production; parties that lose more are computed anew in the sweep that follows."""
    for i in range(made.counts[MOVED]):
        j = made.queue[MOVED, i]
        lost = max(made.level[j, DOWN], made.level[j, UP]) * profit[j]
        if abs(lost - state.money[j, SUPPLIES]) > tolerance * ledger.party[j, SCALE]:
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
        made.room[:, m] = supply.market_sales[m]
        made.hurt[m] = -1
        made.touched[m] = False
    counts[:] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _put(made: Output, row: int, j: int) -> None:
    if not made.queued[row, j]:
        made.queued[row, j] = True
        made.queue[row, made.counts[row]] = j
        made.counts[row] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _take(made: Output, row: int) -> int:
    """Move a queue to the row of those being computed; return its length."""
    count = made.counts[row]
    for i in range(count):
        made.queue[NOW, i] = made.queue[row, i]
        made.queued[row, made.queue[row, i]] = False
    made.counts[row] = 0
    return int(count)


@njit(cache=True, nogil=True, error_model="numpy")
def _set_down(supply: Supply, made: Output, j: int, lost: float, tolerance: float) -> None:
    """Set what firm `j` loses for want of inputs; its market has other room, and its buyers are told."""
    more = lost - made.level[j, DOWN]
    if more == 0.0:
        return
    made.level[j, DOWN] = lost
    _put(made, MOVED, j)
    if supply.sales[j] > 0.0:
        m = supply.market[j]
        made.room[0, m] -= supply.sales[j] * more
        if not made.touched[m]:
            made.touched[m] = True
            made.markets[made.counts[MARKETS]] = m
            made.counts[MARKETS] += 1
        if made.following[j] == -2:
            made.following[j] = made.hurt[m]
            made.hurt[m] = j
    if abs(lost - made.level[j, TOLD_DOWN]) > tolerance:
        made.level[j, TOLD_DOWN] = lost
        for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
            _put(made, ANEW_DOWN, supply.buyer[e])


@njit(cache=True, nogil=True, error_model="numpy")
def _set_up(supply: Supply, made: Output, j: int, lost: float, tolerance: float) -> None:
    """Set what firm `j` loses for want of orders; its suppliers are told."""
    if lost == made.level[j, UP]:
        return
    made.level[j, UP] = lost
    _put(made, MOVED, j)
    if abs(lost - made.level[j, TOLD_UP]) > tolerance:
        made.level[j, TOLD_UP] = lost
        for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
            _put(made, ANEW_UP, supply.supplier[e])


@njit(cache=True, nogil=True, error_model="numpy")
def _tell_markets(supply: Supply, made: Output, tolerance: float) -> None:
    """Tell the buyers of every firm without inputs in a market with other room: it is harder to stand in for."""
    for i in range(made.counts[MARKETS]):
        m = made.markets[i]
        if abs(made.room[1, m] - made.room[0, m]) <= tolerance * max(made.room[1, m], 0.0):
            continue
        made.room[1, m] = made.room[0, m]
        j = made.hurt[m]
        while j >= 0:
            for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
                _put(made, ANEW_DOWN, supply.buyer[e])
            j = made.following[j]
