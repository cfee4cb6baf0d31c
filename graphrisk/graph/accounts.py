"""What each party sells and spends in a year, by the accounts of one period."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.graph.riskgraph import Floats, RiskGraph

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
    party, sales = graph.positions("financials", "party_id"), graph.floats("financials", "sales")
    rows = np.flatnonzero(~np.isnan(sales) & (party >= 0))
    period = np.full(graph.size, -1, dtype=np.int64)
    period[party[rows]] = rows  # rows run by party, then by period: the last one written wins
    known = period >= 0
    months = graph.floats("financials", "period_months")[period[known]]
    year = MONTHS / np.where(np.isnan(months), MONTHS, months)

    def of(column: str) -> Floats:
        whole = np.full(graph.size, np.nan)
        whole[known] = graph.floats("financials", column)[period[known]] * year
        return whole

    return Accounts(sales=of("sales"), material_cost=of("material_cost"), operating_costs=of("operating_costs"))
