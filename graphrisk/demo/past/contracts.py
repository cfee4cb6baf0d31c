"""Which contracts stand on a day: each place for a contract is filled time after time, by the same or by a new one.

The bank of today is given. A place whose contract began on a day is filled before that day too, term by term: mostly by
the same contract, which was renewed, else it stood empty for a term and a new contract was signed after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.demo.dice import Dice, Flags, Ints

_FILLED = 0.94
"""Chance that a place is filled in a term before the present one (our judgement)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDay:
    """Places on a day (m,): which are filled, when the present contract began and ends, whether it renewed one that
    ended on that day, and how many contracts of the place are younger and not its own renewals."""

    there: Flags
    start: Ints
    end: Ints
    renewed: Flags
    younger: Ints


class Places:
    """The places for contracts of one table: `start` and `term` (m,) in days, of those that stand today."""

    def __init__(self, dice: Dice, start: Ints, term: Ints, since: int, *, always: Flags | None = None) -> None:
        """`since`: the first day that is asked for; `always` (m,): places that never stand empty."""
        self._start, self._term = start, np.maximum(term, 1)
        most = int(self._behind(since).max(initial=0)) + 2
        self._filled = np.ones((most, len(start)), dtype=bool)
        for k in range(1, most):
            self._filled[k] = dice.flags(len(start), _FILLED)
            if always is not None:
                self._filled[k] |= always
        ended = ~self._filled
        self._younger = np.cumsum(ended, axis=0) - ended

    def on(self, day: int, until: Ints | None = None) -> OnDay:
        """Return what stands on a day; `until` (m,): the last day of the contracts of today, -1 where open."""
        k = self._behind(day)
        at = np.arange(len(k))
        begun = self._start - k * self._term
        last = begun + self._term if until is None else np.where(k > 0, begun + self._term, until)
        return OnDay(
            there=self._filled[k, at],
            start=begun,
            end=last,
            renewed=self._filled[np.minimum(k + 1, len(self._filled) - 1), at],
            younger=self._younger[k, at],
        )

    def _behind(self, day: int) -> Ints:
        """Return how many terms before the present one a day lies (m,)."""
        found: Ints = np.maximum(-((day - self._start) // self._term), 0)
        return found


def numbered_by(ids: pa.Array, younger: Ints) -> pa.Array:
    """Return the ids of contracts: an older contract of a place has the number of younger ones behind its id."""
    older = pc.binary_join_element_wise(ids, pa.array(younger).cast(pa.string()), "-")
    return pc.if_else(pa.array(younger > 0), older, ids)
