"""Contracts before they are signed: the neighbourhood of what a folder proposes, the proposed contracts dashed.

The book drawn is the one with the proposal; the lists set it beside the book as it is. Nothing is written to the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.catalog import CATALOG
from graphrisk.model.result import Result, plain
from graphrisk.views.arrangement.places import place
from graphrisk.views.base import Options
from graphrisk.views.data.page_graph import CODES, Links
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Desk, Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.coarse import coarse
from graphrisk.views.wording.words import say

TITLE = "Contracts before they are signed: what a folder proposes (dashed), and what it touches"
ARG = "optional"
NEEDS: tuple[str, ...] = ()

NODES = 150
ROWS = 60
_MONEY = ("chain_loans", "loss_added", "loss_debtor", "loss_guarantor", "expected_loss", "exposure", "guaranteed")


def asks(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Sequence[Ask]:  # noqa: ARG001
    """Return the check of the folder; `--set` sets its thresholds. Raises UsageError where a run was described."""
    if options.shocks or options.scenario or options.compares:
        raise UsageError("this view shows no run: it takes no shock and no scenario", hint="cascade and stress do")
    folder = {} if not arg else {"folder": arg}
    return [Ask(key="precheck", analyzer="precheck", params={**options.settings, **folder})]


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:  # noqa: ARG001
    """Return the picture of the book with the proposal."""
    checked = results["precheck"]
    after = graph if checked.reader is None or checked.summary.empty else checked.reader.graph
    if after is not graph and options.mask_level == "amounts":
        after, changed = coarse(after, results)
        results = changed
    desk = open_desk(after, results, options)
    dashed = _proposed(graph, after)
    roots = _roots(desk, dashed)
    nodes = _near(desk.page_graph.links, roots, options.depth, desk.page_graph.size)
    links = desk.page_graph.links
    inside = links.only(np.isin(links.source, nodes) & np.isin(links.target, nodes) & (links.code != CODES["PAID"]))
    said = [say(desk.lang, "proposed_dashed" if any(dashed.values()) else "nothing_proposed")]
    drawing = Drawing(
        view="precheck",
        title=say(desk.lang, "title.precheck"),
        nodes=nodes,
        places=_places(nodes, inside),
        links=inside,
        panels=[panel for panel in _panels(desk) if panel["rows"]],
        figures=_figures(desk),
        amounts=True,
        banner=said,
        calm=True,
        left_out=said,
        empty="" if len(nodes) else say(desk.lang, "no_party_at_all"),
        hidden=tuple(relation for relation, table in _ASIDE if not dashed.get(table)),
        dashed=dashed,
    )
    return make_picture(desk, drawing)


_ASIDE = (("SUPPLIES", "supplies"), ("DEPENDS_ON", "dependencies"), ("PAID", "fund_flows"))
"""Relations that are drawn where they are asked for, or proposed."""


def _proposed(before: RiskGraph, after: RiskGraph) -> dict[str, frozenset[int]]:
    """Return the rows of each table that the book before has not, or has with other values."""
    found: dict[str, frozenset[int]] = {}
    for name, declared in CATALOG.items():
        if declared.role == "fact" or before.tables.shares(after.tables, name):
            continue
        one, other = before.table(name), after.table(name)
        key = declared.key[0] if declared.key else "row_key"
        names = list(dict.fromkeys((key, *declared.names)))
        known = {row[key]: row for row in one.select(names).to_pylist()}
        rows = enumerate(other.select(names).to_pylist())
        found[name] = frozenset(at for at, row in rows if known.get(row[key]) != row)
    return found


def _roots(desk: Desk, dashed: Mapping[str, frozenset[int]]) -> Positions:
    """Return the parties and assets that a proposed row names, all of the book where none is proposed."""
    graph, parties = desk.page_graph.graph, desk.page_graph.parties
    found: list[int] = []
    for table, rows in dashed.items():
        at = np.array(sorted(rows), dtype=np.int64)
        if not len(at):
            continue
        if table in ("parties", "collateral"):
            found += (at + (0 if table == "parties" else parties)).tolist()
        for column in CATALOG[table].columns:
            if column.references == "parties":
                found += graph.positions(table, column.name)[at].tolist()
            elif column.references == "facilities":
                of = graph.positions(table, column.name)[at]
                found += graph.positions("facilities", "borrower_id")[of[of >= 0]].tolist()
            elif column.references == "collateral":
                of = graph.positions(table, column.name)[at]
                found += (of[of >= 0] + parties).tolist()
    chosen = np.unique(np.array([one for one in found if one >= 0], dtype=np.int64))
    return chosen if len(chosen) else np.arange(min(desk.page_graph.size, NODES), dtype=np.int64)


def _near(links: Links, roots: Positions, depth: int, size: int) -> Positions:
    """Return at most NODES nodes within `depth` steps of the roots: by guarantees first, then by other relations."""
    seen = np.zeros(size, dtype=bool)
    seen[roots] = True
    many = len(roots)
    guarantee = links.code == CODES["GUARANTEES"]
    for _ in range(depth):
        front = seen.copy()
        for which in (guarantee, ~guarantee & (links.code != CODES["PAID"]) & (links.code != CODES["SUPPLIES"])):
            out = np.concatenate([links.target[which & front[links.source]], links.source[which & front[links.target]]])
            fresh = np.unique(out[~seen[out]])[: max(NODES - many, 0)]
            seen[fresh] = True
            many += len(fresh)
    return np.flatnonzero(seen).astype(np.int64)


def _places(nodes: Positions, links: Links) -> Any:
    """Return where the nodes stand, far enough apart for amounts on the lines."""
    if not len(nodes):
        return np.zeros((0, 2))
    pairs = np.stack([np.searchsorted(nodes, links.source), np.searchsorted(nodes, links.target)], axis=1)
    return place(len(nodes), pairs.astype(np.int64)) * 2.4


def _panels(desk: Desk) -> list[dict[str, Any]]:
    result = desk.results["precheck"]
    if result.summary.empty:
        return []
    graph = desk.page_graph.graph

    def node(party: Any) -> Any:
        return None if party is None or party != party else {"node": graph.position(str(party))}

    rows = [
        [{"word": f"precheck.{row['measure']}"}, *(_figure(row, name) for name in ("before", "after", "threshold")),
         {"word": _verdict(row["broken"])} if row["broken"] is not None and row["broken"] == row["broken"] else None,
         node(row["party_id"])]
        for row in [{key: plain(value) for key, value in row.items()} for row in result.summary.to_dict("records")]
    ]  # fmt: skip
    columns = [("measure", "text"), ("before_signing", "text"), ("after_signing", "text"), ("threshold", "text")]
    found = [_panel("before_after", [*columns, ("verdict", "verdict"), ("party", "party")], rows)]
    rows = [
        [node(row["guarantor_id"]), node(row["debtor_id"]), plain(row["loans_before"]), plain(row["loans_sum"]),
         len(row["reach"]), {"word": "closes.yes" if row["closes_circle"] else "closes.no"}]
        for row in result.chain.to_dict("records")
    ]  # fmt: skip
    columns = [("guarantor", "party"), ("debtor", "party"), ("before_signing", "money"), ("loans_reached", "money")]
    found.append(_panel("reached_loans", [*columns, ("reached", "count"), ("closes", "text")], rows))
    rows = [
        [{"nodes": [graph.position(one) for one in row["circle"]]}, plain(row["length"]), plain(row["amount"])]
        for row in result.circles.to_dict("records")
    ]
    columns = [("members", "nodes"), ("length", "count"), ("total_amount", "money")]
    found.append(_panel("closing_circles", columns, rows))
    rows = [
        [node(row["party_id"]), plain(row["bank_loss_before"]), plain(row["bank_loss_after"])]
        for row in result.losses.to_dict("records")
    ]
    columns = [("party", "party"), ("before_signing", "money"), ("after_signing", "money")]
    return [*found, _panel("losses_before_after", columns, rows)]


def _verdict(broken: bool) -> str:
    return "verdict.breached" if broken else "verdict.within"


def _figure(row: Mapping[Any, Any], name: str) -> Any:
    if row[name] is None:
        return None
    kind = "money" if row["measure"] in _MONEY else "ratio" if row["measure"] == "over_guarantee" else "count"
    return {"kind": kind, "value": row[name]}


def _figures(desk: Desk) -> list[dict[str, Any]]:
    rows = {row["measure"]: row for row in desk.results["precheck"].summary.to_dict("records")}
    out = []
    for measure, kind in (("circles", "count"), ("chain_loans", "money"), ("loss_added", "money")):
        row = rows.get(measure)
        if row is not None and row["after"] == row["after"]:
            value = int(row["after"]) if kind == "count" else float(row["after"])
            broken = row["broken"] is not None and bool(row["broken"] == True)  # noqa: E712 - it may be NA
            out.append({"word": f"precheck.{measure}", "value": value, "kind": kind, "warn": broken})
    return out


def _panel(key: str, columns: list[tuple[str, str]], rows: list[Any]) -> dict[str, Any]:
    return panel(key, columns, rows[:ROWS], len(rows))
