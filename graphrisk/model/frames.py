"""Types of the columns of a DataFrame: the same for the same kind, whoever made the frame and whatever is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphrisk.model.table import Table

if TYPE_CHECKING:
    import pandas as pd

DTYPES = {
    "id": "str",
    "text": "str",
    "category": "str",
    "money": "float64",
    "fraction": "float64",
    "number": "float64",
    "integer": "Int64",
    "bool": "boolean",
    "date": "datetime64[s]",
}
"""Kind of a column -> how a DataFrame holds it; lists stay Python lists."""


def typed_frame(frame: pd.DataFrame, declared: Table) -> pd.DataFrame:
    """Return the frame with each declared column in the type of its kind; the frame itself where that is so already."""
    made = {}
    for column in declared.columns:
        dtype = DTYPES.get(column.kind)
        if dtype is None or column.name not in frame.columns or str(frame[column.name].dtype) == dtype:
            continue
        made[column.name] = _cast(frame[column.name], dtype)
    return frame.assign(**made) if made else frame


def typed_frames(tables: Mapping[str, pd.DataFrame], declared: Mapping[str, Table]) -> dict[str, pd.DataFrame]:
    """Return all tables with the types of their declarations."""
    return {name: typed_frame(table, declared[name]) if name in declared else table for name, table in tables.items()}


def _cast(column: pd.Series[Any], dtype: Any) -> pd.Series[Any]:
    import pandas as pd

    if dtype.startswith("datetime"):
        return pd.Series(pd.to_datetime(column), index=column.index).astype(dtype)
    if dtype == "str":
        return column.astype(object).where(column.notna(), None).astype("str")
    if dtype == "float64":
        return pd.to_numeric(column, errors="coerce").astype("float64")
    return column.astype(dtype)
