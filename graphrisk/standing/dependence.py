"""Who depends economically on whom: as analysts said, and as payments and guarantees show, with ratio and coverage.

Receipts of x from y are the larger of the deliveries and the payments of a year, never their sum, over the larger of
x's sales and all its recorded receipts; expenditure likewise over the cost of materials. A guarantee is set against the
guarantor's net assets; what a co-borrower owes for another's loan counts with it. Where the denominator is not known
there is no ratio: a dependency is listed where it could be one, and counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from graphrisk.graph.accounts import yearly
from graphrisk.graph.oneself import guarantees_for_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.ownership.stakes import TOLERANCE, Bools
from graphrisk.regimes.exposure_rule import ExposureRule

COUNTS, REPLACEABLE, BELOW, UNKNOWN, NO_NET_ASSETS, ONESELF, REBUTTED, BELOW_CHECK = (
    "",
    "replaceable",
    "below_threshold",
    "unknown_denominator",
    "no_net_assets",
    "oneself",
    "rebutted",
    "below_check",
)
REASONS = (REPLACEABLE, BELOW, UNKNOWN, NO_NET_ASSETS, ONESELF, REBUTTED, BELOW_CHECK)
"""Why a dependency joins nobody; the empty text where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependence:
    """Rows (m,): `dependent` falls with `on`; by dependent, then on, then criterion, declared before derived.

    `ratio`, `coverage` are NaN where there is none; `why` says why a row does not count ("": it does).
    """

    dependent: Positions
    on: Positions
    criterion: np.ndarray
    ratio: Floats
    coverage: Floats
    derived: Bools
    upstream: Bools
    why: np.ndarray

    @property
    def counts(self) -> Bools:
        """Which rows join parties (m,)."""
        return np.asarray(self.why == COUNTS, dtype=bool)

    def only(self, keep: Bools) -> Dependence:
        """Return the rows of a mask."""
        return Dependence(**{name: getattr(self, name)[keep] for name in _COLUMNS})

    def saying(self, why: np.ndarray) -> Dependence:
        """Return the same rows with other reasons."""
        return Dependence(**{**{name: getattr(self, name) for name in _COLUMNS}, "why": why})


_COLUMNS = ("dependent", "on", "criterion", "ratio", "coverage", "derived", "upstream", "why")


def dependence(graph: RiskGraph, rule: ExposureRule) -> Dependence:
    """Return the dependencies of `graph`: declared ones, then those that are derived from payments and guarantees.

    Derived rows below the threshold are left out.
    """
    parts = [_declared(graph, rule), *_payments(graph, rule), _guarantees(graph, rule)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS}
    own = joined["dependent"] == joined["on"]
    joined["why"][own] = ONESELF
    order = np.lexsort(
        (
            -np.nan_to_num(joined["ratio"]),
            joined["derived"],
            joined["criterion"].astype(str),
            joined["on"],
            joined["dependent"],
        )
    )
    return Dependence(**{name: values[order] for name, values in joined.items()})


def _rows(
    dependent: Positions,
    on: Positions,
    criterion: object,
    ratio: Floats,
    coverage: Floats,
    why: np.ndarray,
    *,
    derived: bool,
    upstream: Bools | None = None,
) -> dict[str, np.ndarray]:
    rows = len(dependent)
    given = np.full(rows, criterion, dtype=object) if isinstance(criterion, str) else np.asarray(criterion, object)
    return {
        "dependent": dependent,
        "on": on,
        "criterion": given,
        "ratio": ratio,
        "coverage": coverage,
        "derived": np.full(rows, derived),
        "upstream": np.zeros(rows, dtype=bool) if upstream is None else upstream,
        "why": why,
    }


def _declared(graph: RiskGraph, rule: ExposureRule) -> dict[str, np.ndarray]:
    dependent, on = graph.ends("dependencies")
    ratio = graph.floats("dependencies", "ratio")
    criterion = graph.texts("dependencies", "criterion")
    bar = np.where(criterion == "guarantee", rule.guarantee_threshold, rule.dependency_threshold)
    why = np.full(len(on), COUNTS, dtype=object)
    why[ratio < bar - TOLERANCE] = BELOW
    why[graph.flags("dependencies", "replaceable")] = REPLACEABLE
    known = (dependent >= 0) & (on >= 0)
    rows = _rows(
        dependent, on, criterion, ratio, np.full(len(on), np.nan), why, derived=False,
        upstream=graph.flags("dependencies", "upstream"),
    )  # fmt: skip
    return {name: values[known] for name, values in rows.items()}


def _payments(graph: RiskGraph, rule: ExposureRule) -> list[dict[str, np.ndarray]]:
    """Return who lives by whose money, and who spends most of its own with whom."""
    receiver, payer, amount = paid_in_a_year(graph)
    out = []
    for criterion, mine, other, whole in (
        ("receipts", receiver, payer, yearly(graph, "sales")),
        ("expenditure", payer, receiver, yearly(graph, "material_cost")),
    ):
        recorded = sum_by(mine, amount, graph.size)
        base = np.fmax(whole, recorded)[mine]
        share = np.divide(amount, base, out=np.zeros(len(base)), where=base > 0.0)
        unknown = np.isnan(whole)[mine]
        coverage = np.divide(recorded, whole, out=np.full(graph.size, np.nan), where=whole > 0.0)[mine]
        keep = share >= rule.dependency_threshold - TOLERANCE  # share of what is recorded where the whole is unknown
        why = np.where(unknown, UNKNOWN, COUNTS).astype(object)
        ratio = np.where(unknown, np.nan, share)
        out.append(_rows(mine[keep], other[keep], criterion, ratio[keep], coverage[keep], why[keep], derived=True))
    return out


def paid_in_a_year(graph: RiskGraph) -> tuple[Positions, Positions, Floats]:
    """Return receiver, payer and the money of a year, a row a pair: the larger of deliveries and payments."""
    size = np.int64(max(graph.size, 1))
    supplier, buyer = graph.ends("supplies")
    payer, payee = graph.ends("fund_flows")
    recent = _after(graph, "fund_flows", "paid_on", a_year_before(graph.as_of))
    delivered = np.nan_to_num(graph.floats("supplies", "amount"))
    paid = np.nan_to_num(graph.floats("fund_flows", "amount"))
    kept = [
        (supplier >= 0) & (buyer >= 0) & (supplier != buyer),
        recent & (payer >= 0) & (payee >= 0) & (payer != payee),
    ]
    keys = [(supplier * size + buyer)[kept[0]], (payee * size + payer)[kept[1]]]
    pairs, place = np.unique(np.concatenate(keys), return_inverse=True)
    first = len(keys[0])
    sums = [
        sum_by(place[:first], delivered[kept[0]], len(pairs)),
        sum_by(place[first:], paid[kept[1]], len(pairs)),
    ]
    return pairs // size, pairs % size, np.maximum(sums[0], sums[1])


def a_year_before(day: date) -> date:
    """Return the day a year earlier; the 28th of February for the 29th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return (day - timedelta(days=1)).replace(year=day.year - 1)


def _after(graph: RiskGraph, table: str, column: str, day: date) -> Bools:
    days = graph.tables.column(table, column).cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.asarray(np.asarray(days, dtype=np.float64) > (day - date(1970, 1, 1)).days)


def _guarantees(graph: RiskGraph, rule: ExposureRule) -> dict[str, np.ndarray]:
    """Return whose guarantees (with what is owed jointly) could cost all its net assets, and on whom they hang."""
    size = np.int64(max(graph.size, 1))
    guarantor, debtor, amount = liabilities_for_others(graph)
    pairs, place = np.unique(guarantor * size + debtor, return_inverse=True)
    total = sum_by(place, amount, len(pairs))
    dependent, on = pairs // size, pairs % size
    net = graph.equity[dependent] if graph.size else np.zeros(0)
    ratio = np.divide(total, net, out=np.full(len(pairs), np.nan), where=net > 0.0)
    why = np.full(len(pairs), COUNTS, dtype=object)
    why[np.isnan(net)] = UNKNOWN
    why[net <= 0.0] = NO_NET_ASSETS
    keep = (total > 0.0) & ((why != COUNTS) | (ratio >= rule.guarantee_threshold - TOLERANCE))
    return _rows(
        dependent[keep], on[keep], "guarantee", ratio[keep], np.full(int(keep.sum()), np.nan), why[keep], derived=True
    )


def liabilities_for_others(graph: RiskGraph) -> tuple[Positions, Positions, Floats]:
    """Return who is liable for whose debt and for how much: guarantees by their caps, co-borrowers by what they owe."""
    guarantor, debtor = graph.ends("guarantees")
    facility = graph.positions("guarantees", "facility_id")
    borrower = np.append(graph.positions("facilities", "borrower_id"), -1)
    debtor = np.where(facility >= 0, borrower[facility], debtor)  # the facility decides whose debt it is
    fine = (guarantor >= 0) & (debtor >= 0) & (guarantor != debtor) & ~guarantees_for_oneself(graph)
    owing, owed, due = joint_debts(graph)
    first = borrower[owed]
    return (
        np.concatenate([guarantor[fine], owing]),
        np.concatenate([debtor[fine], first]),
        np.concatenate([np.nan_to_num(graph.floats("guarantees", "amount"))[fine], due]),
    )


def joint_debts(graph: RiskGraph) -> tuple[Positions, Positions, Floats]:
    """Return co-borrower, facility and what it owes: all that is outstanding, or its share where it owes severally.

    A co-borrower that is the borrower or the lender itself is left out.
    """
    party, facility = graph.positions("co_borrowers", "party_id"), graph.positions("co_borrowers", "facility_id")
    borrower, lender = (np.append(graph.positions("facilities", c), -1) for c in ("borrower_id", "lender_id"))
    fine = (party >= 0) & (facility >= 0) & (party != borrower[facility]) & (party != lender[facility])
    several = rows_that_say(graph, "co_borrowers", "mode", "several")
    part = np.where(several, np.nan_to_num(graph.floats("co_borrowers", "share")), 1.0)
    due = np.append(np.nan_to_num(graph.floats("facilities", "outstanding")), 0.0)[facility] * part
    return party[fine], facility[fine], due[fine]
