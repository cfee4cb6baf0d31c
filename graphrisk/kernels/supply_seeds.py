"""What each party causes if it alone fails, where production spreads too: only what a seed changes is computed.

The same fixed point as one run per seed of `kernels.cascade.spread` with a `SupplyLayer`: the unshocked state lies
above it, so the cascade starts there and falls (Tarski). A firm tells its partners of a loss of production once it
differs by more than the tolerance from what it told last, so that nothing is dropped, only told later.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.kernels.fan import fan_out
from graphrisk.kernels.ledger import (
    CHANGED,
    DIRTY,
    EQUITY,
    FAILED,
    FIRST_EQUITY,
    FIXED,
    FRESH,
    KNOWN,
    NOTHING,
    SUPPLIES,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    copy_state,
    rows_by,
)
from graphrisk.kernels.seeds import (
    Caused,
    caused_beyond,
    contracts_of_changed,
    hit,
    joined,
    nothing_caused,
    put_back,
    untouched,
)
from graphrisk.kernels.supply import BY_LOSS, Supply, SupplyLayer
from graphrisk.kernels.sweep import mark, sweep

# columns of Production.level: loss for want of inputs, of orders, by itself, and what was told of the first two
DOWN, UP, FLOOR, TOLD_DOWN, TOLD_UP = range(5)
# rows of Production.queue (lengths in Production.counts): firms to compute anew, firms whose level changed
ANEW_DOWN, ANEW_UP, MOVED = range(3)
# places in Production.counts and rows of Production.markets: markets with less room
MARKETS = 3


class Production(NamedTuple):
    """Where production stands, and what is to be computed anew."""

    level: Floats  # (parties, 5)
    room: Floats  # (2, markets): sales that the firms of a market can still make, now and when last told
    queue: Ints  # (3, parties)
    queued: Flags  # (3, parties)
    markets: Ints  # (markets,) those whose room changed
    changed: Flags  # (markets,)
    counts: Ints  # (4,)


def each_seed_with_supply(
    ledger: Ledger, rule: Rule, unshocked: State, layer: SupplyLayer, seeds: Ints, *, tolerance: float, max_rounds: int
) -> Caused:
    """Return what each of `seeds` causes beyond the unshocked run, by contracts and by lost production (joint).

    A seed that is in default in the unshocked state causes nothing.
    """
    base = untouched(unshocked)
    size, supply = len(ledger.cluster_of), layer.supply
    level = np.stack([layer.down, layer.up, layer.floor, layer.down, layer.up], axis=1)
    left = np.bincount(
        supply.market, weights=supply.sales * (1.0 - layer.down), minlength=len(supply.market_sales)
    ).astype(np.float64)
    member_start, member = rows_by(supply.market, len(left))

    def work(some: Ints) -> Caused:
        made = Production(
            level=level.copy(),
            room=np.stack([left, left]),
            queue=np.zeros((3, size), dtype=np.int64),
            queued=np.zeros((3, size), dtype=np.bool_),
            markets=np.zeros(len(left), dtype=np.int64),
            changed=np.zeros(len(left), dtype=np.bool_),
            counts=np.zeros(4, dtype=np.int64),
        )
        out = nothing_caused(len(some))
        _run_seeds(
            ledger, rule, base, copy_state(base), supply, layer.profit, level, left, made, member_start, member, some,
            layer.stops == BY_LOSS, tolerance, max_rounds, *out,
        )  # fmt: skip
        return out

    return joined(fan_out(work, seeds))


@njit(cache=True, nogil=True, error_model="numpy")
def _run_seeds(
    ledger: Ledger,
    rule: Rule,
    base: State,
    state: State,
    supply: Supply,
    profit: Floats,
    level: Floats,
    left: Floats,
    made: Production,
    member_start: Ints,
    member: Ints,
    seeds: Ints,
    by_loss: bool,
    tolerance: float,
    max_rounds: int,
    loss: Floats,
    bank_loss: Floats,
    defaults: Ints,
    rounds: Ints,
    work: Ints,
) -> None:
    counts = state.counts
    for n in range(len(seeds)):
        s = seeds[n]
        if base.party_flag[s, FAILED]:
            continue
        hit(ledger, state, s)
        _stop_delivering(ledger, state, made, s, by_loss)
        done = 0
        while True:
            looked_at = _produce(supply, made, member_start, member, tolerance, max_rounds)
            work[n] += abs(looked_at)
            for i in range(made.counts[MOVED]):
                p = made.queue[MOVED, i]
                lost = max(made.level[p, DOWN], made.level[p, UP]) * profit[p]
                if state.money[p, SUPPLIES] != lost:
                    state.money[p, SUPPLIES] = lost
                    mark(state, p, False)
            if counts[CHANGED] + counts[DIRTY] == 0 and looked_at >= 0:
                break
            if done >= max_rounds or looked_at < 0:
                done = -1
                break
            work[n] += contracts_of_changed(ledger, state)
            change = sweep(ledger, rule, state)
            done += 1
            for i in range(counts[CHANGED]):
                _stop_delivering(ledger, state, made, state.party_list[CHANGED, i], by_loss)
            waiting = made.counts[ANEW_DOWN] + made.counts[ANEW_UP] > 0
            if change <= tolerance and counts[FRESH] == 0 and not waiting:
                break
        rounds[n] = done
        loss[n], bank_loss[n], defaults[n] = caused_beyond(base, state, s)
        put_back(ledger, base, state)
        _start_again(made, level, left)


@njit(cache=True, nogil=True, error_model="numpy")
def _queue(made: Production, which: int, i: int) -> None:
    if not made.queued[which, i]:
        made.queued[which, i] = True
        made.queue[which, made.counts[which]] = i
        made.counts[which] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _stop_delivering(ledger: Ledger, state: State, made: Production, i: int, by_loss: bool) -> None:
    """Raise the part of its production that party `i` loses by itself, where it failed or (by_loss) lost equity."""
    floor = made.level[i, FLOOR]
    if state.party_flag[i, FAILED]:
        floor = 1.0
    elif by_loss:
        if ledger.party[i, KNOWN] == 0.0:
            floor = max(floor, state.money[i, FIXED])
        elif ledger.party[i, FIRST_EQUITY] > 0.0:
            part = (ledger.party[i, FIRST_EQUITY] - state.money[i, EQUITY]) / ledger.party[i, FIRST_EQUITY]
            floor = max(floor, min(1.0, part))
    if floor > made.level[i, FLOOR]:
        made.level[i, FLOOR] = floor
        _queue(made, ANEW_DOWN, i)
        _queue(made, ANEW_UP, i)
        _queue(made, MOVED, i)


@njit(cache=True, nogil=True, error_model="numpy")
def _produce(
    supply: Supply, made: Production, member_start: Ints, member: Ints, tolerance: float, max_rounds: int
) -> int:
    """Let production settle; return the deliveries looked at, -1 where it does not settle in `max_rounds` passes."""
    level, counts, work, passes = made.level, made.counts, 0, 0
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
                    total += _share(supply, made, k) * level[k, TOLD_DOWN] * supply.weight[e]
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
        work += _tell_markets(supply, made, member_start, member, tolerance)
    return work


@njit(cache=True, nogil=True, error_model="numpy")
def _share(supply: Supply, made: Production, k: int) -> float:
    """Return what part of the deliveries of firm `k` nobody in its market can stand in for."""
    m = supply.market[k]
    room = made.room[0, m]
    if room <= NOTHING * supply.market_sales[m]:
        return 1.0
    return float(min(1.0, supply.sales[k] / room))


@njit(cache=True, nogil=True, error_model="numpy")
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


@njit(cache=True, nogil=True, error_model="numpy")
def _tell_markets(supply: Supply, made: Production, member_start: Ints, member: Ints, tolerance: float) -> int:
    """Tell the buyers of a market with less room: those who lost production there are harder to stand in for."""
    work = 0
    for at in range(made.counts[MARKETS]):
        m = made.markets[at]
        gone = made.room[1, m] - made.room[0, m]
        if gone <= 0.0 or gone <= tolerance * made.room[1, m]:
            continue
        made.room[1, m] = made.room[0, m]
        for i in range(member_start[m], member_start[m + 1]):
            k = member[i]
            if made.level[k, TOLD_DOWN] > 0.0 and supply.sales[k] > 0.0:
                for e in range(supply.supplier_start[k], supply.supplier_start[k + 1]):
                    _queue(made, ANEW_DOWN, supply.buyer[e])
                work += supply.supplier_start[k + 1] - supply.supplier_start[k]
        work += member_start[m + 1] - member_start[m]
    return work


@njit(cache=True, nogil=True, error_model="numpy")
def _start_again(made: Production, level: Floats, left: Floats) -> None:
    """Undo a cascade: production stands where it stood."""
    for i in range(made.counts[MOVED]):
        p = made.queue[MOVED, i]
        made.queued[MOVED, p] = False
        for column in range(made.level.shape[1]):
            made.level[p, column] = level[p, column]
    for which in range(2):
        for i in range(made.counts[which]):
            made.queued[which, made.queue[which, i]] = False
    for at in range(made.counts[MARKETS]):
        m = made.markets[at]
        made.changed[m] = False
        made.room[0, m] = left[m]
        made.room[1, m] = left[m]
    made.counts[:] = 0
