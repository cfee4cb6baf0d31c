"""The parts of the guarantee layer against a slow plain reference, written from the definitions."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from graphrisk.credit.loan_class import loan_class
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.regimes.guarantee_rules import parse_pack
from tests.analyze.books import book
from tests.analyze.test_chains import chains, world
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties

CLASSES = ["正常", "关注类", "次级", "Doubtful", "损失", "stage 2", None, "BBB"]


def reference(graph: RiskGraph) -> dict[str, dict[str, Any]]:
    """Return the parts by their smallest id, one loop a measure."""
    people = graph.frame("parties").set_index("party_id")
    loans = graph.frame("facilities")
    contracts = graph.frame("guarantees")
    loan_lender = loans.set_index("facility_id")["lender_id"]
    lender = contracts["facility_id"].map(lambda f: loan_lender.get(f) if isinstance(f, str) else None)
    contracts = contracts[(contracts["guarantor_id"] != contracts["debtor_id"]) & (contracts["guarantor_id"] != lender)]
    net = nx.DiGraph()
    for row in contracts.itertuples():
        old = net.get_edge_data(row.guarantor_id, row.debtor_id, {"amount": 0.0})["amount"]
        net.add_edge(row.guarantor_id, row.debtor_id, amount=old + row.amount)
    drawn = nx.condensation(net) if len(net) else None
    place = drawn.graph["mapping"] if drawn is not None else {}
    depth: dict[int, int] = {}
    for node in reversed(list(nx.topological_sort(drawn))) if drawn is not None else []:
        depth[node] = max((depth[after] + 1 for after in drawn.successors(node)), default=0)
    equity = dict(zip(graph.party_ids, graph.equity, strict=True))
    out = {}
    for members in nx.weakly_connected_components(net):
        sub, own = net.subgraph(members), loans[loans["borrower_id"].isin(members)]
        amounts = {(a, b): d["amount"] for a, b, d in sub.edges(data=True)}
        total = sum(amounts.values())
        by_party = own.groupby("borrower_id")["outstanding"].sum().sort_values(ascending=False)
        bad = [
            row.outstanding
            for row in own.itertuples()
            if (not pd.isna(row.days_past_due) and row.days_past_due > 90)
            or row.classification in ("次级", "Doubtful", "损失")
            or people.loc[row.borrower_id, "status"] == "defaulted"
        ]
        banks = {
            "" if not isinstance(row.lender_id, str) else row.lender_id
            for row in own.itertuples()
            if not isinstance(row.lender_id, str) or people.loc[row.lender_id, "kind"] == "bank"
        }
        claims = graph.frame("exposures")
        banks |= {
            row.creditor_id
            for row in claims[claims["debtor_id"].isin(members)].itertuples()
            if people.loc[row.creditor_id, "kind"] == "bank"
        }
        gave = {a: sum(w for (s, _), w in amounts.items() if s == a) for a in members}
        strong = [len(part) for part in nx.strongly_connected_components(sub)]
        single = {frozenset(pair) for pair in amounts}
        if all(size == 2 for size in strong):
            kind = "mutual"
        elif strong == [len(members)]:
            kind = "circle"
        elif max(strong) == 1 and all(sub.in_degree(a) < 2 and sub.out_degree(a) < 2 for a in members):
            kind = "chain"
        elif any(all(a in pair for pair in single) for a in members):
            kind = "star"
        else:
            kind = "mixed"
        depths = [depth[place[a]] for a in members]
        out[min(members)] = {
            "parties": len(members),
            "contracts": int((contracts["guarantor_id"].isin(members)).sum()),
            "guaranteed": total,
            "loans": own["outstanding"].sum(),
            "non_performing": sum(bad),
            "mutual_share": sum(w for (a, b), w in amounts.items() if (b, a) in amounts) / total,
            "cyclic_share": sum(w for (a, b), w in amounts.items() if place[a] == place[b]) / total,
            "top3_share": by_party[:3].sum() / by_party.sum() if by_party.sum() else np.nan,
            "depth_max": max(depths),
            "depth_mean": sum(depths) / len(depths),
            "regions": people.loc[sorted(members), "region"].nunique(),
            "industries": people.loc[sorted(members), "industry"].nunique(),
            "lending_banks": len(banks),
            "beyond_net_assets": sum(gave[a] > 0 and gave[a] > max(equity[a], 0.0) for a in members),
            "type": kind,
        }
    return out


@pytest.mark.parametrize("seed", range(6))
def test_every_measure_of_a_part_is_that_of_the_plain_reference(seed: int) -> None:
    rows = book(seed, size=30, relations=12 + 4 * (seed % 3), faults=seed % 2 == 0)
    dice = np.random.default_rng(seed)
    for row in rows["facilities"]:
        row["days_past_due"] = dice.choice([None, 0, 90, 91])
        row["classification"] = dice.choice(CLASSES)
    graph = graph_of(**rows)
    found = analyze("chains", graph).parts
    expected = reference(graph)
    assert set(expected) == set(found["part_id"])
    for row in found.to_dict("records"):
        for name, value in expected[row["part_id"]].items():
            assert row[name] == (value if isinstance(value, str) else pytest.approx(value, nan_ok=True)), name
    order = list(zip(-found["loans"], -found["guaranteed"], found["part_id"], strict=True))
    assert sorted(order) == order


def test_the_types_of_parts() -> None:
    found = chains(
        ("A1", "A2", 1.0), ("A2", "A1", 1.0),
        ("B1", "B2", 1.0), ("B2", "B3", 1.0), ("B3", "B1", 1.0),
        ("C1", "C2", 1.0), ("C1", "C3", 1.0), ("C4", "C1", 1.0), ("C2", "C1", 1.0),
        ("D1", "D2", 1.0), ("D2", "D3", 1.0),
        ("E1", "E2", 1.0),
        ("F1", "F2", 1.0), ("F2", "F3", 1.0), ("F2", "F4", 1.0), ("F5", "F3", 1.0),
    )  # fmt: skip
    assert {"A1": "mutual", "B1": "circle", "C1": "star", "D1": "chain", "E1": "chain", "F1": "mixed"} == dict(
        zip(found.parts["part_id"], found.parts["type"], strict=True)
    )


def test_who_is_a_client_and_which_loans_another_party_guarantees() -> None:
    rows = {
        **world(("A", "B", 5.0), ("B", "A", 5.0), ("A", "C", 5.0), equity={"A": 100.0}),
        "parties": [{"party_id": "A", "is_client": False}, {"party_id": "B"}, {"party_id": "C", "is_client": True},
                    {"party_id": "L", "kind": "bank"}],
        "facilities": [
            {"facility_id": "F1", "borrower_id": "B", "outstanding": 7.0, "limit_amount": 10.0, "days_past_due": 30},
            {"facility_id": "F2", "borrower_id": "C", "outstanding": 2.0, "lender_id": "L"},
            {"facility_id": "F3", "borrower_id": "A", "outstanding": 1.0, "classification": "关注"},
        ],
    }  # fmt: skip
    (part,) = analyze("chains", graph_of(**rows)).parts.to_dict("records")
    assert 2 == part["clients"]  # B borrows from us, C is said to be one, A is said to be none
    assert (10.0, 8.0, 7.0, 1.0, 3.0) == tuple(
        part[name] for name in ("guaranteed_loans", "mutual_loans", "overdue_90", "special_mention", "off_balance")
    )
    assert ("B", 7.0, 2) == (part["core_id"], part["core_loans"], part["lending_banks"])
    assert 0.8 == part["told_share"]  # nothing is said of F2
    assert part["total_assets"] is None or np.isnan(part["total_assets"])


def test_a_word_that_is_no_class_is_said() -> None:
    rows = {
        **world(("A", "B", 5.0)),
        "facilities": [{"facility_id": "F", "borrower_id": "B", "outstanding": 1.0, "classification": "BBB"}],
    }
    assert any("BBB" in note for note in analyze("chains", graph_of(**rows)).notes)
    assert [1, 2, 3, 3, 5, 0, -1] == [
        loan_class(text) for text in ("Pass", "special-mention", "次级类贷款", "Stage 3", "05", " ", "standardised")
    ]


def test_guarantee_companies_have_their_own_line_and_other_kinds_are_noted() -> None:
    kinds = {"GC": "guarantee_company", "BK": "bank", "CO": "company"}
    rows = {
        "parties": [*({"party_id": name, "kind": kind} for name, kind in kinds.items()), *parties("Z")],
        "financials": [{"party_id": name, "equity": 10.0} for name in kinds],
        "guarantees": [{"guarantor_id": name, "debtor_id": "Z", "amount": 90.0} for name in kinds],
    }
    found = analyze("chains", graph_of(**rows))
    assert [("CO", "net_assets", "breach"), ("GC", "guarantee_company_leverage", "near")] == list(
        found.findings[["party_id", "rule", "level"]].itertuples(index=False, name=None)
    )
    assert any("binds 1 of 3 guarantors" in note for note in found.notes)


@pytest.mark.parametrize(
    "text",
    [
        "x =", "", "[[rule]]\nrule='a'\nof='debtors'", "[[rule]]\nrule='a'\nof='loans'\nbreach_above=1",
        "[[rule]]\nrule='a'\nof='debtors'\nbreach_above=1\nnear=2",
        "[[rule]]\nrule='a'\nof='debtors'\nbreach_above='x'",
        "[[rule]]\nrule='a'\nof='debtors'\nbreach_above=1\nwarn=0",
    ],
)  # fmt: skip
def test_a_rule_pack_that_is_wrong_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pack("own", text, "own.toml")
    assert caught.value.where.startswith("own.toml")


def test_an_unknown_rule_pack_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="no rule pack on guarantees is called 'cm'"):
        chains(("A", "B", 1.0), regime="cm")
