"""What is borrowed by one address reads as the arrays that were handed out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from graphrisk.kernels.arrays.borrowed import Borrowed, addresses, borrower_of
from graphrisk.kernels.arrays.compiled import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Inner(NamedTuple):
    """Lies within another."""

    flags: Flags
    part: float


class Outer(NamedTuple):
    """Of every kind one."""

    rows: Floats
    count: int
    inner: Inner
    places: Ints


_INNER = Borrowed(Inner, 3)
outer_in = borrower_of(Borrowed(Outer, 1, rows={"rows"}, inner=_INNER))


@njit(cache=True, nogil=True)
def _read(outer):  # type: ignore[no-untyped-def]
    total = outer.inner.part * outer.count
    for i in range(outer.rows.shape[0]):
        for k in range(outer.rows.shape[1]):
            total += outer.rows[i, k] * outer.places[k]
        outer.inner.flags[i] = outer.rows[i, 0] > 2.0
    return total


@njit(cache=True, nogil=True)
def _read_in(table, taken):  # type: ignore[no-untyped-def]
    outer = outer_in(table)
    return (1.0 if taken is None else 0.0) + (1.0 if outer is not None else 0.0) + _read(outer)


def test_arrays_numbers_and_parts_are_read_and_written_where_they_lie() -> None:
    rows, flags, places = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.zeros(2, dtype=np.bool_), np.array([1, 0, 9])
    outer = Outer(rows, -3, Inner(flags, 0.5), places)
    table = addresses([np.zeros(4), outer.rows, outer.count, *outer.inner, outer.places])
    assert _read(outer) + 2.0 == _read_in(table, None) == 1.0 + 27.0 + 4.0 + 54.0 - 1.5 + 2.0
    assert [False, True] == flags.tolist()
    flags[:] = False
    rows *= 3.0
    assert _read_in(table, None) == 3.0 * 86.0 - 1.5 + 2.0
    assert [True, True] == flags.tolist()


def test_an_array_that_has_no_rows_is_borrowed_too() -> None:
    table = addresses([np.zeros(4), np.zeros((0, 3)), 7, np.zeros(0, dtype=np.bool_), 2.0, np.zeros(3, dtype=np.int64)])
    assert 14.0 + 2.0 == _read_in(table, None)


def test_what_is_no_array_in_one_piece_is_refused() -> None:
    for part in (np.zeros((4, 4))[:, ::2], np.zeros(3, dtype=np.float32), np.zeros((2, 2, 2))):
        with pytest.raises(TypeError, match="cannot be borrowed"):
            addresses([part])
