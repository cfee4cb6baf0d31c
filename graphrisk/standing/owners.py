"""Who is a beneficial owner of whom under one version of a regime, with the ground and whether it is certain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.ownership.control import Majority, Reach, spread
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, VOTES, Bools, Floats, Ints, closure
from graphrisk.regimes.rule import Version
from graphrisk.standing.circles import Circle, circles_of
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.pairs import among, distinct
from graphrisk.standing.shares import integrated

Commanded = dict[tuple[float, bool, bool], Reach]
"""Whom each owner commands, by threshold, whether above it, and whether some completion is enough."""
SHARE, CONTROL, OF_HOLDER, OF_CONTROLLER = 1, 2, 4, 8
"""Grounds: a share of its own; control; control of who holds the share; a share in who controls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersFound:
    """Pairs (party, owner), by party, then owner; persons and placeholders only.

    `least`, `most` (2, p): what the owner has of the party, multiplied along chains or, where the regime counts
    majority chains, what it holds with all in which it has a majority; NaN where there is no answer. `sure`, `maybe`
    (p,): grounds that hold for certain, and for some completion (or with what nominees hold).
    """

    party: Ints
    owner: Ints
    least: Floats
    most: Floats
    sure: Ints
    maybe: Ints


def standing_of(
    holdings: Holdings, version: Version, threshold: float, commanded: Commanded | None = None
) -> OwnersFound:
    """Return the owners of every party under a version of a regime, at `threshold`.

    `commanded` keeps whom owners command, for a second regime on the same holdings.
    """
    kept: Commanded = {} if commanded is None else commanded
    n = np.int64(max(holdings.size, 1))
    who = _owners(holdings)
    kinds = [k for k, name in ((CAPITAL, "capital"), (VOTES, "votes")) if name in version.of]
    rule = Majority(threshold=version.control_threshold, strict=version.control_more_than)
    grounds = _Grounds(n)
    exact = not (holdings.stakes.high > holdings.stakes.low).any()
    for possible in (False,) if exact else (False, True):
        key = (rule.threshold, rule.strict, possible)
        if key not in kept:
            wanted = Majority(threshold=rule.threshold, strict=rule.strict, possible=possible)
            kept[key] = spread(holdings.stakes, who, holdings.facts, wanted, touched=0.0)
    sure = kept[rule.threshold, rule.strict, False]
    maybe = sure if exact else kept[rule.threshold, rule.strict, True]
    for reach, certain in ((sure, True), (maybe, False)):
        pairs = who[reach.seed], reach.firm
        if version.chain == "majority":
            held = reach.held_low if certain else reach.held_high + holdings.unknown[:, reach.firm]
            opened = _open_at(holdings, *pairs) if certain else None
            share = _meets(held[kinds], threshold, version.more_than, None if opened is None else opened[kinds])
            grounds.add(pairs[1][share], pairs[0][share], SHARE, certain)
            holds = reach.sum_high.max(axis=0, initial=0.0) > 0.0
            grounds.value(pairs[0][holds], pairs[1][holds], reach.held_low[:, holds], reach.held_high[:, holds])
        if version.control:
            joined = reach.step >= 0
            grounds.add(pairs[1][joined], pairs[0][joined], CONTROL, certain)
        if version.coexistence:
            held = reach.held_low - _direct(holdings, *pairs, holdings.stakes.low)
            if not certain:  # what the entities may hold without what the owner holds itself
                entities = reach.sum_high - _direct(holdings, *pairs, holdings.stakes.high)
                held = np.minimum(entities, reach.held_high - _direct(holdings, *pairs, holdings.stakes.low))
            share = _meets(held[kinds], threshold, version.more_than, None)
            grounds.add(pairs[1][share], pairs[0][share], OF_HOLDER, certain)
    circles = circles_of(holdings.stakes) if version.chain == "multiply" else []
    if version.chain == "multiply":
        _multiplied(holdings, version, threshold, who, kinds, grounds, circles)
    if version.coexistence:
        _in_controllers(holdings, rule, grounds)
    if version.chain == "multiply":
        _missing_values(holdings, grounds, circles)
    return grounds.standing()


def _missing_values(holdings: Holdings, grounds: _Grounds, circles: list[Circle]) -> None:
    """Add the shares of owners by other grounds, below the threshold: they are told, too."""
    owners = grounds.without_value()
    if len(owners):
        shares = integrated(holdings, "corrected", owners=owners, smallest=0.0, circles=circles)
        grounds.value(shares.owner, shares.owned, shares.least, shares.most)


def _owners(holdings: Holdings) -> Ints:
    starts = np.diff(holdings.stakes.down_start) > 0
    starts[holdings.facts[0]] = True
    return np.flatnonzero(starts & (holdings.person | holdings.placeholder))


def _multiplied(
    holdings: Holdings,
    version: Version,
    threshold: float,
    who: Ints,
    kinds: list[int],
    grounds: _Grounds,
    circles: list[Circle],
) -> None:
    """Add the owners whose shares, multiplied along chains and added over them, meet the threshold."""
    shares = integrated(holdings, "corrected", owners=who, smallest=threshold, circles=circles)
    grounds.value(shares.owner, shares.owned, shares.least, shares.most)
    for held, opened, certain in ((shares.least, shares.low_open, True), (shares.most, None, False)):
        given = np.where(np.isnan(held), 1.0 if not certain else 0.0, held)  # no answer: possible
        meets = _meets(given[kinds], threshold, version.more_than, None if opened is None else opened[kinds])
        if not certain:
            short = (np.abs(given - threshold) <= TOLERANCE) & shares.high_open  # the bound itself is not reached
            meets &= ~short[kinds].all(axis=0)
        grounds.add(shares.owned[meets], shares.owner[meets], SHARE, certain)
    if holdings.unknown.any():
        _behind_nominees(holdings, version, threshold, who, kinds, grounds, circles)


def _behind_nominees(
    holdings: Holdings,
    version: Version,
    threshold: float,
    who: Ints,
    kinds: list[int],
    grounds: _Grounds,
    circles: list[Circle],
) -> None:
    """Add as possible the owners named above a firm who would meet the threshold with what nominees hold of it."""
    touched = np.flatnonzero(holdings.unknown.max(axis=0) > 0.0)
    above = who[among(who, closure(holdings.stakes, touched, upward=True))]  # nobody else has anything more by it
    behind = integrated(holdings, "corrected", owners=above, smallest=threshold, unknown=1.0, circles=circles)
    reach = _meets(np.nan_to_num(behind.most, nan=1.0)[kinds], threshold, version.more_than, None)
    owner, owned = behind.owner[reach], behind.owned[reach]
    shares = integrated(holdings, "corrected", owners=distinct(owner), smallest=0.0, circles=circles)
    named = among(owner * grounds.n + owned, distinct(shares.owner * grounds.n + shares.owned))
    grounds.add(owned[named], owner[named], SHARE, False)
    grounds.value(shares.owner, shares.owned, shares.least, shares.most)


def _in_controllers(holdings: Holdings, rule: Majority, grounds: _Grounds) -> None:
    """Add who has a share that meets the threshold in an entity that controls the party."""
    stakes = holdings.stakes
    starts = np.diff(stakes.down_start) > 0
    starts[holdings.facts[0]] = True
    legal = np.flatnonzero(starts & ~holdings.person & ~holdings.nominee & ~holdings.placeholder)
    for certain in (True, False):
        owned, owner = grounds.pairs(SHARE, certain)
        order = np.argsort(owned, kind="stable")
        owned, owner = owned[order], owner[order]
        heads = legal[among(legal, owned)]
        reach = spread(stakes, heads, holdings.facts, Majority(
            threshold=rule.threshold, strict=rule.strict, possible=not certain
        ))  # fmt: skip
        controller = heads[reach.seed]
        first, last = np.searchsorted(owned, controller, "left"), np.searchsorted(owned, controller, "right")
        times = last - first
        place = np.repeat(first - np.concatenate([[0], np.cumsum(times)[:-1]]), times) + np.arange(times.sum())
        party, person = np.repeat(reach.firm, times), owner[place]
        keep = party != person
        grounds.add(party[keep], person[keep], OF_CONTROLLER, certain)


def _meets(held: Floats, threshold: float, more_than: bool, opened: Bools | None) -> npt.NDArray[np.bool_]:
    """Return which columns of (kinds, p) meet the threshold; an exclusive least is more than itself."""
    if more_than:
        above = held > threshold + TOLERANCE
        if opened is not None:
            above |= opened & (held >= threshold - TOLERANCE)
    else:
        above = held >= threshold - TOLERANCE
    return np.asarray(above.any(axis=0))


def _stake_at(holdings: Holdings, owner: Ints, firm: Ints) -> tuple[Ints, Bools]:
    """Return which stake each pair has directly, and whether it has one."""
    stakes = holdings.stakes
    size = np.int64(max(stakes.size, 1))
    keys = stakes.owned * size + stakes.holder
    wanted = firm * size + owner
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, np.asarray(keys[place] == wanted)


def _direct(holdings: Holdings, owner: Ints, firm: Ints, side: Floats) -> Floats:
    """Return a bound of what each owner holds of each firm directly, of what is not treasury shares (2, p)."""
    stakes = holdings.stakes
    place, there = _stake_at(holdings, owner, firm)
    own = np.zeros((2, stakes.size))
    mine = stakes.holder == stakes.owned
    own[:, stakes.owned[mine]] = stakes.low[:, mine]
    held = np.where(there, side[:, place], 0.0) if len(stakes.holder) else np.zeros((2, len(owner)))
    return np.asarray(held / np.maximum(1.0 - own[:, firm], 1e-12))


def _open_at(holdings: Holdings, owner: Ints, firm: Ints) -> Bools:
    """Return whether the direct stake of each pair is more than its least (2, p)."""
    place, there = _stake_at(holdings, owner, firm)
    if not len(holdings.stakes.holder):
        return np.zeros((2, len(owner)), dtype=bool)
    return np.asarray(holdings.stakes.low_open[:, place] & there)


class _Grounds:
    """Collects grounds and values of pairs."""

    def __init__(self, n: np.int64) -> None:
        self.n = n
        self._keys: list[tuple[Ints, int, bool]] = []
        self._values: list[tuple[Ints, Floats, Floats]] = []

    def add(self, party: Ints, owner: Ints, ground: int, certain: bool) -> None:
        keep = party != owner
        self._keys.append((party[keep] * self.n + owner[keep], ground, certain))

    def value(self, owner: Ints, party: Ints, least: Floats, most: Floats) -> None:
        self._values.append((party * self.n + owner, least, most))

    def pairs(self, ground: int, certain: bool) -> tuple[Ints, Ints]:
        keys = distinct(np.concatenate([k for k, g, sure in self._keys if g == ground and (sure or not certain)]))
        return keys // self.n, keys % self.n

    def without_value(self) -> Ints:
        none = np.empty(0, dtype=np.int64)
        keys = distinct(np.concatenate([none, *(k for k, _, _ in self._keys)]))
        valued = np.zeros(len(keys), dtype=bool)
        for found, _, _ in self._values:
            valued |= among(keys, distinct(found))
        return distinct(keys[~valued] % self.n)

    def standing(self) -> OwnersFound:
        none = np.empty(0, dtype=np.int64)
        keys = distinct(np.concatenate([none, *(k for k, _, _ in self._keys)]))
        sure, maybe = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
        for found, ground, certain in self._keys:
            place = np.searchsorted(keys, distinct(found))
            maybe[place] |= ground
            if certain:
                sure[place] |= ground
        least, most = np.full((2, len(keys)), np.nan), np.full((2, len(keys)), np.nan)  # nothing recorded is not 0
        for found, low, high in self._values:
            if not len(keys):
                break
            place = np.minimum(np.searchsorted(keys, found), len(keys) - 1)
            there = keys[place] == found
            least[:, place[there]] = np.fmax(least[:, place[there]], low[:, there])
            most[:, place[there]] = np.fmax(most[:, place[there]], high[:, there])
            gone = np.isnan(low).any(axis=0) & there
            least[:, place[gone]], most[:, place[gone]] = np.nan, np.nan
        return OwnersFound(party=keys // self.n, owner=keys % self.n, least=least, most=most, sure=sure, maybe=maybe)
