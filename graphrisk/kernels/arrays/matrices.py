"""Sparse matrices of amounts: made from what the caller has, checked once, never changed."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graphrisk.errors import DataError

Matrix: TypeAlias = "sparse.csr_array[np.float64, tuple[int, int]]"


def amounts(values: Any, name: str = "amounts") -> Matrix:
    """Return a square matrix (dense or sparse) of amounts as sorted CSR; DataError on a negative or infinite amount.

    Repeated entries add up. The input is not changed.
    """
    matrix = cast(Matrix, sparse.csr_array(values, dtype=np.float64, copy=True))
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise DataError(f"{name} must be a square matrix, not of shape {matrix.shape}")
    if matrix.nnz and not (np.isfinite(matrix.data).all() and matrix.data.min() >= 0.0):
        raise DataError(f"{name} must be finite and not negative", hint="a negative amount is a claim the other way")
    matrix.sum_duplicates()
    return matrix


def from_edges(rows: npt.ArrayLike, columns: npt.ArrayLike, values: npt.ArrayLike, n: int, name: str) -> Matrix:
    """Return the (n, n) matrix with the sum of `values` at each (row, column); checks as `amounts`."""
    at = (np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64))
    return amounts(sparse.coo_array((np.asarray(values, dtype=np.float64), at), shape=(n, n)), name)


def transposed(matrix: Matrix) -> Matrix:
    """Return the transpose as sorted CSR."""
    turned = cast(Matrix, sparse.csr_array(matrix.T))
    turned.sort_indices()
    return turned


def scaled_rows(matrix: Matrix, scale: npt.NDArray[np.float64]) -> Matrix:
    """Return a copy with row i times scale[i]."""
    data = matrix.data * np.repeat(scale, np.diff(matrix.indptr))
    return cast(Matrix, sparse.csr_array((data, matrix.indices, matrix.indptr), shape=matrix.shape))


def reciprocal(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return 1 / value, 0 where the value is not above 0."""
    return np.divide(1.0, values, out=np.zeros(len(values)), where=values > 0.0)
