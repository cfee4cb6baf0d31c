"""The first rows of a file of any kind, with what one must say for it to be read: encoding, delimiter, lines above."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from graphrisk.errors import UsageError
from graphrisk.loading.workbook import sheets_of

ROWS = 400
"""Rows of a file that are looked at."""
_BYTES = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The header and first rows of a file or sheet, as texts ("" is an empty cell); `above` stands over the header."""

    path: Path
    sheet: str
    encoding: str
    delimiter: str
    skip_lines: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    above: str = ""

    def column(self, at: int) -> list[str]:
        """Return the values of a column that are not empty."""
        return [row[at].strip() for row in self.rows if at < len(row) and row[at].strip()]


def samples_of(path: Path) -> list[Sample]:
    """Return the samples of a file: one, or one a sheet. UsageError for a kind of file that no loader reads."""
    kind = path.suffix.lower()
    if kind in (".csv", ".txt", ".tsv", ".dat"):
        return [_of_text(path)]
    if kind == ".parquet":
        return [_of_parquet(path)]
    if kind in (".xlsx", ".xlsm"):
        return _of_workbook(path)
    raise UsageError(
        f"{path.suffix or 'a file without ending'} is not read", where=str(path), hint="CSV, Parquet or Excel"
    )


def _of_text(path: Path) -> Sample:
    with path.open("rb") as file:
        head = file.read(_BYTES)
    whole = len(head) < _BYTES
    text, encoding = _decoded(head if whole else head[: head.rfind(b"\n") + 1], path)
    lines = text.splitlines()[: ROWS + 20]
    delimiter = max(_DELIMITERS, key=lambda sign: _steady(lines, sign))
    rows = [tuple(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)]
    return _sample(path, "", "" if encoding == "utf-8" else encoding, delimiter, rows)


def _decoded(data: bytes, path: Path) -> tuple[str, str]:
    for encoding in _ENCODINGS:
        try:
            return data.decode("utf-8-sig" if encoding == "utf-8" else encoding), encoding
        except UnicodeDecodeError:
            continue
    raise UsageError("is neither UTF-8 nor GB 18030", where=str(path), hint="save it as CSV in UTF-8")


def _steady(lines: Sequence[str], sign: str) -> int:
    """Return in how many lines the delimiter parts as many columns as in most, 0 where it parts none."""
    counts = Counter(len(row) for row in csv.reader(lines[:60], delimiter=sign) if row)
    best = max(((count, width) for width, count in counts.items() if width > 1), default=(0, 0))
    return best[0] * 100 + best[1]


def _of_parquet(path: Path) -> Sample:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    batch = next(file.iter_batches(batch_size=ROWS), None)
    names = tuple(file.schema_arrow.names)
    rows: tuple[tuple[str, ...], ...] = ()
    if batch is not None:
        columns = [["" if value is None else str(value) for value in column.to_pylist()] for column in batch.columns]
        rows = tuple(zip(*columns, strict=True))
    return Sample(path=path, sheet="", encoding="", delimiter=",", skip_lines=0, header=names, rows=rows)


def _of_workbook(path: Path) -> list[Sample]:
    from openpyxl import load_workbook

    sheets_of(path.read_bytes(), str(path))  # refuses what is no workbook, in words
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        found = []
        for sheet in book.worksheets:
            rows = [
                tuple("" if value is None else _text(value) for value in row)
                for row in sheet.iter_rows(max_row=ROWS, values_only=True)
            ]
            if any(any(row) for row in rows):
                found.append(_sample(path, sheet.title, "", ",", rows))
        return found
    finally:
        book.close()


def _text(value: object) -> str:
    if hasattr(value, "date"):
        return str(value.date())
    if isinstance(value, float) and value == round(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _sample(path: Path, sheet: str, encoding: str, delimiter: str, rows: Sequence[tuple[str, ...]]) -> Sample:
    """Return the sample of rows whose first ones may be a title: the header is the first as wide as most rows."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    usual = Counter(count for count in filled[:60] if count > 1).most_common(1)
    width = max((count for count in filled[:60]), default=0)
    least = min(usual[0][0], width) if usual else 1
    start = next((at for at, count in enumerate(filled) if count >= max(2, 0.8 * least)), 0)
    header = tuple(cell.strip() for cell in rows[start]) if rows else ()
    return Sample(
        path=path,
        sheet=sheet,
        encoding=encoding,
        delimiter=delimiter,
        skip_lines=start,
        header=header,
        rows=tuple(rows[start + 1 :]),
        above=" ".join(cell for row in rows[:start] for cell in row if cell.strip()),
    )
