"""Which leaf of a decision tree each row falls into, all rows a level at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def leaves_of(
    matrix: npt.NDArray[Any],
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    feature: npt.NDArray[np.int64],
    threshold: npt.NDArray[np.float64],
    missing_left: npt.NDArray[np.bool_],
) -> npt.NDArray[np.int64]:
    """Return the node at which each row of `matrix` (n, p) ends (n,).

    At node k a row goes `left[k]` where its `feature[k]` is at most `threshold[k]`, or missing where `missing_left[k]`
    says so; a node whose `left` is -1 is a leaf.
    """
    at = np.zeros(len(matrix), dtype=np.int64)
    rows = np.arange(len(matrix)) if left[0] >= 0 else np.empty(0, dtype=np.int64)
    while len(rows):
        node = at[rows]
        value = matrix[rows, feature[node]]
        gone = np.isnan(value)
        down = np.where(gone, missing_left[node], value <= threshold[node])
        at[rows] = np.where(down, left[node], right[node])
        rows = rows[left[at[rows]] >= 0]
    return at
