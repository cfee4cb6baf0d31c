"""The arithmetic: cover of each contract after capacity, spread over loans, and the expected loss that it saves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.credit.loan_book import LoanBook
from graphrisk.graph.guarantee_lines import lines_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.model.figures import money_en, money_zh
from graphrisk.model.note import Note

Flags = npt.NDArray[np.bool_]
CAPS, UNLIMITED = "caps", "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covers:
    """Contracts (c,) and the lines (l,) of contract and loan behind which it stands.

    `exposure` (c,) NaN where no loan is known; `capacity` (n,) of each party, 0 where it is not known (`blind`);
    `effective` (c,); `counted` (l,) the part of it that covers a loan of ours; `stated` (l,) the cap, at most the loan.
    """

    guarantor: Positions
    debtor: Positions
    own: Flags
    amount: Floats
    exposure: Floats
    promised: Floats
    capacity: Floats
    share: Floats
    effective: Floats
    blind: Flags
    line_contract: Positions
    line_facility: Positions
    stated: Floats
    counted: Floats


def covers_of(graph: RiskGraph, book: LoanBook, *, capacity: str, missing: str, notes: list[Note]) -> Covers:
    """Return what each guarantee covers; `capacity` and `missing` as in contagion."""
    guarantor, debtor = graph.ends("guarantees")
    amount = np.nan_to_num(np.maximum(graph.floats("guarantees", "amount"), 0.0))
    due = np.nan_to_num(np.maximum(graph.floats("facilities", "outstanding"), 0.0))
    lines = lines_of(graph, True, [])
    contract, facility = lines.line[0], lines.facility
    several = rows_that_say(graph, "guarantees", "mode", "several")
    part = np.where(several, graph.floats("guarantees", "share"), np.nan)
    part = np.where(np.isnan(part), 1.0, part)
    behind = part[contract] * due[facility]
    contracts = len(amount)
    exposure = sum_by(contract, behind, contracts)
    own = (guarantor == debtor) & (guarantor >= 0)
    exposure[(np.bincount(contract, minlength=contracts) == 0) & ~own] = np.nan
    counts = (guarantor >= 0) & ~own
    promised = sum_by(guarantor[counts], amount[counts], graph.size)
    able = _capacity(graph, promised, capacity, missing, notes)
    at = np.maximum(guarantor, 0)
    mine = promised[at] if graph.size else amount
    share = np.divide(amount, mine, out=np.zeros(contracts), where=counts & (mine > 0.0))
    effective = np.where(counts, np.minimum(amount, able[at] * share if graph.size else 0.0), 0.0)
    effective = np.fmin(effective, exposure)
    weight = np.divide(behind, exposure[contract], out=np.zeros(len(contract)), where=exposure[contract] > 0.0)
    ours = book.ead[facility] > 0.0
    covered = np.where(ours, effective[contract] * weight, 0.0)
    whole = sum_by(facility, covered, len(due))
    cut = np.divide(book.ead, whole, out=np.ones(len(due)), where=whole > book.ead)
    return Covers(
        guarantor=guarantor,
        debtor=debtor,
        own=own,
        amount=amount,
        exposure=exposure,
        promised=promised,
        capacity=able,
        share=share,
        effective=effective,
        blind=np.isnan(graph.equity) & (capacity != UNLIMITED) & (missing != CAPS),
        line_contract=contract,
        line_facility=facility,
        stated=np.where(ours, np.minimum(amount[contract] * weight, behind), 0.0),
        counted=covered * cut[facility],
    )


def _capacity(graph: RiskGraph, promised: Floats, capacity: str, missing: str, notes: list[Note]) -> Floats:
    """Return what each party can pay for all its guarantees (n,)."""
    if capacity == UNLIMITED:
        return promised
    equity = graph.equity
    blind = np.isnan(equity) & (promised > 0.0)
    if blind.any():
        much, many = float(promised[blind].sum()), int(blind.sum())
        said = "their caps are taken" if missing == CAPS else "they can pay nothing"
        told = "按其担保上限计" if missing == CAPS else "视为无力代偿"
        notes.append(
            Note(
                "guarantors_without_equity",
                f"{many:,} guarantors of {money_en(much, graph.base_currency)} have no known equity: {said} "
                f"(missing_capacity={missing})",
                f"{many:,} 户担保人（担保 {money_zh(much, graph.base_currency)}）净资产不详：{told}"
                f"（missing_capacity={missing}）",
                severity="info" if missing == CAPS else "warning",
            )
        )
    return np.where(np.isnan(equity), promised if missing == CAPS else 0.0, np.maximum(np.nan_to_num(equity), 0.0))
