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
from graphrisk.standing.same_group import clients_by_group, same_groups

_OTHERS = both("other members were clients on one of the days only", "其他成员仅在其中一日为客户")
_ORDER = {NEW: 0, JOINS: 1, LEAVES: 2, GONE: 3}


class _Side:
    """The groups of one day by the ids of their members, and whether a link was there on that day."""

    def __init__(self, graph: RiskGraph, found: Connected) -> None:
        self.graph, self.found = graph, found
        self.evidence = Evidence(graph, found)
        self.ids = graph.party_ids
        self.at: Mapping[str, int] = {str(one): k for k, one in enumerate(self.ids)}
        self.members = clients_by_group(graph, found)
        self.groups = dict(zip(found.ids, found.groups, strict=True))
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
    match = same_groups(old.members, new.members)
    rows: list[tuple[str | None, str | None, str, str, Note]] = []
    for name, group in new.groups.items():
        was = match.get(name)
        held = frozenset() if was is None else old.members[was]
        how = NEW if was is None else JOINS
        fresh = sorted(new.members[name] - held)
        rows += [(name, was, one, how, new.missing_in(old, group, one)) for one in fresh]
        if was is not None:
            gone = sorted(held - new.members[name])
            past = old.groups[was]
            rows += [(name, was, one, LEAVES, _no_longer(old.missing_in(new, past, one))) for one in gone]
    continued = set(match.values())
    for was, past in old.groups.items():
        if was not in continued:
            mine = sorted(old.members[was])
            rows += [(None, was, one, GONE, _no_longer(old.missing_in(new, past, one))) for one in mine]
    rows.sort(key=lambda row: (_ORDER[row[3]], row[0] or row[1] or "", row[2]))
    names = ("group_id", "before_id", "party_id", "change")
    columns: dict[str, list[str | None]] = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    columns |= {"reason": [row[4].text for row in rows], "reason_zh": [row[4].chinese for row in rows]}
    frame = score_frame(CHANGES, columns)
    for name in ("group_id", "before_id"):
        frame[name] = texts(columns[name])
    return frame
