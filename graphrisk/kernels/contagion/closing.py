"""The books of a run closed: every loss pulled afresh from the final state, so that the answer is checked, not trusted.

The sweeps push increments; here each party's losses are summed anew, in row order, by the same map. What the result
differs from the state is the residual of the fixed point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.guarantee_calls import settle
from graphrisk.kernels.contagion.ledger import (
    ASKED,
    BATCH,
    BORROWER,
    CAPACITY,
    CLAIMS,
    CLUSTER,
    CONTRACT,
    EQUITY,
    GUARANTOR,
    JOINT,
    LENDER,
    LINE_PAID,
    LINES,
    LOST_COLLATERAL,
    LOST_EXPOSURES,
    LOST_OWNERSHIP,
    LOST_SUPPLIES,
    PLEDGES,
    SCALE,
    SHORTFALL,
    STAKES,
    TAKEN,
    UNPAID,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    fresh_state,
)
from graphrisk.kernels.contagion.rooms import Room, borrowed, ledger_in, state_in
from graphrisk.kernels.contagion.valuation import called_part, capacity_of, losses_now


class Balance(NamedTuple):
    """Where every unit of loss stands at the end; money per party, facility or guarantee line."""

    loss: Floats  # (parties,) loss fraction of a claim on the party
    fallen: Floats  # (parties,) fall of equity above 0, as owners see it
    shock: Floats
    exposures: Floats  # claims and own facilities lent
    ownership: Floats
    supplies: Floats
    collateral: Floats
    paid: Floats
    unmet: Floats
    equity: Floats  # E0 less all of these
    shortfall: Floats  # (facilities,)
    unpaid: Floats  # (facilities,)
    asked: Floats  # (lines,)
    line_paid: Floats  # (lines,)
    residual: Floats  # (parties,) |equity - equity of the state| over max(|E0|, 1)

    @property
    def conservation(self) -> float:
        """The gap of sum(shortfall) = sum(paid by guarantors) + sum(unpaid), over the first."""
        total = float(self.shortfall.sum())
        gap = abs(total - float(self.line_paid.sum()) - float(self.unpaid.sum()))
        return gap / total if total > 0.0 else gap


def close_books(ledger: Ledger, rule: Rule, state: State, *, price_loss: Floats) -> Balance:
    """Return the balance of a state: one application of the map to it, pulled. `price_loss` as in the run."""
    parties, money, known = ledger.party.shape[0], state.money, ledger.known
    loss = losses_now(rule, ledger.party, money, state.failed)
    fallen = np.where(known, np.maximum(ledger.equity, 0.0) - np.maximum(money[:, EQUITY], 0.0), 0.0)
    debtor = np.repeat(np.arange(parties), np.diff(ledger.start[CLAIMS]))
    owned = np.repeat(np.arange(parties), np.diff(ledger.start[STAKES]))
    pledged = np.repeat(np.arange(len(ledger.uncovered)), np.diff(ledger.facility_start[PLEDGES]))
    pulled = fresh_state(ledger, money)
    pulled.money[:, LOST_EXPOSURES] = _sum(ledger.creditor, ledger.claim * loss[debtor], parties)
    pulled.money[:, LOST_OWNERSHIP] = _sum(ledger.owner, ledger.stake * fallen[owned], parties)
    pulled.money[:, LOST_COLLATERAL] = price_loss + _sum(
        ledger.pledger, ledger.pledged * loss[ledger.facility[BORROWER, pledged]], parties
    )
    shortfall, unpaid = pulled.facility_money[SHORTFALL], pulled.facility_money[UNPAID]
    shortfall[:] = _shortfalls(rule.recourse, ledger.uncovered, ledger.facility, loss)
    unpaid[:] = shortfall
    grouped = np.argsort(ledger.facility[CLUSTER], kind="stable").astype(np.int64)
    _settle_all(borrowed(Room(ledger, pulled, None, None)), rule, grouped)
    lent = ledger.facility[LENDER] >= 0
    exposures = pulled.money[:, LOST_EXPOSURES] + _sum(ledger.facility[LENDER, lent], unpaid[lent], parties)
    guarantor = ledger.contract[GUARANTOR, ledger.line[CONTRACT]]
    asked, line_paid = pulled.line_money[ASKED], pulled.line_money[LINE_PAID]
    paid = _sum(guarantor, line_paid, parties)
    lost = (
        money[:, TAKEN]
        + exposures
        + pulled.money[:, LOST_OWNERSHIP]
        + money[:, LOST_SUPPLIES]
        + pulled.money[:, LOST_COLLATERAL]
        + paid
    )
    equity = np.where(known, ledger.equity - lost, 0.0)
    return Balance(
        loss=loss,
        fallen=fallen,
        shock=money[:, TAKEN],
        exposures=exposures,
        ownership=pulled.money[:, LOST_OWNERSHIP],
        supplies=money[:, LOST_SUPPLIES],
        collateral=pulled.money[:, LOST_COLLATERAL],
        paid=paid,
        unmet=_sum(guarantor, asked - line_paid, parties),
        equity=equity,
        shortfall=shortfall,
        unpaid=unpaid,
        asked=asked,
        line_paid=line_paid,
        residual=np.where(known, np.abs(equity - money[:, EQUITY]) / ledger.party[:, SCALE], 0.0),
    )


def _sum(where: Ints, amount: Floats, size: int) -> Floats:
    return np.bincount(where, weights=amount, minlength=size).astype(np.float64)


@njit(cache=True, nogil=True, error_model="numpy")
def _shortfalls(recourse: float, uncovered: Floats, facility: Ints, loss: Floats) -> Floats:
    shortfall = np.zeros(len(uncovered))
    for f in range(len(shortfall)):
        shortfall[f] = uncovered[f] * called_part(recourse, facility[JOINT, f], loss[facility[BORROWER, f]])
    return shortfall


@njit(cache=True, nogil=True, error_model="numpy")
def _settle_all(room: Ints, rule: Rule, grouped: Ints) -> None:
    """Settle the calls cluster by cluster; `grouped`: facilities by cluster, then in row order."""
    ledger, state, i = ledger_in(room), state_in(room), 0
    while i < len(grouped):
        cluster = ledger.facility[CLUSTER, grouped[i]]
        count = 0
        while i < len(grouped) and ledger.facility[CLUSTER, grouped[i]] == cluster:
            f = grouped[i]
            i += 1
            if cluster < 0 or state.facility_money[SHORTFALL, f] <= 0.0:
                continue
            state.facility_list[BATCH, count] = f
            count += 1
            for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
                k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
                state.money[k, CAPACITY] = capacity_of(rule, ledger.party, state.money, k)
        if count:
            settle(ledger, state, count)
