"""A client on one page: who it is, what it owes, whom it stands with, how good it is and why, alone and in the network.

The radar shows the six dimensions of the profile, a dimension that is not scored as a gap; the lists beside it hold the
numbers that a credit officer asks for first, each with where it comes from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphrisk.answers.column_words import value_word
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, plain, records
from graphrisk.standing.group_id import named_after
from graphrisk.views.base import Options
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "A client on one page: exposures, group, limits, circles, ratios with peers, PD with the network, profile"
ARG = "required"
ARG_IS = "party"
NEEDS: tuple[str, ...] = ("ratios", "scores", "guarantee_value", "chains", "groups", "limits")
ROWS = 15
NEAR = 60
"""Neighbours on either side that a click in a list finds."""
WORK = 5_000_000
"""Parties times runs of the engine for the PD with the network, where the store keeps none of the whole book."""
RUNS = 200
"""Runs that it takes at least."""

Cells = list[Any]


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:  # noqa: ARG001
    """Return the profile of the party and its PD with the network. Raises UsageError where a run was described."""
    if options.shocks or options.scenario or options.settings or options.compares:
        raise UsageError("this view shows no run: it takes no shock, scenario or setting", hint="cascade and stress do")
    if not arg:
        raise UsageError("this view needs the id of a party", hint="graphrisk view card PARTY -o card.html")
    graph.position(arg)
    network = {"part_of": arg, "most_runs": max(WORK // graph.size, RUNS)}
    return [
        Ask(key="profile", analyzer="profile", params={"party": arg}),
        Ask(key="network_pd", analyzer="network_pd", params=network, or_defaults=True),
    ]


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:
    """Return the picture. Raises UsageError where the party is unknown."""
    desk = open_desk(graph, results, options)
    party = graph.position(str(arg))
    links = desk.page_graph.links
    beside = [links.target[links.source == party], links.source[links.target == party]]
    nodes = np.unique(np.concatenate([[party], *(side[:NEAR] for side in beside)])).astype(np.int64)
    return make_picture(
        desk,
        Drawing(
            view="card",
            title=say(desk.lang, "title.card", name=desk.name(party)),
            nodes=nodes,
            places=np.zeros((len(nodes), 2)),
            links=links.only(np.isin(links.source, nodes) & np.isin(links.target, nodes)),
            panels=[panel for panel in _panels(desk, str(arg)) if panel["rows"]],
            figures=_figures(desk, str(arg)),
            focus=party,
            amounts=True,
            extra={"chart": {"kind": "radar", "nodes": [], "flows": [], "axes": _axes(desk)}},
        ),
    )


def _axes(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "name": value_word(row["dimension"], desk.lang),
            "score": plain(row["score"]),
            "coverage": plain(row["coverage"]),
            "weight": plain(row["weight"]),
            "trend": plain(row["trend"]),
        }
        for row in records(desk.results["profile"].dimensions)
    ]


def _of(desk: Desk, analyzer: str, table: str, party: str, column: str = "party_id") -> list[dict[str, Any]]:
    """Return the rows of a score table that are of the party."""
    frame = desk.results[analyzer].tables[table]
    return records(frame[frame[column] == party])


def _figures(desk: Desk, party: str) -> list[dict[str, Any]]:
    found = []
    for row in _of(desk, "profile", "profile_parties", party):
        sub = {"word": "card_coverage", "value": row["coverage"], "kind": "percent"}
        found.append({"word": "card_score", "value": row["score"], "kind": "number", "sub": sub})
    for row in _of(desk, "network_pd", "network_pd_parties", party):
        own = {"word": "card_pd_own", "value": row["pd_own"], "kind": "percent"}
        warn = bool(row["add_on"] and row["add_on"] > 0.01)
        found.append({"word": "card_pd_net", "value": row["pd_net"], "kind": "percent", "warn": warn, "sub": own})
    found += [
        {"word": "card_distance", "value": row["distance_to_default"], "kind": "number"}
        for row in _of(desk, "scores", "scores_parties", party)
    ]
    owed = _exposures(desk, party)
    if owed:
        found.append({"word": "card_owed", "value": sum(row[2] or 0.0 for row in owed), "kind": "money"})
    return [figure for figure in found if figure["value"] is not None]


def _exposures(desk: Desk, party: str) -> list[Cells]:
    graph = desk.page_graph.graph
    borrower = graph.positions("facilities", "borrower_id")
    at = np.flatnonzero(borrower == graph.position(party))
    rows = graph.tables.taken("facilities", at).to_pylist()
    covers = desk.results["guarantee_value"].facilities
    mine = covers["facility_id"].isin([row["facility_id"] for row in rows])
    worth = {row["facility_id"]: row for row in records(covers[mine])}
    found = [
        [
            desk.mask.identifier(str(row["facility_id"])),
            _party(desk, row["lender_id"]) if row["lender_id"] else None,
            row["outstanding"],
            row["days_past_due"],
            desk.mask.text(row["classification"]),
            plain(worth.get(row["facility_id"], {}).get("effective_cover")),
        ]
        for row in rows
    ]
    return sorted(found, key=lambda cells: -(cells[2] or 0.0))


def _panels(desk: Desk, party: str) -> list[dict[str, Any]]:
    return [
        _identity(desk, party),
        _panel("card_exposures", [("card_loan", "text"), ("card_lender", "party"), ("amount", "money"),
               ("card_late", "count"), ("card_class", "text"), ("card_cover", "money")],
               _exposures(desk, party)),
        _pd(desk, party),
        _panel("card_dimensions", [("card_dimension", "text"), ("card_points", "number"), ("card_known", "percent"),
               ("card_trend", "number"), ("card_evidence", "text")], _dimensions(desk)),
        _panel("card_ratios", [("card_ratio", "text"), ("card_value", "number"), ("card_year", "number"),
               ("card_percentile", "number"), ("card_peers", "count"), ("card_peer_group", "text")],
               _ratios(desk, party), "card_ratios_note"),
        _panel("card_scores", [("card_model", "text"), ("card_value", "number"), ("card_zone", "text"),
               ("card_reason", "text")], _scores(desk, party), "card_scores_note"),
        _panel("card_groups", [("card_head", "party"), ("card_basis", "text"), ("exposure", "money")],
               _groups(desk, party)),
        _panel("card_limits", [("subject_of_limit", "party"), ("kind", "text"), ("measured", "text"),
               ("exposure", "money"), ("use_of_limit", "percent"), ("limit_line", "percent"), ("card_ladder", "text")],
               _limits(desk, party)),
        _panel("card_circles", [("card_circle", "nodes"), ("amount", "money")], _circles(desk, party)),
        _panel("card_guarantees", [("card_guarantor", "party"), ("card_debtor", "party"), ("amount", "money"),
               ("card_cover", "money"), ("card_works", "percent"), ("card_relation", "text")],
               _guarantees(desk, party)),
        _panel("card_indicators", [("card_dimension", "text"), ("card_indicator", "text"), ("card_value", "number"),
               ("card_points", "number"), ("card_source", "text")], _indicators(desk), "card_indicators_note"),
    ]  # fmt: skip


_WHERE_ANY = ("party", "card_lender")
"""Columns that stand in a table only where a row has something in them."""


def _panel(key: str, columns: Sequence[tuple[str, str]], rows: list[Cells], note: str = "") -> dict[str, Any]:
    shown = rows if key in ("card_ratios", "card_indicators") else rows[:ROWS]
    kept = [
        k for k, (word, _) in enumerate(columns) if word not in _WHERE_ANY or any(row[k] is not None for row in rows)
    ]
    return panel(key, [columns[k] for k in kept], [[row[k] for k in kept] for row in shown], len(rows), note, twin=True)


def _party(desk: Desk, party: Any) -> Any:
    at = int(desk.page_graph.graph.locate("parties", [str(party)])[0])
    return {"node": at} if at >= 0 else desk.mask.identifier(str(party))


def _word(desk: Desk, value: Any) -> str | None:
    return None if value is None else value_word(str(value), desk.lang)


def _identity(desk: Desk, party: str) -> dict[str, Any]:
    graph = desk.page_graph.graph
    row = graph.tables.taken("parties", [graph.position(party)]).to_pylist()[0]
    told = ("kind", "status", "industry", "region", "size", "incorporated_on", "client_since_on")
    rows: list[Cells] = [
        [
            {"word": f"card_of.{name}"},
            _word(desk, plain(row[name]))
            if name in ("kind", "status", "size")
            else desk.industry(row[name])
            if name == "industry"
            else plain(row[name]),
        ]
        for name in told
        if row[name] is not None
    ]
    return _panel("card_who", [("card_fact", "text"), ("card_what", "text")], rows)


def _pd(desk: Desk, party: str) -> dict[str, Any]:
    rows: list[Cells] = []
    for row in _of(desk, "network_pd", "network_pd_parties", party):
        rows.append([{"word": "card_pd_own"}, row["pd_own"], None, None])
        said = f"{row['pd_low']:.2%} – {row['pd_high']:.2%}" if row["pd_high"] is not None else None
        rows.append([{"word": "card_pd_net"}, row["pd_net"], None, said])
        if row["method"] == "simulated":
            rows.append([{"word": "card_draws"}, None, None, f"{desk.results['network_pd'].certificate['draws']:,}"])
        rows += [
            [{"word": "card_survival"}, -row[f"fall_{k}"], _party(desk, row[f"source_{k}"]), None]
            for k in (1, 2, 3)
            if row[f"source_{k}"] is not None
        ]
    columns = [("card_what", "text"), ("card_pd", "percent"), ("party", "party"), ("card_interval", "text")]
    return _panel("card_pd", columns, rows, "card_pd_note")


def _dimensions(desk: Desk) -> list[Cells]:
    return [
        [_word(desk, row["dimension"]), row["score"], row["coverage"], row["trend"], _evidence(desk, row["dimension"])]
        for row in records(desk.results["profile"].dimensions)
    ]


def _evidence(desk: Desk, dimension: str) -> str:
    rows = [row for row in records(desk.results["profile"].indicators) if row["dimension"] == dimension]
    stop = "、" if desk.lang == "zh" else ", "
    return stop.join(f"{value_word(row['indicator'], desk.lang)} {row['score']:.0f}" for row in rows[:4])


def _indicators(desk: Desk) -> list[Cells]:
    return [
        [_word(desk, row["dimension"]), _word(desk, row["indicator"]), row["value"], row["score"], row["source"]]
        for row in records(desk.results["profile"].indicators)
    ]


def _ratios(desk: Desk, party: str) -> list[Cells]:
    rows = _of(desk, "ratios", "ratios_values", party)
    latest = max((str(row["period_end_on"]) for row in rows), default="")
    return [
        [_word(desk, row["ratio"]), row["value"], row["trend"], row["peer_percentile"], row["peers"], row["peer_group"]]
        for row in rows
        if str(row["period_end_on"]) == latest and row["value"] is not None
    ]


def _scores(desk: Desk, party: str) -> list[Cells]:
    rows = _of(desk, "scores", "scores_values", party)
    latest = max((str(row["period_end_on"]) for row in rows), default="")
    return [
        [_word(desk, row["score"]), row["value"], _word(desk, row["zone"]), row["variant_reason"]]
        for row in rows
        if str(row["period_end_on"]) == latest and row["value"] is not None
    ]


def _groups(desk: Desk, party: str) -> list[Cells]:
    groups = desk.results["groups"].tables["groups_groups"]
    memberships = _of(desk, "groups", "groups_members", party)
    mine = groups["group_id"].isin([row["group_id"] for row in memberships])
    heads = {row["group_id"]: row for row in records(groups[mine])}
    return [
        [_party(desk, heads[row["group_id"]]["head_id"]), _word(desk, row["basis"]), heads[row["group_id"]]["exposure"]]
        for row in memberships
        if row["group_id"] in heads
    ]


def _limits(desk: Desk, party: str) -> list[Cells]:
    members = desk.results["groups"].tables["groups_members"]
    mine = {row["group_id"] for row in _of(desk, "groups", "groups_members", party)}
    clients = {name: set(members.loc[members["group_id"] == name, "party_id"]) for name in mine}
    use = desk.results["limits"].tables["limits_use"]
    of_group = (use["subject"] == "group") & use["subject_id"].isin(mine)
    return [
        [
            _party(
                desk,
                party if row["subject"] == "client" else named_after(row["subject_id"], clients[row["subject_id"]]),
            ),
            _word(desk, row["subject"]),
            {"word": f"measure.{row['measure']}_limit"},
            row["exposure"],
            row["use"],
            row["limit"],
            _word(desk, row["ladder"]),
        ]
        for row in records(use[of_group | ((use["subject"] == "client") & (use["subject_id"] == party))])
    ]


def _circles(desk: Desk, party: str) -> list[Cells]:
    graph = desk.page_graph.graph
    circles = desk.results["chains"].tables["chains_circles"]
    mine = [party in parties for parties in circles["parties"]]
    return [
        [{"nodes": [graph.position(one) for one in row["parties"]]}, row["total_amount"]]
        for row in records(circles[np.array(mine, dtype=bool)])
    ]


def _guarantees(desk: Desk, party: str) -> list[Cells]:
    contracts = desk.results["guarantee_value"].contracts
    return [
        [_party(desk, row["guarantor_id"]), _party(desk, row["debtor_id"]), row["amount"], row["effective_cover"],
         row["effectiveness"], _word(desk, row["relation"])]
        for row in records(contracts[(contracts["guarantor_id"] == party) | (contracts["debtor_id"] == party)])
    ]  # fmt: skip
