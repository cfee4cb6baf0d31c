"""Groups as an answer: what each member rests on, rebuttals, declared groups, SME weights, another day."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from graphrisk.analyze.groups import Params, run
from graphrisk.analyze.needs import computed
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.published.test_ownership import vector
from tests.worlds.build import AS_OF, graph_of

Rows = dict[str, list[dict[str, Any]]]


def groups_of(graph: RiskGraph, **params: Any) -> Result:
    return computed(graph)(Ask(key="groups", analyzer="groups", params=params))


def client(*ids: str, **more: Any) -> list[dict[str, Any]]:
    return [{"party_id": one, "is_client": True, **more} for one in ids]


def share(owner: str, owned: str, held: float) -> dict[str, Any]:
    return {"owner_id": owner, "owned_id": owned, "share_min": held, "share_max": held}


def members(result: Result) -> dict[str, list[str]]:
    return result.members.groupby("group_id")["party_id"].agg(sorted).to_dict()


def test_each_member_has_its_basis_its_way_and_what_the_last_link_rests_on() -> None:
    rows: Rows = {
        "parties": client("A", "B", "C", "D", "E"),
        "ownership": [share("A", "B", 0.6), share("A", "C", 0.3), share("B", "C", 0.3)],
        "control": [{"controller_id": "D", "controlled_id": "E", "basis": "agreement"}],
        "dependencies": [{"dependent_id": "D", "on_id": "C", "ratio": 0.7, "criterion": "funding"}],
        "facilities": [{"facility_id": "F", "borrower_id": "E", "outstanding": 10.0, "limit_amount": 15.0}],
    }
    result = groups_of(graph_of(**rows))
    said = result.members.set_index("party_id")
    assert {"A": "control", "B": "control", "C": "control", "D": "both", "E": "both"} == said["basis"].to_dict()
    assert ["A", "B", "C", "D", "E"] == said.loc["E", "path"]
    assert "60.00% of the votes are held together, 30.00% by B" == said.loc["C", "evidence"]
    assert "depends on C: funding 70%, declared" == said.loc["D", "evidence"]
    assert "D controls it (agreement)" == said.loc["E", "evidence"]
    (group,) = result.groups.to_dict("records")
    assert ("A", 5, 15.0, "both", "A", "b") == tuple(group.values())[:6]


@pytest.mark.parametrize(
    ("sales", "delivered", "paid", "ratio", "coverage", "counts"),
    [
        (100.0, 60.0, 10.0, 0.6, 0.6, True),
        (100.0, 10.0, 60.0, 0.6, 0.6, True),
        (100.0, 30.0, 30.0, None, None, False),  # never their sum
        (100.0, 50.0, 0.0, 0.5, 0.5, True),
        (20.0, 60.0, 0.0, 1.0, 3.0, True),
        (None, 60.0, 0.0, None, None, False),
    ],
)
def test_receipts_are_measured_against_sales_and_never_guessed(
    sales: float | None, delivered: float, paid: float, ratio: float | None, coverage: float | None, counts: bool
) -> None:
    graph = graph_of(
        parties=client("S", "B"),
        financials=[{"party_id": "S", "sales": sales}, {"party_id": "B", "sales": 1.0, "material_cost": 1000.0}],
        supplies=[{"supplier_id": "S", "buyer_id": "B", "amount": delivered}],
        fund_flows=[
            {"payer_id": "B", "payee_id": "S", "amount": paid, "paid_on": date(2026, 1, 5)},
            {"payer_id": "B", "payee_id": "S", "amount": 500.0, "paid_on": date(2025, 9, 30)},  # more than a year ago
        ],
    )
    result = groups_of(graph)
    found = result.dependencies[result.dependencies["criterion"] == "receipts"]
    if ratio is None and sales is not None:
        assert found.empty
    else:
        (row,) = found.to_dict("records")
        assert (counts, True) == (row["counts"], row["derived"])
        for expected, name in ((ratio, "ratio"), (coverage, "coverage")):
            assert row[name] != row[name] if expected is None else expected == pytest.approx(row[name])
        assert counts or row["why_not"] == "unknown_denominator"
    assert counts == (len(result.groups) == 1)


def test_purchases_are_measured_against_the_latest_cost_of_materials_whether_sales_are_known_or_not() -> None:
    graph = graph_of(
        parties=client("B", "S"),
        financials=[
            {"party_id": "B", "period_end_on": date(2024, 12, 31), "sales": 500.0, "material_cost": 1000.0},
            {"party_id": "B", "period_end_on": date(2026, 6, 30), "period_months": 6, "material_cost": 50.0},
        ],
        supplies=[{"supplier_id": "S", "buyer_id": "B", "amount": 60.0}],
    )
    (row,) = groups_of(graph).dependencies.query("counts").to_dict("records")
    assert ("B", "S", "expenditure") == (row["dependent_id"], row["on_id"], row["criterion"])
    assert (0.6, 0.6) == pytest.approx((row["ratio"], row["coverage"]))


@pytest.mark.parametrize(
    ("net_assets", "given", "joint", "why"),
    [
        (100.0, 100.0, 0.0, None),
        (100.0, 40.0, 60.0, None),
        (100.0, 99.0, 0.0, "absent"),
        (0.0, 10.0, 0.0, "no_net_assets"),
        (-5.0, 10.0, 0.0, "no_net_assets"),
        (None, 10.0, 0.0, "unknown_denominator"),
    ],
)
def test_a_guarantee_and_a_joint_debt_are_measured_against_net_assets(
    net_assets: float | None, given: float, joint: float, why: str | None
) -> None:
    graph = graph_of(
        parties=client("G", "D"),
        financials=[{"party_id": "G", "equity": net_assets}],
        facilities=[{"facility_id": "F", "borrower_id": "D", "outstanding": 120.0}],
        co_borrowers=[{"facility_id": "F", "party_id": "G", "mode": "several", "share": joint / 120.0}],
        guarantees=[{"guarantor_id": "G", "debtor_id": "D", "amount": given}],
    )
    result = groups_of(graph)
    if why == "absent":
        assert result.dependencies.empty
    else:
        (row,) = result.dependencies.to_dict("records")
        assert ("G", "D", "guarantee") == (row["dependent_id"], row["on_id"], row["criterion"])
        assert (why is None) == row["counts"]
        assert why is None or why == row["why_not"]
    assert (why is None) == (len(result.groups) == 1)


def test_directors_and_addresses_group_nobody_and_halves_are_a_hint() -> None:
    graph = graph_of(
        parties=[*client("A", "B", "J"), {"party_id": "P", "kind": "person"}],
        ties=[{"a_id": "P", "b_id": one, "kind": kind} for one in "AB" for kind in ("director", "address", "phone")],
        ownership=[share("A", "J", 0.5), share("B", "J", 0.5)],
    )
    result = groups_of(graph, regime="cn")
    assert result.groups.empty
    assert {"equal_halves", "never_by_directors"} <= {note.key for note in result.notes}


def test_close_family_is_one_unit_under_the_chinese_rule_alone() -> None:
    graph = graph_of(
        parties=[*client("X", "Y"), *({"party_id": one, "kind": "person"} for one in ("H", "W", "K"))],
        ties=[{"a_id": "H", "b_id": "W"}, {"a_id": "K", "b_id": "W"}],
        ownership=[share("H", "X", 0.9), share("W", "Y", 0.3), share("K", "Y", 0.3)],
    )
    assert {"X": ["X", "Y"]} == members(groups_of(graph, regime="cn"))
    assert {} == members(groups_of(graph, regime="crr"))


def test_rebuttals_are_applied_listed_and_reported_where_they_expired_or_found_no_link() -> None:
    rows: Rows = {
        "parties": client("A", "B", "C", "D"),
        "ownership": [share("A", "B", 0.9), share("B", "C", 0.9)],
        "dependencies": [{"dependent_id": "D", "on_id": "A"}, {"dependent_id": "C", "on_id": "A"}],
        "rebuttals": [
            {"a_id": "C", "b_id": "B", "kind": "control"},
            {"a_id": "A", "b_id": "D", "kind": "economic", "expires_on": AS_OF},
            {"a_id": "D", "b_id": "B"},
            {"a_id": "A", "b_id": "B", "kind": "both", "decided_on": date(2026, 10, 1)},
        ],
    }
    result = groups_of(graph_of(**rows))
    said = {(r["a_id"], r["b_id"]): (r["status"], r["together_in"]) for r in result.rebuttals.to_dict("records")}
    assert {
        ("C", "B"): ("applied", ["A"]),  # C still depends on A
        ("A", "D"): ("expired", ["A"]),
        ("D", "B"): ("no_link", ["A"]),
        ("A", "B"): ("not_yet", ["A"]),
    } == said
    assert {"rebuttals_expired", "rebuttals_without_link"} <= {note.key for note in result.notes}
    assert {"A": ["A", "B", "C", "D"]} == members(result)
    assert "depends on A: receipts, declared" == result.members.set_index("party_id").loc["C", "evidence"]


def test_declared_groups_are_compared_clients_with_clients() -> None:
    graph = graph_of(
        parties=[*client("A", "B", "C", "D", "E"), {"party_id": "H"}],
        control=[{"controller_id": a, "controlled_id": b} for a, b in (("H", "A"), ("H", "B"), ("C", "D"))],
        declared_groups=[
            {"group_id": g, "party_id": p} for g, p in (("1", "H"), ("1", "A"), ("1", "B"), ("2", "A"), ("3", "E"))
        ],
    )
    rows = groups_of(graph).declared.to_dict("records")
    assert [
        ("2", "A", "different", ["B"], [], []),
        ("3", None, "not_found", [], ["E"], []),
        ("1", "A", "equal", [], [], ["H"]),
        (None, "C", "undeclared", ["C", "D"], [], []),
    ] == [tuple(None if value != value else value for value in row.values()) for row in rows]


@pytest.mark.parametrize("name", ["sme_ex4", "sme_ex5"])
def test_the_examples_of_the_user_guide_to_the_sme_definition(name: str) -> None:
    case = vector(name)
    nodes, edges = case["graph"]["nodes"], case["graph"]["edges"]
    graph = graph_of(
        parties=[{"party_id": node["id"]} for node in nodes],
        ownership=[share(e["src"], e["dst"], e["share"]) for e in edges if e["type"] == "OWNS"],
        control=[{"controller_id": e["src"], "controlled_id": e["dst"]} for e in edges if e["type"] == "LINKED"],
    )
    exempt = [node["id"] for node in nodes if "exempt" in node]
    found = groups_of(graph, regime="crr", party="A", exempt=exempt).sme
    assert {"A"} == set(found["subject_id"])
    assert case["expected"]["weights"] == pytest.approx(dict(zip(found["party_id"], found["weight"], strict=True)))


def test_sme_weights_take_partners_of_linked_firms_with_what_is_linked_to_them_and_no_further() -> None:
    graph = graph_of(
        parties=[
            *client("A"),
            *({"party_id": one} for one in ("L", "P", "Q", "R", "S")),
            {"party_id": "M", "kind": "person"},
        ],
        ownership=[
            share("A", "L", 0.8),  # linked
            share("P", "L", 0.2),
            share("Q", "A", 0.25),  # partner
            share("Q", "R", 0.6),  # linked with the partner
            share("S", "Q", 0.4),  # a partner's partner
            share("M", "A", 0.6),  # a person
        ],
    )
    found = groups_of(graph, party="A").sme
    assert [("A", 1.0, "self"), ("L", 1.0, "linked"), ("Q", 0.25, "partner"), ("R", 0.25, "partner")] == list(
        zip(found["party_id"], found["weight"], found["relation"], strict=True)
    )


@pytest.mark.parametrize(
    ("own", "partner", "sme", "size"),
    [
        ((9, 2.0, 9.0), (0, 0.0, 0.0), True, "micro"),  # sales or balance sheet
        ((10, 2.0, 2.0), (0, 0.0, 0.0), True, "small"),
        ((49, 10.0, 99.0), (400, 0.0, 0.0), True, "medium"),  # 25 % of 400 people
        ((200, 10.0, 10.0), (200, 0.0, 0.0), False, "large"),  # 250 is not below 250
        ((249, 50.0, 99.0), (0, 0.0, 0.0), True, "medium"),
        ((249, 50.1, 43.0), (0, 0.0, 0.0), True, "medium"),
        ((249, 40.0, 40.0), (0, 41.0, 13.0), False, "large"),  # 50.25 and 43.25
        ((None, 1.0, 1.0), (0, 0.0, 0.0), None, None),
        ((None, 1.0, 1.0), (1000, 0.0, 0.0), False, "large"),  # the known part decides
        ((20, 1.0, None), (0, 0.0, None), True, "small"),
        ((20, None, None), (0, 0.0, 0.0), None, None),
        ((5, None, 9.0), (0, 0.0, 0.0), True, None),  # small or micro
    ],
)
def test_sme_status_follows_from_staff_sales_and_balance_sheet_over_all_that_count(
    own: tuple[float | None, ...], partner: tuple[float | None, ...], sme: bool | None, size: str | None
) -> None:
    names = ("employees", "sales", "total_assets")
    amounts = [[v if v is None or k == 0 else v * 8e6 for k, v in enumerate(row)] for row in (own, partner)]
    rows: Rows = {
        "parties": [*client("A"), {"party_id": "P"}],
        "ownership": [share("P", "A", 0.25)],
        "financials": [
            {"party_id": one, **dict(zip(names, row, strict=True))} for one, row in zip("AP", amounts, strict=True)
        ],
        "fx": [
            {"currency": "EUR", "as_of_on": date(2026, 1, 1), "rate": 8.0},
            {"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0},
        ],
    }
    (row,) = groups_of(graph_of(**rows), regime="crr").sme_status.to_dict("records")
    assert (sme, size) == tuple(None if row[name] != row[name] else row[name] for name in ("sme", "size"))
    assert (2, sum(None in each for each in (own, partner))) == (row["enterprises"], row["missing"])
    if sme:
        rows["parties"][1]["kind"] = "public_body"
        (row,) = groups_of(graph_of(**rows)).sme_status.to_dict("records")
        assert (False, "large", True) == (row["sme"], row["size"], row["public"])
    del rows["fx"]
    found = groups_of(graph_of(**rows))
    assert "sme_no_rate" in {note.key for note in found.notes}
    assert not found.sme_status["sme"].fillna(False).any()


@pytest.mark.parametrize(
    ("held", "exempt", "public"),
    [
        ([("G", "A", 0.15), ("H", "A", 0.1)], (), True),  # jointly
        ([("G", "A", 0.15), ("H", "A", 0.09)], (), False),
        ([("G", "Q", 0.6), ("Q", "A", 0.15), ("H", "A", 0.1)], (), True),  # through a firm that it controls
        ([("G", "Q", 0.4), ("Q", "A", 0.3)], (), False),
        ([("A", "Q", 0.3), ("G", "Q", 0.6)], (), False),  # a firm below is public, not the client
        ([("A", "G", 0.3)], (), False),
        ([("G", "A", 0.4)], ("G",), False),
        ([("G", "A", 0.6)], ("G",), True),  # exempt up to 50 %
    ],
)
def test_public_bodies_decide_against_a_firm_by_what_they_hold_of_it_together(
    held: list[tuple[str, str, float]], exempt: tuple[str, ...], public: bool
) -> None:
    bodies = [{"party_id": one, "kind": "public_body"} for one in "GH"]
    graph = graph_of(parties=[*client("A"), *bodies, {"party_id": "Q"}], ownership=[share(*one) for one in held])
    (row,) = groups_of(graph, party="A", exempt=exempt).sme_status.to_dict("records")
    assert public == row["public"]


def test_another_day_says_what_changed_and_which_link_came_or_went() -> None:
    then = graph_of(
        parties=client("A", "B", "C", "D", "E"),
        control=[{"controller_id": "A", "controlled_id": one} for one in "BC"],
        dependencies=[{"dependent_id": "E", "on_id": "D"}],
    )
    now = graph_of(
        parties=client("A", "B", "C", "D", "E"),
        control=[{"controller_id": "A", "controlled_id": "B"}, {"controller_id": "B", "controlled_id": "D"}],
        dependencies=[{"dependent_id": "E", "on_id": "D", "replaceable": True}],
    )
    result = run(now, Params(before="2026-06-30"), inputs=Inputs(before=then), progress=silent)
    assert [
        ("A", "A", "D", "joins", "D: B controls it (votes)"),
        ("A", "A", "C", "leaves", "no longer: C: A controls it (votes)"),
        (None, "D", "D", "gone_group", "no longer: E: depends on D: receipts, declared"),
        (None, "D", "E", "gone_group", "no longer: E: depends on D: receipts, declared"),
    ] == [tuple(row.values())[:5] for row in result.changes.to_dict("records")]
    assert "不再有：C：A 控制该户（表决权）" == result.changes.loc[1, "reason_zh"]


def test_a_party_that_is_not_loaded_and_a_regime_that_is_none_are_refused_with_the_nearest() -> None:
    graph = graph_of(parties=client("A"))
    for params, said in (({"party": "Z"}, "no party"), ({"regime": "basle"}, "basel"), ({"state": ["Z"]}, "no party")):
        with pytest.raises(UsageError) as caught:
            groups_of(graph, **params)
        assert said in f"{caught.value.message} {caught.value.hint}"


def test_a_long_way_is_told_by_its_end() -> None:
    ids = [f"P{k:04d}" for k in range(3000)]
    depends = [{"dependent_id": b, "on_id": a} for a, b in pairwise(ids)]
    result = groups_of(graph_of(parties=client(*ids), dependencies=depends))
    (group,) = result.groups.to_dict("records")
    assert (3000, "P0000") == (group["clients"], group["head_id"])
    ways = result.members.set_index("party_id")["path"]
    assert ids[:100] == ways["P0099"]
    assert ["P0000", "…", *ids[2900:]] == ways["P2999"]
