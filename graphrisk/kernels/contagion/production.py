"""The step of production: what firms lose for want of inputs and of orders, worked out for those alone it changed for.

    loss for want of an essential input k:  sum over suppliers i of k of sigma_i d_i W_ij / (all W of k to j)
    loss for want of all other inputs:      sum over suppliers i      of sigma_i d_i W_ij / s_in_j
    d_j = max(psi_j, the largest of them)      u_i = max(psi_i, sum over buyers j of u_j W_ij / s_out_i)

psi is what a firm loses by itself, sigma what nobody of its market can stand in for (`supply_losses`). A firm is
worked out anew where a supplier, a buyer, a market or psi changed for it. In turn (many starts, only the end counts)
each firm sees what others lost before it in the same pass, and tells its partners of a change above the tolerance:
nothing is dropped, only told later. Not in turn (a run whose rounds are told) all see the pass before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import LOST_SUPPLIES, SCALE, Flags, Floats, Ints, Ledger, State
from graphrisk.kernels.contagion.lists import mark
from graphrisk.kernels.contagion.supply_losses import Supply, market_shares, share_missed

# columns of Production.level, all parts of a firm's production: lost for want of inputs, of orders, by itself; the
# first two as told to its partners, before the last pass, and as others alone would have it; lost by its own stop,
# beyond what others had cost it until then
DOWN, UP, FLOOR, TOLD_DOWN, TOLD_UP, BEFORE_DOWN, BEFORE_UP, OTHERS_DOWN, OTHERS_UP, OWN = range(10)
# rows of Production.queue, lengths in Production.counts: to work out anew in the next pass; ever changed; changed in
# the last pass; profit to be set; the last two: being worked out
ANEW_DOWN, ANEW_UP, MOVED, LAST, PROFIT, NOW_DOWN, NOW_UP = range(7)
# further place in Production.counts: how many markets ever had other room
MARKETS = 5
NOBODY, APART = -1, -2


class Production(NamedTuple):
    """Where production stands, and what is to be worked out anew."""

    level: Floats  # (parties, 10)
    seen: Floats  # (2, parties) what partners see: part of its deliveries that buyers miss, of its orders that it drops
    fresh: Floats  # (6, parties) working space
    queue: Ints  # (7, parties)
    queued: Flags  # (parties, 5)
    room: Floats  # (2, markets) sales that the firms of a market can still make: now and when last told
    hurt: Ints  # (markets,) a firm of the market that lost inputs, NOBODY; the others follow
    following: Ints  # (parties,) the next such firm of its market; NOBODY: the last, APART: not among them
    touched: Flags  # (markets,)
    markets: Ints  # (markets,) those touched
    counts: Ints  # (6,)


def production_at(supply: Supply, size: int, level: Floats | None = None) -> Production:
    """Return production of `size` parties where it stands at `level` (None: nobody lost any), nothing queued."""
    markets = len(supply.market_sales)
    made = Production(
        level=np.zeros((size, 10)) if level is None else np.ascontiguousarray(level, dtype=np.float64),
        seen=np.zeros((2, size)),
        fresh=np.zeros((6, size)),
        queue=np.zeros((7, size), dtype=np.int64),
        queued=np.zeros((size, 5), dtype=np.bool_),
        room=np.zeros((2, markets)),
        hurt=np.full(markets, NOBODY, dtype=np.int64),
        following=np.full(size, APART, dtype=np.int64),
        touched=np.zeros(markets, dtype=np.bool_),
        markets=np.zeros(markets, dtype=np.int64),
        counts=np.zeros(6, dtype=np.int64),
    )
    if size and level is not None:
        made.seen[0] = market_shares(supply, made.level[:, DOWN]) * made.level[:, DOWN]
        made.seen[1] = made.level[:, UP]
        sold = supply.sales * (1.0 - made.level[:, DOWN])
        made.room[:] = np.bincount(supply.market, weights=sold, minlength=markets)
        for j in np.flatnonzero((made.level[:, DOWN] > 0.0) & (supply.sales > 0.0)).tolist():
            made.following[j] = made.hurt[supply.market[j]]
            made.hurt[supply.market[j]] = j
    else:
        made.room[:] = supply.market_sales
    return made


def copy_production(made: Production) -> Production:
    """Return a copy for another run."""
    return Production(**{name: array.copy() for name, array in made._asdict().items()})


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def put_on(made: Production, row: int, j: int) -> None:
    if not made.queued[j, row]:
        made.queued[j, row] = True
        made.queue[row, made.counts[row]] = j
        made.counts[row] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take(made: Production, row: int, into: int) -> int:
    """Move a queue to the row of those being worked out; return its length."""
    count = made.counts[row]
    for i in range(count):
        made.queue[into, i] = made.queue[row, i]
        made.queued[made.queue[row, i], row] = False
    made.counts[row] = 0
    return int(count)


@njit(cache=True, nogil=True, error_model="numpy")
def lose_by_itself(supply: Supply, made: Production, j: int, part: float, at_once: bool, tolerance: float) -> None:
    """Set psi of firm `j`; `at_once`, as at a start: it stops before the next pass, which is its own stop."""
    if part == made.level[j, FLOOR] or len(supply.supplier) == 0:
        return
    made.level[j, FLOOR] = part
    put_on(made, ANEW_DOWN, j)
    put_on(made, ANEW_UP, j)
    put_on(made, MOVED, j)
    if at_once:
        before = max(made.level[j, DOWN], made.level[j, UP])
        set_down(supply, made, j, max(made.level[j, DOWN], part), tolerance, True)
        set_up(supply, made, j, max(made.level[j, UP], part), tolerance, True)
        made.level[j, OWN] += max(made.level[j, DOWN], made.level[j, UP]) - before
        made.level[j, BEFORE_DOWN], made.level[j, BEFORE_UP] = made.level[j, DOWN], made.level[j, UP]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def want_of_inputs(first: int, last: int, supplier: Ints, kinds: Ints, weight: Floats, missed: Floats) -> float:
    """Step 2, downstream: production lost for want of inputs, by rows of a buyer sorted by group; `missed` by firm."""
    worst, lost, group = 0.0, 0.0, -1
    for e in range(first, last):
        if kinds[e] != group:
            worst, lost, group = max(worst, lost), 0.0, kinds[e]
        lost += missed[supplier[e]] * weight[e]
    return float(min(1.0, max(worst, lost)))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def want_of_orders(first: int, last: int, buyer: Ints, order: Floats, dropped: Floats) -> float:
    """Step 2, upstream: production lost for want of orders, by rows of a supplier; `dropped` by firm."""
    lost = 0.0
    for e in range(first, last):
        lost += dropped[buyer[e]] * order[e]
    return float(min(1.0, lost))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def one_pass(supply: Supply, made: Production, in_turn: bool, tolerance: float) -> tuple[float, int]:
    """Work out anew all that wait; return the largest change of a level, and the firms and deliveries looked at."""
    level, counts, work, largest = made.level, made.counts, 0, 0.0
    for i in range(counts[LAST]):  # none where firms go in turn: nobody asks what was before
        j = made.queue[LAST, i]
        made.queued[j, LAST] = False
        level[j, BEFORE_DOWN], level[j, BEFORE_UP] = level[j, DOWN], level[j, UP]
    counts[LAST] = 0
    downs, ups = _take(made, ANEW_DOWN, NOW_DOWN), _take(made, ANEW_UP, NOW_UP)
    queue, seen, fresh = made.queue, made.seen, made.fresh
    start, partner, kinds, weight = supply.buyer_start, supply.supplier, supply.group, supply.weight
    for i in range(downs):
        j = queue[NOW_DOWN, i]
        others = want_of_inputs(start[j], start[j + 1], partner, kinds, weight, seen[0])
        lost = max(level[j, FLOOR], others)
        if not in_turn:
            level[j, OTHERS_DOWN], fresh[0, j] = others, lost
        elif lost != level[j, DOWN]:
            largest = max(largest, abs(lost - level[j, DOWN]))
            set_down(supply, made, j, lost, tolerance, False)
        work += 1 + start[j + 1] - start[j]
    start, partner, weight = supply.supplier_start, supply.buyer, supply.order
    for i in range(ups):
        j = queue[NOW_UP, i]
        others = want_of_orders(start[j], start[j + 1], partner, weight, seen[1])
        lost = max(level[j, FLOOR], others)
        if not in_turn:
            level[j, OTHERS_UP], fresh[1, j] = others, lost
        elif lost != level[j, UP]:
            largest = max(largest, abs(lost - level[j, UP]))
            set_up(supply, made, j, lost, tolerance, False)
        work += 1 + start[j + 1] - start[j]
    if not in_turn:
        for i in range(downs):
            j = made.queue[NOW_DOWN, i]
            put_on(made, MOVED, j)
            largest = max(largest, set_down(supply, made, j, made.fresh[0, j], tolerance, True))
        for i in range(ups):
            j = made.queue[NOW_UP, i]
            put_on(made, MOVED, j)
            largest = max(largest, set_up(supply, made, j, made.fresh[1, j], tolerance, True))
    tell_markets(supply, made, tolerance)
    for i in range(counts[LAST]):  # what a firm owes to its own stop: others' part is theirs as far as it reaches
        j = made.queue[LAST, i]
        before, now = max(level[j, BEFORE_DOWN], level[j, BEFORE_UP]), max(level[j, DOWN], level[j, UP])
        if level[j, FLOOR] > 0.0 and now > before:
            level[j, OWN] += max(0.0, now - max(before, level[j, OTHERS_DOWN], level[j, OTHERS_UP]))
    return largest, work


@njit(cache=True, nogil=True, error_model="numpy")
def tell_the_rest(supply: Supply, made: Production, tolerance: float) -> None:
    """Let all those tell their partners whose level differs by more than a finer tolerance from what they told."""
    for i in range(made.counts[MOVED]):
        j = made.queue[MOVED, i]
        put_on(made, PROFIT, j)
        tell_buyers(supply, made, j, tolerance)
        tell_suppliers(supply, made, j, tolerance)
    tell_markets(supply, made, tolerance)


@njit(cache=True, nogil=True, error_model="numpy")
def lose_profit(made: Production, profit: Floats, ledger: Ledger, state: State, skip: float) -> None:
    """Set the losses by lost production; who loses more is computed anew in the sweep that follows.

    `skip`: a change of at most this part of max(|E0|, 1) waits for a larger one.
    """
    for i in range(made.counts[PROFIT]):
        j = made.queue[PROFIT, i]
        made.queued[j, PROFIT] = False
        lost = max(made.level[j, DOWN], made.level[j, UP]) * profit[j]
        if abs(lost - state.money[j, LOST_SUPPLIES]) > skip * ledger.party[j, SCALE]:
            state.money[j, LOST_SUPPLIES] = lost
            mark(state, j, False)
    made.counts[PROFIT] = 0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def set_down(supply: Supply, made: Production, j: int, lost: float, tolerance: float, noted: bool) -> float:
    """Set what firm `j` loses for want of inputs; its market has other room, its buyers are told; return the change."""
    more = lost - made.level[j, DOWN]
    if more == 0.0:
        return 0.0
    made.level[j, DOWN] = lost
    put_on(made, MOVED, j)
    if noted:
        put_on(made, LAST, j)
    put_on(made, PROFIT, j)
    if supply.sales[j] > 0.0:
        m = supply.market[j]
        made.room[0, m] -= supply.sales[j] * more
        if not made.touched[m]:
            made.touched[m] = True
            made.markets[made.counts[MARKETS]] = m
            made.counts[MARKETS] += 1
        if made.following[j] == APART:
            made.following[j] = made.hurt[m]
            made.hurt[m] = j
        made.seen[0, j] = lost * share_missed(supply.sales[j], made.room[0, m], supply.market_sales[m])
    tell_buyers(supply, made, j, tolerance)
    return float(abs(more))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def set_up(supply: Supply, made: Production, j: int, lost: float, tolerance: float, noted: bool) -> float:
    """Set what firm `j` loses for want of orders; its suppliers are told; return the change."""
    more = lost - made.level[j, UP]
    if more == 0.0:
        return 0.0
    made.level[j, UP] = lost
    made.seen[1, j] = lost
    put_on(made, MOVED, j)
    if noted:
        put_on(made, LAST, j)
    put_on(made, PROFIT, j)
    tell_suppliers(supply, made, j, tolerance)
    return float(abs(more))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def tell_buyers(supply: Supply, made: Production, j: int, tolerance: float) -> None:
    if abs(made.level[j, DOWN] - made.level[j, TOLD_DOWN]) > tolerance:
        made.level[j, TOLD_DOWN] = made.level[j, DOWN]
        for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
            put_on(made, ANEW_DOWN, supply.buyer[e])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def tell_suppliers(supply: Supply, made: Production, j: int, tolerance: float) -> None:
    if abs(made.level[j, UP] - made.level[j, TOLD_UP]) > tolerance:
        made.level[j, TOLD_UP] = made.level[j, UP]
        for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
            put_on(made, ANEW_UP, supply.supplier[e])


@njit(cache=True, nogil=True, error_model="numpy")
def tell_markets(supply: Supply, made: Production, tolerance: float) -> None:
    """Tell the buyers of every firm without inputs in a market with other room: it is harder to stand in for."""
    for i in range(made.counts[MARKETS]):
        m = made.markets[i]
        if abs(made.room[1, m] - made.room[0, m]) <= tolerance * max(made.room[1, m], 0.0):
            continue
        made.room[1, m] = made.room[0, m]
        j = made.hurt[m]
        while j >= 0:
            missed = share_missed(supply.sales[j], made.room[0, m], supply.market_sales[m])
            made.seen[0, j] = made.level[j, DOWN] * missed
            for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
                put_on(made, ANEW_DOWN, supply.buyer[e])
            j = made.following[j]


@njit(cache=True, nogil=True, error_model="numpy")
def put_production_back(base: Production, made: Production) -> None:
    """Undo a start: production stands where it stood."""
    counts = made.counts
    for row in (ANEW_DOWN, ANEW_UP, LAST, PROFIT):
        for i in range(counts[row]):
            made.queued[made.queue[row, i], row] = False
    for i in range(counts[MARKETS]):  # those too whose own level stands while others left their market
        j = made.hurt[made.markets[i]]
        while j >= 0:
            made.seen[0, j] = base.seen[0, j]
            j = made.following[j]
    for i in range(counts[MOVED]):
        j = made.queue[MOVED, i]
        made.queued[j, MOVED] = False
        made.following[j] = base.following[j]
        made.seen[1, j] = base.seen[1, j]
        for column in range(made.level.shape[1]):
            made.level[j, column] = base.level[j, column]
    for i in range(counts[MARKETS]):
        m = made.markets[i]
        made.room[0, m], made.room[1, m] = base.room[0, m], base.room[1, m]
        made.hurt[m] = base.hurt[m]
        made.touched[m] = False
    counts[:] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def work_out_all(supply: Supply, made: Production, floor: Floats) -> float:
    """Make one pass over all firms with psi `floor` (parties,), each seeing the pass before; return the change."""
    for j in range(len(floor)):
        made.level[j, FLOOR] = floor[j]
        put_on(made, ANEW_DOWN, j)
        put_on(made, ANEW_UP, j)
    change, _ = one_pass(supply, made, False, 0.0)
    return float(change)
