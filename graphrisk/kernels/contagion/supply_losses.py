"""Deliveries as arrays, and what a firm's stop takes from those who buy of it and sell to it: step 2 of the map.

Source: the recursion of C. Diem, A. Borsos, T. Reisch, J. Kertesz, S. Thurner, "Quantifying firm-level economic
systemic risk from nation-wide supply networks", Scientific Reports 12, 7719 (2022); profit lost by Z. Tabachova, C.
Diem, A. Borsos, C. Burger, S. Thurner, "Estimating the impact of supply chain network contagion on financial
stability", Journal of Financial Stability 75 (2024). Kept as losses 1 - h. Which firms can stand in for
each other is a market; an essential input binds alone, by its supplier's industry, all others together. What is known
to be sold and bought besides the recorded deliveries stands still: nobody carries a shock into or out of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import (
    EQUITY,
    FAILED,
    FIRST_EQUITY,
    FIXED,
    KNOWN,
    NOTHING,
    Flags,
    Floats,
    Ints,
    Ledger,
    State,
    rows_by,
)

NEVER, IN_DEFAULT, BY_LOSS = range(3)
"""When a party stops delivering by itself: never (a shock takes production), in default, or as it loses equity."""


class InTurn(NamedTuple):
    """The same deliveries, firms renumbered: suppliers before their buyers but for cycles, so that memory is read in
    order where all firms are worked out. Only who delivers or buys here has a number.
    """

    firm: Ints  # (firms,) the party of each number
    sales: Floats  # (firms,)
    market: Ints  # (firms,)
    whole: Floats  # (firms,) sales of its market
    buyer_start: Ints  # (firms + 1,) as in Supply
    supplier: Ints  # (rows,) numbers
    group: Ints
    weight: Floats
    supplier_start: Ints  # (firms + 1,)
    buyer: Ints  # (rows,) numbers
    order: Floats


class Supply(NamedTuple):
    """Deliveries, by buyer, group of inputs and supplier; and the same rows by supplier."""

    buyer_start: Ints  # (parties + 1,)
    supplier: Ints  # (rows,)
    group: Ints  # (rows,) 0 for what is not essential, else a number of the supplier's industry, from 1
    weight: Floats  # (rows,) part of the buyer's production that hangs on the row
    supplier_start: Ints  # (parties + 1,)
    row: Ints  # rows by supplier
    buyer: Ints  # (rows,) of those
    order: Floats  # (rows,) of those: part of the supplier's sales
    sales: Floats  # (parties,) in all, of those too who neither deliver nor buy here
    market: Ints  # (parties,)
    market_sales: Floats  # (markets,) of everybody
    in_turn: InTurn


def supply_rows(
    supplier: Ints,
    buyer: Ints,
    amount: Floats,
    essential: Flags,
    industry: Ints,
    size: int,
    *,
    sold: Floats | None = None,
    bought: Floats | None = None,
) -> tuple[Supply, Ints]:
    """Return the deliveries in the form of the step, and the given row of each of its rows.

    `industry` (size,): firms of one number share a market; a firm with a number of its own has none to stand in.
    `sold`, `bought` (size,): what each firm sells, and buys of inputs, in all; where unknown (NaN) or less than what is
    recorded, the recorded sum is taken. With neither, the step is that of the source.
    """
    sales = np.bincount(supplier, weights=amount, minlength=size).astype(np.float64)
    inputs = np.bincount(buyer, weights=amount, minlength=size).astype(np.float64)
    sales = sales if sold is None else np.fmax(sales, sold)
    inputs = inputs if bought is None else np.fmax(inputs, bought)
    market = np.unique(industry, return_inverse=True)[1].astype(np.int64)
    markets = int(market.max(initial=-1)) + 1
    kind = industry[supplier]
    order = np.lexsort((np.arange(len(buyer)), supplier, np.where(essential, kind + 1, 0), buyer))
    supplier, buyer, amount, kind = supplier[order], buyer[order], amount[order], kind[order]
    pair = np.unique(buyer * (kind.max(initial=0) + 1) + kind, return_inverse=True)[1]
    of_kind = np.bincount(pair, weights=amount) if len(pair) else amount
    essential = essential[order]
    whole = np.where(essential, of_kind[pair] if len(pair) else amount, inputs[buyer])
    by_supplier, rows = rows_by(supplier, size)
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(buyer, minlength=size), out=starts[1:])
    market_sales = np.bincount(market, weights=sales, minlength=markets).astype(np.float64)
    group = np.where(essential, kind + 1, 0).astype(np.int64)
    weight = np.divide(amount, whole, out=np.zeros(len(amount)), where=whole > 0.0)
    orders = np.divide(amount, sales[supplier], out=np.zeros(len(amount)), where=sales[supplier] > 0.0)
    firm = _turn(supplier, buyer, size)
    number = np.zeros(size, dtype=np.int64)
    number[firm] = np.arange(len(firm))
    of_buyer, of_supplier = (np.argsort(number[one], kind="stable") for one in (buyer, supplier))
    in_turn = InTurn(
        firm=firm,
        sales=sales[firm],
        market=market[firm],
        whole=market_sales[market[firm]] if len(firm) else np.zeros(0),
        buyer_start=rows_by(number[buyer], len(firm))[0],
        supplier=number[supplier[of_buyer]],
        group=group[of_buyer],
        weight=weight[of_buyer],
        supplier_start=rows_by(number[supplier], len(firm))[0],
        buyer=number[buyer[of_supplier]],
        order=orders[of_supplier],
    )
    return Supply(
        buyer_start=starts,
        supplier=supplier.astype(np.int64),
        group=group,
        weight=weight,
        supplier_start=by_supplier,
        row=rows,
        buyer=buyer[rows].astype(np.int64),
        order=orders[rows],
        sales=sales,
        market=market,
        market_sales=market_sales,
        in_turn=in_turn,
    ), order


def _turn(supplier: Ints, buyer: Ints, size: int) -> Ints:
    """Return the firms of some deliveries so that losses pass most of them in one go; any order gives the same end."""
    if not len(supplier):
        return np.zeros(0, dtype=np.int64)
    rows = csr_array((np.ones(len(supplier), dtype=np.int8), (supplier, buyer)), shape=(size, size))
    part = connected_components(rows, connection="strong")[1]
    upstream = 1 if np.count_nonzero(part[supplier] < part[buyer]) * 2 > len(supplier) else -1
    firms = np.unique(np.concatenate([supplier, buyer]))
    return firms[np.argsort(upstream * part[firms], kind="stable")].astype(np.int64)


def no_supply(size: int) -> Supply:
    """Return the deliveries of a book of `size` parties without any."""
    ints, floats = np.zeros(0, dtype=np.int64), np.zeros(0)
    return supply_rows(ints, ints, floats, np.zeros(0, dtype=np.bool_), np.zeros(size, dtype=np.int64), size)[0]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def share_missed(sales: float, left: float, whole: float) -> float:
    """Return what part of a firm's deliveries nobody can stand in for.

    `sales`: what it sells; `left`: the sales that the firms of its market can still make, of `whole`.
    """
    if sales <= 0.0:
        return 0.0
    if left <= NOTHING * whole:
        return 1.0
    return float(min(1.0, sales / left))


def market_shares(supply: Supply, down: Floats) -> Floats:
    """Return what part of each firm's deliveries nobody can stand in for (parties,); `down`: lost so far."""
    shares: Floats = _market_shares(supply, np.ascontiguousarray(down))
    return shares


@njit(cache=True, nogil=True, error_model="numpy")
def _market_shares(supply: Supply, down: Floats) -> Floats:
    room = np.zeros(len(supply.market_sales))
    for i in range(len(down)):
        room[supply.market[i]] += supply.sales[i] * (1.0 - down[i])
    share = np.zeros(len(down))
    for i in range(len(down)):
        m = supply.market[i]
        share[i] = share_missed(supply.sales[i], room[m], supply.market_sales[m])
    return share


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lost_by_itself(ledger: Ledger, state: State, i: int, by_loss: bool) -> float:
    """Return the part of its production that party `i` loses by itself: all in default, `by_loss` as its equity."""
    if state.party_flag[i, FAILED]:
        return 1.0
    if not by_loss:
        return 0.0
    if ledger.party[i, KNOWN] == 0.0:
        return float(state.money[i, FIXED])
    first = ledger.party[i, FIRST_EQUITY]
    return float(min(1.0, max(0.0, (first - state.money[i, EQUITY]) / first))) if first > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def all_lost_by_themselves(ledger: Ledger, state: State, by_loss: bool) -> Floats:
    """Return the part of its production that each party loses by itself (parties,)."""
    lost = np.zeros(ledger.party.shape[0])
    for i in range(len(lost)):
        lost[i] = lost_by_itself(ledger, state, i, by_loss)
    return lost
