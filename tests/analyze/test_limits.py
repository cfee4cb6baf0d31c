"""Limits: published numbers and the ladder, joint debts and mitigation against plain sums, missing capital, related."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.needs import computed
from graphrisk.credit.exposure_values import our_exposures, owed_by
from graphrisk.credit.ladder import named, steps
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.published.test_ownership import vector
from tests.worlds.build import graph_of

Rows = dict[str, list[dict[str, Any]]]


def limits_of(graph: RiskGraph, **params: Any) -> Result:
    return computed(graph)(Ask(key="limits", analyzer="limits", params=params))


def loan(borrower: str, due: float, **more: Any) -> dict[str, Any]:
    return {"facility_id": f"F-{borrower}", "borrower_id": borrower, "outstanding": due, **more}


def test_the_ladder_steps_where_the_published_scheme_does() -> None:
    case = vector("limit_warning_ladder")
    line = case["single_client"]
    use = np.array([one["use"] for one in case["vectors"]])
    found = named(steps(use, np.full(len(use), line["legal"]), np.full(len(use), line["internal"])))[0]
    assert [one["level"] for one in case["vectors"]] == found.tolist()
    graph = graph_of(parties=[{"party_id": "A"}], facilities=[loan("A", 120.0)])
    (row,) = (
        limits_of(graph, regime="cn", tier1=1000.0, internal_single=0.12)
        .use.query("measure == 'exposure'")
        .to_dict("records")
    )
    assert ("orange", "breach_internal", 0.12) == (row["ladder"], row["level"], row["use"])


def test_the_lines_of_a_bank_with_given_capital_are_the_published_amounts() -> None:
    case = vector("limits_numbers")
    graph = graph_of(parties=[{"party_id": "A"}], facilities=[loan("A", 1.0)])

    def amounts(regime: str) -> dict[tuple[str, ...], float]:
        lines = limits_of(graph, regime=regime, **case["params"]).certificate["lines"]
        return {(one["measure"], *one.get("subjects", ()), *one.get("kinds", ())): one["amount"] for one in lines}

    basel, cn = amounts("basel"), amounts("cn")
    expected = case["expected"]
    assert expected["basel"]["limit"] == basel["exposure", "client", "group"]
    assert expected["basel"]["gsib_limit"] == basel["exposure", "client", "gsib"]
    assert expected["basel"]["large_from"] == basel["large_exposure",]
    assert expected["basel"]["econ_check_above"] == basel["dependency_check",]
    assert expected["cn"]["large_above"] == cn["large_exposure",]
    assert expected["cn"]["single_loan_limit"] == cn["loan", "client", "other"]
    assert expected["cn"]["single_exposure_limit"] == cn["exposure", "client", "other"]
    assert expected["cn"]["group_limit"] == cn["exposure", "group", "other"]
    assert expected["cn"]["interbank_limit"] == cn["exposure", "client", "group", "bank"]


def test_each_kind_of_client_meets_its_own_lines() -> None:
    kinds = {"A": "company", "B": "bank", "G": "bank"}
    graph = graph_of(
        parties=[{"party_id": one, "kind": kind} for one, kind in kinds.items()],
        facilities=[loan(one, 100.0) for one in kinds],
    )
    found = limits_of(graph, regime="cn", tier1=1000.0, net_capital=1250.0, gsib="G").use
    assert {("A", "loan", 0.10, 0.08), ("A", "exposure", 0.15, 0.1), ("B", "exposure", 0.25, 0.1),
            ("G", "exposure", 0.15, 0.1)} == {
        (r["subject_id"], r["measure"], r["limit"], r["use"]) for r in found.to_dict("records")
    }  # fmt: skip
    basel = limits_of(graph, tier1=1000.0, gsib="G").use
    assert {"A": 0.25, "B": 0.25, "G": 0.15} == dict(zip(basel["subject_id"], basel["limit"], strict=True))
    assert basel["large"].all()


def test_breaches_come_first_and_without_capital_there_is_no_percentage() -> None:
    graph = graph_of(
        parties=[{"party_id": one} for one in "ABCD"],
        facilities=[loan("A", 10.0), loan("B", 300.0), loan("C", 230.0, limit_amount=240.0), loan("D", 160.0)],
    )
    result = limits_of(graph, tier1=1000.0)
    assert ["breach", "red", "yellow", "none"] == result.use["ladder"].tolist()
    assert ["B", "C", "D", "A"] == result.use["subject_id"].tolist()
    assert [-50.0, 10.0, 90.0, 240.0] == result.use["headroom"].tolist()
    unknown = limits_of(graph)
    assert unknown.use["use"].isna().all()
    assert unknown.use["ladder"].isna().all()
    assert "capital_unknown_tier_one" in {note.key for note in unknown.notes}
    assert ["B", "C", "D", "A"] == unknown.use["subject_id"].tolist()
    assert "own_line_high_client" in {note.key for note in limits_of(graph, tier1=1.0, internal_single=0.24).notes}
    with pytest.raises(UsageError, match="tier1 is above 0"):
        limits_of(graph, tier1=0.0)


def test_the_settings_of_the_project_are_taken_and_a_parameter_goes_before_them() -> None:
    graph = graph_of(parties=[{"party_id": "A"}], facilities=[loan("A", 100.0)])
    graph = replace(graph, settings={**graph.settings, "capital.tier1": "500", "capital.internal_single": "0.1"})
    assert (0.2, 0.1) == tuple(limits_of(graph).use.loc[0, ["use", "internal_limit"]])
    assert 0.1 == limits_of(graph, tier1=1000.0).use.loc[0, "use"]


def test_cash_reduces_a_facility_by_rank_after_haircut_and_never_below_zero() -> None:
    graph = graph_of(
        parties=[{"party_id": one} for one in "AB"],
        facilities=[loan("A", 100.0), loan("B", 50.0)],
        collateral=[
            {"collateral_id": "cash", "kind": "cash", "value": 120.0, "haircut": 0.1},
            {"collateral_id": "house", "value": 1000.0},
        ],
        pledges=[
            {"facility_id": "F-A", "collateral_id": "cash", "rank": 1, "allocated_amount": 80.0},
            {"facility_id": "F-B", "collateral_id": "cash", "rank": 2},
            {"facility_id": "F-B", "collateral_id": "house"},
        ],
    )
    found = limits_of(graph, tier1=1000.0).use.set_index("subject_id")
    assert {"A": 80.0, "B": 28.0} == pytest.approx(found["recognised_mitigation"].to_dict())
    assert {"A": 20.0, "B": 22.0} == pytest.approx(found["exposure_after"].to_dict())


def random_debts(seed: int) -> Rows:
    dice = random.Random(seed)
    ids = [f"P{k}" for k in range(6)]
    facilities = [
        {"facility_id": f"F{k}", "borrower_id": dice.choice(ids), "lender_id": dice.choice([None, None, "P5"]),
         "outstanding": float(dice.randint(1, 50)), "limit_amount": dice.choice([None, 30.0, 60.0])}
        for k in range(6)
    ]  # fmt: skip
    joint = {(dice.randint(0, 5), dice.choice(ids)) for _ in range(4)}
    return {
        "parties": [{"party_id": one} for one in ids],
        "facilities": facilities,
        "co_borrowers": [
            {"facility_id": f"F{k}", "party_id": one, **dice.choice([{"mode": "several", "share": 0.3}, {}])}
            for k, one in sorted(joint)
        ],
        "guarantees": [
            {"guarantor_id": dice.choice(ids), "debtor_id": facilities[k]["borrower_id"],
             "facility_id": dice.choice([None, f"F{k}"]), "amount": float(dice.randint(1, 60))}
            for k in range(5)
        ],
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_what_a_set_of_parties_owes_is_the_plain_sum_of_its_contracts_each_once(seed: int) -> None:
    rows = random_debts(seed)
    graph = graph_of(**rows)
    dice = random.Random(seed + 100)
    sets = [sorted(dice.sample(range(6), dice.randint(1, 5))) for _ in range(4)]
    member = np.array([one for members in sets for one in members])
    owed = owed_by(our_exposures(graph), member, np.repeat(np.arange(4), [len(members) for members in sets]), 4)
    ours = {f["facility_id"]: f for f in rows["facilities"] if f["lender_id"] is None}
    for k, members in enumerate(sets):
        names = {f"P{one}" for one in members}
        parts = {
            name: 1.0 if f["borrower_id"] in names else min(1.0, sum(
                (c["share"] if c.get("mode") == "several" else 1.0) for c in rows["co_borrowers"]
                if c["facility_id"] == name and c["party_id"] in names and c["party_id"] != f["borrower_id"]
            ))
            for name, f in ours.items()
        }  # fmt: skip
        whole = sum(p * max(ours[n]["outstanding"], ours[n]["limit_amount"] or 0.0) for n, p in parts.items())
        assert whole == pytest.approx(owed.exposure[k])
        assert sum(p * ours[n]["outstanding"] for n, p in parts.items()) == pytest.approx(owed.loan[k])
        drawn = {p: sum(f["outstanding"] for f in ours.values() if f["borrower_id"] == p) for p in
                 {f["borrower_id"] for f in rows["facilities"]}}  # fmt: skip
        indirect = 0.0
        for debtor in drawn.keys() - names:
            asked = [
                min(g["amount"], ours[g["facility_id"]]["outstanding"] if g["facility_id"] in ours else
                    drawn[debtor] if g["facility_id"] is None else 0.0)
                for g in rows["guarantees"] if g["debtor_id"] == debtor and g["guarantor_id"] in names
            ]  # fmt: skip
            indirect += min(sum(asked), drawn[debtor])
        assert indirect == pytest.approx(owed.indirect[k])


def test_a_client_of_two_groups_counts_in_each_and_guarantees_within_a_group_count_nothing() -> None:
    graph = graph_of(
        parties=[{"party_id": one} for one in "ABC"],
        facilities=[loan("A", 10.0), loan("B", 20.0), loan("C", 40.0)],
        dependencies=[{"dependent_id": "C", "on_id": on} for on in "AB"],
        guarantees=[{"guarantor_id": "A", "debtor_id": one, "amount": 15.0} for one in "BC"],
    )
    found = limits_of(graph, tier1=1000.0).use.query("subject == 'group'").set_index("subject_id")
    assert {"A": 50.0, "B": 60.0} == found["exposure"].to_dict()
    assert {"A": 15.0, "B": 0.0} == found["indirect"].to_dict()


def test_our_own_related_parties_are_named_tied_or_controlled_and_have_lines_under_the_chinese_rule() -> None:
    rows: Rows = {
        "parties": [
            *({"party_id": one} for one in ("X", "Y", "Z", "U")),
            {"party_id": "BANK", "kind": "bank"},
            *({"party_id": one, "kind": "person"} for one in ("D", "W")),
        ],
        "facilities": [loan("X", 120.0), loan("Y", 90.0), loan("Z", 30.0, lender_id="BANK"), loan("U", 500.0)],
        "ties": [{"a_id": "D", "b_id": "BANK", "kind": "director"}, {"a_id": "W", "b_id": "D", "kind": "family"}],
        "ownership": [
            {"owner_id": "W", "owned_id": "X", "share_min": 0.8, "share_max": 0.8},
            {"owner_id": "Y", "owned_id": "BANK", "share_min": 0.05, "share_max": 0.05},
        ],
        "control": [{"controller_id": "X", "controlled_id": "Z"}],
    }
    graph = graph_of(**rows)
    graph = replace(graph, settings={**graph.settings, "bank.party_id": "BANK"})
    found = limits_of(graph, regime="cn", tier1=900.0, net_capital=1000.0).related_parties
    assert [("all", "all", 0.24, 0.5), ("X", "group", 0.15, 0.15), ("X", "party", 0.12, 0.1),
            ("Y", "party", 0.09, 0.1), ("Z", "party", 0.03, 0.1)] == [
        (r["subject_id"], r["subject"], r["use"], r["limit"]) for r in found.to_dict("records")
    ]  # fmt: skip
    assert ["ok", "breach_internal", "breach_legal", "breach_internal", "ok"] == found["level"].tolist()
    assert "controlled by W" == found.loc[2, "why"]
    by_list = limits_of(graph_of(**rows), regime="cn", net_capital=1000.0, related="U").related_parties
    assert [("all", 0.5), ("U", 0.5)] == list(zip(by_list["subject_id"], by_list["use"], strict=True))


def test_a_project_may_let_guarantees_count_as_exposure_to_the_guarantor(tmp_path: Path) -> None:
    folder = tmp_path / "large_exposures"
    folder.mkdir()
    (folder / "mine.toml").write_text(
        '[[version]]\nname = "mine"\nvalid_from = 2020-01-01\nsubstitution = true\n[[version.line]]\n'
        'subjects = ["client"]\nmeasure = "exposure"\nof = "tier1"\nlimit = 0.2\nlegal = "board"\n',
        encoding="utf-8",
    )
    graph = graph_of(
        parties=[{"party_id": "A", "is_client": True}, {"party_id": "B"}],
        facilities=[loan("B", 20.0)],
        guarantees=[{"guarantor_id": "A", "debtor_id": "B", "amount": 50.0}],
    )
    found = limits_of(graph, regime="mine", regimes_in=str(tmp_path), tier1=100.0).use.set_index("subject_id")
    assert {"A": 20.0, "B": 20.0} == found["exposure_after"].to_dict()
