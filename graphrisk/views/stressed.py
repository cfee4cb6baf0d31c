"""The tables of a stressed book as the lists of its page: measures and limits, groups, who fails, PDs that move."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphrisk.model.result import Result, plain, records
from graphrisk.views.causes import read_causes, sentence
from graphrisk.views.figures import money, percent
from graphrisk.views.words import say

if TYPE_CHECKING:
    from graphrisk.views.picture import Desk

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
    """Return every measure of the comparison: before, after, change, limit and whether it is breached."""
    rows = []
    for row in _once(records(run.tables["contagion_comparison"])):
        kind, said = _KINDS[row["unit"]], verdict(row)
        cells: list[Any] = [{"word": f"stress.{row['measure']}"}]
        cells += [_cell(kind, row[name]) for name in ("baseline", "stressed")]
        cells += [_cell(kind, row["change"], sign=True), _cell(kind, row["limit"]) if said else ""]
        rows.append([*cells, {"word": f"verdict.{said}"} if said else ""])
    against = run.params.get("against")
    heads = [("measure", "text"), ("compared_with" if against else "without_it", "number"), ("under_it", "number")]
    heads += [("change", "number"), ("limit_word", "number"), ("verdict", "verdict")]
    return _panel("measures", heads, rows, note="measures_against_note" if against else "measures_note")


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the measures without one of the two names of our bank's loss: that with a limit stays."""
    limited = {row["measure"] for row in rows if row["limit"] is not None}
    if {"bank_loss", "own_bank_loss"} <= limited:
        return rows
    twice = "bank_loss" if "own_bank_loss" in limited else "own_bank_loss"
    return [row for row in rows if row["measure"] != twice]


def _cell(kind: str, value: float | None, *, sign: bool = False) -> dict[str, Any] | None:
    return None if value is None else {"kind": kind, "value": value, **({"sign": 1} if sign else {})}


def figures(run: Result) -> list[dict[str, Any]]:
    """Return the figures at the top: the measures whose limit is breached, then the usual ones."""
    rows = {row["measure"]: row for row in records(run.tables["contagion_comparison"])}
    breached = [name for name, row in rows.items() if row["breached"]]
    chosen = [*breached, *(name for name in _USUAL if name not in breached and rows[name]["stressed"] is not None)]
    beside = "compared_with" if run.params.get("against") else "without_it"
    out = []
    for name in chosen[:STRIP]:
        row = rows[name]
        kind = _KINDS[row["unit"]]
        figure = {"word": f"stress.{name}", "value": row["stressed"], "kind": kind, "warn": bool(row["breached"])}
        if row["baseline"] is not None:
            figure["sub"] = {"word": beside, "value": row["baseline"], "kind": kind}
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
    return say(desk.lang, f"size.{value}") if dimension == "size" else value


def failed_panel(desk: Desk, run: Result, quiet: frozenset[str] | None) -> Panel:
    """Return who fails, the largest loss first: round, why, equity lost, what lenders lose on its facilities.

    `quiet`: who fails without the scenario too; None where that is not known, and then nothing is said of it.
    """
    parties = [row for row in records(run.tables["contagion_parties"]) if row["defaulted"]]
    owed: dict[str, float] = {}
    for row in records(run.tables["contagion_facilities"]):
        owed[row["borrower_id"]] = owed.get(row["borrower_id"], 0.0) + row["bank_loss"]
    lost = {row["party_id"]: _lost(row) for row in parties}
    parties.sort(key=lambda row: (-owed.get(row["party_id"], 0.0), -(lost[row["party_id"]] or 0.0), row["party_id"]))
    causes = read_causes(desk, run.tables.get("contagion_calls"))
    graph = desk.book.graph
    rows = []
    for row in parties[:FAILED]:
        party = row["party_id"]
        cells = [
            {"node": int(graph.locate("parties", [party])[0])},
            row["default_round"],
            sentence(desk, {**row, "loss_fraction": row["loss_fraction"]}, causes),
            lost[party],
            owed.get(party, 0.0),
        ]
        if quiet is not None:
            cells.append({"word": "fails_too" if party in quiet else "stands"})
        rows.append(cells)
    heads = [
        ("party", "party"),
        ("round", "count"),
        ("why", "text"),
        ("equity_lost", "money"),
        ("lenders_lose", "money"),
    ]
    if quiet is not None:
        heads.append(("without_too", "text"))
    return _panel("failed", heads, rows, total=len(parties), note="failed_note" if rows else "no_failed")


def _lost(row: dict[str, Any]) -> float | None:
    return None if row["equity"] is None or row["equity_after"] is None else row["equity"] - row["equity_after"]


def pd_panel(desk: Desk, run: Result) -> Panel | None:
    """Return the borrowers whose PD moves, the largest rise of expected loss first; None where no PD is moved."""
    found = records(run.tables["contagion_pd"])
    if not found:
        return None
    moved = [row for row in found if not _same(row["pd"], row["pd_stressed"]) or row["default_at_start"]]
    rows = []
    for row in moved[:MOVED]:
        cells: list[Any] = [{"node": int(desk.book.graph.locate("parties", [row["party_id"]])[0])}]
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
    return {
        "key": key,
        "tab": "report",
        "twin": True,
        "columns": [{"word": word, "kind": kind} for word, kind in heads],
        "rows": [[plain(cell) for cell in row] for row in rows],
        "total": len(rows) if total is None else total,
        "note": note,
    }
