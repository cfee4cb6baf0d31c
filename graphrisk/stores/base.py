"""What a store is: dated, immutable snapshots of a client graph, and the scores computed on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import pyarrow as pa

from graphrisk.errors import StoreError
from graphrisk.model.loads import PastLoad
from graphrisk.model.result import Result
from graphrisk.progress import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotInfo:
    """A snapshot: `rows` per table, `loaders` that brought them (name -> rows).

    `base_currency` is the one that the data decides, None where it decides none. `content` is the digest of all that is
    in it. `trouble` says why it cannot be read, "" where nothing is known against it.
    """

    id: str
    as_of: date
    fingerprint: str
    rows: Mapping[str, int]
    loaders: Mapping[str, int] = field(default_factory=dict)
    base_currency: str | None = None
    content: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a query, in RETURN order: plain values, dates as ISO text, nodes and relationships as property dicts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Store(Protocol):
    """Small, no algorithms. Every `snapshot` is an id; None = the latest of all."""

    url: str

    def load(self, tables: Mapping[str, pa.Table], *, as_of: date, progress: Progress = silent) -> str:
        """Write the whole content of a snapshot (checked tables, with the BOOKKEEPING columns); return its id.

        All or nothing. The same content for the same day again is the same snapshot.
        """

    def loading(self) -> AbstractContextManager[None]:
        """Hold the right to load, from reading what stands to writing the union, where the store has such a right.

        StoreError where another process holds it.
        """

    def recover(self, progress: Progress = silent) -> None:
        """Complete or undo what a crash left of a load; nothing otherwise. Comes before reading for the next load."""

    def snapshots(self) -> list[SnapshotInfo]:
        """Return what the store holds, oldest first."""

    def table(self, name: str, snapshot: str | None = None, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a canonical table with the BOOKKEEPING columns (empty if nothing was loaded into it)."""

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        snapshot: str | None = None,
        timeout: float = 60.0,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        """Run one read-only Cypher statement within `timeout` seconds.

        Properties `score_...` are of results under `settings` (None: those under which they were computed last).
        """

    def write_scores(self, result: Result, *, default: bool, snapshot: str | None = None) -> None:
        """Keep a result under (analyzer, digest of parameters and settings), in place of an earlier one.

        Where its parameters are the defaults (`default`), its values also become node properties.
        """

    def scores(self, analyzer: str, digest: str, snapshot: str | None = None) -> Result | None:
        """Return a kept result, None if there is none."""

    def remove(self, snapshot: str) -> None:
        """Remove a snapshot and its scores."""

    def loads(self) -> tuple[PastLoad, ...]:
        """Return what `remember` last kept; nothing in a store that keeps none yet."""

    def remember(self, loads: Sequence[PastLoad]) -> None:
        """Keep what past loads rejected, in place of what was kept before; no snapshot changes by it."""

    def beside(self) -> list[str]:
        """Return what is wrong with what lies beside the snapshots, each in a line."""

    def close(self) -> None:
        """Give back connections and files."""


def choose_snapshot(held: Sequence[SnapshotInfo], as_of: date | None, store: str) -> SnapshotInfo:
    """Return the latest snapshot on or before `as_of` (None = the latest of all).

    Raises StoreError where there is none.
    """
    fitting = [info for info in held if as_of is None or info.as_of <= as_of]
    if not fitting:
        have = f"the earliest is {held[0].as_of}" if held else "load data first: graphrisk load LOADER FILES..."
        asked = f" on or before {as_of}" if as_of else ""
        raise StoreError(f"no snapshot{asked}", hint=have, where=store)
    chosen = fitting[-1]
    if chosen.trouble:
        raise StoreError(
            f"snapshot {chosen.id} cannot be read: {chosen.trouble}",
            hint="where its load did not finish, load again; else graphrisk snapshots verify says more, "
            "and --as-of takes an earlier day",
            where=store,
        )
    return chosen
