"""A few ids are looked up one by one, many at once: the same places."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graphrisk.graph.riskgraph import find_references
from graphrisk.model.catalog import CATALOG, find_table
from tests.worlds.build import graph_of, parties


def test_few_ids_are_found_where_many_are() -> None:
    graph = graph_of(parties=parties(*(f"P{k}" for k in range(90)), "甲", "é", "Z", "𠀀", "ﬀ"))
    asked = ["甲", "P7", None, "P700", "", "𠀀", "é", "P89", "ﬀ", "Z", "乙"]
    few = graph.locate("parties", asked)
    assert few.tolist() == graph.locate("parties", pa.array(asked, pa.string())).tolist()
    assert few.tolist() == graph.locate("parties", asked * 10)[: len(asked)].tolist()
    assert [] == graph.locate("parties", []).tolist()
    assert [-1] == graph_of().locate("parties", ["A"]).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_places_of_all_ends_of_a_relation_are_those_found_one_by_one(seed: int) -> None:
    dice = np.random.default_rng(seed)
    names = [f"P{k}" for k in dice.permutation(40)]
    drawn = [[names[k] for k in dice.integers(0, 40, size=30)] for _ in range(2)]
    graph = graph_of(
        parties=[{"party_id": one} for one in names],
        financials=[{"party_id": one, "equity": 1.0} for one in names],  # one row each: the column is that of parties
        facilities=[
            {"facility_id": f"F{k}", "borrower_id": one, "lender_id": None if seed == 0 or k % 3 else drawn[1][k]}
            for k, one in enumerate(drawn[0])
        ],
        guarantees=[
            {"guarantee_id": f"G{k}", "guarantor_id": a, "debtor_id": b, "facility_id": f"F{k}" if k % 2 else None}
            for k, (a, b) in enumerate(zip(*drawn, strict=True))
        ],
    )
    for table, column, target in (
        ("financials", "party_id", "parties"), ("facilities", "lender_id", "parties"),
        ("facilities", "borrower_id", "parties"), ("guarantees", "debtor_id", "parties"),
        ("guarantees", "guarantor_id", "parties"), ("guarantees", "facility_id", "facilities"),
        ("ownership", "owner_id", "parties"),
    ):  # fmt: skip
        place = {one: k for k, one in enumerate(graph.texts(target, find_table(target).key[0]).tolist())}
        wanted = [place.get(one, -1) for one in graph.texts(table, column).tolist()]
        assert wanted == graph.positions(table, column).tolist(), (table, column)


def test_references_are_the_same_found_one_by_one_or_together() -> None:
    rows = {
        "parties": parties("甲", "P1", "P2"),
        "facilities": [{"facility_id": f"F{k}", "borrower_id": one} for k, one in enumerate(("P2", "nobody", "甲"))],
        "guarantees": [{"guarantor_id": "P1", "debtor_id": "P2", "facility_id": one} for one in ("F1", None, "F9")],
    }
    one_by_one, together = graph_of(**rows), graph_of(**rows)
    find_references(together)
    for name, table in CATALOG.items():
        for column in table.columns:
            if column.references:
                said = together.positions(name, column.name)
                expected = one_by_one.locate(column.references, one_by_one.table(name)[column.name])
                assert expected.tolist() == one_by_one.positions(name, column.name).tolist() == said.tolist()
                assert not said.flags.writeable
