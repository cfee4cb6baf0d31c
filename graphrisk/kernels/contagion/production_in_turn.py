"""Production until it settles: where few firms wait, those; where many wait, all of them in turn, in memory order."""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.production import (
    ANEW_DOWN,
    ANEW_UP,
    APART,
    DOWN,
    FLOOR,
    MARKETS,
    MOVED,
    PROFIT,
    TOLD_DOWN,
    TOLD_UP,
    UP,
    Production,
    one_pass,
    put_on,
    set_down,
    set_up,
    tell_buyers,
    tell_markets,
    tell_suppliers,
    want_of_inputs,
    want_of_orders,
)
from graphrisk.kernels.contagion.supply_losses import Supply, share_missed

MANY = 8
"""Where one firm in so many waits, all are worked out."""


@njit(cache=True, nogil=True, error_model="numpy")
def let_settle(supply: Supply, made: Production, in_turn: bool, tolerance: float, most: int, least: float = 0.0) -> int:
    """Make passes until nobody has anything more to tell; return what was looked at, -1 where `most` do not do.

    `least`: where all are worked out in turn, a change that small is none.
    """
    work, told, passes = 0, tolerance if in_turn else 0.0, 0
    while passes < most:
        waiting = made.counts[ANEW_DOWN] + made.counts[ANEW_UP]
        if waiting == 0:
            return work
        if in_turn and MANY * waiting > len(supply.in_turn.firm):
            done, looked_at = work_out_in_turn(supply, made, tolerance, most - passes, least)
            passes += done
        else:
            change, looked_at = one_pass(supply, made, in_turn, told)
            passes += 1
            if not in_turn and change <= tolerance:
                return work + int(looked_at)
        work += int(looked_at)
    return -1 if made.counts[ANEW_DOWN] + made.counts[ANEW_UP] > 0 else work


@njit(cache=True, nogil=True, error_model="numpy")
def work_out_in_turn(supply: Supply, made: Production, tolerance: float, most: int, least: float) -> tuple[int, int]:
    """Where many wait: work out all firms, suppliers first for inputs, buyers first for orders, until few change.

    The same step as `one_pass` on firms renumbered in that order: no lists, and memory is read in order. Who changed in
    the last pass then tells its partners. Return the passes and what was looked at.
    """
    level, seen, room, turned = made.level, made.seen, made.room, supply.in_turn
    firms, sales, market, whole = turned.firm, turned.sales, turned.market, turned.whole
    down, up, missed, floor = made.fresh[0], made.fresh[1], made.fresh[2], made.fresh[3]
    told_down, told_up = made.fresh[4], made.fresh[5]
    size, passes, count = len(firms), 0, len(firms)
    _work_out_apart(supply, made)
    for i in range(size):
        j = firms[i]
        down[i], up[i], floor[i] = level[j, DOWN], level[j, UP], level[j, FLOOR]
        told_down[i], told_up[i] = down[i], up[i]
    while passes < most and MANY * count > size:
        passes += 1
        count = 0
        for i in range(made.counts[MARKETS]):
            room[1, made.markets[i]] = room[0, made.markets[i]]
        for i in range(size):  # as its market stands now: others may have left it
            missed[i] = 0.0
            if down[i] > 0.0:
                missed[i] = down[i] * share_missed(sales[i], room[0, market[i]], whole[i])
        start, partner, kinds, weight = turned.buyer_start, turned.supplier, turned.group, turned.weight
        for i in range(size):
            lost = max(floor[i], want_of_inputs(start[i], start[i + 1], partner, kinds, weight, missed))
            told_down[i] = down[i]
            if lost != down[i]:
                count += abs(lost - down[i]) > tolerance
                if sales[i] > 0.0:
                    m = market[i]
                    room[0, m] -= sales[i] * (lost - down[i])
                    missed[i] = lost * share_missed(sales[i], room[0, m], whole[i])
                    if not made.touched[m]:
                        made.touched[m] = True
                        made.markets[made.counts[MARKETS]] = m
                        made.counts[MARKETS] += 1
                down[i] = lost
        start, partner, weight = turned.supplier_start, turned.buyer, turned.order
        for i in range(size - 1, -1, -1):
            lost = max(floor[i], want_of_orders(start[i], start[i + 1], partner, weight, up))
            told_up[i] = up[i]
            count += abs(lost - up[i]) > tolerance
            up[i] = lost
    noted = made.fresh[2]  # who missed what is no longer asked
    for i in range(size):
        j = firms[i]
        noted[i] = 0.0
        if abs(down[i] - level[j, DOWN]) > least or abs(up[i] - level[j, UP]) > least:
            _note_levels(supply, made, j, down[i], up[i])
            level[j, TOLD_DOWN], level[j, TOLD_UP] = told_down[i], told_up[i]
            noted[i] = 1.0
        elif down[i] != level[j, DOWN]:  # what a settled state left open stays open: no start is to settle it anew
            room[0, market[i]] += sales[i] * (down[i] - level[j, DOWN])
    for i in range(size):
        if made.touched[market[i]]:
            j = firms[i]
            seen[0, j] = level[j, DOWN] * share_missed(sales[i], room[0, market[i]], whole[i])
    for i in range(size):
        if noted[i] > 0.0:
            tell_buyers(supply, made, firms[i], tolerance)
            tell_suppliers(supply, made, firms[i], tolerance)
    tell_markets(supply, made, tolerance)
    return passes, passes * (2 * size + len(turned.supplier) + len(turned.buyer))


@njit(cache=True, nogil=True, error_model="numpy")
def _work_out_apart(supply: Supply, made: Production) -> None:
    """Empty the queues; who waits there and neither delivers nor buys here leaves its market if it has stopped."""
    for row in (ANEW_DOWN, ANEW_UP):
        for i in range(made.counts[row]):
            j = made.queue[row, i]
            made.queued[j, row] = False
            if supply.buyer_start[j] == supply.buyer_start[j + 1] and (
                supply.supplier_start[j] == supply.supplier_start[j + 1]
            ):
                set_down(supply, made, j, made.level[j, FLOOR], np.inf, False)
                set_up(supply, made, j, made.level[j, FLOOR], np.inf, False)
        made.counts[row] = 0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _note_levels(supply: Supply, made: Production, j: int, down: float, up: float) -> None:
    """Set where firm `j` stands after passes over all, which have its market told already."""
    made.level[j, DOWN], made.level[j, UP] = down, up
    made.seen[1, j] = up
    put_on(made, MOVED, j)
    put_on(made, PROFIT, j)
    if supply.sales[j] > 0.0 and down > 0.0 and made.following[j] == APART:
        made.following[j] = made.hurt[supply.market[j]]
        made.hurt[supply.market[j]] = j
