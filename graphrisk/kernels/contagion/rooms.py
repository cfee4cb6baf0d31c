"""Where a run stands and what it reads of the book, and both as one table of addresses for compiled functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from graphrisk.kernels.arrays.borrowed import Borrowed, addresses, borrower_of
from graphrisk.kernels.contagion.ledger import Floats, Ints, Ledger, State
from graphrisk.kernels.contagion.price_impact import Assets, Market
from graphrisk.kernels.contagion.production import Production
from graphrisk.kernels.contagion.supply_losses import InTurn, Supply


class SupplyChannel(NamedTuple):
    """Deliveries, what production earns, and where production stands in a run."""

    supply: Supply
    profit: Floats  # (parties,) money lost with all production
    made: Production


class PriceChannel(NamedTuple):
    """The assets, and where their prices stand in a run."""

    assets: Assets
    market: Market


class Room(NamedTuple):
    """Where one run stands. Its ledger is its own where prices or balance sheets change it.

    Without deliveries, or where no price moves, None: what is None is not compiled either.
    """

    ledger: Ledger
    state: State
    supplies: SupplyChannel | None
    prices: PriceChannel | None


# where each part of a room lies in its table
_LEDGER = Borrowed(Ledger, 0, rows={"party", "start", "facility", "facility_start", "line", "contract"})
_STATE = Borrowed(State, _LEDGER.end, rows={*State._fields} - {"counts"})
_SUPPLY = Borrowed(Supply, _STATE.end, in_turn=Borrowed(InTurn, _STATE.end + len(Supply._fields) - 1))
_MADE = Borrowed(Production, _SUPPLY.end + 1, rows={"level", "seen", "fresh", "queue", "queued", "room"})
_SUPPLIES = Borrowed(SupplyChannel, _STATE.end, supply=_SUPPLY, made=_MADE)
_ASSETS = Borrowed(Assets, _MADE.end, rows={"pledge", "take", "asset", "whose", "facility"})
_MARKET = Borrowed(Market, _ASSETS.end, rows={"listed", "marked"})
_PRICES = Borrowed(PriceChannel, _MADE.end, assets=_ASSETS, market=_MARKET)

ledger_in: Callable[[Ints], Ledger] = borrower_of(_LEDGER)
state_in: Callable[[Ints], State] = borrower_of(_STATE)
supplies_in: Callable[[Ints], SupplyChannel] = borrower_of(_SUPPLIES)
prices_in: Callable[[Ints], PriceChannel] = borrower_of(_PRICES)


def borrowed(room: Room) -> Ints:
    """Return the addresses of all arrays of a room; it must outlive them, and keep its arrays."""
    table = addresses([*room.ledger, *room.state])
    if room.supplies is None or room.prices is None:
        return table
    return np.concatenate([table, _rows_of(room.supplies), addresses([*room.prices.assets, *room.prices.market])])


def borrowed_supplies(supplies: SupplyChannel) -> Ints:
    """Return the addresses of deliveries and production alone, in their rows of a room's table."""
    return np.concatenate([np.zeros((_STATE.end, 3), dtype=np.int64), _rows_of(supplies)])


def _rows_of(supplies: SupplyChannel) -> Ints:
    supply = supplies.supply
    return addresses([*supply[:-1], *supply.in_turn, supplies.profit, *supplies.made])
