"""Where the parties of a replay stand: a column for each round, then those that fail anyway, assets, and survivors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.graph.riskgraph import Positions
from graphrisk.views.arrangement.layout import Points
from graphrisk.views.data.page_graph import Links
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk

STANDS, ANYWAY, ASSET = -1, -2, -3
"""In place of a round: a party that stands, one that fails without the shock too, an asset."""
_TALL = 13
"""Most parties of a round one above the other."""
_WIDEST = 8
"""Most columns of rounds."""
_WIDE, _HIGH, _SIDE = 280.0, 128.0, 175.0


def _spans(fell: Positions) -> list[tuple[int, int]]:
    """Return the rounds of each column: one a column, or runs of late rounds together where there are many."""
    numbers, counts = np.unique(fell[fell >= 0], return_counts=True)
    if len(numbers) <= _WIDEST:
        return [(int(n), int(n)) for n in numbers]
    enough = max(3, -(-int(counts[1:].sum()) // (_WIDEST - 1)))
    spans, begin, held = [(int(numbers[0]), int(numbers[0]))], 1, 0
    for k in range(1, len(numbers)):
        held += int(counts[k])
        if held >= enough or k == len(numbers) - 1:
            spans.append((int(numbers[begin]), int(numbers[k])))
            begin, held = k + 1, 0
    return spans


def round_columns(desk: Desk, nodes: Positions, fell: Positions, flows: Links) -> tuple[Points, list[dict[str, Any]]]:
    """Return the places and the column heads, a column for each round or run of rounds; a victim is near its cause."""
    places = np.zeros((len(nodes), 2))
    where = {int(node): k for k, node in enumerate(nodes.tolist())}
    before: dict[int, list[int]] = {}
    for a, b in zip(flows.source.tolist(), flows.target.tolist(), strict=True):
        before.setdefault(b, []).append(where[a])
    heads: list[dict[str, Any]] = []
    x = 0.0
    for first, last in [(ANYWAY, ANYWAY), (ASSET, ASSET), *_spans(fell), (STANDS, STANDS)]:
        mine = np.flatnonzero((fell >= first) & (fell <= last))
        if not len(mine):
            continue
        height = {
            k: float(np.mean([places[o, 1] for o in before.get(int(nodes[k]), []) if o != k] or [0.0]))
            for k in mine.tolist()
        }
        ordered = sorted(mine.tolist(), key=lambda k: (int(fell[k]), height[k], int(nodes[k])))
        across = -(-len(ordered) // _TALL)
        tall = -(-len(ordered) // across)
        for place, k in enumerate(ordered):
            column, row = divmod(place, tall)
            here = min(tall, len(ordered) - column * tall)
            shift = _HIGH / 2.0 if column % 2 else 0.0
            places[k] = (x + column * _SIDE, (row - (here - 1) / 2.0) * _HIGH + shift)
        heads.append(
            {
                "x": round(x + (across - 1) * _SIDE / 2.0),
                "y": round(float(places[mine, 1].min()) - 80.0),
                "text": _head(desk, first, last, "column"),
                "short": _head(desk, first, last, "column_short"),
                "from": first,
                "to": last,
            }
        )
        x += (across - 1) * _SIDE + _WIDE
    level = min((int(head["y"]) for head in heads), default=0)
    return places, [{**head, "y": level} for head in heads]


def _head(desk: Desk, first: int, last: int, family: str) -> str:
    special = {STANDS: "hit", ANYWAY: "anyway", ASSET: "assets"}
    if first in special:
        return say(desk.lang, f"{family}.{special[first]}")
    text = first if first == last else f"{first}–{last}"
    return say(desk.lang, "column.round", round=text) if family == "column" else str(text)
