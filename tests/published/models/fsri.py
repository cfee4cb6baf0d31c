"""FSRI: from lost output to firms in default to what their banks lose.

Source: Z. Tabachova, C. Diem, A. Borsos, C. Burger, S. Thurner, "Estimating the impact of supply chain network
contagion on financial stability", Journal of Financial Stability 75 (2024); J. Fialkowski, C. Diem, A. Borsos,
S. Thurner, "A data-driven econo-financial stress-testing model to estimate the effect of supply chain networks on
financial systemic risk", 2025 (FSRI+), which passes the bank losses on among the banks.

The public code sets the loans of firms with negative equity, profit or liquidity to zero without a word. Here nothing
is dropped: such firms are named, a firm without positive equity is in default before the shock and its loans are the
baseline, and a test that has no meaning for a firm is not applied to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class FirmDefaults:
    """Which firms default, and why: all (n,).

    `profit_loss`: lost output times (revenue - material cost), never below 0. `by_equity`, `by_liquidity`: it reaches
    equity, or short-term assets less short-term liabilities. `initial`: equity was not positive before the shock.
    `no_margin`, `no_liquidity`, `unknown`: firms for which profit, the liquidity test or both tests say nothing.
    """

    profit_loss: Floats
    by_equity: Bools
    by_liquidity: Bools
    initial: Bools
    no_margin: Bools
    no_liquidity: Bools
    unknown: Bools

    @property
    def caused(self) -> Bools:
        """Firms that default because of the shock (n,)."""
        return np.asarray((self.by_equity | self.by_liquidity) & ~self.initial)

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each convention that touched a firm."""
        said = (
            (self.initial, "have no positive equity: in default before the shock, their loans are the baseline"),
            (self.no_margin, "have no positive margin: lost output costs them no profit"),
            (self.no_liquidity & ~self.initial, "have no positive or no known liquidity: only equity is tested"),
            (self.unknown, "have no known equity or margin: they default by no test"),
        )
        return tuple(f"{int(mask.sum())} firms {text}" for mask, text in said if mask.any())


@dataclass(frozen=True, kw_only=True, slots=True)
class BankLosses:
    """What banks lose (b,): `caused` by the shock and `baseline` before it, in money; `fraction` of equity, at most 1.

    `fsri`: the part of all (positive) bank equity that the shock destroys, each bank's loss capped at what the baseline
    left of its equity. `insolvent` (b,): banks without positive equity, outside that sum.
    """

    caused: Floats
    baseline: Floats
    fraction: Floats
    fsri: float
    insolvent: Bools


def firm_defaults(
    downstream: Floats,
    upstream: Floats,
    *,
    revenue: Floats,
    material_cost: Floats,
    equity: Floats,
    short_assets: Floats | None = None,
    short_liabilities: Floats | None = None,
) -> FirmDefaults:
    """Return the firms that default when output falls to `downstream` and `upstream` h (n,), the lower counting.

    A firm defaults if its lost profit, (revenue - material cost) max(1 - h^d, 1 - h^u), reaches its equity or its
    liquidity; a profit loss of zero causes nothing. Unknown amounts are NaN.
    """
    lost = 1.0 - np.minimum(downstream, upstream)
    if not ((lost >= 0.0) & (lost <= 1.0)).all():
        raise DataError("output left must be a fraction in [0, 1] for each firm")
    n = len(lost)
    margin = np.asarray(revenue, dtype=np.float64) - np.asarray(material_cost, dtype=np.float64)
    own = np.asarray(equity, dtype=np.float64)
    none = np.full(n, np.nan)
    liquid = np.asarray(none if short_assets is None else short_assets, dtype=np.float64) - np.asarray(
        none if short_liabilities is None else short_liabilities, dtype=np.float64
    )
    if not len(margin) == len(own) == len(liquid) == n:
        raise DataError("firms' figures are not of the same firms")
    known = np.isfinite(margin)
    loss = np.where(known, np.maximum(margin, 0.0), 0.0) * lost
    return FirmDefaults(
        profit_loss=loss,
        by_equity=(loss > 0.0) & (own > 0.0) & (loss >= own),
        by_liquidity=(loss > 0.0) & (liquid > 0.0) & (loss >= liquid),
        initial=own <= 0.0,
        no_margin=known & (margin <= 0.0),
        no_liquidity=~(liquid > 0.0),
        unknown=~known | np.isnan(own),
    )


def bank_losses(firms: FirmDefaults, loans: Any, bank_equity: Floats, *, lgd: float | Floats = 1.0) -> BankLosses:
    """Return what the banks lose on `loans` (b, n): entry (i, f) is what firm f owes bank i.

    `lgd`: loss given default, one number or one per firm (n,). Feed `fraction` to a model of contagion among banks.
    """
    book = sparse.csr_array(loans, dtype=np.float64)
    own = np.asarray(bank_equity, dtype=np.float64)
    n = len(firms.profit_loss)
    if book.shape != (len(own), n):
        raise DataError(f"loans of shape {book.shape} do not fit {len(own)} banks and {n} firms")
    if book.nnz and not (np.isfinite(book.data).all() and book.data.min() >= 0.0):
        raise DataError("loans must be finite and not negative")
    given = np.broadcast_to(np.asarray(lgd, dtype=np.float64), (n,))
    before = np.asarray(book @ (given * firms.initial))
    caused = np.asarray(book @ (given * firms.caused))
    insolvent = ~(own > 0.0)
    left = np.where(insolvent, 0.0, np.maximum(own - before, 0.0))
    total = float(own[~insolvent].sum())
    hit = np.minimum(caused, left)
    return BankLosses(
        caused=caused,
        baseline=before,
        fraction=np.divide(hit, own, out=np.ones_like(own), where=~insolvent),
        fsri=float(hit.sum()) / total if total > 0.0 else 0.0,
        insolvent=insolvent,
    )
