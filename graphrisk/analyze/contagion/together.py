"""Bounds on what each of many parties can cause, from a few runs: a whole group fails at once.

Where more is lost at the start, nobody loses less in the end (A. Tarski, "A lattice-theoretical fixpoint theorem and
its applications", Pacific J. Math. 5, 1955). So a party alone costs the others at most what its group costs everybody
outside, and what the group costs its own members beside the shock. This holds for every layer, lost production and
falling prices too, where the linear majorant of `bounds` says nothing. A group that costs no more than is asked for
clears all its members with one run; any other is cut into smaller ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from graphrisk.cascade.engines import engine_after
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread
from graphrisk.kernels.contagion.ledger import Floats, Ints
from graphrisk.kernels.contagion.starts import together

RULES = ("threshold", "debtrank", "nonlinear")
"""Rules for which a bound is held against the run of every seed."""
LARGEST = 256
"""Members of a group at most."""
SMALLEST = 2
"""Members of a group that costs too much up to which they are run one by one."""
ROOM = 1.5
"""Groups are made so large that they cost what is asked for over this, by what the last ones cost."""
AT_ONCE = 24
"""Groups that are run before the next are chosen."""


def can_be_grouped(unshocked: Spread, params: Params) -> bool:
    """Return whether a group's run bounds its members: not where a shock takes own assets, or production only."""
    return params.rule in RULES and not (unshocked.supply is not None and params.supply_default == "none")


def bound_together(
    unshocked: Spread,
    params: Params,
    seeds: Ints,
    *,
    enough: float,
    goes_on: Callable[[], bool],
    alone: Callable[[Ints], float],
) -> Iterator[tuple[Ints, Floats, int]]:
    """Yield upper bounds on what `seeds` cause, until each is at most `enough` or the work is used up.

    Each time some seeds, their bounds, and the contracts followed; `goes_on` says whether there is work left. `alone`
    runs seeds that no group clears, one by one, and returns what is enough from then on. Those with little equity are
    tried first, then the pieces of groups that cost too much.
    """
    engine = engine_after(unshocked, params)
    equity = np.maximum(unshocked.balance.equity, 0.0)
    left, size = seeds[np.lexsort((seeds, equity[seeds]))], float(LARGEST)
    again: list[Ints] = []
    while (again or len(left)) and goes_on():
        members, fresh = int(size), len(left) > 0
        if fresh:
            some, left = left[: AT_ONCE * members], left[AT_ONCE * members :]
            batch = [some[at : at + members] for at in range(0, len(some), members)]
        else:
            batch, again = again[:AT_ONCE], again[AT_ONCE:]
        first = np.concatenate([[0], np.cumsum([len(group) for group in batch])]).astype(np.int64)
        caused = together(engine, first, np.concatenate(batch), max_rounds=params.max_rounds)
        upper = np.where(caused.rounds >= 0, caused.loss, np.inf)
        yield np.concatenate(batch), np.repeat(upper, np.diff(first)), int(caused.work.sum())
        few: list[Ints] = []
        for group, most in zip(batch, upper.tolist(), strict=True):
            if most <= enough:
                continue
            if len(group) <= SMALLEST:
                few.append(group)
            else:
                pieces = 2.0 if most == np.inf else np.clip(np.ceil(most / enough * ROOM), 2, len(group))
                again += np.array_split(group, int(pieces))
        if few:
            enough = max(enough, alone(np.concatenate(few)))
        if fresh:
            size = _next_size(members, upper, enough)


def _next_size(members: int, costs: Floats, enough: float) -> float:
    """Return how large the next groups are, where the last ones had so many members and these costs."""
    settled = costs[np.isfinite(costs)]
    fits = members * enough / (ROOM * float(settled.mean()) + 1.0) if len(settled) else 1.0
    return float(np.clip(fits, max(1.0, members / 4.0), min(4.0 * members, LARGEST)))
