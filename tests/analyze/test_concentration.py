from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.analyze.concentration import hhi
from graphrisk.model.result import Result
from tests.analyze.books import Rows, book
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties


def bank(**more: list[dict[str, Any]]) -> Rows:
    """Our bank lends 60 and 20 to A, 15 to B and 5 to C; another bank lends 1,000 to C."""
    loans = [("F1", "A", 60.0, None), ("F2", "A", 20.0, None), ("F3", "B", 15.0, None), ("F4", "C", 5.0, None)]
    loans.append(("F5", "C", 1_000.0, "X"))
    rows: Rows = {
        "parties": [
            {"party_id": "A", "industry": "F51", "region": "浙江"},
            {"party_id": "B", "industry": "C13", "region": "浙江"},
            {"party_id": "C", "region": "江苏"},
            *parties("G", "H", "X"),
        ],
        "facilities": [
            {"facility_id": f, "borrower_id": b, "outstanding": due, "lender_id": lender} for f, b, due, lender in loans
        ],
    }
    return {**rows, **more}


def concentration(rows: Rows, **given: Any) -> Result:
    return analyze("concentration", graph_of(**rows), **given)


def summary(result: Result) -> dict[str, float]:
    return dict(zip(result.summary["measure"], result.summary["value"], strict=True))


def groups(result: Result, dimension: str) -> pd.DataFrame:
    found = result.groups
    return found[found["dimension"] == dimension]


def test_the_book_is_what_is_outstanding_at_our_own_bank() -> None:
    result = concentration(bank())
    found = summary(result)
    assert (100.0, 4.0, 3.0) == (found["ead"], found["facilities"], found["obligors"])
    assert any(note.startswith("1 facilities of other lenders (1 k") for note in result.notes)


def test_obligors_are_ranked_with_their_index_by_hand() -> None:
    result = concentration(bank())
    rows = groups(result, "obligor")
    assert [["A", 1, 80.0, 0.8, 1], ["B", 2, 15.0, 0.15, 1], ["C", 3, 5.0, 0.05, 1]] == (
        rows[["group", "rank", "ead", "share", "obligors"]].to_numpy().tolist()
    )
    row = result.dimensions.set_index("dimension").loc["obligor"]
    assert 0.8**2 + 0.15**2 + 0.05**2 == pytest.approx(row["hhi"])
    assert 1 / 0.665 == pytest.approx(row["effective_number"])
    assert [0.8, 1.0, 1.0, 1.0] == pytest.approx([row[f"top_{n}"] for n in (1, 5, 10, 20)])


def test_what_is_not_known_is_no_group_and_is_told() -> None:
    result = concentration(bank())
    row = result.dimensions.set_index("dimension").loc["industry"]
    assert (2, 95.0, 0.95) == (row["groups"], row["ead"], row["known_share"])
    assert (80 / 95) ** 2 + (15 / 95) ** 2 == pytest.approx(row["hhi"])
    last = groups(result, "industry").iloc[-1]
    assert pd.isna(last["group"])
    assert pd.isna(last["rank"])
    assert 0.05 == pytest.approx(last["share"])
    assert any("industry of 5.0% of the exposure is not known" in note for note in result.notes)
    assert [("浙江", 95.0, 2), ("江苏", 5.0, 1)] == [
        (g, e, o) for g, e, o in groups(result, "region")[["group", "ead", "obligors"]].to_numpy().tolist()
    ]


def test_collateral_divides_each_facility_among_what_covers_it() -> None:
    rows = bank(
        collateral=[
            {"collateral_id": "K1", "kind": "real_estate", "value": 100.0, "haircut": 0.5},
            {"collateral_id": "K2", "kind": "inventory", "value": 40.0},
        ],
        pledges=[
            {"facility_id": "F1", "collateral_id": "K1"},  # 50 of 60
            {"facility_id": "F2", "collateral_id": "K2", "allocated_amount": 8.0},  # 8 of 20
            {"facility_id": "F3", "collateral_id": "K2"},  # 15 of 15
        ],
    )
    result = concentration(rows)
    found = groups(result, "collateral").set_index("group")["ead"].to_dict()
    assert {"real_estate": 50.0, "inventory": 23.0, "unsecured": 27.0} == pytest.approx(found)
    assert 0.73 == pytest.approx(summary(result)["secured"])


def test_one_asset_is_not_counted_twice_and_no_loan_is_covered_beyond_its_amount() -> None:
    rows = bank(
        collateral=[
            {"collateral_id": k, "kind": kind, "value": v}
            for k, kind, v in (("K1", "shares", 30.0), ("K2", "cash", 60.0))
        ],
        pledges=[
            {"facility_id": "F1", "collateral_id": "K1"},  # claims 30 of 30
            {"facility_id": "F2", "collateral_id": "K1"},  # claims 20 of 30: the asset is shared 18 to 12
            {"facility_id": "F1", "collateral_id": "K2"},  # claims 60: F1 is covered by 78 of 60, cut pro rata
        ],
    )
    found = groups(concentration(rows), "collateral").set_index("group")["ead"].to_dict()
    assert {"shares": 18 * 60 / 78 + 12, "cash": 60 * 60 / 78, "unsecured": 28.0} == pytest.approx(found)


GUARANTEES = [
    {"guarantor_id": "G", "debtor_id": "A", "amount": 50.0},  # both facilities of A, with one cap
    {"guarantor_id": "G", "debtor_id": "A", "facility_id": "F1", "amount": 500.0},
    {"guarantor_id": "G", "debtor_id": "B", "facility_id": "F3", "amount": 3.0},
    {"guarantor_id": "H", "debtor_id": "C", "facility_id": "F5", "amount": 9.0},  # a loan of another bank
    {"guarantor_id": "B", "debtor_id": "B", "facility_id": "F3", "amount": 9.0},  # for itself
]


def test_a_guarantor_stands_behind_each_facility_once_and_its_caps_end_at_the_exposure() -> None:
    rows = bank(guarantees=GUARANTEES, financials=[{"party_id": "G", "equity": 56.5}])
    result = concentration(rows)
    row = result.guarantors.to_dict("records")
    assert 1 == len(row)
    assert ("G", 3, 2, 95.0, 0.95) == tuple(
        row[0][name] for name in ("guarantor_id", "facilities", "obligors", "ead_behind", "share")
    )
    assert 50.0 + 60.0 + 3.0 == row[0]["cap_behind"]
    assert 2.0 == row[0]["cap_to_net_assets"]
    assert 0.95 == pytest.approx(summary(result)["guaranteed"])
    assert 0.95 == pytest.approx(summary(result)["largest_guarantor"])


def test_the_share_in_circles_counts_borrowers_and_guarantors() -> None:
    circle = [
        {"guarantor_id": "A", "debtor_id": "B", "facility_id": "F3", "amount": 15.0},
        {"guarantor_id": "B", "debtor_id": "A", "facility_id": "F1", "amount": 15.0},
        {"guarantor_id": "B", "debtor_id": "C", "facility_id": "F4", "amount": 5.0},
        {"guarantor_id": "H", "debtor_id": "A", "facility_id": "F2", "amount": 5.0},
    ]
    found = summary(concentration(bank(guarantees=circle)))
    assert 0.95 == pytest.approx(found["borrowers_in_circles"])  # A and B
    assert 0.80 == pytest.approx(found["guaranteed_by_circles"])  # F3, F1, F4
    networks = groups(concentration(bank(guarantees=circle)), "guarantee_network")
    assert [("A", 100.0, 3)] == [tuple(r) for r in networks[["group", "ead", "obligors"]].to_numpy().tolist()]


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_every_division_adds_up_to_the_book(seed: int) -> None:
    result = concentration(book(seed, size=10))
    total = summary(result)["ead"]
    for dimension, part in result.groups.groupby("dimension"):
        assert total == pytest.approx(part["ead"].sum()), dimension
        assert 1.0 == pytest.approx(part["share"].sum()), dimension
    assert result.certificate["residual"] <= 1e-12
    assert all(0.0 < value <= 1.0 + 1e-12 for value in result.dimensions["hhi"].dropna())
    top = result.dimensions[[f"top_{n}" for n in (1, 5, 10, 20)]].dropna().to_numpy()
    assert (np.diff(top, axis=1) >= -1e-12).all()


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_guarantors_are_those_of_a_loop_over_contracts(seed: int) -> None:
    rows = book(seed, size=8)
    for number, row in enumerate(rows["guarantees"]):
        row["facility_id"] = [None, *(f["facility_id"] for f in rows["facilities"])][number % 5]
    due = {f["facility_id"]: f for f in rows["facilities"] if f["lender_id"] is None}
    behind: dict[str, set[str]] = {}
    caps: dict[str, float] = {}
    for row in rows["guarantees"]:
        chosen = (
            [row["facility_id"]]
            if row["facility_id"]
            else [f for f in due if due[f]["borrower_id"] == row["debtor_id"]]
        )
        chosen = [f for f in chosen if f in due and due[f]["borrower_id"] != row["guarantor_id"]]
        if chosen:
            behind.setdefault(row["guarantor_id"], set()).update(chosen)
            most = sum(due[f]["outstanding"] for f in chosen)
            caps[row["guarantor_id"]] = caps.get(row["guarantor_id"], 0.0) + min(row["amount"], most)
    found = concentration(rows).guarantors.set_index("guarantor_id")
    assert sorted(behind) == sorted(found.index)
    for guarantor, facilities in behind.items():
        row = found.loc[guarantor]
        assert len(facilities) == row["facilities"]
        assert len({due[f]["borrower_id"] for f in facilities}) == row["obligors"]
        assert sum(due[f]["outstanding"] for f in facilities) == pytest.approx(row["ead_behind"])
        assert caps[guarantor] == pytest.approx(row["cap_behind"])


def test_only_the_largest_groups_are_listed_but_all_are_counted() -> None:
    result = concentration(bank(), top=1)
    assert 1 == len(groups(result, "obligor"))
    assert 3 == result.dimensions.set_index("dimension").loc["obligor", "groups"]


def test_without_exposure_there_are_no_shares_and_a_note() -> None:
    result = concentration({"parties": parties("A")})
    found = summary(result)
    assert 0.0 == found["ead"]
    assert np.isnan(found["hhi_obligor"])
    assert any("Nothing is outstanding" in note for note in result.notes)


def test_the_index_of_equal_parts_is_one_over_their_number() -> None:
    assert 0.25 == hhi(np.full(4, 7.0))
    assert np.isnan(hhi(np.zeros(3)))
