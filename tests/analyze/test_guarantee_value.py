"""What guarantees are worth: by hand, against a slow reading, and what nobody may count twice."""

from __future__ import annotations

from typing import Any

import pytest

from graphrisk.analyze.needs import computed
from graphrisk.kernels.credit.joint_default import joint_probability
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result, records
from tests.analyze.books import book
from tests.worlds.build import graph_of


def value(rows: dict[str, Any], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="guarantee_value", analyzer="guarantee_value", params=params))


def rated(**pds: float) -> list[dict[str, Any]]:
    return [{"party_id": one, "pd": pd} for one, pd in pds.items()]


def two_debtors(**more: Any) -> dict[str, Any]:
    """G (equity 10) stands behind A and B with 8 each, whose loans are 20 and 8."""
    return {
        "parties": [{"party_id": p} for p in "ABG"],
        "financials": [{"party_id": "G", "equity": 10.0}],
        "facilities": [
            {"facility_id": "FA", "borrower_id": "A", "outstanding": 20.0, "lgd": 0.5},
            {"facility_id": "FB", "borrower_id": "B", "outstanding": 8.0, "lgd": 0.5},
        ],
        "guarantees": [
            {"guarantee_id": f"G{d}", "guarantor_id": "G", "debtor_id": d, "facility_id": f"F{d}", "amount": 8.0}
            for d in "AB"
        ],
        "ratings": rated(A=0.05, B=0.05, G=0.03),
        **more,
    }


def test_capacity_is_shared_over_all_that_was_promised() -> None:
    result = value(two_debtors())
    rows = {row["guarantee_id"]: row for row in records(result.contracts)}
    works = 1.0 - float(joint_probability(0.05, 0.03, 0.2)) / 0.05
    for row in rows.values():
        assert ("unrelated", 0.2, 0.5) == (row["relation"], row["rho"], row["capacity_share"])
        assert 5.0 == row["effective_cover"]
        assert pytest.approx(works) == row["effectiveness"]
        assert pytest.approx(0.05 * works * 0.5 * 5.0) == row["el_saved"]
    assert [("G", 16.0, 10.0, 6.0)] == [
        (r["party_id"], r["promised"], r["capacity"], r["beyond"]) for r in records(result.guarantors)
    ]
    assert pytest.approx(0.05 * 0.5 * 28.0) == result.certificate["el_without"]


@pytest.mark.parametrize(
    ("more", "relation"),
    [
        ({"ownership": [{"owner_id": "G", "owned_id": "A", "share_min": 0.6, "share_max": 0.6}]}, "same_controller"),
        ({"ownership": [{"owner_id": "G", "owned_id": "A", "share_min": 0.3, "share_max": 0.3}]}, "unrelated"),
        ({"control": [{"controller_id": "B", "controlled_id": "A"}, {"controller_id": "B", "controlled_id": "G"}]},
         "same_controller"),
        ({"ties": [{"a_id": "A", "b_id": "G"}]}, "same_controller"),
        ({"ties": [{"a_id": "A", "b_id": "G", "kind": "phone"}]}, "unrelated"),
    ],
)  # fmt: skip
def test_the_relation_follows_control_family_and_circles(more: dict[str, Any], relation: str) -> None:
    found = value(two_debtors(**more)).contracts.set_index("guarantee_id")
    assert relation == found.loc["GA", "relation"]


def test_a_circle_of_guarantees_is_one_and_control_is_nearer() -> None:
    back = {"guarantee_id": "GX", "guarantor_id": "A", "debtor_id": "G", "amount": 1.0}
    rows = two_debtors()
    rows["guarantees"].append(back)
    found = value(rows, rho_circle=0.7).contracts.set_index("guarantee_id")
    assert ["circle", "circle", "unrelated"] == [found.loc[g, "relation"] for g in ("GA", "GX", "GB")]
    assert 0.7 == found.loc["GA", "rho"]
    assert found.loc["GA", "effectiveness"] < found.loc["GB", "effectiveness"]


def test_who_has_no_pd_or_no_means_or_is_the_debtor_is_named() -> None:
    rows = two_debtors()
    rows["ratings"] = rated(A=0.05, G=0.03)
    rows["guarantees"].append({"guarantee_id": "GS", "guarantor_id": "A", "debtor_id": "A", "amount": 5.0})
    found = value(rows).contracts.set_index("guarantee_id")
    assert "no_pd_of_debtor" == found.loc["GB", "why"]
    assert found.loc["GB", "el_saved"] != found.loc["GB", "el_saved"]
    assert ("for_oneself", 0.0) == (found.loc["GS", "why"], found.loc["GS", "effective_cover"])
    poor = value(two_debtors(financials=[])).contracts
    assert {"capacity_not_known"} == set(poor["why"])
    assert poor["capacity"].isna().all()
    assert (poor["effective_cover"] == 0.0).all()
    assert (value(two_debtors(financials=[]), missing_capacity="caps").contracts["effective_cover"] == 8.0).all()


def test_a_loan_is_never_covered_beyond_itself_and_a_failed_debtor_shows_what_is_bare() -> None:
    rows = two_debtors(financials=[{"party_id": "G", "equity": 1000.0}, {"party_id": "A", "equity": 1000.0}])
    rows["guarantees"].append({"guarantee_id": "GC", "guarantor_id": "A", "debtor_id": "B", "amount": 50.0})
    rows["parties"][1]["status"] = "defaulted"
    result = value(rows)
    contracts, loans = result.contracts.set_index("guarantee_id"), result.facilities.set_index("facility_id")
    assert [8.0, 8.0] == [contracts.loc[g, "effective_cover"] for g in ("GB", "GC")]
    assert 8.0 == loans.loc["FB", "effective_cover"]
    assert 0.0 == loans.loc["FB", "uncovered"]
    assert 0.0 == loans.loc["FA", "uncovered"], "A has not failed"
    assert pytest.approx(1.0 - 0.03) == contracts.loc["GB", "effectiveness"]
    bare = value(two_debtors(parties=[{"party_id": "A", "status": "defaulted"}, *({"party_id": p} for p in "BG")]))
    assert 15.0 == bare.facilities.set_index("facility_id").loc["FA", "uncovered"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_is_covered_or_saved_beyond_what_there_is(seed: int) -> None:
    rows = book(seed, size=14)
    rows["ratings"] = rated(**{row["party_id"]: 0.01 * (k + 1) for k, row in enumerate(rows["parties"]) if k % 5})
    result = value(rows)
    contracts, loans, guarantors = result.contracts, result.facilities, result.guarantors
    known = guarantors[guarantors["capacity"].notna()]
    by_guarantor = contracts.groupby("guarantor_id")["effective_cover"].sum()
    for row in known.itertuples():
        assert by_guarantor.get(row.party_id, 0.0) <= row.capacity + 1e-9
    assert (loans["effective_cover"] <= loans["ead"] + 1e-9).all()
    worth = loans[loans["el_without"].notna()]
    assert (worth["el_saved"] <= worth["el_without"] + 1e-9).all()
    for table in (loans, result.clients, guarantors):
        assert pytest.approx(contracts["el_saved"].sum()) == table["el_saved"].sum()
    assert pytest.approx(contracts["counted_cover"].sum()) == loans["effective_cover"].sum()
    assert pytest.approx(result.certificate["el_saved"]) == contracts["el_saved"].sum()
