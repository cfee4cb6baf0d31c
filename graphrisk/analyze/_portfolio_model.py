"""The factors that parties load on, the second stage that their defaults go through, and the limit in closed form."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from graphrisk.analyze._portfolio_inputs import Obligors
from graphrisk.analyze._portfolio_params import Params
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.default_sets import ledger_stage
from graphrisk.kernels.ledger import BORROWER, CONTRACT, DEBTRANK, GUARANTOR, LINES, THRESHOLD, Rule
from graphrisk.kernels.second_stage import SecondStage, debtrank_cascade, no_contagion, threshold_cascade
from graphrisk.kernels.vasicek import expected_shortfall, loss_quantile

UNKNOWN = ""


def loadings_of(graph: RiskGraph, given: Obligors, params: Params, notes: list[str]) -> Floats:
    """Return the loadings (n, f) on independent standard normal factors; their squares sum to rho for every party.

    Two parties of the same groups correlate with rho; those that share none with inter x rho; with sector_region those
    that share one of the two with rho (1 + inter) / 2.
    """
    size, rho, inter = graph.size, params.rho, params.inter
    if params.factors == "one":
        return np.full((size, 1), np.sqrt(rho))
    columns = [np.full((size, 1), np.sqrt(rho * inter))]
    kinds = [kind for kind in ("sector", "region") if kind in params.factors]
    for kind in kinds:
        values = graph.texts("parties", "industry" if kind == "sector" else "region")
        length = params.sector_length if kind == "sector" else 0
        names = np.array([UNKNOWN if v is None else str(v)[: length or None] for v in values], dtype=object)
        drawn = given.pd > 0.0
        missing = int(((names == UNKNOWN) & drawn).sum())
        if missing:
            notes.append(
                f"{missing:,} of {int(drawn.sum()):,} parties with a PD have no known {kind}: "
                f"they make up one {kind} of their own"
            )
        group, _ = pd.factorize(names, sort=True)
        own = np.zeros((size, int(group.max(initial=-1)) + 1))
        own[np.arange(size), group] = np.sqrt(rho * (1.0 - inter) / len(kinds))
        columns.append(own)
    return np.hstack(columns)


def stages_of(given: Obligors, params: Params, notes: list[str]) -> tuple[SecondStage, SecondStage]:
    """Return the stages without and with contagion; a unit of loss is the borrower's position."""
    ledger = given.ledger
    if params.second_stage == "full":
        rule = Rule(
            code=DEBTRANK if params.rule == "debtrank" else THRESHOLD,
            unlimited=params.capacity == "unlimited",
            caps=params.missing_capacity == "caps",
        )
        return (
            ledger_stage(ledger, rule, given.borrower, sweeps=1),
            ledger_stage(ledger, rule, given.borrower),
        )
    alone = no_contagion(given.loss)
    if params.second_stage == "none":
        notes.append("second_stage=none: defaults do not spread, and guarantors pay nothing")
        return alone, alone
    notes.append(
        "second_stage=linear: a failed debtor costs its creditors exposure x lgd and its guarantors their share of the "
        "loss, at most the cap; what guarantors pay does not lower the bank's loss, and ownership and collateral of "
        "others are left out"
    )
    equity = np.where(ledger.known, ledger.equity, np.nan)
    cascade = threshold_cascade if params.rule == "threshold" else debtrank_cascade
    return alone, cascade(_linear_claims(given), equity, given.loss)


def _linear_claims(given: Obligors) -> csr_array:
    """Return (n, n): what i loses if j fails, by exposures and by guarantees called in full at once."""
    book, ledger = given.book, given.ledger
    size = len(given.pd)
    facility = np.repeat(np.arange(len(ledger.uncovered)), np.diff(ledger.facility_start[LINES]))
    contract = ledger.line[CONTRACT]
    called = np.minimum(ledger.cap[contract], ledger.share * ledger.uncovered[facility])
    row = np.concatenate([book.claim_creditor, ledger.contract[GUARANTOR, contract]])
    column = np.concatenate([book.claim_debtor, ledger.facility[BORROWER, facility]])
    apart = row != column
    amount = np.concatenate([book.claim, called])
    matrix = csr_array((amount[apart], (row[apart], column[apart])), shape=(size, size))
    matrix.sum_duplicates()
    return matrix


def one_factor_limit(given: Obligors, rho: float, level: float) -> tuple[float, float]:
    """Return VaR and ES of the book in the limit of very many small loans and one factor (Vasicek), in closed form."""
    open_ = (given.pd > 0.0) & (given.pd < 1.0) & (given.loss > 0.0)
    sure = float(given.loss[given.pd >= 1.0].sum())
    loss, pd_ = given.loss[open_], given.pd[open_]
    var = float(loss @ loss_quantile(pd_, rho, 1.0, level)) if open_.any() else 0.0
    es = float(loss @ expected_shortfall(pd_, rho, 1.0, level)) if open_.any() else 0.0
    return sure + var, sure + es
