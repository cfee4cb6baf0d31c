"""Circles that new guarantees close, and the loans that a guarantor reaches."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from graphrisk.graph.exposure import Arcs
from graphrisk.graph.riskgraph import Positions
from graphrisk.kernels.network.components import row_starts

STEPS = 2_000_000
"""Arcs looked at in the search for circles after which it is given up."""


@dataclass(slots=True, kw_only=True)
class GuaranteeWays:
    """The arcs of a guarantee layer, for walking from guarantor to debtor and back."""

    arcs: Arcs
    size: int
    ahead: Positions = field(init=False)
    back: Positions = field(init=False)
    behind: Positions = field(init=False)

    def __post_init__(self) -> None:
        order = np.argsort(self.arcs.target, kind="stable")
        self.ahead = row_starts(self.size, self.arcs.source)
        self.behind = row_starts(self.size, self.arcs.target[order])
        self.back = self.arcs.source[order]

    def debtors(self, party: int) -> list[int]:
        """Return whom a party guarantees."""
        found: list[int] = self.arcs.target[self.ahead[party] : self.ahead[party + 1]].tolist()
        return found

    def guarantors(self, party: int) -> list[int]:
        """Return who guarantees a party."""
        found: list[int] = self.back[self.behind[party] : self.behind[party + 1]].tolist()
        return found

    def amount(self, guarantor: int, debtor: int) -> float:
        """Return the sum of the caps of a pair that is there."""
        low, high = self.ahead[guarantor], self.ahead[guarantor + 1]
        return float(self.arcs.weight[low + np.searchsorted(self.arcs.target[low:high], debtor)])

    def reach(self, party: int) -> set[int]:
        """Return the parties reached from a party along guarantees; itself only where a way leads back."""
        seen: set[int] = set()
        waiting = [party]
        while waiting:
            for other in self.debtors(waiting.pop()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen

    def home(self, goal: int, most: int) -> dict[int, int]:
        """Return for each party at most `most` guarantees away from `goal` how many lead to it."""
        found, waiting = {goal: 0}, deque([goal])
        while waiting:
            node = waiting.popleft()
            if found[node] == most:
                continue
            for other in self.guarantors(node):
                if other not in found:
                    found[other] = found[node] + 1
                    waiting.append(other)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Circles that close, each from its smallest party on; whether all were found, and whether any closes at all."""

    circles: list[tuple[int, ...]]
    complete: bool
    closes: bool


def closing_circles(ways: GuaranteeWays, pairs: list[tuple[int, int]], longest: int, most: int) -> Closing:
    """Return the circles of at most `longest` guarantees that run through at least one of the new pairs."""
    found: set[tuple[int, ...]] = set()
    steps, complete, closes = 0, True, False
    for guarantor, debtor in pairs:
        closes = closes or guarantor in ways.reach(debtor)
        home = ways.home(guarantor, longest - 1)
        if debtor not in home:
            continue
        path, on_path = [guarantor, debtor], {guarantor, debtor}
        stack = [iter(ways.debtors(debtor))]
        while stack:
            nearer = next(stack[-1], None)
            steps += 1
            if steps > STEPS or len(found) >= most:
                complete = False
                break
            if nearer is None:
                stack.pop()
                on_path.discard(path.pop())
            elif nearer == guarantor:
                least = path.index(min(path))
                found.add(tuple(path[least:] + path[:least]))
            elif nearer not in on_path and home.get(nearer, longest) <= longest - len(path):
                path.append(nearer)
                on_path.add(nearer)
                stack.append(iter(ways.debtors(nearer)))
    return Closing(circles=sorted(found, key=lambda one: (len(one), one)), complete=complete, closes=closes)
