"""What a method finds: by party the part that others bring, with its interval, and whose survival would help."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from graphrisk.graph.riskgraph import Floats, Positions

Flags = npt.NDArray[np.bool_]
SOURCES = 3


@dataclass(slots=True, kw_only=True)
class Pulled:
    """Of n parties: `added` = P(in default, not by itself), `low` and `high` of it, `exact` where enumerated.

    `frequency` (n,) of simulated parties, NaN else; `falls`: party -> its sources and the fall of pd_net. `alone`: the
    only party whose part is looked at, and whose sources are.
    """

    added: Floats
    low: Floats
    high: Floats
    exact: Flags
    frequency: Floats
    falls: dict[int, list[tuple[int, float]]]
    alone: int | None = None

    @classmethod
    def nothing(cls, size: int, alone: int | None = None) -> Pulled:
        """Return that nobody is pulled down, which is exact where no loss can pass."""
        return cls(
            added=np.zeros(size),
            low=np.zeros(size),
            high=np.zeros(size),
            exact=np.ones(size, dtype=np.bool_),
            frequency=np.full(size, np.nan),
            falls={},
            alone=alone,
        )

    def explained(self, parties: Positions) -> Positions:
        """Return those of `parties` that others pull down and whose sources are looked for."""
        hit = parties[self.added[parties] > 0.0]
        return hit if self.alone is None else hit[hit == self.alone]

    def put(self, parties: Positions, added: Floats, draws: int | None, confidence: float) -> None:
        """Keep what was found of `parties`; `draws` None: exactly."""
        self.added[parties] = added
        if draws is None:
            self.low[parties] = self.high[parties] = added
            return
        self.exact[parties] = False
        self.low[parties], self.high[parties] = wilson(added * draws, draws, confidence)

    def put_falls(self, party: int, falls: Floats, who: Positions) -> None:
        """Keep the largest falls (k,) of a party's PD, by the survival of `who` (k,)."""
        order = [k for k in np.lexsort((who, -falls)).tolist() if falls[k] > 1e-15 and who[k] != party]
        if order:
            self.falls[party] = [(int(who[k]), float(falls[k])) for k in order[:SOURCES]]


def wilson(count: Floats, draws: int, confidence: float) -> tuple[Floats, Floats]:
    """Return the interval of Wilson for a frequency of `count` in `draws`."""
    z = float(ndtri(0.5 + confidence / 2.0))
    part = count / draws
    middle = (part + z * z / (2.0 * draws)) / (1.0 + z * z / draws)
    half = z / (1.0 + z * z / draws) * np.sqrt(part * (1.0 - part) / draws + z * z / (4.0 * draws * draws))
    return np.where(count > 0.0, np.maximum(middle - half, 0.0), 0.0), np.minimum(middle + half, 1.0)
