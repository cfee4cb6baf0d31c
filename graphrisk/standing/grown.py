"""One group from its head: who is reached, through whom, and by which kind of link."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import numpy as np

from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.ownership.control import Majority, spread
from graphrisk.kernels.ownership.stakes import VOTES, Bools, Floats, Ints
from graphrisk.standing.rebuttals import Bonds

CONTROL, ECONOMIC = 1, 2
"""Kinds of link; a chain of both, or two links, is 3."""
HEAD, BY_VOTES, BY_FACT, BY_FAMILY, BY_DEPENDENCY, BY_STATE = range(6)
"""What the link to a member is; its number is a row of the commands or of the dependencies."""


class Commands:
    """Whom parties control for certain, learned when it is asked for; close family is one unit.

    `starts`: who could control anybody; `free`: those of them whom nobody could control. States command nobody here.
    `hanging`: for each party the rows of the dependencies on it that count, with who depends. `units`: the members of
    each family by its smallest, `kin`: that of a member. `place`: from and to which row a party (for a family its
    smallest) commands whom, in the order of derivation.
    """

    def __init__(self, links: Bonds, state: Bools) -> None:
        self.links = links
        holdings = links.holdings
        stakes, size = holdings.stakes, holdings.size
        barred = holdings.nominee | holdings.undisclosed
        votes = (stakes.low[VOTES] > 0.0) & stakes.live & ~barred[stakes.holder] & (stakes.holder != stakes.owned)
        facts = ~barred[holdings.facts[0]]
        self.unit = component_labels(size, *links.family, "weak")
        self.starts = np.zeros(size, dtype=bool)
        self.starts[stakes.holder[votes]] = True
        self.starts[holdings.facts[0][facts]] = True
        self.states = frozenset(np.flatnonzero(state).tolist())
        self.family = np.zeros(size, dtype=bool)
        self.family[links.family[0]] = self.family[links.family[1]] = True
        self.starts |= self.family
        self.starts &= ~state
        held = np.zeros(size, dtype=bool)
        through = votes & ~state[stakes.holder]
        held[stakes.owned[through]] = True
        held[holdings.facts[1][facts & ~state[holdings.facts[0]]]] = True
        self.free = self.starts & ~held
        none = np.empty(0, dtype=np.int64)
        self._firm, self._before, self._seed = none, none, none
        self._held: Floats = np.empty(0)
        self._fact: Bools = np.empty(0, dtype=bool)
        self.place: dict[int, tuple[int, int]] = {}
        self._steps: tuple[list[int], list[int], list[bool]] = ([], [], [])
        self.units: dict[int, list[int]] = {}
        for one in np.flatnonzero(self.family).tolist():
            self.units.setdefault(int(self.unit[one]), []).append(one)
        self.kin: dict[int, int] = {one: first for first, unit in self.units.items() for one in unit}
        self.hanging: dict[int, list[tuple[int, int]]] = {}
        rows = np.flatnonzero(links.depends.counts)
        ends = (links.depends.on[rows].tolist(), links.depends.dependent[rows].tolist())
        for row, on, one in zip(rows.tolist(), *ends, strict=True):
            self.hanging.setdefault(on, []).append((row, one))

    def learn(self, parties: Ints) -> bool:
        """Find whom each of `parties` commands; whether any of them was not known before."""
        fresh = np.unique(self.unit[parties[self.starts[parties]]])
        fresh = np.array([one for one in fresh.tolist() if one not in self.place], dtype=np.int64)
        if not len(fresh):
            return False
        kin = self.family[fresh]
        if not kin.all():
            self._keep(fresh[~kin], fresh[~kin])
        if kin.any():
            self._keep(fresh[kin], [np.array(self.units[int(one)], dtype=np.int64) for one in fresh[kin]])
        return True

    def _keep(self, seeds: Ints, sets: Ints | list[Ints]) -> None:
        holdings = self.links.holdings
        barred = holdings.nominee | holdings.undisclosed
        facts = ~barred[holdings.facts[0]]
        reach = spread(holdings.stakes, sets, (holdings.facts[0][facts], holdings.facts[1][facts]), Majority())
        base = len(self._firm)
        self._firm = np.concatenate([self._firm, reach.firm])
        self._before = np.concatenate([self._before, reach.before])
        self._held = np.concatenate([self._held, reach.held_low[VOTES]])
        self._fact = np.concatenate([self._fact, reach.by_fact])
        self._seed = np.concatenate([self._seed, seeds[reach.seed]])
        low = np.searchsorted(reach.seed, np.arange(len(seeds)), "left") + base
        high = np.searchsorted(reach.seed, np.arange(len(seeds)), "right") + base
        for one, first, last in zip(seeds.tolist(), low.tolist(), high.tolist(), strict=True):
            self.place[one] = (first, last)

    def commanded(self) -> Bools:
        """Return whom anybody commands, of what is known."""
        found = np.zeros(self.links.holdings.size, dtype=bool)
        found[self._firm] = True
        return found

    def arcs(self) -> tuple[Ints, Ints]:
        """Return (party, whom it commands) of what is known, and the circle of each family."""
        a, b = self.links.family
        return np.concatenate([self._seed, a, b]), np.concatenate([self._firm, b, a])

    def of(self, party: int) -> Ints:
        """Return whom a party (with its family) commands."""
        return self._firm[slice(*self.place.get(int(self.unit[party]), (0, 0)))]

    def alone(self, party: int) -> tuple[Ints, Ints]:
        """Return whom a state commands, which is left out elsewhere, and who let each join."""
        holdings = self.links.holdings
        reach = spread(holdings.stakes, np.array([party], dtype=np.int64), holdings.facts, Majority())
        return reach.firm, reach.before

    def held(self, row: int) -> float:
        """Return the votes by which the firm of a row is held, by all that stand behind it together."""
        return float(self._held[row])

    def steps(self) -> tuple[list[int], list[int], list[bool]]:
        """Return of each row who let whom join, and whether a fact shows it."""
        if len(self._steps[1]) != len(self._firm):
            self._steps = (self._before.tolist(), self._firm.tolist(), self._fact.tolist())
        return self._steps


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskGroup:
    """All that falls with `head`: `parents` gives for each party reached (through whom, kind of link, row of it).

    `kinds`: control, economic or both, for each party. `members`: the clients among them, by position.
    """

    head: int
    parents: Mapping[int, tuple[int, int, int]]
    kinds: Mapping[int, int]
    members: tuple[int, ...] = field(default=())

    def of_clients(self, clients: Set[int]) -> RiskGroup:
        """Return the group with its clients as members."""
        mine = tuple(sorted(one for one in self.parents if one in clients))
        return RiskGroup(head=self.head, parents=self.parents, kinds=self.kinds, members=mine)

    def path(self, party: int) -> list[int]:
        """Return the way from the head to a party, both included."""
        way = [party]
        while way[-1] != self.head:
            way.append(self.parents[way[-1]][0])
        return way[::-1]

    def last_steps(self, party: int, most: int) -> tuple[list[int], bool]:
        """Return the last steps of the way to a party, at most `most`, and whether they are all of it."""
        way = [party]
        while way[-1] != self.head and len(way) < most:
            way.append(self.parents[way[-1]][0])
        return way[::-1], way[-1] == self.head

    @property
    def basis(self) -> int:
        """The kinds of all links together."""
        found = 0
        for one in self.members:
            found |= self.kinds[one]
        return found


def grow(head: int, commands: Commands, *, under: int = -1, kind: int = CONTROL) -> RiskGroup:
    """Return the group of a head; `under`: the state above it, reached first, with the `kind` of its link."""
    befores, firms, facts = commands.steps()
    hanging, kin, place, is_state = commands.hanging, commands.kin, commands.place, commands.states
    first = head if under < 0 else under
    parents: dict[int, tuple[int, int, int]] = {first: (first, HEAD, -1)}
    kinds: dict[int, int] = {first: 0}
    queue = [first]
    if under >= 0:
        parents[head], kinds[head] = (under, BY_STATE, -1), kind
        queue = [head]
    for party in queue:
        if party in is_state:
            continue
        mine, leader = kinds[party], party
        if party in kin:
            leader = kin[party]
            for one in commands.units[leader]:
                if one not in parents:
                    parents[one], kinds[one] = (party, BY_FAMILY, -1), mine | CONTROL
                    queue.append(one)
        for row in range(*place.get(leader, (0, 0))):
            firm = firms[row]
            if firm not in parents:
                parents[firm] = (befores[row], BY_FACT if facts[row] else BY_VOTES, row)
                kinds[firm] = kinds[befores[row]] | CONTROL
                queue.append(firm)
        for row, one in hanging.get(party, ()):
            if one not in parents:
                parents[one], kinds[one] = (party, BY_DEPENDENCY, row), mine | ECONOMIC
                queue.append(one)
            elif one != first:
                kinds[one] |= ECONOMIC
    for one, (above, how, _) in parents.items():
        if above == first and one != first:
            kinds[first] |= ECONOMIC if how == BY_DEPENDENCY else kind if how == BY_STATE else CONTROL
    return RiskGroup(head=first, parents=parents, kinds=kinds)
