"""What each facility takes from the assets pledged to it, in rank order: step 3 of the map.

Source: our own, stated in docs/methods/contagion.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import Floats, Ints, rows_by

ROUNDING = 1e-12
"""A rest of a facility's due below this part of it is rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pledges:
    """The pledges of a book, by asset and rank, and the assets; prices before any impact."""

    facility: Ints  # (pledges,)
    asset: Ints
    rank: Ints
    allocated: Floats
    owner: Ints  # who loses what the pledge pays, -1: nobody else
    due: Floats  # (facilities,)
    value: Floats  # (assets,) appraised
    price: Floats  # (assets,) 1 + the scenario's change
    haircut: Floats  # (assets,)
    asset_owner: Ints  # (assets,)
    classes: Ints  # (assets,) assets of one class share a price


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def take_of_asset(rank: Ints, claim: Floats, first: int, last: int, left: float, taken: Floats) -> None:
    """Let the pledges `first` to `last` of one asset, in rank order, take of the `left` that it can pay.

    Each takes min(claim, what better ranks left), equal ranks pro rata.
    """
    i = first
    while i < last:
        end, total = i, 0.0
        while end < last and rank[end] == rank[i]:
            total += claim[end]
            end += 1
        part = 1.0 if total <= left else left / total
        for p in range(i, end):
            taken[p] = claim[p] * part
        left = max(0.0, left - total)
        i = end


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def covered_by(due: float, taken: float) -> float:
    """Return what of a facility's due is paid by all that it takes from its assets: rounding leaves no rest."""
    covered = taken if taken < due else due
    return due if due - covered <= ROUNDING * due else covered


@njit(cache=True, nogil=True, error_model="numpy")
def take_all(start: Ints, rank: Ints, claim: Floats, available: Floats) -> Floats:
    """Return what each pledge takes (pledges,), by asset from `start`; `available` (assets,): what each can pay."""
    taken = np.zeros(len(claim))
    for a in range(len(available)):
        take_of_asset(rank, claim, start[a], start[a + 1], available[a], taken)
    return taken


@njit(cache=True, nogil=True, error_model="numpy")
def _covered(due: Floats, taken: Floats) -> Floats:
    covered = np.empty(len(due))
    for f in range(len(due)):
        covered[f] = covered_by(due[f], taken[f])
    return covered


def covered_at(pledges: Pledges, price: Floats) -> tuple[Floats, Floats]:
    """Return (what collateral pays of each facility, of that what each pledge pays) at prices (assets,).

    What counts of an asset's value is price x (1 - haircut) of it; a pledge claims min(allocated x that part, due); a
    facility never takes more than its due in all.
    """
    part = price * (1.0 - pledges.haircut)
    claim = np.minimum(pledges.allocated * part[pledges.asset], pledges.due[pledges.facility])
    start = rows_by(pledges.asset, len(pledges.value))[0]
    taken = take_all(start, pledges.rank, claim, pledges.value * part)
    total = np.bincount(pledges.facility, weights=taken, minlength=len(pledges.due)).astype(np.float64)
    covered = _covered(pledges.due, total)
    paid = np.divide(covered, total, out=np.zeros_like(total), where=total > 0.0)
    return covered, taken * paid[pledges.facility]


def sold_in_all(pledges: Pledges, pays: Floats) -> Floats:
    """Return the value that each pledge sells where its borrower loses all (pledges,); `pays`: as of `covered_at`."""
    worth = pledges.price[pledges.asset] * (1.0 - pledges.haircut[pledges.asset])
    part = np.divide(pays, worth, out=np.zeros(len(pays)), where=worth > 0.0)
    return part * pledges.price[pledges.asset]
