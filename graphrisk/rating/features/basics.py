"""Basics and relationship: industry, size, region, age, tenure, and what the bank noted of the relationship."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.rating.features.days import MONTH_DAYS, days_of_column, today_of

_RELATIONSHIP = ("products", "contact_score", "share_of_wallet", "owner_credit_score")
_PREFIX = 1
"""Leading characters of the industry code: its section."""


def columns(graph: RiskGraph) -> dict[str, Any]:
    """Return industry, size, region, age_months, tenure_months, and the latest facts of `relationship`."""
    industry = graph.texts("parties", "industry")
    found: dict[str, Any] = {
        "industry": np.array([None if code is None else str(code)[:_PREFIX] for code in industry], dtype=object),
        "size": np.array(graph.texts("parties", "size"), dtype=object),
        "region": np.array(graph.texts("parties", "region"), dtype=object),
        "age_months": _months_since(graph, "incorporated_on"),
        "tenure_months": _months_since(graph, "client_since_on"),
    }
    party = graph.positions("relationship", "party_id")
    for name in _RELATIONSHIP:
        values = np.full(graph.size, np.nan)
        given = graph.floats("relationship", name)
        known = ~np.isnan(given) & (party >= 0)
        values[party[known]] = given[known]  # rows run by party, then by day: the last one written wins
        found[name] = values
    return found


def _months_since(graph: RiskGraph, column: str) -> Floats:
    since = days_of_column(graph.tables.column("parties", column).cast(pa.int32()))
    months = (today_of(graph) - since) / MONTH_DAYS
    return np.where(months >= 0.0, months, np.nan)
