"""Where a value stands among those of similar clients of the same year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.credit.statements import Statements
from graphrisk.graph.riskgraph import Floats, Positions

ENOUGH = 20
"""Peers below which the group is widened."""
ALL, NOBODY = "all clients", None

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Per value (k,): `percentile` 0 to 100, 100 best, NaN without peers; `peers` how many; `group` in words."""

    percentile: Floats
    peers: Positions
    group: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    """One way to form groups: `code` (n,) of each party, -1 where it has none; `name` (n,) the group in words."""

    code: Positions
    name: npt.NDArray[np.object_]


class PeerGroups:
    """The groups of clients, from narrow to wide: industry and size, industry (by prefix), size, all."""

    def __init__(self, given: Statements, clients: Flags, *, prefix: int, enough: int = ENOUGH) -> None:
        graph = given.graph
        self._given, self._clients, self._enough = given, clients, enough
        industry, size = graph.texts("parties", "industry"), graph.texts("parties", "size")
        pairs = zip(industry, size, strict=True)
        self._levels = [
            _level([None if i is None or s is None else f"industry {i}, size {s}" for i, s in pairs]),
            _level([None if i is None else f"industry {str(i)[:prefix]}*" for i in industry]),
            _level([None if s is None else f"size {s}" for s in size]),
            _level([ALL] * graph.size),
        ]

    def standing(self, values: Floats, better: int) -> Standing:
        """Return where each of `values` (k, one a statement) stands; `better` -1: less is better.

        Peers are other clients with a value of the same calendar year, the last one of that year of each.
        """
        given = self._given
        signed = np.where(np.isnan(values), np.nan, values * better)
        pool = self._pool(signed)
        asked = np.flatnonzero(~np.isnan(signed))
        percentile = np.full(len(values), np.nan)
        peers = np.zeros(len(values), dtype=np.int64)
        group = np.full(len(values), NOBODY, dtype=object)
        ranks = np.unique(signed[asked], return_inverse=True)[1].astype(np.int64)
        rank = np.full(len(values), -1, dtype=np.int64)
        rank[asked] = ranks
        own = self._own(pool)
        left = asked
        for number, level in enumerate(self._levels):
            if not len(left):
                break
            below, equal, count = _counts(given, level, rank, pool, left, own)
            last = number == len(self._levels) - 1
            done = (level.code[given.party[left]] >= 0) & ((count >= self._enough) | last)
            some = left[done]
            peers[some] = count[done]
            there = done & (count > 0)
            percentile[left[there]] = 100.0 * (below[there] + 0.5 * equal[there]) / count[there]
            group[left[there]] = level.name[given.party[left[there]]]
            left = left[~done]
        return Standing(percentile=percentile, peers=peers, group=group)

    def _pool(self, values: Floats) -> Positions:
        """Return the statements that count as peers: of each client and year the last one with a value."""
        given = self._given
        usable = np.flatnonzero(~np.isnan(values) & self._clients[given.party])
        last = np.ones(len(usable), dtype=bool)
        same = (given.party[usable[1:]] == given.party[usable[:-1]]) & (
            given.year[usable[1:]] == given.year[usable[:-1]]
        )
        last[:-1] = ~same
        return usable[last]

    def _own(self, pool: Positions) -> Positions:
        """Return for each statement the one of the pool that is of the same party and year (k,); -1: none."""
        given = self._given
        own = np.full(given.size, -1, dtype=np.int64)
        if not len(pool):
            return own
        span = int(given.year.max()) + 1
        key = given.party * span + given.year
        place = np.clip(np.searchsorted(key[pool], key), 0, len(pool) - 1)
        same = key[pool[place]] == key
        own[same] = pool[place[same]]
        return own


def _level(names: list[str | None]) -> _Level:
    values = np.array(names, dtype=object)
    return _Level(code=pd.factorize(values, sort=True)[0].astype(np.int64), name=values)


def _counts(
    given: Statements, level: _Level, rank: Positions, pool: Positions, asked: Positions, own: Positions
) -> tuple[Positions, Positions, Positions]:
    """Return how many peers lie below, level with and around each asked statement, itself left out."""
    years = int(given.year.max()) + 1
    width = np.int64(int(rank.max()) + 2)
    cell = level.code[given.party] * years + given.year
    inside = pool[level.code[given.party[pool]] >= 0]
    keys = np.sort(cell[inside] * width + rank[inside])
    here, at = np.maximum(cell[asked], 0), rank[asked]
    begin = np.zeros(int(cell.max(initial=0)) + 2, dtype=np.int64)
    np.cumsum(np.bincount(cell[inside], minlength=len(begin) - 1), out=begin[1:])
    first = begin[here]
    low = np.searchsorted(keys, here * width + at)
    high = np.searchsorted(keys, here * width + at, side="right")
    below, equal, count = low - first, high - low, begin[here + 1] - first
    mine = own[asked]
    there = (mine >= 0) & (level.code[given.party[asked]] >= 0)
    its = np.where(there, rank[np.maximum(mine, 0)], -1)
    below = below - (there & (its < at))
    equal = equal - (there & (its == at))
    return below, equal, count - there
