"""Who controls whom in a client graph, with the derivation that proves it and the shortest way through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphrisk.kernels.ownership.control import Majority, Reach, spread
from graphrisk.kernels.ownership.stakes import TOLERANCE, Bools, Floats, Ints
from graphrisk.standing.holdings import Holdings

_NONE = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
Step = tuple[int, int, float]
"""Holder, held, and the votes it holds at least; NaN where the step is a fact of control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Pairs of control (p,), by set of controllers, certain ones first in the order of derivation.

    `seed`: number of the set; `heads`: the smallest member of each set, `sets` all of them (None: one party each).
    `held_low`, `held_high` (2, p): capital and votes that the set holds with all it controls. `certain`: shown by
    minima. `by_votes`, `by_facts`: shown by votes alone, by facts alone.
    """

    heads: Ints
    sets: Sequence[Ints] | None
    seed: Ints
    firm: Ints
    step: Ints
    before: Ints
    held_low: Floats
    held_high: Floats
    certain: Bools
    by_votes: Bools
    by_facts: Bools
    rule: Majority
    found: Reach


def command(
    holdings: Holdings, sets: Sequence[Ints] | None = None, *, rule: Majority | None = None, possible: bool = False
) -> Command:
    """Return whom each of `sets` controls (default: every party by itself), with `possible` also whom it may."""
    rule = rule or Majority()
    stakes = holdings.stakes
    if sets is None:
        starts = np.diff(stakes.down_start) > 0
        starts[holdings.facts[0]] = True
        starts[holdings.nominee] = False
        heads = np.flatnonzero(starts)
    else:
        heads = np.array([int(np.min(one)) for one in sets], dtype=np.int64)
    chosen: list[Ints] | Ints = heads if sets is None else list(sets)
    sure = spread(stakes, chosen, holdings.facts, rule)
    by_votes = spread(stakes, chosen, _NONE, rule) if len(holdings.facts[0]) else sure
    by_facts = spread(stakes, chosen, holdings.facts, replace(rule, threshold=np.inf, also_votes=np.nan))
    size = np.int64(max(stakes.size, 1))
    keys = sure.seed * size + sure.firm
    parts = [sure]
    if possible:
        maybe = spread(stakes, chosen, holdings.facts, replace(rule, possible=True))
        new = ~np.isin(maybe.seed * size + maybe.firm, keys)
        parts.append(
            Reach(
                seed=maybe.seed[new],
                firm=maybe.firm[new],
                step=maybe.step[new],
                before=maybe.before[new],
                held_low=maybe.held_low[:, new],
                held_high=maybe.held_high[:, new],
                sum_high=maybe.sum_high[:, new],
                by_fact=maybe.by_fact[new],
            )
        )
    seed = np.concatenate([p.seed for p in parts])
    certain = np.concatenate([np.full(len(p.seed), at == 0) for at, p in enumerate(parts)])
    order = np.lexsort((~certain, seed))  # stable: certain ones stay in the order of derivation
    joined = {
        name: np.concatenate([getattr(p, name) for p in parts], axis=-1)[..., order]
        for name in ("firm", "step", "before", "held_low", "held_high")
    }
    all_keys = seed[order] * size + joined["firm"]
    return Command(
        heads=heads,
        sets=sets,
        seed=seed[order],
        certain=certain[order],
        by_votes=np.isin(all_keys, by_votes.seed * size + by_votes.firm),
        by_facts=np.isin(all_keys, by_facts.seed * size + by_facts.firm),
        rule=rule,
        found=sure,
        **joined,
    )


class Proofs:
    """The derivations of one set of controllers: how each firm came to be controlled."""

    def __init__(
        self, holdings: Holdings, seeds: Ints, firms: Ints, rule: Majority, facts: Mapping[int, Sequence[int]]
    ) -> None:
        """`firms` in the order in which they joined; `facts`: who controls a firm by a fact."""
        self._rank = {int(s): -1 for s in seeds}
        self._steps: dict[int, list[Step]] = {}
        self._before: dict[int, int] = {}
        depth = dict.fromkeys(self._rank, 0)
        stakes = holdings.stakes
        for place, firm in enumerate(firms.tolist()):
            own, votes = 0.0, []
            for e in range(stakes.start[firm], stakes.start[firm + 1]):
                z = int(stakes.holder[e])
                if z == firm:
                    own = float(stakes.low[rule.which, e])
                elif stakes.live[e] and z in self._rank and (stakes.low[rule.which, e] > 0.0 or rule.possible):
                    votes.append(
                        (self._rank[z], z, float(stakes.low[rule.which, e]), float(stakes.high[rule.which, e]))
                    )
            proving: list[Step] = [(z, firm, np.nan) for z in sorted(facts.get(firm, [])) if z in self._rank][:1]
            if not proving:
                total = 0.0
                for _, z, low, high in sorted(votes):
                    proving.append((z, firm, low))
                    total += high if rule.possible else low
                    share = total / (1.0 - own) if own < 1.0 else 0.0
                    if share > rule.threshold + TOLERANCE or (not rule.strict and share >= rule.threshold - TOLERANCE):
                        break
            if not proving:
                continue
            self._steps[firm] = proving
            nearest = min(proving, key=lambda s: (depth[s[0]], -np.nan_to_num(s[2], nan=np.inf), s[0]))[0]
            self._before[firm], depth[firm] = nearest, depth[nearest] + 1
            self._rank[firm] = place

    def path(self, firm: int) -> list[int]:
        """Return the shortest way through the derivation from a controller to `firm`, both ends included."""
        way = [firm]
        while way[-1] in self._before:
            way.append(self._before[way[-1]])
        return way[::-1]

    def steps(self, firm: int) -> list[Step]:
        """Return the steps that show the control of `firm`, in the order of derivation."""
        needed, waiting = {firm}, [firm]
        while waiting:
            for holder, _, _ in self._steps.get(waiting.pop(), []):
                if holder not in needed:
                    needed.add(holder)
                    waiting.append(holder)
        ordered = sorted((f for f in needed if f in self._steps), key=lambda f: self._rank[f])
        return [step for one in ordered for step in self._steps[one]]


def fact_holders(holdings: Holdings) -> dict[int, list[int]]:
    """Return for each firm who controls it by a recorded fact."""
    into: dict[int, list[int]] = {}
    for controller, controlled in zip(holdings.facts[0].tolist(), holdings.facts[1].tolist(), strict=True):
        into.setdefault(controlled, []).append(controller)
    return into


def ultimate(found: Command, size: int) -> Bools:
    """Return for each pair whether everybody who controls its controller is controlled by it (single controllers)."""
    head = found.heads[found.seed]
    sure = found.certain
    pairs = np.unique(head[sure] * np.int64(max(size, 1)) + found.firm[sure])
    controller, controlled = pairs // max(size, 1), pairs % max(size, 1)
    back = np.isin(controlled * np.int64(max(size, 1)) + controller, pairs)
    under = np.zeros(size, dtype=bool)
    under[controlled[~back]] = True
    return np.asarray(~under[head])
