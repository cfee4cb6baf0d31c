"""Profiles: indicators by hand, dimensions under the policy, nothing from missing data; and segments made of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.analyze.needs import computed
from graphrisk.analyze.profile.indicators import INDICATORS
from graphrisk.errors import UsageError
from graphrisk.model.ask import Ask
from graphrisk.model.result import Inputs, Result, records
from graphrisk.policies.profile_policy import DIMENSIONS, find_profile_policy
from graphrisk.progress import silent
from tests.analyze.books import book
from tests.worlds.build import AS_OF, graph_of

SHIPPED = find_profile_policy(None, INDICATORS)


def months(party: str, inflows: list[float], **more: Any) -> list[dict[str, Any]]:
    first = [date(AS_OF.year - (k // 12), 12 - k % 12, 1) for k in range(3, 3 + len(inflows))]
    return [
        {"party_id": party, "month_on": m, "inflow": x, **more} for m, x in zip(first, reversed(inflows), strict=True)
    ]


def one_client(**more: Any) -> dict[str, Any]:
    return {"parties": [{"party_id": "甲", "is_client": True, "size": "small"}], **more}


def profile(rows: dict[str, Any], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="profile", analyzer="profile", params=params))


def points(result: Result, party: str = "甲") -> dict[str, tuple[float, float]]:
    rows = records(result.indicators[result.indicators["party_id"] == party])
    return {row["indicator"]: (row["value"], row["score"]) for row in rows}


def test_each_indicator_by_hand() -> None:
    rows = one_client(
        facilities=[
            {"facility_id": "F1", "borrower_id": "甲", "outstanding": 9.0, "days_past_due": 45,
             "classification": "关注"},
            {"facility_id": "F2", "borrower_id": "甲", "outstanding": 1.0, "classification": "正常"},
        ],
        behaviour=months("甲", [100.0] * 6 + [120.0] * 6, overdraft_days=5, limit_utilisation=0.75, days_past_due=3),
        events=[
            {"event_id": "E1", "party_id": "甲", "kind": "lawsuit", "occurred_on": AS_OF - timedelta(days=100)},
            {"event_id": "E2", "party_id": "甲", "kind": "lawsuit", "occurred_on": AS_OF - timedelta(days=900)},
            {"event_id": "E3", "party_id": "甲", "kind": "default", "occurred_on": AS_OF - timedelta(days=5),
             "known_on": AS_OF + timedelta(days=5)},
        ],
        relationship=[{"party_id": "甲", "as_of_on": AS_OF, "products": 2, "tenure_months": 48.0,
                       "owner_credit_score": 600.0}],
        financials=[{"party_id": "甲", "total_assets": 100.0, "equity": 25.0, "audited": False}],
    )  # fmt: skip
    found = points(profile(rows))
    assert (45.0, 50.0) == found["days_past_due"]
    assert (2.0, pytest.approx(200 / 3)) == found["loan_class"]
    assert (1.0, pytest.approx(200 / 3)) == found["suits"], "the older one is out of the window"
    assert (0.0, 100.0) == found["defaults"], "the bank did not know of it on the day"
    assert (5.0, 75.0) == found["overdraft_days"]
    assert (0.75, 50.0) == found["utilisation"]
    assert (600.0, 50.0) == found["owner_score"]
    assert (48.0, 50.0) == found["tenure_months"]
    assert (0.25, 50.0) == found["equity_ratio"]
    assert (0.0, 0.0) == found["audited"]
    assert found["inflow_trend"][0] == pytest.approx(0.2)
    assert found["inflow_variation"][0] == pytest.approx(np.std([100.0] * 6 + [120.0] * 6, ddof=1) / 110.0)
    assert "interest_cover" not in found


def test_the_owner_and_what_else_it_controls_count_with_the_firm() -> None:
    own = [{"owner_id": "老板", "owned_id": firm, "share_min": 0.8, "share_max": 0.8} for firm in ("甲", "乙", "丙")]
    rows = one_client(ownership=own)
    rows["parties"] += [
        {"party_id": "老板", "kind": "person"},
        {"party_id": "乙", "status": "defaulted"},
        {"party_id": "丙"},
    ]
    rows["events"] = [
        {"event_id": "E", "party_id": "老板", "kind": "enforcement", "occurred_on": AS_OF - timedelta(days=9)}
    ]
    result = profile(rows)
    found = points(result)
    assert (1.0, 50.0) == found["owner_events"]
    assert (0.5, 0.0) == found["owner_failures"]
    told = result.indicators.set_index("indicator")["rows"]
    assert (["E"], ["乙"]) == (told["owner_events"], told["owner_failures"])
    assert "neighbours_in_default" in found, "the owner is a neighbour"


def test_the_graph_tells_of_promises_circles_neighbours_and_partners() -> None:
    rows = one_client(
        financials=[{"party_id": "甲", "equity": 10.0}],
        guarantees=[{"guarantee_id": "G1", "guarantor_id": "甲", "debtor_id": "乙", "amount": 10.0},
                    {"guarantee_id": "G2", "guarantor_id": "乙", "debtor_id": "甲", "amount": 1.0}],
        supplies=[{"supplier_id": "甲", "buyer_id": "乙", "amount": 30.0},
                  {"supplier_id": "甲", "buyer_id": "丙", "amount": 10.0}],
        ties=[{"a_id": "丙", "b_id": "甲", "kind": "phone"}],
    )  # fmt: skip
    rows["parties"] += [{"party_id": "乙"}, {"party_id": "丙", "status": "defaulted"}]
    found = points(profile(rows))
    assert (1.0, 50.0) == found["promised_to_equity"]
    assert (1.0, 0.0) == found["in_guarantee_circle"]
    assert (0.5, 0.0) == found["neighbours_in_default"]
    assert found["largest_buyer"][0] == 0.75
    assert (1.0, 0.0) == found["shares_contact_with_default"]


def test_dimensions_are_weighted_means_of_what_is_known_and_coverage_says_how_much() -> None:
    result = profile(book(5, size=20))
    by_client = {(r["party_id"], r["dimension"]): [] for r in records(result.dimensions)}
    for row in records(result.indicators):
        by_client[row["party_id"], row["dimension"]].append(row)
    totals: dict[str, list[tuple[float, float]]] = {}
    for row in records(result.dimensions):
        known = by_client[row["party_id"], row["dimension"]]
        weight = sum(k["weight"] for k in known)
        whole = sum(scale.weight for scale in SHIPPED.scales[row["dimension"]].values())
        assert row["coverage"] == pytest.approx(weight / whole)
        assert len(row["evidence"]) == len(known)
        if known:
            assert row["score"] == pytest.approx(sum(k["weight"] * k["score"] for k in known) / weight)
            totals.setdefault(row["party_id"], []).append((row["weight"], row["score"]))
        else:
            assert row["score"] is None
    for row in records(result.parties):
        parts = totals.get(row["party_id"], [])
        assert row["score"] == (
            pytest.approx(sum(w * s for w, s in parts) / sum(w for w, _ in parts)) if parts else None
        )
    assert [r["party_id"] for r in records(profile(book(5, size=20), party="P03").parties)] == ["P03"]


def test_scores_alone_are_the_same_scores() -> None:
    rows = one_client(behaviour=months("甲", [100.0] * 12, overdraft_days=3))
    full, bare = profile(rows), profile(rows, evidence=False)
    assert full.parties.equals(bare.parties)
    assert full.dimensions.drop(columns="evidence").equals(bare.dimensions.drop(columns="evidence"))
    assert any(full.dimensions["evidence"])
    assert len(full.indicators)
    assert not any(bare.dimensions["evidence"])
    assert not len(bare.indicators)


def test_a_size_of_its_own_weighs_dimensions_otherwise() -> None:
    for size in (None, "micro", "large", "small"):
        weights = SHIPPED.weights_of(size)
        assert sum(weights.values()) == pytest.approx(1.0)
    assert SHIPPED.weights_of("micro")["credit_history"] > SHIPPED.weights_of("small")["credit_history"]


def test_the_trend_is_against_the_earlier_snapshot_and_null_without_one() -> None:
    analyzer = find_analyzer("profile")
    late = [{"facility_id": "F", "borrower_id": "甲", "outstanding": 9.0, "days_past_due": 90}]
    well = [{**late[0], "days_past_due": 0}]
    before, now = graph_of(**one_client(facilities=well)), graph_of(**one_client(facilities=late))
    result = analyzer.run(now, analyzer.Params(), inputs=Inputs(before=before), progress=silent)
    trend = {r["dimension"]: r["trend"] for r in records(result.dimensions)}
    assert trend["credit_history"] == -100.0
    assert trend["basics"] == 0.0
    alone = analyzer.run(now, analyzer.Params(), inputs=Inputs(), progress=silent)
    assert alone.dimensions["trend"].isna().all()
    assert "no_earlier_snapshot" in {note.key for note in alone.notes}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = ", "no TOML"),
        ("[weights]\ncredit_history = 1\n", "has a version"),
        ('version = "1"\n[weights]\ncredit_histori = 1\n', "credit_histori"),
        ('version = "1"\n[weights]\ncredit_history = 1\n', "no weight is given for"),
        ('version = "1"\n[stability]\nage = { weight = 1, bad = 0, good = 1 }\n', "no key 'age'"),
        ('version = "1"\n[stability]\nage_years = { weight = -1, bad = 0, good = 1 }\n', "at least 0"),
        ('version = "1"\n[stability]\nage_years = { weight = 1, bad = 1, good = 1 }\n', "the same"),
        ('version = "1"\n[stability]\nage_years = { weight = 1, peers = true }\n', "only ratios"),
        ('version = "1"\n[segment.giant]\nbasics = 1\n', "giant"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_with_its_key(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        find_profile_policy(str(path), INDICATORS)
    assert said in str(caught.value)


def segments(rows: dict[str, Any], **params: Any) -> Result:
    return computed(graph_of(**rows))(Ask(key="segments", analyzer="segments", params=params))


def test_segments_by_rules_follow_industry_size_record_and_tenure() -> None:
    rows = one_client(
        relationship=[{"party_id": "甲", "as_of_on": AS_OF, "tenure_months": 12.0}],
        facilities=[{"facility_id": "F", "borrower_id": "甲", "outstanding": 9.0, "days_past_due": 3}],
    )
    rows["parties"][0]["industry"] = "C13"
    rows["parties"].append({"party_id": "乙", "is_client": True, "status": "defaulted",
                            "client_since_on": AS_OF - timedelta(days=4000)})  # fmt: skip
    found = segments(rows).members.set_index("party_id")
    assert "C / small / late / new" == found.loc["甲", "rule_segment"]
    assert "? / ? / default / old" == found.loc["乙", "rule_segment"]


def test_clusters_part_what_is_apart_and_cross_tables_add_up() -> None:
    rows = {"parties": [{"party_id": f"P{k:02d}", "is_client": True} for k in range(20)]}
    rows["facilities"] = [
        {"facility_id": f"F{k}", "borrower_id": f"P{k:02d}", "outstanding": 1.0, "days_past_due": 90 if k < 8 else 0}
        for k in range(20)
    ]
    rows["relationship"] = [
        {
            "party_id": f"P{k:02d}",
            "as_of_on": AS_OF,
            "products": 0 if k < 8 else 5,
            "share_of_wallet": 0.0 if k < 8 else 0.8,
        }
        for k in range(20)
    ]
    result = segments(rows, clusters=2)
    cluster = result.members.set_index("party_id")["cluster"]
    assert {"K1"} == set(cluster[:8])
    assert {"K2"} == set(cluster[8:])
    assert result.certificate["explained"] > 0.99
    for kind in ("rule", "cluster"):
        mine = result.summary[result.summary["kind"] == kind]
        assert (20, 20.0) == (mine["parties"].sum(), mine["exposure"].sum())
    both = result.cross[(result.cross["kind_a"] == "rule") & (result.cross["kind_b"] == "cluster")]
    assert 20 == both["parties"].sum()
    assert set(DIMENSIONS) <= set(result.clusters.columns)
    few = segments(one_client(), clusters=4)
    assert few.members["cluster"].notna().sum() <= 1
