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
PATIENCE = 6
"""Actions looked at in each step of greedy, at least."""
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
    what turns out not to be needed. The first step looks at every action. Later ones look in the order of what each did
    when it was last looked at, until nothing left was better than the best found (M. Minoux, "Accelerated greedy
    algorithms for maximizing submodular set functions", 1978); a cascade is not submodular, so that at least `PATIENCE`
    are looked at, all of them before giving up. Where `max_actions` of the cheapest do not reach the target, the search
    is made again by effect alone, and the better of the two answers is returned.
    """
    found = _climbed(levers, measure, target, max_actions, by_cost=True)
    if not meets(measure(found), target):
        other = _climbed(levers, measure, target, max_actions, by_cost=False)
        found = min((found, other), key=lambda choice: (measure(choice), cost_of(levers, choice)))
    return _without_needless(levers, measure, max(target, measure(found)), found)


def _climbed(levers: list[Lever], measure: Measure, target: float, max_actions: int, *, by_cost: bool) -> Choice:
    steps = _Steps(levers, measure, target, by_cost=by_cost)
    choice: Choice = {}
    now = measure(choice)
    while not meets(now, target):
        best = steps.best(choice, now, max_actions)
        if best is None:
            break
        choice[best[0]] = best[1]
        now = measure(choice)
    ends = [*steps.ends, (cost_of(levers, choice), choice)] if meets(now, target) else steps.ends
    return min(ends, key=lambda end: (end[0], len(end[1]), sorted(end[1].items())))[1] if ends else choice


class _Steps:
    """The steps of greedy: what each action did when it was last looked at, and the ends found."""

    def __init__(self, levers: list[Lever], measure: Measure, target: float, *, by_cost: bool) -> None:
        self._levers, self._measure, self._target, self._by_cost = levers, measure, target, by_cost
        self._last: dict[tuple[int, int], float] = {}
        self.ends: list[tuple[float, Choice]] = []

    def best(self, choice: Choice, now: float, max_actions: int) -> tuple[int, int] | None:
        """Return the action and size that lowers the measure most per cost, or None where none lowers it."""
        paid = cost_of(self._levers, choice)
        options = [
            (k, level)
            for k, lever in enumerate(self._levers)
            if k in choice or len(choice) < max_actions
            for level in range(choice.get(k, 0) + 1, lever.levels + 1)
        ]
        more = {(k, n): cost_of(self._levers, {**choice, k: n}) - paid for k, n in options}
        hoped = {(k, n): self._hoped(choice, k, n) for k, n in options}
        wanted = now - self._target
        rate = {o: self._rate(min(hoped[o], wanted), more[o]) for o in options}
        options.sort(key=lambda o: (rate[o], more[o], o))
        found: tuple[tuple[float, float, int, int], tuple[int, int]] | None = None
        least = min((cost for cost, _ in self.ends), default=math.inf)
        looked = 0
        for option in options:
            might_end = meets(now - hoped[option], self._target) and paid + more[option] < least
            worse = found is not None and looked >= PATIENCE and rate[option] >= found[0][0]
            if worse and not might_end:
                continue
            looked += 1
            after = self._measure({**choice, option[0]: option[1]})
            gain = self._last[option] = now - after
            if meets(after, self._target):
                least = min(least, paid + more[option])
                self.ends.append((paid + more[option], {**choice, option[0]: option[1]}))
            if gain > SAME * max(abs(now), 1e-300):
                key = (self._rate(min(gain, wanted), more[option]), more[option], *option)
                found = (key, option) if found is None or key < found[0] else found
        return None if found is None else found[1]

    def _rate(self, gain: float, more: float) -> float:
        """Return by what actions are ordered, the smallest first."""
        if not self._by_cost:
            return -gain
        return -gain / more if more > 0.0 else -math.inf if gain > 0.0 else 0.0

    def _hoped(self, choice: Choice, k: int, level: int) -> float:
        """Return what an action did when last looked at, less what the size of it taken does; infinite if never."""
        last = self._last.get((k, level), math.inf)
        return last - self._last.get((k, choice[k]), 0.0) if k in choice and math.isfinite(last) else last


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
