"""A book and its results with coarse amounts, for a page that leaves the house.

Exact amounts tell who somebody is as surely as a name does: money has two digits, regions and products are left out.
Everything that a page shows is made from what this gives back.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.graph.tables import HeldTables
from graphrisk.model.catalog import CATALOG
from graphrisk.model.note import Note, as_notes
from graphrisk.model.result import Result
from graphrisk.views.wording.masking import HIDDEN

if TYPE_CHECKING:
    import pandas as pd

DROPPED = ("region", "product")
_DAY = r"\d{4}-\d{2}-\d{2}"
_NUMBER = re.compile(rf"{_DAY}|(?<![\w.\-])\d[\d,]*(?:\.\d+)?(?:(?=[万亿元])|(?![\w\-]))")
"""A Chinese amount is followed by its unit without a space: 3,812万元."""


def coarse(graph: RiskGraph, results: Mapping[str, Result]) -> tuple[RiskGraph, dict[str, Result]]:
    """Return the book and the results as a page of coarse amounts may know them."""
    words = _Words(graph)
    tables = HeldTables({name: _table(name, table) for name, table in graph.tables.items()})
    notes = tuple(words.note(note) for note in as_notes(graph.notes))
    changed = dataclasses.replace(graph, tables=tables, notes=notes, _cache={})
    return changed, {key: _result(one, words) for key, one in results.items()}


def two_digits(value: float) -> float:
    """Return a number with two significant digits; 0, NaN and infinity as they are."""
    if value == 0 or not math.isfinite(value):
        return value
    return float(f"{value:.1e}")


def _table(name: str, table: pa.Table) -> pa.Table:
    for column in CATALOG[name].columns:
        at = table.column_names.index(column.name)
        values = table[column.name]
        if column.kind == "money":
            rounded = [None if one is None else two_digits(one) for one in values.to_pylist()]
            table = table.set_column(at, table.schema.field(at), pa.array(rounded, pa.float64()))
        elif column.name in DROPPED and not column.required:
            table = table.set_column(at, table.schema.field(at), pa.nulls(table.num_rows, table.schema.field(at).type))
    return table


def _result(result: Result, words: _Words) -> Result:
    return dataclasses.replace(
        result,
        tables={name: _frame(table, result.units.get(name, {}), words) for name, table in result.tables.items()},
        certificate=words.said(result.certificate),
        notes=tuple(words.note(note) for note in as_notes(result.notes)),
        reader=None,
    )


def _frame(table: pd.DataFrame, units: Mapping[str, str], words: _Words) -> pd.DataFrame:
    """Round every number but fractions and whole counts; drop what names a place or a product."""
    table = table.copy()
    for name in table.columns:
        if str(name) in DROPPED:
            table[name] = None
        elif table[name].dtype.kind == "f" and units.get(str(name)) != "fraction":
            table[name] = table[name].map(two_digits, na_action="ignore")
        elif table[name].dtype.kind == "O":
            table[name] = table[name].map(words.cell)
    return table


class _Words:
    """The regions and products of a book, which no text may name."""

    def __init__(self, graph: RiskGraph) -> None:
        found: set[str] = set()
        for name, table in graph.tables.items():
            for column in DROPPED:
                if column in CATALOG[name].names:
                    found.update(str(one) for one in table[column].unique().to_pylist() if one)
        longest_first = sorted(found, key=len, reverse=True)
        self._found = found
        self._any = re.compile("|".join(map(re.escape, longest_first))) if found else None

    def cell(self, value: Any) -> Any:
        """Return a cell of a table: an id stays whatever it holds, a region or a product is hidden."""
        if isinstance(value, str):
            return HIDDEN if value in self._found else value
        return self.said(value)

    def said(self, value: Any) -> Any:
        """Return a value with its amounts, also those in sentences, in two digits."""
        if isinstance(value, float):
            return two_digits(value)
        if isinstance(value, str):
            return self._sentence(value)
        if isinstance(value, Mapping):
            return {key: self.said(item) for key, item in value.items()}
        return [self.cell(item) for item in value] if isinstance(value, list | tuple) else value

    def note(self, note: Note) -> Note:
        """Return a note with coarse amounts."""
        return Note(note.key, self._sentence(note.text), self._sentence(note.chinese), severity=note.severity)

    def _sentence(self, text: str) -> str:
        return rounded_sentence(self._any.sub(HIDDEN, text) if self._any else text)


def rounded_sentence(text: str) -> str:
    """Return a sentence with its numbers in two digits; days, and numbers that are part of a word, stay."""

    def rounded(found: re.Match[str]) -> str:
        word = found[0]
        if re.fullmatch(_DAY, word) or len(word.replace(",", "").replace(".", "").lstrip("0")) < 3:
            return word
        return f"{two_digits(float(word.replace(',', ''))):,.10g}"

    return _NUMBER.sub(rounded, text)
