"""What each party causes if it alone fails: one cascade per seed from the unshocked state, only what it touches.

The unshocked fixed point lies above every shocked one, so a cascade that starts from it falls to the same least-loss
fixed point (Tarski) and visits only what the seed changes; what it touched is put back before the next seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from graphrisk.kernels.arrays.fan import fan_out_in
from graphrisk.kernels.contagion.ledger import (
    ACTIVE,
    CHANGED,
    CLUSTER,
    CONTRACT,
    COULD_PAY,
    EQUITY,
    FAILED,
    FIRST,
    FIRST_EQUITY,
    FIXED,
    FRESH,
    GUARANTOR,
    IS_REACHED,
    IS_TOUCHED,
    KNOWN,
    LENDER,
    LINES,
    N_REACHED,
    NOTHING,
    PAID,
    REACHED,
    SCALE,
    SHOCK,
    TOUCHED,
    UNPAID,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    copy_state,
)
from graphrisk.kernels.contagion.sweep import mark, sweep


class Caused(NamedTuple):
    """Per seed: loss of others and our bank, the bank's part, defaults, sweeps (-1: gave up), contracts followed."""

    loss: Floats
    bank_loss: Floats
    defaults: Ints
    rounds: Ints
    work: Ints


def each_seed_alone(
    ledger: Ledger, rule: Rule, unshocked: State, seeds: Ints, *, tolerance: float, max_rounds: int
) -> Caused:
    """Return what each of `seeds` causes beyond the unshocked run, with a shock of its whole equity.

    A seed that is in default in the unshocked state causes nothing.
    """
    base = untouched(unshocked)

    def work(some: Ints, state: State) -> Caused:
        out = nothing_caused(len(some))
        _run_seeds(ledger, rule, base, state, some, tolerance, max_rounds, *out)
        return out

    return joined(fan_out_in(work, lambda: own_state(base), seeds))


def untouched(unshocked: State) -> State:
    """Return the unshocked state from which seeds start: nothing in it counts as touched. It is only read."""
    base = unshocked._replace(
        party_flag=unshocked.party_flag.copy(),
        facility_flag=unshocked.facility_flag.copy(),
        counts=np.zeros_like(unshocked.counts),
    )
    base.party_flag[:, IS_TOUCHED] = False
    base.facility_flag[IS_REACHED] = False
    return base


def own_state(base: State) -> State:
    """Return a state to run seeds in; what is only room to work in is not copied."""
    own = copy_state(base._replace(party_list=base.party_list[:, :0], sums=base.sums[:, :0]))
    return own._replace(party_list=np.empty_like(base.party_list), sums=np.zeros_like(base.sums))


def nothing_caused(size: int) -> Caused:
    """Return zeros for `size` seeds."""
    return Caused(np.zeros(size), np.zeros(size), *(np.zeros(size, dtype=np.int64) for _ in range(3)))


def joined(parts: Sequence[Caused]) -> Caused:
    """Return the results of consecutive pieces of the seeds as one."""
    return Caused(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


@njit(cache=True, nogil=True, error_model="numpy")
def _run_seeds(
    ledger: Ledger,
    rule: Rule,
    base: State,
    state: State,
    seeds: Ints,
    tolerance: float,
    max_rounds: int,
    loss: Floats,
    bank_loss: Floats,
    defaults: Ints,
    rounds: Ints,
    work: Ints,
) -> None:
    counts = state.counts
    for n in range(len(seeds)):
        s = seeds[n]
        if base.party_flag[s, FAILED]:
            continue
        hit(ledger, rule, state, s)
        done = 0
        while counts[CHANGED] > 0:
            if done >= max_rounds:
                done = -1
                break
            work[n] += contracts_of_changed(ledger, state)
            change = sweep(ledger, rule, state)
            done += 1
            if change <= tolerance and counts[FRESH] == 0:
                break
        rounds[n] = done
        loss[n], bank_loss[n], defaults[n] = caused_beyond(ledger, base, state, s)
        put_back(ledger, base, state)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def hit(ledger: Ledger, rule: Rule, state: State, s: int) -> None:
    """Take the whole equity of party `s`, or put it in default where its equity is unknown."""
    if ledger.party[s, KNOWN] > 0.0:
        state.money[s, SHOCK] = ledger.party[s, FIRST_EQUITY]
        state.money[s, EQUITY] = state.money[s, EQUITY] - ledger.party[s, FIRST_EQUITY]
        if not rule.unlimited:  # what it paid as a guarantor it cannot pay any more: the sweep settles its calls anew
            state.money[s, EQUITY] = min(0.0, state.money[s, EQUITY] + state.money[s, PAID])
        state.party_flag[s, FAILED] = state.money[s, EQUITY] <= NOTHING * ledger.party[s, SCALE]
    else:
        state.money[s, FIXED] = 1.0
        state.party_flag[s, FAILED] = True
    mark(state, s, True)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def contracts_of_changed(ledger: Ledger, state: State) -> int:
    """Return how many parties and contracts the next sweep follows."""
    work = 0
    for i in range(state.counts[CHANGED]):
        p = state.party_list[CHANGED, i]
        work += 1
        for row in range(3):
            work += ledger.start[row, p + 1] - ledger.start[row, p]
    return work


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def caused_beyond(ledger: Ledger, base: State, state: State, s: int) -> tuple[float, float, int]:
    """Return what seed `s` caused beyond `base`: the loss of others and our bank, the bank's part, defaults.

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


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def put_back(ledger: Ledger, base: State, state: State) -> None:
    """Undo a cascade: what it touched is as in `base` again."""
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
