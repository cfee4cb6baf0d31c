"""What a load says of itself: what was read, what stands, what does not and why. Nothing of a source disappears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from graphrisk.errors import DataError

EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Rows of a table, or records of a source, left out for one reason, with up to five of them."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """`rows_read` = `rows_loaded` + the rows of `rejects`."""

    table: str
    rows_read: int
    rows_loaded: int
    rejects: tuple[Refused, ...] = ()
    new_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()

    @property
    def rows_rejected(self) -> int:
        """The rows left out."""
        return sum(reject.count for reject in self.rejects)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """A load, table by table and record by record: `read` = `used` + the records of `set_aside`."""

    loader: str
    as_of: date
    fingerprint: str = ""
    snapshot: str = ""
    tables: tuple[TableReport, ...] = ()
    read: int = 0
    used: int = 0
    set_aside: tuple[Refused, ...] = ()
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
                    "new_columns": list(one.new_columns),
                    "missing_columns": list(one.missing_columns),
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

    def with_snapshot(self, snapshot: str) -> LoadReport:
        """Return the report of a load that was stored as `snapshot`."""
        return replace(self, snapshot=snapshot)


class LoadRefused(DataError):  # noqa: N818 - what happened, in the words of the report
    """A load was refused; `report` says how far it came and why (`report.error`)."""

    def __init__(self, error: DataError, report: LoadReport) -> None:
        super().__init__(error.message, hint=error.hint, where=error.where)
        self.report = replace(report, error=error)


def _refused(found: Sequence[Refused], counted: str) -> list[dict[str, Any]]:
    return [{"reason": one.reason, counted: one.count, "examples": list(one.examples)} for one in found]
