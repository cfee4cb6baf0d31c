"""A result by segment: its tables cut to the parties asked for, sums by segment beside them, and what that means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from graphrisk.model.note import Note

if TYPE_CHECKING:
    import pandas as pd

    from graphrisk.answers.reader import Reader
    from graphrisk.credit.segment import Slice
    from graphrisk.model.result import Result
    from graphrisk.model.table import Table

CAUSED = Note(
    "slice_caused",
    "contagion_importance tells the losses that failures of a segment's parties cause, wherever they fall; "
    "contagion_parties and contagion_facilities those that fall on the segment and its loans, whoever causes them",
    "contagion_importance 为该细分客户违约所引致的损失（不论由谁承担）；contagion_parties 与 contagion_facilities "
    "为落在该细分客户及其贷款上的损失（不论由谁引致）",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """How a result was cut: the result of the whole book, by which slice, and which of its tables name parties."""

    whole: Result
    slice: Slice
    tables: tuple[str, ...]

    def rows(self, declared: Table, frame: pd.DataFrame) -> pd.DataFrame | None:
        """Return those rows of a table that lie in the slice; None where it is about the book."""
        from graphrisk.credit.slices import rows_inside

        hit = rows_inside(declared, frame, self.slice)
        return None if hit is None else frame[hit].reset_index(drop=True) if self.slice.chosen else frame


def sliced(result: Result, by: str | None, segment: Sequence[str] | str, answer: Callable[[str], Result]) -> Result:
    """Return the result by segment: `by` a name ("industry"), `segment` values ("size=micro"); as it is without both.

    `answer` gives the result of analyzer `segments`, where a name is one of its columns. Raises UsageError for an
    unknown name or value.
    """
    chosen = [segment] if isinstance(segment, str) else list(segment)
    if not by and not chosen:
        return result
    from graphrisk.credit.segment import slice_of

    cut = slice_of(result.reader.graph, by, chosen, lambda: answer("segments").members)
    return cut_to(result, cut, result.reader)


def cut_to(result: Result, cut: Slice, reader: Reader) -> Result:
    """Return the result with its tables cut to the slice, a table `<name>_by_segment` beside each that names parties.

    Numbers stay those of the whole book: only rows are chosen and summed. Tables about the book stay as they are.
    """
    from graphrisk.credit.slices import by_segment, roles_of
    from graphrisk.model.frames import typed_frame

    declared: dict[str, Table] = dict(reader.tables)
    added: dict[str, pd.DataFrame] = {}
    roles: dict[str, list[str]] = {}
    for name, frame in result.tables.items():
        made = by_segment(declared[name], frame, cut) if name in declared else None
        if made is not None:
            roles[name] = [column.name for column in roles_of(declared[name])]
            declared[made[0].name] = made[0]
            added[made[0].name] = typed_frame(made[1], made[0])
    whole = Cut(whole=result, slice=cut, tables=tuple(roles))
    kept = dict(result.tables)
    for name in roles:
        rows = whole.rows(declared[name], kept[name])
        kept[name] = kept[name] if rows is None else rows
    book = [name for name in result.tables if name not in roles]
    said = {
        "by": cut.by or None,
        "segment": {name: list(values) for name, values in cut.chosen.items()},
        **cut.counts(),
        "tables": roles,
        "of_the_book": book,
    }
    currency = cut.graph.base_currency
    return dataclasses.replace(
        result,
        tables={**kept, **added},
        certificate={**result.certificate, "slice": said},
        notes=(*result.notes, *_notes(roles, book)),
        reader=dataclasses.replace(reader, tables=declared),
        units={**result.units, **{name: declared[name].units(currency) for name in added}},
        cut=whole,
    )


def _notes(roles: Mapping[str, Sequence[str]], book: Sequence[str]) -> list[Note]:
    notes = []
    if roles:
        told = "; ".join(f"{name} by {' or '.join(columns)}" for name, columns in roles.items())
        notes.append(
            Note(
                "slice_roles",
                f"a row belongs to the segment of a party that it names: {told}",
                f"各行按其所列主体归入细分：{told.replace(' by ', ' 按 ').replace(' or ', ' 或 ')}",
            )
        )
    if book:
        listed = ", ".join(book)
        notes.append(
            Note(
                "slice_of_the_book",
                f"of the whole book, since they name no party: {listed}",
                f"为全行数据（不涉及单个主体）：{listed}",
            )
        )
    if "contagion_importance" in roles:
        notes.append(CAUSED)
    return notes
