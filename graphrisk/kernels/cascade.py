"""A run of the contagion map from the undistressed state to its least-loss fixed point.

All maps are monotone, so sweeps from the undistressed state fall to the least-loss fixed point (A. Tarski, "A
lattice-theoretical fixpoint theorem and its applications", Pacific J. Math. 5, 1955).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.ledger import (
    CHANGED,
    COLLATERAL,
    DIRTY,
    FIXED,
    FRESH,
    SHOCK,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
    fresh_state,
)
from graphrisk.kernels.sweep import mark, start, sweep

Watch = Callable[[int, Ints, State], None]


class Layer(Protocol):
    """A layer that no single contract carries (supplies, prices): it changes the state before each sweep."""

    def begin(self, ledger: Ledger, state: State, /) -> None: ...

    def before_sweep(self, ledger: Ledger, rule: Rule, state: State, /) -> float:
        """Change the state; return the largest relative change of what the layer keeps."""
        ...


class Run(NamedTuple):
    """The final state, the sweep in which each party failed (-1: never), and how the iteration ended."""

    state: State
    failed_in: Ints
    rounds: int
    change: float


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
) -> Run:
    """Return the least-loss fixed point after a shock.

    `shock` (parties,): money taken at the start from those of known equity; `fixed` (parties,): loss fraction of those
    without; `price_loss` (parties,): money lost in sweep 1 by a fall of asset prices. Stops when no party fails and
    none changes by more than `tolerance` of max(|E0|, 1). `layers` are asked before each sweep; `watch` is called after
    it with its number and failures.

    Raises ConvergenceError after `max_rounds` sweeps.
    """
    state = fresh_state(ledger)
    state.money[:, SHOCK] = shock
    state.money[:, FIXED] = fixed
    failed_in = np.full(len(shock), -1, dtype=np.int64)
    start(ledger, rule, state)
    seeds = np.flatnonzero(state.failed)
    failed_in[seeds] = 0
    if watch is not None:
        watch(0, seeds, state)
    for layer in layers:
        layer.begin(ledger, state)
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
