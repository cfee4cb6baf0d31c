"""The analyzer contagion: one run, its tables, its certificate, and without a shock the importance of every party."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result
from graphrisk.analyze.contagion.compare import compare, no_tables
from graphrisk.analyze.contagion.importance import score_seeds
from graphrisk.analyze.contagion.params import Params
from graphrisk.analyze.contagion.reference import outcome_of, reference_outcome
from graphrisk.analyze.contagion.tables import calls_table, facilities_table, importance_table, parties_table
from graphrisk.analyze.contagion.unified import Spread, broken_at_start, no_shock, prepare, spread_shock
from graphrisk.analyze.contagion.walk import walk_from, walk_outcome, walk_tables
from graphrisk.errors import UsageError
from graphrisk.graph.ledger import build_book
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ledger import NOTHING
from graphrisk.kernels.majorant import majorant, spectral_radius
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 2
STOP_RULE = "no party fails and none changes by more than tolerance x max(|E0|, 1) in a sweep"


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what a shock does to every party, facility and guarantee; without a shock, what each party would cause."""
    if inputs.against is not None and inputs.scenario is None:
        raise UsageError("a scenario to compare with needs one to be compared", hint="graphrisk stress A --against B")
    progress("building the ledger")
    if params.rule == "debtrank2012":
        walked = walk_from(graph, params, inputs)
        tables, certificate = walk_tables(walked, params)
        notes, given = list(walked.notes), walked.shock.given
        outcome = walk_outcome(walked) if given else None
    else:
        book, shock, said = prepare(graph, params, inputs)
        progress("spreading the shock")
        done = spread_shock(book, shock, params)
        notes, given = [*said, *done.notes], shock.given
        tables, certificate = _tables(done, params, notes, progress)
        outcome = outcome_of(done, params) if given else None
    compared = no_tables()
    if outcome is not None:
        progress("comparing with the book as it is" if inputs.against is None else "comparing with the other scenario")
        compared = compare(graph, inputs, outcome, reference_outcome(graph, params, inputs, notes), notes)
        if inputs.scenario is not None and inputs.scenario.limits:
            rows = compared["contagion_comparison"]
            certificate["limits"] = int(rows["limit"].notna().sum())
            certificate["limits_breached"] = int(rows["breached"].fillna(False).sum())
    return make_result(
        "contagion",
        VERSION,
        graph,
        params,
        tables={**tables, **compared},
        certificate=certificate,
        notes=tuple(dict.fromkeys(notes)),
        inputs=inputs,
    )


def _tables(
    done: Spread, params: Params, notes: list[str], progress: Progress
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Return the tables of a run but for the comparison, and its certificate."""
    book, graph = done.book, done.book.graph
    scores = None
    proof: dict[str, Any] = {}
    if not done.shock.given:
        scores, said, proof = score_seeds(done, params, progress)
        notes += said
    radius = spectral_radius(majorant(book.ledger)) if graph.size else 0.0
    tables = {
        "contagion_parties": parties_table(
            book,
            done.balance,
            done.run.state.failed,
            done.run.failed_in,
            done.causes,
            production_lost=None if done.supply is None else done.supply.lost,
            all_rows=params.all_rows,
        ),
        "contagion_facilities": facilities_table(book, done.balance, done.covered),
        "contagion_calls": calls_table(book, done.balance),
        "contagion_importance": importance_table(graph.party_ids, scores),
    }
    return tables, {
        **_certificate(done, params),
        **proof,
        "spectral_radius": radius,
        "baseline": _baseline(done, params),
    }


def _certificate(done: Spread, params: Params) -> dict[str, Any]:
    balance, known = done.balance, done.ledger.known
    left = balance.equity <= NOTHING * np.maximum(np.abs(done.ledger.equity), 1.0)
    said: dict[str, Any] = {
        "converged": True,
        "rounds": done.run.rounds,
        "residual": float(balance.residual.max(initial=0.0)),
        "tolerance": params.tolerance,
        "stop_rule": STOP_RULE,
        "conservation_residual": balance.conservation,
        "layers": list(done.book.layers),
        "defaults": int(done.run.state.failed.sum()),
        "capped": int((known & left).sum()),
        "shortfall": float(balance.shortfall.sum()),
        "guarantor_paid": float(balance.line_paid.sum()),
        "bank_loss": done.bank_loss,
        "bank_loss_before_contagion": done.bank_loss_before,
        "equity_lost": done.equity_lost,
    }
    if done.supply is not None:
        said["supply_rounds"] = done.supply.rounds
        said["production_lost"] = int((done.supply.lost > 0.0).sum())
    if params.impact_beta:
        said["lowest_price"] = float(done.price.min(initial=1.0))
    return said


def _baseline(done: Spread, params: Params) -> dict[str, Any]:
    """Return what happens without any shock: parties in default at the start spread losses too."""
    quiet = done
    if done.shock.given:
        if not broken_at_start(done.book).any() and params.rule != "merton":
            return {"defaults": 0, "bank_loss": 0.0, "equity_lost": 0.0}
        book = done.book
        if np.any(book.pledges.price != 1.0):
            book = build_book(book.graph, layers=book.layers, horizon_months=params.horizon_months)
        quiet = spread_shock(book, no_shock(book), params, explain=False)
    return {
        "defaults": int(quiet.run.state.failed.sum()),
        "bank_loss": quiet.bank_loss,
        "equity_lost": quiet.equity_lost,
    }
