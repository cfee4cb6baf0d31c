"""Limits of the European rule: an amount for institutions beside the fraction, and dependencies in proportion."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from graphrisk.analyze.needs import computed
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.result import Result
from tests.worlds.build import graph_of

RATE = {"currency": "EUR", "as_of_on": date(2026, 1, 1), "rate": 8.0}
MILLION = 1e6


def asked(graph: RiskGraph, analyzer: str, **params: Any) -> Result:
    return computed(graph)(Ask(key=analyzer, analyzer=analyzer, params={"regime": "crr", **params}))


def book(*, fx: bool = True) -> RiskGraph:
    """A bank alone, a firm alone, a group of a bank and two firms, and a group of two banks; amounts in millions."""
    owed = {"B": 900.0, "F": 900.0, "M1": 300.0, "M2": 400.0, "M3": 600.0, "X": 100.0, "Y": 200.0}
    kinds = {"B": "bank", "M1": "bank", "X": "bank", "Y": "bank"}
    return graph_of(
        parties=[{"party_id": one, "kind": kinds.get(one, "company"), "is_client": True} for one in owed],
        facilities=[
            {"facility_id": f"L-{one}", "borrower_id": one, "outstanding": due * MILLION} for one, due in owed.items()
        ],
        control=[{"controller_id": "M1", "controlled_id": one} for one in ("M2", "M3")]
        + [{"controller_id": "X", "controlled_id": "Y"}],
        fx=[RATE, {"currency": "CNY", "as_of_on": date(2026, 1, 1), "rate": 1.0}] if fx else [],
    )


@pytest.mark.parametrize(
    ("tier1", "institution"),
    [
        (2000.0, 0.6),  # EUR 150 m are 1,200 m: more than 25 %
        (1000.0, 1.0),  # but never more than Tier 1
        (8000.0, 0.25),  # 25 % is the higher of the two
    ],
)
def test_the_limit_for_institutions_is_the_higher_of_a_fraction_and_an_amount(tier1: float, institution: float) -> None:
    use = asked(book(), "limits", tier1=tier1 * MILLION).use
    limits = {(r["subject_id"], r["subject"], r["measure"]): r["limit"] for r in use.to_dict("records")}
    for subject in (("B", "client"), ("M1", "client"), ("M1", "group"), ("X", "group")):
        assert institution == pytest.approx(limits[*subject, "exposure"])
    assert 0.25 == limits["F", "client", "exposure"] == limits["M1", "group", "exposure_others"]
    others = use[use["measure"] == "exposure_others"]
    assert ["M1"] == others["subject_id"].tolist()  # a group of banks alone has nobody else
    assert 1000.0 * MILLION == others.iloc[0]["exposure"]
    assert 1000.0 / tier1 == pytest.approx(others.iloc[0]["use"])


def test_without_a_rate_the_fraction_alone_is_taken_and_without_capital_there_is_no_limit_at_all() -> None:
    found = asked(book(fx=False), "limits", tier1=2000.0 * MILLION)
    assert {0.25} == set(found.use["limit"])
    assert "no_rate_for_line_eur" in {note.key for note in found.notes}
    unknown = asked(book(), "limits").use.set_index(["subject_id", "measure"])
    assert unknown.loc[("B", "exposure"), "limit"] != unknown.loc[("B", "exposure"), "limit"]
    assert 0.25 == unknown.loc[("F", "exposure"), "limit"]
    assert unknown["use"].isna().all()
    assert unknown["ladder"].isna().all()


def test_the_amount_goes_to_institutions_under_the_european_rule_alone() -> None:
    for regime, wanted in (("basel", {0.25}), ("cn", {0.15, 0.20, 0.25, 0.10})):
        use = asked(book(), "limits", regime=regime, tier1=2000.0 * MILLION, net_capital=2500.0 * MILLION).use
        assert wanted == set(use["limit"])
        assert {"exposure", "loan"} >= set(use["measure"])


def test_in_proportion_dependencies_are_derived_around_large_clients_only() -> None:
    debts = {"A": 60.0, "B": 1.0, "C": 50.0, "D": 1.0, "E": 1.0, "G": 1.0}
    graph = graph_of(
        parties=[{"party_id": one, "is_client": True} for one in debts],
        facilities=[{"facility_id": f"L-{k}", "borrower_id": k, "outstanding": due} for k, due in debts.items()],
        financials=[{"party_id": one, "sales": 100.0} for one in "BD"],
        supplies=[{"supplier_id": a, "buyer_id": b, "amount": 70.0} for a, b in ("BA", "DC")],
        dependencies=[{"dependent_id": "G", "on_id": "E"}],
    )  # fmt: skip
    assert 3 == len(asked(graph, "groups", tier1=1000.0).groups)
    found = asked(graph, "groups", tier1=1000.0, proportionate=True)  # 5 % are 50: C does not owe more than that
    assert ["A", "E"] == sorted(found.groups["group_id"])
    small = found.dependencies[found.dependencies["why_not"] == "below_check"].to_dict("records")
    assert [("D", "C")] == [(row["dependent_id"], row["on_id"]) for row in small]
    use = asked(graph, "limits", tier1=1000.0, proportionate=True).use
    assert ["A", "E"] == sorted(use[use["subject"] == "group"]["subject_id"])
    unknown = asked(graph, "groups", proportionate=True)
    assert 3 == len(unknown.groups)
    assert "proportion_unknown" in {note.key for note in unknown.notes}
