"""How a default spreads, round by round: who fails, by which contract, who pays, and what the bank loses.

Columns are rounds, counted from the shock; an arrow runs the way the loss runs, from the one who fails to the one who
loses. Drawn is what the shock adds to the book without it: the parties that it brings down and, in the last column,
those that lose most by it and stand. Who fails without it too is drawn where it is asked for. Two runs (other
parameters, the same shock) are drawn side by side.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from graphrisk.views.arrangement.round_columns import ANYWAY
from graphrisk.views.base import Options
from graphrisk.views.data.measures import Measure
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.shocks.differences import TOTALS, difference_panels, hit_label, run_labels
from graphrisk.views.shocks.replay import Replay, read_replay
from graphrisk.views.wording.words import say

TITLE = "How a default spreads, round by round, and who bears the loss"
ARG = "optional"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("contagion",)
COMPARES = True

HIT = 26
"""Most parties drawn that lose and stand."""
FAILED = 340
"""Most parties drawn that fail; the earliest and, among them, those that lose most come first."""


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:
    """Return the runs to be made: `run`, and `compare` where `options` name another shock, scenario or parameters.

    The shock is `options.shocks` or `options.scenario`, else party `arg`, else the party whose default costs most. A
    second run is hit by `compare_shocks` and `compare_scenario` alone where one of them is given, else as the first.
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
    if not options.compares:
        return (one,)
    two = dataclasses.replace(one, key="compare", params={**options.settings, **options.compare})
    if options.compare_shocks or options.compare_scenario is not None:
        two = dataclasses.replace(two, shocks=tuple(options.compare_shocks), scenario=options.compare_scenario)
    return one, two


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture. Without a run in `results` it shows the book as it stands, or says that nothing fails."""
    if arg:
        graph.position(arg)
    desk = open_desk(graph, {}, options)
    run = results.get("run") or results.get("contagion")
    other = results.get("compare")
    given = {name: result for name, result in (("run", run), ("compare", other)) if result is not None}
    desk = dataclasses.replace(desk, results=given, lenses=[])
    replays = [read_replay(desk, result, FAILED, HIT) for result in given.values()]
    if not any(len(replay.nodes) for replay in replays):
        return make_picture(desk, _nothing(desk))
    first = replays[0]
    desk = dataclasses.replace(desk, measures=[*_measures(replays), *desk.measures])
    nodes = np.unique(np.concatenate([replay.nodes for replay in replays]))
    place = dict(zip(first.nodes.tolist(), first.places.tolist(), strict=True))
    labels = run_labels(desk, [replay.result.params for replay in replays])
    runs = [_run(desk, replay, nodes, name) for replay, name in zip(replays, labels, strict=True)]
    drawing = Drawing(
        view="cascade",
        title=_title(desk, replays),
        nodes=nodes,
        places=np.array([place.get(node, (0.0, 0.0)) for node in nodes.tolist()]),
        links=first.flows,
        panels=[*first.panels, *difference_panels(replays)],
        figures=_figures(replays),
        amounts=True,
        left_out=first.left_out,
        banner=[
            *first.left_out[: 1 if first.hidden_failures else 0],
            *(
                say(desk.lang, "nobody_in", run=x)
                for x, each in zip(labels, replays, strict=True)
                if len(replays) > 1 and not (each.round >= 0).any()
            ),
            *([say(desk.lang, "nobody_added")] if len(replays) == 1 and not (first.round >= 0).any() else []),
        ],
        calm=not first.hidden_failures,
        extra={"cascade": {"runs": runs, "rounds": max(replay.rounds for replay in replays)}},
    )
    return make_picture(desk, drawing)


def _title(desk: Desk, replays: list[Replay]) -> str:
    params = [replay.result.params for replay in replays]
    hits = [hit_label(desk, given) for given in params]
    if len(hits) > 1 and hits[0] != hits[1]:
        return say(desk.lang, "title.cascade_two", one=hits[0], two=hits[1])
    if params[0].get("scenario") is not None and not desk.mask.on:
        return say(desk.lang, "title.cascade_scenario", name=hits[0])
    seeds = [desk.name(node) for node in replays[0].seeds[:3]]
    if not seeds or not replays[0].run.given:
        return say(desk.lang, "title.cascade_initial")
    return say(desk.lang, "title.cascade", seeds=", ".join(seeds) + (" …" if len(replays[0].seeds) > 3 else ""))


def _nothing(desk: Desk) -> Drawing:
    return Drawing(
        view="cascade",
        title=say(desk.lang, "title.cascade_initial"),
        nodes=np.zeros(0, dtype=np.int64),
        places=np.zeros((0, 2)),
        links=desk.page_graph.links.only(np.zeros(0, dtype=np.int64)),
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
    for key in ("loss_in_all", "equity_after", "guarantee_paid", "guarantee_unmet"):
        values = replays[0].outcome[key]
        out.append(Measure(key=key, kind="money", source="contagion_parties", values=values, ranked=False))
    return [measure for measure in out if measure.known]


def _run(desk: Desk, replay: Replay, nodes: Any, name: str) -> dict[str, Any]:
    """Return one run for the page: per node of the page its round, its sentence, its place."""
    at = {int(node): k for k, node in enumerate(replay.nodes.tolist())}
    keys = [str(desk.mask.identifier(str(desk.page_graph.keys[node]))) for node in nodes.tolist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    where = {int(nodes[k]): place for place, k in enumerate(order)}
    own = [at.get(int(nodes[k]), -1) for k in order]
    return {
        "name": name,
        "round": [None if k < 0 or replay.round[k] < 0 else int(replay.round[k]) for k in own],
        "anyway": [1 if k >= 0 and replay.round[k] == ANYWAY else 0 for k in own],
        "on_request": [1 if k >= 0 and replay.nodes_on_request[k] else 0 for k in own],
        "shocked": [1 if k >= 0 and replay.shocked[k] else 0 for k in own],
        "baseline_defaults": len(replay.run.base),
        "why": ["" if k < 0 else replay.why[k] for k in own],
        "x": [None if k < 0 else round(float(replay.places[k, 0])) for k in own],
        "y": [None if k < 0 else round(float(replay.places[k, 1])) for k in own],
        "columns": replay.columns,
        "from": [where[int(n)] for n in replay.flows.source],
        "to": [where[int(n)] for n in replay.flows.target],
        "relation": replay.relations,
        "amount": [None if np.isnan(a) else float(a) for a in replay.flows.amount],
        "cause": [int(c) for c in replay.is_stated_cause],
        "flow_on_request": [int(c) for c in replay.flows_on_request],
        "by_round": replay.by_round,
        "bearers": replay.bearers,
        "fractions": replay.fractions,
    }


def _figures(replays: list[Replay]) -> list[dict[str, Any]]:
    """Return what the shock adds for the whole book, beside the other run or what is lost in all."""
    out = []
    for word, kind in TOTALS:
        figure: dict[str, Any] = {
            "word": word,
            **({"said": f"added.{word}"} if replays[0].run.given and word != "rounds_word" else {}),
            "value": replays[0].totals[word],
            "kind": kind,
            "warn": word == "bank_loss_all",
        }
        if len(replays) > 1:
            figure["sub"] = {"word": "other_run", "value": replays[1].totals[word], "kind": kind}
        elif replays[0].in_all.get(word) is not None:
            figure["sub"] = {"word": "in_all", "value": replays[0].in_all[word], "kind": kind}
        out.append(figure)
    return out
