"""Classic scores against their formulas, statement by statement, and what is said where they cannot be computed."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from graphrisk.analyze.needs import computed
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, records
from tests.analyze.ratio_books import accounts_book
from tests.analyze.test_ratios import a_year_before
from tests.worlds.build import graph_of

N = NormalDist().cdf
SOUND = {
    "current_assets": 300.0, "current_liabilities": 180.0, "retained_earnings": 180.0, "ebit": 90.0, "equity": 400.0,
    "total_liabilities": 600.0, "sales": 1100.0, "total_assets": 1000.0, "net_income": 40.0, "long_term_debt": 200.0,
    "operating_cash_flow": 70.0,
}  # fmt: skip


def scores(rows: dict[str, list[dict[str, Any]]], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="scores", analyzer="scores", params=params))


def one(party: dict[str, Any] | None = None, **lines: Any) -> dict[str, Any]:
    rows = {
        "parties": [{"party_id": "A", **(party or {})}],
        "financials": [{"party_id": "A", **SOUND, **lines}],
    }
    return {row["score"]: SimpleNamespace(**row) for row in records(scores(rows).values)}


def yearly(row: dict[str, Any], line: str) -> float | None:
    return None if row[line] is None else row[line] * 12.0 / (row["period_months"] or 12)


def expected(row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, float | None]:
    """Return the scores of one statement as credit.md words them; None where an input is missing or not above 0."""
    wc = None if None in (row["current_assets"], row["current_liabilities"]) else (
        row["current_assets"] - row["current_liabilities"])  # fmt: skip
    ta, tl, ca, cl = (row[k] for k in ("total_assets", "total_liabilities", "current_assets", "current_liabilities"))
    sales, ebit, income, funds = (yearly(row, k) for k in ("sales", "ebit", "net_income", "operating_cash_flow"))
    old = None if before is None else yearly(before, "net_income")

    def linear(weights: tuple[float, ...], equity: float | None) -> float | None:
        tops = (wc, row["retained_earnings"], ebit, equity, sales)
        if ta is None or tl is None or ta <= 0 or tl <= 0:
            return None
        parts = [(w, top, tl if k == 3 else ta) for k, (w, top) in enumerate(zip(weights, tops, strict=True)) if w]
        return None if any(top is None for _, top, _ in parts) else sum(w * top / bottom for w, top, bottom in parts)

    z2 = linear((6.56, 3.26, 6.72, 1.05, 0.0), row["equity"])
    out = {
        "altman_z": linear((1.2, 1.4, 3.3, 0.6, 0.999), row["market_value_equity"]),
        "altman_z1": linear((0.717, 0.847, 3.107, 0.42, 0.998), row["equity"]),
        "altman_z2": z2,
        "altman_em": None if z2 is None else z2 + 3.25,
        "ohlson": None,
        "zmijewski": None,
    }
    if None not in (ta, tl, ca, cl, income) and ta > 0 and cl > 0:
        out["zmijewski"] = -4.336 - 4.513 * income / ta + 5.679 * tl / ta + 0.004 * ca / cl
    if None not in (ta, tl, ca, cl, income, old, funds) and min(ta, tl, ca) > 0:
        moved = abs(income) + abs(old)
        out["ohlson"] = (
            -1.32 - 0.407 * math.log(ta / 100) + 6.03 * tl / ta - 1.43 * wc / ta + 0.0757 * cl / ca
            - 1.72 * (tl > ta) - 2.37 * income / ta - 1.83 * funds / tl + 0.285 * (income < 0 and old < 0)
            - 0.521 * ((income - old) / moved if moved else 0.0)
        )  # fmt: skip
    return out


@pytest.mark.parametrize("seed", [3, 4])
def test_every_score_follows_its_formula_and_says_what_is_missing(seed: int) -> None:
    rows = accounts_book(seed)
    by_statement = {(row["party_id"], row["period_end_on"].isoformat()): row for row in rows["financials"]}
    seen = dict.fromkeys(("altman_z", "altman_z1", "altman_z2", "altman_em", "ohlson", "zmijewski", "merton"), 0)
    for found in scores(rows).values.itertuples():
        row = by_statement[found.party_id, found.period_end_on]
        if found.score == "merton":
            seen["merton"] += found.value == found.value
            if not pd.isna(found.proxy) and found.proxy:
                assert found.pd_low <= found.pd <= found.pd_high
                assert pytest.approx(N(-found.value)) == found.pd
            continue
        value = expected(row, a_year_before(rows["financials"], row))[found.score]
        assert (value is None) == (found.value != found.value), (found, row)
        if value is None:
            assert found.variant_reason.startswith(("missing: ", "zero or less: "))
        else:
            assert pytest.approx(value, rel=1e-9) == found.value
            seen[found.score] += 1
        if found.score == "zmijewski" and value is not None:
            assert pytest.approx(N(value), abs=1e-12) == found.pd
        if found.score == "ohlson" and value is not None:
            assert pytest.approx(1 / (1 + math.exp(-value)), abs=1e-12) == found.pd
        if found.score.startswith("altman"):
            assert found.pd != found.pd, "a zone is no PD"
    assert min(seen.values()) > 3


def test_the_variant_is_chosen_by_what_is_known_and_named() -> None:
    def chosen(party: dict[str, Any] | None = None, **lines: Any) -> list[tuple[str, str]]:
        return [(name, row.variant_reason) for name, row in one(party, **lines).items() if row.chosen is True]

    assert [("altman_z1", "chosen: no market value, sales are known")] == chosen()
    assert ["altman_z"] == [name for name, _ in chosen(market_value_equity=500.0)]
    assert ["altman_z2"] == [name for name, _ in chosen({"industry": "K70"})]
    assert ["altman_z1"] == [name for name, _ in chosen({"industry": "C13"})]
    assert [("altman_z2", "chosen: sales are not known")] == chosen(sales=None)
    assert [] == chosen(total_assets=0.0)
    assert "not made for a bank" == one({"kind": "bank"})["altman_z1"].variant_reason


def test_zones_end_at_their_bounds() -> None:
    found = one()
    assert pytest.approx(1.89593) == found["altman_z1"].value
    assert "grey" == found["altman_z1"].zone
    assert "distress" == one(ebit=-200.0)["altman_z1"].zone
    assert "safe" == one(ebit=500.0)["altman_z1"].zone


def test_a_firm_without_market_data_is_a_marked_proxy_with_a_band() -> None:
    row = one()["merton"]
    debt, sigma = 180.0 + 100.0, 0.25
    distance = (math.log(1000.0 / debt) + 0.03 - sigma**2 / 2) / sigma
    assert pytest.approx(distance) == row.value
    assert (True, "book assets, volatility 0.25 by default") == (row.proxy, row.variant_reason)
    wide = (math.log(1000.0 / debt) + 0.03 - 0.3125**2 / 2) / 0.3125
    assert pytest.approx(N(-wide)) == row.pd_high
    assert row.pd_low < row.pd < row.pd_high
    assert row.residual is None


def test_similar_firms_with_market_data_lend_their_volatility() -> None:
    listed = [{"party_id": f"L{k}", "industry": "C13", "size": "large"} for k in range(5)]
    private = [{"party_id": "P", "industry": "C17", "size": "large"}, {"party_id": "Q", "industry": "K70"}]
    rows = {
        "parties": listed + private,
        "financials": [
            *({"party_id": f"L{k}", "market_value_equity": 100.0, "equity_volatility": 0.2 + 0.1 * k,
               "current_liabilities": 50.0} for k in range(5)),
            *({"party_id": p, "total_assets": 10.0, "current_liabilities": 5.0} for p in "PQ"),
        ],
    }  # fmt: skip
    found = scores(rows).values
    merton = found[found["score"] == "merton"].set_index("party_id")
    middle = merton.loc["L2", "asset_volatility"]
    assert middle == merton.loc["P", "asset_volatility"]
    assert "the median of 5 listed firms (industry C*, size large)" in merton.loc["P", "variant_reason"]
    assert "the median of 5 listed firms (all)" in merton.loc["Q", "variant_reason"]


def test_ohlson_needs_the_year_before_and_says_so() -> None:
    assert "missing: net_income of the year before" == one()["ohlson"].variant_reason
    rows = {
        "parties": [{"party_id": "A"}],
        "financials": [
            {"party_id": "A", **SOUND, "net_income": -10.0, "period_end_on": date(2024, 12, 31)},
            {"party_id": "A", **SOUND, "net_income": -40.0},
        ],
    }
    found = scores(rows)
    last = found.values[found.values["score"] == "ohlson"].iloc[0]
    assert pytest.approx(expected({**SOUND, "net_income": -40.0, "period_months": None, "market_value_equity": None},
                                  {"net_income": -10.0, "period_months": 12})["ohlson"]) == last["value"]  # fmt: skip
    assert {"scores_are_no_pd", "ohlson_inputs", "merton_proxies"} == {note.key for note in found.notes}
