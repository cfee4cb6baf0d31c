"""Contagion on random interbank networks: when does one default spread to many.

Source: P. Gai, S. Kapadia, "Contagion in financial networks", Proceedings of the Royal Society A 466, 2010 (solvency,
vulnerability and phase transition); a systemic event is a default of at least 5 % of banks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.matrices import amounts

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contagion:
    """`default` (n,), `rounds`, and the `extent`: the part of banks in default."""

    default: Bools
    rounds: int
    extent: float

    def is_systemic(self, threshold: float = 0.05) -> bool:
        """Return whether at least `threshold` of the banks default."""
        return self.extent >= threshold


def spread(claims: Any, buffer: Floats, failing: Bools, *, recovery: float = 0.0) -> Contagion:
    """Return who defaults once the banks of `failing` (n,) have: losses on claims eat `buffer` K (n,).

    `claims` (n, n): entry (i, j) is the claim of i on j. A bank is solvent while (1 - phi) A^IB + q A^M - L^IB - D > 0,
    that is while its losses are below K = A - L (with q = 1); at equality it fails.
    """
    held = amounts(claims, "claims")
    down = np.asarray(failing, dtype=np.bool_).copy()
    rounds = 0
    while True:
        lost = (1.0 - recovery) * np.asarray(held @ down.astype(np.float64))
        # A bank that has lost nothing does not fail by contagion, whatever its buffer.
        after = down | ((lost >= buffer) & (lost > 0.0))
        if (after == down).all():
            return Contagion(default=down, rounds=rounds, extent=float(down.mean()) if len(down) else 0.0)
        down, rounds = after, rounds + 1


def vulnerable(claims: Any, buffer: Floats, *, recovery: float = 0.0) -> Bools:
    """Return which banks (n,) fail if the largest of their debtors does (for claims of any size)."""
    held = amounts(claims, "claims")
    largest = np.zeros(held.shape[0])
    np.maximum.at(largest, np.repeat(np.arange(held.shape[0]), np.diff(held.indptr)), held.data)
    return np.asarray(((1.0 - recovery) * largest >= buffer) & (largest > 0.0))


def cascade_factor(claims: Any, buffer: Floats, *, recovery: float = 0.0) -> float:
    """Return the mean number of vulnerable creditors that a vulnerable bank reached by an edge has.

    sum_jk j k v_j p_jk / z: above 1, a default can set off a global cascade.
    """
    held = amounts(claims, "claims")
    weak = vulnerable(claims, buffer, recovery=recovery).astype(np.float64)
    debtors = np.diff(held.indptr)
    creditors = np.bincount(held.indices, minlength=held.shape[0])
    total = float(debtors.sum())
    return float((debtors * creditors * weak).sum()) / total if total > 0.0 else 0.0
