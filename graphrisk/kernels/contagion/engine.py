"""One engine for all that spreads: a start hits parties of a settled state, sweeps until nothing changes, is put back.

All maps are monotone, so sweeps from the undistressed state fall to the least-loss fixed point (A. Tarski, "A
lattice-theoretical fixpoint theorem and its applications", Pacific J. Math. 5, 1955). The fixed point without a shock
lies above the one with it, so sweeps that start there and take the shock on top fall to the same one, and visit only
what the shock changes. A run is one start that somebody watches (`fixed_point`), importance is one start a party, a
portfolio one start a drawn set (`starts`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import (
    CHANGED,
    DIRTY,
    EQUITY,
    FAILED,
    FIXED,
    FRESH,
    KNOWN,
    N_CALLED,
    N_LATE,
    NOTHING,
    PAID,
    SCALE,
    TAKEN,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    own_state,
    untouched,
)
from graphrisk.kernels.contagion.lists import mark
from graphrisk.kernels.contagion.price_impact import (
    copy_market,
    let_prices_follow,
    no_assets,
    no_market,
)
from graphrisk.kernels.contagion.production import (
    ANEW_DOWN,
    ANEW_UP,
    copy_production,
    lose_by_itself,
    lose_profit,
    one_pass,
    production_at,
    tell_the_rest,
)
from graphrisk.kernels.contagion.production import FLOOR as BY_ITSELF
from graphrisk.kernels.contagion.production_in_turn import let_settle
from graphrisk.kernels.contagion.rooms import (
    PriceChannel,
    Room,
    SupplyChannel,
    borrowed,
    ledger_in,
    prices_in,
    state_in,
    supplies_in,
)
from graphrisk.kernels.contagion.supply_losses import BY_LOSS, IN_DEFAULT, NEVER, lost_by_itself, no_supply
from graphrisk.kernels.contagion.sweep import contracts_of_changed, sweep

PASSES = 100_000
"""Passes over production after which it counts as not settling."""
# places of what `settle` says: largest change of an equity, of production or a price; how it ended; contracts followed
CHANGE, MOVED, ENDED, WORK = range(4)
SETTLED, GOES_ON, UNSETTLED = 0.0, 1.0, 2.0
"""How `settle` ended: nothing changes any more, the sweeps are used up, production does not settle."""


class How(NamedTuple):
    """When a start ends, and how those that take part beside the contracts behave."""

    stops: int  # when a party stops delivering by itself: NEVER, IN_DEFAULT, BY_LOSS
    staged: bool  # production settles first and stays as it is
    in_turn: bool  # production settles before each sweep, firm after firm; else it makes one step
    own_assets: bool  # claims are valued by a debtor's own assets, which a shock takes from
    tolerance: float
    coarse: float  # tolerance to which a start settles first
    skips: bool  # a change of lost profit within the tolerance of max(|E0|, 1) waits for a larger one


class Engine(NamedTuple):
    """What all starts from one settled state share."""

    rule: Rule
    how: How
    base: Room
    shocked: Floats  # (parties, 7) as Ledger.party, where each party lost its equity to a shock


def engine_over(
    ledger: Ledger,
    rule: Rule,
    state: State,
    *,
    supplies: SupplyChannel | None = None,
    prices: PriceChannel | None = None,
    shocked: Floats | None = None,
    stops: int = IN_DEFAULT,
    staged: bool = False,
    in_turn: bool = True,
    tolerance: float,
    coarse: float = 0.0,
    skips: bool = False,
) -> Engine:
    """Return the engine over a settled state, with production and prices where they stand in it.

    `shocked` (parties, 7): what a shock of a party's whole equity leaves of its balance sheet, where the rule reads it.
    """
    if (supplies is None) != (prices is None):  # one of them alone is not compiled for: the other takes part empty
        supplies = no_supplies(ledger.party.shape[0]) if supplies is None else supplies
        prices = no_prices() if prices is None else prices
    how = How(
        stops=int(stops),
        staged=bool(staged),
        in_turn=bool(in_turn),
        own_assets=shocked is not None,
        tolerance=float(tolerance),
        coarse=float(coarse),
        skips=bool(skips),
    )
    base = Room(ledger, untouched(state), supplies, prices)
    return Engine(_typed(rule), how, base, np.zeros((0, 7)) if shocked is None else shocked)


def no_supplies(size: int) -> SupplyChannel:
    """Return the production of a book of `size` parties in which nobody delivers anything."""
    supply = no_supply(size)
    return SupplyChannel(supply, np.zeros(size), production_at(supply, size))


def no_prices() -> PriceChannel:
    """Return the prices of a book in which none moves."""
    return PriceChannel(no_assets(), no_market())


def _typed(rule: Rule) -> Rule:
    """Return the rule with the number types that the kernels were compiled for."""
    return Rule(
        int(rule.code), float(rule.recovery), float(rule.alpha), float(rule.recourse), float(rule.slope),
        bool(rule.unlimited), bool(rule.caps),
    )  # fmt: skip


def own_room(engine: Engine) -> Room:
    """Return room for starts over the engine's state: what they change is copied, the rest is shared."""
    ledger, state, supplies, prices = engine.base
    if prices is not None:
        ledger = ledger._replace(uncovered=ledger.uncovered.copy(), pledged=ledger.pledged.copy())
        prices = prices._replace(market=copy_market(prices.market))
    if engine.how.own_assets:
        ledger = ledger._replace(party=ledger.party.copy())
    if supplies is not None:
        supplies = supplies._replace(made=copy_production(supplies.made))
    return Room(ledger, own_state(state), supplies, prices)


def hit_all(engine: Engine, room: Room, parties: Ints, money: Floats, fixed: Floats, production: Floats) -> Ints:
    """Hit `parties` with what `money`, `fixed`, `production` (parties of the book,) say; return who fails by it."""
    failed = np.zeros(len(parties), dtype=np.bool_)
    _hit_all(engine.rule, engine.how, borrowed(room), *taking_part(room), parties, money, fixed, production, failed)
    return parties[failed]


def settle(engine: Engine, room: Room, most: int, said: Floats, *, waits: bool = False) -> int:
    """Sweep until nobody fails and nothing changes by more than the tolerance, `most` times at most; return the sweeps.

    Before each sweep production and prices follow the last one; where production `waits`, it stands as it is: who stops
    is queued for later. Writes `said` (CHANGE, MOVED, ENDED, adds to WORK).
    """
    return int(_settle(engine.rule, engine.how, borrowed(room), *taking_part(room), most, waits, said))


def taking_part(room: Room) -> tuple[bool | None, bool | None]:
    """Return (contracts alone, production and prices too): True for what a room has, None for the other.

    A branch on an argument that is not None goes where the argument is None: what takes no part is not compiled.
    """
    return (True, None) if room.supplies is None else (None, True)


def settle_production(engine: Engine, supplies: SupplyChannel, most: int) -> bool:
    """Let production settle before anything else (schedule=staged); return whether it did in `most` passes."""
    return bool(let_settle(supplies.supply, supplies.made, False, engine.how.tolerance, most) >= 0)


# Compiled functions take the parts of an engine and a room one by one: only of an argument does the compiler know that
# None takes no part. The outermost take a table of addresses instead (see `rooms`).


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def hit(
    rule: Rule, how: How, ledger: Ledger, state: State, supplies: SupplyChannel | None, i: int, money: float,
    fixed: float,
) -> bool:  # fmt: skip
    """Take `money` in all from party `i` of known equity, or set its loss fraction; return whether it fails by that.

    A guarantor that paid and is left with less than nothing cannot have paid that much: what it paid is taken back, so
    that the state lies above the fixed point, and the sweep settles its calls anew.
    """
    if ledger.party[i, KNOWN] > 0.0:
        state.money[i, EQUITY] -= money - state.money[i, TAKEN]
        state.money[i, TAKEN] = money
        if not rule.unlimited and state.money[i, EQUITY] < 0.0:
            state.money[i, EQUITY] = min(0.0, state.money[i, EQUITY] + state.money[i, PAID])
        fails = state.money[i, EQUITY] <= NOTHING * ledger.party[i, SCALE]
    else:
        state.money[i, FIXED] = fixed
        fails = fixed >= 1.0
    fresh = fails and not state.party_flag[i, FAILED]
    if fails:
        state.party_flag[i, FAILED] = True
    mark(state, i, True)
    if supplies is not None and how.stops != NEVER:
        lost = lost_by_itself(ledger, state, i, how.stops == BY_LOSS)
        lose_by_itself(supplies.supply, supplies.made, i, lost, True, how.tolerance if how.in_turn else 0.0)
    return fresh


@njit(cache=True, nogil=True, error_model="numpy")
def _hit_all(
    rule: Rule, how: How, room: Ints, alone: bool | None, more: bool | None, parties: Ints, money: Floats,
    fixed: Floats, production: Floats, failed: Flags,
) -> None:  # fmt: skip
    ledger, state = ledger_in(room), state_in(room)
    if alone is not None:
        for at in range(len(parties)):
            i = parties[at]
            failed[at] = hit(rule, how, ledger, state, None, i, money[i], fixed[i])
    if more is not None:
        supplies = supplies_in(room)
        for at in range(len(parties)):
            i = parties[at]
            failed[at] = hit(rule, how, ledger, state, supplies, i, money[i], fixed[i])
            if how.stops == NEVER:
                lose_by_itself(supplies.supply, supplies.made, i, production[i], True, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _settle(
    rule: Rule, how: How, room: Ints, alone: bool | None, more: bool | None, most: int, waits: bool, said: Floats
) -> int:  # fmt: skip
    ledger, state, sweeps = ledger_in(room), state_in(room), 0
    if alone is not None:
        sweeps = settle_in(rule, how, ledger, state, None, None, most, waits, said)
    if more is not None:
        sweeps = settle_in(rule, how, ledger, state, supplies_in(room), prices_in(room), most, waits, said)
    return sweeps


@njit(cache=True, nogil=True, error_model="numpy")
def settle_in(
    rule: Rule, how: How, ledger: Ledger, state: State, supplies: SupplyChannel | None, prices: PriceChannel | None,
    most: int, waits: bool, said: Floats,
) -> int:  # fmt: skip
    """As `settle`, compiled."""
    counts, done = state.counts, 0
    grain = how.tolerance if waits else max(how.tolerance, how.coarse)
    said[ENDED] = GOES_ON
    while done < most:
        moved, change, waiting = 0.0, 0.0, False
        if supplies is not None and not waits:
            if how.in_turn:
                looked_at = let_settle(supplies.supply, supplies.made, True, grain, PASSES, how.tolerance)
                if looked_at < 0:
                    said[ENDED] = UNSETTLED
                    return done
                said[WORK] += looked_at
            elif not how.staged:
                moved, passed = one_pass(supplies.supply, supplies.made, False, 0.0)
                said[WORK] += passed
            lose_profit(supplies.made, supplies.profit, ledger, state, grain if how.skips else 0.0)
        if prices is not None:
            fall, sold = let_prices_follow(prices.assets, prices.market, ledger, rule, state)
            moved = max(moved, fall)
            said[WORK] += sold
        idle = counts[CHANGED] + counts[DIRTY] + counts[N_LATE] + counts[N_CALLED] == 0
        settled = idle and moved <= grain
        if settled:
            counts[FRESH] = 0
        else:
            said[WORK] += contracts_of_changed(ledger, state)
            change = sweep(ledger, rule, state)
            done += 1
            if supplies is not None:
                if not how.staged and how.stops != NEVER:
                    for i in range(counts[CHANGED]):
                        p = state.party_list[CHANGED, i]
                        lost = lost_by_itself(ledger, state, p, how.stops == BY_LOSS)
                        if lost != supplies.made.level[p, BY_ITSELF]:
                            lose_by_itself(supplies.supply, supplies.made, p, lost, False, 0.0)
                waiting = (
                    how.in_turn and not waits and supplies.made.counts[ANEW_DOWN] + supplies.made.counts[ANEW_UP] > 0
                )
            settled = change <= grain and moved <= grain and counts[FRESH] == 0 and not waiting
        said[CHANGE], said[MOVED] = change, moved
        if settled and grain <= how.tolerance:
            said[ENDED] = SETTLED
            return done
        if settled:
            grain = how.tolerance
            if supplies is not None:
                tell_the_rest(supplies.supply, supplies.made, grain)
    return done
