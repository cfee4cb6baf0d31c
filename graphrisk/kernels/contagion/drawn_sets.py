"""How drawn defaults spread over the whole ledger: each set is a start from the undistressed state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.kernels.contagion.engine import ENDED, SETTLED, Engine, engine_over, hit_all, own_room, settle
from graphrisk.kernels.contagion.ledger import (
    DEBTRANK,
    FAILED,
    FIRST_EQUITY,
    NONLINEAR,
    NOTHING,
    SCALE,
    THRESHOLD,
    Floats,
    Ints,
    Ledger,
    Rule,
    fresh_state,
    untouched,
)
from graphrisk.kernels.contagion.price_impact import Assets, market_at
from graphrisk.kernels.contagion.production import production_at
from graphrisk.kernels.contagion.production_lost import at_rest
from graphrisk.kernels.contagion.rooms import PriceChannel, Room, SupplyChannel
from graphrisk.kernels.contagion.starts import each_alone, unpaid_after
from graphrisk.kernels.contagion.supply_losses import IN_DEFAULT, Supply
from graphrisk.kernels.portfolio.copula import Draws
from graphrisk.kernels.portfolio.default_spread import Losses

COARSE = 1e-3
"""Tolerance to which a scenario with production settles first: most defaults are found before the long tail of it."""
CONSERVED = 1e-9
"""Largest gap between shortfalls and payments plus losses, over the shortfalls, that a scenario may show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerStage:
    """Second stage over the whole ledger: the bank loses what stays unpaid of its own facilities.

    `unit` (facilities,): what each facility's loss is counted under. `sweeps` None: to the fixed point. 1: the first
    sweep alone, in which collateral and guarantors that stand answer for the drawn defaults and nobody else fails yet.
    """

    engine: Engine
    unit: Ints
    sweeps: int | None
    max_rounds: int

    def __call__(self, draws: Draws) -> Losses:
        """Return what stays unpaid of each facility in each scenario; `untold`: width of its swing in money, else 0.

        Raises GraphRiskError where the ledger does not add up, ConvergenceError where production does not settle.
        """
        most = self.max_rounds if self.sweeps is None else self.sweeps
        found = unpaid_after(self.engine, draws.start, draws.party, most=most, settles=self.sweeps is None)
        if not (found.gap <= CONSERVED).all():
            raise GraphRiskError(
                f"the ledger does not add up: shortfalls differ from payments and losses by {found.gap.max():.3g}",
                hint="this is a fault of graphrisk: please report it with the data",
            )
        return Losses(found.start, self.unit[found.facility], found.amount, found.swing)

    def added_by(self, down: Ints, parties: Ints) -> Floats:
        """Return what the default of each of `parties` adds to what `down` leaves unpaid, by starts from its end.

        NaN for those that are in default there, and where a start does not settle.
        """
        room, unknown = own_room(self.engine), np.full(len(parties), np.nan)
        size = len(room.ledger.party)
        money, whole, said = np.zeros(size), np.zeros(size), np.zeros(4)
        money[down], whole[down] = room.ledger.party[down, FIRST_EQUITY], 1.0
        hit_all(self.engine, room, down, money, whole, whole)
        settle(self.engine, room, self.max_rounds if self.sweeps is None else self.sweeps, said)
        if said[ENDED] != SETTLED:
            return unknown
        stands = ~room.state.party_flag[parties, FAILED]
        caused = each_alone(_going_on(self.engine, room), parties[stands], max_rounds=self.max_rounds)
        unknown[stands] = np.where(caused.rounds < 0, np.nan, caused.bank_loss)
        return unknown


def _going_on(engine: Engine, room: Room) -> Engine:
    """Return the engine over the settled state that a start ended in."""
    ledger, state, supplies, prices = room
    if supplies is not None:
        supplies = supplies._replace(made=at_rest(supplies.supply, supplies.made))
    if prices is not None:
        prices = prices._replace(market=market_at(prices.assets, ledger, state, prices.market.price))
    return engine._replace(base=Room(ledger, untouched(state), supplies, prices))


def ledger_stage(
    ledger: Ledger,
    rule: Rule,
    unit: Ints,
    *,
    supply: Supply | None = None,
    profit: Floats | None = None,
    stops: int = IN_DEFAULT,
    staged: bool = False,
    assets: Assets | None = None,
    sweeps: int | None = None,
    tolerance: float = 1e-10,
    max_rounds: int = 2_000,
) -> LedgerStage:
    """Return the stage that pushes each drawn set through `ledger`; `unit` (facilities,): what a loss counts under.

    `supply`, `profit` (parties,): lost production spreads too; `assets`: what is sold lowers prices. Production settles
    before each sweep, prices step as in a run of contagion: the same least-loss fixed point, where calls do not shift
    between guarantors. A scenario that has not settled to `tolerance` after `max_rounds` sweeps counts as a swing.

    Nobody may be in default before the draw: UsageError where a known equity is 0 or less, or where the rule values
    claims by whole balance sheets (these look at the shock before they begin).
    """
    if rule.code not in (THRESHOLD, DEBTRANK, NONLINEAR):
        raise UsageError("a drawn set spreads by threshold, debtrank or nonlinear")
    if (ledger.known & (ledger.equity <= NOTHING * ledger.party[:, SCALE])).any():
        raise UsageError("a party with equity of 0 or less is in default before the draw; set its equity unknown")
    start = fresh_state(ledger)
    size, supplies, coarse = len(ledger.party), None, 0.0
    if supply is not None:
        supplies = SupplyChannel(supply, np.zeros(size) if profit is None else profit, production_at(supply, size))
        coarse = COARSE if len(supply.supplier) and not staged else 0.0
    engine = engine_over(
        ledger, rule, start,
        supplies=supplies, prices=None if assets is None else PriceChannel(assets, market_at(assets, ledger, start)),
        stops=stops, staged=staged, tolerance=tolerance, coarse=coarse, skips=True,
    )  # fmt: skip
    return LedgerStage(engine=engine, unit=unit, sweeps=sweeps, max_rounds=max_rounds)
