"""The score tables of contagion: what they hold, and how a closed balance becomes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.contagion.stress_tables import TABLES as STRESS_TABLES
from graphrisk.graph.ledger import Book
from graphrisk.kernels.balance import Balance
from graphrisk.kernels.ledger import (
    CONTRACT,
    GUARANTOR,
    NOTHING,
    SCALE,
    UNMET_PART,
    Flags,
    Floats,
    Ints,
)
from graphrisk.model.columns import party
from graphrisk.model.table import Column, Table


class Scores(NamedTuple):
    """Importance per party: what it causes, and between which numbers that lies."""

    loss: Floats
    bank_loss: Floats
    defaults: Ints
    lower: Floats
    upper: Floats
    exact: Flags


def _money(name: str, meaning: str) -> Column:
    return Column(name=name, kind="money", meaning=meaning, unit="base currency")


PARTIES = Table(
    name="contagion_parties",
    meaning="what each party touched loses, and what made it fail; by party_id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        _money("equity", "before the shock; null where unknown"),
        _money("equity_after", "equity less the losses beside; may be negative"),
        Column(name="loss_fraction", kind="fraction", meaning="part of its equity lost", unit="fraction"),
        Column(name="defaulted", kind="bool", meaning="in default at the end"),
        Column(name="default_round", kind="integer", meaning="sweep in which it failed; 0 at the start, null never"),
        Column(name="cause", kind="text", meaning="largest single loss line when it failed"),
        _money("loss_shock", "taken at the start"),
        _money("loss_exposures", "lost on claims and on facilities it lent"),
        _money("loss_ownership", "lost on shares"),
        _money("loss_supplies", "profit lost"),
        _money("loss_collateral", "lost by falling prices and by what its assets pay for others"),
        _money("guarantee_paid", "paid under guarantees"),
        _money("guarantee_unmet", "asked under guarantees and not paid"),
        Column(
            name="production_lost",
            kind="fraction",
            meaning="part of its production lost: the larger of lost inputs and lost orders, or by itself",
            unit="fraction",
        ),
    ),
)
FACILITIES = Table(
    name="contagion_facilities",
    meaning="facilities with a shortfall; by facility_id",
    role="score",
    key=("facility_id",),
    columns=(
        Column(name="facility_id", kind="id", meaning="the facility", references="facilities"),
        party("borrower_id", "the obligor"),
        party("lender_id", "the creditor; null = our bank", required=False),
        _money("outstanding", "due"),
        _money("collateral_recovery", "what collateral pays"),
        _money("shortfall", "what is asked of guarantors, and else lost"),
        _money("guarantor_paid", "what guarantors pay"),
        _money("bank_loss", "what stays unpaid: the bank's loss, or the lender's"),
    ),
)
CALLS = Table(
    name="contagion_calls",
    meaning="guarantees called; by guarantee_id, facility_id",
    role="score",
    key=("guarantee_id", "facility_id"),
    columns=(
        Column(name="guarantee_id", kind="id", meaning="the contract", references="guarantees"),
        party("guarantor_id", "who is asked"),
        Column(name="facility_id", kind="id", meaning="for which facility", references="facilities"),
        _money("called", "asked, over all rounds"),
        _money("paid", "paid"),
        _money("unmet", "asked and not paid"),
    ),
)
IMPORTANCE = Table(
    name="contagion_importance",
    meaning="what each party causes if it alone fails (when no shock is given); by rank",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the seed"),
        _money("loss_caused", "equity lost by others and bank loss, beyond the unshocked run"),
        _money("bank_loss_caused", "the bank loss in it"),
        _money("lower", "loss_caused is not below"),
        _money("upper", "loss_caused is not above"),
        Column(name="exact", kind="bool", meaning="true where the cascade was run to its end"),
        Column(name="defaults_caused", kind="integer", meaning="others that fail beyond the unshocked run"),
        Column(name="rank", kind="integer", meaning="by loss_caused, falling, then party_id"),
    ),
)
TABLES = (PARTIES, FACILITIES, CALLS, IMPORTANCE, *STRESS_TABLES)


def touched_parties(balance: Balance, failed: Flags) -> Flags:
    """Return which parties fail, lose or pay anything (parties,)."""
    touched: Flags = failed | (balance.loss > 0.0)
    for column in _lines(balance):
        touched = touched | (column != 0.0)
    return touched


def unmet_calls(balance: Balance) -> Floats:
    """Return what each guarantor was asked and did not pay (parties,), rounding left out."""
    return np.where(balance.unmet > UNMET_PART * (balance.unmet + balance.paid), balance.unmet, 0.0)


def _lines(balance: Balance) -> list[Floats]:
    """Return the columns from loss_shock to guarantee_unmet."""
    return [
        balance.shock, balance.exposures, balance.ownership, balance.supplies, balance.collateral, balance.paid,
        unmet_calls(balance),
    ]  # fmt: skip


def parties_table(
    book: Book,
    balance: Balance,
    failed: Flags,
    failed_in: Ints,
    causes: Sequence[str | None],
    *,
    production_lost: Floats | None,
    all_rows: bool,
) -> pd.DataFrame:
    """Return `contagion_parties` of a closed balance; `production_lost` (parties,): None without the supply layer."""
    ledger = book.ledger
    known, first = ledger.known, ledger.equity
    healthy = known & (first > NOTHING * ledger.party[:, SCALE])
    lost = np.divide(first - balance.equity, first, out=np.ones(len(first)), where=healthy)
    chosen = np.arange(len(first)) if all_rows else np.flatnonzero(touched_parties(balance, failed))
    produced_less = np.zeros(len(first)) if production_lost is None else production_lost
    named = dict(zip(PARTIES.names[7:], [*_lines(balance), produced_less], strict=True))
    return pd.DataFrame(
        {
            "party_id": texts(book.graph.party_ids[chosen]),
            "equity": np.where(known, first, np.nan)[chosen],
            "equity_after": np.where(known, balance.equity, np.nan)[chosen],
            "loss_fraction": np.where(known, np.clip(lost, 0.0, 1.0), np.nan)[chosen],
            "defaulted": failed[chosen],
            "default_round": _rounds(failed_in[chosen]),
            "cause": texts([causes[i] for i in chosen.tolist()]),
            **{name: column[chosen] for name, column in named.items()},
        },
        columns=list(PARTIES.names),
    )


def texts(values: Any) -> pd.Series[str]:
    """Return ids or texts as they are: None stays None."""
    return pd.Series(values, dtype=object)


def _rounds(failed_in: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(failed_in.copy(), failed_in < 0)


def facilities_table(book: Book, balance: Balance, covered: Floats) -> pd.DataFrame:
    """Return `contagion_facilities` of a closed balance; `covered`: what collateral pays if all is called."""
    graph = book.graph
    # bincount counts in whole numbers where nothing is guaranteed.
    paid = np.bincount(book.line_facility, weights=balance.line_paid, minlength=len(book.due)).astype(np.float64)
    chosen = np.flatnonzero(balance.shortfall > 0.0)
    borrower = graph.positions("facilities", "borrower_id")
    return pd.DataFrame(
        {
            "facility_id": texts(graph.texts("facilities", "facility_id")[chosen]),
            "borrower_id": texts(graph.texts("facilities", "borrower_id")[chosen]),
            "lender_id": texts(graph.texts("facilities", "lender_id")[chosen]),
            "outstanding": book.due[chosen],
            "collateral_recovery": (covered * balance.loss[borrower])[chosen],
            "shortfall": balance.shortfall[chosen],
            "guarantor_paid": paid[chosen],
            "bank_loss": balance.unpaid[chosen],
        },
        columns=list(FACILITIES.names),
    )


def calls_table(book: Book, balance: Balance) -> pd.DataFrame:
    """Return `contagion_calls` of a closed balance."""
    graph, ledger = book.graph, book.ledger
    contract = ledger.line[CONTRACT]
    guarantor = ledger.contract[GUARANTOR, contract]
    fails = balance.unmet > UNMET_PART * (balance.unmet + balance.paid)
    unmet = np.where(fails[guarantor], np.maximum(balance.asked - balance.line_paid, 0.0), 0.0)
    order = np.lexsort((book.line_facility, contract))
    chosen = order[balance.asked[order] > 0.0]
    return pd.DataFrame(
        {
            "guarantee_id": texts(graph.texts("guarantees", "guarantee_id")[contract[chosen]]),
            "guarantor_id": texts(graph.party_ids[guarantor[chosen]]),
            "facility_id": texts(graph.texts("facilities", "facility_id")[book.line_facility[chosen]]),
            "called": balance.asked[chosen],
            "paid": balance.line_paid[chosen],
            "unmet": unmet[chosen],
        },
        columns=list(CALLS.names),
    )


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


def empty(table: Table) -> pd.DataFrame:
    """Return a score table without rows."""
    return pd.DataFrame({name: pd.Series([], dtype=object) for name in table.names})
