"""Excel for people: findings in words first, then a sheet a table with names beside ids, words as headings, formats.

Without tables it holds what the analyzers answer; with tables, these. The tables as data are `--to xlsx --raw`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphrisk.answers.base import answer_of
from graphrisk.answers.reader import Reader
from graphrisk.answers.sheets import headings_of, lines_of, rows_of, write_shown
from graphrisk.answers.workbook import Workbook, writing
from graphrisk.export.cells import single_file
from graphrisk.export.xlsx_raw import check_limits
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result

OF_TABLES = True
FOR_PEOPLE = True
"""Is given who reads, and the results that the tables come from."""


def write(
    tables: Mapping[str, pa.Table],
    graph: RiskGraph,
    path: Path,
    *,
    reader: Reader | None = None,
    results: Sequence[Result] = (),
) -> list[Path]:
    """Write one workbook; return it. Raises DataError where a table or a text is longer than Excel allows."""
    reader = reader or Reader(graph=graph)
    for name, table in tables.items():
        check_limits(name, table)
    answers = [(result, answer_of(result, reader)) for result in results]
    with writing(single_file(path), graph.as_of) as book:
        first = book.title(reader.pick("Summary", "摘要"))
        book.words(first, _summary(graph, reader, answers, tables))
        if tables:
            for name, table in tables.items():
                _table(book, name, table, reader)
        else:
            for _, answer in answers:
                for shown in answer.tables:
                    write_shown(book, shown, reader)
    return [path]


def _summary(
    graph: RiskGraph, reader: Reader, answers: Sequence[tuple[Result, Any]], tables: Mapping[str, pa.Table]
) -> Iterator[tuple[str, str]]:
    yield "heading", reader.pick(f"The book as of {graph.as_of}", f"授信组合，数据日 {graph.as_of}")
    money = graph.base_currency or reader.pick("none", "无")
    yield (
        "sentence",
        reader.pick(
            f"Snapshot {graph.snapshot or '-'}, amounts in {money}, data {graph.fingerprint[:12]}.",
            f"快照 {graph.snapshot or '-'}，金额单位 {money}，数据 {graph.fingerprint[:12]}。",
        ),
    )
    told: set[str] = set()
    for result, answer in answers:
        answer = dataclasses.replace(answer, warnings=tuple(w for w in answer.warnings if w not in told))
        told.update(answer.warnings)
        yield from lines_of(reader.pick(result.analyzer, _TITLES.get(result.analyzer, result.analyzer)), answer, reader)
    if tables:
        yield "subheading", reader.pick("Sheets", "工作表")
        for name, table in tables.items():
            declared = reader.tables.get(name)
            meaning = f": {declared.meaning}" if declared is not None and not reader.zh else ""
            rows = reader.pick(f"{table.num_rows:,} rows", f"{table.num_rows:,} 行")
            yield "sentence", f"{reader.title(name)} ({rows}){meaning}"


_TITLES = {
    "quality": "数据质量",
    "chains": "担保",
    "concentration": "集中度",
    "contagion": "传染",
    "portfolio": "组合损失",
    "centrality": "网络中心性",
    "collateral": "押品",
}


def _table(book: Workbook, name: str, table: pa.Table, reader: Reader) -> None:
    declared = reader.tables.get(name)
    known = {column.name: column for column in declared.columns} if declared is not None else {}
    columns = [(column, known.get(column)) for column in table.column_names]
    sample = table.slice(0, 200).to_pylist()
    headings = headings_of(name, columns, reader, sample, own_currency="currency" in table.column_names)
    rows = (
        row for batch in table.to_batches(max_chunksize=20_000) for row in rows_of(batch.to_pylist(), columns, reader)
    )
    book.sheet(reader.title(name), headings, rows, count=table.num_rows)
