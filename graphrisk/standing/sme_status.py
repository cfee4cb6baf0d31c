"""Whether a firm is a small or medium-sized enterprise of the EU, with all that count with it.

Each figure is summed over the firm, those linked with it and its partners by their weights (`sme`). Staff under 250,
and sales of at most EUR 50 million or a balance sheet of at most EUR 43 million; small and micro likewise. A figure
that nobody knows makes the answer unknown, unless the known part alone decides it. A firm of which public bodies, with
all that they control, together hold 25 % or more is none.

Source: Recommendation 2003/361/EC, Annex, Articles 2, 3(4) and 6. The rule that a class changes only after two years
(Article 4(2)) is not applied: the latest accounts count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.graph.accounts import yearly
from graphrisk.graph.riskgraph import Floats, RiskGraph, rows_that_say
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.ownership.control import Majority, spread
from graphrisk.kernels.ownership.stakes import TOLERANCE, Bools, Ints
from graphrisk.model.currency import rates_on
from graphrisk.standing.holdings import Holdings
from graphrisk.standing.sme import Weights

MICRO, SMALL, MEDIUM, NOT_SME = "micro", "small", "medium", "large"
_MILLION = 1e6
CEILINGS = ((MICRO, 10.0, 2 * _MILLION, 2 * _MILLION), (SMALL, 50.0, 10 * _MILLION, 10 * _MILLION),
            (MEDIUM, 250.0, 50 * _MILLION, 43 * _MILLION))  # fmt: skip
"""Class, staff below which, sales and balance sheet in EUR up to which a firm is in it."""
CURRENCY = "EUR"
_PUBLIC_FROM = 0.25
YES, NO, OPEN = 1, 0, -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The sum of a figure of each subject (subjects,): its known part, and whether that is all of it."""

    known: Floats
    whole: np.ndarray

    def at_most(self, ceiling: float, *, below: bool = False) -> Ints:
        """Return for each subject whether the figure is at most (below) a ceiling: yes, no, or open."""
        fits = self.known < ceiling if below else self.known <= ceiling
        return np.where(~fits, NO, np.where(self.whole, YES, OPEN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One row a subject (subjects,): figures in base currency, yearly; `sme` yes, no or open; `size` None where open.

    `missing` counts the enterprises of which one of the three figures is not known.
    """

    subject: Ints
    enterprises: Ints
    missing: Ints
    employees: Figure
    sales: Figure
    balance_sheet: Figure
    public: np.ndarray
    sme: Ints
    size: np.ndarray


def sme_status(graph: RiskGraph, holdings: Holdings, weights: Weights, exempt: Bools) -> Status:
    """Return the status of each subject of `weights`; `exempt` (n,): who may hold up to 50 %.

    Without a rate of the euro, amounts decide nothing.
    """
    subject, row = np.unique(weights.subject, return_inverse=True)
    many = len(subject)
    staff, sales, assets = graph.latest("employees"), yearly(graph, "sales"), graph.latest("total_assets")
    figures = [_summed(one, weights, row, many) for one in (staff, sales, assets)]
    lacks = np.isnan(staff) | np.isnan(sales) | np.isnan(assets)
    public = _held_by_public_bodies(graph, holdings, exempt)[subject]
    rate = rates_on(graph.tables["fx"], graph.as_of, graph.base_currency).get(CURRENCY, np.nan)
    size, sme = np.full(many, None, dtype=object), np.full(many, NO)
    settled = public.copy()
    for name, people, turnover, balance in CEILINGS:
        fits = _both(
            figures[0].at_most(people, below=True),
            _either(_within(figures[1], turnover * rate), _within(figures[2], balance * rate)),
        )
        size[~settled & (fits == YES)] = name
        settled |= fits != NO  # where it is open, so is every class above
        if name == MEDIUM:
            sme = np.where(public, NO, fits)
    size[public | (sme == NO)] = NOT_SME
    return Status(
        subject=subject,
        enterprises=np.bincount(row, minlength=many),
        missing=np.bincount(row[lacks[weights.party]], minlength=many),
        employees=figures[0],
        sales=figures[1],
        balance_sheet=figures[2],
        public=public,
        sme=sme,
        size=size,
    )


def _held_by_public_bodies(graph: RiskGraph, holdings: Holdings, exempt: Bools) -> Bools:
    """Return who is a public body, is controlled by such, or of whom those not exempt hold 25 % or more (n,)."""
    body = rows_that_say(graph, "parties", "kind", "public_body")
    found = body.copy()
    for bodies, least in ((np.flatnonzero(body), np.inf), (np.flatnonzero(body & ~exempt), _PUBLIC_FROM - TOLERANCE)):
        reach = spread(holdings.stakes, [bodies], holdings.facts, Majority(), touched=least)
        found[reach.firm[(reach.step >= 0) | (reach.held_low.max(axis=0, initial=0.0) >= least)]] = True
    return found


def _summed(figure: Floats, weights: Weights, row: Ints, many: int) -> Figure:
    part = figure[weights.party]
    unknown = np.bincount(row[np.isnan(part)], minlength=many)
    return Figure(known=sum_by(row, np.nan_to_num(part) * weights.weight, many), whole=unknown == 0)


def _within(figure: Figure, ceiling: float) -> Ints:
    return np.full(len(figure.known), OPEN) if np.isnan(ceiling) else figure.at_most(ceiling)


def _both(one: Ints, other: Ints) -> Ints:
    return np.where((one == NO) | (other == NO), NO, np.where((one == YES) & (other == YES), YES, OPEN))


def _either(one: Ints, other: Ints) -> Ints:
    return np.where((one == YES) | (other == YES), YES, np.where((one == NO) & (other == NO), NO, OPEN))
