"""Contracts of a party with itself, and owners that own one another in a circle."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.analyze.books import Rows
from tests.analyze.test_chains import chains
from tests.analyze.test_contract import analyze
from tests.analyze.test_quality import finding, quality
from tests.worlds.build import graph_of, parties

ONESELF = ("self_guarantees", "own_debt_in_group", "guarantee_to_oneself", "own_loan_guaranteed", "pledge_to_oneself",
           "self_facilities", "co_borrower_is_a_side")  # fmt: skip


def of_oneself(rows: Rows) -> dict[str, tuple[str, int]]:
    found = quality(rows).findings
    told = found[found["check"].isin(ONESELF)]
    return {c: (s, n) for c, s, n in zip(told["check"], told["severity"], told["rows"], strict=True)}


def world(**tables: list[dict[str, Any]]) -> Rows:
    facilities = [
        {"facility_id": "FA", "borrower_id": "A", "outstanding": 10.0},
        {"facility_id": "FB", "borrower_id": "B", "outstanding": 10.0},
        {"facility_id": "FI", "borrower_id": "B", "lender_id": "A", "outstanding": 10.0},
    ]
    return {"parties": parties("A", "B", "C"), "facilities": facilities, **tables}


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        ({"guarantor_id": "A", "debtor_id": "A"}, {"self_guarantees": ("high", 1)}),
        ({"guarantor_id": "A", "debtor_id": "A", "facility_id": "FA"}, {"self_guarantees": ("high", 1)}),
        ({"guarantor_id": "B", "debtor_id": "A", "facility_id": "FB"}, {"self_guarantees": ("high", 1)}),
        ({"guarantor_id": "A", "debtor_id": "B", "facility_id": "FI"}, {"guarantee_to_oneself": ("medium", 1)}),
        ({"guarantor_id": "A", "debtor_id": "B"}, {"own_loan_guaranteed": ("low", 1)}),
        ({"guarantor_id": "A", "debtor_id": "B", "facility_id": "FB"}, {}),
        ({"guarantor_id": "C", "debtor_id": "B"}, {}),
        ({"guarantor_id": "C", "debtor_id": "B", "facility_id": "FI"}, {}),
    ],
)
def test_a_guarantee_for_oneself_is_told_by_what_it_is(
    contract: dict[str, Any], expected: dict[str, tuple[str, int]]
) -> None:
    assert expected == of_oneself(world(guarantees=[{**contract, "amount": 5.0}]))


@pytest.mark.parametrize(("party", "facility"), [("A", "FA"), ("A", "FI"), ("B", "FI")])
def test_a_co_borrower_that_is_the_borrower_or_the_lender_is_told(party: str, facility: str) -> None:
    rows = world(co_borrowers=[{"party_id": party, "facility_id": facility}, {"party_id": "C", "facility_id": "FA"}])
    assert {"co_borrower_is_a_side": ("medium", 1)} == of_oneself(rows)


def test_a_guarantee_for_all_debts_of_a_firm_whose_only_lender_is_the_guarantor_secures_nobody() -> None:
    rows = world(guarantees=[{"guarantor_id": "A", "debtor_id": "B", "amount": 5.0}])
    rows["facilities"] = [row for row in rows["facilities"] if row["facility_id"] != "FB"]
    assert {"guarantee_to_oneself": ("medium", 1)} == of_oneself(rows)


@pytest.mark.parametrize("named", [True, False])
def test_a_joint_guarantee_group_has_one_calm_finding(named: bool) -> None:
    ids = ("A", "B", "C")
    rows = {
        "parties": parties(*ids),
        "facilities": [{"facility_id": f"F{i}", "borrower_id": i, "outstanding": 10.0} for i in ids],
        "guarantees": [
            {"guarantor_id": g, "debtor_id": d, "facility_id": f"F{d}" if named else None, "amount": 10.0}
            for g in ids
            for d in ids
        ],
    }
    assert {"own_debt_in_group": ("low", 3)} == of_oneself(rows)
    found = analyze("chains", graph_of(**rows))
    assert [20.0] * 3 == found.parties["guaranteed_out"].tolist() == found.parties["guaranteed_in"].tolist()
    assert [2] * 3 == found.parties["debtors"].tolist() == found.parties["guarantors"].tolist()
    assert (3, 5) == (len(found.pairs), len(found.circles))  # AB, AC, BC, and both ways round


def test_chains_leave_out_what_stands_behind_the_guarantor_s_own_loan() -> None:
    named = {"guarantor_id": "A", "debtor_id": "B", "facility_id": "FI", "amount": 5.0}
    back = {"guarantor_id": "B", "debtor_id": "A", "amount": 3.0}
    found = analyze("chains", graph_of(**world(guarantees=[named, back])))
    rows = found.parties.set_index("party_id")
    assert (0.0, 3.0) == tuple(rows.loc["A", ["guaranteed_out", "guaranteed_in"]])
    assert 0 == len(found.circles) == len(found.pairs)
    assert any("with itself" in note for note in found.notes)


def test_a_party_that_guarantees_only_itself_is_no_guarantor_of_unknown_means() -> None:
    rows = world(guarantees=[{"guarantor_id": "A", "debtor_id": "A", "amount": 5.0}])
    assert "guarantor_equity_unknown" not in set(quality(rows).findings["check"])
    assert 0 == len(chains(("A", "A", 5.0)).parties)


def test_pledges_to_the_owner_and_loans_to_the_lender_are_told() -> None:
    rows = world(
        collateral=[{"collateral_id": "KA", "owner_id": "A", "value": 9.0}],
        pledges=[{"facility_id": "FI", "collateral_id": "KA"}, {"facility_id": "FB", "collateral_id": "KA"}],
    )
    rows["facilities"].append({"facility_id": "FS", "borrower_id": "C", "lender_id": "C", "outstanding": 5.0})
    assert {"pledge_to_oneself": ("medium", 1), "self_facilities": ("high", 1)} == of_oneself(rows)
    assert ["FI -> KA"] == finding(quality(rows), "pledge_to_oneself")["examples"]


def owned(*holdings: tuple[str, str] | tuple[str, str, float], control: list[tuple[str, str]] | None = None) -> Rows:
    names = sorted({one for held in holdings for one in held[:2]} | {one for pair in control or [] for one in pair})
    return {
        "parties": parties(*names),
        "ownership": [
            {"owner_id": h[0], "owned_id": h[1], "share_min": s, "share_max": s}
            for h in holdings
            for s in [h[2] if len(h) > 2 else 0.3]
        ],
        "control": [{"controller_id": a, "controlled_id": b} for a, b in control or []],
    }


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (owned(("A", "B"), ("B", "A")), ["A > B > A"]),
        (owned(("B", "C"), ("C", "A"), ("A", "B"), ("B", "D")), ["A > B > C > A"]),
        (owned(("A", "B"), ("B", "A"), ("B", "C"), ("C", "D"), ("D", "A"), ("A", "C")), ["A > B > A"]),  # F06
        (owned(("A", "A")), ["A > A"]),
        (owned(("A", "B"), control=[("B", "A")]), ["A > B > A"]),
        (owned(control=[("A", "B"), ("B", "A")]), ["A > B > A"]),
        (owned(("A", "B"), ("B", "A"), ("X", "Y"), ("Y", "Z"), ("Z", "X")), ["A > B > A", "X > Y > Z > X"]),
        (owned(*((f"P{k:02d}", f"P{(k + 1) % 40:02d}") for k in range(40))), None),
        (owned(("A", "B"), ("B", "C"), ("A", "C")), []),
        (owned(("A", "B"), ("B", "A", 0.0)), []),  # a holding of nothing is no holding
    ],
)
def test_owners_in_a_circle_are_found_each_group_once_with_a_shortest_circle(
    rows: Rows, named: list[str] | None
) -> None:
    result = quality(rows)
    found = [one for told in result.findings.query("check == 'ownership_circle'")["examples"] for one in told]
    if named is None:
        assert [" > ".join([*(f"P{k:02d}" for k in range(40)), "P00"])] == found
    else:
        assert named == found


def test_a_holding_that_ended_closes_no_circle() -> None:
    rows = owned(("A", "B"), ("B", "A"))
    from tests.worlds.build import AS_OF

    rows["ownership"][1]["to_on"] = AS_OF
    assert "ownership_circle" not in set(quality(rows).findings["check"])


def test_the_exposure_of_all_in_the_circle_is_touched() -> None:
    rows = owned(("A", "B"), ("B", "A"), ("B", "C"))
    rows["facilities"] = [
        {"facility_id": f"F{i}", "borrower_id": i, "outstanding": due}
        for i, due in (("A", 1.0), ("B", 2.0), ("C", 1.0))
    ]
    assert (0.75, "medium") == tuple(
        finding(quality(rows), "ownership_circle")[k] for k in ("exposure_share", "severity")
    )


@pytest.mark.parametrize("seed", range(8))
def test_rows_that_repeat_another_are_those_equal_in_all_but_id_and_source(seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        {
            "guarantee_id": f"G{k:02d}",
            "guarantor_id": rng.choice("ABX"),
            "debtor_id": rng.choice(["C", None]),
            "amount": rng.choice([1.0, 2.0, None, float("inf")]),
            "mode": rng.choice(["joint", "several"]),
            "source": rng.choice("pq"),
        }
        for k in range(40)
    ]
    seen = [tuple(row[name] for name in ("guarantor_id", "debtor_id", "amount", "mode")) for row in rows]
    found = quality(world(guarantees=rows)).findings
    (again,) = found[(found["check"] == "identical_rows") & (found["table"] == "guarantees")]["rows"]
    assert len(seen) - len(set(seen)) == again
