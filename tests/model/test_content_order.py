from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from graphrisk.model.content import is_ordered
from graphrisk.model.digest import row_keys


@pytest.mark.parametrize("seed", range(20))
def test_rows_are_in_order_where_a_sort_would_not_move_them(seed: int) -> None:
    dice = np.random.default_rng(seed)
    rows = int(dice.integers(0, 6))
    letters = dice.choice(["", "a", "b", "企"], rows)
    table = pa.table({"one": pa.array(letters, pa.string()), "other": pa.array(dice.integers(0, 3, rows))})
    if seed % 2:
        table = table.sort_by([("one", "ascending"), ("other", "ascending")])
    expected = table.to_pylist() == table.sort_by([("one", "ascending"), ("other", "ascending")]).to_pylist()
    assert expected == is_ordered(table, ["one", "other"])


def test_a_null_in_the_key_is_not_in_order() -> None:
    assert not is_ordered(pa.table({"one": pa.array(["a", None])}), ["one"])


def test_a_row_without_the_day_it_was_known_keeps_the_key_it_had_before_the_column() -> None:
    rows = pa.table({"a_id": ["A", "A", "B"], "b_id": ["B", "B", "A"], "kind": ["family", "family", "phone"]})
    before = row_keys(rows, rows.column_names).to_pylist()
    later = rows.append_column("known_on", pa.array([None, date(2026, 1, 1), None], pa.date32()))
    after = row_keys(later, later.column_names).to_pylist()
    assert before[0] == after[0]
    assert before[2] == after[2]
    assert before[1].rpartition("-")[0] != after[1].rpartition("-")[0]
