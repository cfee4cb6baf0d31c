"""Rows that are proposed and not yet signed: what they are, and the book without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from graphrisk.model.note import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`rows`: canonical tables as they were read, in the order of their files; `before`: the graph without them.

    `replaced` counts per table the rows whose key was there before. `notes` are what a reader must know.
    """

    rows: Mapping[str, pa.Table]
    before: Any
    replaced: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    def column(self, table: str, column: str) -> list[Any]:
        """Return a column of the proposed rows of a table, in the order of the file; empty where there are none."""
        return self.rows[table][column].to_pylist() if table in self.rows else []
