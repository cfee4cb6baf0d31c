"""What a sliced result says: the slice beside the book, what is said of the whole book, tables by segment and of the slice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from graphrisk.answers.base import MOST_SENTENCES, MOST_TABLES, Answer, Shown, answer_of
from graphrisk.answers.column_words import BY_SEGMENT, column_word, value_word
from graphrisk.answers.notes import grouped
from graphrisk.answers.reader import Reader
from graphrisk.credit.slices import SUFFIXES
from graphrisk.model.result import Result

MOST_MEASURES = 5
"""Sums, means and medians that people are shown; the data has all."""


def sliced_answer(result: Result, reader: Reader) -> Answer:
    """Return the whole book's answer, its tables cut to the slice, and before them the sums by segment."""
    cut, said = result.cut, result.certificate["slice"]
    reader = dataclasses.replace(reader, tables={**reader.tables, **result.reader.tables})
    whole = answer_of(cut.whole, reader)
    mine, book = [], []
    for shown in whole.tables:
        declared = reader.tables.get(shown.table)
        frame = None if declared is None else cut.rows(declared, shown.frame)
        if frame is None:
            book.append(dataclasses.replace(shown, title=f"{shown.title}{reader.pick(' (whole book)', '（全行）')}"))
        else:
            label = cut.slice.label if cut.slice.chosen else ""
            title = f"{shown.title}{reader.pick(f' ({label})', f'（{label}）') if label else ''}"
            mine.append(dataclasses.replace(shown, title=title, frame=frame))
    named = [shown.table for shown in mine]
    sums = [
        _sums(result, f"{name}{BY_SEGMENT}", reader) for name in (*named, *(n for n in cut.tables if n not in named))
    ]
    told = [one for one in sums if not one.frame.empty]
    tables = [*told, *mine, *book] if said["by"] else [*told[:1], *mine, *book]
    tables = [shown for shown in tables if not shown.frame.empty][:MOST_TABLES]
    titles = {shown.table for shown in tables}
    sentences = (slice_sentence(said, reader), *whole.sentences)
    if not cut.tables:
        none = reader.pick(
            f"{result.analyzer} names no party: all of it is of the whole book.",
            f"{result.analyzer} 不涉及单个主体，全部为全行数据。",
        )
        sentences = (none, *sentences)
    notes = grouped(result, reader)
    return dataclasses.replace(
        whole,
        sentences=sentences[: MOST_SENTENCES + 1],
        tables=tuple(tables),
        rest=tuple(name for name, table in result.tables.items() if name not in titles and len(table)),
        notes=tuple(note for note in notes.others if note not in result.certificate.get("headline", ())),
    )


def slice_sentence(said: Mapping[str, Any], reader: Reader) -> str:
    """Return what is looked at, how much of the book it is, and of what the other sentences speak."""
    chosen = reader.pick(", ", "，").join(
        f"{column_word(name, reader.lang)} = {reader.pick(' or ', ' 或 ').join(values)}"
        for name, values in said["segment"].items()
    )
    by = column_word(said["by"], reader.lang) if said["by"] else ""
    share = said["exposure_share"]
    part = (
        ""
        if share is None
        else reader.pick(f" ({reader.percent(share)} of the loans)", f"（占贷款 {reader.percent(share)}）")
    )
    held = reader.pick(
        f"{reader.count(said['parties'], 'party', 'parties')}, {said['clients']:,} of them clients, "
        f"owing {reader.money(said['exposure'])}{part}",
        f"{said['parties']:,} 个主体，其中客户 {said['clients']:,} 户，贷款 {reader.money(said['exposure'])}{part}",
    )
    if not chosen:
        return reader.pick(
            f"By {by}: {held}. What follows is said of the whole book; every number was computed on it.",
            f"按{by}细分：{held}。以下结论针对全行，所有数字均按全行计算。",
        )
    over = reader.pick(f", by {by}", f"，按{by}") if by else ""
    return reader.pick(
        f"Where {chosen}{over}: {held}. What follows is said of the whole book; the tables are cut to the slice.",
        f"细分 {chosen}{over}：{held}。以下结论针对全行，表格仅列该细分。",
    )


def _sums(result: Result, name: str, reader: Reader) -> Shown:
    """Return a table of sums by segment as it is shown: the rest and all in words, the role only where there are two."""
    declared, frame = reader.tables[name], result.tables[name]
    by = result.certificate["slice"]["by"]

    def word(value: str | None, scope: str) -> str:
        if scope != "segment":
            return reader.pick("(rest)", "（其余）") if scope == "rest" else reader.pick("(all)", "（全部）")
        return reader.party(value) if by == "community" else value_word(str(value), reader.lang)

    words = [word(value, scope) for value, scope in zip(frame["segment"], frame["scope"], strict=True)]
    frame = frame.assign(segment=words)
    one = frame["role"].nunique() < 2
    first = ["segment", *(n for n in declared.key if n not in ("role", "scope", "segment")), "parties", "exposure"]
    measures = [column.name for column in declared.columns if column.name.rpartition("_")[2] in SUFFIXES.values()]
    first = first if one else ["role", *first]
    title = reader.title(name.removesuffix(BY_SEGMENT))
    named = column_word(by, reader.lang) if by else reader.pick("segment", "细分")
    title = reader.pick(f"{title} by {named}", f"{title}（按{named}）")
    return Shown(
        title=title[:1].upper() + title[1:],
        table=name,
        frame=frame,
        first=tuple(first),
        then=("rows", *measures[:MOST_MEASURES]),
    )
