"""The content of a snapshot as every store keeps it: declared columns, bookkeeping, one order of rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import StoreError, UsageError, nearest
from graphrisk.model.catalog import BOOKKEEPING, CATALOG, find_table
from graphrisk.model.digest import ColumnHashes, fingerprint_part, row_hashes, row_keys
from graphrisk.model.merge import TOGETHER, joined_keys
from graphrisk.model.table import Table


def stored_schema(declared: Table) -> pa.Schema:
    """Return the schema in which a store gives back a canonical table: the declared columns, then BOOKKEEPING."""
    schema = declared.schema
    for name in BOOKKEEPING:
        schema = schema.append(pa.field(name, pa.int64() if name == "source_row" else pa.string()))
    return schema


def content_of(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return every canonical table in its stored schema, rows in key order; a table not given is empty.

    A column not given is null; a missing `row_key` is made here. Raises StoreError where a key repeats or a required
    value is missing: what checks the data should have rejected such a row.
    """
    return dict(each_content(tables))


def each_content(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
    """Yield what `content_of` gives, table by table: one that was written need not be kept for the next."""
    for name in tables:
        find_table(name)
    for name, declared in CATALOG.items():
        yield name, _conform(declared, tables.get(name))


def _conform(declared: Table, table: pa.Table | None) -> pa.Table:
    schema = stored_schema(declared)
    if table is None or table.num_rows == 0:
        return schema.empty_table()
    unknown = [name for name in table.column_names if name not in schema.names]
    if unknown:
        raise UsageError(
            f"table {declared.name} has no column {unknown[0]!r}", hint=nearest(unknown[0], declared.names)
        )
    columns = {
        field.name: table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    }
    whole = pa.table(columns, schema=schema)
    if declared.key or whole["row_key"].null_count:
        keys = joined_keys(declared, whole) if declared.key else row_keys(whole, declared.names)
        at = schema.get_field_index("row_key")
        whole = whole.set_column(at, schema.field(at), keys)
    whole = in_order(declared, whole)
    _check(declared, whole, declared.key or ("row_key",))
    return whole


def in_order(declared: Table, table: pa.Table) -> pa.Table:
    """Return the rows in the order in which every store gives them back."""
    order = declared.key or ("row_key",)
    if is_ordered(table, order):  # no copy
        return table.combine_chunks()
    return table.take(pc.sort_indices(table, [(name, "ascending") for name in order])).combine_chunks()


def is_ordered(table: pa.Table, names: Sequence[str]) -> bool:
    """True where the rows stand in the order of these columns already, as a store gives them back; no nulls in them."""
    if any(table[name].null_count for name in names):
        return False
    many = max(table.num_rows - 1, 0)
    tied = pa.array(np.ones(many, dtype=np.bool_))
    for name in names:
        column = table[name].combine_chunks()
        before, after = column.slice(0, many), column.slice(1)
        if pc.any(pc.and_(tied, pc.greater(before, after))).as_py():
            return False
        tied = pc.and_(tied, pc.equal(before, after))
    return True


def _check(declared: Table, table: pa.Table, order: Sequence[str]) -> None:
    for column in declared.columns:
        if column.required and table[column.name].null_count:
            raise StoreError(
                f"column {column.name} is missing in {table[column.name].null_count} rows",
                where=declared.name,
                hint="load it with a loader, which rejects such rows with the reason",
            )
        if pa.types.is_floating(column.arrow_type) and pc.any(pc.invert(pc.is_finite(table[column.name]))).as_py():
            raise StoreError(
                f"column {column.name} holds NaN or infinity",
                where=declared.name,
                hint="load it with a loader, which rejects such rows with the reason",
            )
    repeats = _repeats(table, order)
    if repeats:
        raise StoreError(
            f"{repeats} rows repeat the key ({', '.join(order)})",
            where=declared.name,
            hint="load it with a loader, which rejects such rows with the reason",
        )


def _repeats(table: pa.Table, order: Sequence[str]) -> int:
    """Return how many rows of a table in key order have the key of the row before."""
    same = pa.array([True] * max(table.num_rows - 1, 0), pa.bool_())
    for name in order:
        column = table[name].combine_chunks()
        same = pc.and_(same, pc.equal(column.slice(1), column.slice(0, max(len(column) - 1, 0))))
    return int(pc.sum(same).as_py() or 0)


class ContentSums:
    """What the tables of a snapshot come to, added one after another: `rows` of each, loaders, currencies, digests."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.currencies: dict[str, pa.Table] = {}
        self._loaders: Counter[str] = Counter()
        self._data: dict[str, str] = {}
        self._whole: dict[str, str] = {}

    def add(self, name: str, table: pa.Table) -> None:
        """Add one table."""
        self.rows[name] = table.num_rows
        if name == "fx":
            self.currencies[name] = table.select(["currency", "rate"])
        elif "currency" in table.column_names:
            self.currencies[name] = pa.table({"currency": pc.unique(table["currency"])})
        if table.num_rows:
            hashes: ColumnHashes = {}
            self._data[name] = fingerprint_part(name, table, hashes)
            self._whole[name] = f"{name}:{_said(table, hashes)};"
            self._loaders.update(loaders_of({name: table}))

    @property
    def loaders(self) -> dict[str, int]:
        """How many rows each loader brought."""
        return dict(sorted(self._loaders.items()))

    def digests(self) -> tuple[str, str]:
        """Return the fingerprint of the content, and a digest in which its bookkeeping counts as well."""
        data = hashlib.sha256("".join(self._data[name] for name in sorted(self._data)).encode()).hexdigest()[:32]
        whole = data + "".join(self._whole[name] for name in sorted(self._whole))
        return data, hashlib.sha256(whole.encode()).hexdigest()[:32]


def sums_of(content: Iterable[tuple[str, pa.Table]]) -> ContentSums:
    """Return what all tables of a snapshot come to."""
    sums = ContentSums()
    for name, table in content:
        sums.add(name, table)
    return sums


def digests_of(content: Mapping[str, pa.Table]) -> tuple[str, str]:
    """Return the fingerprint of a snapshot's content, and a digest in which its bookkeeping counts as well."""
    return sums_of(content.items()).digests()


def table_digests(content: Mapping[str, pa.Table]) -> dict[str, str]:
    """Return the digest of each table that holds rows, its bookkeeping counted, whatever the order of the rows."""
    said = {name: f"{table.num_rows}:{_said(table, {})}" for name, table in content.items() if table.num_rows}
    return {name: hashlib.sha256(text.encode()).hexdigest()[:16] for name, text in said.items()}


def _said(table: pa.Table, hashes: ColumnHashes) -> str:
    columns = [c for c in table.column_names if c != "row_key" and table[c].null_count < table.num_rows]
    first, second = row_hashes(table, columns, hashes)
    sums = (int(first.sum(dtype=np.uint64)), int(second.sum(dtype=np.uint64)))
    return f"{','.join(sorted(columns))}:{sums[0]:016x}{sums[1]:016x}"


def loaders_of(content: Mapping[str, pa.Table]) -> dict[str, int]:
    """Return how many rows each loader brought; a row that several know counts for each."""
    loaders: Counter[str] = Counter()
    for table in content.values():
        for item in pc.value_counts(table["loader"]).to_pylist():
            if item["values"] is not None:
                for loader in item["values"].split(TOGETHER):
                    loaders[loader] += item["counts"]
    return dict(sorted(loaders.items()))
