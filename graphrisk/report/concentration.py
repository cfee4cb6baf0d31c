"""Concentration: on how few names, industries, regions and guarantors the book depends."""

from __future__ import annotations

from graphrisk.answers.base import answer_of
from graphrisk.answers.industries import with_industry_names
from graphrisk.answers.reader import percent_of
from graphrisk.report.base import ReportDesk, Section, of_answer
from graphrisk.report.charts import bars

ORDER = 40
NEEDS = ("concentration",)


def section(desk: ReportDesk) -> Section | None:
    """Return what concentration answers, with the shares of the largest industries as bars."""
    from dataclasses import replace

    result = desk.results.get("concentration")
    if result is None or result.groups.empty:
        return None
    reader = desk.reader
    made = of_answer(desk.pick("Concentration", "集中度"), answer_of(result, reader), reader, tables=1)
    groups = with_industry_names(result.groups[result.groups["group"].notna()], desk.graph, desk.lang)
    charts = []
    for dimension, english, chinese in (("industry", "Industries", "行业"), ("region", "Regions", "地区")):
        rows = groups[groups["dimension"] == dimension].head(8)
        charts.append(
            bars(
                desk.pick(f"{english}: share of the loans", f"{chinese}：占贷款比例"),
                [
                    (str(name), float(share), percent_of(share))
                    for name, share in zip(rows["group"], rows["share"], strict=True)
                ],
            )
        )
    return replace(made, charts=tuple(chart for chart in charts if chart))
