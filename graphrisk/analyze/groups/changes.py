"""What changed between two days: groups matched by the members they share, each change with the link behind it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd

from graphrisk.analyze.groups.rows import Evidence
from graphrisk.analyze.groups.tables import CHANGES, GONE, JOINS, LEAVES, NEW
from graphrisk.analyze.tables import score_frame, texts
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.stakes import Ints
from graphrisk.model.note import Note, both
from graphrisk.standing.connected import Connected, RiskGroup
from graphrisk.standing.grown import BY_DEPENDENCY, BY_FAMILY, BY_STATE

_OTHERS = both("other members were clients on one of the days only", "其他成员仅在其中一日为客户")
_ORDER = {NEW: 0, JOINS: 1, LEAVES: 2, GONE: 3}


class _Side:
    """The groups of one day by the ids of their members, and whether a link was there on that day."""

    def __init__(self, graph: RiskGraph, found: Connected) -> None:
        self.graph, self.found = graph, found
        self.evidence = Evidence(graph, found)
        self.ids = graph.party_ids
        self.at: Mapping[str, int] = {str(one): k for k, one in enumerate(self.ids)}
        self.members = [frozenset(str(self.ids[one]) for one in group.members) for group in found.groups]
        depends = found.links.depends
        self._hangs = {
            (str(self.ids[a]), str(self.ids[b]))
            for a, b, counts in zip(depends.dependent, depends.on, depends.counts, strict=True)
            if counts
        }
        kin = found.links.family
        self._kin = {frozenset((str(self.ids[a]), str(self.ids[b]))) for a, b in zip(*kin, strict=True)}

    def has(self, above: str, below: str, how: int) -> bool:
        """Whether `below` hung on `above` on this day by a link of this kind."""
        if above not in self.at or below not in self.at:
            return False
        if how == BY_DEPENDENCY:
            return (below, above) in self._hangs
        if how == BY_FAMILY:
            return frozenset((above, below)) in self._kin
        head = self.at[above]
        if how == BY_STATE:
            return head in self.found.commands.states
        self.found.commands.learn(_one(head))
        return self.at[below] in self.found.commands.of(head).tolist()

    def missing_in(self, other: _Side, group: RiskGroup, party: str) -> Note:
        """Return the first link on the way to a party that the other day does not have, in words."""
        gone = self._first_missing(other, group, self.at[party])
        if gone is None and (party not in other.at or not other.found.clients[other.at[party]]):
            return both(f"{party} is no client on {other.graph.as_of}", f"{party} 在 {other.graph.as_of} 不是客户")
        rest = (self._first_missing(other, group, one) for one in group.members)
        return gone or next((found for found in rest if found), _OTHERS)

    def _first_missing(self, other: _Side, group: RiskGroup, party: int) -> Note | None:
        for above, below in pairwise(group.path(party)):
            how = group.parents[below][1]
            if not other.has(str(self.ids[above]), str(self.ids[below]), how):
                why = self.evidence.of(group, below)
                return both(f"{self.ids[below]}: {why.text}", f"{self.ids[below]}：{why.chinese}")
        return None


def _no_longer(why: Note) -> Note:
    return both(f"no longer: {why.text}", f"不再有：{why.chinese}")


def _one(party: int) -> Ints:
    return np.array([party], dtype=np.int64)


def change_rows(before: tuple[RiskGraph, Connected], after: tuple[RiskGraph, Connected]) -> pd.DataFrame:
    """Return who joins and leaves which group, and which groups are new or gone, with the link that came or went."""
    old, new = _Side(*before), _Side(*after)
    match = _matched(old, new)
    rows: list[tuple[str | None, str | None, str, str, Note]] = []
    for k, name in enumerate(new.found.ids):
        earlier = match.get(k)
        group = new.found.groups[k]
        held = old.members[earlier] if earlier is not None else frozenset()
        was = None if earlier is None else old.found.ids[earlier]
        how = NEW if earlier is None else JOINS
        fresh = sorted(new.members[k] - held)
        rows += [(name, was, one, how, new.missing_in(old, group, one)) for one in fresh]
        if earlier is not None:
            gone = sorted(held - new.members[k])
            past = old.found.groups[earlier]
            rows += [(name, was, one, LEAVES, _no_longer(old.missing_in(new, past, one))) for one in gone]
    for k, was in enumerate(old.found.ids):
        if k not in match.values():
            past = old.found.groups[k]
            mine = sorted(old.members[k])
            rows += [(None, was, one, GONE, _no_longer(old.missing_in(new, past, one))) for one in mine]
    rows.sort(key=lambda row: (_ORDER[row[3]], row[0] or row[1] or "", row[2]))
    names = ("group_id", "before_id", "party_id", "change")
    columns: dict[str, list[str | None]] = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    columns |= {"reason": [row[4].text for row in rows], "reason_zh": [row[4].chinese for row in rows]}
    frame = score_frame(CHANGES, columns)
    for name in ("group_id", "before_id"):
        frame[name] = texts(columns[name])
    return frame


def _matched(old: _Side, new: _Side) -> dict[int, int]:
    """Return for groups of the later day the earlier one, the pairs that share most members first, each once."""
    holding: dict[str, list[int]] = {}
    for k, members in enumerate(old.members):
        for one in members:
            holding.setdefault(one, []).append(k)
    shared: dict[tuple[int, int], int] = {}
    for k, members in enumerate(new.members):
        for one in members:
            for j in holding.get(one, ()):
                shared[k, j] = shared.get((k, j), 0) + 1
    match: dict[int, int] = {}
    taken: set[int] = set()
    size = {pair: len(new.members[pair[0]] | old.members[pair[1]]) for pair in shared}
    for k, j in sorted(shared, key=lambda pair: (-shared[pair], size[pair], new.found.ids[pair[0]], pair)):
        if k not in match and j not in taken:
            match[k] = j
            taken.add(j)
    return match
