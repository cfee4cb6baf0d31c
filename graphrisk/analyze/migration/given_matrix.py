"""A one-year matrix from a file: the grades in its header and first column, default last."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from graphrisk.errors import DataError
from graphrisk.graph.riskgraph import Floats
from graphrisk.kernels.credit.migration import normalised
from graphrisk.model.note import Note

ROUNDING = 0.02
"""How far a row may be from 1 and count as rounded in print."""


def read_matrix(path: str, notes: list[Note]) -> tuple[tuple[str, ...], Floats]:
    """Return the grades and the matrix (s, s) of a CSV file; DataError, with the line, for one that is none."""
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            lines = [line for line in csv.reader(stream) if any(cell.strip() for cell in line)]
    except UnicodeDecodeError:
        raise DataError("the matrix is not in UTF-8", hint="save it as CSV in UTF-8", where=path) from None
    if len(lines) < 2:
        raise DataError("the matrix has no rows", hint="a header with the grades, a row for each", where=path)
    grades = tuple(cell.strip() for cell in lines[0][1:])
    if len(set(grades)) < len(grades) or "" in grades:
        raise DataError("a grade stands twice in the header, or has no name", where=path)
    rows = {line[0].strip(): (number, line[1:]) for number, line in enumerate(lines[1:], start=2)}
    unknown = sorted(set(rows) - set(grades))
    missing = [grade for grade in grades[:-1] if grade not in rows]
    if unknown or missing:
        which = f"rows {', '.join(unknown)} are not in the header" if unknown else f"no row for {', '.join(missing)}"
        raise DataError(f"rows and header do not fit: {which}", hint="default is the last column", where=path)
    matrix = np.eye(len(grades))
    for at, grade in enumerate(grades):
        if grade not in rows:  # of default, which absorbs
            continue
        number, cells = rows[grade]
        try:
            values = [float(cell) for cell in cells]
            if len(values) != len(grades):
                raise ValueError
            matrix[at] = values
        except ValueError:
            raise DataError(
                f"line {number} does not hold {len(grades)} numbers", hint="fractions, 0.05 for 5 %", where=path
            ) from None
    if not np.isfinite(matrix).all() or (matrix < 0.0).any() or (matrix > 1.0 + ROUNDING).any():
        raise DataError("a probability lies outside [0, 1]", hint="fractions, 0.05 for 5 %", where=path)
    sums = matrix.sum(axis=1)
    far = np.flatnonzero(np.abs(sums - 1.0) > ROUNDING)
    if len(far):
        said = ", ".join(f"{grades[k]} {sums[k]:.4g}" for k in far)
        raise DataError(f"rows do not sum to 1: {said}", hint="each row holds all moves of its grade", where=path)
    if matrix[-1, -1] != 1.0:
        raise DataError(f"the last grade, {grades[-1]}, is default and keeps 1", where=path)
    _, off = normalised(matrix)
    if off.any():
        named = ", ".join(grades[k] for k in np.flatnonzero(off))
        notes.append(
            Note(
                "rows_normalised",
                f"rows that do not sum to 1 are divided by their sum: {named}",
                f"以下各行之和不为 1，已归一化：{named}",
                severity="warning",
            )
        )
    return grades, matrix
