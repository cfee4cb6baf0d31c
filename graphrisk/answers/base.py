"""What an answer is: sentences, warnings, the few tables that answer, and how the result was obtained, in words.

A module of this room named as an analyzer says how its results are answered, by one function
`answer(result, reader) -> Answer`; an analyzer without one is answered by what its tables declare.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphrisk.answers.notes import certificate_sentence, grouped
from graphrisk.answers.reader import Reader
from graphrisk.members import find_member, is_member, member_names
from graphrisk.model.result import Result
from graphrisk.model.table import Column

if TYPE_CHECKING:
    import pandas as pd

MOST_TABLES = 3
MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A table for people: rows in the order of what matters, columns in the order of their importance.

    `table` is the declared table that types the columns, `units` the unit of a column, or of a row where it names a
    column that holds units. `first` columns are never left out; those in `hidden` are not shown.
    """

    title: str
    table: str
    frame: pd.DataFrame
    first: tuple[str, ...] = ()
    then: tuple[str, ...] = ()
    unit_column: str = ""
    hidden: frozenset[str] = frozenset()

    def columns(self, reader: Reader) -> list[tuple[str, Column | None, int]]:
        """Return the columns in their order with declaration and importance (1 always, 2 if it fits, 3 last)."""
        declared = reader.tables.get(self.table)
        known = {column.name: column for table in reader.tables.values() for column in table.columns}
        known |= {column.name: column for column in declared.columns} if declared is not None else {}
        names = [str(name) for name in self.frame.columns]
        chosen = [*self.first, *self.then] or names
        rest = [name for name in names if name not in chosen] if not (self.first or self.then) else []
        out = []
        for name in (*chosen, *rest):
            if name not in names or name in self.hidden:
                continue
            column = known.get(name)
            importance = 1 if name in self.first else 2 if name in self.then else column.importance if column else 2
            out.append((name, column, importance))
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer in the reader's language; `rest` names the tables that are not shown."""

    sentences: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    details: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tables: tuple[Shown, ...] = ()
    rest: tuple[str, ...] = ()
    certificate: str = ""
    notes: tuple[str, ...] = ()


def answer_names() -> list[str]:
    """Return the analyzers that have an answer of their own (shipped, and of entry points `graphrisk.answers`)."""
    return member_names("graphrisk.answers", "answer", "graphrisk.answers")


def answer_of(result: Result, reader: Reader) -> Answer:
    """Return what a result says to `reader`: its own answer, with warnings, certificate, notes, and other tables."""
    if result.cut is not None:
        from graphrisk.answers.sliced import sliced_answer

        return sliced_answer(result, reader)
    room = "graphrisk.answers"
    if is_member(result.analyzer, room, "answer", room):
        own: Answer = find_member("answer", result.analyzer, room, "answer", room).answer(result, reader)
    else:
        own = by_declaration(result, reader)
    notes = grouped(result, reader)
    shown = tuple(table for table in own.tables if not table.frame.empty)[:MOST_TABLES]
    titles = {table.table for table in shown}
    rest = tuple(name for name, table in result.tables.items() if name not in titles and len(table))
    nothing = reader.pick(f"{result.analyzer} found nothing to tell.", f"{result.analyzer} 没有可报告的结果。")
    sentences = tuple(dict.fromkeys(own.sentences))[:MOST_SENTENCES] or (nothing,)
    return dataclasses.replace(
        own,
        sentences=sentences,
        warnings=(*own.warnings, *notes.warnings),
        tables=shown,
        rest=rest,
        certificate=certificate_sentence(result, reader),
        notes=notes.others,
    )


def by_declaration(result: Result, reader: Reader) -> Answer:
    """Return the answer of an analyzer that has none of its own: its headline, and its first tables."""
    sentences = [str(one) for one in result.certificate.get("headline", ())]
    if not sentences:
        filled = [(name, len(table)) for name, table in result.tables.items() if len(table)]
        listed = ", ".join(f"{reader.title(name)} {rows:,}" for name, rows in filled)
        sentences = [
            reader.pick(f"{result.analyzer} found {listed} rows.", f"{result.analyzer} 的结果：{listed} 行。")
            if filled
            else reader.pick(f"{result.analyzer} found nothing.", f"{result.analyzer} 无结果。")
        ]
    tables = [show(result, reader, name) for name in result.tables]
    return Answer(sentences=tuple(sentences), tables=tuple(tables))


def show(
    result: Result,
    reader: Reader,
    name: str,
    *,
    title: str = "",
    frame: Any = None,
    first: Sequence[str] = (),
    then: Sequence[str] = (),
    unit_column: str = "",
    hidden: Sequence[str] = (),
) -> Shown:
    """Return one of a result's tables to be shown, with the columns that come first.

    A column that has a twin in Chinese (`why`, `why_zh`) shows it to a Chinese reader.
    """
    shown = result.tables[name] if frame is None else frame
    if reader.zh:
        twins = [one for one in shown.columns if f"{one}_zh" in shown.columns]
        shown = shown.assign(**{one: shown[f"{one}_zh"] for one in twins})
    return Shown(
        title=title or reader.title(name),
        table=name,
        frame=shown,
        first=tuple(first),
        then=tuple(then),
        unit_column=unit_column,
        hidden=frozenset(hidden),
    )
