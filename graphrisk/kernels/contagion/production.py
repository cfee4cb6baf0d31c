"""Production of one seed after another: only what a seed changes is computed, and put back before the next.

The recursion is that of `kernels.contagion.supply`; it falls from the unshocked state to the same fixed point (Tarski).
A firm tells its partners of a loss of production once it differs by more than the tolerance from what it told last, so
that nothing is dropped, only told later.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.kernels.contagion.ledger import (
    SUPPLIES,
    Flags,
    Floats,
    Ints,
    Ledger,
    State,
    rows_by,
)
from graphrisk.kernels.contagion.supply import Supply, SupplyLayer, lost_by_itself, share_missed, supply_rows
from graphrisk.kernels.contagion.sweep import mark

# columns of Production.level: loss for want of inputs, of orders, by itself, and what was told of the first two
DOWN, UP, FLOOR, TOLD_DOWN, TOLD_UP = range(5)
# rows of Production.queue (lengths in Production.counts): firms to compute anew, firms whose level changed
ANEW_DOWN, ANEW_UP, MOVED = range(3)
# places in Production.counts and rows of Production.markets: markets with less room
MARKETS = 3


class Standing(NamedTuple):
    """Where production stands without a seed; shared by all seeds."""

    supply: Supply
    profit: Floats  # (parties,) money lost with all production
    level: Floats  # (parties, 5)
    room: Floats  # (markets,) sales that the firms of a market can still make
    member_start: Ints  # (markets + 1,)
    member: Ints  # firms by market


class Production(NamedTuple):
    """Where production stands in the run of a seed, and what is to be computed anew."""

    level: Floats  # (parties, 5)
    room: Floats  # (2, markets): now and when last told
    queue: Ints  # (3, parties)
    queued: Flags  # (3, parties)
    markets: Ints  # (markets,) those whose room changed
    changed: Flags  # (markets,)
    counts: Ints  # (4,)


def standing(layer: SupplyLayer | None) -> Standing:
    """Return where production stands after the run of `layer`; None: nobody delivers anything."""
    if layer is None:
        ints, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
        empty = supply_rows(ints, ints, floats, np.zeros(0, dtype=np.bool_), ints, 0)[0]
        return Standing(empty, floats, np.zeros((0, 5)), floats, ints, ints)
    supply = layer.supply
    level = np.stack([layer.down, layer.up, layer.floor, layer.down, layer.up], axis=1)
    sold = supply.sales * (1.0 - layer.down)
    room = np.bincount(supply.market, weights=sold, minlength=len(supply.market_sales)).astype(np.float64)
    start, member = rows_by(supply.market, len(room))
    return Standing(supply, layer.profit, level, room, start, member)


def fresh_production(base: Standing) -> Production:
    """Return production as it stands, for the runs of seeds."""
    size, markets = len(base.level), len(base.room)
    return Production(
        level=base.level.copy(),
        room=np.stack([base.room, base.room]),
        queue=np.zeros((3, size), dtype=np.int64),
        queued=np.zeros((3, size), dtype=np.bool_),
        markets=np.zeros(markets, dtype=np.int64),
        changed=np.zeros(markets, dtype=np.bool_),
        counts=np.zeros(4, dtype=np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lose_production(made: Production, i: int, part: float) -> None:
    """Raise the part of its production that party `i` loses by itself to `part`."""
    if part > made.level[i, FLOOR]:
        made.level[i, FLOOR] = part
        _queue(made, ANEW_DOWN, i)
        _queue(made, ANEW_UP, i)
        _queue(made, MOVED, i)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lose_profit(base: Standing, made: Production, state: State) -> None:
    """Set the profit lost by the firms whose production changed; the sweep that follows computes them anew."""
    for i in range(made.counts[MOVED]):
        p = made.queue[MOVED, i]
        lost = max(made.level[p, DOWN], made.level[p, UP]) * base.profit[p]
        if state.money[p, SUPPLIES] != lost:
            state.money[p, SUPPLIES] = lost
            mark(state, p, False)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _queue(made: Production, which: int, i: int) -> None:
    if not made.queued[which, i]:
        made.queued[which, i] = True
        made.queue[which, made.counts[which]] = i
        made.counts[which] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def stop_delivering(ledger: Ledger, state: State, made: Production, i: int, by_loss: bool) -> None:
    """Raise the part of its production that party `i` loses by itself, where it failed or (by_loss) lost equity."""
    lose_production(made, i, lost_by_itself(ledger, state, i, by_loss))


@njit(cache=True, nogil=True, error_model="numpy")
def produce(base: Standing, made: Production, tolerance: float, max_rounds: int) -> int:
    """Let production settle; return the deliveries looked at, -1 where it does not settle in `max_rounds` passes."""
    supply, level, counts, work, passes = base.supply, made.level, made.counts, 0, 0
    while counts[ANEW_DOWN] + counts[ANEW_UP] > 0:
        if passes >= max_rounds:
            return -1
        passes += 1
        batch = made.queue[ANEW_DOWN, : counts[ANEW_DOWN]].copy()
        counts[ANEW_DOWN] = 0
        for j in batch:
            made.queued[ANEW_DOWN, j] = False
            worst, total, group = level[j, FLOOR], 0.0, -1
            for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
                if supply.group[e] != group:
                    worst, total, group = max(worst, total), 0.0, supply.group[e]
                k = supply.supplier[e]
                if level[k, TOLD_DOWN] > 0.0:
                    total += share_missed(supply, made.room[0], k) * level[k, TOLD_DOWN] * supply.weight[e]
            level[j, DOWN] = max(level[j, DOWN], min(1.0, max(worst, total)))
            _queue(made, MOVED, j)
            work += 1 + supply.buyer_start[j + 1] - supply.buyer_start[j] + _tell_buyers(supply, made, j, tolerance)
        batch = made.queue[ANEW_UP, : counts[ANEW_UP]].copy()
        counts[ANEW_UP] = 0
        for j in batch:
            made.queued[ANEW_UP, j] = False
            lost = 0.0
            for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
                lost += supply.order[e] * level[supply.buyer[e], TOLD_UP]
            level[j, UP] = max(level[j, UP], min(1.0, max(level[j, FLOOR], lost)))
            _queue(made, MOVED, j)
            work += 1 + supply.supplier_start[j + 1] - supply.supplier_start[j]
            if level[j, UP] - level[j, TOLD_UP] > tolerance:
                level[j, TOLD_UP] = level[j, UP]
                for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
                    _queue(made, ANEW_UP, supply.supplier[e])
        work += _tell_markets(base, made, tolerance)
    return work


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _tell_buyers(supply: Supply, made: Production, j: int, tolerance: float) -> int:
    more = made.level[j, DOWN] - made.level[j, TOLD_DOWN]
    if more <= tolerance:
        return 0
    made.level[j, TOLD_DOWN] = made.level[j, DOWN]
    for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
        _queue(made, ANEW_DOWN, supply.buyer[e])
    m = supply.market[j]
    if supply.sales[j] > 0.0:
        made.room[0, m] -= supply.sales[j] * more
        if not made.changed[m]:
            made.changed[m] = True
            made.markets[made.counts[MARKETS]] = m
            made.counts[MARKETS] += 1
    return int(supply.supplier_start[j + 1] - supply.supplier_start[j])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _tell_markets(base: Standing, made: Production, tolerance: float) -> int:
    """Tell the buyers of a market with less room: those who lost production there are harder to stand in for."""
    supply, member_start, work = base.supply, base.member_start, 0
    for at in range(made.counts[MARKETS]):
        m = made.markets[at]
        gone = made.room[1, m] - made.room[0, m]
        if gone <= 0.0 or gone <= tolerance * made.room[1, m]:
            continue
        made.room[1, m] = made.room[0, m]
        for i in range(member_start[m], member_start[m + 1]):
            k = base.member[i]
            if made.level[k, TOLD_DOWN] > 0.0 and supply.sales[k] > 0.0:
                for e in range(supply.supplier_start[k], supply.supplier_start[k + 1]):
                    _queue(made, ANEW_DOWN, supply.buyer[e])
                work += supply.supplier_start[k + 1] - supply.supplier_start[k]
        work += member_start[m + 1] - member_start[m]
    return work


@njit(cache=True, nogil=True, error_model="numpy")
def put_production_back(base: Standing, made: Production) -> None:
    """Undo a cascade: production stands where it stood."""
    for i in range(made.counts[MOVED]):
        p = made.queue[MOVED, i]
        made.queued[MOVED, p] = False
        for column in range(made.level.shape[1]):
            made.level[p, column] = base.level[p, column]
    for which in range(2):
        for i in range(made.counts[which]):
            made.queued[which, made.queue[which, i]] = False
    for at in range(made.counts[MARKETS]):
        m = made.markets[at]
        made.changed[m] = False
        made.room[0, m] = base.room[m]
        made.room[1, m] = base.room[m]
    made.counts[:] = 0
