"""A load from end to end: files, canonical rows, the rules, the union with what stands, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.account import Account, nothing_loaded
from graphrisk.loading.contract import broken_expectations
from graphrisk.loading.excess import check_part, refuse_excess
from graphrisk.loading.gather import Gathered, gather
from graphrisk.loading.mapping import mapping_notes
from graphrisk.loading.places import placed_rows
from graphrisk.loading.prepare import find_files
from graphrisk.loading.reject_files import write_rejects
from graphrisk.loading.report import LoadRefused, LoadReport
from graphrisk.loading.spec import LoaderSpec, check_encoding, find_loader
from graphrisk.model.catalog import CATALOG
from graphrisk.model.check import check_rows, check_tables
from graphrisk.model.digest import fingerprint
from graphrisk.model.merge import merge_tables, with_row_keys
from graphrisk.model.rejects import Reject, values_of
from graphrisk.progress import Progress, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """`tables`: the whole content of the snapshot (declared columns and bookkeeping), ready for a store's `load`."""

    tables: Mapping[str, pa.Table]
    report: LoadReport


def load_files(
    loader: str,
    paths: Sequence[Path],
    *,
    as_of: date,
    existing: Mapping[str, pa.Table],
    base_currency: str | None = None,
    encoding: str = "utf-8",
    strict: bool = False,
    max_rejects: float | None = None,
    own_loaders: Path | None = None,
    rejects_dir: Path | None = None,
    digest: bool = True,
    progress: Progress = silent,
) -> Loaded:
    """Return the union of what `loader` reads from `paths` and what other loaders brought (`existing`), checked.

    `existing` are the stored tables of the same day, with their bookkeeping columns. Rejected rows are written to
    CSV files in `rejects_dir`. `digest` False leaves the fingerprint of the report to the store, which hashes each
    column for its own. Raises UsageError for an unknown loader or encoding, and LoadRefused, which carries the report,
    where the load as a whole is refused: unreadable files, nothing to load, rows of other loaders that would lose what
    they refer to, a table of which too much is rejected (`max_rejects` in place of the loader's own), or with `strict`
    any rejected row.
    """
    check_part(max_rejects)
    check_encoding(encoding, "--encoding")
    try:
        spec = find_loader(loader, own_loaders)
    except DataError as error:  # a mistake in the user's own loader: refused like any other load, with a report
        raise LoadRefused(error, LoadReport(loader=loader, as_of=as_of)) from error
    gathered = Gathered()
    account = Account(loader=spec.name, as_of=as_of, gathered=gathered)
    try:
        finding = find_files(spec, [Path(path) for path in paths])
        gathered.notes += finding.notes
        gather(spec, finding.found, encoding, as_of, gathered, progress)
        tables = _unite(spec, account, existing, as_of, base_currency, progress)
        if strict:
            _refuse_rejects(account)
        refuse_excess(account, spec.max_rejects if max_rejects is None else max_rejects)
    except DataError as error:
        account.reject_files = write_rejects(account, rejects_dir)
        raise LoadRefused(error, account.report()) from error
    account.reject_files = write_rejects(account, rejects_dir)
    return Loaded(tables=tables, report=account.report(fingerprint(tables) if digest else ""))


def _unite(
    spec: LoaderSpec,
    account: Account,
    existing: Mapping[str, pa.Table],
    as_of: date,
    configured: str | None,
    progress: Progress,
) -> dict[str, pa.Table]:
    """Check the rows read, alone and together with what stands; return the union."""
    account.assemble()
    account.notes += mapping_notes(account.gathered)
    others = any(
        table.num_rows and set(table["loader"].unique().to_pylist()) - {spec.name} for table in existing.values()
    )
    if others:  # a key must name one row before it is joined with another loader's
        progress("check the new rows")
        for reject in check_rows({name: account.standing(name) for name in account.names}).rejects:
            account.refuse(reject)
    new = {name: placed_rows(account, name) for name in account.names}
    progress("join with what stands")
    merged = merge_tables(existing, new, spec.name)
    for reject in merged.rejects:
        account.refuse(reject)
    progress("check")
    checked = check_tables(
        merged.tables,
        as_of=as_of,
        configured_base=configured,
        settled=merged.settled,
        refused=account.refused_nodes(),
    )
    lost = [reject for reject in checked.rejects if reject.rows[0] < merged.settled[reject.table]]
    if lost:
        raise _others_lose(lost[0], merged.tables[lost[0].table], spec.name)
    for reject in checked.rejects:
        account.refuse_merged(reject, merged.settled[reject.table], merged.origin[reject.table])
    settled = configured is not None or ("fx" in checked.tables and checked.tables["fx"].num_rows > 0)
    account.tell_faults(checked.tables, checked.base_currency if settled else None)  # else the rows left decided it
    if not account.loaded():
        raise nothing_loaded(account)
    progress("row keys")
    tables = {name: with_row_keys(CATALOG[name], table) for name, table in checked.tables.items() if table.num_rows}
    for name, expect in spec.expect.items():
        account.notes += broken_expectations(name, expect, account.loaded_rows(name))
    return tables


def _others_lose(reject: Reject, table: pa.Table, loader: str) -> DataError:
    row = int(reject.rows[0])
    other = table["loader"][row].as_py()
    key = CATALOG[reject.table].key or CATALOG[reject.table].names[:2]
    example = values_of(table, row, [*key, *(c for c in reject.columns if c not in key)])
    return DataError(
        f"{len(reject.rows):,} rows of {reject.table} that loader {other} brought would no longer stand ({example}): "
        f"{reject.reason}",
        where=f"{loader} and {other}",
        hint=f"keep in the files of {loader} what {other} refers to, or load {other} again without it first",
    )


def _refuse_rejects(account: Account) -> None:
    count = account.rejected()
    if count:
        raise DataError(
            f"{count:,} rows were rejected ({account.first_reject()})",
            hint="correct them, or load without --strict to leave them out",
            where="--strict",
        )
