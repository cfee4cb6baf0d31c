"""What each facility takes from the assets pledged to it, in rank order.

Source: our own, stated in docs/methods/contagion.md, step 3 of the map.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from graphrisk.kernels.contagion.ledger import Floats, Ints

ROUNDING = 1e-12
"""A rest of a facility's due below this part of it is rounding."""


@njit(cache=True, nogil=True, error_model="numpy")
def take_in_rank_order(asset: Ints, rank: Ints, claim: Floats, available: Floats) -> Floats:
    """Return what each pledge takes (pledges,): min(claim, what better ranks left), equal ranks pro rata.

    Pledges are sorted by `asset`, then `rank`; `available` (assets,) is what each asset can pay in all.
    """
    taken = np.zeros(len(asset))
    left = 0.0
    i = 0
    while i < len(asset):
        if i == 0 or asset[i] != asset[i - 1]:
            left = available[asset[i]]
        end = i
        total = 0.0
        while end < len(asset) and asset[end] == asset[i] and rank[end] == rank[i]:
            total += claim[end]
            end += 1
        part = 1.0 if total <= left else left / total
        for j in range(i, end):
            taken[j] = claim[j] * part
        left = max(0.0, left - total)
        i = end
    return taken


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def covered_by(due: float, taken: float) -> float:
    """Return what of a facility's due is paid by all that it takes from its assets: rounding leaves no rest."""
    covered = taken if taken < due else due
    return due if due - covered <= ROUNDING * due else covered


@njit(cache=True, nogil=True, error_model="numpy")
def _covered(due: Floats, taken: Floats) -> Floats:
    covered = np.empty(len(due))
    for f in range(len(due)):
        covered[f] = covered_by(due[f], taken[f])
    return covered


def recoveries(
    *,
    facility: Ints,
    asset: Ints,
    rank: Ints,
    allocated: Floats,
    due: Floats,
    value: Floats,
    lending_value: Floats,
) -> tuple[Floats, Floats]:
    """Return (what collateral pays of each facility (facilities,), of that what each pledge pays (pledges,)).

    Pledges are sorted by asset, then rank. `lending_value` (assets,): price x (1 - haircut), the part of the value that
    counts. A pledge claims min(allocated x that part, due); a facility never takes more than its due in all.
    """
    claim = np.minimum(allocated * lending_value[asset], due[facility])
    taken = take_in_rank_order(asset, rank, claim, value * lending_value)
    total = np.bincount(facility, weights=taken, minlength=len(due)).astype(np.float64)
    covered = _covered(due, total)
    part = np.divide(covered, total, out=np.zeros_like(total), where=total > 0.0)
    return covered, taken * part[facility]
