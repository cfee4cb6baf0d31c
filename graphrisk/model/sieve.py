"""One table while it is being checked: which rows still stand, and why the others do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.rejects import Reject
from graphrisk.model.table import Table

Flags = npt.NDArray[np.bool_]


def whole(values: Any) -> pa.Array:
    """Return the values in one piece, without a copy where they are in one piece already."""
    if isinstance(values, pa.ChunkedArray):
        return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    return values


def flags(mask: Any) -> Flags:
    """Return an Arrow mask as booleans; null counts as false."""
    found: Flags = whole(mask).fill_null(False).to_numpy(zero_copy_only=False)
    return found


class Sieve:
    """The rows of `table` (the declared columns, typed); `alive` are those that stand so far.

    A row is refused once, for the first reason found; with `every` it is refused again for each further one.
    """

    def __init__(self, declared: Table, table: pa.Table, *, every: bool = False) -> None:
        self.declared = declared
        self.table = table
        self.every = every
        self.rows: int = table.num_rows
        self.alive: Flags = np.ones(self.rows, dtype=bool)
        self.rejects: list[Reject] = []

    @property
    def name(self) -> str:
        """The table's name."""
        return self.declared.name

    def column(self, name: str) -> pa.Array:
        """Return all values of a column, of refused rows too."""
        return whole(self.table[name])

    def refuse(self, mask: Flags, reason: str, columns: tuple[str, ...]) -> None:
        """Refuse the rows in `mask` that still stand; with `every` all of them."""
        rows = np.flatnonzero(mask if self.every else mask & self.alive)
        if len(rows):
            self.alive[rows] = False
            self.rejects.append(Reject(table=self.name, reason=reason, rows=rows, columns=columns))

    def standing(self, table: pa.Table) -> pa.Table:
        """Return the rows of `table` (as many as were given) that stand."""
        return table if self.alive.all() else table.filter(pa.array(self.alive))

    def accepted_ids(self) -> pa.Array:
        """Return the ids of the nodes that stand."""
        return self.column(self.declared.key[0]).filter(pa.array(self.alive))

    def refused_ids(self) -> Iterator[tuple[str, pa.Array]]:
        """Yield each reason with the ids of the nodes refused for it."""
        ids = self.column(self.declared.key[0])
        for reject in self.rejects:
            yield reject.reason, ids.take(pa.array(reject.rows))

    def currencies(self) -> list[str]:
        """Return the currencies of the rows that stand."""
        found = pc.unique(self.column("currency").filter(pa.array(self.alive))).to_pylist()
        return [value for value in found if value is not None]
