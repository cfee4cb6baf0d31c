"""Ratios: who stands worst among peers, which statements do not add up, the book in medians."""

from __future__ import annotations

from graphrisk.answers.base import Answer, show
from graphrisk.answers.column_words import value_word
from graphrisk.answers.reader import Reader
from graphrisk.model.result import Result, records

SEVERAL = 5
"""Weak ratios from which a party is named."""


def answer(result: Result, reader: Reader) -> Answer:
    """Return who is weak in many ratios, then what does not add up, then the ratios of the book."""
    parties, findings, ratios = result.parties, result.findings, result.definitions
    if parties.empty:
        nothing = reader.pick("Nobody in this book has accounts.", "本数据中没有财务报表。")
        return Answer(sentences=(nothing,), tables=(show(result, reader, "ratios_definitions"),))
    sentences = [
        reader.pick(
            f"{reader.count(len(parties), 'party has', 'parties have')} accounts, "
            f"{reader.count(result.certificate['statements'], 'statement')} in all.",
            f"{len(parties):,} 户有财务报表，共 {result.certificate['statements']:,} 份。",
        )
    ]
    weak = parties[parties["weak"] >= SEVERAL]
    if len(weak):
        worst = weak.iloc[0]
        sentences.append(
            reader.pick(
                f"{reader.count(len(weak), 'of them stands', 'of them stand')} in the worst tenth of the peers in "
                f"{SEVERAL} ratios or more, first of all {reader.party(worst['party_id'])} in {worst['weak']} of "
                f"{worst['compared']}.",
                f"其中 {len(weak):,} 户有 {SEVERAL} 项及以上比率处于同业最差的十分之一，首先是"
                f"{reader.party(worst['party_id'])}：{worst['compared']} 项中有 {worst['weak']} 项。",
            )
        )
    middle = {row["ratio"]: row["median"] for row in records(ratios) if row["median"] is not None}
    told = [name for name in ("current", "debt_to_assets", "interest_cover", "roe") if name in middle]
    if told:
        each = [f"{value_word(name, reader.lang)} {_said(name, middle[name], reader)}" for name in told]
        sentences.append(reader.pick(f"The middle client: {', '.join(each)}.", f"客户中位数：{'，'.join(each)}。"))
    if len(findings):
        first = findings.iloc[0]
        sentences.append(
            reader.pick(
                f"{reader.count(len(findings), 'identity does', 'identities do')} not hold; the largest gap is "
                f"{reader.money(abs(first['difference']))} at {reader.party(first['party_id'])} "
                f"({value_word(first['identity'], reader.lang)}).",
                f"{len(findings):,} 项勾稽关系不成立，最大差额 {reader.money(abs(first['difference']))}，"
                f"{reader.party(first['party_id'])}（{value_word(first['identity'], reader.lang)}）。",
            )
        )
    tables = (
        show(
            result,
            reader,
            "ratios_parties",
            title=reader.pick("Who stands worst among peers", "同业比较最弱的客户"),
            first=("party_id", "weak", "mean_percentile", "weakest"),
            then=("compared", "weakest_percentile", "period_end_on", "known"),
        ),
        show(
            result,
            reader,
            "ratios_findings",
            first=("party_id", "identity", "stated", "implied", "difference"),
            then=("period_end_on",),
        ),
        show(
            result,
            reader,
            "ratios_definitions",
            title=reader.pick("The ratios and the middle client", "比率与客户中位数"),
            first=("ratio", "median", "values"),
            then=("definition", "better", "codes"),
        ),
    )
    return Answer(sentences=tuple(sentences), tables=tables)


def _said(name: str, value: float, reader: Reader) -> str:
    return reader.percent(value) if name in ("debt_to_assets", "roe") else f"{value:.2f}"
