"""A sheet of clients: one row a client (or a client and a day), typed columns, and the outcome where it is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import DataError, UsageError, nearest
from graphrisk.model.note import Note
from graphrisk.rating.cells import Texts, categories_of, days_of, numbers_of, outcomes_of

Floats = npt.NDArray[np.float64]
Column = Floats | Texts
"""Numbers with NaN, or texts with None, where nothing is known."""
_FEW = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """n rows in the order of id and day. `columns`: features by name; `bad` (n,): 1 default, 0 none, None unknown.

    `groups` (n,) numbers the clients, whose rows are never divided between training and test.
    """

    ids: Texts
    days: tuple[date | None, ...]
    columns: Mapping[str, Column]
    bad: Floats | None
    fingerprint: str
    source: str
    notes: tuple[Note, ...] = field(default=())

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.ids)

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """The number of the client of each row (n,)."""
        return np.asarray(np.unique(self.ids.astype(str), return_inverse=True)[1], dtype=np.int64)

    def rows(self, chosen: npt.NDArray[Any]) -> Mapping[str, Column]:
        """Return the columns of some rows."""
        return {name: values[chosen] for name, values in self.columns.items()}


def sheet_of(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    source: str,
    id_column: str | None,
    date_column: str | None,
    target: str | None = None,
    bad_value: str | None = None,
    exclude: Sequence[str] = (),
    category: Sequence[str] = (),
    today: date,
) -> Sheet:
    """Return the sheet of texts; rows without an outcome are set aside and counted.

    Raises UsageError for a column that is not there, DataError where rows cannot be told apart, a day lies after
    `today`, an outcome is no outcome, or a column of numbers holds a text.
    """
    names = [name.strip() for name in header]
    for asked, option in (
        (id_column, "--id"), (date_column, "--date"), (target, "--target"),
        *((name, "--exclude") for name in exclude), *((name, "--category") for name in category),
    ):  # fmt: skip
        if asked is not None and asked not in names:
            raise UsageError(f"{option} {asked}: there is no such column", hint=nearest(asked, names), where=source)
    table = np.array([list(row) for row in rows], dtype=object).reshape(-1, len(names))
    if not len(table):
        raise DataError("holds a header and no rows", where=source, hint="one row a client is needed")
    cells = {name: table[:, at] for at, name in enumerate(names)}
    notes: list[Note] = []
    keys = ["\x1f".join(row) for row in table]
    ids = _ids(cells, id_column, keys, source)
    days = days_of(cells[date_column], date_column, source) if date_column else (None,) * len(table)
    _refuse_future(days, today, date_column, source)
    order = sorted(range(len(table)), key=lambda k: (str(ids[k]), str(days[k]), keys[k]))
    _refuse_repeats(ids, days, order, id_column, date_column, source)
    bad = outcomes_of(cells[target], target, bad_value, source) if target else None
    if bad is not None:
        open_ = np.isnan(bad)
        if open_.any():
            many = int(open_.sum())
            notes.append(
                Note(
                    "rows_without_outcome",
                    f"{many:,} of {len(bad):,} rows have no outcome in {target}: set aside",
                    f"{len(bad):,} 行中 {many:,} 行的 {target} 没有结果：未使用",
                )
            )
        order = [k for k in order if not open_[k]]
        if not order:
            raise DataError(f"no row has an outcome in {target}", where=source)
    at = np.array(order, dtype=np.int64)
    left = {id_column, date_column, target, *exclude}
    columns: dict[str, Column] = {}
    for name in names:
        if name in left:
            continue
        given = cells[name][at]
        columns[name] = categories_of(given) if name in category else numbers_of(given, name, source, notes)
    digest = hashlib.sha256("\x1e".join(["\x1f".join(names), *(keys[k] for k in order)]).encode()).hexdigest()
    return Sheet(
        ids=np.array([ids[k] for k in order], dtype=object),
        days=tuple(days[k] for k in order),
        columns=columns,
        bad=None if bad is None else bad[at],
        fingerprint=digest,
        source=source,
        notes=tuple(notes),
    )


def _ids(cells: Mapping[str, Texts], id_column: str | None, keys: Sequence[str], source: str) -> list[str]:
    """Return the id of each row; without a column of ids the digest of the row, numbered where rows are equal."""
    if id_column is not None:
        given = [str(value).strip() for value in cells[id_column]]
        empty = [k + 2 for k, value in enumerate(given) if not value]
        if empty:
            raise DataError(
                f"{len(empty):,} rows have no {id_column} (rows {', '.join(map(str, empty[:_FEW]))})",
                where=source,
                hint="each row needs the id of its client; without --id rows are known by their content",
            )
        return given
    seen: dict[str, int] = {}
    made = []
    for key in keys:
        digest = hashlib.sha256(key.encode()).hexdigest()[:12]
        seen[digest] = seen.get(digest, 0) + 1
        made.append(digest if seen[digest] == 1 else f"{digest}.{seen[digest]}")
    return made


def _refuse_future(days: Sequence[date | None], today: date, column: str | None, source: str) -> None:
    late = [k for k, day in enumerate(days) if day is not None and day > today]
    if late:
        shown = ", ".join(f"row {k + 2}: {days[k]}" for k in late[:_FEW])
        raise DataError(
            f"{len(late):,} rows have a {column} after {today} ({shown}): what is not yet past cannot be learned from",
            where=source,
            hint="correct the days, or say the day of the data with --as-of",
        )


def _refuse_repeats(
    ids: Sequence[str], days: Sequence[date | None], order: Sequence[int], id_column: str | None, on: str | None,
    source: str,
) -> None:  # fmt: skip
    if id_column is None:
        return
    again = [b for a, b in pairwise(order) if (ids[a], days[a]) == (ids[b], days[b])]
    if again:
        shown = ", ".join(dict.fromkeys(ids[k] for k in again[: 4 * _FEW]))
        what = f"{id_column} and {on}" if on else id_column
        raise DataError(
            f"{len(again):,} rows repeat the {what} of another ({', '.join(shown.split(', ')[:_FEW])})",
            where=source,
            hint="remove the repeated rows" if on else "remove them, or name the column of days with --date",
        )
