"""Power among the holders of one firm: shares are not influence.

Shapley-Shubik and Banzhaf are exact: over all coalitions of up to 16 holders, above that by generating functions over
the votes in basis points (O(n^2 W)). Relative control is w^2 over the sum of w^2 (Glattfelder and Battiston 2009).

Sources: L. Shapley, M. Shubik, Am. Polit. Sci. Rev. 48 (1954) 787; J. Banzhaf, Rutgers Law Rev. 19 (1965) 317.
"""

from __future__ import annotations

import math

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.ownership.stakes import Floats

COALITIONS = 16
"""Most holders whose coalitions are all looked at."""
POINTS = 10_000
"""Votes are rounded to basis points where there are more."""


def relative_control(votes: Floats) -> Floats:
    """Return each holder's squared votes over the sum of squares; zeros where nobody has votes."""
    squares = votes**2
    total = squares.sum()
    return np.asarray(squares / total if total > 0.0 else np.zeros(len(votes)))


def power(votes: Floats, quota: float, *, above: bool = True) -> tuple[Floats, Floats]:
    """Return the Shapley-Shubik and the Banzhaf index (shares that sum to 1) of holders with `votes`.

    A coalition wins with more than `quota` votes (`above`), or with at least that many. Zeros where none can win.
    """
    n = len(votes)
    if n == 0:
        return np.empty(0), np.empty(0)
    slack = 1e-9 * max(1.0, float(votes.sum()))
    wins = quota + slack if above else quota - slack
    if n <= COALITIONS:
        swings = _swings(np.ascontiguousarray(votes), wins)
    else:
        unit = votes.sum() / POINTS
        whole = np.rint(votes / unit).astype(np.int64)
        # winning is more than the quota: in whole units the smallest winning sum
        smallest = math.floor(wins / unit) + 1 if above else math.ceil(wins / unit)
        swings = _swings_by_units(whole, int(smallest))
    weight = np.array([math.factorial(k) * math.factorial(n - k - 1) / math.factorial(n) for k in range(n)])
    shapley = swings @ weight
    counted = swings.sum(axis=1)
    total = counted.sum()
    return np.asarray(shapley), np.asarray(counted / total if total > 0.0 else counted)


@njit(cache=True, nogil=True)
def _swings(votes, wins):  # type: ignore[no-untyped-def]
    """Return how many coalitions of each size a holder turns from losing to winning (n, n)."""
    n = len(votes)
    swings = np.zeros((n, n))
    for mask in range(1 << n):
        total, size = 0.0, 0
        for k in range(n):
            if mask >> k & 1:
                total += votes[k]
                size += 1
        if total >= wins:
            continue
        for k in range(n):
            if not mask >> k & 1 and total + votes[k] >= wins:
                swings[k, size] += 1.0
    return swings


@njit(cache=True, nogil=True)
def _swings_by_units(votes, smallest):  # type: ignore[no-untyped-def]
    """As above for whole votes: count coalitions by size and sum, then take each holder out again."""
    n, top = len(votes), votes.sum()
    counts = np.zeros((n + 1, top + 1))
    counts[0, 0] = 1.0
    for k in range(n):
        for size in range(k, -1, -1):
            for total in range(top - votes[k], -1, -1):
                if counts[size, total] != 0.0:
                    counts[size + 1, total + votes[k]] += counts[size, total]
    swings = np.zeros((n, n))
    without = np.zeros((n + 1, top + 1))
    for k in range(n):
        for size in range(n):
            for total in range(top + 1):
                less = without[size - 1, total - votes[k]] if size > 0 and total >= votes[k] else 0.0
                without[size, total] = counts[size, total] - less
        for size in range(n):
            for total in range(max(0, smallest - votes[k]), min(smallest, top + 1)):
                swings[k, size] += without[size, total]
    return swings
