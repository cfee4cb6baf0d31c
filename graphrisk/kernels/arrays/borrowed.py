"""Arrays handed to a compiled function by their addresses, as one table.

A compiled function that takes eighty arrays one by one pays for each at every call, and counts a reference to each
wherever it hands them on: at a few arrays a step, that costs more than the step. What is borrowed by address is counted
by nobody. Whoever hands out the table keeps the arrays alive, and the functions that take it keep no part of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray, types
from numba.extending import intrinsic

from graphrisk.kernels.arrays.compiled import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_KINDS = (np.dtype(np.float64), np.dtype(np.int64), np.dtype(np.bool_))


def addresses(parts: Iterable[Any]) -> Ints:
    """Return a table (parts, 3): where each array begins and its first two lengths; a number stands there itself.

    Raises TypeError for an array that is not float64, int64 or bool, of one or two dimensions, in one piece.
    """
    rows = []
    for part in parts:
        if not isinstance(part, np.ndarray):
            number = np.int64(part) if isinstance(part, (int, np.integer)) else np.float64(part).view(np.int64)
            rows.append((int(number), 0, 0))
            continue
        if part.dtype not in _KINDS or part.ndim not in (1, 2) or not part.flags.c_contiguous:
            raise TypeError(f"an array of {part.dtype} of shape {part.shape} cannot be borrowed")
        rows.append((part.__array_interface__["data"][0], part.shape[0], part.shape[1] if part.ndim == 2 else 1))
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _pointer_to(kind: Any) -> Any:
    def typed(_context: Any, _address: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.inttoptr(values[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(types.int64), code

    return intrinsic(typed)


_to_floats, _to_ints, _to_flags = _pointer_to(types.float64), _pointer_to(types.int64), _pointer_to(types.boolean)


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def number_at(table: Ints, row: int) -> float:
    """Return the number of a row that is no array."""
    return float(table[row].view(np.float64)[0])


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def floats_at(table: Ints, row: int) -> Floats:
    """Return the array of a row, one-dimensional."""
    array: Floats = carray(_to_floats(table[row, 0]), (table[row, 1],))
    return array


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def float_rows_at(table: Ints, row: int) -> Floats:
    """Return the array of a row, two-dimensional."""
    array: Floats = carray(_to_floats(table[row, 0]), (table[row, 1], table[row, 2]))
    return array


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def ints_at(table: Ints, row: int) -> Ints:
    """Return the array of a row, one-dimensional."""
    array: Ints = carray(_to_ints(table[row, 0]), (table[row, 1],))
    return array


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def int_rows_at(table: Ints, row: int) -> Ints:
    """Return the array of a row, two-dimensional."""
    array: Ints = carray(_to_ints(table[row, 0]), (table[row, 1], table[row, 2]))
    return array


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def flags_at(table: Ints, row: int) -> Flags:
    """Return the array of a row, one-dimensional."""
    array: Flags = carray(_to_flags(table[row, 0]), (table[row, 1],))
    return array


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def flag_rows_at(table: Ints, row: int) -> Flags:
    """Return the array of a row, two-dimensional."""
    array: Flags = carray(_to_flags(table[row, 0]), (table[row, 1], table[row, 2]))
    return array
