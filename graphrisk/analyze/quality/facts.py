"""Checks of accounts and other dated facts, and of ids that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow.compute as pc

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope
from graphrisk.credit.identities import cash_gap
from graphrisk.credit.statements import statements_of
from graphrisk.graph.riskgraph import Floats, rows_that_say
from graphrisk.model.catalog import CATALOG


def expected_to_have_accounts(scope: Scope) -> Mask:
    """Return the parties whose accounts should be there: those that owe or guarantee, but for persons."""
    if "expected_to_have_accounts" not in scope.shared:
        person: Mask = rows_that_say(scope.graph, "parties", "kind", "person")
        scope.shared["expected_to_have_accounts"] = scope.indebted & ~person
    found: Mask = scope.shared["expected_to_have_accounts"]
    return found


def accounts_age(scope: Scope) -> Floats:
    """Return the age of each party's latest accounts in days (n,); NaN where there are none."""
    party = scope.graph.positions("financials", "party_id")
    age = np.full(scope.graph.size, np.nan)
    own = party >= 0
    age[party[own]] = scope.days("financials", "period_end_on")[own]  # by party, then period: the latest is last
    return age


def missing_financials(scope: Scope) -> Found:
    asked = expected_to_have_accounts(scope)
    return scope.found_parties(asked & np.isnan(accounts_age(scope)), of=asked)


def missing_equity(scope: Scope) -> Found:
    asked = expected_to_have_accounts(scope) & ~np.isnan(accounts_age(scope))
    return scope.found_parties(asked & np.isnan(scope.graph.equity), of=asked)


def stale_financials(scope: Scope) -> Found:
    asked = expected_to_have_accounts(scope)
    return scope.found_parties(asked & (accounts_age(scope) > scope.params.financials_days), of=asked)


def negative_equity(scope: Scope) -> Found:
    equity = scope.graph.equity
    return scope.found_parties(equity <= 0, of=~np.isnan(equity))


def unbalanced(scope: Scope) -> Found:
    graph = scope.graph
    assets = graph.floats("financials", "total_assets")
    rest = assets - graph.floats("financials", "total_liabilities") - graph.floats("financials", "equity")
    wrong = np.abs(rest) > scope.params.balance_tolerance * np.abs(assets)
    return scope.found_rows("financials", wrong, parties=graph.positions("financials", "party_id"), size=np.abs(rest))


def cash_unbridged(scope: Scope) -> Found:
    given = statements_of(scope.graph)
    stated, implied = cash_gap(given)
    rest = np.zeros(scope.graph.rows("financials"))
    rest[given.row] = np.nan_to_num(stated - implied)
    assets = np.abs(scope.graph.floats("financials", "total_assets"))
    cash = np.abs(scope.graph.floats("financials", "cash"))
    wrong = np.abs(rest) > scope.params.balance_tolerance * np.where(assets > 0.0, assets, cash)
    parties = scope.graph.positions("financials", "party_id")
    return scope.found_rows("financials", wrong, parties=parties, size=np.abs(rest))


def old_rates(scope: Scope) -> Found:
    names = scope.graph.texts("fx", "currency")
    age = scope.days("fx", "as_of_on")
    latest = {name: a for name, a in zip(names, age, strict=True) if name != scope.graph.base_currency}
    old = sorted(name for name, a in latest.items() if a > scope.params.fx_days)
    return Found(names=np.array(old, dtype=object), looked_at=len(latest))


def isolated(scope: Scope) -> Found:
    seen = np.zeros(scope.graph.size + 1, dtype=bool)  # the last place takes the unknown ids
    for declared in CATALOG.values():
        if declared.role in ("relation", "node"):
            for column in declared.columns:
                if column.references == "parties":
                    seen[scope.graph.positions(declared.name, column.name)] = True
    return scope.found_parties(~seen[:-1])


def _dangling(table: str) -> Callable[[Scope], Found]:
    def find(scope: Scope) -> Found:
        wrong = np.zeros(scope.graph.rows(table), dtype=bool)
        for column in CATALOG[table].columns:
            if column.references and (nowhere := scope.graph.positions(table, column.name) < 0).any():
                given = pc.is_valid(scope.graph.tables.column(table, column.name)).to_numpy()
                wrong |= np.asarray(given, dtype=bool) & nowhere
        return scope.found_rows(table, wrong)

    return find


def _per_table() -> Iterator[Check]:
    for table, declared in CATALOG.items():
        if any(column.references for column in declared.columns):
            yield Check(
                name="unknown_ids",
                severity="high",
                table=table,
                one=f"row of {table} names a party, facility or asset that is not in the data",
                many=f"rows of {table} name a party, facility or asset that is not in the data",
                action="Load what is missing, or correct the id; the row is not counted.",
                find=_dangling(table),
            )


CHECKS = (
    Check(
        name="missing_financials",
        severity="medium",
        table="financials",
        one="party that owes or guarantees has no accounts",
        many="parties that owe or guarantee have no accounts",
        action="Ask for accounts, the largest debtors first; without them neither ratios nor losses are known.",
        find=missing_financials,
    ),
    Check(
        name="missing_equity",
        severity="medium",
        table="financials",
        one="party has accounts that do not state its equity",
        many="parties have accounts that do not state their equity",
        action="Enter equity, or total assets less total liabilities.",
        find=missing_equity,
    ),
    Check(
        name="stale_financials",
        severity="medium",
        table="financials",
        one="party that owes or guarantees has only old accounts",
        many="parties that owe or guarantee have only old accounts",
        action="Ask for new accounts (parameter financials_days says what is old).",
        find=stale_financials,
    ),
    Check(
        name="negative_equity",
        severity="medium",
        table="financials",
        one="party has net assets of zero or less",
        many="parties have net assets of zero or less",
        action="Confirm the accounts; contagion counts such a party as in default from the start.",
        find=negative_equity,
    ),
    Check(
        name="unbalanced_accounts",
        severity="medium",
        table="financials",
        one="set of accounts does not add up: assets less liabilities is not equity",
        many="sets of accounts do not add up: assets less liabilities is not equity",
        action="Look for a missing minority interest, or a slip of units.",
        find=unbalanced,
    ),
    Check(
        name="cash_bridge",
        severity="medium",
        table="financials",
        one="set of accounts does not lead from opening to closing cash by its cash flows",
        many="sets of accounts do not lead from opening to closing cash by their cash flows",
        action="Look at the cash flow statement, or whether the period is as long as it says.",
        find=cash_unbridged,
    ),
    Check(
        name="old_exchange_rates",
        severity="medium",
        table="fx",
        one="currency has only an old exchange rate",
        many="currencies have only an old exchange rate",
        action="Load rates near the as-of date (parameter fx_days says what is old).",
        find=old_rates,
    ),
    Check(
        name="isolated_parties",
        severity="low",
        table="parties",
        one="party has no relation, no facility and no asset",
        many="parties have no relation, no facility and no asset",
        action="Nothing to do where that is so; else look for a table that was not loaded.",
        find=isolated,
    ),
    *_per_table(),
)
