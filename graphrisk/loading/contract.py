"""A source file against what its loader expects of it: headers to canonical columns, values to canonical values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.errors import DataError, nearest
from graphrisk.loading.raw import RawFile
from graphrisk.loading.spec import Expect, InputSpec
from graphrisk.model.catalog import CATALOG
from graphrisk.model.sieve import flags
from graphrisk.model.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """`table`: the canonical columns that the file fills, values as they came; findings about its headers.

    `source[column]`: the header from which a canonical column was filled, for messages. `settled[column]`: which values
    of a number come from the loader itself (its `values` and `constants`) and are neither rewritten nor scaled.
    """

    table: pa.Table
    new_columns: tuple[str, ...]
    missing_columns: tuple[str, ...]
    source: Mapping[str, str]
    settled: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)


def fit(raw: RawFile, spec: InputSpec) -> Fitted:
    """Return the canonical columns of a file; DataError where a required one is not there."""
    assert spec.table is not None
    declared = CATALOG[spec.table]
    wanted = {header.casefold(): targets for header, targets in spec.rename.items()}
    plain = {name.casefold(): (name,) for name in declared.names}
    ignored = {header.casefold() for header in spec.ignore}
    columns: dict[str, pa.ChunkedArray] = {}
    source: dict[str, str] = {}
    new: list[str] = []
    for position, header in enumerate(raw.columns.column_names):
        key = header.strip().casefold()
        targets = wanted.get(key) or (() if key in ignored else plain.get(key)) or ()
        if not header:
            _refuse_unnamed(raw, position)
        elif not targets and key not in ignored and "*" not in ignored:
            new.append(header)
        for target in targets:
            if target in columns:
                raise DataError(
                    f"columns {source[target]!r} and {header!r} both fill {target}",
                    where=raw.path,
                    hint="rename or ignore one of them in the loader's toml",
                )
            if target in spec.constants:
                raise DataError(
                    f"column {header!r} fills {target}, which the loader sets to {spec.constants[target]!r}",
                    where=raw.path,
                    hint="remove the constant, or list the column under ignore",
                )
            columns[target] = raw.columns.column(position)
            source[target] = header
    missing = [h for h in spec.rename if h.casefold() not in {n.strip().casefold() for n in raw.columns.column_names}]
    renamed = {target for targets in spec.rename.values() for target in targets}
    missing += [n for n in declared.names if n not in columns and n not in spec.constants and n not in renamed]
    _require(declared, raw, spec, columns, new)
    rows = raw.columns.num_rows
    for name, value in spec.constants.items():
        columns[name] = pa.chunked_array([pa.repeat(pa.scalar(value), rows)])
    settled = {name: np.ones(rows, dtype=bool) for name in spec.constants}
    settled |= {
        name: flags(pc.is_in(_texts(columns[name]), value_set=pa.array(list(spec.values[name]), pa.string())))
        for name in spec.values
        if name in columns and name not in spec.constants
    }
    table = pa.table({name: _replaced(columns[name], name, spec) for name in declared.names if name in columns})
    return Fitted(
        table=table, new_columns=tuple(new), missing_columns=tuple(missing), source=source, settled=settled
    )  # fmt: skip


def check_columns(raw: RawFile, spec: InputSpec) -> Fitted:
    """Return the columns of a file that SQL reads; DataError where one of `columns` is not there."""
    names = raw.columns.column_names
    missing = [name for name in spec.columns if name not in names]
    if missing:
        raise DataError(
            f"has no column {', '.join(missing)}",
            where=raw.path,
            hint=f"its header is {', '.join(names[:30])}",
        )
    known = {*spec.columns, *spec.ignore}
    new = [name for name in names if spec.columns and name not in known and "*" not in known]
    for position, name in enumerate(names):
        if not name:
            _refuse_unnamed(raw, position)
    table = pa.table({name: _as_text(raw, name) for name in names if name})
    return Fitted(table=table, new_columns=tuple(new), missing_columns=(), source={})


def _as_text(raw: RawFile, name: str) -> pa.ChunkedArray:
    values = raw.columns[name]
    try:
        return values if pa.types.is_string(values.type) else values.cast(pa.string())
    except pa.ArrowException as error:
        raise DataError(
            f"column {name} is of type {values.type}, which is no text", where=raw.path, hint="write it as text"
        ) from error


def broken_expectations(name: str, expect: Expect, table: pa.Table) -> list[str]:
    """Return in words how a loaded table differs from what its loader expects."""
    rows = table.num_rows
    broken = []
    if expect.min_rows is not None and rows < expect.min_rows:
        broken.append(f"expectation broken: {name} has {rows:,} rows, at least {expect.min_rows:,} are expected")
    if expect.max_rows is not None and rows > expect.max_rows:
        broken.append(f"expectation broken: {name} has {rows:,} rows, at most {expect.max_rows:,} are expected")
    for column, part in expect.filled.items():
        filled = (rows - table[column].null_count) / rows if rows else 1.0
        if filled < part:
            broken.append(
                f"expectation broken: {name}.{column} is filled in {filled:.1%} of rows, {part:.1%} are expected"
            )
    return broken


def _refuse_unnamed(raw: RawFile, position: int) -> None:
    """Refuse a column without a name that holds values (an empty one is what spreadsheets leave behind)."""
    if raw.columns.column(position).null_count < raw.columns.num_rows:
        raise DataError(
            f"column {position + 1} has values and no name in the header", where=raw.path, hint="name it, or empty it"
        )


def _require(
    declared: Table, raw: RawFile, spec: InputSpec, columns: Mapping[str, pa.ChunkedArray], new: list[str]
) -> None:
    lacking = [
        c.name for c in declared.columns if c.required and c.name not in columns and c.name not in spec.constants
    ]
    if not lacking:
        return
    headers = ", ".join(raw.columns.column_names[:30])
    if not columns:
        raise DataError(
            f"the header ({headers}) names no column of {declared.name}: is the header missing?",
            where=raw.path,
            hint=f"the first line names the columns: {', '.join(declared.names)}",
        )
    near = f"; of its columns {', '.join(new[:10])} are unknown" if new else ""
    raise DataError(
        f"has no column {', '.join(lacking)}, which {declared.name} requires{near}",
        where=raw.path,
        hint=f"its header is {headers}; other names are mapped by [inputs.{spec.name}.rename] in a copy of the "
        f"loader's toml ({nearest(lacking[0], raw.columns.column_names)})",
    )


def _replaced(values: pa.ChunkedArray, name: str, spec: InputSpec) -> pa.ChunkedArray:
    """Apply the texts that mean null and the value map of a column."""
    if spec.null and (pa.types.is_string(values.type)):
        values = pc.if_else(pc.is_in(values, value_set=pa.array(spec.null)), pa.scalar(None, pa.string()), values)
    mapping = spec.values.get(name)
    if not mapping:
        return values
    texts = _texts(values)
    at = pc.index_in(texts, value_set=pa.array(list(mapping), pa.string()))
    return pc.coalesce(pc.take(pa.array([v or None for v in mapping.values()], pa.string()), at), texts)


def _texts(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return values if pa.types.is_string(values.type) else values.cast(pa.string())
