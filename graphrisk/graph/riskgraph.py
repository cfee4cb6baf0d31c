"""RiskGraph: the client graph of one day as read-only arrays, the same for every store and row order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import UsageError, nearest
from graphrisk.graph.tables import HeldTables
from graphrisk.model.catalog import CATALOG, find_table
from graphrisk.model.frames import typed_frame
from graphrisk.model.loads import PastLoad
from graphrisk.model.note import Note

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Floats = npt.NDArray[np.float64]
Kept = TypeVar("Kept")
_FEW = 64
"""So few ids are looked up one by one."""
Positions = npt.NDArray[np.int64]
"""Row numbers in a node table; -1 where the id is null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskGraph:
    """The client graph as of one day.

    `tables`: every canonical table (empty where there is no data), rows that hold on `as_of`, in the order of their
    key, amounts converted to `base_currency`; a column is read when it is first used. Node positions are row numbers
    in `parties`, `facilities`, `collateral`. `notes` count what was left out and why, `loads` say what past loads
    rejected. `settings` are the project's settings that answers depend on, `base_currency` among them. `read_places`
    reads `row_key` and PLACE of a stored table, when they are asked for. Nothing in it can be written to.
    """

    as_of: date
    base_currency: str | None
    snapshot: str
    fingerprint: str
    tables: HeldTables
    notes: tuple[Note, ...] = ()
    loads: tuple[PastLoad, ...] = ()
    settings: Mapping[str, str | None] = field(default_factory=dict)
    read_places: Callable[[str], pa.Table] | None = field(default=None, repr=False, compare=False)
    _cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.tables, HeldTables):  # a plain mapping does too
            object.__setattr__(self, "tables", HeldTables(self.tables))

    def table(self, name: str) -> pa.Table:
        """Return canonical table `name`, all its columns; UsageError naming the nearest if there is none."""
        return self.tables[find_table(name).name]

    def frame(self, name: str) -> pd.DataFrame:
        """Return canonical table `name` as a new pandas DataFrame: ids are texts, days datetime64, yes/no boolean."""
        return typed_frame(self.table(name).to_pandas(), find_table(name))

    def rows(self, name: str) -> int:
        """Return the number of rows of table `name`."""
        return self.tables.rows(find_table(name).name)

    @property
    def party_ids(self) -> npt.NDArray[np.object_]:
        """The party ids, in the order of positions (n,)."""
        return self.texts("parties", "party_id")

    @property
    def size(self) -> int:
        """The number of parties."""
        return self.rows("parties")

    def texts(self, table: str, column: str) -> npt.NDArray[np.object_]:
        """Return a text or date column as an object array; None where null."""
        key = ("texts", table, column)
        if key not in self._cache:
            self._cache[key] = _frozen(objects_of(self.tables.column(table, column)))
        found: npt.NDArray[np.object_] = self._cache[key]
        return found

    def floats(self, table: str, column: str) -> Floats:
        """Return a number column as float64; NaN where null. Money is in base currency."""
        key = ("floats", table, column)
        if key not in self._cache:
            values = self.tables.column(table, column).cast(pa.float64()).to_numpy(zero_copy_only=False)
            self._cache[key] = _frozen(np.asarray(values, dtype=np.float64))
        found: Floats = self._cache[key]
        return found

    def flags(self, table: str, column: str) -> npt.NDArray[np.bool_]:
        """Return a yes/no column as booleans; False where null."""
        key = ("flags", table, column)
        if key not in self._cache:
            values = pc.fill_null(self.tables.column(table, column), False).to_numpy(zero_copy_only=False)
            self._cache[key] = _frozen(np.array(values, dtype=bool))
        found: npt.NDArray[np.bool_] = self._cache[key]
        return found

    def positions(self, table: str, column: str) -> Positions:
        """Return where each id of a referencing column stands in the node table it refers to; -1 where null."""
        key = ("positions", table, column)
        if key not in self._cache:
            declared = find_table(table)
            target = declared.column(column).references
            if target is None:
                raise UsageError(f"{table}.{column} refers to no table")
            # who asks for one end of a relation asks for the other
            beside = [one.name for one in declared.columns if one.references == target]
            _find_together(self, target, [("positions", table, name) for name in beside])
        known: Positions = self._cache[key]
        return known

    def locate(self, node_table: str, ids: Any) -> Positions:
        """Return the positions of `ids` (array-like of text) in `node_table`; -1 where null or unknown."""
        declared = find_table(node_table)
        if isinstance(ids, list) and len(ids) <= _FEW:
            return np.array([self._place(node_table, declared.key[0], one) for one in ids], dtype=np.int64)
        values = ids if isinstance(ids, pa.ChunkedArray | pa.Array) else pa.array(ids, pa.string())
        if values.null_count == len(values):
            return np.full(len(values), -1, dtype=np.int64)
        held = self.tables.column(node_table, declared.key[0])
        if isinstance(values, pa.ChunkedArray) and values.equals(held):  # a fact of each party, say
            return np.arange(len(values), dtype=np.int64)
        found = pc.index_in(values, value_set=held.combine_chunks(), skip_nulls=True)
        return np.array(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)

    def _place(self, table: str, key: str, wanted: str | None) -> int:
        """Return the position of one id by halving: Arrow would read all ids for it."""
        held = self.texts(table, key)  # in key order
        at = bisect_left(held, wanted) if wanted is not None else len(held)
        return at if at < len(held) and held[at] == wanted else -1

    def position(self, party_id: str) -> int:
        """Return the position of one party; UsageError naming the nearest ids if it is unknown."""
        found = int(self.locate("parties", [party_id])[0])
        if found < 0:
            known = [str(i) for i in self.party_ids[:20_000]]
            raise UsageError(f"no party has the id {party_id!r}", hint=nearest(party_id, known) if known else "")
        return found

    def ends(self, relation: str) -> tuple[Positions, Positions]:
        """Return the positions of subject and object of each row of a relation between two parties."""
        declared = find_table(relation)
        if not declared.source or declared.column(declared.source).references != "parties":
            raise UsageError(f"{relation} is not a relation between parties")
        return self.positions(relation, declared.source), self.positions(relation, declared.target)

    def latest(self, column: str) -> Floats:
        """Return for each party the latest non-null value of a `financials` column on or before the as-of date.

        (n,) float64 in base currency, NaN where there is none.
        """
        key = ("latest", column)
        if key not in self._cache:
            values = np.full(self.size, np.nan)
            given = self.floats("financials", column)
            party = self.positions("financials", "party_id")
            known = ~np.isnan(given) & (party >= 0)  # rows run by party, then by period: the last one written wins
            values[party[known]] = given[known]
            self._cache[key] = _frozen(values)
        found: Floats = self._cache[key]
        return found

    @property
    def equity(self) -> Floats:
        """Equity of each party in base currency (n,), NaN where unknown."""
        return self.latest("equity")

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return a new NetworkX multigraph: parties, facilities and collateral, one edge a row."""
        from graphrisk.graph.interop import to_networkx

        return to_networkx(self)

    def __repr__(self) -> str:
        filled = ", ".join(f"{name} {self.rows(name):,}" for name in CATALOG if self.rows(name))
        return f"<RiskGraph as of {self.as_of}: {filled or 'empty'}>"


def texts_at(graph: RiskGraph, table: str, column: str, rows: Positions) -> npt.NDArray[np.object_]:
    """Return what `texts` says of some rows; the others become objects only where somebody asked for them."""
    if not len(rows):
        return np.empty(0, dtype=object)
    if ("texts", table, column) in graph._cache:
        return graph.texts(table, column)[rows]
    return objects_of(graph.tables.taken(table, rows, [column])[column])


def objects_of(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """Return the values of a column as Python objects; where values repeat, each is one object."""
    if pa.types.is_string(column.type) and len(column) > _FEW:
        encoded = column.combine_chunks().dictionary_encode()
        if 2 * len(encoded.dictionary) < len(encoded):
            known = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
            found: npt.NDArray[np.object_] = known[encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
            return found
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)


def _frozen(values: Any) -> Any:
    values.setflags(write=False)
    return values


def rows_that_say(graph: RiskGraph, table: str, column: str, word: str) -> npt.NDArray[np.bool_]:
    """Return which rows of a table say `word` in a column (rows,); False where null."""
    same = pc.equal(graph.tables.column(table, column), word)
    found: npt.NDArray[np.bool_] = pc.fill_null(same, False).to_numpy(zero_copy_only=False).astype(bool)
    return found


def made_of(graph: RiskGraph, what: str, of: Sequence[str], make: Callable[[], Kept]) -> Kept:
    """Return what `make` makes of some tables ("supplies") and columns ("financials.sales"), made once per graph.

    A what-if graph in which none of them changed takes it over. Nobody may change it.
    """
    key = ("made", what, *of)
    if key not in graph._cache:
        graph._cache[key] = make()
    found: Kept = graph._cache[key]
    return found


def find_references(graph: RiskGraph) -> None:
    """Find where all ids stand, for whoever asks for most of them: the ids are read once, not once a column."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for table in CATALOG.values():
        for column in table.columns:
            key = ("positions", table.name, column.name)
            if column.references is not None and key not in graph._cache:
                found.setdefault(column.references, []).append(key)
    for target, keys in found.items():
        _find_together(graph, target, keys)


def _find_together(graph: RiskGraph, target: str, keys: Sequence[tuple[str, str, str]]) -> None:
    """Keep where the ids of some columns stand in a node table: Arrow reads all of its ids for each call."""
    given = [graph.tables.column(table, column) for _, table, column in keys]
    whole = pa.chunked_array([chunk for one in given for chunk in one.chunks], pa.string())
    placed, start = graph.locate(target, whole), 0
    for key, ids in zip(keys, given, strict=True):
        graph._cache[key] = _frozen(placed[start : start + len(ids)])
        start += len(ids)
