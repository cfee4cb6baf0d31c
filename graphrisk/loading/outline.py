"""What a sheet's XML says of itself before its cells are read: their order and limits, merged ranges, open formulas.

A reader that takes rows as they come skips those that are out of order and fills up to those that are far away. Here
the text of the sheet is gone through once, cell by cell, and refused where no spreadsheet could show it as it stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, Any
from xml.parsers import expat

from graphrisk.errors import DataError

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""The largest sheet of Excel: columns A to XFD (Microsoft, "Excel specifications and limits")."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,10})", re.IGNORECASE | re.ASCII)
_SAVE = "open it in Excel and save it again, or export CSV"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A merged range, by its first and last row and column, all counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """The range as Excel writes it, such as D2:D4."""
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """How many `cells` a sheet holds, its `merged` ranges, and the (row, column) of formulas without a stored value."""

    cells: int
    merged: tuple[Range, ...]
    uncomputed: frozenset[tuple[int, int]]


def outline_of(stream: IO[bytes], place: str) -> Outline:
    """Return the outline of a sheet's XML.

    Raises DataError, as soon as it is met, for a row or column beyond Excel's, rows or cells that are repeated or out
    of order, a cell that names another row, and ranges that lie over one another.
    """
    walk = _Walk(place)
    parser = expat.ParserCreate(namespace_separator=" ")
    walk.parser = parser
    parser.StartElementHandler = walk.start
    try:
        parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise DataError(f"cannot be read ({error})", where=place, hint=_SAVE) from error
    return Outline(
        cells=walk.cells, merged=_apart(walk.merged, place), uncomputed=frozenset(walk.uncomputed)
    )  # fmt: skip


def letters(column: int) -> str:
    """Return the letters of a column counted from 1: 28 is AB."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


class _Walk:
    """The state of one pass over a sheet's XML."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.parser: Any = None
        self.row = self.column = self.cells = 0
        self.merged: list[Range] = []
        self.uncomputed: list[tuple[int, int]] = []
        self._columns: dict[str, int] = {}
        self._type = ""
        self._stored = self._text = False
        self._root = True

    def start(self, name: str, given: dict[str, str]) -> None:
        space, _, kind = name.rpartition(" ")
        if self._root:
            self._root = False
            if space != _MAIN:
                raise self.refused(f"is written as {space or 'no'} format: not the usual one of Excel")
        if kind == "c":
            self._cell(given)
        elif kind == "row":
            self._row(given.get("r"))
        elif kind == "f" and self.cells:
            self._formula()
        elif kind == "mergeCell":
            self.merged.append(self._range(given.get("ref", "")))

    def refused(self, what: str) -> DataError:
        return DataError(what, where=self.place, hint=_SAVE)

    def _row(self, said: str | None) -> None:
        if said is None:
            number = self.row + 1
        else:
            try:
                number = int(said)
            except ValueError:
                raise self.refused(f"has a row numbered {said[:40]!r}") from None
        if not 1 <= number <= LAST_ROW:
            raise self.refused(f"has a row {number:,}: Excel has rows 1 to {LAST_ROW:,}")
        if number == self.row:
            raise self.refused(f"has row {number:,} twice: one of the two would be lost")
        if number < self.row:
            raise self.refused(f"has row {number:,} after row {self.row:,}: the rows are out of order")
        self.row, self.column = number, 0

    def _cell(self, given: dict[str, str]) -> None:
        said = given.get("r")
        if said is None:
            column = self.column + 1
        else:
            column, row = self._place_of(said)
            if row != self.row:
                raise self.refused(f"has the cell {said} in row {self.row:,}")
        if column > LAST_COLUMN:
            raise self.refused(f"has a cell in column {column:,}: Excel has {LAST_COLUMN:,} columns, A to XFD")
        if column <= self.column:
            at = f"{letters(column)}{self.row}"
            how = "twice" if column == self.column else f"after {letters(self.column)}{self.row}"
            raise self.refused(f"has the cell {at} {how}: the cells of a row are out of order")
        self.column = column
        self.cells += 1
        self._type = given.get("t", "")

    def _place_of(self, said: str) -> tuple[int, int]:
        match = _CELL.fullmatch(said)
        if not match:
            raise self.refused(f"has a cell called {said[:40]!r}")
        name = match[1]
        if name not in self._columns:
            number = 0
            for letter in name.upper():
                number = number * 26 + ord(letter) - 64
            self._columns[name] = number
        return self._columns[name], int(match[2])

    def _range(self, said: str) -> Range:
        first, _, last = said.replace("$", "").partition(":")
        left, top = self._place_of(first)
        right, bottom = self._place_of(last or first)
        if not (1 <= top <= bottom <= LAST_ROW and left <= right <= LAST_COLUMN):
            raise self.refused(f"has merged cells {said[:40]!r}, which no sheet can have")
        return Range(top=top, left=left, bottom=bottom, right=right)

    def _formula(self) -> None:
        """Look for the stored value of the cell's formula, up to the cell's end."""
        self._stored = self._text = False
        self.parser.StartElementHandler = self._inside
        self.parser.CharacterDataHandler = None
        self.parser.EndElementHandler = self._end

    def _inside(self, name: str, _given: dict[str, str]) -> None:
        if name.endswith((" v", " t")):
            self._stored = True
            self.parser.CharacterDataHandler = self._told

    def _told(self, text: str) -> None:
        self._text = self._text or bool(text)

    def _end(self, name: str) -> None:
        if name.endswith((" v", " t")):
            self.parser.CharacterDataHandler = None
        elif name.endswith(" c"):
            self.parser.EndElementHandler = None
            self.parser.StartElementHandler = self.start
            if not self._text and not (self._type == "str" and self._stored):  # a formula may give the empty text
                self.uncomputed.append((self.row, self.column))


def _apart(ranges: list[Range], place: str) -> tuple[Range, ...]:
    """Return the ranges in the order of their rows; DataError where two lie over one another."""
    found = sorted(set(ranges), key=lambda one: (one.top, one.left))
    open_: list[Range] = []
    for one in found:
        open_ = [other for other in open_ if other.bottom >= one.top]
        for other in open_:
            if other.left <= one.right and one.left <= other.right:
                raise DataError(f"has merged cells {other.name} and {one.name} over one another",
                                where=place, hint=_SAVE)  # fmt: skip
        open_.append(one)
    return tuple(one for one in found if (one.top, one.left) != (one.bottom, one.right))
