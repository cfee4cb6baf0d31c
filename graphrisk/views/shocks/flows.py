"""The ways a loss takes: from who fails to who loses, along the contracts, and which of them is a stated cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.views.data.page_graph import CODES, Links
from graphrisk.views.shocks.causes import LossSource

if TYPE_CHECKING:
    from graphrisk.model.result import Result
    from graphrisk.views.desk import Desk
    from graphrisk.views.shocks.effect import ShockEffect

_LAYERS = {"exposures": "LENDS_TO", "ownership": "OWNS", "supplies": "SUPPLIES"}
_RELATION = {
    "exposure": "LENDS_TO",
    "guarantee": "GUARANTEES",
    "ownership": "OWNS",
    "supplies": "SUPPLIES",
    "collateral": "HAS_COLLATERAL",
}
"""Kind of a cause: the relation along which it came."""


def loss_flows(
    desk: Desk, result: Result, run: ShockEffect, failing: Positions, sources: Mapping[int, LossSource]
) -> Links:
    """Return the ways a loss takes from the `failing`, and those of the stated causes (`sources`, by victim).

    Claims and shares run against their contract, calls from debtor to guarantor with what is called beyond the
    unshocked run, deliveries as they run, or back to the supplier where that is its cause.
    """
    links = desk.page_graph.links
    layers = result.certificate.get("layers") or list(_LAYERS)
    kept = [name for layer, name in _LAYERS.items() if layer in layers or name == "LENDS_TO"]
    code = np.isin(links.code, [CODES[name] for name in kept])
    supply = links.code == CODES["SUPPLIES"]
    start = np.where(supply, links.source, links.target)
    goal = np.where(supply, links.target, links.source)
    chosen = np.isin(start, failing) | _caused(links.code, start, goal, sources)
    forward = np.flatnonzero(code & chosen & (start != goal))
    parts = [_turned(links.only(forward), start[forward], goal[forward])]
    back = np.flatnonzero(supply & _caused(links.code, links.target, links.source, sources))
    parts.append(_turned(links.only(back), links.target[back], links.source[back]))
    held = links.code == CODES["HAS_COLLATERAL"]
    assets = np.flatnonzero(held & _caused(links.code, links.target, links.source, sources))
    parts.append(_turned(links.only(assets), links.target[assets], links.source[assets]))
    parts.append(_calls(desk, run, sources))
    every = Links(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES})
    return every.only(np.lexsort((every.row, every.table.astype(str), every.code)))  # the order that the page keeps


_NAMES = ("source", "target", "code", "amount", "table", "row", "count")


def _calls(desk: Desk, run: ShockEffect, sources: Mapping[int, LossSource]) -> Links:
    """Return the calls, and the guarantees that are a cause and in the end are not called, without an amount."""
    links = desk.page_graph.links
    row_of = {str(name): k for k, name in enumerate(desk.page_graph.graph.texts("guarantees", "guarantee_id"))}
    rows = np.flatnonzero(links.table == "guarantees")
    by_row = dict(zip(links.row[rows].tolist(), rows.tolist(), strict=True))
    called = run.calls[run.calls["called"] > 0]
    known = [(by_row[row_of[str(g)]], m) for g, m in zip(called["guarantee_id"], called["more_called"], strict=True)]
    there = {row for row, _ in known}
    named = {by_row[source.row] for source in sources.values() if source.kind == "guarantee" and source.row >= 0}
    known += [(row, np.nan) for row in sorted(named - there)]
    at = np.array([row for row, _ in known], dtype=np.int64)
    chosen = links.only(at)
    return _turned(chosen, chosen.target, chosen.source, np.array([more for _, more in known], dtype=np.float64))


def _turned(links: Links, start: Positions, goal: Positions, amount: Floats | None = None) -> Links:
    return Links(
        source=start,
        target=goal,
        code=links.code,
        amount=links.amount if amount is None else amount,
        table=links.table,
        row=links.row,
        count=np.ones(len(links), dtype=np.int64),
    )


def _caused(
    code: Positions, start: Positions, goal: Positions, sources: Mapping[int, LossSource]
) -> npt.NDArray[np.bool_]:
    """Mark the ways from the source of a cause to its victim, by relation."""
    out = np.zeros(len(code), dtype=bool)
    for k in np.flatnonzero(np.isin(goal, list(sources))).tolist():
        source = sources[int(goal[k])]
        out[k] = source.node == start[k] and CODES.get(_RELATION.get(source.kind, "")) == code[k]
    return out


def is_stated_cause(flows: Links, sources: Mapping[int, LossSource]) -> npt.NDArray[np.bool_]:
    """Mark the flows that are the stated cause of their target's failure; of a guarantee that contract alone."""
    out = _caused(flows.code, flows.source, flows.target, sources)
    for k in np.flatnonzero(out & (flows.code == CODES["GUARANTEES"])).tolist():
        row = sources[int(flows.target[k])].row
        out[k] = row < 0 or row == flows.row[k]
    return out


def drawing_levels(
    flows: Links, number: Mapping[int, int], anyway: frozenset[int], cause: npt.NDArray[np.bool_]
) -> npt.NDArray[Any]:
    """Return for each flow 2 if it is drawn, 1 if it is drawn on request, with those that fail anyway, 0 if never.

    `number`: the round of each drawn node, -1 and below for those that the shock does not bring down.
    """
    out = np.zeros(len(flows), dtype=np.int64)
    for k, (a, b) in enumerate(zip(flows.source.tolist(), flows.target.tolist(), strict=True)):
        if a not in number or b not in number:
            continue
        call = flows.code[k] == CODES["GUARANTEES"]
        if cause[k] or (call and flows.amount[k] > 0):
            out[k] = 2
        elif a in anyway or b in anyway:
            out[k] = 1 if a in anyway or number[a] >= 0 or call else 0
        elif number[a] >= 0 and (number[b] < 0 or number[b] > number[a]):
            out[k] = 0 if call else 2
    return out


def parties_reached(flows: Links, failing: Sequence[int]) -> frozenset[int]:
    """Return whom a flow from the `failing` reaches, or a call that the shock makes."""
    hit = np.isin(flows.source, np.array(failing, dtype=np.int64)) & (flows.code != CODES["GUARANTEES"])
    hit |= (flows.code == CODES["GUARANTEES"]) & (flows.amount > 0)
    return frozenset(flows.target[hit].tolist())
