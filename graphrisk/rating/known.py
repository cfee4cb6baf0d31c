"""What was known on a day: rows of stored tables, with the day on which the bank learned each of them.

known_on says it where it is given. Else a snapshot of the day itself knows what it holds. A day for which no snapshot
stands is rebuilt from a later one: then a fact counts as known on its own day, accounts 120 days after their period.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

LAG_DAYS = {"financials": 120}
"""Days after a fact's own day on which the bank is taken to know it, where nothing says when; others 0."""
_OWN_DAY = {"financials": "period_end_on"}


def known_tables(tables: Mapping[str, pa.Table], day: date, *, rebuilt: bool) -> tuple[dict[str, Any], dict[str, int]]:
    """Return (the rows known on `day`, how many of each table were not).

    What lies after the day itself is dropped when the graph is built.

    `rebuilt`: the tables are of a later day.
    """
    kept: dict[str, Any] = {}
    later: dict[str, int] = {}
    at = pa.scalar(day, pa.date32())
    for name, table in tables.items():
        keep = None
        if "known_on" in table.column_names and table.num_rows:
            keep = pc.fill_null(pc.less_equal(table["known_on"], at), True)
        lag = LAG_DAYS.get(name, 0)
        if rebuilt and lag and table.num_rows:
            latest = pa.scalar(day - timedelta(days=lag), pa.date32())
            unsaid = pc.is_null(table["known_on"]) if "known_on" in table.column_names else pa.scalar(True)
            early = pc.fill_null(pc.less_equal(table[_OWN_DAY[name]], latest), False)
            fine = pc.or_(early, pc.invert(unsaid))
            keep = fine if keep is None else pc.and_(keep, fine)
        if keep is None:
            kept[name] = _rates_from(table, day) if name == "fx" and rebuilt else table
            continue
        kept[name] = table.filter(keep)
        if kept[name].num_rows < table.num_rows:
            later[name] = table.num_rows - kept[name].num_rows
    return kept, later


def _rates_from(fx: pa.Table, day: date) -> pa.Table:
    """Return the rates of exchange with the first of each currency valid on `day` too, where all are later."""
    if not fx.num_rows:
        return fx
    first = fx.sort_by([("currency", "ascending"), ("as_of_on", "ascending")])
    seen: set[Any] = set()
    rows = []
    for row in first.to_pylist():
        if row["currency"] not in seen and row["as_of_on"] > day:
            rows.append({**row, "as_of_on": day})
        seen.add(row["currency"])
    return pa.concat_tables([fx, pa.Table.from_pylist(rows, fx.schema)]) if rows else fx
