"""Checks of the loan book, and of amounts in all tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrisk.analyze.quality.check import Check, Found, Scope, row_names
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.model.catalog import CATALOG
from graphrisk.model.table import Table

SAME_AMOUNT = 1e-9
"""Relative difference up to which two amounts are the same."""

_DEBTOR = {"guarantees": "debtor_id", "exposures": "debtor_id", "facilities": "borrower_id"}
_AMOUNTS = (
    ("facilities", "outstanding"),
    ("guarantees", "amount"),
    ("exposures", "amount"),
    ("supplies", "amount"),
    ("fund_flows", "amount"),
    ("collateral", "value"),
)
_REPEATABLE = (
    "facilities",
    "ownership",
    "control",
    "guarantees",
    "supplies",
    "exposures",
    "pledges",
    "dependencies",
    "ties",
    "fund_flows",
)


def past_maturity(scope: Scope) -> Found:
    late = (scope.days("facilities", "maturity_on") >= 0) & (scope.due_by_facility > 0)
    return scope.found_facilities(late)


def over_limit(scope: Scope) -> Found:
    limit = scope.graph.floats("facilities", "limit_amount")
    return scope.found_facilities(scope.due_by_facility > limit * (1.0 + scope.params.amount_tolerance))


def same_loan_twice(scope: Scope) -> Found:
    graph = scope.graph
    lender, borrower = graph.positions("facilities", "lender_id"), graph.positions("facilities", "borrower_id")
    due = graph.floats("facilities", "outstanding")
    lent = np.flatnonzero((lender >= 0) & (borrower >= 0) & (due > 0))
    creditor, debtor = graph.ends("exposures")
    size = np.int64(max(graph.size, 1))
    claims = creditor * size + debtor
    near = np.flatnonzero(np.isin(claims, lender[lent] * size + borrower[lent]))
    by_pair: dict[int, list[float]] = {}
    for pair, amount in zip(claims[near].tolist(), graph.floats("exposures", "amount")[near].tolist(), strict=True):
        by_pair.setdefault(pair, []).append(amount)
    twice = np.zeros(len(lender), dtype=bool)
    for at in lent.tolist():
        amounts = by_pair.get(int(lender[at] * size + borrower[at]), ())
        twice[at] = any(abs(amount - due[at]) <= SAME_AMOUNT * due[at] for amount in amounts)
    return scope.found_facilities(twice)


def self_exposures(scope: Scope) -> Found:
    creditor, debtor = scope.graph.ends("exposures")
    amount = scope.graph.floats("exposures", "amount")
    return scope.found_rows("exposures", (creditor == debtor) & (debtor >= 0), parties=debtor, size=amount)


def _not_positive(table: str, column: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        amount = scope.graph.floats(table, column)
        wrong = amount < 0 if table == "facilities" else amount <= 0  # an undrawn line is no fault
        debtor = scope.graph.positions(table, _DEBTOR[table]) if table in _DEBTOR else None
        return scope.found_rows(table, wrong, parties=debtor, size=-amount)

    return find


def _unknown(table: str, column: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        debtor = scope.graph.positions(table, _DEBTOR[table]) if table in _DEBTOR else None
        return scope.found_rows(table, ~np.isfinite(scope.graph.floats(table, column)), parties=debtor)

    return find


def _repeated(table: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        """Rows equal to an earlier one in all but their id and source."""
        declared = CATALOG[table]
        said = [name for name in declared.names if name not in (*declared.key, "source")]
        near = _near(scope.graph, declared, said)
        if not len(near):
            return Found(names=np.empty(0, dtype=object), looked_at=scope.graph.rows(table))
        rows = scope.graph.tables.taken(table, near, said)
        numbered = rows.append_column("__row", pa.array(near))
        groups = numbered.group_by(said).aggregate([("__row", "min"), ("__row", "count")])
        groups = groups.filter(pc.greater(groups["__row_count"], 1))
        first = groups["__row_min"].to_numpy()
        extra = groups["__row_count"].to_numpy() - 1
        order = np.argsort(first)
        names = row_names(scope.graph, table, np.asarray(first[order], dtype=np.int64))
        copies = np.repeat(names, extra[order])
        return Found(names=copies, looked_at=scope.graph.rows(table))

    return find


def _near(graph: RiskGraph, declared: Table, said: Sequence[str]) -> Positions:
    """Return the rows that have the ids and the first amount of another: only these need to be looked at whole."""
    columns = [declared.column(name) for name in said]
    amounts = [one.name for one in columns if one.kind == "money"]
    same: list[np.ndarray] = [graph.positions(declared.name, one.name) for one in columns if one.references]
    same += [np.nan_to_num(graph.floats(declared.name, name)) for name in amounts[:1]]
    if not same or not len(same[0]):
        return np.arange(graph.rows(declared.name))
    order = np.lexsort(same)
    alike = np.logical_and.reduce([values[order][1:] == values[order][:-1] for values in same])
    found: Positions = np.sort(order[np.append(alike, False) | np.append(False, alike)])
    return found


def _no_currency(table: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        missing = pc.is_null(scope.graph.tables.column(table, "currency")).to_numpy()
        return scope.found_rows(table, np.asarray(missing, dtype=bool))

    return find


def _per_table() -> Iterator[Check]:
    for table, column in _AMOUNTS:
        less = "below zero" if table == "facilities" else "of zero or less"
        yield Check(
            name="non_positive_amounts",
            severity="high",
            table=table,
            one=f"row of {table} has an amount ({column}) {less}",
            many=f"rows of {table} have an amount ({column}) {less}",
            action="Correct the sign, or leave the row out; it is counted as nothing.",
            find=_not_positive(table, column),
        )
        yield Check(
            name="unknown_amounts",
            severity="high",
            table=table,
            one=f"row of {table} has no amount ({column})",
            many=f"rows of {table} have no amount ({column})",
            action="Enter the amount; it is counted as nothing.",
            find=_unknown(table, column),
        )
    for table in _REPEATABLE:
        yield Check(
            name="identical_rows",
            severity="medium" if table in ("facilities", "exposures", "guarantees", "ownership", "pledges") else "low",
            table=table,
            one=f"row of {table} repeats another in all but its id and source",
            many=f"rows of {table} repeat another in all but their id and source",
            action="Repeated rows add up: keep them only if they are separate contracts.",
            find=_repeated(table),
        )
    for table, declared in CATALOG.items():
        if "currency" in declared.names and declared.column("currency").required and table != "fx":
            yield Check(
                name="missing_currency",
                severity="high",
                table=table,
                one=f"row of {table} has no currency and is taken as base currency",
                many=f"rows of {table} have no currency and are taken as base currency",
                action="Enter the currency.",
                find=_no_currency(table),
            )


CHECKS = (
    Check(
        name="past_maturity",
        severity="high",
        table="facilities",
        one="facility is past its maturity and not repaid",
        many="facilities are past their maturity and not repaid",
        action="Confirm the extension or the arrears, and correct maturity_on or days_past_due.",
        find=past_maturity,
    ),
    Check(
        name="over_limit",
        severity="medium",
        table="facilities",
        one="facility is drawn above its limit",
        many="facilities are drawn above their limit",
        action="Confirm the excess, or correct limit_amount.",
        find=over_limit,
    ),
    Check(
        name="same_loan_twice",
        severity="high",
        table="facilities",
        one="facility is also in exposures, with the same parties and amount",
        many="facilities are also in exposures, with the same parties and amount",
        action="Keep it in one of the two tables, else its loss is counted twice.",
        find=same_loan_twice,
    ),
    Check(
        name="self_exposures",
        severity="medium",
        table="exposures",
        one="claim is of a party on itself",
        many="claims are of a party on itself",
        action="Leave it out, or name the other party.",
        find=self_exposures,
    ),
    *_per_table(),
)
