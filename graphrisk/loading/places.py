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

    `readings` are the files, in the order of their records.
    """
    file = np.full(len(record), -1, dtype=np.int32)
    row = np.zeros(len(record), dtype=np.int64)
    for number, source in enumerate(readings):
        of_file = (record >= source.first) & (record < source.first + source.raw.columns.num_rows)
        if of_file.all():
            file[:] = number
            row[:] = source.raw.lines[record - source.first]
        elif of_file.any():
            file[of_file] = number
            row[of_file] = source.raw.lines[record[of_file] - source.first]
    known = file >= 0
    nowhere = None if known.all() else ~known
    labels = pa.array([source.raw.label for source in readings], pa.string())
    names = labels.take(pa.array(file, mask=nowhere)) if len(labels) else pa.nulls(len(record), pa.string())
    columns = dict(zip(PLACE, (names, pa.array(row, mask=nowhere)), strict=True))
    for name, values in columns.items():
        table = table.append_column(name, values)
    return table
