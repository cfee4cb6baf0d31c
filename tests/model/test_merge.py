from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from graphrisk.model.catalog import BOOKKEEPING, CATALOG
from graphrisk.model.merge import Merged, merge_tables, with_row_keys
from tests.worlds.build import parties, tables_of


def stored(merged: Merged) -> dict[str, pa.Table]:
    return {name: with_row_keys(CATALOG[name], table) for name, table in merged.tables.items()}


def load(existing: Mapping[str, pa.Table], loader: str, **rows: Any) -> tuple[dict[str, pa.Table], Merged]:
    merged = merge_tables(existing, tables_of(**rows), loader)
    return stored(merged), merged


def rows_of(table: pa.Table, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(row[c] for c in columns) for row in table.to_pylist())


A = {"party_id": "A", "name": "甲", "incorporated_on": date(2001, 2, 3)}


def test_the_stored_tables_carry_the_bookkeeping_columns() -> None:
    tables, _ = load({}, "core", parties=parties("A"))
    assert (*CATALOG["parties"].names, *BOOKKEEPING) == tuple(tables["parties"].column_names)
    assert [("A", "core", None)] == rows_of(tables["parties"], "row_key", "loader", "parts")


def test_a_load_replaces_its_own_rows_and_leaves_those_of_others() -> None:
    first, _ = load({}, "core", parties=parties("A", "B"))
    second, _ = load(first, "bods", parties=parties("C"))
    third, _ = load(second, "core", parties=parties("A", "D"))
    assert [("A", "core"), ("C", "bods"), ("D", "core")] == rows_of(third["parties"], "party_id", "loader")


def test_a_party_that_two_loaders_know_is_one_where_they_agree() -> None:
    first, _ = load({}, "core", parties=[{**A, "country": "CN", "source": "core system"}])
    second, merged = load(first, "bods", parties=[{**A, "lei": "L1", "source": "GLEIF"}])
    (row,) = second["parties"].to_pylist()
    assert () == merged.rejects
    assert ("CN", "L1", "bods+core") == (row["country"], row["lei"], row["loader"])
    assert "GLEIF; core system" == row["source"]
    assert {"bods", "core"} == set(json.loads(row["parts"]))


def test_a_party_on_which_two_loaders_differ_keeps_the_earlier_and_names_both() -> None:
    first, _ = load({}, "core", parties=[{**A, "country": "CN"}])
    second, merged = load(first, "bods", parties=[{**A, "country": "DE"}, {"party_id": "B"}])
    assert [("A", "CN", "core"), ("B", None, "bods")] == rows_of(second["parties"], "party_id", "country", "loader")
    (reject,) = merged.rejects
    assert [0] == reject.rows.tolist()
    assert "core" in reject.reason
    assert "bods" in reject.reason
    assert ("country",) == reject.columns


def test_a_later_load_of_one_loader_replaces_its_part_of_a_shared_party() -> None:
    first, _ = load({}, "core", parties=[{**A, "country": "CN"}])
    second, _ = load(first, "bods", parties=[{**A, "lei": "L1"}])
    third, _ = load(second, "bods", parties=[{**A, "lei": "L2", "region": "X"}])
    assert [("CN", "L2", "X", "bods+core")] == rows_of(third["parties"], "country", "lei", "region", "loader")
    fourth, _ = load(third, "bods", parties=parties("Z"))
    assert [("A", "CN", None, "core"), ("Z", None, None, "bods")] == rows_of(
        fourth["parties"], "party_id", "country", "lei", "loader"
    )
    assert first["parties"].equals(
        fourth["parties"].filter(pa.array([r == "A" for r in fourth["parties"]["party_id"].to_pylist()]))
    )


def test_three_loaders_can_share_a_party() -> None:
    tables: dict[str, pa.Table] = {}
    for name, column in (("c", "country"), ("a", "region"), ("b", "industry")):
        tables, _ = load(tables, name, parties=[{**A, column: name}])
    (row,) = tables["parties"].to_pylist()
    assert "a+b+c" == row["loader"]
    tables, _ = load(tables, "a", parties=[A])
    (row,) = tables["parties"].to_pylist()
    assert ("c", None, "b", "a+b+c") == (row["country"], row["region"], row["industry"], row["loader"])


def test_another_id_known_to_two_loaders_is_refused_and_names_both() -> None:
    facility = {"facility_id": "F", "borrower_id": "A", "outstanding": 1.0}
    first, _ = load({}, "core", parties=[A], facilities=[facility])
    second, merged = load(first, "los", facilities=[facility])
    assert [("F", "core")] == rows_of(second["facilities"], "facility_id", "loader")
    (reject,) = merged.rejects
    assert "core" in reject.reason
    assert "los" in reject.reason


def test_repeated_relations_of_two_loaders_add_up_with_keys_of_their_own() -> None:
    row = {"creditor_id": "A", "debtor_id": "A", "amount": 1.0}
    first, _ = load({}, "core", parties=[A], exposures=[row, row])
    second, _ = load(first, "los", exposures=[row])
    assert 3 == second["exposures"].num_rows
    assert 3 == len(set(second["exposures"]["row_key"].to_pylist()))


def test_which_loader_came_first_does_not_show_in_the_union() -> None:
    row = {"creditor_id": "A", "debtor_id": "A", "amount": 1.0}
    one, _ = load(load({}, "core", parties=[A], exposures=[row])[0], "bods", parties=[A], exposures=[row])
    other, _ = load(load({}, "bods", parties=[A], exposures=[row])[0], "core", parties=[A], exposures=[row])
    assert all(one[name].to_pylist() == other[name].to_pylist() for name in one)


def test_joined_keys_do_not_run_into_one_another() -> None:
    tables, _ = load(
        {},
        "core",
        parties=parties("a", "a|2020-01-01|x"),
        ratings=[
            {"party_id": "a", "as_of_on": date(2020, 1, 1), "model": "x|2020-01-01|y"},
            {"party_id": "a|2020-01-01|x", "as_of_on": date(2020, 1, 1), "model": "y"},
        ],
    )
    assert 2 == len(set(tables["ratings"]["row_key"].to_pylist()))
