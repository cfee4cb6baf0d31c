"""The search for a cheap set of actions: greedy by effect per cost, or every set by cost."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping

from graphrisk.analyze.intervene.actions import Lever
from graphrisk.errors import UsageError

Choice = dict[int, int]
"""Number of a lever -> level (at least 1)."""
Measure = Callable[[Mapping[int, int]], float]
"""What a choice leaves of the measure, by a run; infinite where the run does not settle."""
SAME = 1e-9
"""Changes of the measure below this part of it are rounding."""


def cost_of(levers: list[Lever], choice: Mapping[int, int]) -> float:
    """Return the cost of a choice."""
    return math.fsum(levers[k].cost * levers[k].part(level) for k, level in sorted(choice.items()))


def meets(value: float, target: float) -> bool:
    """Return whether a measure is at or below the target."""
    return value <= target * (1.0 + 1e-12)


def greedy(levers: list[Lever], measure: Measure, target: float, max_actions: int) -> Choice:
    """Return the choice that greedy finds: it meets the target, or else goes as far as single steps lead.

    Each step takes the action, or the larger size of one taken, that lowers the measure most per cost. At every step
    the cheapest single action that would reach the target is kept in mind; the cheapest of these ends is returned, less
    what turns out not to be needed.
    """
    choice: Choice = {}
    now = measure(choice)
    ends: list[tuple[float, Choice]] = []
    while not meets(now, target):
        best: tuple[float, float, int, int] | None = None
        value = now
        for k, lever in enumerate(levers):
            if k not in choice and len(choice) >= max_actions:
                continue
            for level in range(choice.get(k, 0) + 1, lever.levels + 1):
                after = measure({**choice, k: level})
                more = cost_of(levers, {**choice, k: level}) - cost_of(levers, choice)
                if meets(after, target):
                    ends.append((cost_of(levers, {**choice, k: level}), {**choice, k: level}))
                gain = now - after
                if gain > SAME * max(abs(now), 1e-300):
                    key = (-gain / more if more > 0.0 else -math.inf, more, k, level)
                    if best is None or key < best:
                        best, value = key, after
        if best is None:
            break
        choice[best[2]] = best[3]
        now = value
    if meets(now, target):
        ends.append((cost_of(levers, choice), choice))
    if not ends:
        return _without_needless(levers, measure, now, choice)
    least = min(ends, key=lambda end: (end[0], sorted(end[1].items())))[1]
    return _without_needless(levers, measure, target, least)


def _without_needless(levers: list[Lever], measure: Measure, target: float, choice: Choice) -> Choice:
    """Return the choice less actions, or sizes of them, that the target does not need; the dearest are tried first."""
    kept = dict(choice)
    for k in sorted(choice, key=lambda k: (-cost_of(levers, {k: choice[k]}), k)):
        for level in range(kept[k]):
            less = {**kept, k: level} if level else {j: other for j, other in kept.items() if j != k}
            if meets(measure(less), target):
                kept = less
                break
    return kept


def every_set(levers: list[Lever], measure: Measure, target: float, max_actions: int, max_runs: int) -> Choice | None:
    """Return the cheapest choice that meets the target, or None; of equal ones the one with fewer actions.

    Raises UsageError where there are more than `max_runs` choices.
    """
    count = math.prod(lever.levels + 1 for lever in levers)
    if count > max_runs:
        raise UsageError(
            f"{len(levers)} candidates make {count:,} sets, and exact may run {max_runs:,}",
            hint="--set max_candidates=6, --set steps=1, fewer --set actions=..., or raise max_runs",
        )
    choices = [
        {k: level for k, level in enumerate(levels) if level}
        for levels in itertools.product(*(range(lever.levels + 1) for lever in levers))
    ]
    allowed = [choice for choice in choices if len(choice) <= max_actions]
    allowed.sort(key=lambda choice: (cost_of(levers, choice), len(choice), sorted(choice.items())))
    return next((choice for choice in allowed if meets(measure(choice), target)), None)
