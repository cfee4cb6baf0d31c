"""The tables of a stressed book as the lists of its page: measures and limits, groups, who fails, PDs that move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphrisk.model.result import Result, plain, records
from graphrisk.views.data.panels import panel
from graphrisk.views.shocks.causes import Causes, sentence
from graphrisk.views.wording.figures import money, percent
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk
    from graphrisk.views.shocks.effect import ShockEffect

FAILED, MOVED = 1000, 1000
"""Most parties that fail, and whose PD moves, in the page; what is left out is counted beside the list."""
STRIP = 6
_USUAL = ("defaults", "bank_loss", "own_loss_rate", "equity_lost", "ead_in_default", "expected_loss")
"""Measures at the top of the page; one whose limit is breached comes before them."""
_KINDS = {"parties": "count", "fraction": "percent", "base currency": "money"}
_MONEY = ("money", "money")

Panel = dict[str, Any]


def verdict(row: dict[str, Any]) -> str:
    """Return what is to be said of a measure's limit: breached, within, unknown; empty where none is set."""
    if row["limit"] is None:
        return ""
    return "unknown" if row["breached"] is None else "breached" if row["breached"] else "within"


def measures_panel(run: Result) -> Panel:
    """Return every measure of the comparison: what the scenario adds, with it, without it, limit, whether breached."""
    rows = []
    for row in _once(records(run.tables["contagion_comparison"])):
        kind, said = _KINDS[row["unit"]], verdict(row)
        cells: list[Any] = [{"word": f"stress.{row['measure']}"}, _cell(_of_change(kind), row["change"], sign=True)]
        cells += [_cell(kind, row[name]) for name in ("stressed", "baseline")]
        cells += [_cell(kind, row["limit"]) if said else ""]
        rows.append([*cells, {"word": f"verdict.{said}"} if said else ""])
    against = run.params.get("against")
    heads = [("measure", "text"), ("change" if against else "added_by_it", "number"), ("under_it", "number")]
    heads += [
        ("compared_with" if against else "without_it", "number"),
        ("limit_word", "number"),
        ("verdict", "verdict"),
    ]
    return _panel("measures", heads, rows, note="measures_against_note" if against else "measures_note")


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the measures without one of the two names of our bank's loss: that with a limit stays."""
    limited = {row["measure"] for row in rows if row["limit"] is not None}
    if {"bank_loss", "own_bank_loss"} <= limited:
        return rows
    twice = "bank_loss" if "own_bank_loss" in limited else "own_bank_loss"
    return [row for row in rows if row["measure"] != twice]


def _of_change(kind: str) -> str:
    """A difference of two rates is in percentage points, never in percent."""
    return "points" if kind == "percent" else kind


def _cell(kind: str, value: float | None, *, sign: bool = False) -> dict[str, Any] | None:
    return None if value is None else {"kind": kind, "value": value, **({"sign": 1} if sign else {})}


def figures(run: Result) -> list[dict[str, Any]]:
    """Return the figures at the top, what is added and in all: whose limit is breached first, then the usual ones."""
    rows = {row["measure"]: row for row in records(run.tables["contagion_comparison"])}
    breached = [name for name, row in rows.items() if row["breached"]]
    chosen = [*breached, *(name for name in _USUAL if name not in breached and rows[name]["stressed"] is not None)]
    beside = "in_all_against" if run.params.get("against") else "in_all"
    out = []
    for name in chosen[:STRIP]:
        row = rows[name]
        kind = _KINDS[row["unit"]]
        figure = {"word": f"stress.{name}", "value": row["stressed"], "kind": kind, "warn": bool(row["breached"])}
        if row["change"] is not None:
            figure |= {
                "value": row["change"],
                "kind": _of_change(kind),
                "sign": 1,
                "sub": {"word": beside, "value": row["stressed"], "kind": kind},
            }
        if row["breached"]:
            figure["mark"] = {"word": "above_limit", "value": row["limit"], "kind": kind}
        out.append(figure)
    return out


def verdicts(desk: Desk, run: Result) -> list[str]:
    """Return what is to be said of the limits, the worst first."""
    lang = desk.lang
    rows = [row for row in records(run.tables["contagion_comparison"]) if verdict(row)]
    if not rows:
        return [say(lang, "limits_none")]
    out = []
    for said, key in (("breached", "limits_breached"), ("unknown", "limits_unknown")):
        found = [row for row in rows if verdict(row) == said]
        if found:
            names = "; ".join(_stated(lang, row) for row in found)
            out.append(say(lang, key, names=names, count=len(rows), **{said: len(found)}))
    return out or [say(lang, "limits_hold", count=len(rows))]


def _stated(lang: str, row: dict[str, Any]) -> str:
    kind = _KINDS[row["unit"]]
    limit = _written(kind, row["limit"], lang)
    name = say(lang, f"stress.{row['measure']}")
    if row["stressed"] is None:
        return say(lang, "limit_of", name=name, limit=limit)
    return f"{name} {_written(kind, row['stressed'], lang)} > {limit}"


def _written(kind: str, value: float, lang: str) -> str:
    return percent(value) if kind == "percent" else f"{value:,.0f}" if kind == "count" else money(value, lang)


def group_panels(desk: Desk, run: Result) -> list[Panel]:
    """Return the groups of each dimension: how many, hit, in default, and what they cost, before and after."""
    rows = records(run.tables["contagion_groups"])
    counts = ("parties", "shocked", "defaults_baseline", "defaults")
    amounts = ("ead", "bank_loss_baseline", "bank_loss", "expected_loss_baseline", "expected_loss")
    heads = [
        ("group", "text"),
        *((name, "count") for name in ("parties", "shocked", "defaults_before", "defaults_after")),
    ]
    heads += [(name, "money") for name in ("exposure", "loss_before", "loss_after", "el_before", "el_after")]
    out = []
    for dimension in dict.fromkeys(row["dimension"] for row in rows):
        mine = [row for row in rows if row["dimension"] == dimension]
        cells = [[_group(desk, dimension, row["group"]), *(row[name] for name in (*counts, *amounts))] for row in mine]
        note = "groups_against_note" if run.params.get("against") else "groups_note"
        out.append(_panel(f"groups_{dimension}", heads, cells, note=note))
    return out


def _group(desk: Desk, dimension: str, value: str | None) -> str:
    if value is None:
        return say(desk.lang, "not_grouped")
    if dimension == "size":
        return say(desk.lang, f"size.{value}")
    return str(desk.industry(value)) if dimension == "industry" else value


def failed_panel(desk: Desk, run: ShockEffect, causes: Causes) -> Panel:
    """Return whom the scenario brings down, the largest loss first: round, why, equity and lenders' loss by it."""
    owed = run.facilities.groupby("borrower_id")["lost"].sum().to_dict()
    parties = [row for row in records(run.parties) if row["fell"] >= 0]
    parties.sort(key=lambda row: (-owed.get(row["party_id"], 0.0), -(row["lost"] or 0.0), row["party_id"]))
    graph = desk.page_graph.graph
    rows = [
        [
            {"node": int(graph.locate("parties", [row["party_id"]])[0])},
            row["fell"],
            sentence(desk, row, causes),
            None if row["before"] is None else row["lost"],
            float(owed.get(row["party_id"], 0.0)),
        ]
        for row in parties[:FAILED]
    ]
    heads = [
        ("party", "party"),
        ("round", "count"),
        ("why", "text"),
        ("equity_lost", "money"),
        ("lenders_lose", "money"),
    ]
    return _panel("failed", heads, rows, total=len(parties), note="failed_note" if rows else "no_failed")


def pd_panel(desk: Desk, run: Result) -> Panel | None:
    """Return the borrowers whose PD moves, the largest rise of expected loss first; None where no PD is moved."""
    found = records(run.tables["contagion_pd"])
    if not found:
        return None
    moved = [row for row in found if not _same(row["pd"], row["pd_stressed"]) or row["default_at_start"]]
    rows = []
    for row in moved[:MOVED]:
        cells: list[Any] = [{"node": int(desk.page_graph.graph.locate("parties", [row["party_id"]])[0])}]
        cells += [row[name] for name in ("pd", "pd_stressed", "ead", "lgd", "expected_loss", "expected_loss_stressed")]
        rows.append([*cells, {"word": "starts_in_default"} if row["default_at_start"] else ""])
    heads = [("party", "party"), ("pd_before", "percent"), ("pd_after", "percent"), ("exposure", "money")]
    heads += [("lgd", "percent"), ("el_before", "money"), ("el_after", "money"), ("at_start", "text")]
    return _panel("pds", heads, rows, total=len(moved), note="pds_note")


def _same(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return math.isclose(before, after, rel_tol=1e-12)


def _panel(
    key: str, heads: Sequence[tuple[str, str]], rows: list[Any], *, total: int | None = None, note: str
) -> Panel:
    cells = [[plain(cell) for cell in row] for row in rows]
    return panel(key, heads, cells, len(rows) if total is None else total, note, tab="report", twin=True)
