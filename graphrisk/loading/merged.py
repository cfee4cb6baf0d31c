"""Merged cells: each row of a merged range has the value that stands in its first cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphrisk.loading.outline import LAST_COLUMN, Range, letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A row with what merged ranges say: `texts` of all columns, `own` whether any cell of the row itself has a value.

    `ranges[column]`: the range from which the value of a column comes, where the cell itself is not the first of it.
    `clash`: a cell under a range that holds another value than the range shows, "" where there is none.
    """

    texts: list[str | None]
    own: bool
    ranges: dict[int, Range] = field(default_factory=dict)
    clash: str = ""


class Merges:
    """The ranges of a sheet, asked row by row from above; columns are counted from 0, rows from 1.

    `width`: how many columns are of interest, once that is known; `begun`: the ranges met so far.
    """

    def __init__(self, ranges: Sequence[Range]) -> None:
        self.width = LAST_COLUMN
        self._coming = sorted(ranges, key=lambda one: (one.top, one.left), reverse=True)
        self.begun: list[Range] = []
        self._open: list[tuple[Range, str | None]] = []

    def fill(self, line: int, texts: list[str | None]) -> Filled:
        """Return row `line` with the values of its ranges; every row is asked for, in ascending order."""
        if not self._open and not (self._coming and self._coming[-1].top <= line):
            return Filled(texts=texts, own=any(texts))
        self._open = [(one, value) for one, value in self._open if one.bottom >= line]
        while self._coming and self._coming[-1].top <= line:
            one = self._coming.pop()
            self.begun.append(one)
            self._open.append((one, texts[one.left - 1] if one.left <= len(texts) else None))
        own = list(texts)
        ranges: dict[int, Range] = {}
        clash = ""
        for one, value in self._open:
            for at in range(one.left - 1, min(one.right, max(self.width, one.left))):
                if one.top == line and at == one.left - 1:
                    continue
                held = texts[at] if at < len(texts) else None
                if held is not None:
                    own[at] = None
                    if held != value:
                        clash = f"{letters(at + 1)}{line} lies under the merged cells {one.name} with another value"
                if value is not None:
                    texts += [None] * (at + 1 - len(texts))
                    texts[at] = value
                    ranges[at] = one
        return Filled(texts=texts, own=any(own) or bool(clash), ranges=ranges, clash=clash)
