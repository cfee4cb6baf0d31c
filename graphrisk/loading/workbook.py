"""Reads sheets of Excel workbooks, cell by cell, as text that says what the cell holds."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

import numpy as np
import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.delimited import WHITE, check_header
from graphrisk.loading.raw import BadLine, RawFile
from graphrisk.loading.spec import InputSpec

_LARGEST = 2 << 30  # bytes of a workbook once unpacked: beyond it is a trap or belongs into CSV
_EXACT = 10**15  # Excel keeps 15 digits of a number: longer ids typed as numbers have lost their end
_MARK = "\ue000"  # private use: never in a cell's own text after cleaning
_ROUNDED = f"{_MARK}a number of more than 15 digits, which Excel has rounded: format the column as text"
_NO_VALUE = f"{_MARK}a formula without a stored value: open and save the file in Excel"
_ERROR = f"{_MARK}an error value of Excel: correct the formula"


def sheets_of(data: bytes, path: str) -> list[str]:
    """Return the names of the sheets of a workbook."""
    return list(_open(data, path).sheetnames)


def read_sheet(data: bytes, path: str, spec: InputSpec, sheet: str) -> RawFile:
    """Return the rows of one sheet as text: days as YYYY-MM-DD, numbers without separators, true and false.

    A row with an error value, a formula that was never computed, or an integer that Excel has rounded is bad.
    """
    place = f"{path}, sheet {sheet}"
    rows, computed = _rows(data, path, sheet)
    used = [any(cell is not None for cell in row) for row in rows]
    lines = [line for line in range(spec.skip_lines, len(rows)) if used[line]]
    if not lines:
        raise DataError("is empty: it has not even a header", where=place, hint="the first row names the columns")
    top = lines[0]
    header = [_text(value) or "" for value in rows[top]]
    while header and not header[-1]:
        header.pop()
    header = [name.removeprefix(_MARK) for name in header]
    check_header(header, place)
    width = len(header)
    kept: list[list[str | None]] = []
    numbers: list[int] = []
    bad: list[BadLine] = []
    blank = [line + 1 for line in range(top + 1, len(rows)) if not used[line]]
    for line in lines[1:]:
        values = [_text(value) for value in rows[line]]
        if computed is not None:
            for at, value in enumerate(rows[line]):
                if isinstance(value, _Formula):
                    values[at] = _computed(computed, line, at)
        values += [None] * (width - len(values))
        flawed = next((at for at, value in enumerate(values) if value and value.startswith(_MARK)), None)
        if flawed is None and any(value for value in values[width:]):
            flawed, reason = -1, f"has a value beyond the {width} columns of the header"
        elif flawed is not None:
            name = header[flawed] if flawed < width else str(flawed + 1)
            reason = f"{name} holds {str(values[flawed]).removeprefix(_MARK)}"
        if flawed is not None:
            text = "\t".join("" if value is None else str(value).removeprefix(_MARK) for value in rows[line])
            bad.append(BadLine(line=line + 1, reason=reason, text=text))
        elif not any(values):
            blank.append(line + 1)
        else:
            kept.append(values[:width])
            numbers.append(line + 1)
    names = header
    columns = list(zip(*kept, strict=True)) if kept else [()] * width
    return RawFile(
        path=place,
        columns=pa.table([pa.array(column, pa.string()) for column in columns], names=names),
        lines=np.array(numbers, dtype=np.int64),
        unit="row",
        bad=tuple(bad),
        blank=np.array(sorted(blank), dtype=np.int64),
    )


class _Formula(str):
    __slots__ = ()


def _open(data: bytes, path: str, *, values: bool = True) -> Any:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(item.file_size for item in archive.infolist())
        if size > _LARGEST:
            raise DataError(f"holds {size:,} bytes once unpacked", where=path, hint="export it as CSV")
        return load_workbook(io.BytesIO(data), read_only=True, data_only=values)
    except DataError:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise: zip, XML, key and value errors
        raise DataError(f"is no Excel workbook that can be read ({type(error).__name__}: {error})", where=path,
                        hint="save it again as .xlsx, or export CSV") from error  # fmt: skip


def _rows(data: bytes, path: str, sheet: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]] | None]:
    """Return the cells of a sheet, formulas as such, and the stored values where there is any formula."""
    rows = _cells(_open(data, path, values=False), path, sheet, formulas=True)
    if not any(isinstance(value, _Formula) for row in rows for value in row):
        return rows, None
    return rows, _cells(_open(data, path), path, sheet, formulas=False)


def _cells(book: Any, path: str, sheet: str, *, formulas: bool) -> list[tuple[Any, ...]]:
    try:
        page = book[sheet]
        page.reset_dimensions()  # the size that a file states may be wrong: read all there is
        rows = []
        for row in page.iter_rows():
            cells: list[Any] = []
            for cell in row:
                value = cell.value
                if value is not None and cell.data_type == "e":
                    value = _ERROR
                elif formulas and value is not None and cell.data_type == "f":
                    value = _Formula(value)
                cells.append(value)
            rows.append(tuple(cells))
        return rows
    except Exception as error:  # see _open
        raise DataError(f"cannot be read ({type(error).__name__}: {error})", where=f"{path}, sheet {sheet}",
                        hint="save it again as .xlsx, or export CSV") from error  # fmt: skip
    finally:
        book.close()


def _computed(rows: list[tuple[Any, ...]], line: int, at: int) -> str | None:
    value = rows[line][at] if line < len(rows) and at < len(rows[line]) else None
    return _NO_VALUE if value is None else _text(value)


def _text(value: Any) -> str | None:
    """Return a cell's value as text, None where it is empty."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.startswith(_MARK) else value.strip(WHITE).lstrip(_MARK) or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if value == int(value) if abs(value) < float("inf") else False:
            return str(int(value)) if abs(value) < _EXACT else _ROUNDED
        return repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)
