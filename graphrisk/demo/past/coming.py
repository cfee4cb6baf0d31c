"""What has been passed on and has not come yet: a call or a claim falls due, and who cannot pay it is in default later.

A guarantor is called once the debtor is in default, a claim is found lost once its debtor does not pay; whoever
cannot bear it is in default when it is more than 90 days late with that, or before, where it is found unlikely to pay
(Regulation (EU) 575/2013, article 178). So each link of a chain takes two to three months, evenly drawn (our
judgement). Who falls is what the engine says on the contracts of the month of the first default; the delay changes
only when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from graphrisk.demo.dice import Ints
from graphrisk.demo.past.spreading import Passed

LEAST_DAYS, MOST_DAYS = 61, 91
"""Days from the default of who passes on to the default of who cannot bear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A default that will come on a day (days since 1970), unless an own one comes first: by whom, through which
    contract, whose own default was the first of it; `by` is in default on `cause`, or on its own before."""

    on: int
    by: str
    through: str
    first: str
    cause: int


class Coming:
    """The clients (positions) that are to fall by others; who is among them has passed on what it passes on."""

    def __init__(self, ids: pa.Array) -> None:
        self._place = {one: k for k, one in enumerate(ids.to_pylist())}
        self._falls: dict[int, Fall] = {}

    def __contains__(self, client: int) -> bool:
        return client in self._falls

    def place_of(self, party: str) -> int | None:
        """Return the position of a party, None where it is no client."""
        return self._place.get(party)

    @property
    def clients(self) -> list[int]:
        """Return who is to fall."""
        return sorted(self._falls)

    def take(self, passed: Iterable[Passed], own: dict[str, int], delays: Ints) -> None:
        """Note who falls by the own defaults of a month (day by id), sweep by sweep; `delays` (n,): days a client."""
        on, first = dict(own), {one: one for one in own}
        for one in passed:  # whoever passed it on stands in the lists already, or is no client of ours
            k, cause = self._place[one.party], on.get(one.by, min(own.values()))
            on[one.party], first[one.party] = cause + int(delays[k]), first.get(one.by, "")
            self._falls[k] = Fall(on=on[one.party], by=one.by, through=one.through, first=first[one.party], cause=cause)

    def due(self, end: int) -> dict[int, Fall]:
        """Return who falls up to a day, and forget them."""
        found = {k: fall for k, fall in self._falls.items() if fall.on <= end}
        for k in found:
            del self._falls[k]
        return found

    def forget(self, clients: Iterable[int]) -> None:
        """Leave out those whose own default came first."""
        for k in clients:
            self._falls.pop(k, None)
