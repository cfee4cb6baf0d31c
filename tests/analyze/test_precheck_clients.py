"""Groups and limits before signing: those of the whole books, for what the proposal touches."""

from __future__ import annotations

from typing import Any

import pytest

from graphrisk.errors import UsageError
from tests.analyze.books import book
from tests.analyze.prechecks import prechecked, prechecked_with_graph
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties

PROPOSED: dict[str, list[dict[str, Any]]] = {
    "facilities": [{"facility_id": "FN", "borrower_id": "P01", "outstanding": 80.0, "limit_amount": 90.0}],
    "guarantees": [
        {"guarantee_id": "N1", "guarantor_id": "P03", "debtor_id": "P01", "facility_id": "FN", "amount": 70.0}
    ],
    "ownership": [{"owner_id": "P05", "owned_id": "P02", "share_min": 0.9, "share_max": 0.9}],
}  # fmt: skip
CAPITAL = {"tier1": 900.0, "net_capital": 1000.0}


@pytest.mark.parametrize("regime", ["basel", "cn"])
@pytest.mark.parametrize("seed", range(3))
def test_groups_and_limits_are_those_of_the_whole_books(seed: int, regime: str) -> None:
    rows = book(40 + seed, relations=14)
    found, after = prechecked_with_graph(rows, PROPOSED, regime=regime, **CAPITAL)
    sides = []
    for graph in (graph_of(**rows), after):
        members = analyze("groups", graph, regime=regime).members
        groups = {frozenset(mine["party_id"]) for _, mine in members.groupby("group_id")}
        use = analyze("limits", graph, regime=regime, **CAPITAL).use
        sides.append((groups, use.set_index(["subject_id", "subject", "measure", "capital"])))
    touched = {"P01", "P02", "P03", "P05"}
    changed = [{one for one in side[0] if one & touched} for side in sides]
    fresh = changed[1] - changed[0]
    listed = found.groups[found.groups["change"] != "gone"]
    assert len(fresh) == len(listed)
    assert sorted(len(one) for one in fresh) == sorted(listed["clients_after"])
    for row in found.limits.itertuples():
        whole = sides[1][1].loc[(row.subject_id, row.subject, row.measure, row.capital)]
        assert (row.exposure_after, row.level_after) == (pytest.approx(whole["exposure_after"]), whole["level"])
        assert row.use_after == pytest.approx(whole["use"])
        if row.subject == "client" and (row.subject_id, "client", row.measure, row.capital) in sides[0][1].index:
            then = sides[0][1].loc[(row.subject_id, row.subject, row.measure, row.capital)]
            assert (row.exposure_before, row.level_before) == (pytest.approx(then["exposure_after"]), then["level"])
    assert {"P01"} <= set(found.limits.query("subject == 'client'")["subject_id"])


def test_a_group_that_gets_another_name_by_signing_is_measured_against_itself() -> None:
    rows = {
        "parties": [{"party_id": one, "is_client": True} for one in ("A", "B", "C")],
        "facilities": [{"facility_id": f"F{one}", "borrower_id": one, "outstanding": 10.0} for one in ("A", "B", "C")],
        "control": [{"controller_id": "B", "controlled_id": "C"}],
    }
    proposed = {"ownership": [{"owner_id": "B", "owned_id": "A", "share_min": 0.6, "share_max": 0.6}]}
    (row,) = prechecked(rows, proposed, tier1=100.0).limits.query("subject == 'group'").to_dict("records")
    assert ("A", 20.0, 30.0, 0.2, 0.3) == tuple(
        row[name] for name in ("subject_id", "exposure_before", "exposure_after", "use_before", "use_after")
    )
    assert ("breach_internal", "breach_legal") == (row["level_before"], row["level_after"])


def test_lines_for_systemic_banks_and_proportionate_dependencies_are_those_of_limits() -> None:
    rows = {
        "parties": [{"party_id": "G", "kind": "bank"}, *({"party_id": one} for one in "SAB")],
        "facilities": [
            {"facility_id": f"F{one}", "borrower_id": one, "outstanding": owed}
            for one, owed in (("G", 160.0), ("A", 20.0), ("B", 20.0), ("S", 1.0))
        ],
        "supplies": [{"supplier_id": "A", "buyer_id": "B", "amount": 90.0}],
        "financials": [{"party_id": "A", "sales": 100.0}],
    }
    proposed = {"facilities": [{"facility_id": "N", "borrower_id": one, "outstanding": 5.0} for one in "G"]} | {
        "guarantees": [{"guarantee_id": "N", "guarantor_id": "A", "debtor_id": "B", "facility_id": "FB", "amount": 1.0}]
    }
    for params in ({}, {"gsib": ("G",)}, {"proportionate": True}, {"state": ("S",)}):
        found, after = prechecked_with_graph(rows, proposed, tier1=1000.0, **params)
        use = analyze("limits", after, tier1=1000.0, **params).use.set_index(["subject_id", "subject", "measure"])
        for row in found.limits.itertuples():
            whole = use.loc[(row.subject_id, row.subject, row.measure)]
            assert (row.limit, row.level_after) == (pytest.approx(whole["limit"]), whole["level"])
        groups = found.limits.query("subject == 'group'")
        assert ("proportionate" not in params) == (len(groups) > 0)
        line = found.limits.set_index("subject_id").loc["G", "limit"]
        assert (0.15 if "gsib" in params else 0.25) == pytest.approx(line)
    with pytest.raises(UsageError, match="Z"):
        prechecked(rows, proposed, gsib=("Z",))


def world() -> dict[str, list[dict[str, Any]]]:
    ids = ["A", "B", "C", "D"]
    return {
        "parties": parties(*ids),
        "facilities": [{"facility_id": f"F{k}", "borrower_id": k, "outstanding": 10.0} for k in ids],
        "ownership": [{"owner_id": "A", "owned_id": "B", "share_min": 0.8, "share_max": 0.8},
                      {"owner_id": "C", "owned_id": "D", "share_min": 0.8, "share_max": 0.8}],
    }  # fmt: skip


def test_two_groups_that_merge_and_a_limit_that_their_sum_breaks() -> None:
    bought = {"ownership": [{"owner_id": "B", "owned_id": "C", "share_min": 0.7, "share_max": 0.7}]}
    found = prechecked(world(), bought, tier1=100.0, limits=True)
    (row,) = found.groups.to_dict("records")
    assert ("A", "merged", ["A", "C"], 2, 4, 40.0, 40.0) == (
        row["group_id"], row["change"], row["joined"], row["clients_before"], row["clients_after"],
        row["exposure_before"], row["exposure_after"],
    )  # fmt: skip
    top = found.limits.iloc[0]
    assert ("group", "A", 20.0, 40.0, "breach_internal", "breach_legal") == (
        top["subject"], top["subject_id"], top["exposure_before"], top["exposure_after"], top["level_before"],
        top["level_after"],
    )  # fmt: skip
    row = found.summary.set_index("measure").loc["limits"]
    assert (0.0, 1.0, True) == (row["before"], row["after"], row["broken"])


def test_limits_cannot_be_shown_to_hold_without_capital() -> None:
    found = prechecked(
        world(), {"facilities": [{"facility_id": "N", "borrower_id": "A", "outstanding": 1.0}]}, limits=True
    )
    assert found.summary.set_index("measure").loc["limits", "broken"]
    assert found.limits["use_after"].isna().all()
    assert any("Our capital is not known" in note for note in found.notes)
