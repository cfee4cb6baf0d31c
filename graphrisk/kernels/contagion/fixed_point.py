"""A run: one start that somebody may watch, from the undistressed state or from the end of the unshocked run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.engine import (
    CHANGE,
    ENDED,
    SETTLED,
    Engine,
    hit_all,
    settle,
    settle_production,
)
from graphrisk.kernels.contagion.ledger import (
    FIRST_EQUITY,
    FIXED,
    FRESH,
    KNOWN,
    LOST_COLLATERAL,
    MERTON,
    NOTHING,
    SCALE,
    TAKEN,
    Floats,
    Ints,
    State,
)
from graphrisk.kernels.contagion.lists import mark
from graphrisk.kernels.contagion.price_impact import price_all_anew
from graphrisk.kernels.contagion.production import FLOOR
from graphrisk.kernels.contagion.rooms import Room

Watch = Callable[[int, Ints, Room], None]


class Run(NamedTuple):
    """The final room, the sweep in which each party failed (-1: never), and how the iteration ended.

    Of a run that started from another one, `failed_in` counts from its own start and is -1 for those failed before it.
    """

    room: Room
    failed_in: Ints
    rounds: int
    change: float
    production_rounds: int

    @property
    def state(self) -> State:
        """The state at the end."""
        return self.room.state


def spread(
    engine: Engine,
    room: Room,
    *,
    shock: Floats,
    fixed: Floats,
    production: Floats | None = None,
    price_loss: Floats | None = None,
    undistressed: bool,
    max_rounds: int,
    watch: Watch | None = None,
) -> Run:
    """Return the least-loss fixed point after a shock, in `room`, which stands where the engine's base does.

    `shock` (parties,): money taken in all from those of known equity; `fixed` (parties,): loss fraction of those
    without; `production` (parties,): part of production taken, where defaults stop none. `undistressed`: the base is
    the state before anything has happened, so that who has no equity left fails now, and those lose `price_loss`
    (parties,) in sweep 1; else the base is a run that ended, and all prices are looked at anew. Stops when no party
    fails and none changes by more than the tolerance of max(|E0|, 1). `watch` is called after each sweep with its
    number, who failed (sorted), and the room.

    Raises ConvergenceError after `max_rounds` sweeps.
    """
    state, party = room.state, room.ledger.party
    failed_in = np.full(len(shock), -1, dtype=np.int64)
    part = np.zeros(len(shock)) if production is None else production
    hit = (shock != state.money[:, TAKEN]) | (fixed != state.money[:, FIXED])
    if undistressed:
        broken = (party[:, KNOWN] > 0.0) & (party[:, FIRST_EQUITY] <= NOTHING * party[:, SCALE])
        hit = hit | broken | ((party[:, KNOWN] > 0.0) & (engine.rule.code == MERTON))
    if room.supplies is not None and production is not None:
        hit = hit | (part != room.supplies.made.level[:, FLOOR])
    fresh = np.sort(hit_all(engine, room, np.flatnonzero(hit), shock, fixed, part))
    failed_in[fresh] = 0
    if watch is not None:
        watch(0, fresh, room)
    if undistressed and price_loss is not None:
        for i in np.flatnonzero(price_loss).tolist():
            state.money[i, LOST_COLLATERAL] = price_loss[i]
            mark(state, i, False)
    elif not undistressed and room.prices is not None:
        price_all_anew(room.prices.market)
    passes = 0
    staged = engine.how.staged
    if room.supplies is not None and staged and not settle_production(engine, room.supplies, max_rounds):
        raise ConvergenceError(
            f"production did not settle in {max_rounds:,} rounds", hint="raise max_rounds or tolerance"
        )
    rounds, change, said = 0, 0.0, np.zeros(4)
    while True:
        done = settle(engine, room, 1, said)
        change = float(said[CHANGE])
        rounds += done
        passes += 1
        if done:
            fresh = np.sort(state.party_list[FRESH, : state.counts[FRESH]])
            failed_in[fresh] = rounds
            if watch is not None:
                watch(rounds, fresh, room)
        if said[ENDED] == SETTLED:
            break
        if rounds >= max_rounds:
            raise ConvergenceError(
                f"the cascade did not settle in {max_rounds:,} rounds: equity still changes by {change:.3g} of itself",
                hint="raise max_rounds or tolerance (--set max_rounds=1000000, --set tolerance=1e-8)",
            )
    return Run(room, failed_in, rounds, change, 0 if room.supplies is None or staged else passes)
