"""The accounts of all parties, period by period, each with the one of the year before."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph

MONTHS = 12.0
YEAR = 365
YEAR_BEFORE = (350, 380)
"""Days between two closing days that are a year apart."""
SLACK = 15
"""Days by which the accounts before may miss the first day of the period, for opening cash."""
DAYS_OF_MONTH = 30.4375


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Accounts as rows (k,), by party, then by period; amounts in base currency, NaN where unknown.

    `party` positions, `day` the closing day (days since 1970), `months` what flows cover, `year` the calendar year of
    the closing day, `before` the row a year earlier (-1: none), `opening` the row that closes where this period begins.
    """

    graph: RiskGraph
    row: Positions
    party: Positions
    day: Positions
    months: Floats
    year: Positions
    before: Positions
    opening: Positions
    _cache: dict[str, Floats] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        """The number of statements."""
        return len(self.row)

    def balance(self, column: str) -> Floats:
        """Return a column as it stands (k,)."""
        if column not in self._cache:
            self._cache[column] = self.graph.floats("financials", column)[self.row]
        return self._cache[column]

    def flow(self, column: str) -> Floats:
        """Return a flow for a whole year (k,): times 12 / months."""
        return np.asarray(self.balance(column) * (MONTHS / self.months))

    def a_year_before(self, values: Floats) -> Floats:
        """Return `values` (k,) of the statement a year earlier; NaN where there is none."""
        return _at(values, self.before)

    def at_opening(self, values: Floats) -> Floats:
        """Return `values` (k,) of the statement that closes where the period begins; NaN where there is none."""
        return _at(values, self.opening)

    def latest(self) -> Positions:
        """Return the last statement of each party (n,); -1 where it has none."""
        last = np.full(self.graph.size, -1, dtype=np.int64)
        last[self.party] = np.arange(self.size)  # rows run by period: the last one written wins
        return last

    def ends(self) -> list[object]:
        """Return the closing days (k,) as dates."""
        days: list[object] = pa.array(self.day.astype(np.int32)).cast(pa.date32()).to_pylist()
        return days


def statements_of(graph: RiskGraph) -> Statements:
    """Return the accounts of all parties of `graph`."""
    party = graph.positions("financials", "party_id")
    day = (
        graph.tables.column("financials", "period_end_on").cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    )
    row = np.flatnonzero(party >= 0)
    row = row[np.lexsort((day[row], party[row]))]
    party, day = party[row], day[row].astype(np.int64)
    months = graph.floats("financials", "period_months")[row]
    months = np.where(np.isnan(months), MONTHS, months)
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    reach = np.round(months * DAYS_OF_MONTH).astype(np.int64)
    whole = months == MONTHS
    before = _nearest(party, day, np.full(len(row), YEAR), np.array(YEAR_BEFORE)[:, None])
    start = _nearest(party, day, reach, np.stack([reach - SLACK, reach + SLACK]))
    return Statements(
        graph=graph,
        row=row,
        party=party,
        day=day,
        months=months,
        year=year,
        before=before,
        opening=np.where(whole, before, start),
    )


def _nearest(party: Positions, day: Positions, back: Positions, window: Positions) -> Positions:
    """Return the row of the same party whose day is nearest to `back` days earlier, inside `window`; -1: none."""
    count = len(party)
    found = np.full(count, -1, dtype=np.int64)
    if not count:
        return found
    width = np.int64(int(day.max()) - int(day.min()) + 10_000)
    key = party * width + (day - day.min())
    wanted = key - back
    place = np.searchsorted(key, wanted)
    best = np.full(count, np.iinfo(np.int64).max)
    for candidate in (np.clip(place, 0, count - 1), np.clip(place - 1, 0, count - 1)):
        gap = day - day[candidate]
        fits = (party[candidate] == party) & (gap >= window[0]) & (gap <= window[1])
        miss = np.abs(gap - back)
        better = fits & (miss < best)
        found[better], best[better] = candidate[better], miss[better]
    return found


def _at(values: Floats, rows: Positions) -> Floats:
    out = np.full(len(rows), np.nan)
    there = rows >= 0
    out[there] = values[rows[there]]
    return out
