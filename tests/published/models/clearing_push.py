"""The compiled loops of clearing: falls in payment passed on to creditors, wave by wave; and the step of one sweep.

Source: as `tests.published.models.clearing`. The map is monotone, so falls passed on in any order, each with the state
of the moment, lead from full payment down to the greatest clearing vector (chaotic iteration; P. Cousot, 1977).
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.arrays.compiled import njit


@njit(cache=True, nogil=True)
def push_defaults(indptr, indices, shares, inflow, rules, tolerance, limit):  # type: ignore[no-untyped-def]
    """Return (payment (n,), rounds or -1, edges followed) from full payment, `inflow` (n,) being that of full payment.

    `rules`: (owed, senior, assets, alpha, beta, margin), see `clear`. `inflow` is overwritten. A fall smaller than
    `tolerance` of the payer's debt waits until it has grown; the caller computes the residual afresh.
    """
    owed, senior, assets, alpha, beta, margin = rules
    n = len(owed)
    payment = owed.copy()
    queue = np.empty(n, dtype=np.int64)
    queued = np.zeros(n, dtype=np.bool_)
    waiting = 0
    for i in range(n):
        means = assets[i] + inflow[i] - senior[i]
        if means < owed[i] + margin * max(owed[i], abs(means)) and owed[i] > 0.0:
            queue[waiting] = i
            queued[i] = True
            waiting += 1
    following = np.empty(n, dtype=np.int64)
    touched = 0
    rounds = 0
    while waiting > 0:
        rounds += 1
        if rounds > limit:
            return payment, -1, touched
        ahead = 0
        for at in range(waiting):
            i = queue[at]
            queued[i] = False
            means = assets[i] + inflow[i] - senior[i]
            if not means < owed[i] + margin * max(owed[i], abs(means)):
                continue
            part = min(max(alpha * assets[i] + beta * inflow[i] - senior[i], 0.0), owed[i])
            fall = payment[i] - part
            if fall <= tolerance * owed[i]:
                continue
            payment[i] = part
            touched += indptr[i + 1] - indptr[i]
            for edge in range(indptr[i], indptr[i + 1]):
                j = indices[edge]
                inflow[j] -= shares[edge] * fall
                if not queued[j] and payment[j] > 0.0:
                    queued[j] = True
                    following[ahead] = j
                    ahead += 1
        queue, following = following, queue
        waiting = ahead
    return payment, rounds, touched


@njit(cache=True, nogil=True)
def pay_once(payment, inflow, rules):  # type: ignore[no-untyped-def]
    """Lower `payment` in place to what `inflow` allows; return the largest fall over the payer's debt.

    One pass instead of ten array expressions. A payment never rises, so that rounding cannot break the descent.
    """
    owed, senior, assets, alpha, beta, margin = rules
    worst = 0.0
    for i in range(len(payment)):
        means = assets[i] + inflow[i] - senior[i]
        if owed[i] > 0.0 and means < owed[i] + margin * max(owed[i], abs(means)):
            part = min(max(alpha * assets[i] + beta * inflow[i] - senior[i], 0.0), owed[i])
            if part < payment[i]:
                worst = max(worst, (payment[i] - part) / owed[i])
                payment[i] = part
    return worst
