from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from graphrisk.analyze.quality.analysis import CHECKS, summary_notes
from graphrisk.model.result import Result
from tests.analyze.books import Rows, book
from tests.analyze.test_contract import analyze
from tests.worlds.build import AS_OF, graph_of, parties, ring

DAY = timedelta(days=1)


def clean() -> Rows:
    """A small book in which nothing is to be found."""
    ids = ["A", "B", "C"]
    accounts = {"equity": 40.0, "total_assets": 100.0, "total_liabilities": 60.0, "sales": 500.0}
    return {
        "parties": parties(*ids),
        "financials": [{"party_id": i, **accounts} for i in ids],
        "facilities": [
            {
                "facility_id": f"F{i}",
                "borrower_id": i,
                "outstanding": due,
                "limit_amount": 100.0,
                "maturity_on": AS_OF + DAY,
            }
            for i, due in zip(ids, (60.0, 30.0, 10.0), strict=True)
        ],
        "guarantees": [{"guarantor_id": "A", "debtor_id": "B", "facility_id": "FB", "amount": 30.0}],
        "ownership": [{"owner_id": "A", "owned_id": "C", "share_min": 0.6, "share_max": 0.6}],
        "supplies": [
            {"supplier_id": "A", "buyer_id": "B", "amount": 5.0},
            {"supplier_id": "B", "buyer_id": "A", "amount": 5.0},
        ],
        "collateral": [{"collateral_id": "K", "owner_id": "A", "value": 50.0, "valued_on": AS_OF - DAY}],
        "pledges": [{"facility_id": "FA", "collateral_id": "K"}],
    }


def quality(rows: Rows, **given: Any) -> Result:
    return analyze("quality", graph_of(**rows), **given)


def finding(result: Result, check: str) -> dict[str, Any]:
    rows = [row for row in result.to_dict()["tables"]["quality_findings"] if row["check"] == check]
    assert len(rows) == 1, f"{check}: {rows}"
    return rows[0]


def with_rows(**more: list[dict[str, Any]]) -> Rows:
    rows = clean()
    for name, given in more.items():
        rows[name] = [*rows.get(name, []), *given]
    return rows


def changed(table: str, at: int, **values: Any) -> Rows:
    rows = clean()
    rows[table][at] = {**rows[table][at], **values}
    return rows


def test_a_clean_book_has_no_finding_and_no_note() -> None:
    result = quality(clean())
    assert [] == result.findings["check"].tolist()
    assert () == summary_notes(result)
    assert () == result.notes


EXTRA = {"share_min": 0.3, "share_max": 0.3}
CASES: list[tuple[str, Rows, int, float | None, list[str]]] = [
    # check, book, rows found, share of the exposure of 100 that it concerns, examples
    (
        "oversubscribed_shares",
        with_rows(ownership=[{"owner_id": "B", "owned_id": "C", "share_min": 0.41, "share_max": 0.41}]),
        1,
        0.1,
        ["C"],
    ),
    (
        "oversubscribed_votes",
        with_rows(ownership=[{"owner_id": o, "owned_id": "C", "votes_min": 0.7} for o in "AB"]),
        1,
        0.1,
        ["C"],
    ),
    ("self_holdings", with_rows(ownership=[{"owner_id": "B", "owned_id": "B", **EXTRA}]), 1, 0.3, ["B -> B"]),
    ("reversed_bounds", changed("ownership", 0, share_min=0.7), 1, 0.1, ["A -> C"]),
    ("unknown_shares", changed("ownership", 0, share_min=None, share_max=None), 1, 0.1, ["A -> C"]),
    (
        "self_guarantees",
        with_rows(guarantees=[{"guarantor_id": "C", "debtor_id": "C", "facility_id": "FC", "amount": 1.0}]),
        1,
        0.1,
        ["G0001"],
    ),
    ("guarantee_of_another_debtor", changed("guarantees", 0, facility_id="FA"), 1, 0.3, ["G0000"]),
    ("failed_guarantors", changed("parties", 0, status="closed"), 1, 0.3, ["G0000"]),
    ("guarantor_equity_unknown", changed("financials", 0, equity=None), 1, 0.3, ["A"]),
    (
        "guarantee_behind_nothing",
        with_rows(parties=parties("D"), guarantees=[{"guarantor_id": "A", "debtor_id": "D", "amount": 1.0}]),
        1,
        None,
        ["G0001"],
    ),
    ("guarantee_far_above_debt", changed("guarantees", 0, amount=201.0), 1, None, ["G0000"]),
    ("pledged_beyond_value", changed("pledges", 0, allocated_amount=50.1), 1, 0.6, ["K"]),
    ("asset_of_several_borrowers", with_rows(pledges=[{"facility_id": "FB", "collateral_id": "K"}]), 1, 0.9, ["K"]),
    ("pledge_by_non_owner", changed("collateral", 0, owner_id="C"), 1, 0.6, ["FA -> K"]),
    ("asset_owner_unknown", changed("collateral", 0, owner_id=None), 1, 0.6, ["K"]),
    ("old_appraisals", changed("collateral", 0, valued_on=AS_OF - 366 * DAY), 1, 0.6, ["K"]),
    ("undated_appraisals", changed("collateral", 0, valued_on=None), 1, 0.6, ["K"]),
    ("future_appraisals", changed("collateral", 0, valued_on=AS_OF + DAY), 1, 0.6, ["K"]),
    ("past_maturity", changed("facilities", 0, maturity_on=AS_OF), 1, 0.6, ["FA"]),
    ("over_limit", changed("facilities", 1, limit_amount=29.0), 1, 0.3, ["FB"]),
    (
        "same_loan_twice",
        {
            **changed("facilities", 2, lender_id="A"),
            "exposures": [{"creditor_id": "A", "debtor_id": "C", "amount": 10.0}],
        },
        1,
        0.1,
        ["FC"],
    ),
    ("self_supplies", with_rows(supplies=[{"supplier_id": "A", "buyer_id": "A", "amount": 1.0}]), 1, None, ["A -> A"]),
    ("non_positive_amounts", changed("guarantees", 0, amount=0.0), 1, 0.3, ["G0000"]),
    ("unknown_amounts", changed("collateral", 0, value=None), 1, None, ["K"]),
    ("missing_currency", changed("facilities", 0, currency=None), 1, None, ["FA"]),
    ("missing_financials", {**clean(), "financials": clean()["financials"][1:]}, 1, 0.6, ["A"]),
    ("missing_equity", changed("financials", 2, equity=None), 1, 0.1, ["C"]),
    ("stale_financials", changed("financials", 1, period_end_on=AS_OF - 549 * DAY), 1, 0.3, ["B"]),
    ("negative_equity", changed("financials", 2, equity=-5.0, total_liabilities=105.0), 1, 0.1, ["C"]),
    ("unbalanced_accounts", changed("financials", 2, equity=42.0), 1, 0.1, ["C"]),
    ("isolated_parties", with_rows(parties=parties("Z")), 1, 0.0, ["Z"]),
]


@pytest.mark.parametrize(("check", "rows", "count", "part", "examples"), CASES, ids=[case[0] for case in CASES])
def test_one_fault_is_found_with_the_exposure_that_it_touches(
    check: str, rows: Rows, count: int, part: float | None, examples: list[str]
) -> None:
    found = finding(quality(rows), check)
    assert count == found["rows"]
    assert examples == found["examples"]
    assert (part if part is None else pytest.approx(part)) == found["exposure_share"]
    assert found["finding"].startswith("1 ")
    assert found["action"].endswith(".")


def test_what_is_just_within_the_rules_is_no_finding() -> None:
    rows = with_rows(ownership=[{"owner_id": "B", "owned_id": "C", "share_min": 0.4, "share_max": 1.0}])
    rows["collateral"][0]["valued_on"] = AS_OF - 365 * DAY
    rows["financials"][0]["period_end_on"] = AS_OF - 548 * DAY
    rows["facilities"][0]["limit_amount"] = 60.0
    assert [] == quality(rows).findings["check"].tolist()


def test_a_holding_through_a_nominee_and_the_nominees_own_row_are_one_holding() -> None:
    rows: Rows = {
        "parties": [*parties("A", "B", "P"), {"party_id": "N", "name": "N", "kind": "nominee"}],
        "ownership": [
            {"owner_id": "A", "owned_id": "B", "share_min": 0.51, "share_max": 0.51},
            {"owner_id": "N", "owned_id": "B", "share_min": 0.3, "share_max": 0.3},
            {"owner_id": "P", "owned_id": "B", "share_min": 0.2, "share_max": 0.2, "via": "N"},
        ],
    }
    assert "oversubscribed_shares" not in quality(rows).findings["check"].tolist()
    rows["ownership"].append({"owner_id": "P", "owned_id": "B", "share_min": 0.3, "share_max": 0.3, "via": "N"})
    assert "oversubscribed_shares" in quality(rows).findings["check"].tolist()  # .51 + .5, more than N tells itself


def test_an_asset_pledged_twice_is_found_and_one_loan_above_its_security_is_not() -> None:
    rows = with_rows(pledges=[{"facility_id": "FB", "collateral_id": "K"}])  # 50 for A's 60, 30 for B's 30: 80 of 50
    result = quality(rows)
    assert ["K"] == finding(result, "pledged_beyond_value")["examples"]
    assert [["K", "A", 50.0, 80.0, 30.0, 2, 2]] == result.collateral.to_numpy().tolist()


def test_a_supply_ring_without_a_final_buyer_is_closed() -> None:
    rows = clean()
    for row in rows["financials"]:
        row["sales"] = 5.0
    result = quality(rows)
    assert (2, ["A", "B"]) == (
        finding(result, "closed_supply_network")["rows"],
        finding(result, "closed_supply_network")["examples"],
    )
    assert [["A", 2, 10.0, 10.0, ["A", "B"]]] == result.closed_supply.to_numpy().tolist()
    leak = {**rows, "supplies": [*rows["supplies"], {"supplier_id": "B", "buyer_id": "C", "amount": 1.0}]}
    assert 0 == len(quality(leak).closed_supply)


def test_unknown_sales_show_no_final_buyer() -> None:
    rows = clean()
    for row in rows["financials"]:
        row["sales"] = None
    assert [["A", "B"]] == quality(rows).closed_supply["parties"].tolist()


def test_identical_rows_are_counted_beyond_the_first_whatever_their_id_and_source() -> None:
    guarantee = {"guarantor_id": "A", "debtor_id": "B", "facility_id": "FB", "amount": 30.0}
    rows = with_rows(guarantees=[{**guarantee}, {**guarantee}, {**guarantee, "amount": 29.0}])
    found = finding(quality(rows), "identical_rows")
    assert ("guarantees", 2, ["G0000", "G0000"]) == (found["table"], found["rows"], found["examples"])


def test_ids_that_lead_nowhere_are_found_and_do_not_touch_other_numbers() -> None:
    rows = with_rows(
        guarantees=[{"guarantor_id": "A", "debtor_id": "Nobody", "amount": 1.0}],
        financials=[{"party_id": "Nobody", "equity": -99.0}],
    )
    result = quality(rows)
    found = result.findings
    assert {"financials": 1, "guarantees": 1} == (
        found[found["check"] == "unknown_ids"].set_index("table")["rows"].to_dict()
    )
    assert "negative_equity" not in found["check"].tolist()


def test_a_missing_currency_is_seen_beside_converted_amounts() -> None:
    rows = changed("facilities", 0, currency=None)
    rows["facilities"][1]["currency"] = "USD"
    rows["fx"] = [
        {"currency": "CNY", "as_of_on": AS_OF, "rate": 1.0},
        {"currency": "USD", "as_of_on": AS_OF - 32 * DAY, "rate": 7.0},
    ]
    result = quality(rows)
    assert ["FA"] == finding(result, "missing_currency")["examples"]
    assert ["USD"] == finding(result, "old_exchange_rates")["examples"]


def test_persons_are_not_asked_for_accounts() -> None:
    rows = clean()
    rows["financials"] = rows["financials"][1:]
    rows["parties"][0]["kind"] = "person"
    assert "missing_financials" not in quality(rows).findings["check"].tolist()


def test_coverage_says_for_which_part_of_the_exposure_a_fact_is_known() -> None:
    rows = clean()
    rows["financials"][0]["equity"] = None
    rows["parties"][1]["industry"] = "C13"
    rows["facilities"][2]["lgd"] = 0.45
    found = quality(rows).coverage.set_index("fact")
    for fact, known, part in (
        ("financials.equity", 2, 0.4),
        ("parties.industry", 1, 0.3),
        ("facilities.lgd", 1, 0.1),
        ("facilities.limit_amount", 3, 1.0),
        ("ratings.pd", 0, 0.0),
    ):
        row = found.loc[fact]
        assert (3, known) == (row["needed"], row["known"]), fact
        assert part == pytest.approx(row["exposure_known"]), fact


def test_thresholds_are_parameters() -> None:
    rows = changed("collateral", 0, valued_on=AS_OF - 366 * DAY)
    assert "old_appraisals" not in quality(rows, appraisal_days=400).findings["check"].tolist()


def test_findings_come_by_severity_then_by_the_exposure_they_touch() -> None:
    found = quality(book(5, size=20, relations=60)).findings
    rank = found["severity"].map({"high": 0, "medium": 1, "low": 2}).tolist()
    assert sorted(rank) == rank
    assert len(set(rank)) == 3
    for severity in ("high", "medium", "low"):
        parts = found.loc[found["severity"] == severity, "exposure_share"].fillna(-1.0).tolist()
        assert sorted(parts, reverse=True) == parts


def test_the_summary_is_short_and_starts_with_the_gravest() -> None:
    result = quality(book(5, size=20, relations=60))
    notes = summary_notes(result)
    assert 6 == len(notes)
    assert notes[0].startswith("Data quality, high: ")
    grave = int(result.findings["severity"].isin(["high", "medium"]).sum())
    assert f"Data quality: {grave - 5} more findings; see the analyzer quality." == notes[-1]
    assert all(note.endswith(".") for note in notes)


def test_every_check_is_listed_with_what_it_looked_at() -> None:
    found = quality(clean()).checks.set_index(["check", "table"])
    assert len(CHECKS) == len(found)
    assert (3, 0) == tuple(found.loc[("past_maturity", "facilities")])
    assert (0, 0) == tuple(found.loc[("self_exposures", "exposures")])


def test_rows_left_out_of_the_graph_are_told() -> None:
    rows = changed("guarantees", 0, to_on=date(2026, 1, 1))
    assert any(note.startswith("Guarantees: 1 of 1 rows left out") for note in quality(rows).notes)


def test_a_ring_without_dates_has_only_what_is_missing() -> None:
    assert [] == quality(ring(3)).findings["check"].tolist()
    assert ["guarantor_equity_unknown", "missing_financials"] == sorted(
        quality({**ring(3), "financials": []}).findings["check"].tolist()
    )
