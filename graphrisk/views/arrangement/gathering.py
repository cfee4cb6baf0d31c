"""Parts that grow together along lines, none above a size (union and find)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from graphrisk.graph.riskgraph import Positions


class Gathering:
    """Parts numbered 0, 1, ...; `sizes` are their members; joined ones have one root."""

    def __init__(self, sizes: Iterable[int], largest: int) -> None:
        self.size = list(sizes)
        self.largest = largest
        self._parent = list(range(len(self.size)))

    def root(self, k: int) -> int:
        """Return the part that stands for `k`."""
        while self._parent[k] != k:
            self._parent[k] = self._parent[self._parent[k]]
            k = self._parent[k]
        return k

    def join(self, one: int, into: int) -> bool:
        """Join the part of `one` into that of `into`; False where they are one already, or would be too large."""
        a, b = self.root(one), self.root(into)
        if a == b or self.size[a] + self.size[b] > self.largest:
            return False
        self._parent[a] = b
        self.size[b] += self.size[a]
        return True

    def roots(self) -> Positions:
        """Return the root of each part."""
        return np.array([self.root(k) for k in range(len(self._parent))], dtype=np.int64)
