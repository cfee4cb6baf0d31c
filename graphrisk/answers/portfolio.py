"""Portfolio: what a year may cost, with and without contagion, and who carries the tail."""

from __future__ import annotations

from graphrisk.answers.base import Answer, Shown, show
from graphrisk.answers.industries import with_industry_names
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records


def answer(result: Result, reader: Reader) -> Answer:
    """Return EL, VaR and ES in sentences, and the largest contributors to the tail."""
    rows = {(row["measure"], row["level"]): row for row in records(result.summary)}
    sentences = []
    if expected := rows.get(("EL", None)):
        plain, spread = expected["without_contagion"], expected["with_contagion"]
        sentences.append(
            reader.pick(
                f"In a year the book is expected to lose {reader.money(spread)}{reader.of_book(spread)}, of which "
                f"contagion adds {reader.money(spread - plain)}.",
                f"一年内预期损失为 {reader.money(spread)}{reader.of_book(spread)}，其中传染增加 {reader.money(spread - plain)}。",
            )
        )
    for (measure, level), row in rows.items():
        if measure == "VaR" and level:
            years = round(1.0 / (1.0 - level))
            loss, plain = row["with_contagion"], row["without_contagion"]
            sentences.append(
                reader.pick(
                    f"In one year of {years:,} it loses {reader.money(loss)}{reader.of_book(loss)} or more; without "
                    f"contagion {reader.money(plain)}.",
                    f"每 {years:,} 年一遇的年度损失达到 {reader.money(loss)}{reader.of_book(loss)}；不含传染为 "
                    f"{reader.money(plain)}。",
                )
            )
    if len(result.contributions):
        top = result.contributions.iloc[0]
        sentences.append(
            reader.pick(
                f"The largest part of the worst years comes from {reader.party(top['party_id'])}: "
                f"{reader.percent(top['es_share'])} of them.",
                f"对最坏年度贡献最大的是{reader.party(top['party_id'])}：占 {reader.percent(top['es_share'])}。",
            )
        )
    return Answer(sentences=tuple(sentences), tables=_tables(result, reader))


def _tables(result: Result, reader: Reader) -> tuple[Shown, ...]:
    summary = show(
        result,
        reader,
        "portfolio_summary",
        title=reader.pick("Loss within a year", "一年内的损失"),
        first=("measure", "level", "without_contagion", "with_contagion"),
        then=("with_low", "with_high", "before_guarantors", "closed_form"),
    )
    comparison = show(
        result,
        reader,
        "portfolio_comparison",
        title=reader.pick("The stressed book beside the book without the scenario", "压力前后对比"),
        first=("losses", "measure", "level", "baseline", "stressed", "change"),
    )
    contributions = show(
        result,
        reader,
        "portfolio_contributions",
        title=reader.pick("Who carries the worst years", "尾部损失的主要来源"),
        first=("party_id", "ead", "es_contribution", "es_share"),
        then=("pd", "lgd", "expected_loss", "var_contribution"),
    )
    groups = result.groups.sort_values("es_contribution", ascending=False, kind="stable", na_position="last")
    grouped = show(
        result,
        reader,
        "portfolio_groups",
        title=reader.pick("Which groups carry them", "尾部损失的分组来源"),
        frame=with_industry_names(groups[groups["group"].notna()], reader.graph, reader.lang),
        first=("dimension", "group", "ead", "es_contribution", "es_share"),
        then=("obligors", "expected_loss"),
    )
    return (comparison, summary, contributions) if len(result.comparison) else (summary, contributions, grouped)
