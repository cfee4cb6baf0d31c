"""A run of contagion: the client graph to its ledger, the shock through it, the books closed and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphrisk.analyze.base import make_result
from graphrisk.analyze.contagion.importance import score_seeds
from graphrisk.analyze.contagion.lines import INITIAL, SHOCK, LineFinder, Moment
from graphrisk.analyze.contagion.params import VALUED, Params, rule_of
from graphrisk.analyze.contagion.shocks import Shock, resolve_shocks
from graphrisk.analyze.contagion.tables import calls_table, facilities_table, importance_table, parties_table
from graphrisk.errors import GraphRiskError, UsageError
from graphrisk.graph.ledger import LAYERS, Book, build_book, layers_with_data
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.balance import Balance, close_books
from graphrisk.kernels.cascade import Run, spread
from graphrisk.kernels.ledger import (
    ASKED,
    FALLEN,
    LINE_PAID,
    LOSS,
    NOTHING,
    UNPAID,
    Ints,
    Rule,
    State,
)
from graphrisk.kernels.ledger import SHOCK as SHOCK_ROW
from graphrisk.kernels.majorant import majorant, spectral_radius
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 1
CONSERVED = 1e-9
"""Largest gap of the ledger, over its total, that a run may show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A finished run: the book, its rule and shock, the final state and the closed balance."""

    book: Book
    rule: Rule
    shock: Shock
    run: Run
    balance: Balance
    causes: tuple[str | None, ...]
    bank_loss_before: float

    @property
    def bank_loss(self) -> float:
        """What stays unpaid of all facilities."""
        return float(self.balance.unpaid.sum())

    @property
    def equity_lost(self) -> float:
        """Fall of equity above 0, over all parties."""
        return float(np.maximum(self.book.ledger.equity, 0.0).sum() - np.maximum(self.balance.equity, 0.0).sum())


def prepare(graph: RiskGraph, params: Params, inputs: Inputs) -> tuple[Book, Shock, tuple[str, ...]]:
    """Return the ledger of `graph` under the parameters, the shock, and what a reader must know of both."""
    shock = resolve_shocks(graph, params, inputs)
    with_data = layers_with_data(graph)
    layers = with_data if params.layers is None else params.layers
    notes = [f"layer {name} holds no data" for name in params.layers or () if name not in with_data]
    notes += [f"layer {name} is left out" for name in with_data if name not in layers]
    if params.rule in VALUED or params.rule == "debtrank2012":
        raise UsageError(f"rule {params.rule} is not there yet")
    if "supplies" in layers and "supplies" in with_data:
        notes.append("layer supplies is not there yet: left out")
    if np.any(shock.price_change) and "collateral" not in layers:
        notes.append("warning: the fall of prices has no effect, because the layer collateral is left out")
    book = build_book(graph, layers=layers, price_change=shock.price_change)
    return book, shock, (*shock.notes, *notes, *book.notes, *_capacity_notes(book, params, shock))


def spread_shock(book: Book, shock: Shock, params: Params) -> Spread:
    """Return the least-loss fixed point of a shock on a book, with its books closed.

    Raises ConvergenceError where it does not settle, GraphRiskError where the ledger does not add up.
    """
    ledger, rule = book.ledger, rule_of(params)
    finder = LineFinder(book)
    causes: list[str | None] = [None] * book.graph.size
    before = [0.0]
    first_equity = ledger.equity
    broken = ledger.known & (first_equity <= NOTHING * np.maximum(np.abs(first_equity), 1.0))

    def watch(number: int, fresh: Ints, state: State) -> None:
        if number == 1:
            before[0] = float(state.facility_money[UNPAID].sum())
        if number == 0:
            for party in fresh:
                causes[party] = finder.text(party, INITIAL if broken[party] else SHOCK, 0, 0)
        elif len(fresh):
            kind, key, other = finder.causes(fresh, _moment_of(state))
            for place, party in enumerate(fresh):
                causes[party] = finder.text(party, int(kind[place]), int(key[place]), int(other[place]))

    price_loss = book.price_loss_of_party
    run = spread(
        ledger,
        rule,
        shock=shock.money(ledger.equity, ledger.known),
        fixed=shock.fixed(ledger.known),
        price_loss=price_loss,
        tolerance=params.tolerance,
        max_rounds=params.max_rounds,
        watch=watch,
    )
    balance = close_books(ledger, rule, run.state, price_loss=price_loss)
    if not balance.conservation <= CONSERVED:
        raise GraphRiskError(
            f"the ledger does not add up: shortfalls differ from payments and losses by {balance.conservation:.3g}",
            hint="this is a fault of graphrisk: please report it with the data",
        )
    return Spread(
        book=book,
        rule=rule,
        shock=shock,
        run=run,
        balance=balance,
        causes=tuple(causes),
        bank_loss_before=before[0],
    )


def no_shock(book: Book) -> Shock:
    """Return the shock that hits nobody."""
    size = book.graph.size
    return Shock(
        fraction=np.zeros(size),
        amount=np.zeros(size),
        price_change=np.zeros(len(book.price_loss)),
        given=False,
        notes=(),
    )


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what a shock does to every party, facility and guarantee; without a shock, what each party would cause."""
    progress("building the ledger")
    book, shock, notes = prepare(graph, params, inputs)
    progress("spreading the shock")
    spread_ = spread_shock(book, shock, params)
    baseline = _baseline(spread_, params)
    radius = spectral_radius(majorant(book.ledger)) if graph.size else 0.0
    scores = None
    if not shock.given:
        progress("each party alone", 0, graph.size)
        scores, said = score_seeds(book.ledger, spread_.rule, spread_.run.state, params)
        notes = (*notes, *said)
    tables = {
        "contagion_parties": parties_table(
            book,
            spread_.balance,
            spread_.run.state.failed,
            spread_.run.failed_in,
            spread_.causes,
            all_rows=params.all_rows,
        ),
        "contagion_facilities": facilities_table(book, spread_.balance),
        "contagion_calls": calls_table(book, spread_.balance),
        "contagion_importance": importance_table(graph.party_ids, scores),
    }
    return make_result(
        "contagion",
        VERSION,
        graph,
        params,
        tables=tables,
        certificate={**_certificate(spread_, params), "spectral_radius": radius, "baseline": baseline},
        notes=notes,
        inputs=inputs,
    )


def _moment_of(state: State) -> Moment:
    paid = state.line_money[LINE_PAID]
    return Moment(
        loss=state.money[LOSS],
        fallen=state.money[FALLEN],
        shock=state.money[SHOCK_ROW],
        unpaid=state.facility_money[UNPAID],
        paid=paid,
        unmet=state.line_money[ASKED] - paid,
    )


def _certificate(done: Spread, params: Params) -> dict[str, Any]:
    balance, known = done.balance, done.book.ledger.known
    return {
        "converged": True,
        "rounds": done.run.rounds,
        "residual": float(balance.residual.max(initial=0.0)),
        "tolerance": params.tolerance,
        "stop_rule": "no party fails and none changes by more than tolerance x max(|E0|, 1) in a sweep",
        "conservation_residual": balance.conservation,
        "layers": list(done.book.layers),
        "defaults": int(done.run.state.failed.sum()),
        "capped": int((known & (balance.equity <= NOTHING * np.maximum(np.abs(done.book.ledger.equity), 1.0))).sum()),
        "shortfall": float(balance.shortfall.sum()),
        "guarantor_paid": float(balance.line_paid.sum()),
        "bank_loss": done.bank_loss,
        "bank_loss_before_contagion": done.bank_loss_before,
        "equity_lost": done.equity_lost,
    }


def _baseline(done: Spread, params: Params) -> dict[str, Any]:
    """Return what happens without any shock: parties in default at the start spread losses too."""
    if not done.shock.given:
        quiet = done
    elif (done.run.failed_in == 0).any() and _any_broken(done.book):
        book = done.book
        if np.any(book.price_loss):
            book = build_book(book.graph, layers=book.layers)
        quiet = spread_shock(book, no_shock(book), params)
    else:
        return {"defaults": 0, "bank_loss": 0.0, "equity_lost": 0.0}
    return {
        "defaults": int(quiet.run.state.failed.sum()),
        "bank_loss": quiet.bank_loss,
        "equity_lost": quiet.equity_lost,
    }


def _any_broken(book: Book) -> bool:
    equity = book.ledger.equity
    return bool((book.ledger.known & (equity <= NOTHING * np.maximum(np.abs(equity), 1.0))).any())


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


__all__ = ["LAYERS", "VERSION", "Spread", "no_shock", "prepare", "run", "spread_shock"]
