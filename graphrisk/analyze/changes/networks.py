"""Groups of the guarantee network in two snapshots: matched by the members that they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.changes.parties import Pair
from graphrisk.analyze.changes.reasons import columns, joined
from graphrisk.analyze.tables import score_frame
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.network.components import component_labels
from graphrisk.model.note import Note, both
from graphrisk.model.table import Table

_SAME = 1e-9
_NAMED = 4
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The groups of more than one party of one snapshot, on the list of parties of both snapshots (n,).

    `label` is the number in the list of the group's smallest party, -1 outside; `size` and `total` (sum of the caps
    inside) are by label.
    """

    label: Rows
    size: Rows
    total: Floats


def network_changes(
    declared: Table,
    connection: Literal["weak", "strong"],
    before: RiskGraph,
    after: RiskGraph,
    pair: Pair,
    contracts: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[int, int]]:
    """Return the groups that are new, gone or changed, the largest amount moved first, and how many there are."""
    old, new = _groups(before, connection, pair.old), _groups(after, connection, pair.new)
    link = _matches(old.label, new.label)
    rows = _changed(old, new, link)
    told = _told(pair, [old.label, new.label], contracts)
    rows.sort(key=lambda row: (-abs(row[2] - row[1]), str(pair.ids[row[0]])))
    was, now = _members(old, pair, {row[3] for row in rows}), _members(new, pair, {row[4] for row in rows})
    left = [was.get(row[3], frozenset()) for row in rows]
    held = [now.get(row[4], frozenset()) for row in rows]
    frame = score_frame(
        declared,
        {
            "group_id": [str(pair.ids[row[0]]) for row in rows],
            "change": ["new" if row[3] < 0 else "gone" if row[4] < 0 else "changed" for row in rows],
            "before": [np.nan if row[3] < 0 else row[1] for row in rows],
            "after": [np.nan if row[4] < 0 else row[2] for row in rows],
            "difference": [row[2] - row[1] for row in rows],
            "parties_before": [len(one) or None for one in left],
            "parties_after": [len(one) or None for one in held],
            "joined": [sorted(b - a) for a, b in zip(left, held, strict=True)],
            "left": [sorted(a - b) for a, b in zip(left, held, strict=True)],
            **columns([_reason([*told[1].get(row[4], ()), *told[0].get(row[3], ())]) for row in rows]),
        },
    )
    return frame, (int((old.size > 1).sum()), int((new.size > 1).sum()))


def _groups(graph: RiskGraph, connection: Literal["weak", "strong"], rows: Rows) -> Groups:
    arcs = arcs_of(graph, "guarantees")
    labels = component_labels(graph.size, arcs.source, arcs.target, connection)
    count = np.bincount(labels, minlength=graph.size)
    labels = np.where(count[labels] > 1, labels, -1)
    place = np.full(graph.size, -1, dtype=np.int64)  # from a row of this snapshot to the list of both
    at = np.flatnonzero(rows >= 0)
    place[rows[at]] = at
    label = np.full(len(rows), -1, dtype=np.int64)
    inside = labels >= 0
    label[place[np.flatnonzero(inside)]] = place[labels[inside]]
    one, other = label[place[arcs.source]], label[place[arcs.target]]
    same = (one >= 0) & (one == other)
    total: Floats = np.bincount(one[same], arcs.weight[same], minlength=len(rows)).astype(np.float64)
    return Groups(label=label, size=np.bincount(label[label >= 0], minlength=len(rows)), total=total)


def _matches(old: Rows, new: Rows) -> dict[int, tuple[int, int]]:
    """Return for each later group the earlier one with which it shares most members, and how many; each only once."""
    both = np.flatnonzero((old >= 0) & (new >= 0))
    pairs, count = np.unique(np.stack([new[both], old[both]], axis=1), axis=0, return_counts=True)
    found: dict[int, tuple[int, int]] = {}
    taken: set[int] = set()
    for k in np.lexsort((pairs[:, 1], pairs[:, 0], -count)).tolist() if len(pairs) else []:
        one, other = int(pairs[k, 0]), int(pairs[k, 1])
        if one not in found and other not in taken:
            found[one] = (other, int(count[k]))
            taken.add(other)
    return found


def _changed(old: Groups, new: Groups, link: dict[int, tuple[int, int]]) -> list[tuple[int, float, float, int, int]]:
    """Return (name, sum before, sum after, label before, label after) of groups that differ; a label is -1 without."""
    rows = []
    for group in np.flatnonzero(new.size > 1).tolist():
        source, shared = link.get(group, (-1, 0))
        was = float(old.total[source]) if source >= 0 else 0.0
        now = float(new.total[group])
        whole = source >= 0 and shared == new.size[group] == old.size[source]
        if not whole or abs(now - was) > _SAME * max(abs(now), abs(was)):
            rows.append((group, was, now, source, group))
    matched = {source for source, _ in link.values()}
    rows += [
        (group, float(old.total[group]), 0.0, group, -1)
        for group in np.flatnonzero(old.size > 1).tolist()
        if group not in matched
    ]
    return rows


def _members(groups: Groups, pair: Pair, wanted: set[int]) -> dict[int, frozenset[str]]:
    at = np.flatnonzero(np.isin(groups.label, np.array(sorted(wanted), dtype=np.int64)) & (groups.label >= 0))
    found: dict[int, set[str]] = {}
    for k, label in zip(at.tolist(), groups.label[at].tolist(), strict=True):
        found.setdefault(label, set()).add(str(pair.ids[k]))
    return {label: frozenset(names) for label, names in found.items()}


def _told(pair: Pair, labels: Sequence[Rows], contracts: pd.DataFrame) -> list[dict[int, list[Note]]]:
    """Return for the groups of each snapshot the guarantees inside that moved."""
    moved = contracts[contracts["table"] == "guarantees"]
    one, other = (pair.find(moved[name]) for name in ("party_id", "other_id"))
    out: list[dict[int, list[Note]]] = []
    for label in labels:
        inside: dict[int, list[Note]] = {}
        for a, b, contract, change in zip(
            one.tolist(), other.tolist(), moved["contract_id"], moved["change"], strict=True
        ):
            if a >= 0 and b >= 0 and label[a] >= 0 and label[a] == label[b]:
                inside.setdefault(int(label[a]), []).append(
                    both(f"{contract} {change}", f"{contract} {_CHANGE[change]}")
                )
        out.append(inside)
    return out


_CHANGE = {"new": "新增", "gone": "消失", "changed": "变动"}


def _reason(told: list[Note]) -> Note:
    parts = list(dict.fromkeys(told))
    if not parts:
        return both("a guarantee outside it, or a party, moved", "其外部的担保或主体有变动")
    left = len(parts) - _NAMED
    more = [both(f"{left} more", f"另有 {left} 份")] if left > 0 else []
    whole = joined([*parts[:_NAMED], *more])
    return both(f"guarantees {whole.text}", f"担保 {whole.chinese}")
