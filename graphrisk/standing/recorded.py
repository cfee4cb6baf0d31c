"""In which file and row each step of a way from an owner or a head down to a firm is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from graphrisk.graph.places import BETWEEN, places_of
from graphrisk.graph.riskgraph import RiskGraph

UNKNOWN = "unknown"
"""Stands for a step whose file is not known, beside others whose is."""
DOWN, UP = 1, 2
STANDING = {"ownership": DOWN, "control": DOWN, "ties": DOWN | UP}
"""Tables that record a step from an owner, and whether they run the way of the step, against it, or either way."""
CONNECTED = {**STANDING, "dependencies": UP, "guarantees": UP}
"""The same for groups: who depends on another, and who guarantees for another, stands below it."""


def recorded_steps(
    graph: RiskGraph, ways: Sequence[Sequence[str]], tables: dict[str, int] = STANDING
) -> list[list[str]]:
    """Return for each way (ids, owner first) where each of its steps was read; nothing where none is known.

    A step recorded in several rows names them all.
    """
    size = np.int64(max(graph.size, 1))
    ids = sorted({one for way in ways for one in way})
    place = dict(zip(ids, graph.locate("parties", ids).tolist(), strict=True))
    steps = {place[a] * int(size) + place[b] for way in ways for a, b in pairwise(way)}
    wanted = np.array(sorted(steps), dtype=np.int64)
    found: dict[int, set[str]] = {}
    for table, runs in tables.items():
        subject, object_ = graph.ends(table)
        for direction, above, below in ((DOWN, subject, object_), (UP, object_, subject)):
            if not runs & direction:
                continue
            keys = above * size + below
            rows = np.flatnonzero(np.isin(keys, wanted) & (above >= 0) & (below >= 0))
            for key, said in zip(keys[rows].tolist(), places_of(graph, table, rows), strict=True):
                if said is not None:
                    found.setdefault(key, set()).add(said)
    out = []
    for way in ways:
        known = [found.get(place[a] * int(size) + place[b]) for a, b in pairwise(way)]
        told = [BETWEEN.join(sorted(one, key=_file_and_row)) if one else UNKNOWN for one in known]
        out.append(told if any(known) else [])
    return out


def _file_and_row(place: str) -> tuple[str, int]:
    file, _, row = place.rpartition(":")
    return (file, int(row)) if row.isdecimal() else (place, 0)
