"""What a shock adds to the unshocked run: differences of two runs, and the totals by which runs are compared."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.cascade.run import Spread
from graphrisk.kernels.contagion.closing import Balance
from graphrisk.kernels.contagion.ledger import SCALE, UNMET_PART, Flags, Floats

ROUNDING = 1e-12
"""A difference of two runs below this part of what is compared is none."""
EPSILON = 1e-9
"""What changes a total by less than this part of it makes no difference that is told."""
MOVED = 1e-9
"""A shock moves a party whose losses change by more than this part of max(|E0|, 1), or its production by as much."""


class Added(NamedTuple):
    """What a shock adds to the unshocked run; money in base currency, signed: a shock can spare somebody something."""

    loss: Floats  # (parties,) fall of equity, NaN where it is unknown
    default: Flags  # (parties,)
    unpaid: Floats  # (facilities,)
    paid: Floats  # (lines,)
    moved: Flags  # (parties,)

    @property
    def spared(self) -> int:
        """How many parties and facilities lose less, and calls pay less, with the shock than without it."""
        sides = (np.nan_to_num(self.loss), self.unpaid, self.paid)
        return sum(int((side < -MOVED * np.abs(side).max(initial=1.0)).sum()) for side in sides)


def added(done: Spread) -> Added:
    """Return what the shock of a run adds to its unshocked run."""
    now, base = done.balance, done.unshocked.balance
    scale = np.maximum(np.abs(done.ledger.equity), 1.0)
    lost, before = (sum(lines_of(side)[:-1], np.zeros(len(scale))) for side in (now, base))
    default = done.run.state.failed & ~done.unshocked.run.state.failed
    moved = done.shock.shocked | default
    moved = moved | (np.abs(lost - before) > MOVED * np.where(done.ledger.known, scale, np.maximum(before, 1.0)))
    for one, other in ((now.paid, base.paid), (unmet_calls(now), unmet_calls(base))):
        moved = moved | (np.abs(one - other) > MOVED * np.maximum(np.abs(one), np.abs(other)))
    moved = moved | (np.abs(done.production_lost - done.unshocked.production_lost) > MOVED)
    return Added(
        loss=np.where(done.ledger.known, _less(base.equity, now.equity, scale), np.nan),
        default=default,
        unpaid=_less(now.unpaid, base.unpaid, np.maximum(now.unpaid, base.unpaid)),
        paid=_less(now.line_paid, base.line_paid, np.maximum(now.line_paid, base.line_paid)),
        moved=moved,
    )


def _less(one: Floats, other: Floats, size: Floats) -> Floats:
    """Return one less the other, 0 where that is rounding of amounts of this size."""
    gap = one - other
    return np.where(np.abs(gap) > ROUNDING * size, gap, 0.0)


def touched_parties(balance: Balance, failed: Flags) -> Flags:
    """Return which parties fail, lose or pay anything (parties,)."""
    touched: Flags = failed | (balance.loss > 0.0)
    for column in lines_of(balance):
        touched = touched | (column != 0.0)
    return touched


def unmet_calls(balance: Balance) -> Floats:
    """Return what each guarantor was asked and did not pay (parties,), rounding left out."""
    return np.where(balance.unmet > UNMET_PART * (balance.unmet + balance.paid), balance.unmet, 0.0)


def lines_of(balance: Balance) -> list[Floats]:
    """Return what each party loses by kind, then what it was asked and did not pay: arrays of (parties,)."""
    return [
        balance.shock, balance.exposures, balance.ownership, balance.supplies, balance.collateral, balance.paid,
        unmet_calls(balance),
    ]  # fmt: skip


class Measured(NamedTuple):
    """What the shock of a run adds: equity lost and bank loss, bank loss, defaults, the loss of one party."""

    loss: float
    bank_loss: float
    defaults: int
    party_loss: float


def measured(done: Spread, party: int = -1) -> Measured:
    """Return what the shock of a run adds to its unshocked run; of an unshocked run, all that is lost in it.

    `party` (-1: none): of unknown equity it has no loss but its failure, which counts 1.
    """
    base, failed = done.base, done.run.state.failed
    own = 0.0
    if party >= 0:
        known = bool(done.ledger.known[party])
        first = done.ledger.equity if base is None else base.balance.equity
        own = float(first[party] - done.balance.equity[party]) if known else float(failed[party])
    if base is None:
        return Measured(done.equity_lost + done.bank_loss, done.bank_loss, int(failed.sum()), own)
    bank = done.bank_loss - base.bank_loss
    newly = int(done.newly_failed.sum())
    return Measured(done.equity_lost - base.equity_lost + bank, bank, newly, own)


def noise_of(done: Spread, loss: float, tolerance: float) -> float:
    """Return by how much the losses of two runs may differ though nothing moved: each stops within the tolerance."""
    return EPSILON * abs(loss) + tolerance * float(done.ledger.party[:, SCALE].sum())
