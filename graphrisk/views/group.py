"""The card of a group of connected clients: who hangs on whom by which legal reason, its limits, the evidence.

The head stands left, what falls with it to the right; a line is drawn where it joins somebody: control, close family,
economic dependency, and the guarantees, deliveries and payments from which one is derived. Without a group or a party
the group with the largest exposure is drawn. `--set regime=cn --set tier1=AMOUNT` takes another rule and our capital.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, plain
from graphrisk.standing.group_id import named_after
from graphrisk.views.arrangement.rings import place_layers
from graphrisk.views.base import Options
from graphrisk.views.data.page_graph import Links
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    import pandas as pd

TITLE = "A group of connected clients: legal reasons, limits, evidence"
ARG = "optional"
NEEDS: tuple[str, ...] = ("quality",)

NODES = 200
ROWS = 60
_JOINS = ("CONTROLS", "OWNS", "DEPENDS_ON", "GUARANTEES", "SUPPLIES", "PAID", "TIED_TO")
"""Relations that a reason can rest on."""
_OF_GROUPS = frozenset(
    {"regime", "state", "dependency_threshold", "guarantee_threshold", "proportionate", "tier1", "regimes_in"}
)


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:  # noqa: ARG001
    """Return the groups and the limits under the rule asked for. Raises UsageError where a run was described."""
    if options.shocks or options.scenario or options.compares:
        raise UsageError("this view shows no run: it takes no shock and no scenario", hint="cascade and stress do")
    own = {name: value for name, value in options.settings.items() if name in _OF_GROUPS}
    limits = {name: value for name, value in options.settings.items() if not name.endswith("_threshold")}
    return [Ask(key="groups", analyzer="groups", params=own), Ask(key="limits", analyzer="limits", params=limits)]


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture. Raises UsageError where neither a group nor a party is called so."""
    desk = open_desk(graph, results, options)
    chosen = _chosen(graph, results["groups"], arg)
    if chosen is None:
        return make_picture(desk, _nothing(desk, arg))
    return make_picture(desk, _drawing(desk, chosen))


def _chosen(graph: RiskGraph, result: Result, arg: str | None) -> str | None:
    """Return the group asked for: by its own name, else the largest that holds the party."""
    groups, members = result.groups, result.members
    if not arg:
        return None if groups.empty else str(groups.iloc[0]["group_id"])
    if "#" in arg and arg in set(groups["group_id"]):
        return arg
    party = str(graph.party_ids[graph.position(arg)])
    mine = members.loc[members["party_id"] == party, "group_id"]
    return None if mine.empty else str(mine.iloc[0])


def _nothing(desk: Desk, arg: str | None) -> Drawing:
    none = np.zeros(0, dtype=np.int64)
    name = "–" if arg is None else desk.name(desk.page_graph.graph.position(arg))
    empty = say(desk.lang, "no_groups") if arg is None else say(desk.lang, "no_group_of", name=name)
    return Drawing(
        view="group", title=say(desk.lang, "title.group", name=name), nodes=none, places=np.zeros((0, 2)),
        links=desk.page_graph.links.only(none), empty=empty,
    )  # fmt: skip


def _drawing(desk: Desk, group_id: str) -> Drawing:
    graph, result = desk.page_graph.graph, desk.results["groups"]
    group = result.groups[result.groups["group_id"] == group_id].iloc[0]
    members = result.members[result.members["group_id"] == group_id]
    ways = [_way(graph, way) for way in members["path"]]
    head = graph.position(str(group["head_id"]))
    steps = sorted({pair for way in ways for pair in pairwise(way)})
    depth: dict[int, int] = {head: 0}
    for way in sorted(ways, key=len):
        for number, one in enumerate(way):
            depth[one] = min(depth.get(one, number), number)
    shown = sorted(depth, key=lambda one: (depth[one], one))[:NODES]
    places: dict[int, tuple[float, float]] = {head: (0.0, 0.0)}
    near: dict[int, list[int]] = {}
    for above, below in steps:
        near.setdefault(below, []).append(above)
    place_layers(_layers(shown, depth, head), places, near, 1.0)
    nodes = np.array(sorted(places), dtype=np.int64)
    links = _joining(desk.page_graph.links, steps, nodes)
    hidden = len(depth) - len(shown)
    more = [say(desk.lang, "shares_hidden", nodes=f"{hidden:,}")] if hidden else []
    return Drawing(
        view="group",
        title=say(desk.lang, "title.group", name=desk.name(head)),
        nodes=nodes,
        places=np.array([places[one] for one in nodes.tolist()]),
        links=links,
        panels=[panel for panel in _panels(desk, group_id, members) if panel["rows"]],
        figures=_figures(desk, group_id, group),
        focus=head,
        amounts=True,
        banner=more,
        left_out=more,
    )


def _way(graph: RiskGraph, way: Sequence[str]) -> list[int]:
    """Return the parties of a way; a long one leaves some out, marked by a text that is no id."""
    return [int(one) for one in graph.locate("parties", list(way)) if one >= 0]


def _layers(shown: Sequence[int], depth: Mapping[int, int], head: int) -> list[list[int]]:
    deepest = max(depth.values())
    found = [[one for one in shown if depth[one] == number and one != head] for number in range(1, deepest + 1)]
    return [layer for layer in found if layer]


def _joining(links: Links, steps: Sequence[tuple[int, int]], nodes: np.ndarray) -> Links:
    """Return the links that stand behind the steps, in either direction."""
    mine = links.of(*_JOINS)
    size = np.int64(max(int(links.source.max(initial=0)), int(links.target.max(initial=0))) + 1)
    pairs = np.array([low * size + high for low, high in (sorted(pair) for pair in steps)], dtype=np.int64)
    key = np.minimum(mine.source, mine.target) * size + np.maximum(mine.source, mine.target)
    return mine.only(np.isin(key, pairs) & np.isin(mine.source, nodes) & np.isin(mine.target, nodes))


def _panels(desk: Desk, group_id: str, members: pd.DataFrame) -> list[dict[str, Any]]:
    result = desk.results["groups"]
    evidence = "evidence_zh" if desk.lang == "zh" else "evidence"
    ids = set(members["party_id"])
    depends, rebuttals, everybody = result.dependencies, result.rebuttals, result.members
    mine = depends[depends["dependent_id"].isin(ids) & (depends["counts"].astype(bool) | depends["on_id"].isin(ids))]
    disputed = rebuttals[rebuttals["a_id"].isin(ids) | rebuttals["b_id"].isin(ids)]
    others = everybody[everybody["party_id"].isin(ids) & (everybody["group_id"] != group_id)]
    return [
        panel(
            "group_members",
            [("member", "party"), ("legal_reason", "text"), ("what_joins", "text"), ("way", "nodes")],
            [
                [_node(desk, r["party_id"]), {"word": f"reason.{r['basis']}"}, _words(desk, r[evidence]),
                 {"nodes": _way(desk.page_graph.graph, r["path"])}]
                for r in members.head(ROWS).to_dict("records")
            ],
            len(members),
            "group_members_note",
        ),
        _limits(desk, group_id, ids),
        panel(
            "group_dependencies",
            [("dependent", "party"), ("depends_on", "party"), ("criterion", "text"), ("measured_share", "percent"),
             ("counted", "text")],
            [
                [_node(desk, r["dependent_id"]), _node(desk, r["on_id"]), str(r["criterion"]).replace("_", " "),
                 plain(r["ratio"]), {"word": "yes_no.yes" if r["counts"] else "yes_no.no"}]
                for r in mine.head(ROWS).to_dict("records")
            ],
            len(mine),
        ),
        panel(
            "group_rebuttals",
            [("rebutted_one", "party"), ("rebutted_other", "party"), ("rebuttal_status", "text"),
             ("rebuttal_reason", "text")],
            [
                [_node(desk, r["a_id"]), _node(desk, r["b_id"]), {"word": f"status_of.{r['status']}"},
                 desk.mask.text(r["reason"])]
                for r in disputed.head(ROWS).to_dict("records")
            ],
            len(disputed),
        ),
        panel(
            "group_others",
            [("member", "party"), ("other_group", "party"), ("legal_reason", "text")],
            [
                [_node(desk, r["party_id"]), _node(desk, str(r["path"][0])), {"word": f"reason.{r['basis']}"}]
                for r in others.head(ROWS).to_dict("records")
            ],
            len(others),
        ),
    ]  # fmt: skip


def _limits(desk: Desk, group_id: str, ids: set[str]) -> dict[str, Any]:
    use = desk.results["limits"].use
    group = use[(use["subject"] == "group") & (use["subject_id"] == group_id)]
    single = use[(use["subject"] == "client") & use["subject_id"].isin(ids)]
    rows = []
    for part in (group, single):
        for r in part.head(ROWS).to_dict("records"):
            subject = str(r["subject_id"]) if r["subject"] == "client" else named_after(group_id, ids)
            said = {"word": f"step.{r['ladder']}"} if plain(r["ladder"]) else None
            whose = _node(desk, subject) if r["subject"] == "client" else say(desk.lang, "group")
            rows.append(
                [whose, {"word": f"measure.{r['measure']}_limit"}, plain(r["exposure_after"]), plain(r["use"]),
                 plain(r["limit"]), said]
            )  # fmt: skip
    columns = [("subject_of_limit", "party"), ("measured", "text"), ("exposure", "money"), ("use_of_limit", "percent"),
               ("limit_line", "percent"), ("ladder_step", "text")]  # fmt: skip
    return panel("group_limits", columns, rows, len(group) + len(single), "group_limits_note")


def _figures(desk: Desk, group_id: str, group: pd.Series[Any]) -> list[dict[str, Any]]:
    use = desk.results["limits"].use
    mine = use[(use["subject"] == "group") & (use["subject_id"] == group_id)]
    out: list[dict[str, Any]] = [
        {"word": "group_clients", "value": int(group["clients"]), "kind": "count"},
        {"word": "group_exposure", "value": float(group["exposure"]), "kind": "money"},
    ]
    if mine.empty:
        return out
    row = mine.iloc[0]
    if row["indirect"] > 0:
        out[1]["sub"] = {"word": "group_indirect", "value": float(row["indirect"]), "kind": "money"}
    known = plain(row["use"]) is not None
    sub = {"word": "of_limit", "value": float(row["limit"]), "kind": "percent"}
    figure: dict[str, Any] = {"word": "group_use", "value": plain(row["use"]), "kind": "percent",
                              "sub": sub if known else {"word": "group_capital_unknown"}}  # fmt: skip
    if known:
        figure["warn"] = bool(row["use"] > row["limit"])
        figure["bar"] = {"value": float(row["use"]), "limit": float(row["limit"]), "own": float(row["internal_limit"])}
        out += [figure, {"word": "group_headroom", "value": float(row["headroom"]), "kind": "money",
                         "warn": bool(row["headroom"] < 0)}]  # fmt: skip
    else:
        out.append(figure)
    return out


def _words(desk: Desk, text: str) -> str:
    """Return a sentence with the ids in it as the page writes them."""
    known = desk.page_graph.names()
    return str(desk.mask.notes([text], known)[0])


def _node(desk: Desk, party: Any) -> dict[str, int]:
    return {"node": desk.page_graph.graph.position(str(party))}
