"""DebtRank of 2012: distress walks through the network, and each party passes it on once only.

Source: S. Battiston, M. Puliga, R. Kaushik, P. Tasca, G. Caldarelli, "DebtRank: Too Central to Fail?", Scientific
Reports 2, 541 (2012), section Methods:
    impact   W_ij = min(1, A_ij / E_i)
    walk     h_i(t) = min(1, h_i(t-1) + sum over j in state D of W_ij h_j(t-1));
             s_i: D if h_i(t) > 0 and s_i(t-1) = U; I if s_i(t-1) = D; else as before
    score    R = sum_j h_j(T) v_j - sum_j h_j(1) v_j

The walk is no fixed point: a party that has been hit passes on the distress of its first hit; later hits raise its own
distress and go no further. The linear DebtRank of 2015, which passes on every increment, is another model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError
from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.matrices import Matrix, amounts, reciprocal, scaled_rows, transposed

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Walk:
    """The end of one walk.

    `distress` (n,) in [0, 1]; `first_hit` (n,) the round of the first hit, 0 for seeds, -1 if never hit; `score` the
    DebtRank R, distress at the end less distress at the start, by weight; `rounds` until nobody passed anything on.
    """

    distress: Floats
    first_hit: Integers
    score: float
    rounds: int


def impact_matrix(claims: Any, equity: Floats) -> tuple[Matrix, npt.NDArray[np.bool_]]:
    """Return (W (n, n), failed (n,)): W[i, j] is what i loses if j fails, over i's equity, not capped.

    `claims` (n, n): entry (i, j) is the claim of i on j. A party with equity <= 0 has no such ratio: it is in `failed`
    and its row of W is empty; give it a shock of 1 so that its own creditors suffer. Not yet the minimum with 1.
    """
    own = np.asarray(equity, dtype=np.float64)
    return scaled_rows(amounts(claims, "claims"), reciprocal(own)), ~(own > 0.0)


def walk(impact: Any, shock: Floats, weights: Floats | None = None, *, cap: bool = True) -> Walk:
    """Return the end of the walk from `shock` (n,) in [0, 1]; parties with a shock above 0 are its seeds.

    `impact` (n, n): entry (i, j) is what i loses, over its equity, if j fails. `weights` (n,): economic weight of each
    party (default: equal, summing to 1). `cap`: W is capped at 1, as the paper has it; without the cap a creditor that
    has more at risk than its equity fails by a part of its debtor's distress (as NetworkRiskMeasures computes).
    """
    pushed = _by_debtor(impact, cap)
    n = pushed.shape[0]
    start = np.ascontiguousarray(shock, dtype=np.float64)
    if start.shape != (n,) or not ((start >= 0.0) & (start <= 1.0)).all():
        raise DataError(f"a shock must give each of {n} parties a fraction in [0, 1]")
    value = np.full(n, 1.0 / max(n, 1)) if weights is None else np.asarray(weights, dtype=np.float64)
    seeds = np.flatnonzero(start > 0.0)
    distress = start.copy()
    first = np.full(n, -1, dtype=np.int64)
    rounds, _ = _walk(pushed.indptr, pushed.indices, pushed.data, seeds, distress, first, np.empty(n, np.int64))
    return Walk(distress=distress, first_hit=first, score=float(value @ distress - value @ start), rounds=int(rounds))


def scores(impact: Any, weights: Floats | None = None, *, shock: float = 1.0, cap: bool = True) -> Floats:
    """Return the DebtRank (n,) of each party as the only seed, shocked by `shock`."""
    pushed = _by_debtor(impact, cap)
    n = pushed.shape[0]
    value = np.full(n, 1.0 / max(n, 1)) if weights is None else np.ascontiguousarray(weights, dtype=np.float64)
    return np.asarray(_scores(pushed.indptr, pushed.indices, pushed.data, value, shock), dtype=np.float64)


def _by_debtor(impact: Any, cap: bool) -> Matrix:
    """Return the impacts grouped by the debtor that causes them, creditors in ascending order."""
    turned = transposed(amounts(impact, "impacts"))
    if cap:
        turned.data = np.minimum(turned.data, 1.0)
    return turned


@njit(cache=True, nogil=True)
def _walk(indptr, indices, data, seeds, distress, first, order):  # type: ignore[no-untyped-def]
    """Walk from `seeds`; fills distress and first_hit, and `order` with the parties in the order they were hit."""
    count = 0
    for seed in seeds:
        first[seed] = 0
        order[count] = seed
        count += 1
    begin = 0
    rounds = 0
    while begin < count:
        end = count
        rounds += 1
        passed = np.empty(end - begin)
        for at in range(begin, end):  # all pass on the distress of the round before: the step is synchronous
            passed[at - begin] = distress[order[at]]
        for at in range(begin, end):
            debtor = order[at]
            for edge in range(indptr[debtor], indptr[debtor + 1]):
                creditor = indices[edge]
                loss = data[edge] * passed[at - begin]
                if loss <= 0.0:
                    continue
                distress[creditor] = min(1.0, distress[creditor] + loss)
                if first[creditor] < 0:
                    first[creditor] = rounds
                    order[count] = creditor
                    count += 1
        begin = end
    return max(rounds - 1, 0), count


@njit(cache=True, nogil=True)
def _scores(indptr, indices, data, value, shock):  # type: ignore[no-untyped-def]
    n = len(value)
    out = np.zeros(n)
    distress = np.zeros(n)
    first = np.full(n, -1, dtype=np.int64)
    order = np.empty(n, dtype=np.int64)
    seed = np.empty(1, dtype=np.int64)
    for s in range(n):
        seed[0] = s
        distress[s] = shock
        _, count = _walk(indptr, indices, data, seed, distress, first, order)
        total = -shock * value[s]
        for at in range(count):
            party = order[at]
            total += value[party] * distress[party]
            distress[party] = 0.0
            first[party] = -1
        out[s] = total
    return out
