"""Accounts: every ratio of the latest statement, size, and how old the statement is."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.credit.ratios import RATIOS
from graphrisk.credit.statements import statements_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.rating.features.days import MONTH_DAYS, today_of


def columns(graph: RiskGraph) -> dict[str, Any]:
    """Return the ratios by their names (credit/ratios.py), log_assets and statement_age_months."""
    given = statements_of(graph)
    last = given.latest()
    has = last >= 0
    found: dict[str, Any] = {}
    for ratio in RATIOS:
        values = np.full(graph.size, np.nan)
        if has.any():
            values[has] = ratio.compute(given)[0][last[has]]
        found[ratio.name] = values
    assets, age = np.full(graph.size, np.nan), np.full(graph.size, np.nan)
    if has.any():
        total = given.balance("total_assets")[last[has]]
        assets[has] = np.log(np.where(total > 0.0, total, np.nan))
        age[has] = (today_of(graph) - given.day[last[has]]) / MONTH_DAYS
    return {**found, "log_assets": assets, "statement_age_months": age}
