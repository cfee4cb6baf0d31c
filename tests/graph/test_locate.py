"""A few ids are looked up one by one, many at once: the same places."""

from __future__ import annotations

import pyarrow as pa

from tests.worlds.build import graph_of, parties


def test_few_ids_are_found_where_many_are() -> None:
    graph = graph_of(parties=parties(*(f"P{k}" for k in range(90)), "甲", "é", "Z", "𠀀", "ﬀ"))
    asked = ["甲", "P7", None, "P700", "", "𠀀", "é", "P89", "ﬀ", "Z", "乙"]
    few = graph.locate("parties", asked)
    assert few.tolist() == graph.locate("parties", pa.array(asked, pa.string())).tolist()
    assert few.tolist() == graph.locate("parties", asked * 10)[: len(asked)].tolist()
    assert [] == graph.locate("parties", []).tolist()
    assert [-1] == graph_of().locate("parties", ["A"]).tolist()
