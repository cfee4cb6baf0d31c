"""Asset prices in the run of one seed after another: only classes of which more is sold are priced anew.

The price, and what each pledge takes at it, are those of `kernels.contagion.prices` and `kernels.contagion.collateral`.
What is sold of a class follows the loss fractions of the borrowers whose equity changed; what a seed moved is put back
before the next.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.kernels.contagion.collateral import covered_by, take_in_rank_order
from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CHANGED,
    COLLATERAL,
    EQUITY,
    FAILED,
    FIXED,
    LOANS,
    LOSS,
    TOUCHED,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    rows_by,
)
from graphrisk.kernels.contagion.prices import PriceLayer, set_pledged
from graphrisk.kernels.contagion.sweep import mark, set_shortfall
from graphrisk.kernels.contagion.valuation import loss_fraction, losses_now

# columns of Assets.pledge: facility, asset, rank, row in Ledger.pledged (-1: nobody else loses what it pays)
FACILITY, ASSET, ORDER, ROW = range(4)
# columns of Assets.take: value allocated, value sold where its borrower loses all; columns of Assets.asset
ALLOCATED, SOLD = range(2)
VALUE, LENT_PART, FIRST_PRICE = range(3)
OWNER, CLASS = range(2)


class Assets(NamedTuple):
    """The pledges by asset and rank, the assets, and where prices stand without a seed; shared by all seeds."""

    pledge: Ints  # (pledges, 4)
    take: Floats  # (pledges, 2)
    pledge_start: Ints  # (assets + 1,)
    of_facility_start: Ints  # (facilities + 1,)
    of_facility: Ints  # pledges by facility
    asset: Floats  # (assets, 3)
    whose: Ints  # (assets, 2)
    class_start: Ints  # (classes + 1,)
    of_class: Ints  # assets by class
    due: Floats  # (facilities,)
    depth: Floats  # (classes,)
    price: Floats  # (assets,)
    taken: Floats  # (pledges,)
    uncovered: Floats  # (facilities,)
    pledged: Floats  # as Ledger.pledged
    told: Floats  # (parties,) loss fraction of each borrower
    sold: Floats  # (classes,)


class Market(NamedTuple):
    """Prices in the run of a seed."""

    price: Floats  # (assets,)
    taken: Floats  # (pledges,)
    told: Floats  # (parties,)
    sold: Floats  # (classes,)
    listed: Ints  # (2, classes): to price anew, ever priced anew
    marked: Flags  # (2, classes)
    anew: Ints  # (facilities,) whose pledges take something else
    is_anew: Flags  # (facilities,)
    counts: Ints  # (3,): of each list


def assets_of(layer: PriceLayer | None, ledger: Ledger, rule: Rule, unshocked: State) -> Assets:
    """Return the assets where the run of `layer` left their prices; None: nothing is pledged."""
    ints, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    if layer is None:
        return Assets(
            np.zeros((0, 4), dtype=np.int64), np.zeros((0, 2)), ints, ints, ints, np.zeros((0, 3)),
            np.zeros((0, 2), dtype=np.int64), ints, ints, floats, floats, floats, floats, floats, floats, floats,
            floats,
        )  # fmt: skip
    own = layer.pledges
    row = np.full(len(own.facility), -1, dtype=np.int64)
    row[layer.order] = np.arange(len(layer.order))
    told = losses_now(rule, ledger.party, unshocked.money, unshocked.failed)
    whole = layer.sold_in_all
    lending = layer.price * (1.0 - own.haircut)
    claim = np.minimum(own.allocated * lending[own.asset], own.due[own.facility])
    taken = take_in_rank_order(own.asset, own.rank, claim, own.value * lending)
    sold = whole * told[ledger.facility[BORROWER, own.facility]]
    of_facility_start, of_facility = rows_by(own.facility, len(own.due))
    class_start, of_class = rows_by(own.classes, len(layer.depth))
    return Assets(
        pledge=np.stack([own.facility, own.asset, own.rank, row], axis=1).astype(np.int64),
        take=np.stack([own.allocated, whole], axis=1),
        pledge_start=rows_by(own.asset, len(own.value))[0],
        of_facility_start=of_facility_start,
        of_facility=of_facility,
        asset=np.stack([own.value, 1.0 - own.haircut, own.price], axis=1),
        whose=np.stack([own.asset_owner, own.classes], axis=1).astype(np.int64),
        class_start=class_start,
        of_class=of_class,
        due=own.due,
        depth=layer.depth,
        price=layer.price.copy(),
        taken=taken,
        uncovered=ledger.uncovered.copy(),
        pledged=ledger.pledged.copy(),
        told=told,
        sold=np.bincount(own.classes[own.asset], weights=sold, minlength=len(layer.depth)).astype(np.float64),
    )


def fresh_market(base: Assets) -> Market:
    """Return prices as they stand, for the runs of seeds."""
    classes, facilities = len(base.sold), len(base.due)
    return Market(
        price=base.price.copy(),
        taken=base.taken.copy(),
        told=base.told.copy(),
        sold=base.sold.copy(),
        listed=np.zeros((2, classes), dtype=np.int64),
        marked=np.zeros((2, classes), dtype=np.bool_),
        anew=np.zeros(facilities, dtype=np.int64),
        is_anew=np.zeros(facilities, dtype=np.bool_),
        counts=np.zeros(3, dtype=np.int64),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def price_anew(
    base: Assets, market: Market, ledger: Ledger, rule: Rule, state: State, beta: float
) -> tuple[float, int]:
    """Let prices follow the parties that changed; return the largest change of a price and the pledges looked at.

    `ledger` (uncovered, pledged) follows them: it must belong to the seed's run alone.
    """
    counts, moved, work = market.counts, 0.0, 0
    for i in range(state.counts[CHANGED]):
        work += _sell(base, market, ledger, rule, state, state.party_list[CHANGED, i])
    for at in range(counts[0]):
        c = market.listed[0, at]
        market.marked[0, c] = False
        part = market.sold[c] / base.depth[c] if base.depth[c] > 0.0 else 0.0
        fall = math.exp(-beta * part)
        for i in range(base.class_start[c], base.class_start[c + 1]):
            a = base.of_class[i]
            price = base.asset[a, FIRST_PRICE] * fall
            if price == market.price[a]:
                continue
            moved = max(moved, abs(price - market.price[a]))
            owner = base.whose[a, OWNER]
            lost = (market.price[a] - price) * base.asset[a, VALUE]
            if owner >= 0 and lost != 0.0:
                state.money[owner, COLLATERAL] += lost
                mark(state, owner, False)
            market.price[a] = price
            _take(base, market, a)
            work += 1 + base.pledge_start[a + 1] - base.pledge_start[a]
    counts[0] = 0
    for at in range(counts[2]):
        work += _cover(base, market, ledger, rule, state, market.anew[at])
    counts[2] = 0
    return moved, work


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _sell(base: Assets, market: Market, ledger: Ledger, rule: Rule, state: State, j: int) -> int:
    """Bring what is sold of each class up to date with the loss fraction of borrower `j`."""
    first, last = ledger.start[LOANS, j], ledger.start[LOANS, j + 1]
    if first == last:
        return 0
    money = state.money
    loss = loss_fraction(rule, ledger.party, j, money[j, EQUITY], state.party_flag[j, FAILED], money[j, FIXED])
    more = loss - market.told[j]
    if more == 0.0:
        return 1
    market.told[j] = loss
    work = 1
    for e in range(first, last):
        f = ledger.loan[e]
        for i in range(base.of_facility_start[f], base.of_facility_start[f + 1]):
            p = base.of_facility[i]
            c = base.whose[base.pledge[p, ASSET], CLASS]
            market.sold[c] += base.take[p, SOLD] * more
            for which in range(2):
                if not market.marked[which, c]:
                    market.marked[which, c] = True
                    market.listed[which, market.counts[which]] = c
                    market.counts[which] += 1
            work += 1
    return work


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take(base: Assets, market: Market, a: int) -> None:
    """Let the pledges of asset `a` take what it can pay at its price, in rank order, equal ranks pro rata."""
    part = market.price[a] * base.asset[a, LENT_PART]
    left = base.asset[a, VALUE] * part
    i, last = base.pledge_start[a], base.pledge_start[a + 1]
    while i < last:
        end, total = i, 0.0
        while end < last and base.pledge[end, ORDER] == base.pledge[i, ORDER]:
            total += min(base.take[end, ALLOCATED] * part, base.due[base.pledge[end, FACILITY]])
            end += 1
        share = 1.0 if total <= left else left / total
        for p in range(i, end):
            f = base.pledge[p, FACILITY]
            market.taken[p] = min(base.take[p, ALLOCATED] * part, base.due[f]) * share
            if not market.is_anew[f]:
                market.is_anew[f] = True
                market.anew[market.counts[2]] = f
                market.counts[2] += 1
        left = max(0.0, left - total)
        i = end


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _cover(base: Assets, market: Market, ledger: Ledger, rule: Rule, state: State, f: int) -> int:
    """Bring the uncovered amount of facility `f`, its shortfall and those who lose its pledges up to date."""
    market.is_anew[f] = False
    first, last = base.of_facility_start[f], base.of_facility_start[f + 1]
    total = 0.0
    for i in range(first, last):
        total += market.taken[base.of_facility[i]]
    covered = covered_by(base.due[f], total)
    part = covered / total if total > 0.0 else 0.0
    ledger.uncovered[f] = base.due[f] - covered
    loss = state.money[ledger.facility[BORROWER, f], LOSS]
    for i in range(first, last):
        p = base.of_facility[i]
        row = base.pledge[p, ROW]
        if row >= 0:
            set_pledged(ledger, state, row, market.taken[p] * part, loss)
    set_shortfall(ledger, rule, state, f, loss)
    return int(last - first)


@njit(cache=True, nogil=True, error_model="numpy")
def put_prices_back(base: Assets, market: Market, ledger: Ledger, state: State) -> None:
    """Undo a cascade: prices stand where they stood. Call it before the state's own lists are emptied."""
    for i in range(state.counts[TOUCHED]):
        p = state.party_list[TOUCHED, i]
        market.told[p] = base.told[p]
    for at in range(market.counts[1]):
        c = market.listed[1, at]
        market.marked[0, c] = False
        market.marked[1, c] = False
        market.sold[c] = base.sold[c]
        for i in range(base.class_start[c], base.class_start[c + 1]):
            a = base.of_class[i]
            if market.price[a] == base.price[a]:
                continue
            market.price[a] = base.price[a]
            for p in range(base.pledge_start[a], base.pledge_start[a + 1]):
                market.taken[p] = base.taken[p]
                f = base.pledge[p, FACILITY]
                ledger.uncovered[f] = base.uncovered[f]
                for k in range(base.of_facility_start[f], base.of_facility_start[f + 1]):
                    row = base.pledge[base.of_facility[k], ROW]
                    if row >= 0:
                        ledger.pledged[row] = base.pledged[row]
    market.counts[:] = 0
