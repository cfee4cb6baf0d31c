"""What a stressed run is compared with: the same book without the scenario, or under a second one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from graphrisk.analyze.contagion.compare import Outcome
from graphrisk.analyze.contagion.walk import walk_from, walk_outcome
from graphrisk.cascade.added import touched_parties, unmet_calls
from graphrisk.cascade.first_losses import first_losses
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread, run_under
from graphrisk.cascade.shocks import Shock
from graphrisk.credit.stressed_pd import differing, settings_of
from graphrisk.graph.book import Book
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import Flags
from graphrisk.model.note import Note, as_notes
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs


def reference_outcome(
    graph: RiskGraph, params: Params, inputs: Inputs, base: Outcome | None, notes: list[str]
) -> Outcome:
    """Return the run that `inputs` are compared with, and say in `notes` what it is.

    That of `inputs.against`; else `base`, the unshocked run; None: it is walked here (debtrank2012).
    """
    if inputs.against is not None:
        other = parse_params(type(params), inputs.against.params, where="[contagion]")
        outcome = _outcome_under(graph, other, Inputs(scenario=inputs.against))
        notes += _against_notes(params, other, inputs, outcome.shock)
        return outcome
    if base is None:
        return _outcome_under(graph, dataclasses.replace(params, start_from_status=False), Inputs())
    if base.shock.before.any():
        notes.append(
            Note(
                "baseline_from_status",
                "baseline: parties whose status is defaulted are shocked there too (start_from_status)",
                "基准：状态为违约的主体在基准中同样受冲击（start_from_status）",
            )
        )
    return base


def outcome_of(done: Spread, params: Params) -> Outcome:
    """Return where a run of the joint map ended."""
    balance, book = done.balance, done.book
    sure = _sure(book, done.shock, params)
    failed = done.run.state.failed
    secured = "collateral" in book.layers
    return Outcome(
        shock=done.shock,
        failed=failed,
        sure=sure,
        at_start=(done.run.failed_in == 0) | sure,
        touched=touched_parties(balance, failed),
        unpaid=balance.unpaid,
        cover=done.covered if secured else np.full(len(book.due), np.nan),
        price=done.price if secured else 1.0 + done.shock.price_change,
        bank_loss_before=done.bank_loss_before,
        shortfall=float(balance.shortfall.sum()),
        guarantor_paid=float(balance.line_paid.sum()),
        guarantee_unmet=float(unmet_calls(balance).sum()),
        equity_lost=done.equity_lost,
    )


def _outcome_under(graph: RiskGraph, params: Params, inputs: Inputs) -> Outcome:
    if params.rule == "debtrank2012":
        return walk_outcome(walk_from(graph, params, inputs))
    return outcome_of(run_under(graph, params, inputs)[0], params)


def _sure(book: Book, shock: Shock, params: Params) -> Flags:
    """Return who is left without equity by the scenario's shocks and prices alone (parties,)."""
    if book.supply is not None and params.supply_default == "none":
        return np.zeros(book.graph.size, dtype=bool)  # a shock takes production, not equity
    return first_losses(book, shock.taken, shock.amount).sure


def _against_notes(params: Params, other: Params, inputs: Inputs, shock: Shock) -> list[str]:
    name = inputs.scenario.name if inputs.scenario is not None else "the shocks"
    assert inputs.against is not None
    said: list[str] = [
        Note(
            "baseline_is",
            f"baseline is the scenario {inputs.against.name!r}, stressed the scenario {name!r}",
            f"基准为情景 {inputs.against.name!r} ，受压为情景 {name!r}",
        )
    ]
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("contagion", params, other),
        ("portfolio", settings_of(inputs.scenario), settings_of(inputs.against)),
    )
    for table, one, two in pairs:
        said += differing(table, dataclasses.asdict(one), dataclasses.asdict(two))
    return said + [note.about("baseline", "基准") for note in as_notes(shock.notes)]
