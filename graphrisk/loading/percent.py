"""Numbers written in percent: 45% is 0.45 in a column of fractions, whatever its scale says of plain numbers."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.loading.spec import InputSpec
from graphrisk.model.sieve import flags
from graphrisk.model.table import Column, Table

SIGNS = "%％﹪"
"""Signs of percent: the usual one, the full-width one, and the small one of East Asian text."""
_SIGN = rf"[\s\p{{Z}}]*[{SIGNS}]$"
_Mask = npt.NDArray[np.bool_]


def bare(values: pa.Array) -> tuple[pa.Array, _Mask]:
    """Return texts without their sign of percent, and which had one."""
    signed = flags(pc.match_substring_regex(values, _SIGN))
    return (pc.replace_substring_regex(values, _SIGN, "") if signed.any() else values), signed


def hundredths(values: pa.Array, signed: _Mask) -> pa.Array:
    """Return plain numbers as text, the signed ones with their point moved: exactly what 35.5% says."""
    if not signed.any():
        return values
    plain = signed & flags(pc.match_substring_regex(values, r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"))
    moved = pc.if_else(pa.array(plain), pc.binary_join_element_wise(values, "e-2", ""), values)
    powers = signed & flags(pc.match_substring_regex(values, r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]{1,3}$"))
    if not powers.any():
        return moved
    texts = [str(Decimal(text).scaleb(-2)) for text in moved.filter(pa.array(powers)).to_pylist()]
    return pc.replace_with_mask(moved, pa.array(powers), pa.array(texts, pa.string()))


def notes_on_percent(declared: Table, given: pa.Table, rows: pa.Table, spec: InputSpec, path: str) -> list[str]:
    """Return what a reader should know of scaled fractions: values with a sign, and plain ones that are small already.

    `given` are the columns as they came, `rows` the typed ones.
    """
    notes = []
    for name, factor in spec.scale.items():
        column = declared.column(name)
        if not column.is_fraction or name not in given.column_names or name in spec.constants:
            continue
        signed = _signed(given[name])
        if signed.any():
            notes.append(
                f"{path}: {int(signed.sum()):,} values of {name} are written with %: they are read as such, the others "
                f"are scaled by {factor:g}"
            )
        notes += _small(column, rows[name], signed, factor, path)
    return notes


def _signed(values: pa.ChunkedArray) -> _Mask:
    if not pa.types.is_string(values.type):
        return np.zeros(len(values), dtype=bool)
    return flags(pc.match_substring_regex(values.combine_chunks(), _SIGN))


def _small(column: Column, values: pa.ChunkedArray, signed: _Mask, factor: float, path: str) -> list[str]:
    plain = pc.filter(values, pa.array(~signed)).drop_null()
    largest = pc.max(plain).as_py() if len(plain) else None
    if factor >= 1.0 or largest is None or not 0.0 < largest <= factor * (1 + 1e-12):
        return []
    return [
        f"{path}: {column.name} is scaled by {factor:g}, and yet no plain value is above 1 (the largest becomes "
        f"{largest:g}): are they fractions already? Then leave the scale out"
    ]
