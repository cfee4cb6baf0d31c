"""How much of the exposure the facts cover that other methods need."""

from __future__ import annotations

import numpy as np
import pandas as pd

from graphrisk.analyze.quality.check import Mask, Scope
from graphrisk.analyze.tables import score_frame, share, whole
from graphrisk.graph.riskgraph import Floats
from graphrisk.model.columns import text
from graphrisk.model.table import Table

COVERAGE = Table(
    name="quality_coverage",
    meaning="for each fact that methods need: of how many debtors (or facilities), and of which part of the exposure",
    role="score",
    key=("fact",),
    columns=(
        text("fact", "table and column"),
        whole("needed", "parties that owe something, or facilities with an amount outstanding"),
        whole("known", "of how many of these the fact is known"),
        share("share_known", "known over needed; null where none is needed"),
        share("exposure_known", "share of what these owe for which the fact is known"),
    ),
)
_ACCOUNTS = ("equity", "total_assets", "total_liabilities", "sales", "ebit", "interest_expense", "operating_cash_flow")
_PARTY = ("industry", "region", "size", "status")
_FACILITY = ("lgd", "limit_amount", "maturity_on", "days_past_due")


def coverage_rows(scope: Scope) -> pd.DataFrame:
    """Return for each kind of fact how many debtors, and how much of what they owe, it is known of."""
    graph = scope.graph
    by_party, by_facility = scope.due_by_party, scope.due_by_facility
    rated = np.zeros(graph.size, dtype=bool)
    with_pd = ~np.isnan(graph.floats("ratings", "pd"))
    party = graph.positions("ratings", "party_id")
    rated[party[with_pd & (party >= 0)]] = True
    facts: list[tuple[str, Mask, Floats]] = [
        *((f"financials.{name}", ~np.isnan(graph.latest(name)), by_party) for name in _ACCOUNTS),
        ("ratings.pd", rated, by_party),
        *((f"parties.{name}", _given(scope, "parties", name), by_party) for name in _PARTY),
        *((f"facilities.{name}", _given(scope, "facilities", name), by_facility) for name in _FACILITY),
    ]
    needed = [int((due > 0).sum()) for _, _, due in facts]
    known = [int(((due > 0) & have).sum()) for _, have, due in facts]
    owed = [float(due.sum()) for _, _, due in facts]
    covered = [float(due[have].sum()) for _, have, due in facts]
    return score_frame(
        COVERAGE,
        {
            "fact": [name for name, *_ in facts],
            "needed": needed,
            "known": known,
            "share_known": [k / n if n else np.nan for k, n in zip(known, needed, strict=True)],
            "exposure_known": [c / o if o > 0 else np.nan for c, o in zip(covered, owed, strict=True)],
        },
    )


def _given(scope: Scope, table: str, column: str) -> Mask:
    valid = scope.graph.tables.column(table, column).is_valid().to_numpy()
    return np.asarray(valid, dtype=bool)
