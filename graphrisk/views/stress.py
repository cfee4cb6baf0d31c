"""A stress scenario for a risk committee: what it does, what it costs, which limits break, where it hits, who fails.

The page is a report to be read on the screen or printed on A4. Every number is of the tables that `graphrisk stress`
writes: the book under the scenario beside the book without it, or beside a second scenario.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from graphrisk.views.base import Options
from graphrisk.views.data.measures import Measure
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.shocks.causes import read_causes
from graphrisk.views.shocks.contract_lists import baseline_list
from graphrisk.views.shocks.differences import hit_label
from graphrisk.views.shocks.effect import read_effect
from graphrisk.views.shocks.storyline import sentences
from graphrisk.views.shocks.stress_lists import failed_panel, figures, group_panels, measures_panel, pd_panel, verdicts
from graphrisk.views.wording.words import say

TITLE = "A stress scenario for a risk committee: what it does, costs and breaks, where it hits, who fails"
ARG = "optional"
NEEDS: tuple[str, ...] = ("contagion",)
COMPARES = True

_FILE = "SCENARIO.toml"


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:  # noqa: ARG001
    """Return the run to be made: of the scenario file `arg` (or `options.scenario`), of `options.shocks`, or of both.

    Without either it is the default that costs most. `options.compare_scenario` is the scenario to compare with.
    Raises UsageError for two scenario files, and for a comparison that is not one of two scenarios.
    """
    scenario = arg or options.scenario
    if arg and options.scenario is not None and arg != options.scenario:
        raise UsageError("two scenario files are given", hint=f"graphrisk view stress {arg} --compare-scenario OTHER")
    if options.compare or options.compare_shocks:
        raise UsageError("stress compares two scenarios", hint="graphrisk view stress A.toml --compare-scenario B.toml")
    if options.compare_scenario is not None and scenario is None:
        raise UsageError("a scenario to compare with needs one to be compared", hint="graphrisk view stress A.toml")
    shocks = tuple(options.shocks)
    if not shocks and scenario is None:
        found = results["contagion"].tables.get("contagion_importance") if "contagion" in results else None
        if found is None or not len(found):
            return ()
        shocks = (f"{found['party_id'].iloc[0]}=1",)
    return (
        Ask(
            key="run",
            analyzer="contagion",
            shocks=shocks,
            scenario=scenario,
            against=options.compare_scenario,
            params=options.settings,
        ),
    )


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture; it says so where there is nothing to stress, or where the shock hits nobody."""
    run = results.get("run")
    desk = open_desk(graph, {}, options)
    desk = dataclasses.replace(desk, results={} if run is None else {"stress": run}, lenses=[])
    if run is None or not len(run.tables["contagion_comparison"]):
        return make_picture(desk, _nothing(desk, run))
    added = read_effect(run)
    causes = read_causes(desk, added.calls, given=added.given)
    failed = failed_panel(desk, added, causes)
    beside = baseline_list(desk, added, causes, tab="report")
    moved = pd_panel(desk, run)
    panels = [measures_panel(run), *group_panels(desk, run), failed, *([] if moved is None else [moved]), *beside]
    nodes = _nodes(failed, moved, *beside)
    desk = dataclasses.replace(desk, measures=[*_measures(desk, run), *desk.measures])
    inside = np.isin(desk.page_graph.links.source, nodes) & np.isin(desk.page_graph.links.target, nodes)
    against = _name(desk, run.params.get("against"))
    drawing = Drawing(
        view="stress",
        title=_title(desk, run),
        nodes=nodes,
        places=np.zeros((len(nodes), 2)),
        links=desk.page_graph.links.only(inside),
        panels=panels,
        figures=figures(run),
        extra={
            "chart": {"kind": "report", "nodes": [], "flows": []},
            "report": {
                "story": sentences(desk, run.params),
                "hit": _hit(desk, run),
                "verdicts": verdicts(desk, run),
                "against": against,
                "commands": _commands(desk, run, arg or options.scenario),
            },
        },
    )
    return make_picture(desk, drawing)


def _nothing(desk: Desk, run: Result | None) -> Drawing:
    return Drawing(
        view="stress",
        title=_title(desk, run) if run is not None else say(desk.lang, "title.stress", name="–"),
        nodes=np.zeros(0, dtype=np.int64),
        places=np.zeros((0, 2)),
        links=desk.page_graph.links.only(np.zeros(0, dtype=np.int64)),
        empty=say(desk.lang, "no_stress" if run is None else "nothing_compared"),
        extra={"chart": {"kind": "report", "nodes": [], "flows": []}},
    )


def _title(desk: Desk, run: Result) -> str:
    name, other = hit_label(desk, run.params), _name(desk, run.params.get("against"))
    return say(desk.lang, "title.stress_against" if other else "title.stress", name=name, other=other)


def _name(desk: Desk, scenario: Mapping[str, Any] | None) -> str:
    return "" if scenario is None else say(desk.lang, "scenario_word") if desk.mask.on else str(scenario["name"])


def _hit(desk: Desk, run: Result) -> str:
    groups = run.tables["contagion_groups"]
    first = groups[groups["dimension"] == groups["dimension"].iloc[0]] if len(groups) else groups
    return say(desk.lang, "hit_in_all", count=f"{int(first['shocked'].sum()):,}")


def _nodes(*panels: Mapping[str, Any] | None) -> Any:
    """Return the parties that the page holds: those of the lists."""
    found = {
        int(cell["node"])
        for panel in panels
        if panel is not None
        for row in panel["rows"]
        for cell in row
        if isinstance(cell, Mapping) and "node" in cell
    }
    return np.array(sorted(found), dtype=np.int64)


def _measures(desk: Desk, run: Result) -> list[Measure]:
    """Return what the run says of a party, for the panel of the one that was chosen."""
    parties = read_effect(run).parties
    parties = parties.assign(default_round=parties["fell"].where(parties["fell"] >= 0), loss=parties["lost"])
    at = desk.page_graph.graph.locate("parties", parties["party_id"].tolist())
    out = []
    for key, kind in (("default_round", "count"), ("loss", "money"), ("equity_after", "money")):
        values = np.full(desk.page_graph.size, np.nan)
        values[at] = parties[key].astype("float64").to_numpy(na_value=np.nan)
        out.append(Measure(key=key, kind=kind, source="contagion_parties", values=values, ranked=False))  # type: ignore[arg-type]
    return [measure for measure in out if measure.known]


def _commands(desk: Desk, run: Result, scenario: str | None) -> dict[str, str]:
    """Return the commands that show more of the run: the replay, and why one party loses."""
    shocks = [
        f"--shock {desk.mask.identifier(str(p))}={v:g}" for p, v in sorted((run.params.get("shocks") or {}).items())
    ]
    story = "" if scenario is None else f"--scenario {_FILE if desk.mask.on else PurePath(scenario).name}"
    hit = " ".join(part for part in (story, *shocks[:3]) if part)
    return {
        "cascade": f"graphrisk view cascade {hit} -o cascade.html",
        "explain": f"graphrisk view explain PARTY {hit} -o explain.html",
    }
