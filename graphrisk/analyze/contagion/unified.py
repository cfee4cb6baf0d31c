"""A run of the joint map: the client graph to its ledger, the shock through it, the books closed and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from graphrisk.analyze.contagion.lines import INITIAL, SHOCK, LineFinder, Lines, Moment
from graphrisk.analyze.contagion.params import VALUED, Params, rule_of, unread
from graphrisk.analyze.contagion.shocks import Shock, resolve_shocks
from graphrisk.errors import GraphRiskError
from graphrisk.graph.balance_sheets import value_by_balance_sheet
from graphrisk.graph.ledger import Book, build_book, layers_with_data
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.balance import Balance, close_books
from graphrisk.kernels.cascade import Layer, Run, Watch, spread
from graphrisk.kernels.ledger import (
    ASKED,
    FALLEN,
    LINE_PAID,
    LOSS,
    NOTHING,
    SUPPLIES,
    UNPAID,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
)
from graphrisk.kernels.ledger import SHOCK as SHOCK_ROW
from graphrisk.kernels.prices import PriceLayer
from graphrisk.kernels.supply import BY_LOSS, IN_DEFAULT, NEVER, SupplyLayer
from graphrisk.model.result import Inputs

Record = Callable[[Ints, Moment], None]
"""Told which parties (sorted) failed in a sweep after the first, and what their loss lines are made of then."""
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
    supply: SupplyLayer | None
    prices: PriceLayer | None
    causes: tuple[str | None, ...]
    bank_loss_before: float
    notes: tuple[str, ...]

    @property
    def bank_loss(self) -> float:
        """What stays unpaid of all facilities."""
        return float(self.balance.unpaid.sum())

    @property
    def equity_lost(self) -> float:
        """Fall of equity above 0, over all parties."""
        return float(np.maximum(self.ledger.equity, 0.0).sum() - np.maximum(self.balance.equity, 0.0).sum())

    def lines(self, parties: Ints) -> Lines:
        """Return the loss lines of `parties` (sorted positions) at the end; they sum to each party's loss."""
        return LineFinder(self.book).lines(parties, self.moment)

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
            pledge_pays=self.pledge_pays,
            supply=self.supply,
            profit_lost=balance.supplies,
        )


def prepare(graph: RiskGraph, params: Params, inputs: Inputs) -> tuple[Book, Shock, tuple[str, ...]]:
    """Return the ledger of `graph` under the parameters, the shock, and what a reader must know of both."""
    shock = resolve_shocks(graph, params, inputs)
    with_data = layers_with_data(graph)
    layers = with_data if params.layers is None else params.layers
    notes = [f"layer {name} holds no data" for name in params.layers or () if name not in with_data]
    notes += [f"layer {name} is left out" for name in with_data if name not in layers]
    notes += [f"warning: {name} has no effect under rule {params.rule}" for name in unread(params)]
    if inputs.scenario is not None and not inputs.scenario.shocks and not np.any(shock.fraction + shock.amount):
        notes.append("warning: the scenario has no [[shock]], and nobody is shocked")
    if np.any(shock.price_change) and "collateral" not in layers:
        notes.append("warning: the fall of prices has no effect, because the layer collateral is left out")
    book = build_book(graph, layers=layers, price_change=shock.price_change, horizon_months=params.horizon_months)
    if params.impact_beta and "collateral" not in book.layers:
        notes.append("warning: impact_beta has no effect, because the layer collateral is left out")
    if shock.given and params.supply_default == "none" and book.supply is not None:
        notes.append("supply_default=none: a shock takes production, not equity")
        idle = int((((shock.fraction > 0.0) | (shock.amount > 0.0)) & ~(book.profit > 0.0)).sum())
        if idle:
            notes.append(
                f"warning: {idle:,} shocked parties have no known profit: to stop costs them nothing themselves"
            )
    return book, shock, (*book.warnings, *shock.notes, *notes, *book.notes, *_capacity_notes(book, params, shock))


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
    )


def broken_at_start(book: Book) -> Flags:
    """Return which parties have no equity left before any shock (parties,)."""
    equity = book.ledger.equity
    found: Flags = book.ledger.known & (equity <= NOTHING * np.maximum(np.abs(equity), 1.0))
    return found


def spread_shock(
    book: Book, shock: Shock, params: Params, *, explain: bool = True, record: Record | None = None
) -> Spread:
    """Return the least-loss fixed point of a shock on a book, with its books closed; `explain`: with causes.

    `record` is told of each sweep in which parties fail, as it stands then (with `explain` only).

    Raises ConvergenceError where it does not settle, DataError where a rule lacks balance sheets, GraphRiskError where
    the ledger does not add up.
    """
    rule, known = rule_of(params), book.ledger.known
    by_production = book.supply is not None and params.supply_default == "none"
    money = np.zeros(book.graph.size) if by_production else shock.money(book.ledger.equity, known)
    fixed = np.zeros(book.graph.size) if by_production else shock.fixed(known)
    ledger, notes = _valued_ledger(book, params, money)
    supply = _supply_layer(book, shock, params)
    prices = _price_layer(book, params)
    if prices is not None:
        ledger = ledger._replace(uncovered=ledger.uncovered.copy(), pledged=ledger.pledged.copy())
    layers: list[Layer] = [layer for layer in (supply, prices) if layer is not None]
    price_loss = book.price_loss(book.pledges.price)
    causes: list[str | None] = [None] * book.graph.size
    before = [0.0]
    watch = _watcher(book, supply, prices, causes, before, record) if explain else None
    run = spread(
        ledger, rule, shock=money, fixed=fixed, price_loss=price_loss, tolerance=params.tolerance,
        max_rounds=params.max_rounds, layers=layers, watch=watch,
    )  # fmt: skip
    price = book.pledges.price if prices is None else prices.price
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
        covered=book.covered if prices is None else prices.covered,
        price=price,
        pledge_pays=book.pledge_pays if prices is None else prices.pays,
        supply=supply,
        prices=prices,
        causes=tuple(causes),
        bank_loss_before=before[0],
        notes=notes,
    )


def _watcher(
    book: Book,
    supply: SupplyLayer | None,
    prices: PriceLayer | None,
    causes: list[str | None],
    before: list[float],
    record: Record | None,
) -> Watch:
    """Return the function that notes why each party failed, and the bank loss of the first sweep."""
    finder, broken = LineFinder(book), broken_at_start(book)

    def watch(number: int, fresh: Ints, state: State) -> None:
        if number == 1:
            before[0] = float(state.facility_money[UNPAID].sum())
        if number == 0:
            for party in fresh:
                causes[party] = finder.text(party, INITIAL if broken[party] else SHOCK, 0, 0)
        elif len(fresh):
            moment = Moment(
                loss=state.money[:, LOSS],
                fallen=state.money[:, FALLEN],
                shock=state.money[:, SHOCK_ROW],
                unpaid=state.facility_money[UNPAID],
                paid=state.line_money[LINE_PAID],
                unmet=state.line_money[ASKED] - state.line_money[LINE_PAID],
                price=book.pledges.price if prices is None else prices.price,
                pledge_pays=book.pledge_pays if prices is None else prices.pays,
                supply=supply,
                profit_lost=state.money[:, SUPPLIES],
            )
            kind, key, other = finder.causes(fresh, moment)
            for place, party in enumerate(fresh):
                causes[party] = finder.text(party, int(kind[place]), int(key[place]), int(other[place]))
            if record is not None:
                record(fresh, moment)

    return watch


def _valued_ledger(book: Book, params: Params, money: Floats) -> tuple[Ledger, tuple[str, ...]]:
    """Return the ledger of a run, with balance sheets where the rule values claims by them."""
    if params.rule not in VALUED:
        return book.ledger, ()
    party, notes = value_by_balance_sheet(
        book,
        shock=money,
        seniority=params.seniority,
        alpha=1.0 if params.alpha is None or params.rule != "rv" else params.alpha,
        beta=params.beta if params.rule == "rv" else 1.0,
        sigma=params.sigma,
        lognormal=params.rule == "merton",
    )
    return book.ledger._replace(party=party), notes


def shocked_balance_sheets(done: Spread, params: Params) -> Floats:
    """Return what the rule needs of each party's balance sheet once a shock took its equity (parties, 7)."""
    everybody = replace(done.shock, fraction=np.ones(done.book.graph.size), given=True)
    return _valued_ledger(done.book, params, everybody.money(done.ledger.equity, done.ledger.known))[0].party


def _supply_layer(book: Book, shock: Shock, params: Params) -> SupplyLayer | None:
    if book.supply is None:
        return None
    equity = book.ledger.equity
    part = np.divide(shock.amount, equity, out=np.zeros(len(equity)), where=equity > 0.0)
    production = np.minimum(1.0, shock.fraction + part) if params.supply_default == "none" else np.zeros(len(equity))
    return SupplyLayer(
        supply=book.supply,
        profit=book.profit,
        shock=production,
        stops={"default": IN_DEFAULT, "none": NEVER, "linear": BY_LOSS}[params.supply_default],
        staged=params.schedule == "staged",
        tolerance=params.tolerance,
        max_rounds=params.max_rounds,
    )


def _price_layer(book: Book, params: Params) -> PriceLayer | None:
    if not params.impact_beta or not len(book.pledges.facility):
        return None
    own = book.pledges
    classes = int(own.classes.max(initial=-1)) + 1
    depth = np.bincount(own.classes, weights=own.value * own.price, minlength=classes).astype(np.float64)
    if params.impact_depth is not None:
        depth = np.full(classes, params.impact_depth)
    return PriceLayer(pledges=own, beta=params.impact_beta, depth=depth, order=book.pledge_row)


def _capacity_notes(book: Book, params: Params, shock: Shock) -> list[str]:
    ledger, notes = book.ledger, []
    guarantor = ledger.contract[0]
    blind = ~ledger.known[guarantor] & (ledger.cap > 0.0)
    if blind.any() and params.capacity == "net_assets":
        said = "pay up to their caps" if params.missing_capacity == "caps" else "pay nothing"
        notes.append(
            f"{len(np.unique(guarantor[blind])):,} guarantors without known equity {said} "
            f"(missing_capacity={params.missing_capacity}); their caps sum to {ledger.cap[blind].sum():,.2f}"
        )
    if params.missing_capacity == "caps" and (blind & (shock.fraction[guarantor] >= 1.0)).any():
        notes.append("guarantors without known equity that are shocked still pay up to their caps")
    if (book.graph.positions("facilities", "lender_id") >= 0).any():
        notes.append(
            "facilities of other lenders: what stays unpaid is bank_loss of the facility and lost from its lender's "
            "equity; loss_caused counts both"
        )
    if "ownership" in book.layers and book.graph.rows("ownership"):
        notes.append("the ownership layer shows a loss again at each owner")
    return notes
