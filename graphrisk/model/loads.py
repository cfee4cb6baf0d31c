"""What is remembered of the loads of each loader: which rows they rejected and why, or that they were refused.

It stands beside the snapshots and is no part of them: the same rows have the same fingerprint whatever was rejected
on the way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

RECORDS = "records"
"""Stands for a table where records of a source were rejected before they became rows of any."""
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTable:
    """A table of a past load: rows read and rejected, the most frequent faults with the rows that have them, examples.

    A row may have several faults. `near_columns` says which columns of the source nothing took, though they look like
    one that is missing.
    """

    table: str
    read: int
    rejected: int
    reasons: tuple[tuple[str, int], ...] = ()
    examples: tuple[str, ...] = ()
    near_columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLoad:
    """A past load: `refused` is why nothing of it was taken, empty where it was taken."""

    loader: str
    as_of: date
    refused: str = ""
    tables: tuple[PastTable, ...] = ()

    @property
    def rejected(self) -> int:
        """The rows and records rejected."""
        return sum(table.rejected for table in self.tables)

    @property
    def clean(self) -> bool:
        """Whether everything that was read was taken."""
        return not self.refused and self.rejected == 0

    def sentence(self) -> str:
        """Return what became of the load, in words."""
        lost = [f"{t.rejected:,} of {t.read:,} rows of {t.table}" for t in self.tables if t.rejected]
        said = f"the last load of {self.loader} (as of {self.as_of})"
        if self.refused:
            return f"{said} was refused: {self.refused}"
        return f"{said} rejected {', '.join(lost)}" if lost else f"{said} rejected nothing"

    def to_dict(self) -> dict[str, Any]:
        """Return the load as JSON keeps it."""
        return {
            "loader": self.loader,
            "as_of": self.as_of.isoformat(),
            "refused": self.refused or None,
            "tables": [
                {
                    "table": one.table,
                    "rows_read": one.read,
                    "rows_rejected": one.rejected,
                    "reasons": [{"reason": reason, "rows": rows} for reason, rows in one.reasons],
                    "examples": list(one.examples),
                    "near_columns": list(one.near_columns),
                }
                for one in self.tables
            ],
        }


def after_load(past: Sequence[PastLoad], load: PastLoad, days: Collection[date]) -> tuple[PastLoad, ...]:
    """Return what is remembered after one more load, the latest of each loader last.

    A refused load is remembered until the next load of its loader. What a load that was taken rejected is remembered
    as long as the snapshots of its day are there (`days`), or until its loader loads that day again.
    """
    kept = (
        one
        for one in past
        if one.loader != load.loader or (not one.refused and (bool(load.refused) or one.as_of != load.as_of))
    )
    return (*(one for one in kept if one.refused or one.as_of in days), load)


def telling(past: Sequence[PastLoad], day: date, days: Collection[date]) -> tuple[PastLoad, ...]:
    """Return what concerns the snapshot of `day`: per loader its load of that day, and its last one.

    The last one counts where it was refused, or where its loader brought nothing for `day` itself.
    """
    last = {one.loader: one for one in past}
    own = {one.loader for one in past if one.as_of == day and not one.refused}
    return tuple(
        one
        for one in past
        if (one.refused and last[one.loader] is one)
        or (not one.refused and one.as_of == day)
        or (not one.refused and last[one.loader] is one and one.loader not in own and one.as_of in days)
    )


def digest_of(past: Sequence[PastLoad]) -> str:
    """Return a short digest of what is remembered; empty where that is nothing."""
    return hashlib.sha256(written(past).encode()).hexdigest()[:16] if past else ""


def written(past: Sequence[PastLoad]) -> str:
    """Return what is remembered as JSON text."""
    return json.dumps({"format": _FORMAT, "loads": [one.to_dict() for one in past]}, ensure_ascii=False, indent=1)


def read(text: str) -> tuple[PastLoad, ...]:
    """Return what `written` wrote; ValueError where the text is none of its."""
    try:
        content = json.loads(text)
        return tuple(
            PastLoad(
                loader=str(one["loader"]),
                as_of=date.fromisoformat(one["as_of"]),
                refused=str(one["refused"] or ""),
                tables=tuple(
                    PastTable(
                        table=str(table["table"]),
                        read=int(table["rows_read"]),
                        rejected=int(table["rows_rejected"]),
                        reasons=tuple((str(r["reason"]), int(r["rows"])) for r in table["reasons"]),
                        examples=tuple(str(text) for text in table["examples"]),
                        near_columns=tuple(str(text) for text in table.get("near_columns", ())),
                    )
                    for table in one["tables"]
                ),
            )
            for one in content["loads"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"is no record of loads ({type(error).__name__}: {error})") from error
