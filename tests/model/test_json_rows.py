"""Rows of JSON put together column by column are what `json` writes of each row."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from graphrisk.model import json_rows as module
from graphrisk.model.json_rows import json_rows
from graphrisk.model.result import records

COLUMNS = {
    "party %s {}": pd.Series(["企业", None, 'a "b"\\\n\x1b', "", "企业"], dtype="str"),
    "amount": pd.Series([1.5, np.nan, 1e16, -0.0, np.inf]),
    "count": pd.Series([1, None, 3, 4, 5], dtype="Int64"),
    "flag": pd.Series([True, None, False, True, True], dtype="boolean"),
    "on": pd.Series(["2026-01-01", None, "2026-01-03", None, "2026-01-04"], dtype="datetime64[s]"),
    "at": pd.Series(["2026-01-01", None, "2026-01-03 10:00", None, "2026-01-04"], dtype="datetime64[s]"),
    "mixed": pd.Series([1, 2.5, "x", None, date(2026, 1, 1)], dtype=object),
    "lists": pd.Series([["a", "企"], [], ("b", 1), [None, np.float64(2.0)], np.array([1, 2])], dtype=object),
    "others": pd.Series([{1: float("nan")}, pd.NA, pd.NaT, np.int64(3), datetime(2026, 1, 1, 2)], dtype=object),  # noqa: DTZ001
}


@pytest.mark.parametrize("block", [1, 2, 20_000])
def test_rows_by_column_are_the_rows_by_row(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    table = pd.DataFrame(COLUMNS)
    expected = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in records(table)]
    assert expected == [row for rows in json_rows(table) for row in rows]
    assert [] == list(json_rows(table.head(0)))
