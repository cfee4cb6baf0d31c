"""Reads JSON: a list of statements, or one statement a line. Each becomes one record, as JSON text, for the SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa

from graphrisk.errors import DataError
from graphrisk.loading.encoding import to_utf8
from graphrisk.loading.raw import BadLine, RawFile
from graphrisk.loading.spec import InputSpec

_SHOWN = 2000


def read_statements(data: bytes, path: str, spec: InputSpec) -> RawFile:
    """Return the objects of a JSON file in one column `record`: a list (one object stands for itself), or JSON lines.

    What is not an object is a bad record. Raises DataError where a list cannot be read at all.
    """
    text = to_utf8(data, spec.encoding or "utf-8", path).decode("utf-8")
    if not text.strip():
        raise DataError("is empty", where=path, hint="leave the file out if there is nothing to load")
    if text.lstrip().startswith("["):
        return _list(text, path)
    try:
        whole = _parse(text)
    except ValueError:
        return _lines(text, path)
    return _made(path, [whole], [1], "statement", [])


def _list(text: str, path: str) -> RawFile:
    try:
        found = _parse(text)
    except ValueError as error:
        raise DataError(
            f"is no valid JSON: {error}",
            where=path,
            hint="is the file whole? A list is read only as a whole: get it again, or as one statement a line",
        ) from error
    return _made(path, found, range(1, len(found) + 1), "statement", [])


def _lines(text: str, path: str) -> RawFile:
    found: list[Any] = []
    numbers: list[int] = []
    bad: list[BadLine] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found.append(_parse(line))
            numbers.append(number)
        except ValueError as error:
            bad.append(BadLine(line=number, reason=f"is no valid JSON: {error}", text=line[:_SHOWN]))
    if not found:
        raise DataError(f"is no JSON: line {bad[0].line} {bad[0].reason}", where=path, hint="one statement a line")
    return _made(path, found, numbers, "line", bad)


def _made(path: str, found: Sequence[Any], numbers: Sequence[int], unit: str, bad: list[BadLine]) -> RawFile:
    records, lines = [], []
    for number, one in zip(numbers, found, strict=True):
        if isinstance(one, dict):
            records.append(json.dumps(one, ensure_ascii=False))
            lines.append(number)
        else:
            bad.append(BadLine(line=number, reason="is no JSON object", text=json.dumps(one)[:_SHOWN]))
    return RawFile(
        path=path,
        columns=pa.table({"record": pa.array(records, pa.string())}),
        lines=np.array(lines, dtype=np.int64),
        unit=unit,
        bad=tuple(sorted(bad, key=lambda b: b.line)),
    )


def _parse(text: str) -> Any:
    try:
        found = json.loads(text, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except UnicodeEncodeError as error:
        raise ValueError("a character that is half of a pair") from error
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
