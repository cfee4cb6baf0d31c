from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from graphrisk.model.content import is_ordered


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
