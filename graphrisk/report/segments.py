"""The slice that the report was asked for: how much of the book it is, and sums by segment of what each analyzer says."""

from __future__ import annotations

from graphrisk.answers.base import answer_of
from graphrisk.answers.column_words import BY_SEGMENT
from graphrisk.answers.sliced import slice_sentence
from graphrisk.report.base import ReportDesk, Section

ORDER = 5
NEEDS: tuple[str, ...] = ()


def section(desk: ReportDesk) -> Section | None:
    """Return a table by segment of each analyzer that names parties; None where the report is of the whole book."""
    results = [result for result in desk.results.values() if result.cut is not None]
    if not results:
        return None
    reader = desk.reader
    sums = [[one for one in answer_of(r, reader).tables if one.table.endswith(BY_SEGMENT)][:1] for r in results]
    shown = [table for first in sums for table in first]
    return Section(
        title=desk.pick("Segments", "客户细分"),
        sentences=(slice_sentence(results[0].certificate["slice"], reader),),
        tables=tuple((table, reader) for table in shown),
        most_rows=20,
    )
