"""When too much of a source is rejected for what is left to be taken for it: the load is refused then."""

from __future__ import annotations

import math
from collections.abc import Iterator

from graphrisk.errors import DataError, UsageError
from graphrisk.loading.account import Account, fills_a_table

FEW = 20
"""Rejected rows of a table up to which a load is never refused for their part of it alone."""


def check_part(part: float | None) -> None:
    """Raise UsageError where `part` is none."""
    if part is not None and not (math.isfinite(part) and 0.0 <= part <= 1.0):
        raise UsageError(
            f"--max-rejects is a part of a table's rows between 0 and 1, not {part}", hint="0.1 is 10 %; 1 takes any"
        )


def refuse_excess(account: Account, most: float) -> None:
    """Raise DataError where a table that had rows keeps none, or loses more than `most` of them and more than 20.

    A file that SQL reads is looked at like a table: its lines that are no records. With `most` = 1 what is left is
    taken, however little. Records that a loader sets aside are no rejects.
    """
    if most >= 1.0 or not account.rejected():
        return
    lost = [(name, read, rejected) for name, read, rejected in _losses(account) if _too_many(read, rejected, most)]
    if not lost:
        return
    every = [f"{name} ({read:,})" for name, read, rejected in lost if read == rejected]
    part = [f"{rejected:,} of {read:,} rows of {name}" for name, read, rejected in lost if rejected < read]
    said = []
    if every:
        said.append(f"every row of {_and(every)} was rejected")
    if part:
        said.append(f"{_and(part)} were rejected, more than max_rejects = {most:g} allows")
    raise DataError(
        "; ".join(said),
        where=account.loader,
        hint="correct them: the report and the files of rejected rows say what is wrong with each; or take what is "
        "left with --max-rejects 1 (max_rejects in loader.toml)",
    )


def _losses(account: Account) -> Iterator[tuple[str, int, int]]:
    """Yield each table and each file read by SQL: its name, rows read and rows rejected."""
    for table in account.report().tables:
        yield table.table, table.rows_read, table.rows_rejected
    for raw in account.gathered.files:
        if not fills_a_table(account.gathered, raw):
            yield raw.label, raw.columns.num_rows + len(raw.bad), len(raw.bad)


def _too_many(read: int, rejected: int, most: float) -> bool:
    return (0 < read == rejected) or (rejected > FEW and rejected / read > most)


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
