"""Ratios against a slow reading of their definitions, statement by statement."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from graphrisk.analyze.needs import computed
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.analyze.ratio_books import accounts_book
from tests.worlds.build import graph_of

LESS = {"debt_to_assets", "debt_to_equity", "inventory_days", "receivable_days"}
NAMES = [
    "current",
    "quick",
    "cash",
    "debt_to_assets",
    "debt_to_equity",
    "interest_cover",
    "roe",
    "roa",
    "roi",
    "gross_margin",
    "net_margin",
    "asset_turnover",
    "inventory_days",
    "receivable_days",
    "ocf_to_debt",
    "sales_growth",
    "cash_runway_months",
]


def ratios(rows: dict[str, list[dict[str, Any]]], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="ratios", analyzer="ratios", params=params))


def one_statement(**lines: Any) -> dict[str, float | None]:
    rows = {"parties": [{"party_id": "A"}], "financials": [{"party_id": "A", **lines}]}
    return {row.ratio: None if row.value != row.value else row.value for row in ratios(rows).values.itertuples()}


def a_year_before(rows: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, Any] | None:
    found = [
        (abs((row["period_end_on"] - other["period_end_on"]).days - 365), other)
        for other in rows
        if other["party_id"] == row["party_id"] and 350 <= (row["period_end_on"] - other["period_end_on"]).days <= 380
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def expected(rows: list[dict[str, Any]], row: dict[str, Any]) -> dict[str, float | None]:
    """Return the ratios of one statement as credit.md words them."""
    before = a_year_before(rows, row)

    def flow(of: dict[str, Any] | None, line: str) -> float | None:
        return None if of is None or of[line] is None else of[line] * 12.0 / (of["period_months"] or 12)

    def over(top: float | None, bottom: float | None) -> float | None:
        return None if top is None or bottom is None or bottom <= 0 else top / bottom

    def less(a: float | None, b: float | None) -> float | None:
        return None if a is None or b is None else a - b

    def mean(line: str) -> float | None:
        if row[line] is None or before is None or before[line] is None:
            return row[line]
        return (row[line] + before[line]) / 2

    cost = flow(row, "cost_of_sales") if row["cost_of_sales"] is not None else flow(row, "material_cost")
    sales, income, cash_flow = flow(row, "sales"), flow(row, "net_income"), flow(row, "operating_cash_flow")
    capital = less(row["equity"], None if row["long_term_debt"] is None else -row["long_term_debt"])
    growth = over(sales, flow(before, "sales"))
    burnt = None if cash_flow is None else -cash_flow
    return {
        "current": over(row["current_assets"], row["current_liabilities"]),
        "quick": over(less(row["current_assets"], row["inventory"]), row["current_liabilities"]),
        "cash": over(row["cash"], row["current_liabilities"]),
        "debt_to_assets": over(row["total_liabilities"], row["total_assets"]),
        "debt_to_equity": over(row["total_liabilities"], row["equity"]),
        "interest_cover": over(flow(row, "ebit"), flow(row, "interest_expense")),
        "roe": over(income, mean("equity")),
        "roa": over(income, mean("total_assets")),
        "roi": over(flow(row, "ebit"), capital),
        "gross_margin": over(less(sales, cost), sales),
        "net_margin": over(income, sales),
        "asset_turnover": over(sales, mean("total_assets")),
        "inventory_days": over(None if row["inventory"] is None else 365 * row["inventory"], cost),
        "receivable_days": over(None if row["receivables"] is None else 365 * row["receivables"], sales),
        "ocf_to_debt": over(cash_flow, row["total_liabilities"]),
        "sales_growth": None if growth is None else growth - 1,
        "cash_runway_months": over(None if row["cash"] is None else 12 * row["cash"], burnt),
    }


def standing(
    rows: Any, wanted: dict[tuple[str, date, str], float | None], key: tuple[str, date, str], least: int
) -> Any:
    """Return (percentile, peers) of one value, peer by peer."""
    party, day, ratio = key
    who = {row["party_id"]: row for row in rows["parties"]}
    latest: dict[str, tuple[date, float]] = {}
    for (other, end, name), value in wanted.items():
        if name == ratio and value is not None and end.year == day.year and who[other]["is_client"] and other != party:
            latest[other] = max(latest.get(other, (end, value)), (end, value))
    own = who[party]
    groups = [
        lambda o: None not in (own["industry"], own["size"]) and all(o[k] == own[k] for k in ("industry", "size")),
        lambda o: own["industry"] is not None and o["industry"] is not None and o["industry"][0] == own["industry"][0],
        lambda o: own["size"] is not None and o["size"] == own["size"],
        lambda o: True,
    ]  # fmt: skip
    peers: list[float] = []
    for group in groups:
        peers = [value for other, (_, value) in latest.items() if group(who[other])]
        if len(peers) >= least:
            break
    value, sign = wanted[key], -1 if ratio in LESS else 1
    assert value is not None
    below = sum(sign * peer < sign * value for peer in peers)
    equal = sum(peer == value for peer in peers)
    return (100 * (below + equal / 2) / len(peers) if peers else None), len(peers)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_ratio_trend_and_percentile_follows_its_definition(seed: int) -> None:
    rows = accounts_book(seed)
    statements = rows["financials"]
    wanted = {
        (row["party_id"], row["period_end_on"], name): value
        for row in statements
        for name, value in expected(statements, row).items()
    }
    by_statement = {(row["party_id"], row["period_end_on"]): row for row in statements}
    found = ratios(rows, min_peers=4).values
    assert len(NAMES) * len(statements) == len(found)
    groups = set()
    for row in found.itertuples():
        key = (row.party_id, date.fromisoformat(row.period_end_on), row.ratio)
        value = wanted[key]
        if value is None:
            assert row.value != row.value
            assert row.code not in ("ok", "closing_value", "material_cost")
            assert pd.isna(row.peers)
            continue
        assert pytest.approx(value, rel=1e-12, abs=1e-12) == row.value
        before = a_year_before(statements, by_statement[key[:2]])
        old = None if before is None else wanted[key[0], before["period_end_on"], row.ratio]
        assert (row.trend != row.trend) == (old is None)
        if old is not None:
            assert pytest.approx(value - old, rel=1e-9, abs=1e-9) == row.trend
        percentile, peers = standing(rows, wanted, key, 4)
        assert peers == row.peers
        if percentile is not None:
            assert pytest.approx(percentile) == row.peer_percentile
            groups.add(row.peer_group.split()[0])
    assert {"industry", "size", "all"} == groups


def test_ratios_by_hand() -> None:
    found = one_statement(
        current_assets=200.0, current_liabilities=100.0, inventory=50.0, cash=25.0, total_liabilities=150.0,
        total_assets=400.0, equity=250.0, ebit=30.0, interest_expense=10.0, net_income=20.0, long_term_debt=50.0,
        sales=500.0, material_cost=300.0, receivables=50.0, operating_cash_flow=-50.0,
    )  # fmt: skip
    assert {
        "current": 2.0, "quick": 1.5, "cash": 0.25, "debt_to_assets": 0.375, "debt_to_equity": 0.6,
        "interest_cover": 3.0, "roe": 0.08, "roa": 0.05, "roi": 0.1, "gross_margin": 0.4, "net_margin": 0.04,
        "asset_turnover": 1.25, "inventory_days": pytest.approx(365 / 6), "receivable_days": 36.5,
        "ocf_to_debt": pytest.approx(-1 / 3), "sales_growth": None, "cash_runway_months": 6.0,
    } == found  # fmt: skip


def test_statements_that_do_not_add_up_are_findings() -> None:
    rows = {
        "parties": [{"party_id": "A"}, {"party_id": "B"}],
        "financials": [
            {"party_id": "A", "period_end_on": date(2024, 12, 31), "cash": 10.0},
            {"party_id": "A", "period_end_on": date(2025, 12, 31), "cash": 30.0, "operating_cash_flow": 15.0,
             "investing_cash_flow": -5.0, "financing_cash_flow": 2.0, "total_assets": 100.0},
            {"party_id": "B", "total_assets": 100.0, "total_liabilities": 60.0, "equity": 30.0},
        ],
    }  # fmt: skip
    found = ratios(rows)
    assert [("B", "balance", 100.0, 90.0, 10.0), ("A", "cash_bridge", 30.0, 22.0, 8.0)] == [
        (r.party_id, r.identity, r.stated, r.implied, r.difference) for r in found.findings.itertuples()
    ]
    assert ["identities_broken"] == [note.key for note in found.notes if note.severity == "warning"]


def test_a_client_without_peers_has_no_percentile_and_a_lonely_group_says_so() -> None:
    rows = {
        "parties": [{"party_id": p, "is_client": True} for p in "AB"],
        "financials": [
            {"party_id": "A", "current_assets": 2.0, "current_liabilities": 1.0},
            {"party_id": "B", "current_assets": 1.0, "current_liabilities": 1.0, "sales": -5.0, "net_income": 1.0},
        ],
    }
    result = ratios(rows)
    current = result.values[result.values["ratio"] == "current"]
    assert [100.0, 0.0] == current["peer_percentile"].tolist()
    assert [1, 1] == current["peers"].tolist()
    assert {"few_peers", "negative_sales"} <= {note.key for note in result.notes}
    alone = ratios({name: given[:1] for name, given in rows.items()})
    assert alone.values["peer_percentile"].isna().all()
