"""Rows of two tables matched by what their columns say: each distinct row has a number, the same on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Rows = npt.NDArray[np.int64]
Texts: TypeAlias = pa.Array


def texts_of(column: pd.Series[str]) -> Texts:
    """Return a column of texts as one array, null where nothing is said."""
    told = pa.array(column, pa.string(), from_pandas=True)
    return told.combine_chunks() if isinstance(told, pa.ChunkedArray) else told


def codes_of(sides: Sequence[Texts]) -> list[Rows]:
    """Return texts of both sides as numbers without a gap, the same text the same number; null is one, too."""
    coded = pa.concat_arrays(sides).dictionary_encode(null_encoding="encode").indices
    return _split(coded.to_numpy().astype(np.int64), sides)


def joined_codes(columns: Sequence[Sequence[Texts]]) -> list[Rows]:
    """Return one number without a gap for what several columns say, of both sides, the same for the same."""
    first, *others = columns
    joined = codes_of(first)
    for column in others:
        coded = codes_of(column)
        width = 1 + max(int(side.max(initial=0)) for side in coded)
        pairs = np.concatenate([whole * width + side for whole, side in zip(joined, coded, strict=True)])
        joined = _split(pd.factorize(pairs)[0].astype(np.int64), joined)
    return joined


def places(old: Rows, new: Rows) -> Rows:
    """Return where each number of `new` stands in `old`; -1 where it does not. Numbers are without a gap."""
    at = np.full(1 + max(int(side.max(initial=-1)) for side in (old, new)), -1, dtype=np.int64)
    at[old] = np.arange(len(old))
    found: Rows = at[new]
    return found


def _split(whole: Rows, sides: Sequence[Texts | Rows]) -> list[Rows]:
    return [whole[: len(sides[0])], whole[len(sides[0]) :]]
