"""The engine of a run, and of many starts from the end of one: what of the book takes part, by the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from graphrisk.cascade.layers import STOPS, price_assets, scenario_assets, valued_ledger
from graphrisk.cascade.params import Params, rule_of
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.engine import Engine, engine_over
from graphrisk.kernels.contagion.ledger import Floats, Ledger, fresh_state, own_state
from graphrisk.kernels.contagion.price_impact import market_at
from graphrisk.kernels.contagion.production import Production, production_at
from graphrisk.kernels.contagion.production_lost import ProductionLost, at_rest
from graphrisk.kernels.contagion.rooms import PriceChannel, Room, SupplyChannel

if TYPE_CHECKING:
    from graphrisk.cascade.run import Spread

OWN_ASSETS = ("rv", "merton")
"""Rules that value claims by the debtor's own assets, which a shock takes from."""


def engine_of_run(start: Spread | None, book: Book, ledger: Ledger, params: Params, in_turn: bool) -> Engine:
    """Return the engine of one run: over the undistressed state, or over a copy of where `start` ended.

    `in_turn`: production settles before each sweep, where only the end counts.
    """
    assets = price_assets(book, params)
    if start is not None and assets is None and np.any(book.pledges.price != start.price):
        assets = scenario_assets(book)
    state, made, price = fresh_state(ledger), None, book.pledges.price
    if start is not None:
        state, price = own_state(start.run.state), start.price
        made = None if start.supply is None else start.supply.made
        ledger = ledger._replace(uncovered=start.ledger.uncovered, pledged=start.ledger.pledged)
    prices = None
    if assets is not None:
        ledger = ledger._replace(uncovered=ledger.uncovered.copy(), pledged=ledger.pledged.copy())
        prices = PriceChannel(assets, market_at(assets, ledger, state, price))
    return engine_over(
        ledger, rule_of(params), state,
        supplies=_supplies(book, made), prices=prices,
        stops=STOPS[params.supply_default], staged=params.schedule == "staged", in_turn=in_turn,
        tolerance=params.tolerance,
    )  # fmt: skip


def engine_after(done: Spread, params: Params) -> Engine:
    """Return the engine over the end of a run, for many starts from there."""
    book, prices = done.book, None
    takes_assets = params.rule in OWN_ASSETS and not (book.supply is not None and params.supply_default == "none")
    if done.assets is not None:
        prices = PriceChannel(done.assets, market_at(done.assets, done.ledger, done.run.state, done.price))
    return engine_over(
        done.ledger, done.rule, done.run.state,
        supplies=_supplies(book, None if done.supply is None else done.supply.made), prices=prices,
        shocked=shocked_balance_sheets(done, params) if takes_assets else None,
        stops=STOPS[params.supply_default], staged=params.schedule == "staged", tolerance=params.tolerance,
    )  # fmt: skip


def _supplies(book: Book, made: Production | None) -> SupplyChannel | None:
    """Return the production of a book, untouched or where a run left it; None where no deliveries take part."""
    if book.supply is None:
        return None
    size = book.graph.size
    return SupplyChannel(
        book.supply, book.profit, production_at(book.supply, size) if made is None else at_rest(book.supply, made)
    )  # fmt: skip


def production_lost(book: Book, engine: Engine, room: Room, taken: Floats | None, rounds: int) -> ProductionLost | None:
    """Return where a run left production; None where no deliveries take part."""
    if book.supply is None or room.supplies is None:
        return None
    return ProductionLost(
        supply=room.supplies.supply,
        profit=room.supplies.profit,
        shock=np.zeros(book.graph.size) if taken is None else taken,
        stops=engine.how.stops,
        staged=engine.how.staged,
        made=room.supplies.made,
        rounds=rounds,
    )


def shocked_balance_sheets(done: Spread, params: Params) -> Floats:
    """Return what the rule needs of each party's balance sheet once a shock took its equity (parties, 7)."""
    everybody = replace(done.shock, fraction=np.ones(done.book.graph.size), given=True)
    return valued_ledger(done.book, params, everybody.money(done.ledger.equity, done.ledger.known))[0].party
