"""Rows in the order of a small key, by counting: no comparison is made."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit

Ints = npt.NDArray[np.int64]


def place_by(key: Ints, starts: Ints) -> Ints:
    """Return the rows (n,) by key, those of one key in row order; `starts` (keys + 1,): where each key's begin."""
    order = np.empty(len(key), dtype=np.int64)
    _place(key, starts.copy(), order)
    return order


@njit(cache=True, nogil=True)
def _place(key: Ints, place: Ints, order: Ints) -> None:
    for row in range(len(key)):
        order[place[key[row]]] = row
        place[key[row]] += 1
