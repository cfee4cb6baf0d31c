"""Sums and counts by place, in the order of the rows: the same rows give the same bytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def sum_by(place: Ints, amount: npt.ArrayLike, size: int) -> Floats:
    """Return the sum of `amount` at each place (size,); rows with a negative place are left out."""
    values = np.asarray(amount, dtype=np.float64)
    if len(place) and place.min() < 0:
        known = place >= 0
        place, values = place[known], values[known]
    return np.bincount(place, values, minlength=size).astype(np.float64, copy=False)


def count_by(place: Ints, size: int) -> Ints:
    """Return how many rows stand at each place (size,); rows with a negative place are left out."""
    return np.bincount(place[place >= 0], minlength=size).astype(np.int64, copy=False)
