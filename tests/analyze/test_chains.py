from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphrisk.model.result import Result
from tests.analyze.books import Rows, book
from tests.analyze.test_contract import analyze
from tests.worlds.build import graph_of, parties, ring

Contract = tuple[str, str, float]


def world(*contracts: Contract, equity: dict[str, float] | None = None) -> Rows:
    ids = sorted({end for a, b, _ in contracts for end in (a, b)})
    return {
        "parties": parties(*ids),
        "guarantees": [{"guarantor_id": a, "debtor_id": b, "amount": x} for a, b, x in contracts],
        "financials": [{"party_id": i, "equity": e} for i, e in (equity or {}).items()],
    }


def chains(*contracts: Contract, equity: dict[str, float] | None = None, **given: object) -> Result:
    return analyze("chains", graph_of(**world(*contracts, equity=equity)), **given)


def test_caps_given_and_received_and_the_over_guarantee_ratio_are_sums_by_hand() -> None:
    found = chains(
        ("A", "B", 30.0), ("A", "B", 20.0), ("A", "C", 50.0), ("B", "C", 5.0), equity={"A": 40.0, "B": -1.0}
    ).parties
    assert ["B", "A", "C"] == found["party_id"].tolist()
    assert [5.0, 100.0, 0.0] == found["guaranteed_out"].tolist()
    assert [50.0, 0.0, 55.0] == found["guaranteed_in"].tolist()
    np.testing.assert_array_equal([-1.0, 40.0, np.nan], found["net_assets"])
    np.testing.assert_array_equal([np.nan, 2.5, np.nan], found["over_guarantee_ratio"])
    assert ["no_net_assets", "beyond_net_assets", "ok"] == found["over_guarantee"].tolist()
    assert [1, 2, 0] == found["debtors"].tolist()
    assert [1, 0, 2] == found["guarantors"].tolist()


def test_guarantors_run_by_class_and_by_what_they_gave_and_those_of_unknown_means_are_among_them() -> None:
    means = {"N1": -1.0, "N2": 0.0, "B1": 10.0, "B2": 10.0, "K1": 100.0, "K2": 100.0, "D1": -5.0, "D2": 7.0}
    gave = {"K1": 60.0, "K2": 90.0, "U1": 1.0, "U2": 500.0, "B1": 11.0, "B2": 90.0, "N2": 3.0, "N1": 3.0}
    found = chains(*((name, "D1", cap) for name, cap in gave.items()), ("K2", "D2", 10.0), equity=means)
    rows = found.parties
    assert ["N1", "N2", "B2", "B1", "U2", "U1", "K2", "K1", "D1", "D2"] == rows["party_id"].tolist()
    assert [
        *["no_net_assets"] * 2,
        *["beyond_net_assets"] * 2,
        *["unknown"] * 2,
        *["ok"] * 4,
    ] == rows["over_guarantee"].tolist()  # D1 has no net assets, and gave nothing; K2 gave exactly what it has
    (said,) = [note for note in found.notes if "no known net assets" in note]
    assert "2 of 8 guarantors" in said
    assert "the sum of their caps is 501 CNY" in said


def test_a_sum_of_caps_that_equals_net_assets_up_to_rounding_is_not_beyond_them() -> None:
    found = chains(("A", "B", 0.1), ("A", "C", 0.2), equity={"A": 0.3}).parties  # 0.1 + 0.2 > 0.3 in binary
    assert ["ok"] * 3 == found["over_guarantee"].tolist()


def test_depth_counts_the_guarantees_below_and_a_circle_as_one_place() -> None:
    found = chains(("A", "B", 1.0), ("B", "C", 1.0), ("C", "B", 1.0), ("C", "D", 1.0), ("A", "D", 1.0), ("X", "Y", 1.0))
    rows = found.parties.set_index("party_id")
    assert {"A": 2, "B": 1, "C": 1, "D": 0, "X": 1, "Y": 0} == rows["depth"].to_dict()
    assert {"B", "C"} == set(rows.index[rows["in_circle"]])
    assert {"A": "A", "B": "A", "C": "A", "D": "A", "X": "X", "Y": "X"} == rows["component"].to_dict()


def test_a_self_guarantee_is_left_out_with_a_note() -> None:
    found = chains(("A", "A", 9.0), ("A", "B", 1.0))
    assert [1.0, 0.0] == found.parties["guaranteed_out"].tolist()
    assert 0 == len(found.circles)
    assert any("with itself" in note for note in found.notes)


def test_repeated_contracts_make_one_circle_with_the_sum_of_their_caps() -> None:
    found = chains(("A", "B", 3.0), ("A", "B", 4.0), ("B", "A", 5.0))
    assert 1 == len(found.circles)
    row = found.circles.iloc[0]
    assert (2, ["A", "B"], 5.0, 12.0) == (row["length"], row["parties"], row["bottleneck_amount"], row["total_amount"])
    assert [["A", "B", 7.0, 5.0]] == found.pairs.to_numpy().tolist()


def test_a_circle_runs_from_guarantor_to_debtor_and_starts_at_the_smallest_id() -> None:
    found = analyze("chains", graph_of(**ring(4))).circles  # P1 stands behind P0, P2 behind P1, ...
    assert [["P0", "P3", "P2", "P1"]] == found["parties"].tolist()


@given(st.integers(0, 10_000), st.integers(2, 8))
@settings(max_examples=30, deadline=None)
def test_circles_of_a_book_are_those_of_brute_force(seed: int, max_length: int) -> None:
    rows = book(seed, size=8, relations=24)
    found = analyze("chains", graph_of(**rows), max_length=max_length)
    caps: dict[tuple[str, str], float] = {}
    for row in rows["guarantees"]:
        pair = (row["guarantor_id"], row["debtor_id"])
        caps[pair] = caps.get(pair, 0.0) + row["amount"]
    expected = {}
    for circle in nx.simple_cycles(nx.DiGraph(list(caps)), length_bound=max_length):
        if len(circle) > 1:
            turn = circle.index(min(circle))
            path = circle[turn:] + circle[:turn]
            arcs = [caps[pair] for pair in zip(path, path[1:] + path[:1], strict=True)]
            expected[tuple(path)] = (min(arcs), sum(arcs))
    actual = {
        tuple(p): (b, t)
        for p, b, t in zip(
            found.circles["parties"],
            found.circles["bottleneck_amount"],
            found.circles["total_amount"],
            strict=True,
        )
    }
    assert set(expected) == set(actual)
    for path, amounts in expected.items():
        assert amounts == pytest.approx(actual[path], rel=1e-12)
    assert found.certificate["complete"] is True
    mutual = {(a, b) for a, b in caps if a < b and (b, a) in caps}
    assert mutual == set(zip(found.pairs["a_id"], found.pairs["b_id"], strict=True))


def test_circles_come_with_the_largest_bottleneck_first() -> None:
    found = chains(
        ("A", "B", 1.0),
        ("B", "A", 9.0),
        ("C", "D", 5.0),
        ("D", "C", 5.0),
        ("E", "F", 5.0),
        ("F", "G", 5.0),
        ("G", "E", 6.0),
    ).circles
    assert [["C", "D"], ["E", "F", "G"], ["A", "B"]] == found["parties"].tolist()
    assert found["circle_id"].is_unique


def test_a_circle_keeps_its_id_when_others_come() -> None:
    one = chains(("A", "B", 1.0), ("B", "A", 1.0)).circles["circle_id"].tolist()
    two = chains(("A", "B", 8.0), ("B", "A", 1.0), ("C", "D", 5.0), ("D", "C", 5.0)).circles
    assert one == two.loc[two["parties"].map(lambda p: p == ["A", "B"]), "circle_id"].tolist()


def test_a_reached_limit_is_a_note_that_names_what_to_raise() -> None:
    pairs = [(a, b, 1.0) for a in "ABCDEF" for b in "ABCDEF" if a != b]
    found = chains(*pairs, max_circles=20)
    assert 20 == len(found.circles)
    assert (False, 2) == (found.certificate["complete"], found.certificate["complete_to"])
    assert any("up to 2 guarantees" in note and "raise max_circles" in note for note in found.notes)
    assert 15 == len(found.pairs)  # pairs do not depend on the limit
    slow = chains(*pairs, max_steps=50)
    assert any("raise max_steps" in note for note in slow.notes)


def test_circles_longer_than_the_bound_are_said_to_be_left_out() -> None:
    found = analyze("chains", graph_of(**ring(9)))
    assert 0 == len(found.circles)
    assert any("more than 8 guarantees" in note and "9 members" in note for note in found.notes)
    assert found.parties["in_circle"].all()


def test_the_longest_chain_below_each_top_names_its_weakest_link() -> None:
    found = chains(
        ("A", "B", 9.0),
        ("B", "D", 2.0),
        ("A", "C", 5.0),
        ("C", "D", 4.0),
        ("D", "E", 7.0),
        ("Z", "E", 1.0),
        ("Y", "Z", 1.0),
    ).chains
    assert [["A", "C", "D", "E"], ["Y", "Z", "E"]] == found["parties"].tolist()
    first = found.iloc[0]
    assert ("A", "E", 3, 4.0) == (first["start_id"], first["end_id"], first["length"], first["bottleneck_amount"])
    assert ("C", "D") == (first["bottleneck_guarantor_id"], first["bottleneck_debtor_id"])


def test_a_chain_crosses_a_circle_by_the_shortest_way() -> None:
    found = chains(("A", "B", 9.0), ("B", "C", 8.0), ("C", "D", 3.0), ("D", "B", 8.0), ("D", "E", 9.0)).chains
    assert [["A", "B", "C", "D", "E"]] == found["parties"].tolist()
    assert [3.0] == found["bottleneck_amount"].tolist()


def test_chains_left_out_by_the_limit_are_counted() -> None:
    contracts = [(f"A{k}", f"B{k}", 1.0) for k in range(4)] + [(f"B{k}", f"C{k}", 1.0) for k in range(4)]
    found = chains(*contracts, max_chains=3)
    assert ["A0", "A1", "A2"] == found.chains["start_id"].tolist()
    assert any(note.startswith("1 further") and "max_chains" in note for note in found.notes)


def test_stars_are_parties_with_many_partners_on_one_side() -> None:
    out = [("H", f"D{k}", 10.0) for k in range(6)]
    into = [(f"G{k}", "T", 2.0) for k in range(5)]
    found = chains(*out, *into, equity={"H": 20.0}).stars
    assert [["H", "guarantor", 6, 60.0], ["T", "debtor", 5, 10.0]] == (
        found[["party_id", "side", "partners", "amount"]].to_numpy().tolist()
    )
    np.testing.assert_array_equal([3.0, np.nan], found["amount_to_net_assets"])


def test_groups_in_circles_list_their_parties_and_what_is_inside() -> None:
    found = chains(
        ("A", "B", 1.0), ("B", "C", 2.0), ("C", "A", 4.0), ("C", "D", 8.0), equity={"A": 5.0, "B": 6.0}
    ).components
    assert [["A", 3, 3, 7.0, 11.0, 1, ["A", "B", "C"]]] == found.to_numpy().tolist()


def test_guarantors_without_a_ratio_are_counted_in_the_notes() -> None:
    notes = chains(("A", "B", 1.0), ("B", "C", 1.0), equity={"B": 0.0}).notes
    assert any("1 of 2 guarantors has no known net assets" in note for note in notes)
    assert any("1 of 2 guarantors has net assets of zero or less" in note for note in notes)


@given(st.integers(0, 10_000), st.integers(4, 22))
@settings(max_examples=30, deadline=None)
def test_every_chain_is_a_way_of_contracts_with_its_own_bottleneck(seed: int, relations: int) -> None:
    rows = book(seed, size=10, relations=relations)
    found = analyze("chains", graph_of(**rows))
    caps: dict[tuple[str, str], float] = {}
    for row in rows["guarantees"]:
        pair = (row["guarantor_id"], row["debtor_id"])
        caps[pair] = caps.get(pair, 0.0) + row["amount"]
    depth = dict(zip(found.parties["party_id"], found.parties["depth"], strict=True))
    network = nx.DiGraph([pair for pair in caps if pair[0] != pair[1]])
    group = {i: min(part) for part in nx.strongly_connected_components(network) for i in part}
    guaranteed = {group[b] for a, b in network.edges if group[a] != group[b]}
    tops = {g for g in group.values() if g not in guaranteed and depth[g] >= 2}
    assert tops == {group[start] for start in found.chains["start_id"]}
    for row in found.chains.to_dict("records"):
        path = row["parties"]
        steps = [caps[pair] for pair in pairwise(path)]
        assert len(set(path)) == len(path)
        assert (row["start_id"], row["end_id"], row["length"]) == (path[0], path[-1], len(path) - 1)
        assert min(steps) == pytest.approx(row["bottleneck_amount"], rel=1e-12)
        weakest = (row["bottleneck_guarantor_id"], row["bottleneck_debtor_id"])
        assert min(steps) == pytest.approx(caps[weakest], rel=1e-12)
        between = [pair for pair in pairwise(path) if group[pair[0]] != group[pair[1]]]
        assert len(between) == depth[path[0]]
