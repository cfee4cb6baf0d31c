"""What is counted of rating histories, client by client: yearly moves, moves and years at risk, and events by day.

Histories are cut into windows of a year that end on the as-of date, and all windows are laid over one another. Each
count is a sparse matrix of clients by cells, so that clients can be drawn again for intervals.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graphrisk.credit.rating_history import Histories

DAYS = 367
"""Days of a window, from 0 to 366."""
YEAR_DAYS = 365.25
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Sparse counts, a row a client. `states` s.

    `yearly` (clients, s s): state at the start and the end of a window, of who is observed throughout; `moves`
    (clients, s s) and `years` (clients, s): moves of whole histories and years spent; `events` (clients, days s s) and
    `at_risk` (clients, days s): by day of the window, at_risk as changes from day to day.
    """

    states: int
    yearly: sparse.csr_array
    moves: sparse.csr_array
    years: sparse.csr_array
    events: sparse.csr_array
    at_risk: sparse.csr_array
    windows: int


def count(given: Histories, as_of: date, most_windows: int) -> Counts:
    """Return the counts; windows reach back as far as there are ratings, at most `most_windows`."""
    s = given.size
    who, client = np.unique(given.party, return_inverse=True)
    client = client.astype(np.int64)
    n = len(who)
    follows = np.append((client[1:] == client[:-1]) & (given.begin[1:] == given.end[:-1]), False)
    nxt = np.where(follows, np.arange(1, len(client) + 1), -1)
    moved = np.flatnonzero(nxt >= 0)
    cell = given.state[moved] * s + given.state[nxt[moved]]
    moves = _matrix(client[moved], cell, np.ones(len(moved)), (n, s * s))
    years = _matrix(client, given.state, (given.end - given.begin) / YEAR_DAYS, (n, s))
    yearly, events, risk = [], [], []
    number = 0
    first = int(given.begin.min(initial=given.last))
    while number < most_windows:
        start, stop = _day(as_of, number + 1), _day(as_of, number)
        if stop <= first:
            break
        number += 1
        inside = np.flatnonzero(
            (given.begin <= stop) & ((given.end > start) | ((given.end == given.last) & (stop == given.last)))
        )
        begin, end = given.begin[inside] - start, given.end[inside] - start
        state, mine = given.state[inside], client[inside]
        length = stop - start
        # at risk on day t where begin < t <= end (a spell that began before the window: from day 1 on)
        low, high = np.maximum(begin, 0) + 1, np.minimum(end, length) + 1
        some = low < high
        for day, sign in ((low, 1.0), (high, -1.0)):
            risk.append((mine[some], np.minimum(day[some], DAYS) * s + state[some], np.full(int(some.sum()), sign)))
        jump = inside[(nxt[inside] >= 0) & (given.end[inside] > start) & (given.end[inside] <= stop)]
        code = ((given.end[jump] - start) * s + given.state[jump]) * s + given.state[nxt[jump]]
        events.append((client[jump], code, np.ones(len(jump))))
        at_start = _state_on(given, client, n, start)
        at_end = _state_on(given, client, n, stop)
        both = np.flatnonzero((at_start >= 0) & (at_end >= 0))
        yearly.append((both, at_start[both] * s + at_end[both], np.ones(len(both))))
    return Counts(
        states=s,
        yearly=_together(yearly, (n, s * s)),
        moves=moves,
        years=years,
        events=_together(events, (n, (DAYS + 1) * s * s)),
        at_risk=_together(risk, (n, (DAYS + 1) * s)),
        windows=number,
    )


def _day(as_of: date, back: int) -> int:
    """Return the day that many years earlier, as days since 1970; the 29th of February becomes the 28th."""
    year = as_of.year - back
    try:
        moved = as_of.replace(year=year)
    except ValueError:
        moved = as_of.replace(year=year, day=28)
    return int(np.datetime64(moved, "D").astype(np.int64))


def _state_on(given: Histories, client: Ints, n: int, day: int) -> Ints:
    """Return the state of each client (n,) at the end of a day; -1 where none is known."""
    holds = (given.begin <= day) & ((day < given.end) | ((given.end == given.last) & (day == given.last)))
    out = np.full(n, -1, dtype=np.int64)
    out[client[holds]] = given.state[holds]
    return out


def _matrix(rows: Ints, cells: Ints, values: npt.NDArray[np.float64], shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((values, (rows, cells)), shape=shape)


def _together(parts: list[tuple[Ints, Ints, npt.NDArray[np.float64]]], shape: tuple[int, int]) -> sparse.csr_array:
    if not parts:
        return sparse.csr_array(shape)
    rows, cells, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _matrix(rows, cells, values, shape)
