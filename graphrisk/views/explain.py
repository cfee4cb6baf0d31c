"""Why one party loses: its loss traced back, contract by contract, to the shocks from which it came.

A band is a part of the party's loss on its way from a shock (left) to the party (right); the bands into the party add
up to its loss, as do those out of the shocks.
"""

from __future__ import annotations

import dataclasses
import heapq
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, plain, records
from graphrisk.views.base import Options
from graphrisk.views.data.lists import ROWS
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.shocks.causes import baseline_sentence, read_causes, sentence
from graphrisk.views.shocks.effect import ShockEffect, read_effect
from graphrisk.views.shocks.reasons import reasons
from graphrisk.views.wording.words import say

TITLE = "Why one party loses: its loss traced back to the shocks, contract by contract"
ARG = "required"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("contagion",)

BANDS = 34
"""Places from which nothing further is traced back."""
DEEPEST = 5
"""Most steps traced back."""
SMALLEST = 0.02
"""Smallest part of the loss that is a place of its own."""
_OWN = ("party", "contracts")
"""Parameters that explain has and contagion has not."""
_ORIGINS = ("feedback", "prices", "shock", "initial", "scenario_price", "unexplained")
_RELATION = {
    "guarantee": "GUARANTEES",
    "exposure": "LENDS_TO",
    "facility": "LENDS_TO",
    "lending": "LENDS_TO",
    "ownership": "OWNS",
    "supply": "SUPPLIES",
    "supplies": "SUPPLIES",
    "collateral": "SECURED_BY",
    "pledge": "SECURED_BY",
}


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:
    """Return the runs to be made: the shock of `options`, else the default, other than its own, that costs most.

    The second, of contagion, states why the party fails in the words of the cascade page.
    """
    if not arg:
        raise UsageError("this view needs the id of a party", hint="graphrisk view explain PARTY --shock OTHER")
    graph.position(arg)
    shocks = tuple(options.shocks)
    if not shocks and options.scenario is None:
        found = results["contagion"].tables.get("contagion_importance") if "contagion" in results else None
        others = [] if found is None else [str(p) for p in found["party_id"].head(2) if str(p) != arg]
        shocks = (f"{others[0]}=1",) if others else (f"{arg}=1",)
    params = {**options.settings, "party": arg}
    told = {name: value for name, value in options.settings.items() if name not in _OWN}
    return (
        Ask(key="run", analyzer="explain", shocks=shocks, scenario=options.scenario, params=params),
        Ask(key="told", analyzer="contagion", shocks=shocks, scenario=options.scenario, params=told),
    )


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture of party `arg`; UsageError where it is unknown."""
    if not arg:
        raise UsageError("this view needs the id of a party", hint="graphrisk view explain PARTY --shock OTHER")
    root = graph.position(arg)
    run, told = results.get("run"), results.get("told")
    added = None if told is None else read_effect(told)
    given = {name: each for name, each in (("run", run), ("told", told)) if each is not None}
    desk = dataclasses.replace(open_desk(graph, {}, options), results=given, lenses=[])
    flows = None if run is None else run.tables["explain_flows"]
    name = desk.name(root)
    empty = flows is None or not len(flows)
    chart = {} if flows is None or empty else _chart(desk, flows, arg)
    ids = [] if empty else [arg, *_parties(flows)]
    nodes = np.unique(np.append(graph.locate("parties", ids)[graph.locate("parties", ids) >= 0], root))
    inside = np.isin(desk.page_graph.links.source, nodes) & np.isin(desk.page_graph.links.target, nodes)
    drawing = Drawing(
        view="explain",
        title=say(desk.lang, "title.explain", name=name),
        nodes=nodes,
        places=np.zeros((len(nodes), 2)),
        links=desk.page_graph.links.only(inside),
        focus=root,
        panels=[] if run is None else [*_why(desk, added, arg), *_panels(desk, run, arg)],
        figures=[] if run is None else _figures(run, added, arg),
        empty=say(desk.lang, "no_loss", name=name) if empty else "",
        extra={"chart": {"kind": "flow", "nodes": [], "flows": [], **chart}},
    )
    return make_picture(desk, drawing)


def _parties(flows: Any) -> list[str]:
    sources = flows["source_id"][flows["source_kind"] == "party"].tolist()
    return sorted({*map(str, sources), *map(str, flows["target_id"][flows["target_kind"] == "party"].tolist())})


class _Trace:
    """The flows of explain as ways back from the party: what reaches a node is shared among what flows into it.

    Ways are unrolled into a tree, so that a loss which comes round again is drawn again and every column keeps the sum.
    """

    def __init__(self, flows: Any) -> None:
        self.into: dict[str, dict[tuple[str, str], float]] = {}
        for row in flows.itertuples():
            relation = _RELATION.get(str(plain(row.layer)), "")
            held = self.into.setdefault(str(row.target_id), {})
            key = (str(row.source_id), relation)
            held[key] = held.get(key, 0.0) + float(row.amount)

    def tree(self, root: str) -> list[dict[str, Any]]:
        """Return the places of the tree, the party first: key, steps back, parent, relation to it, amount.

        The largest place is traced further first, up to BANDS places and DEEPEST steps; what is smaller than SMALLEST
        of the loss is one place beside its like.
        """
        whole = sum(self.into.get(root, {}).values())
        places: list[dict[str, Any]] = [{"key": root, "back": 0, "parent": -1, "relation": "", "amount": whole}]
        waiting = [(-whole, 0)]
        while waiting and len(places) < BANDS:
            at = heapq.heappop(waiting)[1]
            place = places[at]
            held = self.into.get(place["key"], {})
            total = sum(held.values())
            if total <= 0 or place["back"] >= DEEPEST:
                continue
            rest = 0.0
            for (source, relation), amount in sorted(held.items(), key=lambda item: (-item[1], item[0])):
                part = place["amount"] * amount / total
                if part < SMALLEST * whole:
                    rest += part
                    continue
                places.append(
                    {"key": source, "back": place["back"] + 1, "parent": at, "relation": relation, "amount": part}
                )
                heapq.heappush(waiting, (-part, len(places) - 1))
            if rest > 0:
                places.append({"key": "…", "back": place["back"] + 1, "parent": at, "relation": "", "amount": rest})
        return places


def _chart(desk: Desk, flows: Any, root: str) -> dict[str, Any]:
    places = _Trace(flows).tree(root)
    last = max(place["back"] for place in places)
    return {
        "nodes": [{**_place(desk, place["key"], last - place["back"]), "value": place["amount"]} for place in places],
        "flows": [
            {"from": at, "to": place["parent"], "relation": place["relation"], "amount": place["amount"]}
            for at, place in enumerate(places)
            if place["parent"] >= 0
        ],
    }


def _place(desk: Desk, key: str, depth: int) -> dict[str, Any]:
    """Return one place of the chart: a party, an origin ("shock:P1") or the small ones of a column."""
    if key.startswith("…"):
        return {"name": say(desk.lang, "bearer.others"), "depth": depth, "key": ""}
    graph = desk.page_graph.graph
    at = int(graph.locate("parties", [key])[0])
    if at >= 0:
        return {"name": desk.name(at), "depth": depth, "key": desk.mask.identifier(str(desk.page_graph.keys[at]))}
    kind, _, rest = key.partition(":")
    found = int(graph.locate("parties", [rest])[0])
    asset = int(graph.locate("collateral", [rest])[0]) if found < 0 else -1
    who = desk.name(found) if found >= 0 else desk.name(desk.page_graph.parties + asset) if asset >= 0 else ""
    word = f"origin.{kind}" if kind in _ORIGINS else "origin.other"
    return {"name": say(desk.lang, word, name=who), "depth": depth, "key": ""}


def _figures(run: Result, added: ShockEffect | None, party: str) -> list[dict[str, Any]]:
    """Return what the shock costs the party, and the book; what happens in all as a second number."""
    found = run.certificate
    shocked = added is not None and added.given and (_row(added, party) or {"lost": 0.0})["lost"] != 0.0
    out: list[dict[str, Any]] = [
        {"word": name, "value": float(found[key]), "kind": "money", "warn": name == "loss_of_party"}
        for name, key in (("loss_of_party", "loss"), ("sum_of_flows", "sum_of_flows"))
        if found.get(key) is not None
    ]
    if shocked and out:
        out[0]["said"] = "added.loss_of_party"
    if added is None:
        return out
    down, own = float((added.parties["fell"] >= 0).sum()), added.own
    totals = [("failed_parties", "count", down, down + len(added.base))]
    if added.knows_facilities:
        totals.append(("bank_loss_all", "money", float(own["lost"].sum()), float(own["bank_loss"].sum())))
    for name, kind, value, whole in totals:
        figure: dict[str, Any] = {"word": name, "value": value, "kind": kind, "warn": False}
        if added.given:
            figure["said"] = f"added.{name}"
            figure["sub"] = {"word": "in_all", "value": whole, "kind": kind}
        out.append(figure)
    return out


def _row(added: ShockEffect, party: str) -> dict[str, Any] | None:
    found = added.parties[added.parties["party_id"] == party]
    return records(found)[0] if len(found) else None


_SENTENCES = [("sentence", "text"), ("amount", "money")]


def _why(desk: Desk, added: ShockEffect | None, party: str) -> list[dict[str, Any]]:
    """Return the sentence of the cascade page on the party: why it fails, or what it loses."""
    if added is None:
        return []
    causes, row = read_causes(desk, added.calls, given=added.given), _row(added, party)
    beside = added.base[added.base["party_id"] == party]
    if row is None and not len(beside):
        return []
    said = sentence(desk, row, causes) if row is not None else baseline_sentence(desk, records(beside)[0], causes)
    rows = [[said, None if row is None else row["lost"]]]
    return [panel("explain_why", _SENTENCES, rows, 1, "explain_why_note")]


def _panels(desk: Desk, run: Result, party: str) -> list[dict[str, Any]]:
    """Return the sentences: the way from the shock, the lines of the loss, the contracts that matter for the book."""
    out = []
    for key, column in (
        ("explain_path", "amount"),
        ("explain_lines", "amount"),
        ("explain_contracts", "effect_on_party"),
    ):
        frame = run.tables.get(key)
        if frame is None or not len(frame):
            continue
        rows = [
            [sentence, plain(amount)]
            for sentence, amount in zip(
                reasons(desk, key, frame.head(ROWS), party), frame[column].head(ROWS), strict=True
            )
        ]
        out.append(panel(key, _SENTENCES, rows, len(frame), f"{key}_note"))
    return out
