"""Shared collateral against a slow plain reference and numbers by hand."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from graphrisk.analyze import collateral
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.scenario import parse_scenario
from tests.analyze.books import book
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties

RELATIONS = {
    "ownership": ("owner_id", "owned_id"), "guarantees": ("guarantor_id", "debtor_id"),
    "exposures": ("creditor_id", "debtor_id"), "supplies": ("supplier_id", "buyer_id"),
    "facilities": ("lender_id", "borrower_id"),
}  # fmt: skip


def waterfall(graph: RiskGraph) -> dict[str, list[tuple[str, int, float, float]]]:
    """Return for each asset (facility, rank, claim, taken) of its pledges, one at a time."""
    loans = graph.frame("facilities").set_index("facility_id")
    out = {}
    for asset in graph.frame("collateral").itertuples():
        haircut = 0.0 if pd.isna(asset.haircut) else asset.haircut
        mine = []
        for row in graph.frame("pledges").itertuples():
            lender = loans.loc[row.facility_id, "lender_id"]
            if row.collateral_id != asset.collateral_id or (isinstance(lender, str) and lender == asset.owner_id):
                continue
            due = loans.loc[row.facility_id, "outstanding"]
            allocated = due if pd.isna(row.allocated_amount) else row.allocated_amount
            mine.append(
                (1 if pd.isna(row.rank) else int(row.rank), row.facility_id, min(allocated * (1 - haircut), due))
            )
        left, taken = asset.value * (1 - haircut), []
        for rank in sorted({one[0] for one in mine}):
            level = [one for one in mine if one[0] == rank]
            asked = sum(one[2] for one in level)
            part = 1.0 if asked <= left else left / asked
            taken += [(one[1], rank, one[2], one[2] * part) for one in level]
            left = max(left - asked, 0.0)
        if taken:
            out[asset.collateral_id] = taken
    return out


@pytest.mark.parametrize("seed", range(4))
def test_ranks_ratios_and_pairs_are_those_of_the_plain_reference(seed: int) -> None:
    rows = book(seed, size=14, relations=12)
    dice = np.random.default_rng(seed)
    for row in rows["pledges"]:
        row["rank"] = dice.choice([None, 1, 2, 3])
    graph = graph_of(**rows)
    found = analyze("collateral", graph)
    expected = waterfall(graph)
    got: dict[str, list[Any]] = {}
    for row in found.waterfall.itertuples():
        got.setdefault(row.collateral_id, []).append((row.facility_id, row.rank, row.claim, row.taken))
    assert set(expected) == set(got)
    for name, pledges in expected.items():
        for one, other in zip(sorted(pledges), sorted(got[name]), strict=True):
            assert one[:2] == other[:2]
            assert other[2:] == pytest.approx(one[2:])
    loans = graph.frame("facilities").set_index("facility_id")
    for row in found.assets.itertuples():
        secured = {one[0] for one in expected[row.collateral_id]}
        assert row.facilities == len(secured)
        assert row.borrowers == loans.loc[sorted(secured), "borrower_id"].nunique()
        assert row.ltv == pytest.approx(loans.loc[sorted(secured), "outstanding"].sum() / row.value)
        assert row.ltv_fallen == pytest.approx(row.ltv / 0.8)
        assert row.taken == pytest.approx(sum(one[3] for one in expected[row.collateral_id]))
    net, direct = nx.Graph(), {}
    net.add_nodes_from(graph.party_ids)
    for table, (one, other) in RELATIONS.items():
        for a, b in graph.frame(table)[[one, other]].itertuples(index=False):
            if isinstance(a, str) and a != b:
                net.add_edge(a, b)
                direct.setdefault(frozenset((a, b)), set()).add(table)
    pairs = {}
    for name, pledges in expected.items():
        people = sorted({loans.loc[one[0], "borrower_id"] for one in pledges})
        pairs |= {
            (a, b, name): direct.get(frozenset((a, b)), set()) for k, a in enumerate(people) for b in people[k + 1 :]
        }
    seen = {(row.a_id, row.b_id, row.collateral_id): set(row.other) for row in found.links.itertuples()}
    assert pairs == seen
    for row in found.links.itertuples():
        assert row.only == (not row.other)
        assert row.connected == nx.has_path(net, row.a_id, row.b_id)


def world() -> dict[str, list[dict[str, Any]]]:
    return {
        "parties": parties("A", "B", "O"),
        "facilities": [
            {"facility_id": "F1", "borrower_id": "A", "outstanding": 60.0},
            {"facility_id": "F2", "borrower_id": "B", "outstanding": 80.0},
            {"facility_id": "F3", "borrower_id": "B", "outstanding": 30.0},
        ],
        "collateral": [
            {"collateral_id": "K1", "owner_id": "O", "value": 100.0, "region": "浙江"},
            {"collateral_id": "K2", "owner_id": "B", "value": 50.0, "kind": "inventory"},
            {"collateral_id": "K3", "owner_id": "B", "value": 0.0, "kind": "other"},
        ],
        "pledges": [
            {"facility_id": "F2", "collateral_id": "K1", "rank": 2},
            {"facility_id": "F1", "collateral_id": "K1", "rank": 1},
            {"facility_id": "F3", "collateral_id": "K2"},
            {"facility_id": "F3", "collateral_id": "K3"},
        ],
    }


def test_an_asset_promised_twice_by_hand() -> None:
    found = analyze("collateral", graph_of(**world()))
    assert ["K3", "K1", "K2"] == found.assets["collateral_id"].tolist()  # worth nothing and promised: first
    row = found.assets.set_index("collateral_id").loc["K1"]
    assert (140.0, 1.4, 2, 2, 1.4, 1.75, 100.0, 40.0) == (
        row.allocated, row.over_pledge_ratio, row.facilities, row.borrowers, row.ltv, row.ltv_fallen, row.taken,
        row.last_rank_short,
    )  # fmt: skip
    assert np.isnan(found.assets.set_index("collateral_id").loc["K3", "ltv"])
    assert [("F1", 1, 60.0, 60.0), ("F2", 2, 80.0, 40.0)] == list(
        found.waterfall.query("collateral_id == 'K1'")[["facility_id", "rank", "claim", "taken"]].itertuples(
            index=False, name=None
        )
    )
    assert [("F2", "K1", 40.0, True), ("F1", "K1", 60.0, True)] == list(
        found.single[["facility_id", "collateral_id", "covered", "shared"]].itertuples(index=False, name=None)
    )  # F3 has two assets
    assert [("A", "B", "K1", True, False)] == list(
        found.links[["a_id", "b_id", "collateral_id", "only", "connected"]].itertuples(index=False, name=None)
    )


def test_a_fall_of_one_class_in_one_region_leaves_the_others_alone() -> None:
    found = analyze("collateral", graph_of(**world()), falls="0.5", price_fall=0.5, kind="inventory")
    falls = found.falls.set_index(["kind", "region"])
    row = falls.loc[("real_estate", "浙江")]
    assert (140.0, 1.4, 2.8, 50.0, 2) == (
        row.loans, row.ltv, row.ltv_fallen, row.uncovered_added, row.above_value,
    )  # fmt: skip
    row = falls.loc[("inventory", "")]
    assert (0.6, 1.2, 15.0, 1) == (row.ltv, row.ltv_fallen, row.uncovered_added, row.above_value)
    ltv = dict(zip(found.assets["collateral_id"], found.assets["ltv_fallen"], strict=True))
    assert (1.4, 1.2) == (ltv["K1"], ltv["K2"])


def test_limits_and_a_class_that_is_not_there_are_said() -> None:
    found: Result = analyze("collateral", graph_of(**world()), max_links=0, max_groups=1, region="火星")
    assert found.links.empty
    said = " ".join(str(note) for note in found.notes)
    assert "1 further pairs of borrowers are not listed" in said
    assert "2 further classes and regions" in said
    assert "No asset has region 火星" in said


def test_joint_debtors_of_one_loan_are_connected_by_it() -> None:
    rows = {**world(), "co_borrowers": [{"facility_id": "F1", "party_id": "B", "mode": "joint_several"}]}
    assert [["co_borrowers"]] == analyze("collateral", graph_of(**rows)).links["other"].tolist()


def _under(graph: RiskGraph, inputs: Inputs) -> Result:
    return collateral.run(graph, collateral.Params(), inputs=inputs, progress=silent)


def test_the_prices_of_a_scenario_fall_all_at_once_by_class_and_region() -> None:
    graph = graph_of(
        parties=parties("A", "B", "C"),
        facilities=[
            {"facility_id": "F1", "borrower_id": "A", "outstanding": 100.0},
            {"facility_id": "F2", "borrower_id": "B", "outstanding": 50.0},
            {"facility_id": "F3", "borrower_id": "C", "outstanding": 50.0},
        ],
        collateral=[
            {"collateral_id": "H", "value": 120.0, "region": "浙江"},
            {"collateral_id": "I", "value": 60.0, "region": "江苏"},
            {"collateral_id": "K", "value": 40.0, "kind": "inventory", "region": "浙江"},
        ],
        pledges=[
            {"facility_id": "F1", "collateral_id": "H"},
            {"facility_id": "F2", "collateral_id": "H", "rank": 2},
            {"facility_id": "F2", "collateral_id": "K"},
            {"facility_id": "F3", "collateral_id": "I"},
        ],
    )
    text = """
        [[shock]]
        collateral = {kind = "real_estate", region = "浙江"}
        price = -0.3
        [[shock]]
        collateral = {kind = "inventory"}
        price = -0.5
    """
    found = _under(graph, Inputs(scenario=parse_scenario(text)))
    assert [("F1", 100.0, 70.0, 30.0, ["H"]), ("F2", 50.0, 34.0, 16.0, ["H", "K"])] == [
        (r["facility_id"], r["covered"], r["covered_fallen"], r["uncovered_added"], r["assets"])
        for r in found.scenario.to_dict("records")
    ]  # what is allocated falls with the price, as in contagion: F1 takes 70 of the 84, F2 the other 14 and 20 of K
    assert (50 / 160, 50 / 104) == pytest.approx(tuple(found.scenario.iloc[1][["ltv", "ltv_fallen"]]))
    fallen = dict(zip(found.assets["collateral_id"], found.assets["ltv_fallen"], strict=True))
    assert {"H": 150 / 84, "K": 50 / 20, "I": 50 / 60} == pytest.approx(fallen)
    assert analyze("collateral", graph).scenario.empty
    with pytest.raises(UsageError, match="moves no price"):
        _under(graph, Inputs(scenario=parse_scenario("default_above = 0.2")))
    with pytest.raises(UsageError, match="no shocks of parties"):
        _under(graph, Inputs(shocks={"A": 1.0}))
