"""Events of the last twelve months, by kind. Defaults are left out: they are what is to be foretold."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import Floats, RiskGraph, rows_that_say
from graphrisk.rating.features.days import YEAR_DAYS, days_of, today_of

KINDS = ("arrears", "lawsuit", "enforcement", "rating_change", "news", "restructuring", "covenant_breach",
         "auditor_opinion", "fraud", "evasion")  # fmt: skip
DEFAULT = "default"


def columns(graph: RiskGraph) -> dict[str, Any]:
    """Return arrears_12m, lawsuit_12m, ...: 0 where nothing happened, NaN where no event of anybody is known."""
    if not graph.rows("events"):
        return {f"{kind}_12m": np.full(graph.size, np.nan) for kind in KINDS}
    return {f"{kind}_12m": counted(graph, kind, YEAR_DAYS) for kind in KINDS}


def counted(graph: RiskGraph, kind: str, days: float) -> Floats:
    """Return how many events of a kind each party had in the last `days` (n,)."""
    party, ago = graph.positions("events", "party_id"), today_of(graph) - days_of(graph, "events", "occurred_on")
    of_kind = rows_that_say(graph, "events", "kind", kind)
    rows = of_kind & (party >= 0) & (ago >= 0.0) & (ago < days)
    return np.bincount(party[rows], minlength=graph.size).astype(np.float64)
