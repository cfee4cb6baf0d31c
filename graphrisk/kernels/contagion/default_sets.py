"""What drawn sets of defaults do over the whole ledger: one cascade a scenario, only what it touches.

The map is that of `graphrisk.kernels.contagion.sweep` (exposures, guarantees with capacity, ownership, collateral of
others), with lost production (`set_supply`) and falling prices (`set_prices`) where they are asked for; a set of
parties loses its whole equity at the start. Every cascade starts from the undistressed state and falls to the
least-loss fixed point (Tarski); what it touched is put back before the next, as in `graphrisk.kernels.contagion.seeds`.

Where calls shift between guarantors the map is not monotone, and rare sets swing for ever. Such a scenario loses the
most that each facility leaves unpaid over the last sweeps, and says how wide the swing is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.errors import ConvergenceError, GraphRiskError, UsageError
from graphrisk.kernels.contagion.ledger import (
    CHANGED,
    CLUSTER,
    DEBTRANK,
    DIRTY,
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
from graphrisk.kernels.contagion.seeds import put_back
from graphrisk.kernels.contagion.set_prices import Prices, Selling, let_prices_fall, quiet_prices, raise_prices
from graphrisk.kernels.contagion.set_supply import (
    Output,
    full_output,
    let_production_settle,
    lose_profit,
    produce_in_full,
    stop_by_themselves,
    tell_the_rest,
)
from graphrisk.kernels.contagion.supply import Supply, supply_rows
from graphrisk.kernels.contagion.sweep import mark, sweep
from graphrisk.kernels.portfolio.copula import Draws
from graphrisk.kernels.portfolio.second_stage import Losses

_SWEEPS_OF_A_SWING = 64
_COARSE = 1e-3
"""Tolerance to which a scenario with production settles first: most defaults are found before the long tail of it."""
_NO_ROOM, _UNSETTLED = -1, -2
CONSERVED = 1e-9
"""Largest gap between shortfalls and payments plus losses, over the shortfalls, that a scenario may show."""


class Making(NamedTuple):
    """The supply layer of a stage. `profit` (parties,): lost with all production; the words are those of contagion."""

    supply: Supply
    profit: Floats
    by_loss: bool = False  # parties stop delivering in proportion to their loss, not only in default
    staged: bool = False  # production settles first and stays as it is
    passes: int = 100_000  # over production, after which it counts as not settling
    on: bool = True


class Falling(NamedTuple):
    """The price layer of a stage."""

    selling: Selling
    on: bool = True


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
    making: Making
    falling: Falling
    sweeps: int | None
    tolerance: float
    max_rounds: int

    def __call__(self, draws: Draws) -> Losses:
        """Return what stays unpaid of each facility in each scenario; `untold`: width of its swing in money, else 0.

        Raises GraphRiskError where the ledger does not add up, ConvergenceError where production (staged) does not
        settle.
        """
        count = len(draws.ids)
        room = len(draws.party) * 4 + 1024
        most = self.max_rounds if self.sweeps is None else self.sweeps
        ledger = self.ledger
        if self.falling.on:  # prices change it
            ledger = ledger._replace(uncovered=ledger.uncovered.copy(), pledged=ledger.pledged.copy())
        made = full_output(self.making.supply, len(ledger.cluster_of) if self.making.on else 0)
        prices = quiet_prices(self.falling.selling)
        while True:
            start, unit, amount = np.empty(count + 1, dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room)
            gap, swing = np.zeros(count), np.zeros(count)
            used = _run_sets(
                ledger, self.rule, self.quiet, copy_state(self.quiet), self.making, made, self.falling, prices,
                draws.start, draws.party, self.tolerance, most, self.sweeps is None, start, unit, amount, gap, swing,
            )  # fmt: skip
            if used >= 0:
                break
            if used == _UNSETTLED:
                raise ConvergenceError(
                    f"production did not settle in {self.making.passes:,} passes",
                    hint="raise tolerance, or leave supplies out",
                )
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
    making: Making | None = None,
    selling: Selling | None = None,
    sweeps: int | None = None,
    tolerance: float = 1e-10,
    max_rounds: int = 2_000,
) -> LedgerStage:
    """Return the stage that pushes each drawn set through `ledger`; `unit` (facilities,): what a loss counts under.

    `making`: lost production spreads too; `selling`: what is sold lowers prices. Production settles before each sweep,
    prices step as in a run of contagion: the same least-loss fixed point, where calls do not shift between guarantors.
    A scenario that has not settled to `tolerance` after `max_rounds` sweeps counts as a swing.

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
        making=_no_supply() if making is None else making,
        falling=Falling(_no_pledges(), on=False) if selling is None else Falling(selling),
        sweeps=sweeps,
        tolerance=tolerance,
        max_rounds=max_rounds,
    )


def _no_supply() -> Making:
    ints, none = np.zeros(0, dtype=np.int64), np.zeros(0)
    rows = supply_rows(ints, ints, none, np.zeros(0, dtype=np.bool_), ints, 0)[0]
    return Making(supply=rows, profit=none, on=False)


def _no_pledges() -> Selling:
    ints, none = np.zeros(0, dtype=np.int64), np.zeros(0)
    return Selling(
        beta=0.0, depth=none, facility=ints, asset=ints, rank=ints, allocated=none, sold=none, by_facility=ints,
        pledge=ints, secured=ints, due=none, covered=none, uncovered=none, most=none, value=none, price=none,
        haircut=none, owner=ints, kind=ints, order=ints, pledged=none,
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _run_sets(
    ledger: Ledger,
    rule: Rule,
    base: State,
    state: State,
    making: Making,
    made: Output,
    falling: Falling,
    prices: Prices,
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
    counts = state.counts
    top, low = np.zeros(ledger.facility.shape[1]), np.zeros(ledger.facility.shape[1])
    used = 0
    for at in range(len(first) - 1):
        start[at] = used
        _default(ledger, state, party[first[at] : first[at + 1]])
        done, swings = 0, False
        grain = max(tolerance, _COARSE) if making.on and not making.staged else tolerance
        while settle_all or done < most:
            moved = _step(ledger, rule, state, making, made, falling, prices, grain, done == 0)
            if moved < 0.0:
                return _UNSETTLED
            settled = counts[CHANGED] + counts[DIRTY] == 0 and moved <= grain
            if not settled:
                if done >= most:
                    swings = settle_all
                    break
                change = sweep(ledger, rule, state)
                done += 1
                settled = change <= grain and moved <= grain and counts[FRESH] == 0
            if settled:
                if grain <= tolerance:
                    break
                grain = tolerance
                tell_the_rest(making.supply, made, grain)
        if swings:
            _widest(ledger, rule, state, making, made, falling, prices, tolerance, top, low)
        asked, borne = 0.0, 0.0
        for i in range(counts[N_REACHED]):
            f = state.facility_list[REACHED, i]
            unpaid = state.facility_money[UNPAID, f]
            asked += state.facility_money[SHORTFALL, f]
            if ledger.facility[CLUSTER, f] < 0:  # nobody stands behind it: where the last step moved it, it is unpaid
                unpaid = state.facility_money[SHORTFALL, f]
            borne += unpaid
            for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
                borne += state.line_money[LINE_PAID, line]
            if swings:
                unpaid = top[f]
                swing[at] += top[f] - low[f]
            if unpaid > 0.0 and ledger.facility[LENDER, f] < 0:
                if used >= len(unit):
                    _put_all_back(ledger, base, state, making, made, falling, prices)
                    return _NO_ROOM
                unit[used] = f
                amount[used] = unpaid
                used += 1
        gap[at] = abs(asked - borne) / asked if asked > 0.0 else borne
        _put_all_back(ledger, base, state, making, made, falling, prices)
    start[len(first) - 1] = used
    return used


@njit(cache=True, nogil=True, error_model="numpy")
def _default(ledger: Ledger, state: State, drawn: Ints) -> None:
    """Put the drawn parties in default; one drawn twice is in default once."""
    money = state.money
    for s in drawn:
        if state.party_flag[s, FAILED]:
            continue
        if ledger.party[s, KNOWN] > 0.0:
            money[s, SHOCK] = ledger.party[s, FIRST_EQUITY]
            money[s, EQUITY] = 0.0
        else:
            money[s, FIXED] = 1.0
        state.party_flag[s, FAILED] = True
        mark(state, s, True)


@njit(cache=True, nogil=True, error_model="numpy")
def _step(
    ledger: Ledger,
    rule: Rule,
    state: State,
    making: Making,
    made: Output,
    falling: Falling,
    prices: Prices,
    tolerance: float,
    at_first: bool,
) -> float:
    """Let production and prices follow the last sweep; return the largest change of a price, -1: none settles."""
    if making.on and (at_first or not making.staged):
        stop_by_themselves(made, ledger, state, making.by_loss)
        if not let_production_settle(making.supply, made, tolerance, making.passes):
            return -1.0
        lose_profit(made, making.profit, ledger, state, tolerance)
    if falling.on:
        return float(let_prices_fall(falling.selling, prices, ledger, rule, state))
    return 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _put_all_back(
    ledger: Ledger, base: State, state: State, making: Making, made: Output, falling: Falling, prices: Prices
) -> None:
    put_back(ledger, base, state)
    if making.on:
        produce_in_full(making.supply, made)
    if falling.on:
        raise_prices(falling.selling, prices, ledger)


@njit(cache=True, nogil=True, error_model="numpy")
def _widest(
    ledger: Ledger,
    rule: Rule,
    state: State,
    making: Making,
    made: Output,
    falling: Falling,
    prices: Prices,
    tolerance: float,
    top: Floats,
    low: Floats,
) -> None:
    """Sweep on and note the most and the least that each facility leaves unpaid."""
    reached = 0
    for again in range(_SWEEPS_OF_A_SWING):
        _step(ledger, rule, state, making, made, falling, prices, tolerance, False)
        sweep(ledger, rule, state)
        for i in range(state.counts[N_REACHED]):
            f = state.facility_list[REACHED, i]
            unpaid = state.facility_money[UNPAID, f]
            top[f] = unpaid if i >= reached else max(top[f], unpaid)
            low[f] = (unpaid if again == 0 else 0.0) if i >= reached else min(low[f], unpaid)
        reached = state.counts[N_REACHED]
