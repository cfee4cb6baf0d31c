"""How a default spreads, round by round: who fails, by which contract, who pays, and what the bank loses.

Columns are rounds; an arrow runs the way the loss runs, from the one who fails to the one who loses. Drawn are the
parties that fail and, in the last column, those that lose most and stand. Two runs (other parameters, the same shock)
are drawn side by side.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result
from graphrisk.views.base import Ask, Options
from graphrisk.views.picture import Desk, Picture, finish, open_desk
from graphrisk.views.replay import Replay, read_replay
from graphrisk.views.scores import Measure
from graphrisk.views.words import say

TITLE = "How a default spreads, round by round, and who bears the loss"
ARG = "optional"
NEEDS: tuple[str, ...] = ("contagion",)

HIT = 26
"""Most parties drawn that lose and stand."""
FAILED = 340
"""Most parties drawn that fail; the earliest and, among them, those that lose most come first."""


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:
    """Return the runs to be made: `run`, and `compare` where `options.compare` holds other parameters.

    The shock is `options.shocks` or `options.scenario`, else party `arg`, else the party whose default costs most.
    """
    shocks = list(options.shocks)
    if arg:
        graph.position(arg)
        shocks.append(f"{arg}=1")
    if not shocks and options.scenario is None:
        found = results["contagion"].tables.get("contagion_importance") if "contagion" in results else None
        if found is not None and len(found):
            shocks = [f"{found['party_id'].iloc[0]}=1"]
    if not shocks and options.scenario is None:
        return ()
    one = Ask(key="run", analyzer="contagion", shocks=tuple(shocks), scenario=options.scenario, params=options.settings)
    if not options.compare:
        return (one,)
    return one, dataclasses.replace(one, key="compare", params={**options.settings, **options.compare})


def build(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> str:
    """Return the page. Without a run in `results` it shows the book as it stands, or says that nothing fails."""
    if arg:
        graph.position(arg)
    desk = open_desk(graph, {}, options)
    run = results.get("run") or results.get("contagion")
    other = results.get("compare")
    given = {name: result for name, result in (("run", run), ("compare", other)) if result is not None}
    desk = dataclasses.replace(desk, results=given, lenses=[])
    replays = [read_replay(desk, result, FAILED, HIT) for result in given.values()]
    if not replays or not len(replays[0].nodes):
        return finish(desk, _nothing(desk))
    first = replays[0]
    desk = dataclasses.replace(desk, measures=[*_measures(replays), *desk.measures])
    nodes = np.unique(np.concatenate([replay.nodes for replay in replays]))
    place = dict(zip(first.nodes.tolist(), first.places.tolist(), strict=True))
    runs = [_run(desk, replay, nodes, name) for replay, name in zip(replays, _names(desk, replays), strict=True)]
    seeds = ", ".join(desk.name(node) for node in first.seeds[:3]) + (" …" if len(first.seeds) > 3 else "")
    picture = Picture(
        view="cascade",
        title=say(desk.lang, "title.cascade", seeds=seeds) if first.seeds else say(desk.lang, "title.cascade_initial"),
        nodes=nodes,
        places=np.array([place.get(node, (0.0, 0.0)) for node in nodes.tolist()]),
        links=first.flows,
        panels=[panel for replay in replays[:1] for panel in replay.panels],
        figures=_figures(replays),
        amounts=True,
        left_out=first.left_out,
        banner=first.left_out[: 1 if first.hidden_failures else 0],
        extra={"cascade": {"runs": runs, "rounds": max(replay.rounds for replay in replays)}},
    )
    return finish(desk, picture)


def _nothing(desk: Desk) -> Picture:
    return Picture(
        view="cascade",
        title=say(desk.lang, "title.cascade_initial"),
        nodes=np.zeros(0, dtype=np.int64),
        places=np.zeros((0, 2)),
        links=desk.book.links.only(np.zeros(0, dtype=np.int64)),
        empty=say(desk.lang, "nothing_fails"),
    )


def _measures(replays: list[Replay]) -> list[Measure]:
    """Return the outcome of each run as measures, so that panel, table and CSV hold them."""
    out = []
    for number, replay in enumerate(replays):
        for key, kind in (("default_round", "count"), ("loss", "money"), ("loss_fraction", "percent")):
            values = replay.outcome[key]
            name = key if number == 0 else f"{key}_b"
            out.append(Measure(key=name, kind=kind, source="contagion_parties", values=values, ranked=False))  # type: ignore[arg-type]
    for key in ("equity_after", "guarantee_paid", "guarantee_unmet"):
        values = replays[0].outcome[key]
        out.append(Measure(key=key, kind="money", source="contagion_parties", values=values, ranked=False))
    return [measure for measure in out if measure.known]


def _names(desk: Desk, replays: list[Replay]) -> list[str]:
    """Return what tells the runs apart: the parameters in which they differ."""
    if len(replays) == 1:
        return [say(desk.lang, "run")]
    one, other = replays[0].result.params, replays[1].result.params
    differing = [key for key in sorted(one) if one.get(key) != other.get(key)]
    return [
        ", ".join(f"{key}={_setting(desk, replay.result.params.get(key))}" for key in differing) for replay in replays
    ]


def _setting(desk: Desk, value: Any) -> str:
    if value is None:
        return say(desk.lang, "default_setting")
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _run(desk: Desk, replay: Replay, nodes: Any, name: str) -> dict[str, Any]:
    """Return one run for the page: per node of the page its round, its sentence, its place."""
    at = {int(node): k for k, node in enumerate(replay.nodes.tolist())}
    keys = [str(desk.mask.identifier(str(desk.book.keys[node]))) for node in nodes.tolist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    where = {int(nodes[k]): place for place, k in enumerate(order)}
    own = [at.get(int(nodes[k]), -1) for k in order]
    return {
        "name": name,
        "round": [None if k < 0 or replay.round[k] < 0 else int(replay.round[k]) for k in own],
        "why": ["" if k < 0 else replay.why[k] for k in own],
        "x": [None if k < 0 else round(float(replay.places[k, 0])) for k in own],
        "y": [None if k < 0 else round(float(replay.places[k, 1])) for k in own],
        "columns": replay.columns,
        "from": [where[int(n)] for n in replay.flows.source],
        "to": [where[int(n)] for n in replay.flows.target],
        "relation": replay.relations,
        "amount": [None if np.isnan(a) else float(a) for a in replay.flows.amount],
        "cause": [int(c) for c in replay.causing],
        "by_round": replay.by_round,
        "bearers": replay.bearers,
        "fractions": replay.fractions,
    }


def _figures(replays: list[Replay]) -> list[dict[str, Any]]:
    """Return what the run says of the whole book, beside the other run where there is one."""
    out = []
    for word, kind in (
        ("failed_parties", "count"),
        ("rounds_word", "count"),
        ("shortfall", "money"),
        ("guarantors_paid", "money"),
        ("bank_loss_all", "money"),
        ("equity_lost", "money"),
    ):
        figure: dict[str, Any] = {
            "word": word,
            "value": replays[0].totals[word],
            "kind": kind,
            "warn": word == "bank_loss_all",
        }
        if len(replays) > 1:
            figure["sub"] = {"word": "other_run", "value": replays[1].totals[word], "kind": kind}
        elif word in replays[0].before:
            figure["sub"] = {"word": "before_contagion", "value": replays[0].before[word], "kind": kind}
        out.append(figure)
    return out
