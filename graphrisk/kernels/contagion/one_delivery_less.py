"""What a firm would lose for want of inputs or of orders if one of its partners were not there, all else as it was.

The step is that of `production`, at the levels that a run ended on. Where a partner is gone, the essential inputs of
its industry that are left share the weight of what is not there, and the deliveries that are left weigh more in what a
firm sells, or buys, in all; what the accounts say is sold and bought in all stays at least that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import Floats, Ints

NOBODY = -1


class Sides(NamedTuple):
    """Deliveries by buyer and by supplier, each with what is lost by it at the end of a run."""

    buyer_start: Ints  # (parties + 1,)
    supplier: Ints  # (rows,)
    group: Ints
    weight: Floats
    missed: Floats  # part of the buyer's production that is lost by the row
    bought: Floats  # money of the row
    supplier_start: Ints  # (parties + 1,)
    buyer: Ints  # (rows,)
    dropped: Floats  # part of the supplier's production that is lost by the row
    sold: Floats  # money of the row
    all_bought: Floats  # (parties,) by the accounts, 0 where unknown
    all_sold: Floats


class Changed(NamedTuple):
    """Per pair of partners: lost inputs of the buyer and lost orders of the supplier, as they are and without it."""

    inputs: Floats
    inputs_then: Floats
    orders_of_buyer: Floats
    orders: Floats
    orders_then: Floats
    inputs_of_supplier: Floats


def without_each(sides: Sides, supplier: Ints, buyer: Ints) -> Changed:
    """Return what changes without the deliveries of each supplier to each buyer, pair by pair."""
    found = Changed(*(np.zeros(len(supplier)) for _ in Changed._fields))
    _without_each(sides, supplier, buyer, found)
    return found


def inputs_lost(sides: Sides, buyer: int, *, less: int = NOBODY, part: float = 0.0) -> float:
    """Return the production that `buyer` loses for want of inputs, if it had `part` of what `less` does not deliver."""
    return float(_inputs(sides, buyer, NOBODY, less, part))


def orders_lost(sides: Sides, supplier: int) -> float:
    """Return the production that `supplier` loses for want of orders."""
    return float(_orders(sides, supplier, NOBODY))


@njit(cache=True, nogil=True, error_model="numpy")
def _without_each(sides: Sides, supplier: Ints, buyer: Ints, found: Changed) -> None:
    for at in range(len(supplier)):
        one, other = supplier[at], buyer[at]
        found.inputs[at] = _inputs(sides, other, NOBODY, NOBODY, 0.0)
        found.inputs_then[at] = _inputs(sides, other, one, NOBODY, 0.0)
        found.orders_of_buyer[at] = _orders(sides, other, NOBODY)
        found.orders[at] = _orders(sides, one, NOBODY)
        found.orders_then[at] = _orders(sides, one, other)
        found.inputs_of_supplier[at] = _inputs(sides, one, NOBODY, NOBODY, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _inputs(sides: Sides, buyer: int, without: int, less: int, part: float) -> float:
    """Rows run by group: 0 for what is not essential, then each essential industry."""
    first, last = sides.buyer_start[buyer], sides.buyer_start[buyer + 1]
    before, after, gone = 0.0, 0.0, False
    for e in range(first, last):
        before += sides.bought[e]
        if sides.supplier[e] == without:
            gone = True
        else:
            after += sides.bought[e]
    worst, e = 0.0, first
    while e < last:
        group, lost, whole, kept = sides.group[e], 0.0, 0.0, 0.0
        while e < last and sides.group[e] == group:
            whole += sides.weight[e]
            if sides.supplier[e] != without:
                kept += sides.weight[e]
                lost += sides.missed[e] * (1.0 - part if sides.supplier[e] == less else 1.0)
            e += 1
        if gone:
            lost *= _fewer(sides.all_bought[buyer], before, after) if group == 0 else _over(whole, kept)
        worst = max(worst, lost)
    return min(1.0, worst)


@njit(cache=True, nogil=True, error_model="numpy")
def _orders(sides: Sides, supplier: int, without: int) -> float:
    before, after, lost = 0.0, 0.0, 0.0
    for e in range(sides.supplier_start[supplier], sides.supplier_start[supplier + 1]):
        before += sides.sold[e]
        if sides.buyer[e] != without:
            after += sides.sold[e]
            lost += sides.dropped[e]
    return float(min(1.0, lost * _fewer(sides.all_sold[supplier], before, after)))


@njit(cache=True, nogil=True, error_model="numpy")
def _fewer(told: float, before: float, after: float) -> float:
    """Return how much more each delivery left weighs where some are gone; `told`: the total by the accounts."""
    return float(_over(max(told, before), max(told, after)))


@njit(cache=True, nogil=True, error_model="numpy")
def _over(whole: float, kept: float) -> float:
    return whole / kept if kept > 0.0 else 0.0
