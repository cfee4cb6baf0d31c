"""What every analyzer must do; each new one is found by its name."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graphrisk.analyze.base import Analyzer, analyzer_names, find_analyzer
from graphrisk.analyze.needs import computed
from graphrisk.errors import UsageError
from graphrisk.graph.build import build_graph
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.ask import Ask
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from tests.analyze.books import Rows, book, turned
from tests.worlds.build import AS_OF, graph_of, parties, ring, tables_of


def _bare(rows: Rows, *without: str) -> Rows:
    return {name: given for name, given in rows.items() if name not in without}


WORLDS: dict[str, Rows] = {
    "empty": {},
    "one party": {"parties": parties("A")},
    "one party with itself": {
        "parties": parties("A"),
        "guarantees": [{"guarantor_id": "A", "debtor_id": "A", "amount": 5.0}],
        "exposures": [{"creditor_id": "A", "debtor_id": "A", "amount": 5.0}],
        "supplies": [{"supplier_id": "A", "buyer_id": "A", "amount": 5.0}],
        "ownership": [{"owner_id": "A", "owned_id": "A", "share_min": 0.1, "share_max": 0.1}],
    },
    "ring": ring(5),
    "two": ring(2),
    "no financials": _bare(ring(4), "financials"),
    "parties alone": {"parties": parties("A", "B", "C")},
    "book": book(1),
    "book without faults": book(2, faults=False),
    "book without financials": _bare(book(3), "financials"),
    "book without facilities": {
        **_bare(book(4), "facilities", "pledges"),
        "guarantees": [{**row, "facility_id": None} for row in book(4)["guarantees"]],
    },
}
NAMES = analyzer_names()


def analyze(name: str, graph: RiskGraph, **given: Any) -> Result:
    return computed(graph)(Ask(key=name, analyzer=name, params=given))


@pytest.fixture(params=NAMES)
def analyzer(request: pytest.FixtureRequest) -> tuple[str, Analyzer]:
    return request.param, find_analyzer(request.param)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", NAMES)
def test_every_world_gives_clean_json_in_the_declared_shape(name: str, world: str) -> None:
    graph = graph_of(**WORLDS[world])
    before = {table: graph.table(table) for table in graph.tables}
    result = analyze(name, graph)

    declared = {table.name: table for table in find_analyzer(name).TABLES}
    assert list(declared) == list(result.tables)
    for table, frame in result.tables.items():
        assert list(declared[table].names) == list(frame.columns), table
        assert isinstance(frame, pd.DataFrame)
        assert list(range(len(frame))) == frame.index.tolist(), table
    said = json.loads(result.to_json())
    assert name == said["analyzer"]
    assert AS_OF.isoformat() == said["as_of"]
    assert graph.fingerprint == said["fingerprint"]
    assert said["certificate"]["converged"] is True
    assert all(graph.table(table).equals(before[table]) for table in before)


@pytest.mark.parametrize("world", ["ring", "book", "book without financials"])
@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_finite_or_missing_and_cells_fit_their_kind(name: str, world: str) -> None:
    result = analyze(name, graph_of(**WORLDS[world]))
    for table in find_analyzer(name).TABLES:
        frame = result.tables[table.name]
        for column in table.columns:
            values = [v for v in frame[column.name].tolist() if isinstance(v, list) or not pd.isna(v)]
            where = f"{table.name}.{column.name}"
            if column.kind in ("money", "fraction", "number"):
                assert np.isfinite(np.array(values, dtype=float)).all(), where
            elif column.kind == "integer":
                assert all(isinstance(v, int) for v in values), where
            elif column.kind == "bool":
                assert all(isinstance(v, bool) for v in values), where
            elif column.kind == "steps":
                assert all([str, str] == [type(i) for i in step[:2]] for v in values for step in v), where
            elif column.kind == "list":
                assert all(isinstance(v, list) and all(isinstance(i, str) for i in v) for v in values), where
            else:
                assert all(isinstance(v, str) for v in values), where
            if column.choices:
                assert set(values) <= set(column.choices), where


@pytest.mark.parametrize("name", NAMES)
def test_the_key_of_each_table_is_unique(name: str) -> None:
    result = analyze(name, graph_of(**WORLDS["book"]))
    for table in find_analyzer(name).TABLES:
        assert table.key, f"{table.name} declares no key"
        assert not result.tables[table.name].duplicated(list(table.key)).any(), table.name


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_another_order_of_rows_gives_the_same_bytes(name: str, seed: int) -> None:
    rows = book(10 + seed)
    one = analyze(name, build_graph(tables_of(**rows), as_of=AS_OF))
    other = analyze(name, build_graph(turned(rows, seed), as_of=AS_OF))
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_gives_the_same_bytes(name: str) -> None:
    graph = graph_of(**WORLDS["book"])
    first = analyze(name, graph).to_json()
    assert first == analyze(name, graph).to_json()
    assert first == analyze(name, graph_of(**WORLDS["book"])).to_json()


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", NAMES)
def test_notes_are_sentences(name: str, world: str) -> None:
    notes = analyze(name, graph_of(**WORLDS[world])).notes
    assert len(notes) == len(set(notes))
    for note in notes:
        assert "\n" not in note
        assert len(note.split()) >= 4, note
        assert not {"nan", "None", "inf"} & set(note.replace(",", " ").replace(".", " ").split()), note


@pytest.mark.parametrize("name", NAMES)
def test_a_note_that_has_a_key_is_said_in_both_languages(name: str) -> None:
    for world in WORLDS.values():
        for note in analyze(name, graph_of(**world)).notes:
            assert re.fullmatch(r"[a-z_]*", note.key)
            assert not note.key or re.search("[\u4e00-\u9fff]", note.chinese), note
            assert not re.search(r"\{|\}|nan|None", note.chinese), note


def test_an_unknown_parameter_is_refused_with_the_nearest(analyzer: tuple[str, Analyzer]) -> None:
    name, found = analyzer
    known = dataclasses.fields(found.Params)[0].name
    with pytest.raises(UsageError) as caught:
        parse_params(found.Params, {known + "x": 1}, where=name)
    assert known in caught.value.hint


def test_every_parameter_has_a_default_and_a_meaning(analyzer: tuple[str, Analyzer]) -> None:
    _, found = analyzer
    assert found.Params() == parse_params(found.Params, {}, where="test")
    for each in dataclasses.fields(found.Params):
        assert len(each.metadata["meaning"].split()) >= 2, each.name


def test_tables_are_declared_as_scores_of_the_analyzer(analyzer: tuple[str, Analyzer]) -> None:
    name, found = analyzer
    assert isinstance(found.VERSION, int)
    assert found.__doc__
    for table in found.TABLES:
        assert table.name.startswith(f"{name}_")
        assert table.role == "score"
        assert table.meaning
        assert set(table.key) <= set(table.names)


@pytest.mark.parametrize("name", NAMES)
def test_shocks_are_refused_by_analyzers_that_read_none(name: str) -> None:
    found = find_analyzer(name)
    if getattr(found, "TAKES_SHOCKS", False):
        result = found.run(graph_of(**ring(3)), found.Params(), inputs=Inputs(shocks={"P0": 1.0}), progress=silent)
        assert {"P0": 1.0} == result.params["shocks"]
    else:
        with pytest.raises(UsageError):
            found.run(graph_of(**ring(3)), found.Params(), inputs=Inputs(shocks={"P0": 1.0}), progress=silent)


def test_an_unknown_analyzer_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find_analyzer("chain")
    assert "chains" in caught.value.hint
