"""Checks of who stands behind whom."""

from __future__ import annotations

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Scope, known
from graphrisk.graph.oneself import guarantees_for_oneself
from graphrisk.kernels.arrays.sums import sum_by


def behind_nothing(scope: Scope) -> Found:
    graph = scope.graph
    borrows = np.zeros(graph.size + 1, dtype=bool)  # the last place stands for an unknown debtor
    borrower = graph.positions("facilities", "borrower_id")
    borrows[borrower[borrower >= 0]] = True
    debtor = graph.positions("guarantees", "debtor_id")
    unlinked = graph.positions("guarantees", "facility_id") < 0
    return scope.found_rows("guarantees", unlinked & ~borrows[debtor], size=graph.floats("guarantees", "amount"))


def another_debtor(scope: Scope) -> Found:
    graph = scope.graph
    facility, debtor = graph.positions("guarantees", "facility_id"), graph.positions("guarantees", "debtor_id")
    linked = facility >= 0
    wrong = np.zeros(len(facility), dtype=bool)
    wrong[linked] = graph.positions("facilities", "borrower_id")[facility[linked]] != debtor[linked]
    return scope.found_rows("guarantees", wrong, parties=debtor, size=graph.floats("guarantees", "amount"))


def unknown_capacity(scope: Scope) -> Found:
    graph = scope.graph
    guarantor, debtor = graph.ends("guarantees")
    gave = np.zeros(graph.size, dtype=bool)
    gave[known(guarantor[~guarantees_for_oneself(graph)])] = True
    unknown = gave & np.isnan(graph.equity)
    caps = sum_by(guarantor, np.nan_to_num(graph.floats("guarantees", "amount")), graph.size)
    at = np.flatnonzero(unknown)
    behind = debtor[(guarantor >= 0) & unknown[guarantor]] if graph.size else debtor
    return Found(
        names=graph.party_ids[at],
        looked_at=int(gave.sum()),
        parties=behind,
        size=caps[at],
    )


def failed_guarantors(scope: Scope) -> Found:
    graph = scope.graph
    guarantor, debtor = graph.ends("guarantees")
    status = graph.texts("parties", "status")
    failed = np.asarray((status == "defaulted") | (status == "closed"), dtype=bool)
    which = (guarantor >= 0) & failed[guarantor] if graph.size else np.zeros(len(guarantor), dtype=bool)
    return scope.found_rows("guarantees", which, parties=debtor, size=graph.floats("guarantees", "amount"))


def above_the_debt(scope: Scope) -> Found:
    graph = scope.graph
    facility = graph.positions("guarantees", "facility_id")
    amount = graph.floats("guarantees", "amount")
    limit = graph.floats("facilities", "limit_amount")
    most = np.fmax(scope.due_by_facility, limit)
    linked = facility >= 0
    over = np.zeros(len(facility), dtype=bool)
    over[linked] = amount[linked] > 2.0 * most[facility[linked]]
    return scope.found_rows("guarantees", over, size=amount)


CHECKS = (
    Check(
        name="guarantee_of_another_debtor",
        severity="high",
        table="guarantees",
        one="guarantee names a facility of another borrower than its debtor",
        many="guarantees name a facility of another borrower than their debtor",
        action="Correct debtor_id or facility_id.",
        find=another_debtor,
    ),
    Check(
        name="failed_guarantors",
        severity="high",
        table="guarantees",
        one="guarantee comes from a party that is defaulted or closed",
        many="guarantees come from parties that are defaulted or closed",
        action="Ask for another guarantor, and do not count on this one.",
        find=failed_guarantors,
    ),
    Check(
        name="guarantor_equity_unknown",
        severity="medium",
        table="guarantees",
        one="guarantor has no known equity, so nobody can say what it could pay",
        many="guarantors have no known equity, so nobody can say what they could pay",
        action="Ask for accounts; contagion counts such a guarantor as able to pay nothing unless told otherwise.",
        find=unknown_capacity,
    ),
    Check(
        name="guarantee_behind_nothing",
        severity="medium",
        table="guarantees",
        one="guarantee stands behind a debtor without any facility",
        many="guarantees stand behind debtors without any facility",
        action="Close it, or load the facility; it cannot be called.",
        find=behind_nothing,
    ),
    Check(
        name="guarantee_far_above_debt",
        severity="low",
        table="guarantees",
        one="guarantee is more than twice the limit and the debt of its facility",
        many="guarantees are more than twice the limit and the debt of their facility",
        action="Check the amount and its currency for a slip of units.",
        find=above_the_debt,
    ),
)
