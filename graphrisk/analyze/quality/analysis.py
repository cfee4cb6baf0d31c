"""Data quality: what in the data would make a number wrong, how much of the exposure it touches, and what to do.

Every check counts rows or parties and the share of what is owed that they concern (facilities outstanding and claims
between parties). The checks are those that the methods of this package need: see docs/methods/quality.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.quality.book import CHECKS as BOOK
from graphrisk.analyze.quality.check import SEVERITIES, Check, Found, Scope
from graphrisk.analyze.quality.collateral import CHECKS as COLLATERAL
from graphrisk.analyze.quality.collateral import pledged_by_asset
from graphrisk.analyze.quality.coverage import COVERAGE, coverage_rows
from graphrisk.analyze.quality.facts import CHECKS as FACTS
from graphrisk.analyze.quality.guarantees import CHECKS as GUARANTEES
from graphrisk.analyze.quality.identity import CHECKS as IDENTITY
from graphrisk.analyze.quality.loads import CHECKS as LOADS
from graphrisk.analyze.quality.oneself import CHECKS as ONESELF
from graphrisk.analyze.quality.ownership import CHECKS as OWNERSHIP
from graphrisk.analyze.quality.ownership import shares_by_owned
from graphrisk.analyze.quality.register_codes import CHECKS as REGISTER_CODES
from graphrisk.analyze.quality.supply import CHECKS as SUPPLY
from graphrisk.analyze.quality.supply import closed_supply
from graphrisk.analyze.quality.units import CHECKS as UNITS
from graphrisk.analyze.tables import real, score_frame, several, share, whole, words
from graphrisk.answers.column_words import table_word
from graphrisk.answers.words_of_findings import finding_in_chinese
from graphrisk.graph.riskgraph import RiskGraph, find_references
from graphrisk.kernels.arrays.sums import count_by
from graphrisk.model.columns import category, identifier, money, party, text
from graphrisk.model.loads import digest_of
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress

VERSION = 4

FINDINGS = Table(
    name="quality_findings",
    meaning="what was found; most severe first, then by the share of exposure and the rows concerned",
    role="score",
    key=("check", "table"),
    columns=(
        text("check", "name of the check"),
        category("severity", "high: a number will be wrong; medium: may be wrong; low: worth knowing", *SEVERITIES),
        text("table", "table in which it was found"),
        whole("rows", "number of rows or parties found"),
        share("exposure_share", "share of all that is owed which it concerns; null where that does not apply"),
        several("examples", "up to five ids, the largest first"),
        words("finding", "what it means"),
        words("action", "what to do"),
    ),
)
CHECKED = Table(
    name="quality_checks",
    meaning="every check that was made, also those that found nothing, by table and name",
    role="score",
    key=("check", "table"),
    columns=(
        text("check", "name of the check"),
        text("table", "table checked"),
        whole("looked_at", "rows or parties looked at; 0 = there was nothing to check"),
        whole("rows", "rows or parties found"),
    ),
)
SHARES = Table(
    name="quality_ownership",
    meaning="parties whose owners hold more than 100 % together, the worst first",
    role="score",
    key=("owned_id",),
    columns=(
        party("owned_id", "the party owned"),
        real("share_min", "sum of the lower bounds of its owners' shares", "fraction"),
        whole("owners", "number of holdings"),
    ),
)
ASSETS = Table(
    name="quality_collateral",
    meaning="assets pledged for more than their value, the largest excess first",
    role="score",
    key=("collateral_id",),
    columns=(
        identifier("collateral_id", "the asset", references="collateral"),
        party("owner_id", "whose asset it is", required=False),
        money("value", "appraised value, before haircut"),
        money("pledged", "sum of the claims on it"),
        money("excess", "claims above the value"),
        whole("facilities", "number of facilities secured by it"),
        whole("borrowers", "number of borrowers whose facilities it secures"),
    ),
)
CLOSED = Table(
    name="quality_closed_supply",
    meaning="groups that deliver to one another and to nobody else, largest first",
    role="score",
    key=("component",),
    columns=(
        party("component", "smallest party id of the group"),
        whole("size", "number of parties"),
        money("deliveries", "yearly deliveries inside the group"),
        money("sales", "sum of the known sales of its parties; null where none is known"),
        several("parties", "the parties, by id"),
    ),
)
TABLES = (FINDINGS, CHECKED, COVERAGE, SHARES, ASSETS, CLOSED)
CHECKS: tuple[Check, ...] = (
    *OWNERSHIP,
    *GUARANTEES,
    *ONESELF,
    *COLLATERAL,
    *BOOK,
    *UNITS,
    *SUPPLY,
    *FACTS,
    *IDENTITY,
    *REGISTER_CODES,
    *LOADS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `quality`."""

    financials_days: int = param(548, "age in days (18 months) from which accounts are old", low=0)
    appraisal_days: int = param(365, "age in days from which an appraisal is old", low=0)
    fx_days: int = param(31, "age in days from which an exchange rate is old", low=0)
    rate_high: float = param(0.5, "yearly rate (0.5 = 50 %) above which a percentage was written as a number", low=0.0)
    share_tolerance: float = param(1e-6, "excess of a sum of shares over 1 that is rounding", low=0.0, high=1.0)
    amount_tolerance: float = param(1e-6, "relative excess of an amount that is rounding", low=0.0, high=1.0)
    balance_tolerance: float = param(0.01, "part of total assets by which accounts may not add up", low=0.0, high=1.0)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the findings of all checks on `graph`."""
    refuse_inputs("quality", inputs)
    find_references(graph)
    scope = Scope(graph=graph, params=params)
    found = []
    for number, check in enumerate(CHECKS):
        progress("checking the data", number, len(CHECKS))
        found.append((check, check.find(scope)))
    tables = {
        "quality_findings": _finding_rows(scope, found),
        "quality_checks": _checked_rows(found),
        "quality_coverage": coverage_rows(scope),
        "quality_ownership": _share_rows(scope),
        "quality_collateral": _asset_rows(scope),
        "quality_closed_supply": _closed_rows(graph),
    }
    notes = [
        Note(note.key, f"{note.text[0].upper()}{note.text[1:]}.", f"{note.chinese}。", severity=note.severity)
        for note in graph.notes
    ]
    if not (scope.due_by_party > 0).any():
        notes.append(
            Note(
                "no_exposure",
                "There is no exposure in the data, so no finding has a share of it.",
                "数据中没有敞口，因此没有问题占其份额。",
            )
        )
    return make_result(
        "quality",
        VERSION,
        graph,
        params,
        tables=tables,
        certificate={
            "converged": True,
            "checks": len(CHECKS),
            "findings": {s: sum(c.severity == s and len(f.names) > 0 for c, f in found) for s in SEVERITIES},
            "loads": digest_of(graph.loads),
        },
        notes=tuple(notes),
    )


def summary_notes(result: Result, *, most: int = 5) -> tuple[Note, ...]:
    """Return up to `most` sentences on what `quality` found, high before medium, for the notes of other results.

    Empty where nothing of high or medium severity was found.
    """
    findings = result.tables["quality_findings"]
    grave = findings[findings["severity"].isin(["high", "medium"])]
    notes = []
    for severity, check, table, rows, finding, part in zip(
        *(grave[name][:most] for name in ("severity", "check", "table", "rows", "finding", "exposure_share")),
        strict=True,
    ):
        share = _percent(part) if part == part else ""
        extent, told = (f" ({share} of the exposure)", f"（占敞口 {share}）") if share else ("", "")
        text = f"Data quality, {severity}: {finding}{extent}."
        said = finding_in_chinese(check, table_word(table, "zh"), int(rows), finding)
        chinese = f"数据质量（{'高' if severity == 'high' else '中'}）：{said}{told}"
        notes.append(Note(f"data_quality_{severity}", text, chinese))
    if len(grave) > most:
        left = len(grave) - most
        notes.append(
            Note(
                "data_quality_more",
                f"Data quality: {left} more finding{'s' if left > 1 else ''}; see the analyzer quality.",
                f"数据质量：另有 {left} 项问题，见分析 quality。",
            )
        )
    return tuple(notes)


def _percent(part: float) -> str:
    return f"{part:.1%}" if part >= 0.0005 or part == 0 else "under 0.1%"


def _finding_rows(scope: Scope, found: list[tuple[Check, Found]]) -> pd.DataFrame:
    rows = [(check, hit, len(hit.names), scope.share_affected(hit)) for check, hit in found if len(hit.names)]
    rows.sort(
        key=lambda row: (
            SEVERITIES.index(row[0].severity),
            -(row[3] if row[3] == row[3] else -1.0),
            -row[2],
            row[0].name,
            row[0].table,
        )
    )
    return score_frame(
        FINDINGS,
        {
            "check": [check.name for check, *_ in rows],
            "severity": [check.severity for check, *_ in rows],
            "table": [check.table for check, *_ in rows],
            "rows": [count for _, _, count, _ in rows],
            "exposure_share": [part for *_, part in rows],
            "examples": [hit.examples for _, hit, *_ in rows],
            "finding": [hit.said or check.sentence(count) for check, hit, count, _ in rows],
            "action": [check.action for check, *_ in rows],
        },
    )


def _checked_rows(found: list[tuple[Check, Found]]) -> pd.DataFrame:
    rows = sorted((check.table, check.name, hit.looked_at, len(hit.names)) for check, hit in found)
    names = ("table", "check", "looked_at", "rows")
    return score_frame(CHECKED, {name: [row[k] for row in rows] for k, name in enumerate(names)})


def _share_rows(scope: Scope) -> pd.DataFrame:
    parties, total = shares_by_owned(scope, "share_min")
    owned = scope.graph.positions("ownership", "owned_id")
    owners = count_by(owned, scope.graph.size)
    over = total > 1.0 + scope.params.share_tolerance
    parties, total = parties[over], total[over]
    order = np.lexsort((parties, -total))
    return score_frame(
        SHARES,
        {
            "owned_id": scope.graph.party_ids[parties[order]],
            "share_min": total[order],
            "owners": owners[parties[order]],
        },
    )


def _asset_rows(scope: Scope) -> pd.DataFrame:
    graph = scope.graph
    claimed, facilities, borrowers = pledged_by_asset(scope)
    value = graph.floats("collateral", "value")
    excess = claimed - np.nan_to_num(value)
    at = np.flatnonzero(claimed > np.nan_to_num(value) * (1.0 + scope.params.amount_tolerance))
    at = at[np.lexsort((at, -excess[at]))]
    return score_frame(
        ASSETS,
        {
            "collateral_id": graph.texts("collateral", "collateral_id")[at],
            "owner_id": graph.texts("collateral", "owner_id")[at],
            "value": value[at],
            "pledged": claimed[at],
            "excess": excess[at],
            "facilities": facilities[at],
            "borrowers": borrowers[at],
        },
    )


def _closed_rows(graph: RiskGraph) -> pd.DataFrame:
    closed = closed_supply(graph)
    return score_frame(
        CLOSED,
        {
            "component": graph.party_ids[closed.first],
            "size": closed.size,
            "deliveries": closed.deliveries,
            "sales": closed.sales,
            "parties": closed.members(graph),
        },
    )
