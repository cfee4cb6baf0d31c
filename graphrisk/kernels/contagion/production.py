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
from graphrisk.kernels.contagion.ledger import SCALE, SUPPLIES, Flags, Floats, Ints, Ledger, State
from graphrisk.kernels.contagion.lists import mark
from graphrisk.kernels.contagion.supply_losses import Supply, share_missed

# rows of Production.level, all parts of a firm's production: lost for want of inputs, of orders, by itself; the
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

    level: Floats  # (10, parties)
    fresh: Floats  # (2, parties) working space
    queue: Ints  # (7, parties)
    queued: Flags  # (5, parties)
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
        level=np.zeros((10, size)) if level is None else np.ascontiguousarray(level, dtype=np.float64),
        fresh=np.zeros((2, size)),
        queue=np.zeros((7, size), dtype=np.int64),
        queued=np.zeros((5, size), dtype=np.bool_),
        room=np.zeros((2, markets)),
        hurt=np.full(markets, NOBODY, dtype=np.int64),
        following=np.full(size, APART, dtype=np.int64),
        touched=np.zeros(markets, dtype=np.bool_),
        markets=np.zeros(markets, dtype=np.int64),
        counts=np.zeros(6, dtype=np.int64),
    )
    if size and level is not None:
        sold = supply.sales * (1.0 - made.level[DOWN])
        made.room[:] = np.bincount(supply.market, weights=sold, minlength=markets)
        for j in np.flatnonzero((made.level[DOWN] > 0.0) & (supply.sales > 0.0)).tolist():
            made.following[j] = made.hurt[supply.market[j]]
            made.hurt[supply.market[j]] = j
    else:
        made.room[:] = supply.market_sales
    return made


def copy_production(made: Production) -> Production:
    """Return a copy for another run."""
    return Production(**{name: array.copy() for name, array in made._asdict().items()})


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _put(made: Production, row: int, j: int) -> None:
    if not made.queued[row, j]:
        made.queued[row, j] = True
        made.queue[row, made.counts[row]] = j
        made.counts[row] += 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take(made: Production, row: int, into: int) -> int:
    """Move a queue to the row of those being worked out; return its length."""
    count = made.counts[row]
    for i in range(count):
        made.queue[into, i] = made.queue[row, i]
        made.queued[row, made.queue[row, i]] = False
    made.counts[row] = 0
    return int(count)


@njit(cache=True, nogil=True, error_model="numpy")
def lose_by_itself(supply: Supply, made: Production, j: int, part: float, at_once: bool, tolerance: float) -> None:
    """Set psi of firm `j`; `at_once`, as at a start: it stops before the next pass, which is its own stop."""
    if part == made.level[FLOOR, j] or len(supply.supplier) == 0:
        return
    made.level[FLOOR, j] = part
    _put(made, ANEW_DOWN, j)
    _put(made, ANEW_UP, j)
    _put(made, MOVED, j)
    if at_once:
        before = max(made.level[DOWN, j], made.level[UP, j])
        _set_down(supply, made, j, max(made.level[DOWN, j], part), tolerance, True)
        _set_up(supply, made, j, max(made.level[UP, j], part), tolerance, True)
        made.level[OWN, j] += max(made.level[DOWN, j], made.level[UP, j]) - before
        made.level[BEFORE_DOWN, j], made.level[BEFORE_UP, j] = made.level[DOWN, j], made.level[UP, j]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def one_pass(supply: Supply, made: Production, in_turn: bool, tolerance: float) -> tuple[float, int]:
    """Work out anew all that wait; return the largest change of a level, and the firms and deliveries looked at."""
    level, counts, work, largest = made.level, made.counts, 0, 0.0
    for i in range(counts[LAST]):  # none where firms go in turn: nobody asks what was before
        j = made.queue[LAST, i]
        made.queued[LAST, j] = False
        level[BEFORE_DOWN, j], level[BEFORE_UP, j] = level[DOWN, j], level[UP, j]
    counts[LAST] = 0
    downs, ups = _take(made, ANEW_DOWN, NOW_DOWN), _take(made, ANEW_UP, NOW_UP)
    for i in range(downs):
        j = made.queue[NOW_DOWN, i]
        worst, total, group = 0.0, 0.0, -1
        for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
            if supply.group[e] != group:
                worst, total, group = max(worst, total), 0.0, supply.group[e]
            k = supply.supplier[e]
            if level[DOWN, k] > 0.0:
                total += share_missed(supply, made.room[0], k) * level[DOWN, k] * supply.weight[e]
        others = min(1.0, max(worst, total))
        if in_turn:
            largest = max(largest, _set_down(supply, made, j, max(level[FLOOR, j], others), tolerance, False))
        else:
            level[OTHERS_DOWN, j], made.fresh[0, j] = others, max(level[FLOOR, j], others)
            _put(made, MOVED, j)
        work += 1 + supply.buyer_start[j + 1] - supply.buyer_start[j]
    for i in range(ups):
        j = made.queue[NOW_UP, i]
        lost = 0.0
        for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
            lost += supply.order[e] * level[UP, supply.buyer[e]]
        others = min(1.0, lost)
        if in_turn:
            largest = max(largest, _set_up(supply, made, j, max(level[FLOOR, j], others), tolerance, False))
        else:
            level[OTHERS_UP, j], made.fresh[1, j] = others, max(level[FLOOR, j], others)
            _put(made, MOVED, j)
        work += 1 + supply.supplier_start[j + 1] - supply.supplier_start[j]
    if not in_turn:
        for i in range(downs):
            j = made.queue[NOW_DOWN, i]
            largest = max(largest, _set_down(supply, made, j, made.fresh[0, j], tolerance, True))
        for i in range(ups):
            j = made.queue[NOW_UP, i]
            largest = max(largest, _set_up(supply, made, j, made.fresh[1, j], tolerance, True))
    _tell_markets(supply, made, tolerance)
    for i in range(counts[LAST]):  # what a firm owes to its own stop: others' part is theirs as far as it reaches
        j = made.queue[LAST, i]
        before, now = max(level[BEFORE_DOWN, j], level[BEFORE_UP, j]), max(level[DOWN, j], level[UP, j])
        if level[FLOOR, j] > 0.0 and now > before:
            level[OWN, j] += max(0.0, now - max(before, level[OTHERS_DOWN, j], level[OTHERS_UP, j]))
    return largest, work


@njit(cache=True, nogil=True, error_model="numpy")
def let_settle(supply: Supply, made: Production, in_turn: bool, tolerance: float, most: int) -> int:
    """Make passes until nobody has anything more to tell; return what was looked at, -1 where `most` do not do."""
    work, told = 0, tolerance if in_turn else 0.0
    for _ in range(most):
        if made.counts[ANEW_DOWN] + made.counts[ANEW_UP] == 0:
            return work
        change, looked_at = one_pass(supply, made, in_turn, told)
        work += int(looked_at)
        if not in_turn and change <= tolerance:
            return work
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def tell_the_rest(supply: Supply, made: Production, tolerance: float) -> None:
    """Let all those tell their partners whose level differs by more than a finer tolerance from what they told."""
    for i in range(made.counts[MOVED]):
        j = made.queue[MOVED, i]
        _put(made, PROFIT, j)
        _tell_buyers(supply, made, j, tolerance)
        _tell_suppliers(supply, made, j, tolerance)
    _tell_markets(supply, made, tolerance)


@njit(cache=True, nogil=True, error_model="numpy")
def lose_profit(made: Production, profit: Floats, ledger: Ledger, state: State, skip: float) -> None:
    """Set the losses by lost production; who loses more is computed anew in the sweep that follows.

    `skip`: a change of at most this part of max(|E0|, 1) waits for a larger one.
    """
    for i in range(made.counts[PROFIT]):
        j = made.queue[PROFIT, i]
        made.queued[PROFIT, j] = False
        lost = max(made.level[DOWN, j], made.level[UP, j]) * profit[j]
        if abs(lost - state.money[j, SUPPLIES]) > skip * ledger.party[j, SCALE]:
            state.money[j, SUPPLIES] = lost
            mark(state, j, False)
    made.counts[PROFIT] = 0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _set_down(supply: Supply, made: Production, j: int, lost: float, tolerance: float, noted: bool) -> float:
    """Set what firm `j` loses for want of inputs; its market has other room, its buyers are told; return the change."""
    more = lost - made.level[DOWN, j]
    if more == 0.0:
        return 0.0
    made.level[DOWN, j] = lost
    _put(made, MOVED, j)
    if noted:
        _put(made, LAST, j)
    _put(made, PROFIT, j)
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
    _tell_buyers(supply, made, j, tolerance)
    return float(abs(more))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _set_up(supply: Supply, made: Production, j: int, lost: float, tolerance: float, noted: bool) -> float:
    """Set what firm `j` loses for want of orders; its suppliers are told; return the change."""
    more = lost - made.level[UP, j]
    if more == 0.0:
        return 0.0
    made.level[UP, j] = lost
    _put(made, MOVED, j)
    if noted:
        _put(made, LAST, j)
    _put(made, PROFIT, j)
    _tell_suppliers(supply, made, j, tolerance)
    return float(abs(more))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _tell_buyers(supply: Supply, made: Production, j: int, tolerance: float) -> None:
    if abs(made.level[DOWN, j] - made.level[TOLD_DOWN, j]) > tolerance:
        made.level[TOLD_DOWN, j] = made.level[DOWN, j]
        for e in range(supply.supplier_start[j], supply.supplier_start[j + 1]):
            _put(made, ANEW_DOWN, supply.buyer[e])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _tell_suppliers(supply: Supply, made: Production, j: int, tolerance: float) -> None:
    if abs(made.level[UP, j] - made.level[TOLD_UP, j]) > tolerance:
        made.level[TOLD_UP, j] = made.level[UP, j]
        for e in range(supply.buyer_start[j], supply.buyer_start[j + 1]):
            _put(made, ANEW_UP, supply.supplier[e])


@njit(cache=True, nogil=True, error_model="numpy")
def _tell_markets(supply: Supply, made: Production, tolerance: float) -> None:
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


@njit(cache=True, nogil=True, error_model="numpy")
def put_production_back(base: Production, made: Production) -> None:
    """Undo a start: production stands where it stood."""
    counts = made.counts
    for row in (ANEW_DOWN, ANEW_UP, LAST, PROFIT):
        for i in range(counts[row]):
            made.queued[row, made.queue[row, i]] = False
    for i in range(counts[MOVED]):
        j = made.queue[MOVED, i]
        made.queued[MOVED, j] = False
        made.following[j] = base.following[j]
        for column in range(made.level.shape[0]):
            made.level[column, j] = base.level[column, j]
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
        made.level[FLOOR, j] = floor[j]
        _put(made, ANEW_DOWN, j)
        _put(made, ANEW_UP, j)
    change, _ = one_pass(supply, made, False, 0.0)
    return float(change)
