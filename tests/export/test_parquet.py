from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet

from graphrisk.export.parquet import write
from graphrisk.model.catalog import CATALOG
from tests.export.worlds import graph, scores, tables


def test_the_tables_come_back_typed_and_equal(tmp_path: Path) -> None:
    write(tables(), graph(), tmp_path)
    for name, table in tables().items():
        back = pyarrow.parquet.read_table(tmp_path / f"{name}.parquet")
        assert CATALOG[name].schema == back.schema.remove_metadata()
        assert table.equals(back)


def test_pandas_reads_the_scores(tmp_path: Path) -> None:
    write(scores(), graph(), tmp_path)
    frame = pd.read_parquet(tmp_path / "centrality_scores.parquet")
    assert [0.25, 0.75, 0.5] == frame["pagerank"].tolist()


def test_a_file_says_where_it_comes_from(tmp_path: Path) -> None:
    file = write({"parties": tables()["parties"]}, graph(), tmp_path)[0]
    said = json.loads(pyarrow.parquet.read_schema(file).metadata[b"graphrisk"])
    assert {
        "table": "parties",
        "as_of": "2026-09-30",
        "base_currency": "CNY",
        "fingerprint": graph().fingerprint,
    } == said
