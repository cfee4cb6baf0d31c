"""A network too large for one picture as hexagons: packed circles of linked nodes, and sums of the lines between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Positions
from graphrisk.views.arrangement.layout import SPACING, Pairs, Points, hexagons, pack
from graphrisk.views.arrangement.places import place
from graphrisk.views.data.json_columns import numbers
from graphrisk.views.networks.looks import Classes

NODES = 20_000
"""Most nodes in one page."""


def gather_groups(
    nodes: Sequence[Mapping[str, Any]], pairs: Pairs, groups: Positions | None, places: Points
) -> tuple[dict[str, list[Any]], npt.NDArray[np.bool_]]:
    """Place the groups as packed circles and their nodes within; return the hexagons and which nodes the page holds."""
    if groups is None:
        return {"name": []}, np.ones(len(nodes), dtype=bool)
    many = int(groups.max()) + 1
    degree = np.bincount(pairs.ravel(), minlength=len(nodes))
    same = groups[pairs[:, 0]] == groups[pairs[:, 1]]
    within = pairs[same]
    within = within[np.argsort(groups[within[:, 0]], kind="stable")]
    cuts = np.searchsorted(groups[within[:, 0]], np.arange(many + 1))
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], np.arange(many + 1))
    members = [order[starts[k] : starts[k + 1]] for k in range(many)]
    room, inside, whole = NODES, np.zeros(len(nodes), dtype=bool), np.zeros(many, dtype=bool)
    for k in sorted(range(many), key=lambda k: (-float(degree[members[k]].mean()), k)):
        if len(members[k]) <= room:
            room -= len(members[k])
            inside[members[k]], whole[k] = True, True
    radii = np.zeros(many)
    for k, part in enumerate(members):
        if whole[k]:
            places[part] = place(len(part), np.searchsorted(part, within[cuts[k] : cuts[k + 1]]))
            radii[k] = float(np.sqrt((places[part] ** 2).sum(axis=1)).max()) + SPACING * 0.9
        else:
            radii[k] = SPACING * (0.75 * np.sqrt(len(part)) + 1.0)
    ends = np.unique(np.sort(groups[pairs[np.logical_not(same)]], axis=1), axis=0).astype(np.int64).reshape(-1, 2)
    radii, sizes = hexagons(radii, np.array([len(part) for part in members], dtype=np.float64))
    centres = pack(radii, ends)
    for k, part in enumerate(members):
        places[part] += centres[k]
    leads = [int(part[degree[part].argmax()]) for part in members]
    return {
        "name": [str(nodes[lead]["label"] or nodes[lead]["id"]) for lead in leads],
        "x": [round(float(x)) for x in centres[:, 0]],
        "y": [round(float(y)) for y in centres[:, 1]],
        "r": [round(float(r)) for r in radii],
        "size": [round(float(size)) for size in sizes],
        "members": [len(part) for part in members],
        "inside": [1 if each else 0 for each in whole],
        "opened": [0] * many,
        "fold": [0] * many,
        "note": [""] * many,
    }, inside


def amount_of(edge: Mapping[str, Any]) -> Any:
    """Return the amount or weight of a line; None where it has none."""
    given = (edge.get(name) for name in ("amount", "weight", "value"))
    return next((v for v in given if isinstance(v, int | float) and not isinstance(v, bool)), None)


def sum_lines_between(
    edges: Sequence[Mapping[str, Any]], pairs: Pairs, groups: Positions, relations: Classes
) -> dict[str, list[Any]]:
    """Return the lines between groups, summed: number and amount of each pair of groups, all relations as lines."""
    across = np.flatnonzero(groups[pairs[:, 0]] != groups[pairs[:, 1]])
    sums: dict[tuple[int, int, str], list[float]] = {}
    key_of = {name: key for key, name in relations.names.items()}
    for k in across.tolist():
        given = edges[k].get("relation")
        text = "line" if given in (None, "") else str(given)
        key = text if text in relations.looks else key_of.get(text, "others")
        found = sums.setdefault((int(groups[pairs[k, 0]]), int(groups[pairs[k, 1]]), key), [0.0, 0.0])
        found[0] += 1
        found[1] += float(amount_of(edges[k]) or 0.0)
    return {
        "from": [a for a, _, _ in sums],
        "to": [b for _, b, _ in sums],
        "relation": [key for _, _, key in sums],
        "count": [int(found[0]) for found in sums.values()],
        "amount": numbers([found[1] or np.nan for found in sums.values()]),
    }
