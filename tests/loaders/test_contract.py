"""What every loader that ships must do, on the example that lies beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphrisk.graph.build import build_graph
from graphrisk.loading.engine import check_select
from graphrisk.loading.run import Loaded, load_files
from graphrisk.loading.spec import find_loader, loader_names
from graphrisk.model.catalog import BOOKKEEPING, CATALOG
from graphrisk.shipped import shipped
from tests.worlds.build import AS_OF

LOADERS = loader_names()


def example(name: str) -> Path:
    return shipped("loaders") / name / "example"


def load(name: str) -> Loaded:
    return load_files(name, [example(name)], as_of=AS_OF, existing={})


@pytest.mark.parametrize("name", LOADERS)
def test_the_example_loads_without_a_reject(name: str) -> None:
    loaded = load(name)
    assert [] == [reject for table in loaded.report.tables for reject in table.rejects]
    assert sum(table.rows_loaded for table in loaded.report.tables) == sum(t.num_rows for t in loaded.tables.values())


@pytest.mark.parametrize("name", LOADERS)
def test_every_record_is_used_or_set_aside_with_a_reason(name: str) -> None:
    report = load(name).report
    assert report.read == report.used + sum(aside.count for aside in report.set_aside)
    assert report.used > 0
    assert all(aside.reason and aside.examples for aside in report.set_aside)
    assert not any("no table of the loader takes it" in aside.reason for aside in report.set_aside)


@pytest.mark.parametrize("name", LOADERS)
def test_the_tables_are_canonical_and_make_a_graph(name: str) -> None:
    loaded = load(name)
    for table, rows in loaded.tables.items():
        assert (*CATALOG[table].names, *BOOKKEEPING) == tuple(rows.column_names)
        assert CATALOG[table].schema == rows.select(CATALOG[table].names).schema
        assert rows["row_key"].null_count == 0
        assert len(set(rows["row_key"].to_pylist())) == rows.num_rows
        assert {name} == set(rows["loader"].to_pylist())
    assert loaded.report.fingerprint == build_graph(loaded.tables, as_of=AS_OF).fingerprint


@pytest.mark.parametrize("name", LOADERS)
def test_a_second_load_gives_the_same(name: str) -> None:
    one = load(name)
    again = load_files(name, [example(name)], as_of=AS_OF, existing=one.tables)
    assert one.report.fingerprint == again.report.fingerprint
    assert all(one.tables[table].equals(again.tables[table]) for table in one.tables)
    assert json.dumps(one.report.to_dict()) == json.dumps(again.report.to_dict())


@pytest.mark.parametrize("name", LOADERS)
def test_the_loader_is_data_and_says_what_it_is(name: str) -> None:
    spec = find_loader(name)
    assert spec.title
    assert spec.licence
    assert [] == list(spec.folder.rglob("*.py"))
    for where, sql in {**spec.views, **spec.sql, "set_aside": spec.set_aside, "notes": spec.notes}.items():
        if sql:
            check_select(sql, where)
            assert sql.lstrip().startswith("--"), f"{where} says in a comment what it does"


def test_the_loaders_that_the_issue_names_are_there() -> None:
    assert {"bank_csv", "bods", "wiod"} <= set(LOADERS)


def test_bank_csv_has_an_input_for_every_table_and_an_example_row_in_each() -> None:
    spec = find_loader("bank_csv")
    assert list(CATALOG) == [one.name for one in spec.inputs]
    assert set(CATALOG) == set(load("bank_csv").tables)


def test_the_bods_example_is_the_gleif_part_under_cc0_and_names_no_person() -> None:
    for path in example("bods").glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            statement = json.loads(line)
            assert statement["recordType"] != "person"
            assert "publicdomain/zero/1.0" in statement["publicationDetails"]["license"]
            assert "gleif.org" in statement["source"]["url"]
    assert "CC0" in (example("bods") / "NOTICE.md").read_text("utf-8")
