"""Writes rejected rows to CSV files that a spreadsheet opens: reason, file, line, and the row as the source has it."""

from __future__ import annotations

import csv
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.loading.account import Account, Held, fills_a_table
from graphrisk.loading.raw import RawFile
from graphrisk.model.catalog import CATALOG
from graphrisk.model.controls import without_controls
from graphrisk.model.formulas import as_text

_LEAD = ["reason", "file", "line"]
_TEXT = "line as it stands"
_NUMBER = re.compile(r"[+-]?[0-9.,]+([eE][+-]?[0-9]+)?%?")
_LONGEST = 32_000  # characters: what a cell of a spreadsheet holds


def write_rejects(account: Account, folder: Path | None) -> list[str]:
    """Write one file per table with rejected rows into `folder`/LOADER_DATE, in place of those of an earlier load.

    Returns their paths. A cell that a spreadsheet would run as a formula is led by an apostrophe.
    """
    if folder is None:
        return []
    target = folder / f"{account.loader}_{account.as_of.isoformat()}"
    if target.is_dir():
        shutil.rmtree(target)
    written = []
    for name in CATALOG:
        rows = _rows(account, name)
        if rows:
            written.append(_write(target / f"{name}.csv", rows))
    rows = [
        {"reason": bad.reason, "file": raw.label, "line": bad.line, _TEXT: bad.text}
        for raw in account.gathered.files
        for bad in raw.bad
        if not fills_a_table(account.gathered, raw)
    ]
    for reason, records in account.faulty_records():
        rows += _of_records(account, reason, records.tolist())
    if rows:
        written.append(_write(target / "records.csv", rows))
    return written


def _rows(account: Account, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"reason": bad.reason, "file": raw.label, "line": bad.line, _TEXT: bad.text}
        for raw, bad in account.bad_lines(name)
    ]
    held = account.held.get(name)
    if held is None:
        return rows
    for reject in held.blame.by_row():
        rows += _refused(account, held, reject.reason, reject.rows.tolist())
    return rows


def _refused(account: Account, held: Held, reason: str, rows: list[int]) -> list[dict[str, Any]]:
    """Return rows refused for one reason, with the columns of their source file."""
    out: list[dict[str, Any]] = []
    for row in rows:
        if held.record[row] < 0:
            batch, at = held.given(row)
            values = {name: batch.given[name][at].as_py() for name in batch.given.column_names}
            out.append({"reason": reason, "file": "", "line": "", **values})
    return out + _of_records(account, reason, [int(r) for r in held.record[rows] if r >= 0])


def _of_records(account: Account, reason: str, records: list[int]) -> list[dict[str, Any]]:
    """Return records refused for one reason, with the columns of their source file."""
    out: list[dict[str, Any]] = []
    by_file: dict[int, tuple[RawFile, list[int]]] = {}
    for record in records:
        source, at = account.gathered.locate(record)
        by_file.setdefault(id(source.raw), (source.raw, []))[1].append(at)
    for raw, at_rows in by_file.values():
        values = raw.columns.take(pa.array(at_rows)).to_pylist()
        for at, row_values in zip(at_rows, values, strict=True):
            out.append({"reason": reason, "file": raw.label, "line": int(raw.lines[at]), **row_values})
    return out


def _write(path: Path, rows: list[dict[str, Any]]) -> str:
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    columns = list(dict.fromkeys([*_LEAD, *(key for row in rows for key in row if key != _TEXT)]))
    if any(_TEXT in row for row in rows):
        columns.append(_TEXT)
    with open(path, "w", encoding="utf-8-sig", errors="replace", newline="", opener=_own) as stream:
        writer = csv.writer(stream)
        writer.writerow([_cell(name) for name in columns])
        writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return str(path)


def _own(path: str, flags: int) -> int:
    """Open a file that its owner alone can read: rejected rows are customers' data."""
    return os.open(path, flags, 0o600)


def _cell(value: object) -> str:
    text = "" if value is None else without_controls(str(value))
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text):,} characters)"
    return text if _NUMBER.fullmatch(text) else as_text(text)
