"""ESRI as the equations stand, dense and firm by firm: what the kernels are tested against."""

from __future__ import annotations

import numpy as np


def plain_esri(W, industry, classes, market, psi, eps, limit=100_000):
    """Return (h^d, h^u, rounds): synchronous from psi, both directions, until the largest decrease is <= eps.

    `W[i, j]`: i supplies j. `classes[k, l]`: inputs of industry k are 2 essential, 1 not, 0 of no use, for industry l.
    `market[i]`: substitutes of i have the same number (-1: none, sigma is 1).
    """
    n = len(W)
    sales, inputs = W.sum(1), W.sum(0)
    hd, hu = psi.copy(), psi.copy()
    rounds = 0
    while rounds < limit:
        rounds += 1
        sigma = np.ones(n)
        for i in range(n):
            if market[i] >= 0:
                room = sum(sales[k] * hd[k] for k in range(n) if market[k] == market[i])
                sigma[i] = 0.0 if sales[i] == 0 else 1.0 if room <= 1e-10 * sales[i] else min(1.0, sales[i] / room)
        loss = sigma * (1 - hd)
        new_d, new_u = np.empty(n), np.empty(n)
        for j in range(n):
            worst = 0.0
            for k in range(len(classes)):
                of_k = [i for i in range(n) if industry[i] == k and W[i, j] > 0]
                if classes[k, industry[j]] == 2 and of_k:
                    worst = max(worst, sum(loss[i] * W[i, j] for i in of_k) / sum(W[i, j] for i in of_k))
            other = sum(loss[i] * W[i, j] for i in range(n) if W[i, j] > 0 and classes[industry[i], industry[j]] == 1)
            other = other / inputs[j] if inputs[j] > 0 else 0.0
            new_d[j] = max(0.0, min(psi[j], 1 - worst, 1 - other))
            lost = sum(W[j, b] * (1 - hu[b]) for b in range(n)) / sales[j] if sales[j] > 0 else 0.0
            new_u[j] = max(0.0, min(psi[j], 1 - lost))
        change = max((hd - new_d).max(), (hu - new_u).max())
        hd, hu = new_d, new_u
        if change <= eps:
            break
    return hd, hu, rounds
