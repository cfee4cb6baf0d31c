"""What drawn sets of defaults do over the whole ledger: one cascade a scenario, only what it touches.

The map is that of `graphrisk.kernels.sweep` (exposures, guarantees with capacity, ownership, collateral of others); a
set of parties loses its whole equity at the start. Every cascade starts from the undistressed state and falls to the
least-loss fixed point (Tarski); what it touched is put back before the next, as in `graphrisk.kernels.seeds`.

Where calls shift between guarantors the map is not monotone, and rare sets swing for ever. Such a scenario loses the
most that each facility leaves unpaid over the last sweeps, and says how wide the swing is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.kernels.copula import Draws
from graphrisk.kernels.ledger import (
    CHANGED,
    DEBTRANK,
    EQUITY,
    FAILED,
    FIRST_EQUITY,
    FIXED,
    FRESH,
    KNOWN,
    LENDER,
    LINE_PAID,
    LINES,
    N_REACHED,
    NONLINEAR,
    NOTHING,
    REACHED,
    SCALE,
    SHOCK,
    SHORTFALL,
    THRESHOLD,
    UNPAID,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    copy_state,
    fresh_state,
)
from graphrisk.kernels.second_stage import Losses
from graphrisk.kernels.seeds import put_back
from graphrisk.kernels.sweep import mark, sweep

_SWEEPS_OF_A_SWING = 64
CONSERVED = 1e-9
"""Largest gap between shortfalls and payments plus losses, over the shortfalls, that a scenario may show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerStage:
    """Second stage over the whole ledger: the bank loses what stays unpaid of its own facilities.

    `unit` (facilities,): what each facility's loss is counted under. `sweeps` None: to the fixed point. 1: the first
    sweep alone, in which collateral and guarantors that stand answer for the drawn defaults and nobody else fails yet.
    """

    ledger: Ledger
    rule: Rule
    unit: Ints
    quiet: State
    sweeps: int | None
    tolerance: float
    max_rounds: int

    def __call__(self, draws: Draws) -> Losses:
        """Return what stays unpaid of each facility in each scenario; `untold`: width of its swing in money, else 0.

        Raises GraphRiskError where the ledger does not add up.
        """
        count = len(draws.ids)
        room = len(draws.party) * 4 + 1024
        most = self.max_rounds if self.sweeps is None else self.sweeps
        while True:
            start, unit, amount = np.empty(count + 1, dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room)
            gap, swing = np.zeros(count), np.zeros(count)
            used = _run_sets(
                self.ledger, self.rule, self.quiet, copy_state(self.quiet), draws.start, draws.party, self.tolerance,
                most, self.sweeps is None, start, unit, amount, gap, swing,
            )  # fmt: skip
            if used >= 0:
                break
            room *= 2
        if not (gap <= CONSERVED).all():
            raise GraphRiskError(
                f"the ledger does not add up: shortfalls differ from payments and losses by {gap.max():.3g}",
                hint="this is a fault of graphrisk: please report it with the data",
            )
        return Losses(start, self.unit[unit[:used]], amount[:used].copy(), swing)


def ledger_stage(
    ledger: Ledger,
    rule: Rule,
    unit: Ints,
    *,
    sweeps: int | None = None,
    tolerance: float = 1e-10,
    max_rounds: int = 2_000,
) -> LedgerStage:
    """Return the stage that pushes each drawn set through `ledger`; `unit` (facilities,): what a loss counts under.

    Nobody may be in default before the draw: UsageError where a known equity is 0 or less, or where the rule values
    claims by whole balance sheets (these look at the shock before they begin).
    """
    if rule.code not in (THRESHOLD, DEBTRANK, NONLINEAR):
        raise UsageError("a drawn set spreads by threshold, debtrank or nonlinear")
    if (ledger.known & (ledger.equity <= NOTHING * ledger.party[:, SCALE])).any():
        raise UsageError("a party with equity of 0 or less is in default before the draw; set its equity unknown")
    return LedgerStage(
        ledger=ledger,
        rule=rule,
        unit=unit,
        quiet=fresh_state(ledger),
        sweeps=sweeps,
        tolerance=tolerance,
        max_rounds=max_rounds,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _run_sets(
    ledger: Ledger,
    rule: Rule,
    base: State,
    state: State,
    first: Ints,
    party: Ints,
    tolerance: float,
    most: int,
    settle_all: bool,
    start: Ints,
    unit: Ints,
    amount: Floats,
    gap: Floats,
    swing: Floats,
) -> int:
    money, counts = state.money, state.counts
    top, low = np.zeros(ledger.facility.shape[1]), np.zeros(ledger.facility.shape[1])
    used = 0
    for at in range(len(first) - 1):
        start[at] = used
        for place in range(first[at], first[at + 1]):
            s = party[place]
            if state.party_flag[s, FAILED]:
                continue
            if ledger.party[s, KNOWN] > 0.0:
                money[s, SHOCK] = ledger.party[s, FIRST_EQUITY]
                money[s, EQUITY] = 0.0
            else:
                money[s, FIXED] = 1.0
            state.party_flag[s, FAILED] = True
            mark(state, s, True)
        done, swings = 0, False
        while counts[CHANGED] > 0:
            if done >= most:
                swings = settle_all
                break
            change = sweep(ledger, rule, state)
            done += 1
            if change <= tolerance and counts[FRESH] == 0:
                break
        if swings:
            _widest(ledger, rule, state, top, low)
        asked, borne = 0.0, 0.0
        for i in range(counts[N_REACHED]):
            f = state.facility_list[REACHED, i]
            unpaid = state.facility_money[UNPAID, f]
            asked += state.facility_money[SHORTFALL, f]
            borne += unpaid
            for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
                borne += state.line_money[LINE_PAID, line]
            if swings:
                unpaid = top[f]
                swing[at] += top[f] - low[f]
            if unpaid > 0.0 and ledger.facility[LENDER, f] < 0:
                if used >= len(unit):
                    return -1
                unit[used] = f
                amount[used] = unpaid
                used += 1
        gap[at] = abs(asked - borne) / asked if asked > 0.0 else borne
        put_back(ledger, base, state)
    start[len(first) - 1] = used
    return used


@njit(cache=True, nogil=True, error_model="numpy")
def _widest(ledger: Ledger, rule: Rule, state: State, top: Floats, low: Floats) -> None:
    """Sweep on and note the most and the least that each facility leaves unpaid."""
    for again in range(_SWEEPS_OF_A_SWING):
        sweep(ledger, rule, state)
        for i in range(state.counts[N_REACHED]):
            f = state.facility_list[REACHED, i]
            unpaid = state.facility_money[UNPAID, f]
            top[f] = unpaid if again == 0 else max(top[f], unpaid)
            low[f] = unpaid if again == 0 else min(low[f], unpaid)
