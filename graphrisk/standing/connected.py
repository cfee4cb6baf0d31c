"""Groups of connected clients: everything that falls with a head, by control and by economic dependency.

From each head that nobody controls: whom it controls for certain (with all it controls), who depends on one of these,
whom those control, and so on downstream; upstream only where a dependency says so. What is no client is dropped last,
and a group within another is none of its own. Groups overlap: who depends on two heads stands in both.

A head's closure lies within that of whoever reaches it, so only the strongly connected parts that nothing else reaches
make groups; control is looked at once for each head that needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphrisk.credit.our_bank import clients
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.network.components import component_labels, row_starts
from graphrisk.kernels.ownership.stakes import VOTES, Bools, Ints
from graphrisk.regimes.exposure_rule import ExposureRule
from graphrisk.standing.dependence import dependence
from graphrisk.standing.group_id import group_ids
from graphrisk.standing.grown import CONTROL, ECONOMIC, Commands, RiskGroup, grow
from graphrisk.standing.holdings import holdings_of
from graphrisk.standing.rebuttals import Bonds, close_family, without_rebutted

__all__ = ["CONTROL", "ECONOMIC", "Connected", "RiskGroup", "connected", "links_of", "memberships"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """Groups by their smallest client, then by their members, with what joined them.

    `commands` are the fixpoints of control that the paths of the groups refer to.
    """

    groups: tuple[RiskGroup, ...]
    ids: tuple[str, ...]
    links: Bonds
    commands: Commands
    clients: Bools


def links_of(graph: RiskGraph, rule: ExposureRule) -> Bonds:
    """Return what joins parties under a rule, before any rebuttal."""
    none = np.empty(0, dtype=np.int64)
    return Bonds(
        holdings=holdings_of(graph),
        depends=dependence(graph, rule),
        family=close_family(graph) if rule.family else (none, none),
    )


def connected(
    graph: RiskGraph,
    rule: ExposureRule,
    *,
    states: Sequence[int] = (),
    touching: Ints | None = None,
    links: Bonds | None = None,
) -> Connected:
    """Return the groups of connected clients in `graph` under a rule.

    `states`: positions of states, of which one group is made for each entity directly under them. `touching`: only
    groups that hold one of these parties (their answer and their names are the same as in the whole). `links`: those of
    `links_of`, if they are known already; rebuttals are taken from the graph.
    """
    links = without_rebutted(graph, links or links_of(graph, rule))
    said = clients(graph)
    state = np.zeros(graph.size, dtype=bool)
    state[list(states)] = True
    commands = Commands(links, state)
    groups = _groups(commands, state, said, touching)
    beside = groups
    if touching is not None:  # the number behind # counts all groups of a smallest client
        first = np.setdiff1d([group.members[0] for group in groups], touching)
        if len(first):
            beside = _groups(commands, state, said, np.union1d(touching, first))
    names = dict(zip((group.members for group in beside), group_ids(graph, beside), strict=True))
    ids = tuple(names[group.members] for group in groups)
    return Connected(groups=groups, ids=ids, links=links, commands=commands, clients=said)


def _groups(commands: Commands, state: Bools, said: Bools, touching: Ints | None) -> tuple[RiskGroup, ...]:
    """Return the groups, or those that hold one of the parties `touching`."""
    links, size = commands.links, len(said)
    region = np.ones(size, dtype=bool) if touching is None else _upstream(size, links, touching)
    commands.learn(np.flatnonzero(commands.free & region))
    commands.learn(np.flatnonzero(commands.starts & region & ~commands.commanded()))
    if touching is None:
        commands.learn(_dependents(links))
    sources = _sources(links, commands, region, state, said)
    grown = [grow(head, commands) for head in sources.tolist()]
    for one in np.flatnonzero(state & region).tolist():
        children = _children(one, links, commands)
        grown += [grow(child, commands, under=one, kind=kind) for child, kind in children.items()]
    wanted = None if touching is None else set(touching.tolist())
    kept = [g for g in grown if len(g.parents) > 1 and (wanted is None or not wanted.isdisjoint(g.parents))]
    theirs = frozenset(np.flatnonzero(said).tolist())
    groups = _maximal([g.of_clients(theirs) for g in kept])
    if wanted is not None and not said[list(wanted)].all():  # a larger group may hold the same clients without them
        around = np.unique(np.concatenate([[*wanted], *(group.members for group in groups)])).astype(np.int64)
        if len(around) > len(wanted):
            whole = _groups(commands, state, said, around)
            return tuple(group for group in whole if not wanted.isdisjoint(group.parents))
    return groups


def memberships(groups: Sequence[RiskGroup]) -> tuple[Ints, Ints]:
    """Return member and group (by number) of each membership."""
    member = np.array([one for group in groups for one in group.members], dtype=np.int64)
    return member, np.repeat(np.arange(len(groups)), [len(group.members) for group in groups])


def _upstream(size: int, links: Bonds, parties: Ints) -> Bools:
    """Return the parties from whom one of `parties` could be reached."""
    stakes, counts = links.holdings.stakes, links.depends.counts
    votes = (stakes.low[VOTES] > 0.0) & stakes.live
    below = np.concatenate([stakes.owned[votes], links.holdings.facts[1], links.depends.dependent[counts],
                            links.family[0], links.family[1]])  # fmt: skip
    above = np.concatenate([stakes.holder[votes], links.holdings.facts[0], links.depends.on[counts],
                            links.family[1], links.family[0]])  # fmt: skip
    order = np.argsort(below, kind="stable")
    start, heads = row_starts(size, below[order]), above[order]
    seen = np.zeros(size, dtype=bool)
    front = np.unique(parties)
    while len(front):
        seen[front] = True
        front = np.unique(_rows_from(start, heads, front))
        front = front[~seen[front]]
    return seen


def _rows_from(start: Ints, values: Ints, nodes: Ints) -> Ints:
    times = start[nodes + 1] - start[nodes]
    first = np.repeat(start[nodes] - np.concatenate([[0], np.cumsum(times)[:-1]]), times)
    found: Ints = values[first + np.arange(times.sum())]
    return found


def _dependents(links: Bonds) -> Ints:
    return np.unique(links.depends.dependent[links.depends.counts])


def _sources(links: Bonds, commands: Commands, region: Bools, state: Bools, said: Bools) -> Ints:
    """Return the heads of groups: the smallest party of each strongly connected part that nothing else reaches.

    Control is learned of whoever is reached by dependency, until nobody new is.
    """
    counts, size = links.depends.counts, len(said)
    while True:
        source, target = commands.arcs()
        source = np.concatenate([source, links.depends.on[counts]])
        target = np.concatenate([target, links.depends.dependent[counts]])
        keep = ~state[source]
        source, target = source[keep], target[keep]
        order = np.argsort(source, kind="stable")
        start, heads = row_starts(size, source[order]), target[order]
        reached = region.copy()
        front = np.flatnonzero(region)
        while len(front):
            front = np.unique(_rows_from(start, heads, front))
            front = front[~reached[front]]
            reached[front] = True
        fresh = _dependents(links)
        fresh = fresh[reached[fresh]]
        if not commands.learn(fresh):
            break
    part = component_labels(size, source, target, "strong")
    entered = np.zeros(size, dtype=bool)
    entered[part[target[part[source] != part[target]]]] = True
    leaves = np.zeros(size, dtype=bool)
    leaves[part[source]] = True
    head = (part == np.arange(size)) & ~entered & leaves & region & ~state
    further = np.bincount(source, weights=np.diff(start)[target] > 0, minlength=size) > 0
    few = said + np.bincount(source, weights=said[target], minlength=size) < 2  # most heads own one firm, and no more
    return np.flatnonzero(head & (further | ~few))


def _children(state: int, links: Bonds, commands: Commands) -> dict[int, int]:
    """Return the entities directly under a state and how: it controls them by itself, or they depend on it."""
    firm, before = commands.alone(state)
    commands.learn(firm)
    direct = firm[before == state].tolist()
    covered = set(direct)
    for one in direct:
        covered.update(commands.of(one).tolist())
    depends = links.depends
    hang = depends.dependent[depends.counts & (depends.on == state)].tolist()
    children = dict.fromkeys(hang, ECONOMIC)
    for one in [*direct, *(one for one in firm.tolist() if one not in covered)]:
        children[one] = children.get(one, 0) | CONTROL
    children.pop(state, None)
    return dict(sorted(children.items()))


def _maximal(groups: Sequence[RiskGroup]) -> tuple[RiskGroup, ...]:
    """Return the groups of more than one client that lie in no other, by their members; of equal ones the first."""
    seen: dict[tuple[int, ...], RiskGroup] = {}
    for group in groups:
        if len(group.members) > 1:
            seen.setdefault(group.members, group)
    holding: dict[int, list[tuple[int, ...]]] = {}
    for members in seen:
        for one in members:
            holding.setdefault(one, []).append(members)
    as_sets = {members: frozenset(members) for members in seen}
    kept = []
    for members, group in seen.items():
        rarest = min(members, key=lambda one: (len(holding[one]), one))
        mine = as_sets[members]
        if not any(len(other) > len(members) and mine <= as_sets[other] for other in holding[rarest]):
            kept.append(group)
    return tuple(sorted(kept, key=lambda group: group.members))
