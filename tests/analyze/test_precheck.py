"""Check before signing: equal to whole runs on the changed book, bit by bit; what is refused; what is broken."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from graphrisk.analyze.base import find_analyzer
from graphrisk.analyze.precheck.params import read_policy
from graphrisk.errors import DataError, UsageError
from graphrisk.graph.build import build_graph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs
from graphrisk.progress import silent
from graphrisk.proposing import with_proposal
from tests.analyze.books import book
from tests.analyze.prechecks import prechecked, prechecked_with_graph, stored, write_rows
from tests.analyze.test_contract import analyze
from tests.worlds.build import AS_OF, graph_of, parties, tables_of

PROPOSED: dict[str, list[dict[str, Any]]] = {
    "parties": [{"party_id": "NEW", "name": "新客户", "kind": "company"}],
    "facilities": [{"facility_id": "FN", "borrower_id": "P01", "outstanding": 80.0},
                   {"facility_id": "F03", "borrower_id": "P02", "outstanding": 5.0}],
    "guarantees": [
        {"guarantee_id": "N1", "guarantor_id": "P03", "debtor_id": "P01", "facility_id": "FN", "amount": 70.0},
        {"guarantee_id": "N2", "guarantor_id": "NEW", "debtor_id": "P03", "amount": 40.0},
        {"guarantee_id": "G002", "guarantor_id": "P05", "debtor_id": "P06", "amount": 33.0},
    ],
    "exposures": [{"creditor_id": "P04", "debtor_id": "NEW", "amount": 12.0}],
    "pledges": [{"facility_id": "FN", "collateral_id": "C1", "rank": 3}],
    "ownership": [{"owner_id": "P07", "owned_id": "NEW", "share_min": 0.4, "share_max": 0.4}],
}  # fmt: skip


def changed_book(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    out = {}
    for name in {*rows, *PROPOSED}:
        key = CATALOG[name].key
        new = PROPOSED.get(name, [])
        taken = {tuple(row[k] for k in key) for row in new} if key else set()
        out[name] = [row for row in rows.get(name, []) if not key or tuple(row.get(k) for k in key) not in taken] + new
    return out


@pytest.mark.parametrize("seed", range(3))
def test_the_book_with_the_proposal_is_the_changed_book_and_losses_are_those_of_whole_runs(seed: int) -> None:
    rows = book(20 + seed)
    found, after = prechecked_with_graph(rows, PROPOSED)
    for number, row in enumerate(rows["guarantees"]):
        row.setdefault("guarantee_id", f"G{number:04d}")
    whole = build_graph(tables_of(**changed_book(rows)), as_of=AS_OF)
    for name in CATALOG:
        assert whole.table(name).equals(after.table(name)), name
    before = build_graph(tables_of(**rows), as_of=AS_OF)
    assert {"P01", "P02", "P03", "P05", "P06", "NEW"} <= set(found.losses["party_id"])
    contagion = find_analyzer("contagion")
    params = parse_params(contagion.Params, {}, where="contagion")
    for row in found.losses.to_dict("records"):
        for graph, side in ((before, "before"), (whole, "after")):
            if row["party_id"] not in set(graph.party_ids):
                assert 0.0 == row[f"bank_loss_{side}"]
                continue
            run = contagion.run(graph, params, inputs=Inputs(shocks={row["party_id"]: 1.0}), progress=silent)
            assert run.certificate["bank_loss_added"] == row[f"bank_loss_{side}"]  # not a bit apart
            assert run.certificate["equity_lost_added"] == row[f"equity_lost_{side}"]
            assert run.certificate["defaults_added"] == row[f"defaults_{side}"]


@pytest.mark.parametrize("seed", range(6))
def test_closing_circles_are_those_that_the_new_network_has_and_the_old_has_not(seed: int) -> None:
    dice = np.random.default_rng(seed)
    ids = [f"P{k}" for k in range(9)]

    def pairs(count: int) -> list[tuple[str, str]]:
        return [tuple(str(one) for one in dice.choice(ids, 2, replace=False)) for _ in range(count)]

    def contracts(ends: list[tuple[str, str]], prefix: str) -> list[dict[str, Any]]:
        return [
            {"guarantee_id": f"{prefix}{k}", "guarantor_id": a, "debtor_id": b, "amount": float(k + 1)}
            for k, (a, b) in enumerate(ends)
        ]

    old, new = pairs(11), pairs(3)
    found = prechecked(
        {"parties": parties(*ids), "guarantees": contracts(old, "G")}, {"guarantees": contracts(new, "N")}, max_length=6
    )

    def circles(ends: list[tuple[str, str]]) -> set[tuple[str, ...]]:
        return {
            tuple(one[one.index(min(one)) :] + one[: one.index(min(one))])
            for one in nx.simple_cycles(nx.DiGraph(ends), length_bound=6)
        }

    assert circles(old + new) - circles(old) == {tuple(one) for one in found.circles["circle"]}
    listed = analyze(
        "chains", graph_of(parties=parties(*ids), guarantees=contracts(old, "G") + contracts(new, "N"))
    ).circles.set_index("circle_id")
    for row in found.circles.itertuples():
        assert (listed.loc[row.circle_id, "total_amount"], listed.loc[row.circle_id, "bottleneck_amount"]) == (
            row.amount, row.bottleneck_amount,
        )  # fmt: skip
    net = nx.DiGraph(old + new)
    for (guarantor, debtor), row in zip(new, found.chain.itertuples(), strict=True):
        assert row.closes_circle == nx.has_path(net, debtor, guarantor)
        onward = set(nx.descendants(net, guarantor)) | ({guarantor} if row.closes_circle else set())
        assert sorted(onward | ({guarantor} if any(nx.has_path(net, k, guarantor) for k in net.successors(guarantor))
                                else set())) == row.reach  # fmt: skip


def two() -> dict[str, list[dict[str, Any]]]:
    return {
        "parties": parties("A", "B", "C"),
        "financials": [{"party_id": "A", "equity": 100.0}, {"party_id": "B", "equity": -5.0}],
        "facilities": [{"facility_id": "F", "borrower_id": "B", "outstanding": 60.0}],
        "guarantees": [{"guarantee_id": "G", "guarantor_id": "A", "debtor_id": "B", "amount": 60.0}],
    }


def guarantee(guarantor: str, debtor: str, amount: float, **more: Any) -> dict[str, Any]:
    return {"guarantee_id": "NEW", "guarantor_id": guarantor, "debtor_id": debtor, "amount": amount, **more}


@pytest.mark.parametrize(
    ("guarantor", "amount", "broken", "class_"),
    [("A", 40.0, False, "ok"), ("A", 40.01, True, "beyond_net_assets"), ("B", 1.0, True, "no_net_assets"),
     ("C", 1.0, True, "unknown")],
)  # fmt: skip
def test_a_guarantor_without_known_net_assets_is_never_within_them(
    guarantor: str, amount: float, broken: bool, class_: str
) -> None:
    other = "C" if guarantor != "C" else "A"
    found = prechecked(two(), {"guarantees": [guarantee(guarantor, other, amount)]}, over_guarantee=1.0)
    row = found.summary.set_index("measure").loc["over_guarantee"]
    assert (broken, guarantor) == (row["broken"], row["party_id"])
    after = dict(zip(found.parties["party_id"], found.parties["over_guarantee_after"], strict=True))
    assert class_ == after[guarantor]


def test_a_part_that_merges_and_a_chain_that_lengthens_are_shown() -> None:
    rows = {**two(), "parties": parties("A", "B", "C", "D")}
    rows["guarantees"] = [*rows["guarantees"], {"guarantor_id": "C", "debtor_id": "D", "amount": 1.0}]
    (row,) = prechecked(rows, {"guarantees": [guarantee("B", "C", 2.0)]}).parts.to_dict("records")
    assert ("A", ["A", "C"], 2, 4, 1, 3, "chain") == (
        row["part_id"], row["joined"], row["parties_before"], row["parties_after"], row["depth_before"],
        row["depth_after"], row["type_after"],
    )  # fmt: skip


def test_a_loan_that_two_owe_jointly_counts_once_in_a_chain() -> None:
    rows = {**two(), "co_borrowers": [{"facility_id": "F", "party_id": "C", "mode": "joint_several"}]}
    (row,) = prechecked(rows, {"guarantees": [guarantee("A", "C", 2.0)]}).chain.to_dict("records")
    assert (["B", "C"], 60.0, 1) == (row["reach"], row["loans_sum"], row["loans_count"])


def test_a_contract_that_begins_later_counts_and_one_that_ended_does_not() -> None:
    from datetime import date

    found = prechecked(two(), {"guarantees": [guarantee("B", "C", 2.0, from_on=date(2027, 1, 1))]})
    assert 1 == len(found.chain)
    assert any("count as if they held" in note for note in found.notes)
    found = prechecked(two(), {"guarantees": [guarantee("B", "C", 2.0, to_on=date(2020, 1, 1))]})
    assert found.chain.empty
    assert any("have no effect" in note for note in found.notes)


def test_a_circle_longer_than_those_listed_breaks_the_threshold_all_the_same() -> None:
    ids = [f"P{k}" for k in range(6)]
    rows = {"parties": parties(*ids), "guarantees": [
        {"guarantor_id": a, "debtor_id": b, "amount": 1.0} for a, b in pairwise(ids)]}  # fmt: skip
    found = prechecked(rows, {"guarantees": [guarantee("P5", "P0", 1.0)]}, max_length=4, circles=False)
    assert found.circles.empty
    assert found.summary.set_index("measure").loc["circles", "broken"]
    assert any("more than 4 guarantees closes" in note for note in found.notes)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"guarantees": [guarantee("A", "NOBODY", 1.0)]}, "debtor_id names no party"),
        ({"guarantees": [guarantee("A", "B", 1.0, facility_id="F9")]}, "facility_id names no facility"),
        ({"guarantees": [guarantee("A", "C", 1.0), guarantee("C", "A", 2.0)]}, "repeats an earlier row"),
        ({"guarantees": [guarantee("A", "C", -1.0)]}, "amount"),
        ({"guarantees": [guarantee("A", "C", 1.0, currency="XXX")]}, "XXX"),
        ({"guarantees": [guarantee("A", "B", 1.0, facility_id="F", share=0.7),
                         {**guarantee("C", "B", 1.0, facility_id="F", share=0.7), "guarantee_id": "N2"}]}, "share"),
    ],
)  # fmt: skip
def test_rows_that_do_not_stand_beside_the_book_are_refused(rows: Any, said: str) -> None:
    with pytest.raises(DataError) as caught:
        prechecked(two(), rows)
    assert said in caught.value.message


def test_a_file_that_is_not_read_and_a_guarantee_for_oneself_are_warnings(tmp_path: Path) -> None:
    write_rows(tmp_path, {"guarantees": [guarantee("C", "C", 5.0)]})
    (tmp_path / "garantees.csv").write_text("x\n1\n", encoding="utf-8")
    tables = tables_of(**two())
    graph, proposal = with_proposal(build_graph(tables, as_of=AS_OF), stored(tables), tmp_path, None, silent)
    analyzer = find_analyzer("precheck")
    found = analyzer.run(graph, analyzer.Params(circles=False), inputs=Inputs(proposed=proposal), progress=silent)
    said = [str(note) for note in found.notes if note.severity == "warning"]
    assert any("garantees.csv was not read" in note for note in said)
    assert any("of a party for itself" in note for note in said)
    assert not found.chain.iloc[0]["closes_circle"]
    assert not found.summary.set_index("measure").loc["circles", "broken"]


def test_rates_are_not_proposed() -> None:
    with pytest.raises(UsageError, match="rates are not proposed"):
        prechecked(two(), {"fx": [{"currency": "USD", "as_of_on": AS_OF, "rate": 7.0}]})


def test_a_policy_is_read_and_what_is_wrong_in_it_is_named(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[precheck]\nchain_loans = 5\nover_guarantee = false\ncircles = false\n", encoding="utf-8")
    assert {"chain_loans": 5, "over_guarantee": 1.0, "circles": False} == read_policy(policy)
    for text, said in (
        ("[prechek]\ncircles = false", "no table"), ("[precheck]\nchain_loan = 5", "chain_loan is not known"),
        ("[precheck]\ncircles = 1", "true or false"), ("[precheck]\nloss_added = -1", "0 or more"), ("x =", "TOML"),
    ):  # fmt: skip
        policy.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=said):
            read_policy(policy)
