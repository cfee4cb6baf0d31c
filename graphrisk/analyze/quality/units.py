"""Checks of units: rates written as percentages, loans or accounts left in thousands or ten thousands.

A number in another unit breaks no rule of the data model. It is seen only beside other numbers: what the borrower
itself reports, and what the bank lends to others.
"""

from __future__ import annotations

import numpy as np

from graphrisk.analyze.quality.check import Check, Found, Mask, Scope, positive
from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.kernels.arrays.sums import sum_by

LOWEST_RATE = -0.05
"""Lowest plausible yearly rate: negative policy rates of 2014 to 2022 stayed above -1 %."""

TINY_FOR_PARTY, SMALL_FOR_PARTY, HUGE_FOR_PARTY = 1e-4, 1e-3, 100.0
"""Loan over the largest of the borrower's assets, liabilities and sales. Bank debt is as a rule 0.2 % to 100 % of it;
in ten thousands (万元) a loan comes to 2e-7 to 1e-4, and accounts in ten thousands make it 100 to 10,000."""

LEAST_PART, UNITS = 0.002, (1e4, 1e8)
"""A tiny loan would be this part of the borrower or more in 万元 or 亿元; a last instalment would be less."""

SMALL_FOR_BOOK, GAP, FEW, ENOUGH, ABOUT = 1 / 300, 30.0, 0.25, 5, 3.0
"""Without accounts: a loan under 1/300 of the median, with no loan of a size between (a gap of at least 30 times) and
at most a quarter of the loans below the gap, that in another unit would be of the size of the others, or up to 3 times
beyond. Honest small loans come in all sizes; a slip of units leaves a gap."""


def rate_implausible(scope: Scope) -> Found:
    rate = scope.graph.floats("facilities", "rate")
    found = scope.found_facilities((rate > scope.params.rate_high) | (rate < LOWEST_RATE))
    return Found(
        names=found.names, looked_at=int((~np.isnan(rate)).sum()), facilities=found.facilities, size=found.size
    )


def loan_unit(scope: Scope) -> Found:
    graph = scope.graph
    borrower = graph.positions("facilities", "borrower_id")
    due = scope.due_by_facility
    size = np.maximum(due, positive(graph.floats("facilities", "limit_amount")))
    told = (due > 0) & (borrower >= 0)  # a small line with nothing drawn is no loan
    if not told.any():
        return scope.found_facilities(told)
    firm = ~_is(scope, "kind", "person")[borrower]
    median = float(np.median(size[told & firm])) if (told & firm).any() else 0.0
    small = size < SMALL_FOR_BOOK * median
    whole = reported_size(scope)
    with np.errstate(invalid="ignore"):
        odd = told & _beside_accounts(size, due, borrower, whole, small & firm)
    odd |= np.isnan(whole[borrower]) & _apart(size, told & firm & ~_is(scope, "size", "micro")[borrower])
    found = scope.found_facilities(odd)
    worth = np.fmax(whole[borrower[odd]], size[odd])  # the largest borrowers first: so much may be missing
    return Found(names=found.names, looked_at=int(told.sum()), facilities=found.facilities, size=worth)


def _in_other_unit(part: Floats) -> Mask:
    """Return where a tiny part would be a usual one in another unit."""
    fits = np.zeros(len(part), dtype=bool)
    for unit in UNITS:
        fits |= (part * unit >= LEAST_PART) & (part * unit <= 1.0)
    return fits & (part < TINY_FOR_PARTY)


def _beside_accounts(size: Floats, due: Floats, borrower: Positions, whole: Floats, small: Mask) -> Mask:
    """Return the loans that do not fit the accounts of their borrower; `small` are the smallest of the book."""
    part, drawn = size / whole[borrower], due / whole[borrower]
    all_of_it = (sum_by(borrower, size, len(whole)) / whole)[borrower]
    tiny = (part < TINY_FOR_PARTY) & np.any(
        [(part * unit >= LEAST_PART) & (part * unit <= 1.0) for unit in UNITS], axis=0
    )
    odd = tiny & ((all_of_it < SMALL_FOR_PARTY) | small)  # a small line beside large ones is no slip
    odd |= (part < SMALL_FOR_PARTY) & small
    odd |= drawn > HUGE_FOR_PARTY
    known = drawn[(due > 0) & ~np.isnan(drawn)]
    if len(known) >= ENOUGH and np.median(known) < SMALL_FOR_PARTY:  # the whole column is in another unit
        odd |= drawn < 10.0 * SMALL_FOR_PARTY
    found: Mask = odd
    return found


def reported_size(scope: Scope) -> Floats:
    """Return the largest of each party's total assets, total liabilities and sales (n,); NaN where none is known."""
    reported = [scope.graph.latest(name) for name in ("total_assets", "total_liabilities", "sales")]
    largest = np.fmax(np.fmax(reported[0], reported[1]), reported[2])
    return np.where(largest > 0, largest, np.nan)


def _is(scope: Scope, column: str, value: str) -> Mask:
    return np.asarray(scope.graph.texts("parties", column) == value, dtype=bool)


def _apart(size: Floats, among: Mask) -> Mask:
    """Return the members of `among` that were probably written in another unit.

    They are few, lie far below the others with a gap between, and fit among the others once multiplied by a unit.
    """
    none = np.zeros(len(size), dtype=bool)
    ordered = np.sort(size[among])
    if len(ordered) < ENOUGH:
        return none
    below = ordered[:-1] < SMALL_FOR_BOOK * np.median(ordered)
    few = np.arange(1, len(ordered)) <= FEW * len(ordered)
    gaps = np.flatnonzero(below & few & (ordered[1:] >= GAP * ordered[:-1]))
    if not len(gaps):
        return none
    least, most = ordered[gaps[-1] + 1] / ABOUT, ordered[-1] * ABOUT
    fits = none.copy()
    for unit in UNITS:
        fits |= (size * unit >= least) & (size * unit <= most)
    found: Mask = among & fits & (size <= ordered[gaps[-1]])
    return found


CHECKS = (
    Check(
        name="rate_implausible",
        severity="high",
        table="facilities",
        one="facility has a yearly rate that no loan has: a percentage written as a number?",
        many="facilities have a yearly rate that no loan has: percentages written as numbers?",
        action="Write 4.35 % as 0.0435 or 4.35%: 4.35 is read as 435 % (parameter rate_high says what is too high).",
        find=rate_implausible,
    ),
    Check(
        name="loan_unit",
        severity="high",
        table="facilities",
        one="facility fits neither its borrower's accounts nor the other loans: left in 万元 (ten thousands)?",
        many="facilities fit neither their borrowers' accounts nor the other loans: left in 万元 (ten thousands)?",
        action="Check the unit of the loan (outstanding, limit_amount) and of the borrower's accounts; the loader's "
        "toml multiplies a column (scale).",
        find=loan_unit,
    ),
)
