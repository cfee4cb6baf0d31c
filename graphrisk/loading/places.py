"""Where each row of a load was read: the file's own name, and the line, row or statement in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from graphrisk.loading.account import Account
from graphrisk.loading.gather import Source
from graphrisk.loading.raw import Ints
from graphrisk.model.catalog import PLACE


def placed_rows(account: Account, name: str) -> pa.Table:
    """Return the rows of a table that stand, and where each was read."""
    rows = account.standing(name)
    held = account.held[name]
    return _with_place(rows, held.record[held.at], account.gathered.first_readings())


def _with_place(table: pa.Table, record: Ints, readings: Sequence[Source]) -> pa.Table:
    """Return `table` with PLACE, for the `record` from which each row comes (-1: not known, then both are null).

    `readings` are the files, in the order of their records, which are numbered through all of them.
    """
    none = np.empty(0, dtype=np.int64)
    lines = np.concatenate([none, *(np.asarray(source.raw.lines, dtype=np.int64) for source in readings)])
    ends = np.cumsum([len(source.raw.lines) for source in readings])
    known = (record >= 0) & (record < len(lines))
    nowhere = None if known.all() else ~known
    at = np.where(known, record, 0)
    if not known.any():
        file, row = np.zeros(len(record), dtype=np.int64), np.zeros(len(record), dtype=np.int64)
    else:
        file, row = np.searchsorted(ends, at, side="right"), lines[at]
    labels = pa.array([source.raw.label for source in readings], pa.string())
    names = labels.take(pa.array(file, mask=nowhere)) if len(labels) else pa.nulls(len(record), pa.string())
    columns = dict(zip(PLACE, (names, pa.array(row, mask=nowhere)), strict=True))
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table
