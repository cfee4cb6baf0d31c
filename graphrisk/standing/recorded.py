"""In which file and row each step of a way from an owner down to a firm is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from graphrisk.graph.places import BETWEEN, places_of
from graphrisk.graph.riskgraph import RiskGraph

UNKNOWN = "unknown"
"""Stands for a step whose file is not known, beside others whose is."""
_TABLES = ("ownership", "control", "ties")


def recorded_steps(graph: RiskGraph, ways: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return for each way (ids, owner first) where each of its steps was read; nothing where none is known.

    A step recorded in several rows names them all; a tie may run in either direction.
    """
    size = np.int64(max(graph.size, 1))
    ids = sorted({one for way in ways for one in way})
    place = dict(zip(ids, graph.locate("parties", ids).tolist(), strict=True))
    wanted = np.array(
        sorted({place[a] * int(size) + place[b] for way in ways for a, b in pairwise(way)}), dtype=np.int64
    )
    found: dict[int, list[str]] = {}
    for table in _TABLES:
        subject, object_ = graph.ends(table)
        for above, below in ((subject, object_), (object_, subject))[: 2 if table == "ties" else 1]:
            keys = above * size + below
            rows = np.flatnonzero(np.isin(keys, wanted) & (above >= 0) & (below >= 0))
            for key, said in zip(keys[rows].tolist(), places_of(graph, table, rows), strict=True):
                if said is not None:
                    found.setdefault(key, []).append(said)
    out = []
    for way in ways:
        steps = [found.get(place[a] * int(size) + place[b]) for a, b in pairwise(way)]
        told = [UNKNOWN if one is None else BETWEEN.join(sorted(set(one), key=_file_and_row)) for one in steps]
        out.append(told if any(one is not None for one in steps) else [])
    return out


def _file_and_row(place: str) -> tuple[str, int]:
    file, _, row = place.rpartition(":")
    return (file, int(row)) if row.isdecimal() else (place, 0)
