"""Digests of rows and tables that do not depend on row order: what idempotent loads and provenance rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.model.catalog import BOOKKEEPING

U64 = npt.NDArray[np.uint64]
ColumnHashes = dict[str, U64]

# SplitMix64 finalizer: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, fig. 17.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SECOND_LANE = np.uint64(0xD1B54A32D192ED03)
_NULL = np.uint64(0x6E756C6C6E756C6C)
_ADDED = ("known_on",)
"""Columns that relations did not always have: a row without a value keeps the key that it had before."""
_HEX = np.frombuffer(b"".join(b"%02x" % i for i in range(256)), dtype="S2")


def _mix(value: U64) -> U64:
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * _MIX_1
        value = (value ^ (value >> np.uint64(27))) * _MIX_2
    return value ^ (value >> np.uint64(31))


def _seed(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little"))


def _hash_column(column: Any) -> U64:
    """Return one 64-bit hash per value; equal values of one type hash alike, null has its own."""
    if column.null_count == len(column):
        return np.full(len(column), _NULL)
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        from pandas.util import hash_array

        encoded = column.dictionary_encode()
        values = np.append(hash_array(encoded.dictionary.to_numpy(zero_copy_only=False), categorize=False), _NULL)
        codes = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
        hashed: U64 = values.astype(np.uint64)[codes]
        return hashed
    nulls = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_floating(column.type):
        bits = (column.fill_null(0.0).to_numpy(zero_copy_only=False).astype(np.float64) + 0.0).view(np.uint64)
    elif pa.types.is_boolean(column.type):
        bits = column.fill_null(False).to_numpy(zero_copy_only=False).astype(np.uint64)
    elif pa.types.is_date32(column.type):
        bits = column.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64).view(np.uint64)
    else:
        bits = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False).view(np.uint64)
    return np.where(nulls, _NULL, _mix(bits + _GAMMA))


def row_hashes(
    table: pa.Table, columns: Sequence[str], hashes: ColumnHashes | None = None, *, optional: Sequence[str] = ()
) -> tuple[U64, U64]:
    """Return two independent 64-bit hashes of each row's values in `columns` (order of columns does not matter).

    `hashes` holds what was computed before of the same table, and takes what is computed now. A null in a column of
    `optional` leaves the row's hashes as if the column were not there.
    """
    first = np.zeros(table.num_rows, dtype=np.uint64)
    second = np.zeros(table.num_rows, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for name in sorted(columns):
            if name in optional and table[name].null_count == table.num_rows:
                continue
            values = _hash_column(table[name]) if hashes is None or name not in hashes else hashes[name]
            if hashes is not None:
                hashes[name] = values
            mixed = (
                _mix(first + (values ^ _seed(name)) + _GAMMA),
                _mix((second ^ values) * _SECOND_LANE + _seed(name)),
            )
            if name in optional:
                known = values != _NULL
                mixed = np.where(known, mixed[0], first), np.where(known, mixed[1], second)
            first, second = mixed
    return first, second


def row_keys(table: pa.Table, columns: Sequence[str]) -> pa.Array:
    """Return one text key per row: the digest of its values and the number of its occurrence (`-0`, `-1`, ...)."""
    if table.num_rows == 0:
        return pa.array([], pa.string())
    first, second = row_hashes(table, columns, optional=_ADDED)
    order = np.lexsort((second, first))
    ordered_first, ordered_second = first[order], second[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (ordered_first[1:] != ordered_first[:-1]) | (ordered_second[1:] != ordered_second[:-1])
    starts = np.flatnonzero(fresh)
    occurrence = np.empty(len(order), dtype=np.int64)
    occurrence[order] = np.arange(len(order)) - starts[np.cumsum(fresh) - 1]
    raw = np.stack([first, second], axis=1).astype("<u8").view(np.uint8).reshape(len(first), 16)
    text = _HEX[raw].view("S32").reshape(-1)
    hexes = pa.array(text, pa.binary(32)).cast(pa.binary()).cast(pa.string())
    return pc.binary_join_element_wise(hexes, pa.array(occurrence).cast(pa.string()), "-")


def fingerprint(tables: Mapping[str, pa.Table]) -> str:
    """Return a digest of the contents of `tables` that does not depend on the order of rows or columns.

    Empty tables and the bookkeeping columns of a store do not count.
    """
    parts = [fingerprint_part(name, tables[name]) for name in sorted(tables) if tables[name].num_rows]
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:32]


def fingerprint_part(name: str, table: pa.Table, hashes: ColumnHashes | None = None) -> str:
    """Return what one table that holds rows adds to the fingerprint."""
    columns = [c for c in table.column_names if c not in BOOKKEEPING and table[c].null_count < table.num_rows]
    first, second = row_hashes(table, columns, hashes)
    with np.errstate(over="ignore"):
        sums = (int(first.sum(dtype=np.uint64)), int(second.sum(dtype=np.uint64)))
    return f"{name}:{table.num_rows}:{','.join(sorted(columns))}:{sums[0]:016x}{sums[1]:016x};"
