"""The analyzer changes: two snapshots of the book, side by side."""

from __future__ import annotations

from dataclasses import dataclass

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.changes.contracts import contract_changes
from graphrisk.analyze.changes.limits import limit_changes
from graphrisk.analyze.changes.networks import network_changes
from graphrisk.analyze.changes.parties import book_of, contract_reasons, pair_of, party_changes
from graphrisk.analyze.changes.scores import finding_changes, score_changes, summary
from graphrisk.analyze.changes.tables import CIRCLES, GROUPS, TABLES
from graphrisk.analyze.tables import score_frame
from graphrisk.errors import DataError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `changes`."""

    before: str = param("", "earlier snapshot: an id, or a day (the latest on or before it); empty: the one before")
    after: str = param("", "later snapshot, the same way; empty: the chosen one")


_KEPT = (
    ("contagion", "losses caused", "引致的损失"),
    ("quality", "findings", "数据质量问题"),
    ("limits", "uses of limits", "限额占用"),
)
"""Answers that are compared where both snapshots keep them."""


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what changed from the earlier snapshot (`inputs.before`) to `graph`."""
    refuse_inputs("changes", inputs)
    if inputs.before is None:
        tables = {table.name: score_frame(table, {name: [] for name in table.names}) for table in TABLES}
        said = Note(
            "no_earlier_snapshot",
            "There is no earlier snapshot to compare with: load another day, or another version of this one.",
            "没有更早的快照可供比较：请先加载另一日期或同一日期的另一版本。",
        )
        certificate = {"converged": True, "headline": [said.text], "headline_zh": [said.chinese]}
        return make_result("changes", VERSION, graph, params, tables=tables, certificate=certificate, notes=(said,))
    old = inputs.before
    if old.base_currency != graph.base_currency and None not in (old.base_currency, graph.base_currency):
        raise DataError(
            f"the snapshots are in different base currencies, {old.base_currency} and {graph.base_currency}",
            hint='set base_currency = "CNY" (or another) in graphrisk.toml',
        )
    notes: list[str] = []
    progress("comparing contracts")
    contracts = contract_changes(old, graph, notes)
    progress("comparing parties")
    before, after = book_of(old), book_of(graph)
    pair = pair_of(before, after)
    told = contract_reasons(contracts)
    parties = party_changes(before, after, pair, told)
    progress("comparing guarantee networks")
    circles, rings = network_changes(CIRCLES, "strong", old, graph, pair, contracts)
    groups, parts = network_changes(GROUPS, "weak", old, graph, pair, contracts)
    for name, what, chinese in _KEPT:
        if None in inputs.kept.get(name, (None, None)):
            notes.append(
                Note(
                    f"{name}_not_compared",
                    f"{what} are not compared: {name} was not run on both snapshots (graphrisk analyze {name} --as-of "
                    "DAY)",
                    f"未比较{chinese}：{name} 未在两个快照上都运行过（graphrisk analyze {name} --as-of 日期）。",
                )
            )
    count = {"circles": rings, "parts": parts}
    tables = {
        "changes_summary": summary(before, after, inputs.kept, count),
        "changes_parties": parties,
        "changes_contracts": contracts,
        "changes_circles": circles,
        "changes_groups": groups,
        "changes_scores": score_changes(before, after, pair, inputs.kept, told, parties),
        "changes_limits": limit_changes(inputs.kept, told),
        "changes_findings": finding_changes(inputs.kept),
    }
    certificate = {
        "converged": True,
        "before": old.snapshot,
        "before_as_of": old.as_of,
        "before_fingerprint": old.fingerprint,
        "after": graph.snapshot,
        "same": old.fingerprint == graph.fingerprint,
    }
    return make_result("changes", VERSION, graph, params, tables=tables, certificate=certificate, notes=tuple(notes))
