"""Whom a list reaches: firms that listed parties own in the aggregate, each level on its own, never multiplied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.kernels.ownership.control import Majority, spread
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, Bools, Floats, Ints
from graphrisk.regimes.rule import Version
from graphrisk.standing.holdings import Holdings

_NONE = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Firms of which listed parties, with all they reach, hold something; in the order of derivation, then by number.

    `least`, `most` (p,): their capital in the aggregate. `sure`, `maybe`: whether the rule reaches it for certain, or
    under some completion. `before` (p,): the member through which it is reached, or the last that holds of it.
    """

    firm: Ints
    least: Floats
    most: Floats
    sure: Bools
    maybe: Bools
    before: Ints


def reached(holdings: Holdings, listed: Ints, version: Version) -> Reached:
    """Return whom `listed` reaches under a version of a rule, were it not suspended."""
    facts = holdings.facts if version.control else _NONE
    rule = Majority(
        threshold=version.threshold,
        strict=version.more_than,
        which=CAPITAL,
        also_votes=version.control_threshold if version.control else float("nan"),
    )
    seeds = [np.unique(listed)]
    certain = spread(holdings.stakes, seeds, facts, rule, touched=0.0)
    possible = spread(
        holdings.stakes,
        seeds,
        facts,
        Majority(
            threshold=rule.threshold, strict=rule.strict, which=CAPITAL, also_votes=rule.also_votes, possible=True
        ),
        touched=0.0,
    )
    # what some completion reaches holds the most, and all that is certain is among it
    where = {int(firm): at for at, firm in enumerate(certain.firm)}
    place = np.array([where.get(int(firm), len(where)) for firm in possible.firm], dtype=np.int64)
    joined = np.append(certain.step, -1)[place]
    sure = joined >= 0
    step = np.where(sure, joined, len(place))
    least = np.append(certain.held_low[CAPITAL], 0.0)[place]
    before = np.where(sure, np.append(certain.before, -1)[place], possible.before)
    most = possible.held_high[CAPITAL]
    hidden = np.minimum(1.0, most + holdings.unknown[CAPITAL][possible.firm])
    meets = hidden > version.threshold + TOLERANCE if version.more_than else hidden >= version.threshold - TOLERANCE
    maybe = (possible.step >= 0) | ((most > 0.0) & meets)
    turn = np.lexsort((possible.firm, ~maybe, step, ~sure))
    return Reached(
        firm=possible.firm[turn],
        least=least[turn],
        most=most[turn],
        sure=sure[turn],
        maybe=(maybe | sure)[turn],
        before=before[turn],
    )


def ways(found: Reached, listed: Ints) -> list[list[int]]:
    """Return for each firm a way from a listed party to it."""
    before = dict(zip(found.firm.tolist(), found.before.tolist(), strict=True))
    seeds = set(listed.tolist())
    out = []
    for firm in found.firm.tolist():
        way = [firm]
        while way[-1] not in seeds and before.get(way[-1], -1) >= 0 and before[way[-1]] not in way:
            way.append(before[way[-1]])
        out.append(way[::-1])
    return out


def requirements(
    holdings: Holdings, found: Reached, listed: Ints, said: dict[int, tuple[str, float]]
) -> list[str | None]:
    """Return for each firm reached the most restrictive requirement of those that hold of it.

    `said`: requirement and strictness (larger is stricter) of listed parties. Where several requirements meet and none
    says how strict it is, all are named.
    """
    stakes = holdings.stakes
    held: dict[int, frozenset[tuple[str, float]]] = {int(k): frozenset([said[k]]) for k in listed.tolist() if k in said}
    through = dict(zip(found.firm.tolist(), found.before.tolist(), strict=True))
    out: list[str | None] = []
    for firm, member in zip(found.firm.tolist(), found.maybe.tolist(), strict=True):
        entries = range(stakes.start[firm], stakes.start[firm + 1])
        mine = frozenset().union(*(held.get(int(stakes.holder[e]), frozenset()) for e in entries if stakes.live[e]))
        if not mine:
            mine = held.get(through[firm], frozenset())
        top = max((strict for _, strict in mine if strict == strict), default=np.nan)
        if top == top:
            mine = frozenset(one for one in mine if one[1] == top)
        if member:
            held.setdefault(firm, mine)
            out.append(" | ".join(sorted({text for text, _ in mine})) or None)
        else:
            out.append(None)
    return out
