"""Prices in drawn scenarios: assets that are sold lower the price of their class, scenario by scenario.

The same map as `graphrisk.kernels.contagion.prices.PriceLayer`. What is sold follows the parties that change; a class
whose price moves is valued anew with all of its pledges, so that a scenario costs its sweeps times the pledges.
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
    PLEDGES,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    rows_by,
)
from graphrisk.kernels.contagion.prices import Pledges, covered_at, set_pledged, sold_in_all
from graphrisk.kernels.contagion.sweep import mark, set_shortfall
from graphrisk.kernels.contagion.valuation import loss_fraction


class Selling(NamedTuple):
    """The pledges of a book as the prices of a scenario need them."""

    beta: float
    depth: Floats  # (classes,)
    facility: Ints  # (pledges,) by asset and rank
    asset: Ints
    rank: Ints
    allocated: Floats
    sold: Floats  # (pledges,) value sold where the whole facility is called
    by_facility: Ints  # (facilities + 1,)
    pledge: Ints  # pledges by facility
    secured: Ints  # facilities with a pledge
    due: Floats  # (facilities,)
    covered: Floats  # (facilities,) by collateral, before any impact
    uncovered: Floats  # (facilities,) what falls short then
    most: Floats  # (facilities,) and at most
    value: Floats  # (assets,)
    price: Floats  # (assets,) before any impact
    haircut: Floats
    owner: Ints
    kind: Ints  # (assets,) class
    order: Ints  # the pledge of each row of ledger.pledged
    pledged: Floats  # those rows before any impact


class Prices(NamedTuple):
    """Where the prices of one scenario stand: by class, what is sold and the factor on the price; working space."""

    sold: Floats
    factor: Floats
    fresh: Floats
    claim: Floats  # (pledges,)
    worth: Floats  # (assets,)
    covered: Floats  # (facilities,)
    taken: Floats  # (facilities,)


def selling(ledger: Ledger, pledges: Pledges, order: Ints, beta: float, depth: Floats, most: Floats) -> Selling:
    """Return what prices need of a book. `ledger.uncovered` is what falls short before any impact.

    A fall of prices adds to it what collateral then pays less, up to `most` (facilities,); `order`: the pledge of each
    row of `ledger.pledged`; `depth` (classes,): value that a class can sell.
    """
    covered, pays = covered_at(pledges, pledges.price)
    start, rows = rows_by(pledges.facility, len(pledges.due))
    return Selling(
        beta=beta,
        depth=depth,
        facility=pledges.facility,
        asset=pledges.asset,
        rank=pledges.rank,
        allocated=pledges.allocated,
        sold=sold_in_all(pledges, pays),
        by_facility=start,
        pledge=rows,
        secured=np.unique(pledges.facility),
        due=pledges.due,
        covered=covered,
        uncovered=ledger.uncovered.copy(),
        most=np.maximum(most, ledger.uncovered),
        value=pledges.value,
        price=pledges.price,
        haircut=pledges.haircut,
        owner=pledges.asset_owner,
        kind=pledges.classes,
        order=order,
        pledged=ledger.pledged.copy(),
    )


def quiet_prices(given: Selling) -> Prices:
    """Return prices before any impact."""
    classes = len(given.depth)
    return Prices(
        sold=np.zeros(classes),
        factor=np.ones(classes),
        fresh=np.ones(classes),
        claim=np.zeros(len(given.facility)),
        worth=np.zeros(len(given.value)),
        covered=given.covered.copy(),
        taken=np.zeros(len(given.due)),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def let_prices_fall(given: Selling, now: Prices, ledger: Ledger, rule: Rule, state: State) -> float:
    """Let prices follow what is sold now; return the largest change of a price. Changes `ledger` in place."""
    moved = False
    for i in range(state.counts[CHANGED]):
        j = state.party_list[CHANGED, i]
        equity, fixed = state.money[j, EQUITY], state.money[j, FIXED]
        more = loss_fraction(rule, ledger.party, j, equity, state.party_flag[j, FAILED], fixed) - state.money[j, LOSS]
        if more == 0.0:
            continue
        for e in range(ledger.start[LOANS, j], ledger.start[LOANS, j + 1]):
            f = ledger.loan[e]
            for row in range(given.by_facility[f], given.by_facility[f + 1]):
                p = given.pledge[row]
                now.sold[given.kind[given.asset[p]]] += given.sold[p] * more
                moved = True
    if not moved:
        return 0.0
    for c in range(len(given.depth)):
        part = now.sold[c] / given.depth[c] if given.depth[c] > 0.0 else 0.0
        now.fresh[c] = math.exp(-given.beta * part)
    largest = 0.0
    for a in range(len(given.value)):
        fall = given.price[a] * (now.factor[given.kind[a]] - now.fresh[given.kind[a]])
        largest = max(largest, abs(fall))
        if given.owner[a] >= 0 and fall != 0.0:
            state.money[given.owner[a], COLLATERAL] += fall * given.value[a]
            mark(state, given.owner[a], False)
    if largest == 0.0:
        return 0.0
    now.factor[:] = now.fresh
    _value_anew(given, now, ledger, rule, state)
    return largest


@njit(cache=True, nogil=True, error_model="numpy")
def _value_anew(given: Selling, now: Prices, ledger: Ledger, rule: Rule, state: State) -> None:
    """Bring what collateral pays, shortfalls and pledgers up to date with the prices."""
    for a in range(len(given.value)):
        lending = given.price[a] * now.factor[given.kind[a]] * (1.0 - given.haircut[a])
        now.worth[a] = lending * given.value[a]
    for p in range(len(given.facility)):
        a = given.asset[p]
        lending = given.price[a] * now.factor[given.kind[a]] * (1.0 - given.haircut[a])
        now.claim[p] = min(given.allocated[p] * lending, given.due[given.facility[p]])
    pays = take_in_rank_order(given.asset, given.rank, now.claim, now.worth)
    for i in range(len(given.secured)):
        now.taken[given.secured[i]] = 0.0
    for p in range(len(given.facility)):
        now.taken[given.facility[p]] += pays[p]
    for i in range(len(given.secured)):
        f = given.secured[i]
        covered = covered_by(given.due[f], now.taken[f])
        now.covered[f] = covered
        uncovered = given.uncovered[f] + (given.covered[f] - covered)
        ledger.uncovered[f] = min(given.most[f], max(given.uncovered[f], uncovered))
    for i in range(len(given.secured)):
        f = given.secured[i]
        loss = state.money[ledger.facility[BORROWER, f], LOSS]
        part = now.covered[f] / now.taken[f] if now.taken[f] > 0.0 else 0.0
        for row in range(ledger.facility_start[PLEDGES, f], ledger.facility_start[PLEDGES, f + 1]):
            set_pledged(ledger, state, row, pays[given.order[row]] * part, loss)
        set_shortfall(ledger, rule, state, f, loss)


@njit(cache=True, nogil=True, error_model="numpy")
def raise_prices(given: Selling, now: Prices, ledger: Ledger) -> None:
    """Undo a scenario: prices and what collateral pays stand where they stood."""
    moved = False
    for c in range(len(given.depth)):
        moved = moved or now.factor[c] != 1.0
        now.sold[c] = 0.0
        now.factor[c] = 1.0
    if not moved:
        return
    for i in range(len(given.secured)):
        f = given.secured[i]
        ledger.uncovered[f] = given.uncovered[f]
        for row in range(ledger.facility_start[PLEDGES, f], ledger.facility_start[PLEDGES, f + 1]):
            ledger.pledged[row] = given.pledged[row]
