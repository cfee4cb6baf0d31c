"""Our own loan book: what is outstanding, what secures it, who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.graph.oneself import guarantees_for_oneself, pledges_to_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.model.figures import money_en, money_zh
from graphrisk.model.note import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanBook:
    """The facilities of our own bank (no lender stated) with something outstanding.

    `ead` (f,) is the amount outstanding of every facility, 0 where it is not ours; `borrower` (f,) its obligor.
    """

    ead: Floats
    borrower: Positions
    notes: tuple[Note, ...]

    @property
    def total(self) -> float:
        """EAD of the whole book."""
        return float(self.ead.sum())


def own_book(graph: RiskGraph) -> LoanBook:
    """Return the book of our own bank; unknown and negative amounts count as 0 and are noted."""
    outstanding = graph.floats("facilities", "outstanding")
    borrower = graph.positions("facilities", "borrower_id")
    given = graph.tables.column("facilities", "lender_id").is_valid().to_numpy()
    others = np.asarray(given, dtype=bool)
    wrong = ~np.isfinite(outstanding) | (outstanding < 0) | (borrower < 0)
    notes = []
    if others.any():
        amount = float(np.where(wrong, 0.0, outstanding)[others].sum())
        notes.append(
            Note(
                "facilities_of_other_lenders",
                f"{int(others.sum()):,} facilities of other lenders ({money_en(amount, graph.base_currency)}) are not "
                "part of the book.",
                f"其他机构的 {int(others.sum()):,} 笔融资（{money_zh(amount, graph.base_currency)}）不属于本行账簿。",
            )
        )
    if (wrong & ~others).any():
        many = int((wrong & ~others).sum())
        notes.append(
            Note(
                "facilities_without_amount",
                f"{many:,} facilities without a usable amount or borrower count as 0.",
                f"{many:,} 笔融资没有可用的金额或借款人，按 0 计。",
            )
        )
    ead = np.where(others | wrong, 0.0, outstanding)
    if not ead.any():
        notes.append(
            Note(
                "nothing_outstanding",
                "Nothing is outstanding at our own bank, so there is no concentration to measure.",
                "本行没有未结清余额，因此没有可度量的集中度。",
            )
        )
    return LoanBook(ead=ead, borrower=borrower, notes=tuple(notes))


def secured_by_kind(graph: RiskGraph, book: LoanBook) -> tuple[list[str], Floats]:
    """Return the kinds of collateral (k, sorted) and what each covers of each facility (k, f).

    A pledge covers at most the allocated amount, the amount outstanding and the asset's value after haircut. Where
    the pledges of one asset come to more than its value they share it pro rata, and where a facility is covered more
    than once the covers share it pro rata. Ranks are not looked at here: contagion follows them.
    """
    kinds = sorted({str(kind) for kind in graph.texts("collateral", "kind") if kind is not None})
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    linked = (facility >= 0) & (asset >= 0) & ~pledges_to_oneself(graph)
    facility, asset = facility[linked], asset[linked]
    due = np.nan_to_num(np.maximum(graph.floats("facilities", "outstanding"), 0.0))
    haircut = np.nan_to_num(graph.floats("collateral", "haircut"))
    value = np.nan_to_num(np.maximum(graph.floats("collateral", "value"), 0.0)) * (1.0 - haircut)
    allocated = graph.floats("pledges", "allocated_amount")[linked]
    claim = np.maximum(np.fmin(allocated, np.minimum(due[facility], value[asset])), 0.0)
    claim *= _at_most(value, sum_by(asset, claim, len(value)))[asset]
    claim *= _at_most(due, sum_by(facility, claim, len(due)))[facility]
    kind = np.searchsorted(np.array(kinds, dtype=object), graph.texts("collateral", "kind")[asset]) if kinds else asset
    covers = np.zeros((len(kinds), len(due)))
    for number in range(len(kinds)):
        covers[number] = sum_by(facility[kind == number], claim[kind == number], len(due))
    covers[:, book.ead <= 0] = 0.0
    return kinds, covers


def _at_most(limit: Floats, asked: Floats) -> Floats:
    """Return the fraction by which what is asked is cut to the limit."""
    over = asked > limit
    return np.divide(limit, asked, out=np.ones(len(limit)), where=over)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """Which guarantor stands behind which facility of the book: one row a pair, by guarantor, then facility.

    `cap` (n,) is for each party the sum over its contracts of the cap, at most what they stand behind.
    """

    guarantor: Positions
    facility: Positions
    cap: Floats


def backing_of(graph: RiskGraph, book: LoanBook) -> Backing:
    """Return who stands behind the facilities of the book; a contract without facility covers all of its debtor's."""
    guarantor, debtor = graph.ends("guarantees")
    facility = graph.positions("guarantees", "facility_id")
    cap = np.nan_to_num(np.maximum(graph.floats("guarantees", "amount"), 0.0))
    usable = (guarantor >= 0) & (debtor >= 0) & ~guarantees_for_oneself(graph)
    ours = np.flatnonzero(book.ead > 0)
    ours = ours[np.argsort(book.borrower[ours], kind="stable")]
    loans = count_by(book.borrower[ours], graph.size)
    begin = np.concatenate([np.zeros(1, np.int64), np.cumsum(loans)])

    single = np.flatnonzero(usable & (facility >= 0))
    single = single[book.ead[facility[single]] > 0]
    general = np.flatnonzero(usable & (facility < 0))
    many = loans[debtor[general]]
    first = begin[debtor[general]]
    within = np.arange(int(many.sum()), dtype=np.int64) - np.repeat(np.cumsum(many) - many, many)
    contract = np.concatenate([single, np.repeat(general, many)])
    loan = np.concatenate([facility[single], ours[np.repeat(first, many) + within]])

    behind = sum_by(contract, book.ead[loan], len(guarantor))
    caps = sum_by(guarantor[usable], np.minimum(cap, behind)[usable], graph.size)
    width = np.int64(max(len(book.ead), 1))
    pair = np.unique(guarantor[contract] * width + loan)
    return Backing(guarantor=pair // width, facility=pair % width, cap=caps)
