"""Work that grows with the data is counted, never timed: four times the clients are four times the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graphrisk.demo.world import write_bank
from graphrisk.model import digest
from graphrisk.model.catalog import BOOKKEEPING, CATALOG
from graphrisk.workspace import Workspace

SMALL, LARGE = 100, 400
EXPONENT = 1.1


def counted(folder: Path, clients: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int, int]:
    """Load a bank; return its cells, the cells of rows that have no key of their own, and the values hashed for it."""
    folder.mkdir()
    write_bank(folder / "data", clients=clients, seed=1)
    hashed, real = 0, digest._hash_column

    def counting(column: Any) -> Any:
        nonlocal hashed
        hashed += len(column)
        return real(column)

    workspace = Workspace(folder)
    with monkeypatch.context() as patch:
        patch.setattr(digest, "_hash_column", counting)
        workspace.load("bank_csv", folder / "data", as_of="2026-09-30")
    cells = {name: cells_of(workspace._store.table(name)) for name in CATALOG}
    return sum(cells.values()), sum(cells[name] for name, table in CATALOG.items() if not table.key), hashed


def cells_of(table: pa.Table) -> int:
    """Return the cells of a table but for the stores' own columns and for columns that hold nothing."""
    filled = [name for name in table.column_names if table[name].null_count < table.num_rows]
    return table.num_rows * len(set(filled) - set(BOOKKEEPING))


def test_a_load_hashes_each_cell_once_and_those_that_name_a_row_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, keyless, hashed = counted(tmp_path / "small", SMALL, monkeypatch)
    large, _, more = counted(tmp_path / "large", LARGE, monkeypatch)
    assert hashed >= cells
    empty = 1.25  # columns of nulls are looked at, and so is who loaded each row and where
    assert hashed <= (cells + keyless) * empty
    assert more / hashed <= (large / cells) ** EXPONENT
    assert more / hashed <= (LARGE / SMALL) ** EXPONENT
