"""How an analyzer declares and fills its score tables: columns in words, frames with the declared types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from graphrisk.model.table import Column, Table


def whole(name: str, meaning: str) -> Column:
    """A number of things; null where it does not apply."""
    return Column(name=name, kind="integer", meaning=meaning)


def real(name: str, meaning: str, unit: str = "") -> Column:
    """A number; null where it does not apply."""
    return Column(name=name, kind="number", meaning=meaning, unit=unit)


def share(name: str, meaning: str) -> Column:
    """A fraction; null where unknown."""
    return Column(name=name, kind="fraction", meaning=meaning, unit="fraction")


def words(name: str, meaning: str) -> Column:
    """Words for a reader."""
    return Column(name=name, kind="text", meaning=meaning)


def several(name: str, meaning: str, *, ordered: bool = False) -> Column:
    """A list of ids; `ordered` where their order is a direction."""
    return Column(name=name, kind="list", meaning=meaning, ordered=ordered)


def steps(name: str, meaning: str) -> Column:
    """A list of [from, to, number]."""
    return Column(name=name, kind="steps", meaning=meaning)


def score_frame(declared: Table, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return the DataFrame of score table `declared` with its columns in their order and types.

    Numbers are float64 (NaN where null), whole numbers Int64, yes/no boolean, texts str, lists Python lists.
    Raises KeyError where a declared column is missing and ValueError where one was given that is not declared.
    """
    strange = set(columns) - set(declared.names)
    if strange:
        raise ValueError(f"{declared.name} declares no column {sorted(strange)}")
    series = {column.name: _series(column, columns[column.name]) for column in declared.columns}
    return pd.DataFrame(series, columns=list(declared.names), copy=False)


def _series(column: Column, values: Any) -> pd.Series[Any]:
    if column.kind in ("money", "fraction", "number"):
        return pd.Series(np.asarray(values, dtype=np.float64))
    if column.kind == "integer":
        return pd.Series(values, dtype="Int64")
    if column.kind == "bool":
        return pd.Series(values, dtype="boolean")
    if column.kind in ("list", "steps", "date"):
        return pd.Series(list(values), dtype=object)
    return pd.Series(values, dtype="str")


def recurring(words: Any, place: Any) -> pd.Series[str]:
    """Return a column of texts from those that recur in it (array-like, None where null) and the place of each row."""
    coded = pa.DictionaryArray.from_arrays(pa.array(place, pa.int64()), pa.array(words, pa.large_string()))
    column: pd.Series[str] = pd.Series(coded.cast(pa.large_string()).to_pandas(), dtype="str")
    return column


def texts(values: Any) -> pd.Series[str]:
    """Return ids or texts as they are: None stays None."""
    return pd.Series(values, dtype=object)


def empty(table: Table) -> pd.DataFrame:
    """Return a score table without rows."""
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in table.names})
