"""The strongest way from an owner down to a firm: the chain whose shares multiply to the most."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import numpy as np

from graphrisk.kernels.ownership.stakes import Bools
from graphrisk.standing.holdings import Holdings


class Ways:
    """Looks upwards from one firm at a time, over holdings at their most and direct control (as a share of 1)."""

    def __init__(self, holdings: Holdings) -> None:
        self._stakes = holdings.stakes
        self._most = np.fmax(holdings.stakes.high[0], holdings.stakes.high[1])
        self._facts: dict[int, list[int]] = {}
        for controller, controlled in zip(*(side.tolist() for side in holdings.facts), strict=True):
            self._facts.setdefault(controlled, []).append(controller)

    def flat(self) -> Bools:
        """Return of which parties no holder or controller has one of its own: every way is one step."""
        stakes = self._stakes
        live = stakes.live & (self._most > 0.0) & (stakes.holder != stakes.owned)
        has = np.zeros(stakes.size, dtype=bool)
        has[stakes.owned[live]] = True
        has[list(self._facts)] = True
        deep = np.zeros(stakes.size, dtype=bool)
        deep[stakes.owned[live & has[stakes.holder]]] = True
        for firm, controllers in self._facts.items():
            deep[firm] |= bool(has[controllers].any())
        return ~deep

    def up(self, firm: int, owners: Iterable[int]) -> dict[int, list[int]]:
        """Return for each of `owners` that stands above `firm` the strongest way, from the owner down to the firm."""
        wanted = set(owners)
        stakes, found = self._stakes, {}
        below: dict[int, int] = {}
        done: set[int] = set()
        waiting: list[tuple[float, int, int, int]] = [(-1.0, 0, firm, -1)]
        while waiting and wanted:
            worth, steps, node, origin = heapq.heappop(waiting)
            if node in done:
                continue
            done.add(node)
            if origin >= 0:
                below[node] = origin
            if node in wanted and node != firm:
                wanted.discard(node)
                way = [node]
                while way[-1] != firm:
                    way.append(below[way[-1]])
                found[node] = way
            for e in range(stakes.start[node], stakes.start[node + 1]):
                holder = int(stakes.holder[e])
                if stakes.live[e] and self._most[e] > 0.0 and holder not in done:
                    heapq.heappush(waiting, (worth * float(self._most[e]), steps + 1, holder, node))
            for holder in self._facts.get(node, ()):
                if holder not in done:
                    heapq.heappush(waiting, (worth, steps + 1, holder, node))
        return found
