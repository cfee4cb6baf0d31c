"""Where a run stands and what it reads of the book, and both as one table of addresses for compiled functions."""

from __future__ import annotations

from typing import NamedTuple

from graphrisk.kernels.arrays.borrowed import (
    addresses,
    flag_rows_at,
    flags_at,
    float_rows_at,
    floats_at,
    int_rows_at,
    ints_at,
    number_at,
)
from graphrisk.kernels.arrays.compiled import njit
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


# first rows of the parts of a room in its table
_STATE = len(Ledger._fields)
_SUPPLY = _STATE + len(State._fields)
_PROFIT = _SUPPLY + len(Supply._fields) - 1 + len(InTurn._fields)
_MADE = _PROFIT + 1
_ASSETS = _MADE + len(Production._fields)
_MARKET = _ASSETS + len(Assets._fields)


def borrowed(room: Room) -> Ints:
    """Return the addresses of all arrays of a room; it must outlive them, and keep its arrays."""
    parts = [*room.ledger, *room.state]
    if room.supplies is not None and room.prices is not None:
        supply = room.supplies.supply
        parts += [*supply[:-1], *supply.in_turn, room.supplies.profit, *room.supplies.made, *room.prices.assets]
        parts += room.prices.market
    return addresses(parts)


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def ledger_in(table: Ints) -> Ledger:
    """Return the ledger of a room."""
    return Ledger(
        float_rows_at(table, 0), int_rows_at(table, 1), ints_at(table, 2), floats_at(table, 3), ints_at(table, 4),
        floats_at(table, 5), ints_at(table, 6), int_rows_at(table, 7), floats_at(table, 8), int_rows_at(table, 9),
        ints_at(table, 10), floats_at(table, 11), int_rows_at(table, 12), floats_at(table, 13), int_rows_at(table, 14),
        floats_at(table, 15), ints_at(table, 16), table[17, 0], table[18, 0],
    )  # fmt: skip


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def state_in(table: Ints) -> State:
    """Return the state of a room."""
    t = table[_STATE:]
    return State(
        float_rows_at(t, 0), float_rows_at(t, 1), int_rows_at(t, 2), flag_rows_at(t, 3), float_rows_at(t, 4),
        int_rows_at(t, 5), flag_rows_at(t, 6), float_rows_at(t, 7), float_rows_at(t, 8), int_rows_at(t, 9),
        ints_at(t, 10),
    )  # fmt: skip


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def supplies_in(table: Ints) -> SupplyChannel:
    """Return deliveries and production of a room that has both."""
    t = table[_SUPPLY:]
    turned = InTurn(
        ints_at(t, 11), floats_at(t, 12), ints_at(t, 13), floats_at(t, 14), ints_at(t, 15), ints_at(t, 16),
        ints_at(t, 17), floats_at(t, 18), ints_at(t, 19), ints_at(t, 20), floats_at(t, 21),
    )  # fmt: skip
    supply = Supply(
        ints_at(t, 0), ints_at(t, 1), ints_at(t, 2), floats_at(t, 3), ints_at(t, 4), ints_at(t, 5), ints_at(t, 6),
        floats_at(t, 7), floats_at(t, 8), ints_at(t, 9), floats_at(t, 10), turned,
    )  # fmt: skip
    t = table[_MADE:]
    made = Production(
        float_rows_at(t, 0), float_rows_at(t, 1), float_rows_at(t, 2), int_rows_at(t, 3), flag_rows_at(t, 4),
        float_rows_at(t, 5), ints_at(t, 6), ints_at(t, 7), flags_at(t, 8), ints_at(t, 9), ints_at(t, 10),
    )  # fmt: skip
    return SupplyChannel(supply, floats_at(table, _PROFIT), made)


@njit(cache=True, nogil=True, no_cpython_wrapper=True)
def prices_in(table: Ints) -> PriceChannel:
    """Return assets and prices of a room that has both."""
    t = table[_ASSETS:]
    assets = Assets(
        int_rows_at(t, 0), ints_at(t, 1), float_rows_at(t, 2), ints_at(t, 3), ints_at(t, 4), ints_at(t, 5),
        float_rows_at(t, 6), int_rows_at(t, 7), ints_at(t, 8), ints_at(t, 9), float_rows_at(t, 10), floats_at(t, 11),
        number_at(t, 12),
    )  # fmt: skip
    t = table[_MARKET:]
    market = Market(
        floats_at(t, 0), floats_at(t, 1), floats_at(t, 2), floats_at(t, 3), int_rows_at(t, 4), flag_rows_at(t, 5),
        ints_at(t, 6), flags_at(t, 7), ints_at(t, 8),
    )  # fmt: skip
    return PriceChannel(assets, market)
