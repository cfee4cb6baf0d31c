"""What changed since the snapshot before."""

from __future__ import annotations

import dataclasses

from graphrisk.answers.base import answer_of
from graphrisk.report.base import ReportDesk, Section, of_answer

ORDER = 60
NEEDS = ("changes",)


def section(desk: ReportDesk) -> Section | None:
    """Return what changes answers; None where there is no earlier snapshot."""
    result = desk.results.get("changes")
    if result is None or "before" not in result.certificate:
        return None
    named_by = None if result.reader is None else result.reader.before  # who is gone has a name there alone
    reader = dataclasses.replace(desk.reader, before=named_by)
    return of_answer(desk.pick("What changed", "变动情况"), answer_of(result, reader), reader, tables=1)
