"""Account behaviour of the last twelve months: delays, use of limits, and how money comes in."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.rating.features.days import YEAR_DAYS, days_of, today_of

_LATE = 92.0
"""Days that the last three months are."""


def columns(graph: RiskGraph) -> dict[str, Any]:
    """Return delays (now, most of 12 months), overdraft days, use of limits now, and the trends of use and inflow.

    A trend is the mean of the last three months less that of the nine before (inflow: the log of their ratio).
    """
    party, ago = graph.positions("behaviour", "party_id"), today_of(graph) - days_of(graph, "behaviour", "month_on")
    rows = (party >= 0) & (ago >= 0.0) & (ago < YEAR_DAYS)
    late = rows & (ago < _LATE)
    early = rows & ~late
    overdue = graph.floats("behaviour", "days_past_due")
    used, inflow = graph.floats("behaviour", "limit_utilisation"), graph.floats("behaviour", "inflow")
    n = graph.size
    with np.errstate(divide="ignore", invalid="ignore"):
        trend = np.log(_mean(n, party, inflow, late) / _mean(n, party, inflow, early))
    return {
        "days_past_due_now": _last(n, party, overdue, rows),
        "days_past_due_12m": _most(n, party, overdue, rows),
        "overdraft_days_12m": _mean(n, party, graph.floats("behaviour", "overdraft_days"), rows),
        "utilisation_now": _last(n, party, used, rows),
        "utilisation_trend": _mean(n, party, used, late) - _mean(n, party, used, early),
        "inflow_trend": np.where(np.isfinite(trend), trend, np.nan),
    }


def _mean(n: int, party: Positions, values: Floats, rows: Any) -> Floats:
    known = rows & ~np.isnan(values)
    many = np.bincount(party[known], minlength=n)
    total = np.bincount(party[known], values[known], minlength=n)
    return np.asarray(np.divide(total, many, out=np.full(n, np.nan), where=many > 0))


def _most(n: int, party: Positions, values: Floats, rows: Any) -> Floats:
    known = rows & ~np.isnan(values)
    found = np.full(n, -np.inf)
    np.maximum.at(found, party[known], values[known])
    return np.where(np.isfinite(found), found, np.nan)


def _last(n: int, party: Positions, values: Floats, rows: Any) -> Floats:
    known = rows & ~np.isnan(values)
    found = np.full(n, np.nan)
    found[party[known]] = values[known]  # rows run by party, then by month: the last one written wins
    return found
