"""The tables of a client graph: a column is read when it is first asked for, and only if it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.table import Table

_MOST_BYTES = 32 * 2**20


class ColumnSource(Protocol):
    """The rows of one canonical table in the order of their key, from which columns can be read."""

    @property
    def num_rows(self) -> int:
        """The number of rows."""

    @property
    def column_names(self) -> list[str]:
        """The columns that it has: the declared ones, and `row_key` where the table has no key of its own."""

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Return some columns, in their declared types."""


class RecentColumns:
    """The columns that were read last, up to some bytes: who asks for one often asks for it again soon."""

    def __init__(self, most: int = _MOST_BYTES) -> None:
        self._most, self._bytes, self._lock = most, 0, Lock()
        self._held: OrderedDict[tuple[str, str], pa.ChunkedArray] = OrderedDict()

    def get(self, key: tuple[str, str], read: Callable[[], pa.ChunkedArray]) -> pa.ChunkedArray:
        """Return what is held under a key, else what `read` gives."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        column = read()
        with self._lock:
            if key not in self._held and 2 * column.nbytes <= self._most:
                self._held[key] = column
                self._bytes += column.nbytes
            while self._bytes > self._most:
                self._bytes -= self._held.popitem(last=False)[1].nbytes
        return column


@dataclass(slots=True, kw_only=True)
class HeldTable:
    """A table as a graph holds it: the rows `keep` of its source (None: all), amounts times `factor` in base currency.

    `factor` has a value for each row kept, None where all amounts are in base currency already. What an analysis does
    not ask for is not read, and what is read is not kept here, but for the ids of nodes.
    """

    declared: Table
    source: ColumnSource
    keep: pa.Array | None = None
    factor: pa.Array | None = None
    base: str | None = None
    recent: RecentColumns = field(default_factory=RecentColumns, repr=False)
    num_rows: int = field(init=False)
    _ids: pa.ChunkedArray | None = field(default=None, init=False, repr=False)
    _whole: pa.Table | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.num_rows = self.source.num_rows if self.keep is None else int(pc.sum(self.keep).as_py() or 0)

    def __getitem__(self, column: str) -> pa.ChunkedArray:
        if self._whole is not None:
            return self._whole[column]
        if self.declared.role != "node" or column != self.declared.key[0]:
            return self.recent.get((self.declared.name, column), lambda: self.select([column])[column])
        if self._ids is None:  # every relation is looked up in them
            ids = self.select([column])[column].combine_chunks()
            self._ids = ids if isinstance(ids, pa.ChunkedArray) else pa.chunked_array([ids])
        return self._ids

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Return some columns as the graph holds them."""
        table = self.source.select(list(columns))
        if self.keep is not None:
            table = table.filter(self.keep)
        if self.factor is not None:
            for at, name in enumerate(table.column_names):
                if name in self.declared.money:
                    table = table.set_column(at, name, pc.multiply(table[name], self.factor))
                elif name == "currency":  # a missing currency stays missing, so that quality can see it
                    base, none = pa.scalar(self.base, pa.string()), pa.scalar(None, pa.string())
                    table = table.set_column(at, name, pc.if_else(pc.is_valid(table[name]), base, none))
        return table

    def empty(self) -> pa.Table:
        """Return no rows, of all columns."""
        schema = self.declared.schema
        if "row_key" in self.source.column_names:
            schema = schema.append(pa.field("row_key", pa.string()))
        return schema.empty_table()

    def whole(self) -> pa.Table:
        """Return all columns; they are kept then, since who asks for them asks again."""
        if self._whole is None:
            self._whole = self.select(self.source.column_names)
        return self._whole


class HeldTables(Mapping[str, pa.Table]):
    """The canonical tables of a graph by name; `column` and `rows` do not read a whole one."""

    def __init__(self, held: Mapping[str, pa.Table | HeldTable]) -> None:
        self._held: dict[str, pa.Table | HeldTable] = dict(held)

    def __getitem__(self, name: str) -> pa.Table:
        held = self._held[name]
        return held.whole() if isinstance(held, HeldTable) else held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def rows(self, name: str) -> int:
        """Return the number of rows of a table."""
        return int(self._held[name].num_rows)

    def column(self, name: str, column: str) -> pa.ChunkedArray:
        """Return one column of a table."""
        return self._held[name][column]

    def select(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Return some columns of a table."""
        return self._held[name].select(list(columns))

    def taken(self, name: str, rows: Any, columns: Sequence[str] | None = None) -> pa.Table:
        """Return some rows of a table by their numbers, all columns or some, read one after another."""
        held, rows = self._held[name], pa.array(rows, pa.int64())
        if isinstance(held, pa.Table):
            return (held if columns is None else held.select(list(columns))).take(rows)
        names = held.source.column_names if columns is None else columns
        if not len(rows):
            return held.empty().select(list(names))
        return pa.table({one: held[one].take(rows) for one in names})

    def changed(self, tables: Mapping[str, pa.Table | HeldTable]) -> HeldTables:
        """Return these tables with some in place of others."""
        return HeldTables({**self._held, **tables})

    def shares(self, other: HeldTables, name: str) -> bool:
        """Return whether a table is the very one of other tables."""
        return self._held[name] is other._held[name]
