"""The quality of the data, and what the loads rejected."""

from __future__ import annotations

from graphrisk.answers.base import answer_of
from graphrisk.report.base import ReportDesk, Section, of_answer

ORDER = 70
NEEDS = ("quality",)
_FOR_THE_DESK = frozenset({"check", "table", "examples"})
"""Columns for whoever mends the data: `graphrisk check` has them."""


def section(desk: ReportDesk) -> Section | None:
    """Return what quality answers, and the rejected rows of the last loads."""
    from dataclasses import replace

    result = desk.results.get("quality")
    if result is None:
        return None
    reader = desk.reader
    told = answer_of(result, reader)
    plain = tuple(replace(shown, hidden=shown.hidden | _FOR_THE_DESK) for shown in told.tables)
    made = of_answer(
        desk.pick("Data quality and rejected rows", "数据质量与拒收"), replace(told, tables=plain), reader, tables=1
    )
    loads = tuple(load.sentence() for load in desk.graph.loads if not load.clean)
    none = desk.pick("The last loads rejected nothing.", "最近的加载没有拒收记录。")
    return replace(made, sentences=(*made.sentences, *(loads or (none,))), most_rows=15)
