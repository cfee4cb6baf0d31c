"""Claims between banks estimated from each one's totals: the matrix of maximum entropy without claims on oneself.

Source: the procedure of iterative proportional fitting as used for interbank claims; numbers of K. Anand, B. Craig, G.
von Peter, "Filling in the blanks: network structure and interbank contagion", Quantitative Finance 15 (2015), p. 628.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.errors import ConvergenceError, DataError

Floats = npt.NDArray[np.float64]


def maximum_entropy(
    claims: npt.ArrayLike, debts: npt.ArrayLike, *, tolerance: float = 1e-12, max_rounds: int = 100_000
) -> Floats:
    """Return the (n, n) claims of row on column whose sums are `claims` (n,) by row and `debts` (n,) by column.

    The largest gap of a sum is at most `tolerance` of the total. Raises DataError where the totals differ or are
    negative, ConvergenceError where no matrix without claims on oneself has these sums.
    """
    rows, columns = np.asarray(claims, dtype=np.float64), np.asarray(debts, dtype=np.float64)
    total = float(rows.sum())
    if (rows < 0.0).any() or (columns < 0.0).any() or not np.isclose(total, columns.sum(), rtol=1e-9, atol=0.0):
        raise DataError(
            f"claims sum to {total:,.6g} and debts to {columns.sum():,.6g}",
            hint="both are the same money seen from two sides: none is negative and the sums agree",
        )
    found = np.outer(rows > 0.0, columns > 0.0).astype(np.float64)
    np.fill_diagonal(found, 0.0)
    gap = np.inf
    for _ in range(max_rounds):
        found *= _factor(rows, found.sum(axis=1))[:, None]
        found *= _factor(columns, found.sum(axis=0))[None, :]
        gap = float(np.abs(found.sum(axis=1) - rows).max(initial=0.0))
        gap = max(gap, float(np.abs(found.sum(axis=0) - columns).max(initial=0.0)))
        if gap <= tolerance * max(total, 1.0):
            return found
    raise ConvergenceError(
        f"no matrix with these sums was found in {max_rounds:,} rounds: a sum still differs by {gap:.3g}",
        hint="one party has more than all others together, or max_rounds is too small",
    )


def _factor(wanted: Floats, has: Floats) -> Floats:
    factor: Floats = np.divide(wanted, has, out=np.zeros(len(wanted)), where=has > 0.0)
    return factor
