"""Circles and over-guarantee: who stands behind one another, who promised more than it owns."""

from __future__ import annotations

from graphrisk.answers.base import answer_of
from graphrisk.report.base import ReportDesk, Section, of_answer

ORDER = 30
NEEDS = ("chains",)


def section(desk: ReportDesk) -> Section | None:
    """Return what chains answers."""
    result = desk.results.get("chains")
    if result is None or result.parties.empty:
        return None
    reader = desk.reader
    return of_answer(
        desk.pick("Guarantee circles and over-guarantee", "担保圈与过度担保"),
        answer_of(result, reader),
        reader,
        tables=2,
    )
