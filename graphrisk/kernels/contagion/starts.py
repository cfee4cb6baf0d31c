"""Many starts over one settled state: hit, settle, note, put back.

Importance starts once a party and notes what others and the bank lose by it; a portfolio starts once a drawn set of
defaults and notes what stays unpaid of each facility: in the end, or in steps. Contracts alone settle above the end, so
that production, which waited, takes it down from there: what the first sweep and contracts alone leave unpaid is known
on the way. Where calls shift between guarantors the map is not monotone, and rare starts swing for ever: a party's is
given up (sweeps -1); a drawn set starts anew without steps, then loses the most that each facility leaves unpaid over
some more sweeps, and says how wide the swing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.fan import fan_out_in
from graphrisk.kernels.contagion.cost_by_others import cost_by_others
from graphrisk.kernels.contagion.engine import (
    ENDED,
    PASSES,
    SETTLED,
    UNSETTLED,
    WORK,
    Engine,
    How,
    hit,
    own_room,
    settle_in,
    taking_part,
)
from graphrisk.kernels.contagion.ledger import (
    ACTIVE,
    ASSETS,
    CLUSTER,
    CONTRACT,
    COULD_PAY,
    EQUITY,
    FAILED,
    FIRST,
    FIRST_EQUITY,
    FLOOR,
    GUARANTOR,
    IS_REACHED,
    IS_TOUCHED,
    LENDER,
    LINE_PAID,
    LINES,
    N_REACHED,
    REACHED,
    SHORTFALL,
    TOUCHED,
    UNPAID,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
)
from graphrisk.kernels.contagion.price_impact import Market, put_prices_back
from graphrisk.kernels.contagion.production import (
    Production,
    lose_by_itself,
    put_production_back,
)
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
from graphrisk.kernels.contagion.supply_losses import NEVER
from graphrisk.kernels.contagion.sweep import sweep

SWEEPS_OF_A_SWING = 64
STEPS = 3
"""What is noted of a drawn set in steps: after the first sweep, by contracts alone, in the end."""
_NO_ROOM, _UNSETTLED = -1, -2


class Caused(NamedTuple):
    """Per start: loss of others and our bank, the bank's part, defaults, sweeps (-1: gave up), contracts followed."""

    loss: Floats
    bank_loss: Floats
    defaults: Ints
    rounds: Ints
    work: Ints


class Unpaid(NamedTuple):
    """What stays unpaid of our own facilities: start n is rows start[n] to start[n + 1] of facility and amount.

    `gap` (starts,): difference of shortfalls and payments plus losses, over the shortfalls; `swing` (starts,): width of
    the swing of one that does not settle, in money, else 0.
    """

    start: Ints
    facility: Ints
    amount: Floats
    gap: Floats
    swing: Floats


def nothing_caused(size: int) -> Caused:
    """Return zeros for `size` starts."""
    return Caused(np.zeros(size), np.zeros(size), *(np.zeros(size, dtype=np.int64) for _ in range(3)))


def joined(parts: Sequence[Caused]) -> Caused:
    """Return the results of consecutive pieces of the starts as one."""
    return Caused(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def each_alone(engine: Engine, parties: Ints, *, max_rounds: int) -> Caused:
    """Return what each of `parties` causes beyond the engine's state, with a shock of all its equity or production.

    One that is in default in that state causes nothing, but for the production that it loses where defaults stop none.
    """
    nothing = _no_room_for_unpaid(0, 0)

    def work(some: Ints, room: Room) -> Caused:
        caused = nothing_caused(len(some))
        _run_in(engine, room, np.arange(len(some) + 1), some, max_rounds, False, False, False, caused, nothing)
        return caused

    return joined(fan_out_in(work, lambda: own_room(engine), parties))


def together(engine: Engine, first: Ints, party: Ints, *, max_rounds: int) -> Caused:
    """Return what each group of parties causes beyond the engine's state if all of it fails at once.

    Group n is party[first[n]:first[n + 1]], none of it in default in that state; what the shock takes from them is no
    loss, what the others of the group cost them is. For rules that value claims by a debtor's own assets the engine
    puts back one party only, so groups are not for those.
    """
    nothing = _no_room_for_unpaid(0, 0)

    def work(some: Ints, room: Room) -> Caused:
        caused, start = nothing_caused(len(some)), np.concatenate([first[some], first[some[-1:] + 1]])
        _run_in(engine, room, start, party, max_rounds, False, False, False, caused, nothing)
        return caused

    return joined(fan_out_in(work, lambda: own_room(engine), np.arange(len(first) - 1), smallest=8))


def unpaid_after(
    engine: Engine, first: Ints, party: Ints, *, most: int, settles: bool = True, in_steps: bool = False
) -> Unpaid:
    """Return what each set of defaults leaves unpaid: set n is party[first[n]:first[n + 1]].

    `most`: sweeps at most; `settles` False: those sweeps alone, whether anything changes after them or not. `in_steps`:
    start STEPS x n + k is step k of set n; a set that does not settle by them starts anew for the last.

    Raises ConvergenceError where production does not settle.
    """
    count, room = (len(first) - 1) * (STEPS if in_steps else 1), len(party) * (8 if in_steps else 4) + 1024
    caused = nothing_caused(len(first) - 1)
    while True:
        found = _no_room_for_unpaid(count, room)
        used = _run_in(engine, own_room(engine), first, party, most, True, settles, in_steps, caused, found)
        if used >= 0:
            return found._replace(facility=found.facility[:used].copy(), amount=found.amount[:used].copy())
        if used == _UNSETTLED:
            raise ConvergenceError(
                f"production did not settle in {PASSES:,} passes", hint="raise tolerance, or leave supplies out"
            )
        room *= 2


def _no_room_for_unpaid(count: int, room: int) -> Unpaid:
    return Unpaid(
        np.zeros(count + 1, dtype=np.int64), np.zeros(room, dtype=np.int64), np.zeros(room), np.zeros(count),
        np.zeros(count),
    )  # fmt: skip


def _run_in(
    engine: Engine, room: Room, first: Ints, party: Ints, most: int, sets: bool, settles: bool, in_steps: bool,
    caused: Caused, unpaid: Unpaid,
) -> int:  # fmt: skip
    tables = borrowed(room), borrowed(engine.base)
    return int(
        _run_by_address(
            engine.rule, engine.how, *tables, *taking_part(room), engine.shocked,
            first, party, most, sets, settles, in_steps, caused, unpaid,
        )
    )  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _run_by_address(
    rule: Rule, how: How, room: Ints, first_room: Ints, alone: bool | None, more: bool | None, shocked: Floats,
    first: Ints, party: Ints, most: int, sets: bool, settles: bool, in_steps: bool, caused: Caused, unpaid: Unpaid,
) -> int:  # fmt: skip
    ledger, state, base_ledger, base = ledger_in(room), state_in(room), ledger_in(first_room), state_in(first_room)
    used = 0
    if alone is not None:
        used = _run(
            rule, how, ledger, state, None, None, base_ledger, base, None, None, shocked,
            first, party, most, sets, settles, in_steps, caused, unpaid,
        )  # fmt: skip
    if more is not None:
        made, market = supplies_in(first_room).made, prices_in(first_room).market
        used = _run(
            rule, how, ledger, state, supplies_in(room), prices_in(room), base_ledger, base, made, market, shocked,
            first, party, most, sets, settles, in_steps, caused, unpaid,
        )  # fmt: skip
    return used


@njit(cache=True, nogil=True, error_model="numpy")
def _run(
    rule: Rule, how: How, ledger: Ledger, state: State, supplies: SupplyChannel | None, prices: PriceChannel | None,
    base_ledger: Ledger, base: State, base_made: Production | None, base_market: Market | None, shocked: Floats,
    first: Ints, party: Ints, most: int, sets: bool, settles: bool, in_steps: bool, caused: Caused, unpaid: Unpaid,
) -> int:  # fmt: skip
    """Run the starts, each from the base; return the rows of `unpaid` used, or why there are none.

    The arguments are the parts of an engine and of a room over it (see `settle_in`).
    """
    tolerance = how.tolerance if how.in_turn else 0.0
    by_production = False
    if supplies is not None:
        by_production = how.stops == NEVER
    said = np.zeros(4)
    facilities = ledger.facility.shape[1] if sets else 0
    top, low = np.zeros(facilities), np.zeros(facilities)
    used, n, waits, steps = 0, 0, in_steps, STEPS if in_steps else 1
    while n < len(first) - 1:
        unpaid_start = used
        s = -1
        floor, own = 0.0, 0.0
        for at in range(first[n], first[n + 1]):
            s = party[at]
            if state.party_flag[s, FAILED] and not by_production:
                s = -1 if not sets else s
                continue
            if how.own_assets:  # claims on it are valued by what the shock leaves it
                floor, own = ledger.party[s, FLOOR], ledger.party[s, ASSETS]
                ledger.party[s, FLOOR], ledger.party[s, ASSETS] = shocked[s, FLOOR], shocked[s, ASSETS]
            if not by_production:
                hit(rule, how, ledger, state, supplies, s, ledger.party[s, FIRST_EQUITY], 1.0)
            if supplies is not None and by_production:
                lose_by_itself(supplies.supply, supplies.made, s, 1.0, True, tolerance)
        if s < 0:
            if sets:
                unpaid.start[n * steps : (n + 1) * steps] = used
            n += 1
            continue
        said[WORK] = 0.0
        done, swings = 0, False
        for step in range(0 if waits else steps - 1, steps):
            early, once = step < steps - 1, step == 0 and steps > 1
            if once or not early or said[ENDED] != SETTLED:
                done += settle_in(rule, how, ledger, state, supplies, prices, 1 if once else most - done, early, said)
            if sets and said[ENDED] == UNSETTLED:
                return _UNSETTLED
            swings = said[ENDED] != SETTLED and (settles or not sets) and not once
            if not sets or (swings and waits and not early):
                break
            reached = 0
            for again in range(SWEEPS_OF_A_SWING if swings else 0):
                settle_in(rule, how, ledger, state, supplies, prices, 1, early, said)
                reached = _widen(state, again == 0, reached, top, low)
            if used >= 0:
                unpaid.start[n * steps + step] = used
                used = _note_unpaid(ledger, state, n * steps + step, used, swings, top, low, unpaid)
            if swings:
                break
        caused.rounds[n], caused.work[n] = done, int(said[WORK])
        if not sets:
            if swings:
                caused.rounds[n] = -1
                sweep(ledger, rule, state)  # what was still waiting is flushed, so that it is undone, too
            caused.loss[n], caused.bank_loss[n], caused.defaults[n] = _caused_beyond(ledger, base, state, s)
            for at in range(first[n], first[n + 1] if first[n + 1] - first[n] > 1 else first[n]):
                p = party[at]
                if p != s:
                    caused.loss[n] -= max(base.money[p, EQUITY], 0.0) - max(state.money[p, EQUITY], 0.0)
                    caused.defaults[n] -= 1
                caused.loss[n] += cost_by_others(how, ledger, base, state, supplies, p)
        if prices is not None:
            put_prices_back(prices.assets, base_market, prices.market, base_ledger, ledger)
        _put_back(ledger, base, state)
        if supplies is not None:
            put_production_back(base_made, supplies.made)
        if how.own_assets:
            ledger.party[s, FLOOR], ledger.party[s, ASSETS] = floor, own
        if used < unpaid_start:
            return _NO_ROOM
        if waits and swings:  # another way may settle: anew, and for the end alone
            waits = False
        else:
            waits = in_steps
            n += 1
    if sets:
        unpaid.start[n * steps] = used
    return used


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _caused_beyond(ledger: Ledger, base: State, state: State, s: int) -> tuple[float, float, int]:
    """Return what party `s` caused beyond `base`: the loss of others and our bank, the bank's part, defaults.

    What other lenders do not get back is in their equity.
    """
    loss, bank_loss, defaults = 0.0, 0.0, 0
    for i in range(state.counts[TOUCHED]):
        p = state.party_list[TOUCHED, i]
        if p != s:
            loss += max(base.money[p, EQUITY], 0.0) - max(state.money[p, EQUITY], 0.0)
            if state.party_flag[p, FAILED] and not base.party_flag[p, FAILED]:
                defaults += 1
    for i in range(state.counts[N_REACHED]):
        f = state.facility_list[REACHED, i]
        if ledger.facility[LENDER, f] < 0:
            bank_loss += state.facility_money[UNPAID, f] - base.facility_money[UNPAID, f]
    return loss + bank_loss, bank_loss, defaults


@njit(cache=True, nogil=True, error_model="numpy")
def _note_unpaid(
    ledger: Ledger, state: State, n: int, used: int, swings: bool, top: Floats, low: Floats, unpaid: Unpaid
) -> int:
    """Note what stays unpaid of each facility that start `n` reached; return the rows used, -1 where there are none."""
    asked, borne = 0.0, 0.0
    for i in range(state.counts[N_REACHED]):
        f = state.facility_list[REACHED, i]
        left = state.facility_money[UNPAID, f]
        asked += state.facility_money[SHORTFALL, f]
        if ledger.facility[CLUSTER, f] < 0:  # nobody stands behind it: where the last step moved it, it is unpaid
            left = state.facility_money[SHORTFALL, f]
        borne += left
        for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
            borne += state.line_money[LINE_PAID, line]
        if swings:
            left = top[f]
            unpaid.swing[n] += top[f] - low[f]
        if left > 0.0 and ledger.facility[LENDER, f] < 0:
            if used >= len(unpaid.facility):
                return -1
            unpaid.facility[used], unpaid.amount[used] = f, left
            used += 1
    unpaid.gap[n] = abs(asked - borne) / asked if asked > 0.0 else borne
    return used


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _widen(state: State, first: bool, reached: int, top: Floats, low: Floats) -> int:
    """Note the most and the least that each facility leaves unpaid in a swing; return how many it has reached."""
    for i in range(state.counts[N_REACHED]):
        f = state.facility_list[REACHED, i]
        left = state.facility_money[UNPAID, f]
        top[f] = left if i >= reached else max(top[f], left)
        low[f] = (left if first else 0.0) if i >= reached else min(low[f], left)
    return int(state.counts[N_REACHED])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _put_back(ledger: Ledger, base: State, state: State) -> None:
    """Undo a start: what it touched is as in `base` again."""
    for i in range(state.counts[TOUCHED]):
        p = state.party_list[TOUCHED, i]
        for row in range(state.money.shape[1]):
            state.money[p, row] = base.money[p, row]
        state.party_flag[p, FAILED] = base.party_flag[p, FAILED]
        state.party_flag[p, IS_TOUCHED] = False
    for i in range(state.counts[N_REACHED]):
        f = state.facility_list[REACHED, i]
        for row in range(state.facility_money.shape[0]):
            state.facility_money[row, f] = base.facility_money[row, f]
        state.facility_flag[ACTIVE, f] = base.facility_flag[ACTIVE, f]
        state.facility_flag[IS_REACHED, f] = False
        if ledger.facility[CLUSTER, f] >= 0:
            state.cluster[FIRST, ledger.facility[CLUSTER, f]] = base.cluster[FIRST, ledger.facility[CLUSTER, f]]
        for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
            for row in range(state.line_money.shape[0]):
                state.line_money[row, line] = base.line_money[row, line]
            k = ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]
            state.money[k, COULD_PAY] = base.money[k, COULD_PAY]
    state.counts[:] = 0
