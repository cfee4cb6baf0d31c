"""Reads sheets of Excel workbooks, cell by cell, as text that says what the cell holds."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.delimited import WHITE, check_header
from graphrisk.loading.merged import Filled, Merges
from graphrisk.loading.outline import Outline, Range, letters, outline_of
from graphrisk.loading.raw import BadLine, RawFile
from graphrisk.loading.sheet_text import MARK, NO_VALUE, percent_of, text_of
from graphrisk.loading.spec import InputSpec, headers_in_percent

_LARGEST = 2 << 30  # bytes of a workbook once unpacked: beyond it is a trap or belongs into CSV
_SAVE = "save it again as .xlsx, or export CSV"


def sheets_of(data: bytes, path: str) -> list[str]:
    """Return the names of the sheets of a workbook; charts are none."""
    book = _open(data, path)
    try:
        return [page.title for page in book.worksheets]
    finally:
        book.close()


def read_sheet(data: bytes, path: str, spec: InputSpec, sheet: str) -> RawFile:
    """Return the rows of one sheet as text: days as YYYY-MM-DD, numbers without separators, true and false.

    A row with an error value, a formula that was never computed, an integer that Excel has rounded, a value beyond the
    header, or another value under merged cells is bad. A row that holds nothing but what ranges from other rows show is
    blank: a record that is two rows tall stays one.
    """
    place = f"{path}, sheet {sheet}"
    book = _open(data, path)
    try:
        page = book[sheet]
        with book._archive.open(page._worksheet_path) as stream:
            outline = outline_of(stream, place)
        return _read(_Sheet(page, outline, place, spec))
    except DataError:
        raise
    except Exception as error:  # see _open
        raise DataError(f"cannot be read ({type(error).__name__}: {error})", where=place, hint=_SAVE) from error
    finally:
        book.close()


class _Sheet:
    """A sheet as it is read: its rows from above with merged cells filled, and what was seen on the way."""

    def __init__(self, page: Any, outline: Outline, place: str, spec: InputSpec) -> None:
        self.place, self.spec = place, spec
        self.merges = Merges(outline.merged)
        self.percent: frozenset[int] = frozenset()
        self.padded: Counter[int] = Counter()
        self.numeric: set[int] = set()
        self._page, self._outline = page, outline

    def rows(self) -> Iterator[tuple[int, Filled]]:
        """Yield each row with its number; DataError at the end where cells of the file were not met."""
        from openpyxl.cell.read_only import EMPTY_CELL

        self._page.reset_dimensions()  # the size that a file states may be wrong: read all there is
        met, uncomputed = 0, self._outline.uncomputed
        for line, cells in enumerate(self._page.iter_rows(), 1):
            texts: list[str | None] = []
            for at, cell in enumerate(cells):
                if cell is EMPTY_CELL:
                    continue
                met += 1
                text = NO_VALUE if (line, at + 1) in uncomputed else self._text(at, cell)
                if text is not None:
                    texts += [None] * (at - len(texts))
                    texts.append(text)
            yield line, self.merges.fill(line, texts)
        if met < self._outline.cells:  # two readings of the file must agree: never lose a cell
            raise DataError(
                f"{met:,} cells were read where {self._outline.cells:,} stand", where=self.place, hint=_SAVE
            )

    def _text(self, at: int, cell: Any) -> str | None:
        value = cell.value
        if value is None:
            return None
        if at in self.percent and cell.data_type == "n" and (shown := percent_of(value, cell.number_format)):
            return shown
        text = text_of(value, cell.data_type)
        if isinstance(value, str):
            self.padded[at] += value != value.strip(WHITE)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self.numeric.add(at)
        return text


def _read(sheet: _Sheet) -> RawFile:
    rows = sheet.rows()
    header, bottom, tall = _header(sheet, rows)
    named = [at for at, name in enumerate(header) if name]
    names = [header[at] for at in named]
    check_header(names, sheet.place)
    sheet.merges.width = len(header)
    shown = headers_in_percent(sheet.spec)
    sheet.percent = frozenset(at for at in named if header[at].strip().casefold() in shown)
    sheet.padded.clear()
    sheet.numeric.clear()
    kept: list[list[str | None]] = []
    numbers: list[int] = []
    bad: list[BadLine] = []
    blank: list[int] = []
    merged: dict[Range, set[int]] = {}
    for line, row in rows:
        if not row.own:
            blank.append(line)
            continue
        if reach := next((one for one in tall if one.bottom >= line), None):
            raise DataError(
                f"merged cells of the header ({reach.name}) reach into row {line}, which has values of its own",
                where=sheet.place,
                hint=f"a header of several rows: say header_lines = {reach.bottom - bottom + sheet.spec.header_lines} "
                "in the loader's toml",
            )
        values = row.texts + [None] * (len(header) - len(row.texts))
        if reason := _flaw(row, values, header):
            text = "\t".join("" if value is None else value.removeprefix(MARK) for value in row.texts)
            bad.append(BadLine(line=line, reason=reason, text=text))
            continue
        _refuse_unnamed(row, values, header, sheet.place)
        for at, one in row.ranges.items():
            if at < len(header) and header[at]:
                merged.setdefault(one, set()).add(at)
        kept.append([values[at] for at in named])
        numbers.append(line)
    columns = list(zip(*kept, strict=True)) if kept else [()] * len(names)
    return RawFile(
        path=sheet.place,
        columns=pa.table([pa.array(column, pa.string()) for column in columns], names=names),
        lines=np.array(numbers, dtype=np.int64),
        unit="row",
        bad=tuple(bad),
        blank=np.array(blank, dtype=np.int64),
        notes=(*_padded(sheet, header), *_merged(sheet, header, merged)),
    )


def _header(sheet: _Sheet, rows: Iterator[tuple[int, Filled]]) -> tuple[list[str], int, list[Range]]:
    """Return the names of the columns, the last row of the header, and its ranges that reach below it.

    The parts of a name that stand in several rows are joined by a space. A range of several columns names its first
    column alone where nothing below it tells them apart.
    """
    spec = sheet.spec
    parts: list[list[tuple[str, Range | None]]] = []
    top = bottom = 0
    for line, row in rows:
        if line <= spec.skip_lines or (not top and not row.own):
            continue
        if row.clash:
            raise DataError(f"the header is unclear: {row.clash}", where=sheet.place, hint="empty the cell, or unmerge")
        top, bottom = top or line, line
        parts += [[] for _ in range(len(row.texts) - len(parts))]
        for at, text in enumerate(row.texts):
            one = row.ranges.get(at)
            above = one is not None and one.top < line and any(part[1] is one for part in parts[at])
            first = next((r for r in sheet.merges.begun if r.top == line and r.left == at + 1), None)
            if text and not above:
                parts[at].append((text.removeprefix(MARK), one or first))
        if line == top + spec.header_lines - 1:
            break
    if not top:
        raise DataError("is empty: it has not even a header", where=sheet.place, hint="the first row names the columns")
    header = []
    for at, found in enumerate(parts):
        told = any(one is None or one.left == at + 1 for _, one in found)
        header.append(" ".join(text for text, _ in found) if told else "")
    while header and not header[-1]:
        header.pop()
    return header, bottom, [one for one in sheet.merges.begun if top <= one.top and one.bottom > bottom]


def _flaw(row: Filled, values: Sequence[str | None], header: Sequence[str]) -> str:
    """Return why a row cannot be read as a record, "" where it can."""
    if row.clash:
        return row.clash
    width = len(header)
    for at, value in enumerate(values):
        if value and value.startswith(MARK):
            name = (header[at] if at < width else "") or f"column {letters(at + 1)}"
            return f"{name} holds {value.removeprefix(MARK)}"
        if value and at >= width and not _from_left(row, at):
            return f"has a value beyond the {width} columns of the header"
    return ""


def _from_left(row: Filled, at: int) -> bool:
    """Return whether a value is only the rest of a range that stands in a column before."""
    return at in row.ranges and row.ranges[at].left <= at


def _refuse_unnamed(row: Filled, values: Sequence[str | None], header: Sequence[str], place: str) -> None:
    for at, name in enumerate(header):
        if not name and values[at] and not _from_left(row, at):
            raise DataError(
                f"column {at + 1} ({letters(at + 1)}) has values and no name in the header",
                where=place,
                hint="name it, or empty it; a header of two rows is read with header_lines = 2",
            )


def _padded(sheet: _Sheet, header: Sequence[str]) -> list[str]:
    return [
        f"{sheet.place}: white space around {count:,} values of column {header[at]!r} was cut"
        for at, count in sorted(sheet.padded.items())
        if count and at < len(header) and header[at]
    ]


def _merged(sheet: _Sheet, header: Sequence[str], merged: dict[Range, set[int]]) -> list[str]:
    """Return in words which merged ranges were read as a value in each of their rows."""
    if not merged:
        return []
    columns = sorted({at for found in merged.values() for at in found})
    first = min(merged, key=lambda one: (one.top, one.left))
    said = (
        f"{sheet.place}: merged cells were read as their value in each of their rows and columns: {len(merged):,} in "
        f"{', '.join(header[at] for at in columns)}, the first {first.name}"
    )
    if any(one.bottom > one.top and (one.left - 1) in sheet.numeric for one in merged):
        said += "; a number that is meant once for all rows of its range counts in each of them: split it"
    return [said]


def _open(data: bytes, path: str) -> Any:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > _LARGEST:
            raise DataError(f"holds {size:,} bytes once unpacked", where=path, hint="export it as CSV")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not matter here
            return load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except DataError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise: zip, XML, key and value errors
        raise DataError(f"is no Excel workbook that can be read ({type(error).__name__}: {error})", where=path,
                        hint=_SAVE) from error  # fmt: skip
