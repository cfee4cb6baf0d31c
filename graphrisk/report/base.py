"""What a section of the report is: a module of this room with an `ORDER`, found by its file name.

A capability adds its section by adding one file here (or by an entry point `graphrisk.reports`): `ORDER` says where it stands,
`NEEDS` which analyzers it reads, `section` makes it, or returns None where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphrisk.answers.base import Answer, Shown
from graphrisk.answers.reader import Reader
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.members import find_member, member_names
from graphrisk.model.result import Result
from graphrisk.model.table import Table

_ROOM = ("graphrisk.report", "ORDER", "graphrisk.reports")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section: sentences and warnings, charts as SVG, tables with who reads them."""

    title: str
    sentences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    tables: tuple[tuple[Shown, Reader], ...] = ()
    most_rows: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDesk:
    """What the sections are made from: the book, results by analyzer, runs of one failure and of scenarios by name.

    `declared` are the tables of all these results; `missing` says why an analyzer or a scenario could not be run.
    """

    graph: RiskGraph
    lang: str
    results: Mapping[str, Result]
    declared: Mapping[str, Table]
    failures: Mapping[str, Result] = field(default_factory=dict)
    stress: Mapping[str, Result] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)

    @property
    def reader(self) -> Reader:
        """Who reads the report."""
        return Reader(lang=self.lang, graph=self.graph, tables=self.declared)

    def pick(self, english: str, chinese: str) -> str:
        """Return the text in the language of the report."""
        return chinese if self.lang == "zh" else english


def section_names() -> list[str]:
    """Return the names of all sections, in the order in which they stand."""
    return sorted(member_names(*_ROOM), key=lambda name: (int(find_section(name).ORDER), name))


def find_section(name: str) -> Any:
    """Return the section called `name`; UsageError naming the nearest if there is none."""
    return find_member("section of the report", name, *_ROOM)


def needs() -> list[str]:
    """Return the analyzers that the sections read."""
    return sorted({needed for name in section_names() for needed in getattr(find_section(name), "NEEDS", ())})


def sections_of(desk: ReportDesk) -> list[Section]:
    """Return the sections that have something to say, in order."""
    made = [one for name in section_names() if (one := find_section(name).section(desk)) is not None]
    told: set[str] = set()
    out = []
    for one in made:  # what several results warn of is said once
        out.append(replace(one, warnings=tuple(line for line in one.warnings if line not in told)))
        told.update(one.warnings)
    return out


def of_answer(title: str, answer: Answer, reader: Reader, *, most_rows: int = 10, tables: int = 3) -> Section:
    """Return an answer as a section, with the first of its tables."""
    return Section(
        title=title,
        sentences=answer.sentences,
        warnings=answer.warnings,
        tables=tuple((shown, reader) for shown in answer.tables[:tables]),
        most_rows=most_rows,
    )


def retitled(shown: Shown, title: str) -> Shown:
    """Return a table under another title."""
    return replace(shown, title=title)
