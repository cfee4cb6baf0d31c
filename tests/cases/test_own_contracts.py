"""Shared cases T2 and T4 (our own data): what a party promised itself is called of nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze.contagion_books import Rows, random_book
from tests.analyze.contagion_runs import graph_from, party, run
from tests.cases.loaded import analysed

NOTE = "behind the guarantor's own debt, or a loan that it gave itself"
FIGURES = ("collateral_recovery", "shortfall", "guarantor_paid", "bank_loss")


def test_a_guarantor_s_own_loan_takes_nothing_of_its_guarantee(tmp_path: Path) -> None:
    found = analysed(tmp_path, "T2", "--shock", "SUB")
    rows = {row["facility_id"]: row for row in found["tables"]["contagion_facilities"]}
    assert (50.0, 10.0) == (rows["BANK"]["guarantor_paid"], rows["BANK"]["bank_loss"])
    assert (0.0, 100.0) == (rows["IC"]["guarantor_paid"], rows["IC"]["bank_loss"])
    parent = next(row for row in found["tables"]["contagion_parties"] if row["party_id"] == "PARENT")
    assert 150.0 == parent["equity_after"]
    assert any(NOTE in note for note in found["notes"])


def test_a_party_s_guarantee_for_itself_adds_no_loss(tmp_path: Path) -> None:
    found = analysed(tmp_path, "T4", "--set", "rule=debtrank", "--shock", "S=0.5")
    assert [50.0] == [row["bank_loss"] for row in found["tables"]["contagion_facilities"]]
    assert [False] == [row["defaulted"] for row in found["tables"]["contagion_parties"]]
    assert [] == found["tables"]["contagion_calls"]
    assert any(NOTE in note for note in found["notes"])


def _group(*, own_rows: bool, mode: str, named: bool) -> Rows:
    """Return a joint-guarantee group of three: each guarantees every loan, its own too where `own_rows`."""
    ids = "ABC"
    guarantees = [
        {"guarantee_id": f"G{k}{j}", "guarantor_id": k, "debtor_id": j, "facility_id": f"F{j}" if named else None,
         "amount": 60.0, "mode": mode}
        for k in ids for j in ids if own_rows or k != j
    ]  # fmt: skip
    return {
        "parties": [{"party_id": i} for i in ids],
        "financials": [{"party_id": i, "equity": 40.0} for i in ids],
        "facilities": [{"facility_id": f"F{i}", "borrower_id": i, "outstanding": 60.0} for i in ids],
        "guarantees": guarantees,
    }


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("mode", ["several", "joint_several"])
def test_a_group_whose_members_guarantee_themselves_too_is_as_without_these_rows(mode: str, named: bool) -> None:
    for shocks in ({"A": 1.0}, {"A": 0.5, "B": 0.25}, {}):
        for rule in ("threshold", "debtrank"):
            with_, without = (
                run(_group(own_rows=own, mode=mode, named=named), shocks, rule=rule, all_rows=True)
                for own in (True, False)
            )
            assert without.to_dict()["tables"] == with_.to_dict()["tables"]
            assert any("3 guarantees stand " + NOTE in note for note in with_.notes)
            assert not any(NOTE in note for note in without.notes)


@pytest.mark.parametrize("seed", range(12))
def test_rows_with_oneself_change_nothing_in_a_random_book(seed: int) -> None:
    """By caps or by given shares, named or blanket, of a debtor that another row names: as without the row."""
    rows = random_book(seed, size=6)
    borrower = {row["facility_id"]: row["borrower_id"] for row in rows["facilities"]}
    lender = {row["facility_id"]: row["lender_id"] for row in rows["facilities"]}
    rows["guarantees"] = [row for row in rows["guarantees"] if row["facility_id"] is not None]
    both = rows["guarantees"]
    rows["guarantees"] = [
        row for row in both if row["guarantor_id"] not in (borrower[row["facility_id"]], lender[row["facility_id"]])
    ]
    plus: list[dict[str, Any]] = list(rows["guarantees"])
    for k, row in enumerate(rows["facilities"]):
        for side in ("borrower_id", "lender_id"):
            if row[side] is not None:
                same = [g for g in rows["guarantees"] if g["facility_id"] == row["facility_id"]]
                share = 0.01 if any(g.get("share") is not None for g in same) else None
                plus.append({"guarantee_id": f"Z{k}{side}", "guarantor_id": row[side], "debtor_id": row["borrower_id"],
                             "facility_id": row["facility_id"], "amount": 33.0, "share": share, "liability": "joint",
                             "mode": ("several", "joint_several")[k % 2]})  # fmt: skip
    for rule in ("threshold", "debtrank"):
        chosen: dict[str, Any] = {"rule": rule, "recourse": 0.5, "recovery": 0.3, "all_rows": True, "max_rounds": 3_000}
        one = run(rows, {"P0": 1.0, "P1": 0.4}, **chosen)
        two = run({**rows, "guarantees": plus}, {"P0": 1.0, "P1": 0.4}, **chosen)
        assert one.to_dict()["tables"] == two.to_dict()["tables"]


def _lent(owner: str) -> Rows:
    """Return a loan of L to B, secured by an asset of `owner` and guaranteed by K."""
    return {
        "parties": [{"party_id": i} for i in "BKL"],
        "financials": [{"party_id": i, "equity": e} for i, e in (("B", 10.0), ("K", 500.0), ("L", 500.0))],
        "facilities": [{"facility_id": "F", "borrower_id": "B", "lender_id": "L", "outstanding": 100.0},
                       {"facility_id": "OURS", "borrower_id": "B", "outstanding": 100.0}],
        "guarantees": [{"guarantor_id": "K", "debtor_id": "B", "facility_id": "F", "amount": 90.0}],
        "collateral": [{"collateral_id": "C", "owner_id": owner, "value": 80.0}],
        "pledges": [{"facility_id": "F", "collateral_id": "C", "rank": 1},
                    {"facility_id": "OURS", "collateral_id": "C", "rank": 2}],
    }  # fmt: skip


def test_a_lender_recovers_nothing_from_its_own_asset() -> None:
    """Its asset is worth 80: it secures our loan in whole, and the guarantor is called for all of the lender's."""
    found = run(_lent("L"), {"B": 1.0}, all_rows=True)
    rows = _by_id(found)
    assert (0.0, 100.0, 90.0, 10.0) == tuple(rows["F"][name] for name in FIGURES)
    assert (80.0, 20.0) == (rows["OURS"]["collateral_recovery"], rows["OURS"]["bank_loss"])
    lender = party(found, "L")
    assert (10.0, 80.0, 410.0) == (lender["loss_exposures"], lender["loss_collateral"], lender["equity_after"])
    assert any("1 pledges are of the lender's own assets" in note for note in found.notes)
    other = _by_id(run(_lent("K"), {"B": 1.0}))["F"]
    assert (80.0, 20.0) == (other["collateral_recovery"], other["guarantor_paid"])


def _by_id(found: Result) -> dict[str, dict[str, Any]]:
    return {row["facility_id"]: row for row in found.to_dict()["tables"]["contagion_facilities"]}


def _with_ratings(rows: Rows) -> Rows:
    return {
        **rows,
        "ratings": [{"party_id": row["party_id"], "pd": 0.05 + 0.02 * k} for k, row in enumerate(rows["parties"])],
    }


@pytest.mark.parametrize("mode", ["several", "joint_several"])
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("portfolio", {"scenarios": 400}),
        ("portfolio", {"scenarios": 400, "second_stage": "linear"}),
        ("portfolio", {"scenarios": 400, "rule": "debtrank"}),
        ("explain", {"party": "B"}),
        ("intervene", {"target_fraction": 0.5}),
        ("chains", {}),
        ("concentration", {}),
        ("centrality", {"layers": "guarantees"}),
    ],
)
def test_every_analyzer_is_as_without_the_rows_with_oneself(name: str, settings: dict[str, Any], mode: str) -> None:
    analyzer = find_analyzer(name)
    inputs = Inputs(shocks={"A": 1.0}) if name in ("explain", "intervene") else Inputs()
    found = []
    for own in (True, False):
        graph = graph_from(_with_ratings(_group(own_rows=own, mode=mode, named=True)))
        params = parse_params(analyzer.Params, settings, where=name)
        found.append(analyzer.run(graph, params, inputs=inputs, progress=silent).to_dict())
    assert found[0]["tables"] == found[1]["tables"]
    assert found[0]["certificate"] == found[1]["certificate"]


def test_a_loan_of_its_own_does_not_use_up_a_guarantor_s_cap_in_a_draw_either() -> None:
    """SUB fails for certain: of the 60 it owes our bank PARENT pays 50, as in a run of contagion."""
    rows: Rows = {
        "parties": [{"party_id": "PARENT"}, {"party_id": "SUB"}],
        "financials": [{"party_id": "PARENT", "equity": 300.0}, {"party_id": "SUB", "equity": 50.0}],
        "facilities": [
            {"facility_id": "IC", "borrower_id": "SUB", "lender_id": "PARENT", "outstanding": 100.0},
            {"facility_id": "BANK", "borrower_id": "SUB", "outstanding": 60.0},
        ],
        "guarantees": [{"guarantor_id": "PARENT", "debtor_id": "SUB", "amount": 50.0, "mode": "joint_several"}],
        "ratings": [{"party_id": "SUB", "pd": 1.0}, {"party_id": "PARENT", "pd": 0.0}],
    }
    analyzer = find_analyzer("portfolio")
    params = parse_params(analyzer.Params, {"scenarios": 200}, where="portfolio")
    found = analyzer.run(graph_from(rows), params, inputs=Inputs(), progress=silent).to_dict()
    worst = [row for row in found["tables"]["portfolio_summary"] if row["measure"] in ("VaR", "ES")]
    assert 4 == len(worst)
    assert {10.0} == {row[side] for row in worst for side in ("with_contagion", "without_contagion")}
