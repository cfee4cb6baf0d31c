"""Who is in default after the engine has run on a set of first defaults, set by set."""

from __future__ import annotations

import numpy as np

from graphrisk.errors import UsageError
from graphrisk.kernels.contagion.drawn_sets import LedgerStage
from graphrisk.kernels.contagion.ledger import Ints
from graphrisk.kernels.portfolio.default_spread import SecondStage


class DrawnDefaults:
    """The engine of portfolio's second stage, asked who fails; sets that were asked before are remembered.

    `runs` counts what was computed, `swings` the sets that did not settle: of those the last sweep counts.
    """

    def __init__(self, stage: SecondStage) -> None:
        """`stage` is that of the full ledger (`cascade.stages`)."""
        if not isinstance(stage, LedgerStage):
            raise UsageError("who fails is known of the full ledger alone", hint="second_stage=full")
        self._stage = stage
        self._seen: dict[bytes, Ints] = {}
        self.runs = 0
        self.swings = 0

    def after(self, first: Ints) -> Ints:
        """Return who is in default in the end (sorted positions), `first` (sorted) among them."""
        key = np.asarray(first, dtype=np.int64).tobytes()
        found = self._seen.get(key)
        if found is None:
            found = self._seen[key] = self._run(np.asarray(first, dtype=np.int64))
        return found

    def _run(self, first: Ints) -> Ints:
        self.runs += 1
        if not len(first):
            return first
        down, settled = self._stage.defaults_after(first)
        self.swings += not settled
        down[first] = True
        return np.flatnonzero(down).astype(np.int64)
