"""The step of prices: what is sold lowers the price of its class; only classes of which more is sold are priced anew.

    price of asset a = its price before any sale x exp(-beta x value sold of its class / depth of the class)

Source: R. Cifuentes, G. Ferrucci, H. S. Shin, "Liquidity risk and contagion", Journal of the European Economic
Association 3 (2005). What is sold of a class is the value that its pledges take, in proportion to their borrowers' loss
fractions, at the price before the impact, so that prices only fall. Step 3 of the map.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.collateral import Pledges, covered_at, covered_by, sold_in_all, take_all, take_of_asset
from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CHANGED,
    EQUITY,
    FAILED,
    FIXED,
    LOANS,
    LOSS,
    LOST_COLLATERAL,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    rows_by,
)
from graphrisk.kernels.contagion.lists import mark
from graphrisk.kernels.contagion.sweep import set_shortfall
from graphrisk.kernels.contagion.valuation import loss_fraction, losses_now

# columns of Assets.pledge: facility, asset, row in Ledger.pledged (-1: nobody else loses what it pays)
FACILITY, ASSET, ROW = range(3)
# columns of Assets.take: value allocated, value sold where its borrower loses all
ALLOCATED, SOLD = range(2)
# columns of Assets.asset: appraised value, part of it that counts, price before any sale
VALUE, LENT_PART, FIRST_PRICE = range(3)
# columns of Assets.whose
OWNER, CLASS = range(2)
# rows of Assets.facility: what is due, what collateral pays at the first prices, what it then leaves, leaves at most
DUE, COVERED, UNCOVERED, MOST = range(4)
# rows of Market.listed and Market.marked: to price anew, ever priced anew; place of the facilities in Market.counts
NEXT, EVER, FACILITIES = range(3)


class Assets(NamedTuple):
    """The pledges by asset and rank, and the assets; shared by all runs."""

    pledge: Ints  # (pledges, 3)
    rank: Ints  # (pledges,)
    take: Floats  # (pledges, 2)
    pledge_start: Ints  # (assets + 1,)
    facility_start: Ints  # (facilities + 1,)
    of_facility: Ints  # pledges by facility
    asset: Floats  # (assets, 3)
    whose: Ints  # (assets, 2)
    class_start: Ints  # (classes + 1,)
    of_class: Ints  # assets by class
    facility: Floats  # (4, facilities)
    depth: Floats  # (classes,)
    beta: float


class Market(NamedTuple):
    """Where prices stand in a run; the ledger of the run (uncovered, pledged) follows them."""

    price: Floats  # (assets,)
    taken: Floats  # (pledges,)
    sold: Floats  # (classes,)
    claim: Floats  # (pledges,) working space
    listed: Ints  # (2, classes)
    marked: Flags  # (2, classes)
    anew: Ints  # (facilities,) whose pledges take something else
    is_anew: Flags  # (facilities,)
    counts: Ints  # (3,)


def assets_of(pledges: Pledges, order: Ints, *, beta: float, depth: Floats, stated: Floats | None = None) -> Assets:
    """Return the assets of a book. `order`: the pledge of each row of Ledger.pledged; `depth` (classes,): in money.

    `stated` (facilities,): what is left uncovered before any sale where a stated loss given default says so; a fall of
    prices adds to it what collateral then pays less, up to what is due.
    """
    row = np.full(len(pledges.facility), -1, dtype=np.int64)
    row[order] = np.arange(len(order))
    covered, pays = covered_at(pledges, pledges.price)
    class_start, of_class = rows_by(pledges.classes, len(depth))
    facility_start, of_facility = rows_by(pledges.facility, len(pledges.due))
    left = pledges.due - covered if stated is None else stated
    return Assets(
        pledge=np.stack([pledges.facility, pledges.asset, row], axis=1).astype(np.int64),
        rank=pledges.rank.astype(np.int64),
        take=np.stack([pledges.allocated, sold_in_all(pledges, pays)], axis=1).astype(np.float64),
        pledge_start=rows_by(pledges.asset, len(pledges.value))[0],
        facility_start=facility_start,
        of_facility=of_facility,
        asset=np.stack([pledges.value, 1.0 - pledges.haircut, pledges.price], axis=1).astype(np.float64),
        whose=np.stack([pledges.asset_owner, pledges.classes], axis=1).astype(np.int64),
        class_start=class_start,
        of_class=of_class,
        facility=np.stack([pledges.due, covered, left, np.maximum(np.maximum(pledges.due, 0.0), left)]),
        depth=depth.astype(np.float64),
        beta=float(beta),
    )


def no_assets() -> Assets:
    """Return the assets of a book whose prices do not move."""
    ints, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    one = np.zeros(1, dtype=np.int64)
    return Assets(
        pledge=np.zeros((0, 3), dtype=np.int64), rank=ints, take=np.zeros((0, 2)), pledge_start=one, facility_start=one,
        of_facility=ints, asset=np.zeros((0, 3)), whose=np.zeros((0, 2), dtype=np.int64), class_start=one,
        of_class=ints, facility=np.zeros((4, 0)), depth=floats, beta=0.0,
    )  # fmt: skip


def market_at(assets: Assets, ledger: Ledger, state: State, price: Floats | None = None) -> Market:
    """Return the market at `price` (assets,; None: before any sale) while `state` has been passed on."""
    asset, f = assets.pledge[:, ASSET], assets.pledge[:, FACILITY]
    now = assets.asset[:, FIRST_PRICE] if price is None else price
    by_class = assets.whose[asset, CLASS]
    sold = np.bincount(
        by_class, weights=assets.take[:, SOLD] * state.money[ledger.facility[BORROWER, f], LOSS],
        minlength=len(assets.depth),
    )  # fmt: skip
    part = now * assets.asset[:, LENT_PART]
    claim = np.minimum(assets.take[:, ALLOCATED] * part[asset], assets.facility[DUE, f])
    taken = take_all(assets.pledge_start, assets.rank, claim, assets.asset[:, VALUE] * part)
    return _market(assets, np.ascontiguousarray(now, dtype=np.float64), taken, sold.astype(np.float64))


def no_market() -> Market:
    """Return the market of a book whose prices do not move."""
    return _market(no_assets(), np.zeros(0), np.zeros(0), np.zeros(0))


def _market(assets: Assets, price: Floats, taken: Floats, sold: Floats) -> Market:
    classes, facilities = len(assets.depth), assets.facility.shape[1]
    return Market(
        price=price.copy(),
        taken=taken,
        sold=sold,
        claim=np.zeros(len(taken)),
        listed=np.zeros((2, classes), dtype=np.int64),
        marked=np.zeros((2, classes), dtype=np.bool_),
        anew=np.zeros(facilities, dtype=np.int64),
        is_anew=np.zeros(facilities, dtype=np.bool_),
        counts=np.zeros(3, dtype=np.int64),
    )


def copy_market(market: Market) -> Market:
    """Return a copy for another run."""
    return Market(**{name: array.copy() for name, array in market._asdict().items()})


def price_all_anew(market: Market) -> None:
    """Have every class priced anew in the next step: the prices before any sale are others now."""
    classes = market.listed.shape[1]
    market.listed[:] = np.arange(classes)
    market.marked[:] = True
    market.counts[NEXT] = market.counts[EVER] = classes


@njit(cache=True, nogil=True, error_model="numpy")
def let_prices_follow(assets: Assets, market: Market, ledger: Ledger, rule: Rule, state: State) -> tuple[float, int]:
    """Let prices follow the parties that changed; return the largest change of a price and the pledges looked at."""
    counts, moved, work = market.counts, 0.0, 0
    if len(market.price) == 0:
        return moved, work
    for i in range(state.counts[CHANGED]):
        work += _sell(assets, market, ledger, rule, state, state.party_list[CHANGED, i])
    for at in range(counts[NEXT]):
        c = market.listed[NEXT, at]
        market.marked[NEXT, c] = False
        fall = fall_of_class(assets, c, market.sold[c])
        for i in range(assets.class_start[c], assets.class_start[c + 1]):
            a = assets.of_class[i]
            price = assets.asset[a, FIRST_PRICE] * fall
            if price == market.price[a]:
                continue
            moved = max(moved, abs(price - market.price[a]))
            owner = assets.whose[a, OWNER]
            lost = (market.price[a] - price) * assets.asset[a, VALUE]
            if owner >= 0 and lost != 0.0:
                state.money[owner, LOST_COLLATERAL] += lost
                mark(state, owner, False)
            market.price[a] = price
            _take(assets, market, a)
            work += 1 + assets.pledge_start[a + 1] - assets.pledge_start[a]
    counts[NEXT] = 0
    for at in range(counts[FACILITIES]):
        work += _cover(assets, market, ledger, rule, state, market.anew[at])
    counts[FACILITIES] = 0
    return moved, work


def price_residual(assets: Assets, market: Market, ledger: Ledger, rule: Rule, state: State) -> float:
    """Return the largest change of a price that one more step would make; nothing is changed."""
    loss = losses_now(rule, ledger.party, state.money, state.failed)
    asset = assets.pledge[:, ASSET]
    sold = assets.take[:, SOLD] * loss[ledger.facility[BORROWER, assets.pledge[:, FACILITY]]]
    by_class = np.bincount(assets.whose[asset, CLASS], weights=sold, minlength=len(assets.depth))
    falls = np.array([fall_of_class(assets, c, amount) for c, amount in enumerate(by_class)])
    price = assets.asset[:, FIRST_PRICE] * falls[assets.whose[:, CLASS]]
    return float(np.abs(price - market.price).max(initial=0.0))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def fall_of_class(assets: Assets, c: int, sold: float) -> float:
    """Return what is left of the prices of class `c` once `sold` of its value is sold: exp(-beta x sold / depth)."""
    part = sold / assets.depth[c] if assets.depth[c] > 0.0 else 0.0
    return math.exp(-assets.beta * part)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _sell(assets: Assets, market: Market, ledger: Ledger, rule: Rule, state: State, j: int) -> int:
    """Bring what is sold of each class up to date with the loss fraction that borrower `j` is about to pass on."""
    first, last = ledger.start[LOANS, j], ledger.start[LOANS, j + 1]
    if first == last:
        return 0
    money = state.money
    loss = loss_fraction(rule, ledger.party, j, money[j, EQUITY], state.party_flag[j, FAILED], money[j, FIXED])
    more = loss - money[j, LOSS]
    if more == 0.0:
        return 1
    work = 1
    for e in range(first, last):
        f = ledger.loan[e]
        for i in range(assets.facility_start[f], assets.facility_start[f + 1]):
            p = assets.of_facility[i]
            c = assets.whose[assets.pledge[p, ASSET], CLASS]
            market.sold[c] += assets.take[p, SOLD] * more
            for which in range(2):
                if not market.marked[which, c]:
                    market.marked[which, c] = True
                    market.listed[which, market.counts[which]] = c
                    market.counts[which] += 1
            work += 1
    return work


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _take(assets: Assets, market: Market, a: int) -> None:
    """Let the pledges of asset `a` take what it can pay at its price."""
    part = market.price[a] * assets.asset[a, LENT_PART]
    first, last = assets.pledge_start[a], assets.pledge_start[a + 1]
    for p in range(first, last):
        f = assets.pledge[p, FACILITY]
        market.claim[p] = min(assets.take[p, ALLOCATED] * part, assets.facility[DUE, f])
        if not market.is_anew[f]:
            market.is_anew[f] = True
            market.anew[market.counts[FACILITIES]] = f
            market.counts[FACILITIES] += 1
    take_of_asset(assets.rank, market.claim, first, last, assets.asset[a, VALUE] * part, market.taken)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _cover(assets: Assets, market: Market, ledger: Ledger, rule: Rule, state: State, f: int) -> int:
    """Bring the uncovered amount of facility `f`, its shortfall and those who lose its pledges up to date."""
    market.is_anew[f] = False
    first, last = assets.facility_start[f], assets.facility_start[f + 1]
    total = 0.0
    for i in range(first, last):
        total += market.taken[assets.of_facility[i]]
    covered = covered_by(assets.facility[DUE, f], total)
    part = covered / total if total > 0.0 else 0.0
    left = assets.facility[UNCOVERED, f] + (assets.facility[COVERED, f] - covered)
    ledger.uncovered[f] = min(assets.facility[MOST, f], left)
    loss = state.money[ledger.facility[BORROWER, f], LOSS]
    for i in range(first, last):
        p = assets.of_facility[i]
        row = assets.pledge[p, ROW]
        if row >= 0:
            set_pledged(ledger, state, row, market.taken[p] * part, loss)
    set_shortfall(ledger, rule, state, f, loss)
    return int(last - first)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def set_pledged(ledger: Ledger, state: State, row: int, pays: float, loss: float) -> None:
    """Let a pledge of another (a row of `ledger.pledged`) pay `pays` where all is lost; its pledger loses the change.

    `loss`: the loss fraction of the borrower that has been passed on to the pledger.
    """
    more = (pays - ledger.pledged[row]) * loss
    ledger.pledged[row] = pays
    if more != 0.0:
        state.money[ledger.pledger[row], LOST_COLLATERAL] += more
        mark(state, ledger.pledger[row], False)


@njit(cache=True, nogil=True, error_model="numpy")
def put_prices_back(assets: Assets, first: Market, market: Market, base: Ledger, ledger: Ledger) -> None:
    """Undo a start: prices, and the ledger that follows them, stand where they stood."""
    for at in range(market.counts[EVER]):
        c = market.listed[EVER, at]
        market.marked[NEXT, c] = False
        market.marked[EVER, c] = False
        market.sold[c] = first.sold[c]
        for i in range(assets.class_start[c], assets.class_start[c + 1]):
            a = assets.of_class[i]
            if market.price[a] == first.price[a]:
                continue
            market.price[a] = first.price[a]
            for p in range(assets.pledge_start[a], assets.pledge_start[a + 1]):
                market.taken[p] = first.taken[p]
                f = assets.pledge[p, FACILITY]
                ledger.uncovered[f] = base.uncovered[f]
                for k in range(assets.facility_start[f], assets.facility_start[f + 1]):
                    row = assets.pledge[assets.of_facility[k], ROW]
                    if row >= 0:
                        ledger.pledged[row] = base.pledged[row]
    market.counts[:] = 0
