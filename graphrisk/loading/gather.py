"""From files to canonical rows: what each source brings for each table, and from which record each row comes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.cast import cast_table
from graphrisk.loading.contract import Fitted, check_columns, fit
from graphrisk.loading.engine import run_loader
from graphrisk.loading.percent import notes_on_percent
from graphrisk.loading.prepare import FoundFile, read_file, reading_of
from graphrisk.loading.raw import Ints, RawFile
from graphrisk.loading.spec import InputSpec, LoaderSpec
from graphrisk.model.catalog import CATALOG
from graphrisk.model.rejects import Reject
from graphrisk.progress import Progress

_HIDDEN = ("_file", "_line", "_record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file as one input reads it; its records are numbered from `first` through the whole load."""

    input: InputSpec
    raw: RawFile
    first: int


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows for one canonical table: `given` as they came, `rows` typed, `record` from which each comes (-1 unknown)."""

    given: pa.Table
    rows: pa.Table
    record: Ints
    rejects: list[Reject]
    source: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Gathered:
    """All that was read: `batches` by canonical table, and the findings of the files."""

    sources: list[Source] = field(default_factory=list)
    batches: dict[str, list[Batch]] = field(default_factory=dict)
    set_aside: pa.Table | None = None
    new_columns: dict[str, list[str]] = field(default_factory=dict)
    missing_columns: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    fed: list[tuple[str, Source, Fitted]] = field(default_factory=list)

    @property
    def files(self) -> list[RawFile]:
        """The files, each once, in the order of their records."""
        return [source.raw for source in self.first_readings()]

    def first_readings(self) -> list[Source]:
        """Return one source per file, in the order of their records."""
        seen: dict[int, Source] = {}
        for source in self.sources:
            seen.setdefault(id(source.raw), source)  # not by `first`: a file without records shares it with the next
        return sorted(seen.values(), key=lambda source: source.first)

    def locate(self, record: int) -> tuple[Source, int]:
        """Return the source of a record, and its row there."""
        readings = self.first_readings()
        firsts = [source.first for source in readings]
        at = int(np.searchsorted(firsts, record, side="right")) - 1
        while readings[at].raw.columns.num_rows == 0:  # empty files share their number with the next
            at -= 1
        return readings[at], record - readings[at].first


def gather(
    loader: LoaderSpec, found: Sequence[FoundFile], encoding: str, as_of: date, into: Gathered, progress: Progress
) -> None:
    """Read all files `into` the tables that they fill; DataError where a file as a whole is refused."""
    known: dict[Hashable, tuple[RawFile, int]] = {}
    records = 0
    views: dict[str, list[Source]] = {one.name: [] for one in loader.inputs if one.table is None}
    for one in found:
        spec = one.input
        key = reading_of(one)
        if key not in known:
            known[key] = (read_file(one, encoding, progress), records)
            records += known[key][0].columns.num_rows
            into.notes += known[key][0].notes
        raw, first = known[key]
        source = Source(input=spec, raw=raw, first=first)
        into.sources.append(source)
        if spec.table is not None:
            _add_direct(source, spec.table, into)
        else:
            views[spec.name].append(source)
    if loader.sql:
        _add_selected(loader, views, as_of, into, progress)


def _add_direct(source: Source, table: str, into: Gathered) -> None:
    fitted = fit(source.raw, source.input)
    _note_columns(into, table, fitted)
    try:
        rows, sieve = cast_table(CATALOG[table], fitted.table, source.input, fitted.settled)
    except DataError as error:
        raise DataError(error.message, hint=error.hint, where=source.raw.path) from error
    into.notes += notes_on_percent(CATALOG[table], fitted.table, rows, source.input, source.raw.path)
    into.notes += _fed_twice(source, table, fitted, into)
    into.notes += [
        f"{source.raw.path}: {column.name} is kept as whole numbers: leading zeros, if there were any, are lost"
        for column in CATALOG[table].columns
        if column.kind == "id"
        and column.name in fitted.table.column_names
        and pa.types.is_integer(fitted.table[column.name].type)
    ]
    record = np.arange(source.first, source.first + rows.num_rows, dtype=np.int64)
    batch = Batch(given=fitted.table, rows=rows, record=record, rejects=sieve.rejects, source=fitted.source)
    into.fed.append((table, source, fitted))
    into.batches.setdefault(table, []).append(batch)


def _fed_twice(source: Source, table: str, fitted: Fitted, into: Gathered) -> list[str]:
    """Refuse two inputs that bring the same rows of a file for one table; note where they differ by little.

    One file may fill a table twice on purpose, from different columns (a first and a second guarantor).
    """
    if not fitted.table.num_rows:
        return []
    for other_table, other, before in into.fed:
        if (other_table, other.raw.path) != (table, source.raw.path) or other.input.name == source.input.name:
            continue
        if before.table.equals(fitted.table):
            raise DataError(
                f"the inputs {other.input.name} and {source.input.name} bring the same rows for {table}: they would "
                "count twice",
                where=source.raw.path,
                hint="remove one of the two from the loader's toml, or name another sheet or file",
            )
        if before.source == fitted.source:
            return [
                f"{source.raw.path}: the inputs {other.input.name} and {source.input.name} fill {table} from the same "
                "columns: each row is there twice"
            ]
    return []


def _note_columns(into: Gathered, table: str, fitted: Fitted) -> None:
    for noted, names in ((into.new_columns, fitted.new_columns), (into.missing_columns, fitted.missing_columns)):
        held = noted.setdefault(table, [])
        held += [name for name in names if name not in held]


def _add_selected(
    loader: LoaderSpec, views: Mapping[str, Sequence[Source]], as_of: date, into: Gathered, progress: Progress
) -> None:
    inputs = {}
    for one in loader.inputs:
        if one.table is not None:
            continue
        parts = []
        for source in views[one.name]:
            fitted = check_columns(source.raw, one)
            for table, sql in loader.sql.items():
                if one.name in sql or any(one.name in view for view in loader.views.values()):
                    _note_columns(into, table, fitted)
            parts.append(_as_view(source, fitted.table))
        columns = [*(one.columns or (("record",) if one.format == "json" else ()))]
        empty = pa.table({name: pa.array([], pa.string()) for name in [*columns, "_file"]})
        empty = empty.append_column("_line", pa.array([], pa.int64())).append_column(
            "_record", pa.array([], pa.int64())
        )
        inputs[one.name] = pa.concat_tables([empty, *parts], promote_options="permissive")
    selected = run_loader(loader, inputs, as_of, progress)
    into.set_aside = selected.set_aside
    into.notes += selected.notes
    for name, table in selected.tables.items():
        _add_rows(loader, name, table, into)


def _as_view(source: Source, table: pa.Table) -> pa.Table:
    rows = table.num_rows
    hidden = {
        "_file": pa.array([Path(source.raw.path).name] * rows, pa.string()),
        "_line": pa.array(source.raw.lines, pa.int64()),
        "_record": pa.array(np.arange(source.first, source.first + rows), pa.int64()),
    }
    for name, values in hidden.items():
        if name in table.column_names:
            raise DataError(f"column {name} is our own name", where=source.raw.path, hint="rename it in the source")
        table = table.append_column(name, values)
    return table


def _add_rows(loader: LoaderSpec, name: str, table: pa.Table, into: Gathered) -> None:
    where = str(loader.folder / f"{name}.sql")
    declared = CATALOG[name]
    unknown = [c for c in table.column_names if c not in declared.names and c not in _HIDDEN]
    lacking = [c.name for c in declared.columns if c.required and c.name not in table.column_names]
    if unknown or lacking:
        said = (
            f"gives columns that {name} has not: {', '.join(unknown)}" if unknown else f"gives no {', '.join(lacking)}"
        )
        raise DataError(said, where=where, hint=f"{name} has {', '.join(declared.names)}")
    rows = table.num_rows
    record = np.full(rows, -1, dtype=np.int64)
    if "_record" in table.column_names:
        record = table["_record"].cast(pa.int64()).fill_null(-1).to_numpy()
    given = table.select([c for c in declared.names if c in table.column_names])
    try:
        typed, sieve = cast_table(declared, given, None)
    except DataError as error:
        raise DataError(error.message, hint=error.hint, where=where) from error
    into.batches.setdefault(name, []).append(Batch(given=given, rows=typed, record=record, rejects=sieve.rejects))
