"""The tables of a finished run beside the unshocked one: what the shock adds first."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.contagion.tables import BASE, CALLS, FACILITIES, IMPORTANCE, PARTIES, Scores
from graphrisk.analyze.tables import empty, texts
from graphrisk.cascade.added import Added, lines_of, touched_parties, unmet_calls
from graphrisk.cascade.run import Spread
from graphrisk.kernels.contagion.closing import Balance
from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CONTRACT,
    GUARANTOR,
    NOTHING,
    SCALE,
    Floats,
    Ints,
)


def parties_table(done: Spread, more: Added, *, all_rows: bool) -> pd.DataFrame:
    """Return `contagion_parties`: whom the shock moves; without a shock, whom the book touches as it stands."""
    book, balance, ledger = done.book, done.balance, done.ledger
    known, first, failed = ledger.known, ledger.equity, done.run.state.failed
    healthy = known & (first > NOTHING * ledger.party[:, SCALE])
    lost = np.divide(first - balance.equity, first, out=np.ones(len(first)), where=healthy)
    listed = more.moved if done.base is not None else touched_parties(balance, failed) | more.moved
    rows = np.arange(len(first)) if all_rows else np.flatnonzero(listed)
    chosen = rows[np.lexsort((rows, -np.nan_to_num(more.loss[rows]), ~more.default[rows]))]
    shock, exposures, ownership, supplies, collateral, paid, unmet = lines_of(balance)
    own = done.own_stop
    columns = {
        "shocked": done.shock.shocked,
        "equity": np.where(known, first, np.nan),
        "equity_base": np.where(known, done.unshocked.balance.equity, np.nan),
        "equity_after": np.where(known, balance.equity, np.nan),
        "loss_added": more.loss,
        "loss_fraction": np.where(known, np.clip(lost, 0.0, 1.0), np.nan),
        "defaulted": failed,
        "default_added": more.default,
        "production_lost": done.production_lost,
        "loss_shock": shock,
        "loss_exposures": exposures,
        "loss_ownership": ownership,
        "loss_supplies": supplies - own,
        "loss_own_stop": own,
        "loss_collateral": collateral,
        "guarantee_paid": paid,
        "guarantee_unmet": unmet,
    }
    frame: dict[str, Any] = {name: column[chosen] for name, column in columns.items()}
    frame["party_id"] = texts(book.graph.party_ids[chosen])
    frame["default_round"] = _rounds(done.run.failed_in[chosen])
    frame["cause"] = texts([done.causes[i] for i in chosen.tolist()])
    return pd.DataFrame(frame, columns=list(PARTIES.names))


def base_table(done: Spread) -> pd.DataFrame:
    """Return `contagion_base`: who fails without the shock too."""
    base, book = done.unshocked, done.book
    chosen = np.flatnonzero(base.run.state.failed)
    chosen = chosen[np.lexsort((chosen, base.run.failed_in[chosen]))]
    known = base.ledger.known
    ours = np.where(book.ledger.ours, base.balance.unpaid, 0.0)
    lost = np.bincount(book.ledger.facility[BORROWER], weights=ours, minlength=len(known))
    return pd.DataFrame(
        {
            "party_id": texts(book.graph.party_ids[chosen]),
            "default_round": _rounds(base.run.failed_in[chosen]),
            "cause": texts([base.causes[i] for i in chosen.tolist()]),
            "equity": np.where(known, base.ledger.equity, np.nan)[chosen],
            "equity_base": np.where(known, base.balance.equity, np.nan)[chosen],
            "bank_loss_base": lost.astype(np.float64)[chosen],
        },
        columns=list(BASE.names),
    )


def _rounds(failed_in: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(failed_in.copy(), failed_in < 0)


def facilities_table(done: Spread, more: Added, *, all_rows: bool) -> pd.DataFrame:
    """Return `contagion_facilities`: those with a shortfall in either run."""
    book, balance, base, graph = done.book, done.balance, done.unshocked.balance, done.book.graph
    # bincount counts in whole numbers where nothing is guaranteed.
    paid = np.bincount(book.line_facility, weights=balance.line_paid, minlength=len(book.due)).astype(np.float64)
    rows = np.flatnonzero((balance.shortfall > 0.0) | (base.shortfall > 0.0) | all_rows)
    chosen = rows[np.lexsort((rows, -more.unpaid[rows]))]
    borrower = graph.positions("facilities", "borrower_id")
    return pd.DataFrame(
        {
            "facility_id": texts(graph.texts("facilities", "facility_id")[chosen]),
            "borrower_id": texts(graph.texts("facilities", "borrower_id")[chosen]),
            "lender_id": texts(graph.texts("facilities", "lender_id")[chosen]),
            "outstanding": book.due[chosen],
            "collateral_recovery": (done.covered * balance.loss[borrower])[chosen],
            "shortfall": balance.shortfall[chosen],
            "guarantor_paid": paid[chosen],
            "bank_loss": balance.unpaid[chosen],
            "bank_loss_base": base.unpaid[chosen],
            "bank_loss_added": more.unpaid[chosen],
        },
        columns=list(FACILITIES.names),
    )


def calls_table(done: Spread, more: Added, *, all_rows: bool) -> pd.DataFrame:
    """Return `contagion_calls`: the guarantees called in either run."""
    book, balance, base = done.book, done.balance, done.unshocked.balance
    graph, ledger = book.graph, book.ledger
    contract = ledger.line[CONTRACT]
    guarantor = ledger.contract[GUARANTOR, contract]
    unmet, before = (_unmet_lines(side, guarantor) for side in (balance, base))
    causes = {cause for cause, new in zip(done.causes, more.default, strict=True) if new and cause is not None}
    ids = graph.texts("guarantees", "guarantee_id")
    named = np.array([f"guarantee:{name}" in causes for name in ids], dtype=bool)
    rows = np.flatnonzero((balance.asked > 0.0) | (base.asked > 0.0) | named[contract] | all_rows)
    chosen = rows[np.lexsort((book.line_facility[rows], contract[rows], -more.paid[rows]))]
    return pd.DataFrame(
        {
            "guarantee_id": texts(graph.texts("guarantees", "guarantee_id")[contract[chosen]]),
            "guarantor_id": texts(graph.party_ids[guarantor[chosen]]),
            "facility_id": texts(graph.texts("facilities", "facility_id")[book.line_facility[chosen]]),
            "called": balance.asked[chosen],
            "paid": balance.line_paid[chosen],
            "unmet": unmet[chosen],
            "paid_base": base.line_paid[chosen],
            "paid_added": more.paid[chosen],
            "unmet_base": before[chosen],
            "unmet_added": (unmet - before)[chosen],
        },
        columns=list(CALLS.names),
    )


def _unmet_lines(balance: Balance, guarantor: Ints) -> Floats:
    return np.where(unmet_calls(balance)[guarantor] > 0.0, np.maximum(balance.asked - balance.line_paid, 0.0), 0.0)


def importance_table(party_ids: npt.NDArray[np.object_], scores: Scores | None) -> pd.DataFrame:
    """Return `contagion_importance`; empty where a shock was given."""
    if scores is None:
        return empty(IMPORTANCE)
    order = np.lexsort((np.arange(len(party_ids)), -scores.loss))
    return pd.DataFrame(
        {
            "party_id": texts(party_ids[order]),
            "loss_caused": scores.loss[order],
            "bank_loss_caused": scores.bank_loss[order],
            "lower": scores.lower[order],
            "upper": scores.upper[order],
            "exact": scores.exact[order],
            "defaults_caused": scores.defaults[order],
            "rank": np.arange(1, len(party_ids) + 1),
        },
        columns=list(IMPORTANCE.names),
    )
