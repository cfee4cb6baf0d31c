"""The analyzer contagion: one run beside the unshocked one, tables, certificate, importance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result
from graphrisk.analyze.contagion.compare import compare, no_tables
from graphrisk.analyze.contagion.frames import (
    base_table,
    calls_table,
    facilities_table,
    importance_table,
    parties_table,
)
from graphrisk.analyze.contagion.importance import score_seeds
from graphrisk.analyze.contagion.reference import outcome_of, reference_outcome
from graphrisk.analyze.contagion.walk import walk_from, walk_outcome, walk_tables
from graphrisk.cascade.added import Added, added, unmet_calls
from graphrisk.cascade.headline import headline
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread, run_under
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.bounds import majorant, spectral_radius
from graphrisk.kernels.contagion.ledger import NOTHING
from graphrisk.kernels.contagion.rest import AT_REST
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 3
STOP_RULE = "no party fails and none changes by more than tolerance x max(|E0|, 1) in a sweep"


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what a shock does to every party, facility and guarantee; without a shock, what each party would cause."""
    if inputs.against is not None and inputs.scenario is None:
        raise UsageError("a scenario to compare with needs one to be compared", hint="graphrisk stress A --against B")
    progress("spreading the shock")
    compared, base = no_tables(), None
    if params.rule == "debtrank2012":
        walked = walk_from(graph, params, inputs)
        tables, certificate = walk_tables(walked, params)
        notes = list(walked.notes)
        outcome = walk_outcome(walked) if walked.shock.given else None
    else:
        done, said = run_under(graph, params, inputs)
        notes = list(said)
        tables, certificate = _tables(done, params, notes, progress)
        outcome = outcome_of(done, params) if done.base is not None else None
        base = None if done.base is None else outcome_of(done.base, params)
    if outcome is not None:
        progress("comparing with the book as it is" if inputs.against is None else "comparing with the other scenario")
        compared = compare(graph, inputs, outcome, reference_outcome(graph, params, inputs, base, notes), notes)
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
    if done.base is None:
        scores, said, proof = score_seeds(done, params, progress)
        notes += said
    more = added(done)
    lead = headline(done, more)
    notes[:0] = lead
    radius = spectral_radius(majorant(book.ledger, at_once=params.rule == "threshold")) if graph.size else 0.0
    tables = {
        "contagion_parties": parties_table(done, more, all_rows=params.all_rows),
        "contagion_facilities": facilities_table(done, more, all_rows=params.all_rows),
        "contagion_calls": calls_table(done, more, all_rows=params.all_rows),
        "contagion_importance": importance_table(graph.party_ids, scores),
        "contagion_base": base_table(done),
    }
    return tables, {
        "headline": lead,
        **_certificate(done, more, params),
        **proof,
        "spectral_radius": radius,
        "baseline": {
            "defaults": int(done.unshocked.run.state.failed.sum()),
            "bank_loss": done.unshocked.bank_loss,
            "equity_lost": done.unshocked.equity_lost,
        },
    }


def _certificate(done: Spread, more: Added, params: Params) -> dict[str, Any]:
    balance, known = done.balance, done.ledger.known
    rest = done.rest
    left = balance.equity <= NOTHING * np.maximum(np.abs(done.ledger.equity), 1.0)
    said: dict[str, Any] = {
        "converged": rest["max"] <= AT_REST,
        "rounds": done.run.rounds,
        "residual": rest["max"],
        "residuals": {name: value for name, value in rest.items() if name != "max"},
        "tolerance": params.tolerance,
        "stop_rule": STOP_RULE,
        "conservation_residual": balance.conservation,
        "layers": list(done.book.layers),
        "defaults_added": int(more.default.sum()),
        "bank_loss_added": done.bank_loss - done.unshocked.bank_loss,
        "equity_lost_added": done.equity_lost - done.unshocked.equity_lost,
        "guarantor_paid_added": float(balance.line_paid.sum() - done.unshocked.balance.line_paid.sum()),
        "unmet_added": float(unmet_calls(balance).sum() - unmet_calls(done.unshocked.balance).sum()),
        "defaults": int(done.run.state.failed.sum()),
        "capped": int((known & left).sum()),
        "shortfall": float(balance.shortfall.sum()),
        "guarantor_paid": float(balance.line_paid.sum()),
        "bank_loss": done.bank_loss,
        "bank_loss_before_contagion": done.bank_loss_before,
        "other_lenders_loss": done.other_lenders_loss,
        "equity_lost": done.equity_lost,
    }
    if done.supply is not None:
        said["supply_rounds"] = done.supply.rounds
        said["production_lost"] = int((done.supply.lost > 0.0).sum())
    if params.impact_beta:
        said["lowest_price"] = float(done.price.min(initial=1.0))
    return said
