"""Where a run left production: what each firm lost, for want of what, and how much of it by its own stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import Floats, Ints, Ledger, State
from graphrisk.kernels.contagion.production import (
    BEFORE_DOWN,
    BEFORE_UP,
    DOWN,
    FLOOR,
    OWN,
    TOLD_DOWN,
    TOLD_UP,
    UP,
    Production,
    production_at,
    work_out_all,
)
from graphrisk.kernels.contagion.rooms import SupplyChannel, borrowed_supplies, supplies_in
from graphrisk.kernels.contagion.supply_losses import BY_LOSS, NEVER, Supply, all_lost_by_themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionLost:
    """Production where a run stands; arrays of (parties,) are parts of a firm's production.

    `profit` (parties,): money lost with all production; `shock`: production lost at the start; `stops`: when a party
    stops delivering by itself; `staged`: production settled first and stayed as it was.
    """

    supply: Supply
    profit: Floats
    shock: Floats
    stops: int
    staged: bool
    made: Production
    rounds: int = 0

    def _column(self, which: int) -> Floats:
        column: Floats = self.made.level[:, which]
        return column

    @property
    def down(self) -> Floats:
        """Lost for want of inputs, or by itself."""
        return self._column(DOWN)

    @property
    def up(self) -> Floats:
        """Lost for want of orders, or by itself."""
        return self._column(UP)

    @property
    def before_down(self) -> Floats:
        """Lost for want of inputs one step earlier."""
        return self._column(BEFORE_DOWN)

    @property
    def before_up(self) -> Floats:
        """Lost for want of orders one step earlier."""
        return self._column(BEFORE_UP)

    @property
    def floor(self) -> Floats:
        """Lost by itself: in default, as its equity goes, or by a shock."""
        return self._column(FLOOR)

    @property
    def own(self) -> Floats:
        """What of its loss each firm owes to its own stop, on top of what others cost it until then."""
        return self._column(OWN)

    @property
    def lost(self) -> Floats:
        """The part of its production that each firm loses."""
        found: Floats = np.maximum(self.made.level[:, DOWN], self.made.level[:, UP])
        return found

    @property
    def lost_if_it_stood(self) -> Floats:
        """The part of its production that each firm would lose had it not failed, all others as they are."""
        level = self._one_more(self.shock)[0]
        found: Floats = np.maximum(level[:, DOWN], level[:, UP])
        return found

    def residual(self, ledger: Ledger, state: State) -> float:
        """Return the largest change of production that one more step would make; nothing is changed."""
        floor = self.floor
        if not self.staged and self.stops != NEVER:
            floor = all_lost_by_themselves(ledger, state, self.stops == BY_LOSS)
        return self._one_more(floor)[1]

    def _one_more(self, floor: Floats) -> tuple[Floats, float]:
        made = at_rest(self.supply, self.made)
        change = float(_work_out_all(borrowed_supplies(SupplyChannel(self.supply, self.profit, made)), floor))
        return made.level, change


@njit(cache=True, nogil=True, error_model="numpy")
def _work_out_all(room: Ints, floor: Floats) -> float:
    supplies = supplies_in(room)
    return float(work_out_all(supplies.supply, supplies.made, floor))


def at_rest(supply: Supply, made: Production) -> Production:
    """Return a copy of production as it stands, for a run that goes on from there: all is told, nothing waits."""
    level = made.level.copy()
    for told, before, now in ((TOLD_DOWN, BEFORE_DOWN, DOWN), (TOLD_UP, BEFORE_UP, UP)):
        level[:, told] = level[:, now]
        level[:, before] = level[:, now]
    return production_at(supply, level.shape[0], level)
