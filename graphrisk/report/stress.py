"""Stress: each scenario of the project beside the book without it."""

from __future__ import annotations

import pandas as pd

from graphrisk.answers.base import Shown, answer_of
from graphrisk.answers.column_words import value_word
from graphrisk.answers.reader import Reader
from graphrisk.model.result import records
from graphrisk.model.table import Column, Table
from graphrisk.report.base import ReportDesk, Section

ORDER = 50
NEEDS: tuple[str, ...] = ()

TABLE = Table(
    name="report_stress",
    meaning="scenarios beside the book without them",
    role="score",
    columns=(
        Column(name="scenario", kind="text", meaning="its name"),
        Column(name="defaults_added", kind="integer", meaning="parties that fail only under it"),
        Column(name="bank_loss_baseline", kind="money", meaning="without it", unit="base currency"),
        Column(name="bank_loss", kind="money", meaning="under it", unit="base currency"),
        Column(name="own_loss_rate", kind="fraction", meaning="bank loss over loans", unit="fraction"),
        Column(name="expected_loss", kind="money", meaning="under it", unit="base currency"),
        Column(name="limits", kind="text", meaning="limits that are broken"),
    ),
)


def section(desk: ReportDesk) -> Section | None:
    """Return a row a scenario; None where the project has none."""
    if not desk.stress:
        return None
    reader = Reader(lang=desk.lang, graph=desk.graph, tables={**desk.declared, TABLE.name: TABLE})
    rows, sentences = [], []
    for name, result in desk.stress.items():
        found = {row["measure"]: row for row in records(result.comparison)}
        broken = [row["measure"] for row in found.values() if row["breached"]]
        rows.append(
            (
                name,
                int(found["defaults"]["change"] or 0),
                found["bank_loss"]["baseline"],
                found["bank_loss"]["stressed"],
                found["own_loss_rate"]["stressed"],
                found["expected_loss"]["stressed"],
                desk.pick(", ", "、").join(value_word(str(one), desk.lang) for one in broken)
                or desk.pick("none", "无"),
            )
        )
        first = answer_of(result, reader).sentences[:1]
        sentences += [f"{name}{desk.pick(': ', '：')}{line}" for line in first]
    frame = pd.DataFrame(rows, columns=list(TABLE.names)).sort_values("bank_loss", ascending=False, kind="stable")
    shown = Shown(title=desk.pick("Scenarios", "压力情景"), table=TABLE.name, frame=frame, first=TABLE.names)
    return Section(
        title=desk.pick("Stress", "压力测试"), sentences=tuple(sentences), tables=((shown, reader),), most_rows=20
    )
