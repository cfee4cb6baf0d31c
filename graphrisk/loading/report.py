"""What a load says of itself: what was read, what stands, what does not and why. Nothing of a source disappears."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from graphrisk.errors import DataError
from graphrisk.model.loads import RECORDS, PastLoad, PastTable
from graphrisk.model.rejects import brief

EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Rows of a table, or records of a source, left out for one reason, with up to five of them."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """`rows_read` = `rows_loaded` + the rows of `rejects`.

    `rejects` have each row once, under all its faults; `faults` have each fault by itself, and a row in several.
    `near_columns` says which columns of the source are not used and look like one that is missing.
    """

    table: str
    rows_read: int
    rows_loaded: int
    rejects: tuple[Refused, ...] = ()
    faults: tuple[Refused, ...] = ()
    new_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    near_columns: tuple[str, ...] = ()

    @property
    def rows_rejected(self) -> int:
        """The rows left out."""
        return sum(reject.count for reject in self.rejects)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """A load, table by table and record by record: `read` = `used` + the records of `set_aside`.

    `faulty` are those of them that were rejected before they became rows of a table.
    """

    loader: str
    as_of: date
    fingerprint: str = ""
    snapshot: str = ""
    tables: tuple[TableReport, ...] = ()
    read: int = 0
    used: int = 0
    set_aside: tuple[Refused, ...] = ()
    faulty: tuple[Refused, ...] = ()
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reject_files: tuple[str, ...] = ()
    error: DataError | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as the JSON document of interfaces.md."""
        document: dict[str, Any] = {
            "loader": self.loader,
            "as_of": self.as_of.isoformat(),
            "snapshot": self.snapshot or None,
            "fingerprint": self.fingerprint or None,
            "tables": [
                {
                    "table": one.table,
                    "rows_read": one.rows_read,
                    "rows_loaded": one.rows_loaded,
                    "rows_rejected": one.rows_rejected,
                    "rejects": _refused(one.rejects, "rows"),
                    "faults": _refused(one.faults, "rows"),
                    "new_columns": list(one.new_columns),
                    "missing_columns": list(one.missing_columns),
                    "near_columns": list(one.near_columns),
                }
                for one in self.tables
            ],
            "records": {"read": self.read, "used": self.used, "set_aside": _refused(self.set_aside, "records")},
            "files": list(self.files),
            "notes": list(self.notes),
            "reject_files": list(self.reject_files),
        }
        if self.error is not None:
            document["error"] = {
                "message": self.error.message,
                "hint": self.error.hint,
                "where": self.error.where,
            }
        return document

    def past(self) -> PastLoad:
        """Return what is remembered of the load."""
        tables = [_past(t.table, t.rows_read, t.rows_rejected, t.faults, t.near_columns) for t in self.tables]
        if self.faulty:
            tables.append(_past(RECORDS, self.read, sum(one.count for one in self.faulty), self.faulty))
        why = "" if self.error is None else ": ".join(t for t in (self.error.where, self.error.message) if t)
        return PastLoad(loader=self.loader, as_of=self.as_of, refused=why, tables=tuple(tables))

    def with_snapshot(self, snapshot: str) -> LoadReport:
        """Return the report of a load that was stored as `snapshot`."""
        return replace(self, snapshot=snapshot)


class LoadRefused(DataError):  # noqa: N818 - what happened, in the words of the report
    """A load was refused; `report` says how far it came and why (`report.error`)."""

    def __init__(self, error: DataError, report: LoadReport) -> None:
        super().__init__(error.message, hint=error.hint, where=error.where)
        self.report = replace(report, error=error)


def _past(table: str, read: int, rejected: int, faults: Sequence[Refused], near: tuple[str, ...] = ()) -> PastTable:
    """Return a table with its main faults; those that differ only in what to do are one, no row has two of them."""
    counts: Counter[str] = Counter()
    example: dict[str, str] = {}
    for fault in sorted(faults, key=lambda fault: -fault.count):
        counts[brief(fault.reason)] += fault.count
        example.setdefault(brief(fault.reason), fault.examples[0])
    main = sorted(counts, key=lambda reason: (-counts[reason], reason))[:EXAMPLES]
    return PastTable(
        table=table,
        read=read,
        rejected=rejected,
        reasons=tuple((reason, counts[reason]) for reason in main),
        examples=tuple(dict.fromkeys(example[reason] for reason in main)),
        near_columns=near,
    )


def _refused(found: Sequence[Refused], counted: str) -> list[dict[str, Any]]:
    return [{"reason": one.reason, counted: one.count, "examples": list(one.examples)} for one in found]
