"""The losses of the worst scenarios, kept as they are run: contributions to the tail need not run them again."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.portfolio.default_spread import Losses

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
MOST = 64 * 2**20
"""Bytes that are kept at most: some 1,000 scenarios of a bank of 20,000 clients."""


class KeptLosses:
    """What scenarios lost on each unit, row by row as the second stage said it: the largest totals that have room."""

    def __init__(self, most: int = MOST) -> None:
        """`most`: bytes; 0 keeps none."""
        self._room = most
        self._rows: dict[int, tuple[npt.NDArray[np.int32], Floats]] = {}
        self._least_first: list[tuple[float, int]] = []

    def keep(self, ids: Integers, total: Floats, lost: Losses) -> None:
        """Keep the scenarios `ids`, which lose `total` (k,), before those that lose less."""
        for k, (scenario, loss) in enumerate(zip(ids.tolist(), total.tolist(), strict=True)):
            rows = slice(int(lost.start[k]), int(lost.start[k + 1]))
            needs = 12 * (rows.stop - rows.start)
            while self._room < needs and self._least_first and self._least_first[0][0] < loss:
                unit, _ = self._rows.pop(heapq.heappop(self._least_first)[1])
                self._room += 12 * len(unit)
            if needs <= self._room:
                self._room -= needs
                self._rows[scenario] = lost.unit[rows].astype(np.int32), lost.amount[rows].copy()
                heapq.heappush(self._least_first, (loss, scenario))

    def __contains__(self, scenario: int) -> bool:
        return scenario in self._rows

    def of(self, scenario: int) -> tuple[npt.NDArray[np.int32], Floats]:
        """Return the units and amounts of a scenario that was kept."""
        return self._rows[scenario]
