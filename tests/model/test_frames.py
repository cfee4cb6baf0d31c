"""The same kind of column has the same type in every DataFrame, and the JSON of it does not change by that."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from graphrisk.analyze.base import analyzer_names, find_analyzer
from graphrisk.model.columns import day, flag, identifier
from graphrisk.model.frames import DTYPES, typed_frame
from graphrisk.model.result import Inputs, records
from graphrisk.model.table import Column, Table
from graphrisk.progress import silent
from graphrisk.stores.scores import pack, party_scores, unpack
from tests.analyze.books import book
from tests.worlds.build import graph_of

TABLE = Table(
    name="t",
    meaning="",
    role="score",
    columns=(
        identifier("party_id", ""),
        day("since_on", ""),
        flag("exact", ""),
        Column(name="n", kind="integer", meaning=""),
        Column(name="amount", kind="money", meaning=""),
        Column(name="members", kind="list", meaning=""),
    ),
)
GIVEN = pd.DataFrame(
    {
        "party_id": pd.Series(["A", None], dtype=object),
        "since_on": pd.Series([date(2026, 9, 30), None], dtype=object),
        "exact": pd.Series([True, None], dtype=object),
        "n": pd.Series([1, None], dtype=object),
        "amount": pd.Series([1, None], dtype=object),
        "members": pd.Series([["A"], []], dtype=object),
    }
)


def test_each_kind_has_one_type_whatever_is_missing() -> None:
    types = {name: str(dtype) for name, dtype in typed_frame(GIVEN, TABLE).dtypes.items()}
    expected = {column.name: DTYPES.get(column.kind, "object") for column in TABLE.columns}
    assert expected == types


def test_the_json_of_a_typed_frame_is_that_of_the_frame() -> None:
    first, second = records(typed_frame(GIVEN, TABLE))
    assert {"party_id": "A", "since_on": "2026-09-30", "exact": True, "n": 1, "amount": 1.0, "members": ["A"]} == first
    assert {"party_id", "since_on", "exact", "n", "amount"} == {name for name, value in second.items() if value is None}


def test_a_frame_that_has_its_types_is_returned_as_it_is() -> None:
    made = typed_frame(GIVEN, TABLE)
    assert made is typed_frame(made, TABLE)


@pytest.mark.parametrize("name", ["chains", "contagion", "quality", "concentration"])
def test_a_kept_result_has_the_types_of_a_fresh_one(name: str) -> None:
    from graphrisk.model.frames import typed_frames

    analyzer = find_analyzer(name)
    graph = graph_of(**book(1))
    result = analyzer.run(graph, analyzer.Params(), inputs=Inputs(), progress=silent)
    declared = {table.name: table for table in analyzer.TABLES}
    fresh = typed_frames(result.tables, declared)
    kept = unpack(pack(result))
    assert kept is not None
    for table, frame in fresh.items():
        again = typed_frame(kept.tables[table], declared[table])
        assert frame.dtypes.astype(str).to_dict() == again.dtypes.astype(str).to_dict()
        assert records(frame) == records(again)
    of_parties = unpack(pack(result), of_parties=True)
    assert of_parties is not None
    assert party_scores(kept).equals(party_scores(of_parties))


def test_every_analyzer_declares_kinds_that_a_frame_knows() -> None:
    kinds = {
        column.kind for name in analyzer_names() for table in find_analyzer(name).TABLES for column in table.columns
    }
    assert kinds <= {*DTYPES, "list", "steps"}


def test_days_of_the_book_are_days_and_ids_texts() -> None:
    graph = graph_of(
        parties=[{"party_id": "A"}],
        facilities=[{"facility_id": "F", "borrower_id": "A", "outstanding": 5.0, "maturity_on": date(2027, 1, 1)}],
    )
    frame = graph.frame("facilities")
    assert ("str", "datetime64[s]", "str") == tuple(
        str(frame[name].dtype) for name in ("borrower_id", "maturity_on", "lender_id")
    )
