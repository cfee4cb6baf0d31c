"""Checks of contracts that a party has with itself: they secure nothing, and no method counts them."""

from __future__ import annotations

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.oneself import guarantees_for_oneself, pledges_to_oneself
from graphrisk.graph.riskgraph import Positions
from graphrisk.kernels.arrays.sums import count_by
from graphrisk.kernels.network.components import component_labels


def self_guarantees(scope: Scope) -> Found:
    return _guarantees(scope, _own_debt(scope) & ~_in_group(scope))


def own_debt_in_group(scope: Scope) -> Found:
    return _guarantees(scope, _own_debt(scope) & _in_group(scope))


def guarantee_to_oneself(scope: Scope) -> Found:
    named = guarantees_for_oneself(scope.graph) & ~_own_debt(scope)
    own, all_of_them = _own_loans(scope)
    return _guarantees(scope, named | ((own > 0) & (own == all_of_them)))


def own_loan_guaranteed(scope: Scope) -> Found:
    own, all_of_them = _own_loans(scope)
    return _guarantees(scope, (own > 0) & (own < all_of_them))


def pledge_to_oneself(scope: Scope) -> Found:
    which = pledges_to_oneself(scope.graph)
    found = scope.found_rows("pledges", which)
    facility = scope.graph.positions("pledges", "facility_id")[which]
    return Found(names=found.names, looked_at=found.looked_at, facilities=facility)


def self_facilities(scope: Scope) -> Found:
    lender, borrower = (scope.graph.positions("facilities", name) for name in ("lender_id", "borrower_id"))
    return scope.found_facilities((lender >= 0) & (lender == borrower))


def co_borrower_is_a_side(scope: Scope) -> Found:
    graph = scope.graph
    party, facility = graph.positions("co_borrowers", "party_id"), graph.positions("co_borrowers", "facility_id")
    borrower, lender = (np.append(graph.positions("facilities", c), -1) for c in ("borrower_id", "lender_id"))
    which = (party >= 0) & ((party == borrower[facility]) | (party == lender[facility]))
    found = scope.found_rows("co_borrowers", which)
    return Found(names=found.names, looked_at=found.looked_at, facilities=facility[which])


def _guarantees(scope: Scope, which: Mask) -> Found:
    debtor = scope.graph.positions("guarantees", "debtor_id")
    return scope.found_rows("guarantees", which, parties=debtor, size=scope.graph.floats("guarantees", "amount"))


def _own_debt(scope: Scope) -> Mask:
    """Return the guarantees of a party for its own debt; where a facility is named, it decides whose debt it is."""
    guarantor, debtor = scope.graph.ends("guarantees")
    facility = scope.graph.positions("guarantees", "facility_id")
    owes = debtor.copy()
    owes[facility >= 0] = scope.graph.positions("facilities", "borrower_id")[facility[facility >= 0]]
    found: Mask = (guarantor >= 0) & (guarantor == owes)
    return found


def _in_group(scope: Scope) -> Mask:
    """Return the guarantees whose guarantor stands in a circle with others: a member of a joint-guarantee group."""
    graph = scope.graph
    guarantor = graph.positions("guarantees", "guarantor_id")
    if not graph.size:
        return np.zeros(len(guarantor), dtype=bool)
    arcs = arcs_of(graph, "guarantees")
    strong = component_labels(graph.size, arcs.source, arcs.target, "strong")
    found: Mask = (count_by(strong, graph.size)[strong] > 1)[guarantor] & (guarantor >= 0)
    return found


def _own_loans(scope: Scope) -> tuple[Positions, Positions]:
    """Return for each guarantee without a facility how many of its debtor's loans its guarantor gave, and how many all.

    0 for the guarantees that name a facility, or are for the guarantor's own debt.
    """
    graph = scope.graph
    guarantor, debtor = graph.ends("guarantees")
    lender, borrower = graph.positions("facilities", "lender_id"), graph.positions("facilities", "borrower_id")
    size = np.int64(graph.size + 1)
    pairs = np.sort((borrower * size + lender)[(lender >= 0) & (borrower >= 0)])
    asked = debtor * size + guarantor
    own = np.searchsorted(pairs, asked, side="right") - np.searchsorted(pairs, asked, side="left")
    loans = np.append(count_by(borrower[borrower >= 0], graph.size), 0)[debtor]
    blanket = (graph.positions("guarantees", "facility_id") < 0) & (guarantor >= 0) & (guarantor != debtor)
    return np.where(blanket, own, 0).astype(np.int64), np.where(blanket, loans, 0).astype(np.int64)


CHECKS = (
    Check(
        name="self_guarantees",
        severity="high",
        table="guarantees",
        one="guarantee is of a party for itself",
        many="guarantees are of a party for itself",
        action="Do not count it as security: no method does. Look for the guarantor that was meant.",
        find=self_guarantees,
    ),
    Check(
        name="own_debt_in_group",
        severity="low",
        table="guarantees",
        one="guarantee of a member of a joint-guarantee group covers the member's own debt as well",
        many="guarantees of members of joint-guarantee groups cover the members' own debts as well",
        action="Nothing to do: group contracts name every member. The part for one's own debt is left out everywhere.",
        find=own_debt_in_group,
    ),
    Check(
        name="guarantee_to_oneself",
        severity="medium",
        table="guarantees",
        one="guarantee stands only behind loans that the guarantor itself gave",
        many="guarantees stand only behind loans that the guarantor itself gave",
        action="It secures nobody: look for the lender that was meant.",
        find=guarantee_to_oneself,
    ),
    Check(
        name="own_loan_guaranteed",
        severity="low",
        table="guarantees",
        one="guarantee for all debts of a party covers a loan that the guarantor itself gave",
        many="guarantees for all debts of a party cover loans that the guarantor itself gave",
        action="Usual where a parent lends to its firm: that loan is left out, the cap stands behind the others.",
        find=own_loan_guaranteed,
    ),
    Check(
        name="pledge_to_oneself",
        severity="medium",
        table="pledges",
        one="pledge is of an asset to its own owner, who is the lender",
        many="pledges are of assets to their own owners, who are the lenders",
        action="It secures nobody and is left out: look for the lender or the owner that was meant.",
        find=pledge_to_oneself,
    ),
    Check(
        name="self_facilities",
        severity="high",
        table="facilities",
        one="facility is lent by its own borrower",
        many="facilities are lent by their own borrowers",
        action="Correct lender_id or borrower_id; leave lender_id empty where the lender is our bank.",
        find=self_facilities,
    ),
    Check(
        name="co_borrower_is_a_side",
        severity="medium",
        table="co_borrowers",
        one="co-borrower is the borrower or the lender of the facility itself",
        many="co-borrowers are the borrower or the lender of the facility itself",
        action="It adds no debtor and is left out: look for the party that was meant.",
        find=co_borrower_is_a_side,
    ),
)
