"""The report as a workbook: all sections in words on the first sheet, then their tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from graphrisk.answers.sheets import write_shown
from graphrisk.answers.workbook import writing
from graphrisk.report.base import Section


def write_workbook(
    path: Path, title: str, lead: str, sections: Sequence[Section], as_of: dt.date, summary: str
) -> Path:
    """Write the workbook; return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path, as_of) as book:
        book.words(book.title(summary), _lines(title, lead, sections))
        for section in sections:
            for shown, reader in section.tables:
                if len(shown.frame):
                    write_shown(book, shown, reader)
    return path


def _lines(title: str, lead: str, sections: Sequence[Section]) -> Iterator[tuple[str, str]]:
    yield "heading", title
    yield "sentence", lead
    for section in sections:
        yield "subheading", section.title
        for line in section.sentences:
            yield "sentence", line
        for line in section.warnings:
            yield "warning", line
