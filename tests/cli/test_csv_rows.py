"""CSV put together column by column is what pandas writes of the same cells."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graphrisk.cli.csv_rows import csv_text
from graphrisk.model.controls import without_controls
from graphrisk.model.formulas import as_text
from graphrisk.model.result import plain

COLUMNS: dict[str, pd.Series[Any]] = {
    "=name": pd.Series(["企业, Ltd", None, '=a "b"\n\x1b', "", "-1"], dtype="str"),
    "amount": pd.Series([1.5, np.nan, 1e16, -0.0, np.inf]),
    "unknown": pd.Series([np.nan] * 5),
    "count": pd.Series([1, None, 3, 4, 5], dtype="Int64"),
    "rows": pd.Series([1, 2, 3, 4, -5]),
    "flag": pd.Series([True, None, False, True, True], dtype="boolean"),
    "both": pd.Series([True, False, False, True, True]),
    "lists": pd.Series([["a", "企"], [], ("b", 1), [None, float("nan")], np.array([1, 2])], dtype=object),
    "texts": pd.Series(["a", None, np.nan, "+b", pd.NA], dtype=object),
    "numbers": pd.Series([1, 2.5, None, 3, 4], dtype=object),
    "mixed": pd.Series([1, 2.5, "x", None, date(2026, 1, 1)], dtype=object),
    "on": pd.Series(["2026-01-01", None, "2026-01-03", None, "2026-01-04"], dtype="datetime64[s]"),
}


def by_cell(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        return json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    return as_text(without_controls(value)) if isinstance(value, str) else value


@pytest.mark.parametrize("names", [*([name] for name in COLUMNS), list(COLUMNS)[:-1], list(COLUMNS)], ids="+".join)
def test_cells_by_column_are_those_that_pandas_writes_one_by_one(names: list[str]) -> None:
    table = pd.DataFrame({name: COLUMNS[name] for name in names})
    for some in (table, table.head(0)):
        expected = some.map(by_cell).rename(columns=by_cell).to_csv(index=False, lineterminator="\r\n")
        assert expected == csv_text(some)
