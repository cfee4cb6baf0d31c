"""What stands around the clients in every month: other banks with their accounts, public bodies, rates of exchange."""

from __future__ import annotations

from datetime import date
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.institutions import as_tables, institutions
from graphrisk.demo.past.calendar import as_date, first_day

_EARLIER_USD = 7.25
"""CNY for one USD before the months that the demo's own table `fx` has."""


@cache
def _whole(first_year: int) -> dict[str, pa.Table]:
    rows = institutions()
    accounts = rows["financials"]
    rows["financials"] = [
        {**row, "period_end_on": row["period_end_on"].replace(year=year)}
        for year in range(first_year, accounts[0]["period_end_on"].year + 1)
        for row in accounts
    ]
    months = (as_date(first_day(month)) for month in range(first_year * 12, accounts[0]["period_end_on"].year * 12 + 9))
    rows["fx"] += [{"currency": "USD", "as_of_on": month, "rate": _EARLIER_USD} for month in months]
    rows["fx"].append({"currency": "CNY", "as_of_on": date(first_year, 1, 1), "rate": 1.0})
    return as_tables(rows)


def surroundings(day: date, first_year: int) -> dict[str, pa.Table]:
    """Return the tables of the surroundings as known on a day; `first_year`: of the earliest accounts and rates."""
    found = dict(_whole(first_year))
    for name, column in (("financials", "period_end_on"), ("fx", "as_of_on")):
        table = found[name]
        found[name] = table.filter(pc.less_equal(table[column], pa.scalar(day, pa.date32())))
    return found


def together(*parts: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the tables of several parts as one."""
    names = {name for part in parts for name in part}
    return {name: pa.concat_tables([part[name] for part in parts if name in part]) for name in sorted(names)}
