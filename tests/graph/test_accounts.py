"""A year of what parties sell and spend: one period, its own currency, however many months it covers."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from graphrisk.graph.accounts import yearly_accounts
from tests.worlds.build import graph_of, parties

END = {2024: date(2024, 12, 31), 2025: date(2025, 12, 31), 2027: date(2027, 12, 31)}


def _year(*financials: dict[str, Any], fx: list[dict[str, Any]] | None = None) -> list[float | None]:
    graph = graph_of(parties=parties("A"), financials=[{"party_id": "A", **row} for row in financials], fx=fx or [])
    return [None if np.isnan(column[0]) else float(column[0]) for column in yearly_accounts(graph)]


def test_all_three_are_of_the_latest_period_in_which_sales_are_known() -> None:
    old = {"period_end_on": END[2024], "sales": 100.0, "material_cost": 60.0, "operating_costs": 20.0}
    assert [100.0, 60.0, 20.0] == _year(old)
    assert [200.0, None, None] == _year(old, {"period_end_on": END[2025], "sales": 200.0})
    assert [100.0, 60.0, 20.0] == _year(old, {"period_end_on": END[2025], "material_cost": 90.0})
    assert [100.0, 60.0, 20.0] == _year(old, {"period_end_on": END[2027], "sales": 900.0, "material_cost": 1.0})


def test_a_period_of_some_months_is_brought_to_a_year() -> None:
    half = {"sales": 100.0, "material_cost": 60.0, "operating_costs": 20.0, "period_months": 6}
    assert [200.0, 120.0, 40.0] == _year(half)
    assert [100.0, 60.0, 20.0] == _year({**half, "period_months": 12})
    assert [50.0, 30.0, 10.0] == _year({**half, "period_months": 24})


def test_sales_in_a_foreign_currency_are_in_base_currency() -> None:
    rates = [
        {"currency": "USD", "as_of_on": date(2026, 1, 1), "rate": 7.0},
        {"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0},
    ]
    foreign = {"currency": "USD", "sales": 10.0, "material_cost": 6.0, "operating_costs": 1.0, "period_months": 6}
    assert [140.0, 84.0, 14.0] == _year(foreign, fx=rates)


def test_nothing_is_known_without_sales() -> None:
    assert [None, None, None] == _year({"material_cost": 60.0, "operating_costs": 20.0})
    assert [None, None, None] == _year()
