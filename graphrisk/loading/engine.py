"""Runs a loader's SELECTs in a locked DuckDB session: no files, no network, no settings, one SELECT each.

The session never opens a file: inputs are read by our own readers and shown to it as tables. So external access is
off altogether, which also stops COPY, ATTACH, INSTALL and read_csv; the statement check is a second fence.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.spec import MAX_SECONDS, LoaderSpec
from graphrisk.progress import Progress, silent

if TYPE_CHECKING:
    import duckdb

_MEMORY = "60%"
"""Of the machine's: what is beyond it ends the SQL, not the session of the analyst."""
_LOCK = (
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",  # else SQL reads any variable of this program by its name
    "SET temp_directory = ''",
    "SET allowed_directories = []",
    "SET allowed_paths = []",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


def open_session(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """Return an empty in-memory session that can reach nothing beyond what is registered with it."""
    import duckdb

    session = duckdb.connect(":memory:")
    if threads:
        session.execute(f"SET threads = {int(threads)}")
    session.execute(f"SET memory_limit = '{_MEMORY}'")
    for setting in _LOCK:
        session.execute(setting)
    return session


def run_select(
    session: duckdb.DuckDBPyConnection,
    sql: str,
    where: str,
    tables: Mapping[str, pa.Table],
    seconds: float = MAX_SECONDS,
) -> pa.Table:
    """Return what one SELECT gives; DataError where it is not exactly one SELECT, fails, or takes too long."""
    check_select(sql, where)
    import duckdb

    watch = threading.Timer(seconds, session.interrupt)
    watch.daemon = True
    watch.start()
    try:
        found = session.sql(sql).to_arrow_table()
    except duckdb.InterruptException as error:
        raise DataError(
            f"the SQL took longer than {seconds:g} s and was stopped",
            where=where,
            hint="join on fewer rows, or set max_seconds in loader.toml",
        ) from error
    except duckdb.OutOfMemoryException as error:
        raise DataError(
            f"the SQL needs more memory than there is ({str(error).splitlines()[0]})",
            where=where,
            hint="join on fewer rows, or load the files in parts",
        ) from error
    except RuntimeError as error:  # what DuckDB says when a person presses Ctrl-C
        if "interrupted" in str(error):
            raise KeyboardInterrupt from error
        raise
    except duckdb.Error as error:
        seen = "; ".join(f"{name}({', '.join(t.column_names)})" for name, t in tables.items())
        raise DataError(
            f"the SQL fails: {str(error).strip()}", where=where, hint=f"it can read {seen}" if seen else ""
        ) from error
    finally:
        watch.cancel()
    return _plain(pa.table(found))


def _plain(table: pa.Table) -> pa.Table:
    """Return the columns with an ENUM as its texts."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table[field.name].cast(field.type.value_type))
    return table


def check_select(sql: str, where: str) -> None:
    """Refuse anything but exactly one SELECT."""
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise DataError(f"is no SQL: {str(error).strip()}", where=where, hint="write one SELECT") from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(str(statement.type).rpartition(".")[2] for statement in statements) or "nothing"
        raise DataError(f"holds {kinds} where one SELECT is wanted", where=where, hint="write one SELECT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What a loader's SELECTs give: rows by canonical table, records set aside with their reason, notes."""

    tables: Mapping[str, pa.Table]
    set_aside: pa.Table | None
    notes: tuple[str, ...]


def run_loader(
    loader: LoaderSpec, inputs: Mapping[str, pa.Table], as_of: date, progress: Progress = silent
) -> Selected:
    """Return what each TABLE.sql, set_aside.sql and notes.sql give.

    `inputs` are the views by name, with `_file`, `_line` and `_record` beside the source's own columns; a view `load`
    holds the as-of date. A column `_record` in a result says from which record a row comes. Rows come in an order
    that does not depend on the run.
    """
    with open_session() as session:
        seen: dict[str, pa.Table] = {}
        session.register("load", pa.table({"as_of": pa.array([as_of], pa.date32())}))
        for name, table in inputs.items():
            session.register(name, table)
            seen[name] = table
        for name, sql in loader.views.items():
            progress(f"view {name}")
            table = run_select(session, sql, _where(loader, f"views/{name}.sql"), seen, loader.max_seconds)
            session.register(name, table)
            seen[name] = table
        out = {}
        for name, sql in loader.sql.items():
            progress(f"select {name}")
            out[name] = _ordered(run_select(session, sql, _where(loader, f"{name}.sql"), seen, loader.max_seconds))
        aside = None
        if loader.set_aside:
            where = _where(loader, "set_aside.sql")
            aside = _ordered(run_select(session, loader.set_aside, where, seen, loader.max_seconds))
            if not {"_record", "reason"} <= set(aside.column_names):
                raise DataError(
                    "gives no _record and reason", where=where, hint="SELECT _record, '...' AS reason FROM ..."
                )
        notes: tuple[str, ...] = ()
        if loader.notes:
            said = run_select(session, loader.notes, _where(loader, "notes.sql"), seen, loader.max_seconds)
            notes = tuple(sorted(str(text) for text in said.column(0).to_pylist() if text is not None))
        return Selected(tables=out, set_aside=aside, notes=notes)


def _where(loader: LoaderSpec, file: str) -> str:
    return str(Path(loader.folder) / file)


def _ordered(table: pa.Table) -> pa.Table:
    """Return the rows by record, then by their values: SQL promises no order."""
    flat = [name for name in table.column_names if not pa.types.is_nested(table[name].type)]
    names = sorted(flat, key=lambda name: (name != "_record", name))
    if not names or table.num_rows == 0:
        return table
    keys: list[tuple[str, Any]] = [(name, "ascending") for name in names]
    return table.sort_by(keys)
