"""The quality of the data, and what the loads rejected."""

from __future__ import annotations

from graphrisk.answers.base import answer_of
from graphrisk.report.base import ReportDesk, Section, of_answer

ORDER = 70
NEEDS = ("quality",)


def section(desk: ReportDesk) -> Section | None:
    """Return what quality answers, and the rejected rows of the last loads."""
    from dataclasses import replace

    result = desk.results.get("quality")
    if result is None:
        return None
    reader = desk.reader
    made = of_answer(
        desk.pick("Data quality and rejected rows", "数据质量与拒收"), answer_of(result, reader), reader, tables=1
    )
    loads = tuple(load.sentence() for load in desk.graph.loads if not load.clean)
    none = desk.pick("The last loads rejected nothing.", "最近的加载没有拒收记录。")
    return replace(made, sentences=(*made.sentences, *(loads or (none,))), most_rows=15)
