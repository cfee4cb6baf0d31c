"""The book at a glance: exposure, expected loss and the worst years, with and without contagion."""

from __future__ import annotations

from graphrisk.answers.base import Shown, answer_of
from graphrisk.answers.reader import Reader, percent_of
from graphrisk.credit.loan_book import own_book
from graphrisk.model.columns import money as base_money
from graphrisk.model.figures import money
from graphrisk.model.result import records
from graphrisk.model.table import Column, Table
from graphrisk.report.base import ReportDesk, Section
from graphrisk.report.charts import pairs

ORDER = 10
NEEDS = ("portfolio",)


TABLE = Table(
    name="report_losses",
    meaning="losses within a year, in money and as a part of EAD",
    role="score",
    columns=(
        Column(name="measure", kind="category", meaning="EL, VaR, ES, UL"),
        Column(name="level", kind="fraction", meaning="confidence level"),
        base_money("without_contagion", "nobody else fails"),
        Column(name="without_of_ead", kind="fraction", meaning="the same over EAD"),
        base_money("with_contagion", "after the defaults have spread"),
        Column(name="with_of_ead", kind="fraction", meaning="the same over EAD"),
        base_money("with_low", "lower end of its interval"),
        base_money("with_high", "upper end of its interval"),
    ),
)


def section(desk: ReportDesk) -> Section | None:
    """Return exposure and losses in sentences, money and per cent of EAD."""
    reader = desk.reader
    book = own_book(desk.graph)
    ead = float(book.ead.sum())
    debtors = len(set(book.borrower[book.ead > 0].tolist()))
    sentences = [
        desk.pick(
            f"{debtors:,} borrowers owe the bank {reader.money(ead)} on {int((book.ead > 0).sum()):,} loans.",
            f"{debtors:,} 户借款人共欠本行 {reader.money(ead)}，贷款 {int((book.ead > 0).sum()):,} 笔。",
        )
    ]
    result = desk.results.get("portfolio")
    if result is None or result.summary.empty:
        return Section(title=_title(desk), sentences=tuple(sentences))
    answer = answer_of(result, reader)
    rows = records(result.summary)
    frame = result.summary.assign(
        without_of_ead=result.summary["without_contagion"] / (ead or float("nan")),
        with_of_ead=result.summary["with_contagion"] / (ead or float("nan")),
    )
    table = Shown(
        title=desk.pick("Loss within a year", "一年内的损失"), table=TABLE.name, frame=frame, first=TABLE.names
    )
    own = Reader(lang=desk.lang, graph=desk.graph, tables={**desk.declared, TABLE.name: TABLE})
    chart = pairs(
        desk.pick("Loss within a year, in money and per cent of EAD", "一年内的损失（金额与占风险暴露比例）"),
        [
            (
                row["measure"] + (f" {row['level']:.1%}" if row["level"] else ""),
                [
                    (row[side] or 0.0, f"{money(row[side], desk.lang)} ({percent_of(row[side] / ead) if ead else '–'})")
                    for side in ("without_contagion", "with_contagion")
                    if row[side] is not None
                ],
            )
            for row in rows
            if row["measure"] in ("EL", "VaR")
        ],
        names=(desk.pick("without contagion", "不含传染"), desk.pick("with contagion", "含传染")),
    )
    return Section(
        title=_title(desk),
        sentences=(*sentences, *answer.sentences),
        charts=(chart,),
        tables=((table, own),),
    )


def _title(desk: ReportDesk) -> str:
    return desk.pick("The book at a glance", "组合概览")
