"""Rows that somebody proposes: read as a load reads them, and refused as a whole where one row cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from graphrisk.errors import DataError, UsageError
from graphrisk.loading.account import Account, nothing_loaded
from graphrisk.loading.gather import Gathered, gather
from graphrisk.loading.prepare import find_files
from graphrisk.loading.spec import find_loader
from graphrisk.progress import Progress, silent

LOADER = "bank_csv"
"""Files named after the canonical tables."""


def read_proposed(
    folder: Path, *, as_of: date, encoding: str = "utf-8", progress: Progress = silent
) -> tuple[Mapping[str, pa.Table], tuple[str, ...]]:
    """Return the typed rows of the files in `folder` by table, in the order of the files, and what to know of them.

    Raises UsageError where there is no folder, DataError where a file or a row cannot be read, or there is no row.
    """
    if not folder.is_dir():
        raise UsageError(
            "is no folder" if folder.exists() else "there is no such folder", where=str(folder),
            hint="a folder with guarantees.csv, facilities.csv, ... in the shape of the canonical tables",
        )  # fmt: skip
    spec = find_loader(LOADER, None)
    gathered = Gathered()
    account = Account(loader=spec.name, as_of=as_of, gathered=gathered)
    finding = find_files(spec, [folder])
    gathered.notes += [f"warning: {note}" for note in finding.notes]  # a file that is not read is not checked
    gather(spec, finding.found, encoding, as_of, gathered, progress)
    account.assemble()
    if account.rejected():
        many = account.rejected()
        raise DataError(
            f"{many:,} proposed row{'s' if many > 1 else ''} cannot be read ({account.first_reject()})",
            where=str(folder),
            hint="correct them: nothing is checked while a row is left out",
        )  # fmt: skip
    rows = {name: account.standing(name) for name in account.names}
    rows = {name: table for name, table in rows.items() if table.num_rows}
    if not rows:
        raise nothing_loaded(account)
    return rows, account.report().notes
