"""How drawn defaults spread over the whole ledger: each set is a start from the undistressed state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.kernels.contagion.engine import ENDED, SETTLED, Engine, engine_over, hit_all, own_room, settle
from graphrisk.kernels.contagion.ledger import (
    CLUSTER,
    DEBTRANK,
    FAILED,
    FIRST_EQUITY,
    NONLINEAR,
    NOTHING,
    SCALE,
    SHORTFALL,
    THRESHOLD,
    UNPAID,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    fresh_state,
    untouched,
)
from graphrisk.kernels.contagion.memory_order import in_memory_order, place_of
from graphrisk.kernels.contagion.price_impact import Assets, market_at
from graphrisk.kernels.contagion.production import production_at
from graphrisk.kernels.contagion.production_lost import at_rest
from graphrisk.kernels.contagion.rooms import PriceChannel, Room, SupplyChannel
from graphrisk.kernels.contagion.starts import STEPS, Unpaid, each_alone, unpaid_after
from graphrisk.kernels.contagion.supply_losses import IN_DEFAULT, Supply
from graphrisk.kernels.portfolio.copula import Draws
from graphrisk.kernels.portfolio.default_spread import Losses

COARSE = 1e-2
"""Tolerance to which a scenario with production settles first: most defaults are found before the long tail of it."""
LEFT_OUT = 12
"""Of drawn defaults so many are left out together, to learn what each of them adds."""
CONSERVED = 1e-9
"""Largest gap between shortfalls and payments plus losses, over the shortfalls, that a scenario may show."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerStage:
    """Second stage over the whole ledger: the bank loses what stays unpaid of its own facilities.

    `unit` (facilities,): what each facility's loss is counted under. `sweeps` None: to the fixed point. 1: the first
    sweep alone, in which collateral and guarantors that stand answer for the drawn defaults and nobody else fails yet.
    `in_steps`: contracts settle before production follows: the same fixed point, and the losses of that first sweep and
    by contracts alone are told on the way. `place` (parties,): the row of each party in the engine; None: its own.
    """

    engine: Engine
    unit: Ints
    sweeps: int | None
    max_rounds: int
    in_steps: bool
    place: Ints | None

    def __call__(self, draws: Draws) -> Losses:
        """Return what stays unpaid of each facility in each scenario; `untold`: width of its swing in money, else 0.

        Raises GraphRiskError where the ledger does not add up, ConvergenceError where production does not settle.
        """
        return self.each_step(draws)[-1]

    def each_step(self, draws: Draws) -> tuple[Losses, ...]:
        """Return what stays unpaid step by step, the end last; the end alone where there are no steps on the way."""
        most, steps = self.max_rounds if self.sweeps is None else self.sweeps, STEPS if self.in_steps else 1
        found = unpaid_after(
            self.engine, draws.start, self._here(draws.party), most=most, settles=self.sweeps is None,
            in_steps=self.in_steps,
        )  # fmt: skip
        if not (found.gap <= CONSERVED).all():
            raise GraphRiskError(
                f"the ledger does not add up: shortfalls differ from payments and losses by {found.gap.max():.3g}",
                hint="this is a fault of graphrisk: please report it with the data",
            )
        return tuple(self._of_step(found, step, steps) for step in range(steps))

    def _of_step(self, found: Unpaid, step: int, steps: int) -> Losses:
        if steps == 1:
            return Losses(found.start, self.unit[found.facility], found.amount, found.swing)
        count = np.diff(found.start)
        rows = np.repeat(np.arange(len(count)) % steps == step, count)
        start = np.concatenate([[0], np.cumsum(count[step::steps])])
        return Losses(start, self.unit[found.facility[rows]], found.amount[rows], found.swing[step::steps])

    def defaults_after(self, down: Ints) -> tuple[Flags, bool]:
        """Return who is in default (parties,) in the end of the default of `down`, and whether that settles."""
        room, said = self._end_of(self._here(down))
        failed = room.state.party_flag[:, FAILED]
        return failed.copy() if self.place is None else failed[self.place], said[ENDED] == SETTLED

    def _here(self, parties: Ints) -> Ints:
        return parties if self.place is None else self.place[parties]

    def _end_of(self, down: Ints) -> tuple[Room, Floats]:
        """Return where the default of `down`, rows of the engine, ends, and what `settle` said."""
        said = np.zeros(4)
        most = self.max_rounds if self.sweeps is None else self.sweeps
        for in_steps in (True, False) if self.in_steps else (False,):
            room, done = own_room(self.engine), 0
            _draw(self.engine, room, down)
            if in_steps:
                done = settle(self.engine, room, most, said, waits=True)
            if not in_steps or said[ENDED] == SETTLED:
                settle(self.engine, room, most - done, said)
            if said[ENDED] == SETTLED:
                break
        return room, said

    def added_by(self, down: Ints, parties: Ints) -> Floats:
        """Return what the default of each of `parties` adds to what `down` leave unpaid; NaN where nothing settles.

        All go on from where other runs end: those that stand there alone, those in default there as drawn as well, and
        of `down` some are left out at first and added again but for one: what that one adds is what is less.
        """
        down, parties = self._here(down), self._here(parties)
        end, said = self._end_of(down)
        out = np.full(len(parties), np.nan)
        if said[ENDED] != SETTLED:
            return out
        engine, lost = _going_on(self.engine, end), self._lost(end)
        drawn, stands = np.isin(parties, down), ~end.state.party_flag[parties, FAILED]
        alone = ~drawn & stands
        caused = each_alone(engine, parties[alone], max_rounds=self.max_rounds)
        out[alone] = np.where(caused.rounds < 0, np.nan, caused.bank_loss)
        for i in np.flatnonzero(~drawn & ~stands):
            out[i] = self._lost_after(engine, parties[i : i + 1]) - lost
        among = np.flatnonzero(drawn)
        for at in range(0, len(among), LEFT_OUT):
            few = among[at : at + LEFT_OUT]
            end, said = self._end_of(np.setdiff1d(down, parties[few]))
            engine = _going_on(self.engine, end)
            for i in few if said[ENDED] == SETTLED else ():
                out[i] = lost - self._lost_after(engine, parties[few[few != i]])
        return out

    def _lost_after(self, engine: Engine, parties: Ints) -> float:
        """Return what is unpaid once `parties` are drawn in a settled state, too; NaN where that does not settle."""
        room, said = own_room(engine), np.zeros(4)
        _draw(engine, room, parties)
        settle(engine, room, self.max_rounds, said)
        return self._lost(room) if said[ENDED] == SETTLED else np.nan

    def _lost(self, room: Room) -> float:
        facility, amounts = room.ledger.facility, room.state.facility_money
        unpaid = np.where(facility[CLUSTER] < 0, amounts[SHORTFALL], amounts[UNPAID])
        return float(unpaid[room.ledger.ours].sum())


def _draw(engine: Engine, room: Room, parties: Ints) -> None:
    """Put `parties` in default from outside."""
    size = len(room.ledger.party)
    money, whole = np.zeros(size), np.zeros(size)
    money[parties], whole[parties] = room.ledger.party[parties, FIRST_EQUITY], 1.0
    hit_all(engine, room, parties, money, whole, whole)


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
    size, supplies, coarse, place = len(ledger.party), None, 0.0, None
    in_steps = supply is not None and len(supply.supplier) > 0 and not staged and assets is None and sweeps is None
    if supply is not None:
        lost = np.zeros(size) if profit is None else profit
        if in_steps:
            ledger, supply, lost, order, facilities = in_memory_order(ledger, supply, lost)
            unit, place = unit[facilities], place_of(order)
        supplies = SupplyChannel(supply, lost, production_at(supply, size))
        coarse = COARSE if len(supply.supplier) and not staged else 0.0
    start = fresh_state(ledger)
    engine = engine_over(
        ledger, rule, start,
        supplies=supplies, prices=None if assets is None else PriceChannel(assets, market_at(assets, ledger, start)),
        stops=stops, staged=staged, tolerance=tolerance, coarse=coarse, skips=True,
    )  # fmt: skip
    return LedgerStage(engine=engine, unit=unit, sweeps=sweeps, max_rounds=max_rounds, in_steps=in_steps, place=place)
