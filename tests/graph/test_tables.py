from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from graphrisk.errors import DataError, StoreError
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph, texts_at
from graphrisk.model.catalog import CATALOG
from graphrisk.model.content import content_of
from graphrisk.stores.content import data_tables
from graphrisk.stores.files.parquet import StoredTable, write_stored
from graphrisk.stores.files.store import FilesStore
from tests.worlds.build import AS_OF, tables_of


def book(seed: int) -> dict[str, list[dict[str, object]]]:
    """A book in two currencies in which some rows do not hold, and loans are repaid whose guarantees stay behind."""
    dice = np.random.default_rng(seed)
    ids = [f"P{k}" for k in range(12)]

    def one() -> str:
        return str(dice.choice(ids))

    def day() -> date | None:
        return [None, date(2020, 1, 1), AS_OF, date(2040, 1, 1)][dice.integers(4)]

    coins = ["CNY", "USD"]
    return {
        "parties": [{"party_id": i, "name": f"公司 {i}", "kind": "company"} for i in ids],
        "fx": [
            {"currency": "CNY", "as_of_on": AS_OF, "rate": 1.0},
            {"currency": "USD", "as_of_on": AS_OF, "rate": 7.1},
            {"currency": "USD", "as_of_on": date(2040, 1, 1), "rate": 9.0},
        ],
        "facilities": [
            {"facility_id": f"F{k}", "borrower_id": one(), "currency": str(dice.choice(coins)),
             "outstanding": float(dice.integers(3)), "maturity_on": day()}
            for k in range(30)
        ],
        "guarantees": [
            {"guarantee_id": f"G{k}", "guarantor_id": one(), "debtor_id": one(), "amount": float(k), "mode": "several",
             "currency": str(dice.choice(coins)), "from_on": day(), "to_on": day(),
             "facility_id": None if k % 3 else f"F{k}"}
            for k in range(30)
        ],
        "ownership": [{"owner_id": one(), "owned_id": one(), "share_max": 0.5, "to_on": day()} for _ in range(20)],
        "supplies": [
            {"supplier_id": one(), "buyer_id": one(), "amount": 2.5, "currency": "USD", "from_on": day()}
            for _ in range(20)
        ],
        "financials": [
            {"party_id": i, "period_end_on": when, "currency": "USD", "equity": float(dice.integers(9))}
            for i in ids for when in (date(2020, 12, 31), date(2040, 12, 31))
        ],
    }  # fmt: skip


class Counted:
    """A table of which is known what was read."""

    def __init__(self, table: pa.Table) -> None:
        self._table, self.read = table, set[str]()

    @property
    def num_rows(self) -> int:
        return int(self._table.num_rows)

    @property
    def column_names(self) -> list[str]:
        return list(self._table.column_names)

    def select(self, columns: Sequence[str]) -> pa.Table:
        self.read.update(columns)
        return self._table.select(list(columns))


def opened(folder: Path, seed: int) -> tuple[FilesStore, str]:
    store = FilesStore(folder)
    return store, store.load(tables_of(**book(seed)), as_of=AS_OF)


@pytest.mark.parametrize("seed", range(3))
def test_a_graph_that_reads_columns_when_asked_is_the_one_of_whole_tables(tmp_path: Path, seed: int) -> None:
    store, snapshot = opened(tmp_path, seed)
    whole = build_graph({name: store.table(name, snapshot) for name in CATALOG}, as_of=AS_OF)
    lazy = build_graph(data_tables(store, snapshot), as_of=AS_OF)
    assert whole.notes == lazy.notes
    assert whole.notes
    assert whole.fingerprint == lazy.fingerprint
    for name in CATALOG:
        assert whole.rows(name) == lazy.rows(name)
        for column in whole.table(name).column_names:
            assert whole.tables.column(name, column).to_pylist() == lazy.tables.column(name, column).to_pylist()
        at = np.arange(whole.rows(name))[::-2]
        assert whole.table(name).take(pa.array(at)).to_pylist() == lazy.tables.taken(name, at).to_pylist()
        assert whole.table(name).to_pylist() == lazy.table(name).to_pylist()


def test_what_nobody_asks_for_is_not_read() -> None:
    given = build_graph(tables_of(**book(1)), as_of=AS_OF).tables
    tables = {name: Counted(given[name]) for name in given}
    graph = build_graph(tables, as_of=AS_OF, digest="known")
    graph.floats("supplies", "amount")
    graph.ends("supplies")
    assert {"supplier_id", "buyer_id", "amount", "currency", "from_on", "to_on"} == tables["supplies"].read
    assert {"period_end_on", "currency"} == tables["financials"].read
    assert {"from_on", "to_on"} == tables["ownership"].read, "the rows that hold, and no key of a row"


def test_texts_of_some_rows_are_those_of_all() -> None:
    graph = build_graph(tables_of(**book(2)), as_of=AS_OF)
    at = np.array([3, 0, 3])
    asked = texts_at(graph, "guarantees", "facility_id", at)
    assert graph.texts("guarantees", "facility_id")[at].tolist() == asked.tolist()
    assert asked.tolist() == texts_at(graph, "guarantees", "facility_id", at).tolist(), "now that all are there"
    assert [] == texts_at(graph, "guarantees", "facility_id", at[:0]).tolist()


def test_repeated_texts_are_one_object_each() -> None:
    rows = [
        {"party_id": f"P{k:03}", "name": "x", "kind": "company", "region": "北京" if k % 7 else None} for k in range(99)
    ]
    graph = build_graph(tables_of(parties=rows), as_of=AS_OF)
    found = graph.texts("parties", "region")
    assert [row["region"] for row in rows] == found.tolist()
    assert 2 == len({id(one) for one in found})


def test_a_damaged_file_is_said_before_anything_is_computed(tmp_path: Path) -> None:
    store, snapshot = opened(tmp_path, 1)
    path = tmp_path / "snapshots" / snapshot / "financials.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(StoreError, match="checksum"):
        data_tables(store, snapshot)


def test_a_column_that_the_model_has_gained_since_is_null_also_alone(tmp_path: Path) -> None:
    declared, path = CATALOG["financials"], tmp_path / "financials.parquet"
    rows = content_of(tables_of(**book(1)))["financials"]
    said = write_stored(path, rows.drop_columns(["known_on", "sales"]))
    held = StoredTable(path, declared, declared.names, rows.num_rows, said)
    assert [None] * rows.num_rows == held.select(["sales"])["sales"].to_pylist()
    assert ["known_on", "equity"] == held.select(["known_on", "equity"]).column_names
    assert rows["equity"].to_pylist() == held.select(["known_on", "equity"])["equity"].to_pylist()


def test_a_file_that_goes_while_the_graph_is_used_is_missed(tmp_path: Path) -> None:
    store, snapshot = opened(tmp_path, 1)
    graph: RiskGraph = build_graph(data_tables(store, snapshot), as_of=AS_OF)
    store.remove(snapshot)
    with pytest.raises(StoreError, match="missing"):
        graph.floats("supplies", "amount")


def test_an_amount_without_a_rate_is_refused_before_it_is_read(tmp_path: Path) -> None:
    store = FilesStore(tmp_path)
    rows = book(1)
    rows["supplies"][0]["currency"] = "XXX"
    rows["supplies"][0]["from_on"] = None
    snapshot = store.load(tables_of(**rows), as_of=AS_OF)
    with pytest.raises(DataError, match="no exchange rate for XXX"):
        build_graph(data_tables(store, snapshot), as_of=AS_OF)
