"""Infectious defaults: how many of n equal parties default when each default may bring down each other party.

Source: M. Davis, V. Lo, "Infectious Defaults", Quantitative Finance 1(4), 2001:
    P(k) = C(n,k) {p^k (1-p)^(n-k) (1-q)^(k(n-k))
                   + sum_{i=1}^{k-1} C(k,i) p^i (1-p)^(n-i) (1-(1-q)^i)^(k-i) (1-q)^(i(n-k))}
Infection reaches one step: who fails by infection infects nobody.
"""

from __future__ import annotations

from math import comb

import numpy as np
import numpy.typing as npt

from graphrisk.errors import UsageError

Floats = npt.NDArray[np.float64]


def default_count(n: int, p: float, q: float) -> Floats:
    """Return P(k defaults), k = 0..n, shape (n + 1,): each defaults by itself with `p`, infects each other with `q`."""
    if n < 1 or not (0.0 <= p <= 1.0 and 0.0 <= q <= 1.0):
        raise UsageError("n must be at least 1, p and q fractions in [0, 1]")
    out = np.zeros(n + 1)
    for k in range(n + 1):
        total = p**k * (1.0 - p) ** (n - k) * (1.0 - q) ** (k * (n - k))
        for i in range(1, k):
            infected = (1.0 - (1.0 - q) ** i) ** (k - i)
            spared = (1.0 - q) ** (i * (n - k))
            total += comb(k, i) * p**i * (1.0 - p) ** (n - i) * infected * spared
        out[k] = comb(n, k) * total
    return out


def expected_defaults(n: int, p: float, q: float) -> float:
    """Return the mean number of defaults, n (1 - (1 - p)(1 - pq)^(n-1))."""
    return n * (1.0 - (1.0 - p) * (1.0 - p * q) ** (n - 1))


def quantile(chances: Floats, level: float) -> int:
    """Return the smallest k with P(at most k) >= `level`, for the distribution `chances` (n + 1,)."""
    if not 0.0 < level < 1.0:
        raise UsageError("level must lie strictly between 0 and 1")
    return int(np.searchsorted(np.cumsum(chances), level))
