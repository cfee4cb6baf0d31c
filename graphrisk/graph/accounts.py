"""What each party sells and spends in a year, by its latest accounts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph

MONTHS = 12.0


class Accounts(NamedTuple):
    """A year of each party (parties,), in base currency; NaN where unknown."""

    sales: Floats
    material_cost: Floats
    operating_costs: Floats


def yearly_accounts(graph: RiskGraph) -> Accounts:
    """Return a year of each party by its latest accounts in which sales are known, on or before the as-of date.

    All three are of that one period, times 12 / period_months (null: a whole year). What it leaves open is unknown,
    whatever an earlier period says.
    """
    party, period = _latest_in_which_known(graph, "sales")
    year = _years(graph, period)

    def of(column: str) -> Floats:
        whole = np.full(graph.size, np.nan)
        whole[party] = graph.floats("financials", column)[period] * year
        return whole

    return Accounts(sales=of("sales"), material_cost=of("material_cost"), operating_costs=of("operating_costs"))


def yearly(graph: RiskGraph, column: str) -> Floats:
    """Return a year of one flow of each party by its latest accounts in which that flow is known; NaN where none is."""
    party, period = _latest_in_which_known(graph, column)
    whole = np.full(graph.size, np.nan)
    whole[party] = graph.floats("financials", column)[period] * _years(graph, period)
    return whole


def _latest_in_which_known(graph: RiskGraph, column: str) -> tuple[Positions, Positions]:
    """Return parties, and of each the row of its latest accounts in which the column is known."""
    party = graph.positions("financials", "party_id")
    rows = np.flatnonzero(~np.isnan(graph.floats("financials", column)) & (party >= 0))
    period = np.full(graph.size, -1, dtype=np.int64)
    period[party[rows]] = rows  # rows run by party, then by period: the last one written wins
    known = np.flatnonzero(period >= 0)
    return known, period[known]


def _years(graph: RiskGraph, period: Positions) -> Floats:
    months = graph.floats("financials", "period_months")[period]
    return MONTHS / np.where(np.isnan(months), MONTHS, months)
