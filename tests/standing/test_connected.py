"""Groups of connected clients: the plain reference on random books, and parts of a book like the whole."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import numpy as np
import pytest

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.regimes.exposure_rule import find_exposure_regime
from graphrisk.standing.connected import Connected, connected
from tests.standing.groups_reference import Rows, groups_of
from tests.worlds.build import graph_of, parties

BASEL = find_exposure_regime("basel").versions[-1]
CN = find_exposure_regime("cn").versions[-1]


def named(graph: RiskGraph, found: Connected) -> list[list[str]]:
    return [[str(graph.party_ids[one]) for one in group.members] for group in found.groups]


def random_book(seed: int) -> Rows:
    dice = random.Random(seed)
    many = dice.randint(4, 12)
    ids = [f"P{k:02d}" for k in range(many)]
    kinds = ["company", "company", "company", "person", "person", "nominee", "unknown"]
    rows: Rows = {
        "parties": [{"party_id": i, "kind": dice.choice(kinds), "is_client": dice.random() < 0.7} for i in ids],
        "ownership": [], "control": [], "dependencies": [], "ties": [], "rebuttals": [],
    }  # fmt: skip
    persons = {row["party_id"] for row in rows["parties"] if row["kind"] == "person"}
    for firm in ids:
        left = 1.0
        for owner in dice.sample(ids, dice.randint(0, 3)):
            share = round(dice.uniform(0.0, left), 2)
            left -= share
            if firm not in persons:
                held = {"owner_id": owner, "owned_id": firm, "share_min": share, "share_max": share}
                held["disclosed"] = dice.choice([None, True, False])
                rows["ownership"].append(held)
    pick = lambda: dict(zip(("a", "b"), dice.sample(ids, 2), strict=True))  # noqa: E731
    for _ in range(dice.randint(0, 3)):
        pair = pick()
        if pair["b"] not in persons:
            rows["control"].append({"controller_id": pair["a"], "controlled_id": pair["b"]})
    for _ in range(dice.randint(0, 6)):
        pair = pick()
        how = {"ratio": dice.choice([None, 0.3, 0.5, 0.9]), "replaceable": dice.random() < 0.2}
        rows["dependencies"].append({"dependent_id": pair["a"], "on_id": pair["b"], **how})
    for _ in range(dice.randint(0, 3)):
        pair = pick()
        rows["ties"].append({"a_id": pair["a"], "b_id": pair["b"], "kind": dice.choice(["family", "director"])})
    for _ in range(dice.randint(0, 2)):
        pair = pick()
        until = dice.choice([None, date(2026, 9, 30), date(2026, 10, 1)])
        kind = dice.choice(["control", "economic", "both"])
        rows["rebuttals"].append({"a_id": pair["a"], "b_id": pair["b"], "kind": kind, "expires_on": until})
    return rows


@pytest.mark.parametrize("seed", range(40))
def test_random_books_have_the_groups_of_the_plain_reference_as_a_whole_and_around_each_party(seed: int) -> None:
    rows = random_book(seed)
    graph = graph_of(**rows)
    states = tuple(row["party_id"] for row in rows["parties"][:1] if seed % 3 == 0 and row["kind"] != "nominee")
    at = [graph.position(one) for one in states]
    for rule in (BASEL, CN):
        found = connected(graph, rule, states=at)
        assert groups_of(rows, family=rule.family, states=states) == named(graph, found)
        for party in range(graph.size):
            part = connected(graph, rule, states=at, touching=np.array([party]))
            whole = [g.members for g in found.groups if party in g.members]
            assert whole == [g.members for g in part.groups if party in g.members]
            names = dict(zip((g.members for g in found.groups), found.ids, strict=True))
            assert [names[g.members] for g in part.groups] == list(part.ids)


def test_a_firm_held_by_two_whom_only_dependency_joins_does_not_enter() -> None:
    held = [{"owner_id": o, "owned_id": "J", "share_min": 0.4, "share_max": 0.4} for o in ("A", "B")]
    rows: dict[str, Any] = {"parties": [{"party_id": i, "is_client": True} for i in "ABJ"], "ownership": held}
    graph = graph_of(**rows, dependencies=[{"dependent_id": "B", "on_id": "A"}])
    assert [["A", "B"]] == named(graph, connected(graph, BASEL))


def test_a_circle_of_control_and_a_circle_of_dependency_are_one_group_each() -> None:
    ids = ["A", "B", "C", "D", "E"]
    graph = graph_of(
        parties=[{"party_id": i, "is_client": True} for i in ids],
        control=[{"controller_id": a, "controlled_id": b} for a, b in (("A", "B"), ("B", "A"), ("A", "A"))],
        dependencies=[{"dependent_id": a, "on_id": b} for a, b in (("C", "D"), ("D", "E"), ("E", "C"), ("E", "E"))],
    )
    found = connected(graph, BASEL)
    assert [["A", "B"], ["C", "D", "E"]] == named(graph, found)
    assert ("A", "C") == found.ids


def test_groups_with_the_same_smallest_client_are_numbered_in_the_order_of_their_members() -> None:
    graph = graph_of(
        parties=[{"party_id": i, "is_client": True} for i in "ABCD"],
        dependencies=[{"dependent_id": "A", "on_id": on} for on in "DCB"],
    )
    found = connected(graph, BASEL)
    assert [("A", ["A", "B"]), ("A#2", ["A", "C"]), ("A#3", ["A", "D"])] == list(
        zip(found.ids, named(graph, found), strict=True)
    )


def test_an_empty_book_and_one_without_links_have_no_groups() -> None:
    assert () == connected(graph_of(), BASEL).groups
    assert () == connected(graph_of(parties=parties("A", "B")), BASEL, touching=np.array([1])).groups


def test_a_party_that_is_called_like_a_group_leaves_every_group_its_own_name() -> None:
    graph = graph_of(
        parties=[{"party_id": i, "is_client": True} for i in ("A", "A#2", "B", "C", "D")],
        dependencies=[{"dependent_id": a, "on_id": b} for a, b in (("A", "B"), ("A", "C"), ("A#2", "D"))],
    )
    assert ("A", "A#2", "A#2#2") == connected(graph, BASEL).ids
