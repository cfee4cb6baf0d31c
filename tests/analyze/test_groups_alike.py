"""Groups and limits do not hang on the store that holds the book, nor on the order of its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.stores.files.store import FilesStore
from graphrisk.stores.neo4j.store import Neo4jStore
from tests.analyze.test_contract import analyze
from tests.analyze.test_limits import random_debts
from tests.standing.test_connected import random_book
from tests.worlds.build import AS_OF, tables_of

ASKED = (
    ("groups", {}),
    ("groups", {"regime": "cn", "party": "P3"}),
    ("limits", {"tier1": 400.0}),
    ("limits", {"regime": "cn", "net_capital": 500.0, "related": ("P1",)}),
)


def book(seed: int) -> dict[str, pa.Table]:
    """Return a book in which groups, joint debts, rebuttals and declared groups all occur, with Chinese names."""
    rows: dict[str, list[dict[str, Any]]] = random_book(seed)
    short = {row["party_id"]: f"P{int(row['party_id'][1:])}" for row in rows["parties"]}
    rows = {
        table: [{k: short.get(v, v) if isinstance(v, str) else v for k, v in row.items()} for row in given]
        for table, given in rows.items()
    }
    known = {row["party_id"] for row in rows["parties"]}
    rows["parties"] += [{"party_id": f"P{k}"} for k in range(6) if f"P{k}" not in known]
    rows["parties"][0]["name"] = "浙江恒远控股有限公司"
    rows |= {name: given for name, given in random_debts(seed).items() if name != "parties"}
    rows["declared_groups"] = [{"group_id": "JT", "party_id": f"P{k}"} for k in (0, 2)]
    rows["dependencies"].append({"dependent_id": "P2", "on_id": "P3"})
    return tables_of(**rows)


def same(one: RiskGraph, other: RiskGraph) -> None:
    for name, given in ASKED:
        first, second = (analyze(name, graph, **given) for graph in (one, other))
        assert first.to_json() == second.to_json(), (name, given)
        assert sum(len(table) for table in first.tables.values()) > 0


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    tables = book(seed)
    turned = {
        name: table.take(pa.array(list(range(table.num_rows))[::-1], pa.int64())) for name, table in tables.items()
    }
    same(build_graph(tables, as_of=AS_OF), build_graph(turned, as_of=AS_OF))


def test_both_stores_give_equal_groups_and_limits(tmp_path: Path, neo4j_store: Neo4jStore) -> None:
    files = FilesStore(tmp_path / "store")
    graphs = []
    for store in (files, neo4j_store):
        store.load(book(2), as_of=AS_OF)
        graphs.append(build_graph({name: store.table(name) for name in CATALOG}, as_of=AS_OF))
    files.close()
    same(*graphs)
