"""A run of the joint map: the client graph to its ledger, the shock through it, the books closed and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from graphrisk.cascade.contract_lines import SHOCK, Moment
from graphrisk.cascade.engines import engine_of_run, production_lost
from graphrisk.cascade.layers import capacity_notes, production_taken, valued_ledger
from graphrisk.cascade.loss_lines import INITIAL, LineFinder
from graphrisk.cascade.params import Params, rule_of
from graphrisk.cascade.setting_notes import setting_notes
from graphrisk.cascade.shocks import Shock, resolve_shocks
from graphrisk.errors import ConvergenceError, GraphRiskError
from graphrisk.graph.book import Book, build_book, layers_with_data
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.closing import Balance, close_books
from graphrisk.kernels.contagion.collateral import covered_at
from graphrisk.kernels.contagion.engine import Engine
from graphrisk.kernels.contagion.fixed_point import Run, Watch, spread
from graphrisk.kernels.contagion.ledger import (
    ASKED,
    FALLEN,
    LINE_PAID,
    LOSS,
    LOST_SUPPLIES,
    NOTHING,
    TAKEN,
    UNPAID,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
)
from graphrisk.kernels.contagion.price_impact import Assets
from graphrisk.kernels.contagion.production_lost import ProductionLost
from graphrisk.kernels.contagion.rest import residual_at_rest
from graphrisk.kernels.contagion.rooms import Room
from graphrisk.model.result import Inputs

Record = Callable[[Ints, Moment, Moment | None], None]
"""A function that a run calls after each sweep in which parties failed: with these parties, with what their loss lines
are made of at that moment, and with what they were made of at the end of the unshocked run (None: it is that run)."""
CONSERVED = 1e-9
"""Largest gap of the ledger, over its total, that a run may show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A finished run: the book, its rule and shock, the final state and the closed balance."""

    book: Book
    ledger: Ledger
    rule: Rule
    shock: Shock
    run: Run
    balance: Balance
    covered: Floats
    price: Floats  # (assets,) over the appraised value
    pledge_pays: Floats
    supply: ProductionLost | None
    assets: Assets | None  # those whose prices fall as they are sold
    causes: tuple[str | None, ...]
    bank_loss_before: float
    notes: tuple[str, ...]
    base: Spread | None = None  # the unshocked run that the shock is judged against; None: this is one

    @property
    def bank_loss(self) -> float:
        """What stays unpaid of our own bank's facilities."""
        return float(self.balance.unpaid[self.ledger.ours].sum())

    @property
    def other_lenders_loss(self) -> float:
        """What stays unpaid of the facilities of other lenders: it is in their equity."""
        return float(self.balance.unpaid[~self.ledger.ours].sum())

    @property
    def rest(self) -> dict[str, float]:
        """How far the run is from standing still: what one more application of the whole map would change."""
        prices = None if self.assets is None else self.run.room.prices
        return residual_at_rest(self.ledger, self.rule, self.run.state, self.balance, self.supply, prices)

    @property
    def equity_lost(self) -> float:
        """Fall of equity above 0, over all parties."""
        return float(np.maximum(self.ledger.equity, 0.0).sum() - np.maximum(self.balance.equity, 0.0).sum())

    @property
    def unshocked(self) -> Spread:
        """The run against which this one is judged: its base, or itself where there is no shock."""
        return self if self.base is None else self.base

    @property
    def newly_failed(self) -> Flags:
        """Who fails only with the shock (parties,); of an unshocked run, all that fail in it."""
        failed: Flags = self.run.state.failed
        return failed if self.base is None else failed & ~self.base.run.state.failed

    @property
    def base_moment(self) -> Moment | None:
        """What the loss lines were made of at the end of the unshocked run; None: this is that run."""
        return None if self.base is None else self.base.moment

    @property
    def own_stop(self) -> Floats:
        """Profit that each party loses because it stopped itself (parties,)."""
        if self.supply is None:
            return np.zeros(self.book.graph.size)
        lost = self.supply.lost
        part = np.divide(self.supply.own, lost, out=np.zeros(len(lost)), where=lost > 0.0)
        return self.balance.supplies * np.minimum(part, 1.0)

    @property
    def production_lost(self) -> Floats:
        """Part of its production that each party loses (parties,)."""
        if self.supply is None:
            return np.zeros(self.book.graph.size)
        return self.supply.lost

    @property
    def moment(self) -> Moment:
        """The quantities of which the final loss lines are made."""
        balance = self.balance
        return Moment(
            loss=balance.loss,
            fallen=balance.fallen,
            shock=balance.shock,
            unpaid=balance.unpaid,
            paid=balance.line_paid,
            unmet=balance.asked - balance.line_paid,
            price=self.price,
            scenario_price=self.book.pledges.price,
            pledge_pays=self.pledge_pays,
            supply=self.supply,
            profit_lost=balance.supplies,
        )


def prepare(graph: RiskGraph, params: Params, inputs: Inputs) -> tuple[Book, Shock, tuple[str, ...]]:
    """Return the ledger of `graph` under the parameters, the shock, and what a reader must know of both."""
    shock = resolve_shocks(graph, params, inputs)
    with_data = layers_with_data(graph)
    layers = with_data if params.layers is None else params.layers
    book = build_book(graph, layers=layers, price_change=shock.price_change, horizon_months=params.horizon_months)
    notes = setting_notes(book, params, inputs, shock, with_data)
    return book, shock, (*book.warnings, *shock.notes, *notes, *book.notes, *capacity_notes(book, params, shock))


def no_shock(book: Book) -> Shock:
    """Return the shock that hits nobody."""
    size = book.graph.size
    return Shock(
        fraction=np.zeros(size),
        amount=np.zeros(size),
        price_change=np.zeros(book.graph.rows("collateral")),
        given=False,
        notes=(),
        taken=np.zeros(size),
        before=np.zeros(size),
    )


def broken_at_start(book: Book) -> Flags:
    """Return which parties have no equity left before any shock (parties,)."""
    equity = book.ledger.equity
    found: Flags = book.ledger.known & (equity <= NOTHING * np.maximum(np.abs(equity), 1.0))
    return found


def run_under(
    graph: RiskGraph,
    params: Params,
    inputs: Inputs,
    *,
    explain: bool = True,
    in_turn: bool = False,
    record: Callable[[Book], Record] | None = None,
) -> tuple[Spread, tuple[str, ...]]:
    """Return the run of a shock on `graph` with the unshocked run it is judged against, and what to know of both.

    `record`: given the book, returns who is told of each sweep in which parties fail. `in_turn`: only the end counts,
    so that production settles before each sweep, which is faster; the end is the same, within the tolerance.
    """
    book, shock, notes = prepare(graph, params, inputs)
    told = None if record is None else record(book)
    base = unshocked_run(book, shock, params, explain=explain, in_turn=in_turn, record=None if shock.given else told)
    if not shock.given:
        return base, (*notes, *base.notes)
    done = spread_shock(book, shock, params, base=base, explain=explain, in_turn=in_turn, record=told)
    return done, (*notes, *done.notes)


def unshocked_run(
    book: Book,
    shock: Shock,
    params: Params,
    *,
    explain: bool = True,
    in_turn: bool = False,
    record: Record | None = None,
) -> Spread:
    """Return the run without the shock: whoever has no equity left, or a status put in default, spreads losses too."""
    if np.any(book.pledges.price != 1.0):
        book = build_book(book.graph, layers=book.layers, horizon_months=params.horizon_months)
    before = replace(no_shock(book), fraction=shock.before, before=shock.before)
    return spread_shock(book, before, params, explain=explain, in_turn=in_turn, record=record)


def spread_shock(
    book: Book,
    shock: Shock,
    params: Params,
    *,
    base: Spread | None = None,
    explain: bool = True,
    in_turn: bool = False,
    record: Record | None = None,
) -> Spread:
    """Return the least-loss fixed point of a shock on a book, with its books closed; `explain`: with causes.

    `base`: the unshocked run, from which it starts; staged schedules, and shocks that do not settle from there, start
    from the undistressed state. `record` is told of each sweep in which parties fail, as it stands then (with
    `explain` only).

    Raises ConvergenceError where it does not settle, DataError where a rule lacks balance sheets, GraphRiskError where
    the ledger does not add up.
    """
    how = {"explain": explain, "in_turn": in_turn}
    if base is None or params.schedule == "staged":
        return _spread_from(None, base, book, shock, params, record=record, **how)
    try:
        return _spread_from(base, base, book, shock, params, record=record, **how)
    except ConvergenceError:  # calls that shift between guarantors are not monotone: another way down may settle
        return _spread_from(None, base, book, shock, params, record=record, **how)


def _spread_from(
    start: Spread | None,
    base: Spread | None,
    book: Book,
    shock: Shock,
    params: Params,
    *,
    explain: bool,
    in_turn: bool,
    record: Record | None,
) -> Spread:
    rule, known = rule_of(params), book.ledger.known
    by_production = book.supply is not None and params.supply_default == "none"
    money = np.zeros(book.graph.size) if by_production else shock.money(book.ledger.equity, known)
    fixed = np.zeros(book.graph.size) if by_production else shock.fixed(known)
    ledger, notes = valued_ledger(book, params, money)
    engine = engine_of_run(start, book, ledger, params, in_turn)
    production = production_taken(book, shock, params) if by_production else None
    causes: list[str | None] = [None] * book.graph.size if base is None else list(base.causes)
    before = [0.0 if start is None else start.bank_loss]
    watch = _watcher(book, base, engine, production, causes, before, record) if explain else None
    run = spread(
        engine, engine.base, shock=money, fixed=fixed, production=production,
        price_loss=book.price_loss(book.pledges.price), undistressed=start is None, max_rounds=params.max_rounds,
        watch=watch,
    )  # fmt: skip
    if base is not None:
        anyway = base.run.state.failed & run.state.failed
        failed_in = np.where(anyway, base.run.failed_in, run.failed_in)
        run = run._replace(failed_in=failed_in)
    ledger = run.room.ledger
    price, covered, pays = _prices(book, run.room)
    balance = close_books(ledger, rule, run.state, price_loss=book.price_loss(price))
    if not balance.conservation <= CONSERVED:
        raise GraphRiskError(
            f"the ledger does not add up: shortfalls differ from payments and losses by {balance.conservation:.3g}",
            hint="this is a fault of graphrisk: please report it with the data",
        )
    return Spread(
        book=book,
        ledger=ledger,
        rule=rule,
        shock=shock,
        run=run,
        balance=balance,
        covered=covered,
        price=price,
        pledge_pays=pays,
        supply=production_lost(book, engine, run.room, production, run.production_rounds),
        assets=None if run.room.prices is None or not run.room.prices.assets.beta else run.room.prices.assets,
        causes=tuple(causes),
        bank_loss_before=before[0],
        notes=notes,
        base=base,
    )


def _prices(book: Book, room: Room) -> tuple[Floats, Floats, Floats]:
    """Return the prices (assets,) of a run as it stands, what collateral pays, and what each pledge does."""
    if room.prices is None or not len(room.prices.market.price):
        return book.pledges.price, book.covered, book.pledge_pays
    covered, pays = covered_at(book.pledges, room.prices.market.price)
    return room.prices.market.price, covered, pays


def _watcher(
    book: Book,
    base: Spread | None,
    engine: Engine,
    taken: Floats | None,
    causes: list[str | None],
    before: list[float],
    record: Record | None,
) -> Watch:
    """Return the function that notes why each party failed, and the bank loss of the first sweep."""
    finder, broken = LineFinder(book), broken_at_start(book)
    anyway = np.zeros(book.graph.size, dtype=bool) if base is None else base.run.state.failed
    unshocked = None if base is None else base.moment

    def watch(number: int, fresh: Ints, room: Room) -> None:
        state = room.state
        if number == 1:
            before[0] = float(state.facility_money[UNPAID, book.ledger.ours].sum())
        if number == 0:
            for party in fresh[~anyway[fresh]]:
                causes[party] = finder.text(party, INITIAL if broken[party] else SHOCK, 0, 0)
            return
        fresh = fresh[~anyway[fresh]]
        if len(fresh):
            price, _, pays = _prices(book, room)
            moment = Moment(
                loss=state.money[:, LOSS],
                fallen=state.money[:, FALLEN],
                shock=state.money[:, TAKEN],
                unpaid=state.facility_money[UNPAID],
                paid=state.line_money[LINE_PAID],
                unmet=state.line_money[ASKED] - state.line_money[LINE_PAID],
                price=price,
                scenario_price=book.pledges.price,
                pledge_pays=pays,
                supply=production_lost(book, engine, room, taken, number),
                profit_lost=state.money[:, LOST_SUPPLIES],
            )
            kind, key, other = finder.causes(fresh, moment, unshocked)
            for place, party in enumerate(fresh):
                causes[party] = finder.text(party, int(kind[place]), int(key[place]), int(other[place]))
            if record is not None:
                record(fresh, moment, unshocked)

    return watch
