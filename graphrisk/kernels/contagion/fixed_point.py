"""A run of the contagion map from the undistressed state, or from the unshocked run, to its least-loss fixed point.

All maps are monotone, so sweeps from the undistressed state fall to the least-loss fixed point (A. Tarski, "A
lattice-theoretical fixpoint theorem and its applications", Pacific J. Math. 5, 1955). The fixed point without a shock
lies above the one with it, so sweeps that start there and take the shock on top fall to the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.ledger import (
    CHANGED,
    COLLATERAL,
    DIRTY,
    EQUITY,
    FAILED,
    FIXED,
    FRESH,
    KNOWN,
    NOTHING,
    PAID,
    SCALE,
    SHOCK,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    fresh_state,
)
from graphrisk.kernels.contagion.seeds import own_state, untouched
from graphrisk.kernels.contagion.sweep import mark, start, sweep

Watch = Callable[[int, Ints, State], None]


class Layer(Protocol):
    """A layer that no single contract carries (supplies, prices): it changes the state before each sweep."""

    def begin(self, ledger: Ledger, state: State, /) -> None: ...

    def go_on(self, base: Any, ledger: Ledger, state: State, /) -> None:
        """Start where a layer of the same kind stood at the end of the unshocked run."""
        ...

    def before_sweep(self, ledger: Ledger, rule: Rule, state: State, /) -> float:
        """Change the state; return the largest relative change of what the layer keeps."""
        ...


class Run(NamedTuple):
    """The final state, the sweep in which each party failed (-1: never), and how the iteration ended.

    Of a run that started from another one, `failed_in` counts from its own start and is -1 for those failed before it.
    """

    state: State
    failed_in: Ints
    rounds: int
    change: float


class Base(NamedTuple):
    """The end of an unshocked run, from which a shocked one starts: its state and its layers, in the same order."""

    state: State
    layers: tuple[Layer, ...]


def spread(
    ledger: Ledger,
    rule: Rule,
    *,
    shock: Floats,
    fixed: Floats,
    price_loss: Floats,
    tolerance: float,
    max_rounds: int,
    layers: Sequence[Layer] = (),
    watch: Watch | None = None,
    base: Base | None = None,
) -> Run:
    """Return the least-loss fixed point after a shock, from the undistressed state or from `base`.

    `shock` (parties,): money taken at the start from those of known equity; `fixed` (parties,): loss fraction of those
    without; `price_loss` (parties,): money lost in sweep 1 by a fall of asset prices. Stops when no party fails and
    none changes by more than `tolerance` of max(|E0|, 1). `layers` are asked before each sweep; `watch` is called after
    it with its number and failures. From a base, `shock` and `fixed` are those of the base run and the new ones
    together, and a change of prices is a layer.

    Raises ConvergenceError after `max_rounds` sweeps.
    """
    failed_in = np.full(len(shock), -1, dtype=np.int64)
    if base is None:
        state = fresh_state(ledger)
        state.money[:, SHOCK] = shock
        state.money[:, FIXED] = fixed
        start(ledger, rule, state)
        seeds = np.flatnonzero(state.failed)
    else:
        state = own_state(untouched(base.state))
        seeds = hit_more(ledger, rule, state, shock, fixed)
    failed_in[seeds] = 0
    if watch is not None:
        watch(0, seeds, state)
    for place, layer in enumerate(layers):
        if base is None:
            layer.begin(ledger, state)
        else:
            layer.go_on(base.layers[place], ledger, state)
    if base is None:
        for party in np.flatnonzero(price_loss):
            state.money[party, COLLATERAL] = price_loss[party]
            mark(state, int(party), False)
    rounds, change = 0, 0.0
    while True:
        moved = max((layer.before_sweep(ledger, rule, state) for layer in layers), default=0.0)
        if not state.counts[CHANGED] and not state.counts[DIRTY] and moved <= tolerance:
            change = 0.0
            break
        if rounds >= max_rounds:
            raise ConvergenceError(
                f"the cascade did not settle in {max_rounds:,} rounds: equity still changes by {change:.3g} of itself",
                hint="raise max_rounds or tolerance (--set max_rounds=1000000, --set tolerance=1e-8)",
            )
        change = sweep(ledger, rule, state)
        rounds += 1
        fresh = np.sort(state.party_list[FRESH, : state.counts[FRESH]])
        failed_in[fresh] = rounds
        if watch is not None:
            watch(rounds, fresh, state)
        if change <= tolerance and moved <= tolerance and not len(fresh):
            break
    return Run(state=state, failed_in=failed_in, rounds=rounds, change=change)


def hit_more(ledger: Ledger, rule: Rule, state: State, shock: Floats, fixed: Floats) -> Ints:
    """Take the shock from the parties of a settled state, where it takes more than it did; return who fails by it.

    A guarantor that paid and is left with less than nothing cannot have paid that much: what it paid is taken back, so
    that the state lies above the fixed point; the sweep settles its calls anew.
    """
    known = ledger.party[:, KNOWN] > 0.0
    failed: list[int] = []
    for i in np.flatnonzero((shock != state.money[:, SHOCK]) | (fixed != state.money[:, FIXED])).tolist():
        if known[i]:
            state.money[i, EQUITY] -= shock[i] - state.money[i, SHOCK]
            state.money[i, SHOCK] = shock[i]
            if not rule.unlimited and state.money[i, EQUITY] < 0.0:
                state.money[i, EQUITY] = min(0.0, state.money[i, EQUITY] + state.money[i, PAID])
            fails = bool(state.money[i, EQUITY] <= NOTHING * ledger.party[i, SCALE])
        else:
            state.money[i, FIXED] = fixed[i]
            fails = bool(fixed[i] >= 1.0)
        if fails and not state.party_flag[i, FAILED]:
            state.party_flag[i, FAILED] = True
            failed.append(i)
        mark(state, i, True)
    return np.array(failed, dtype=np.int64)
