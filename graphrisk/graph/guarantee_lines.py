"""The guarantee ledger of a client graph: one line per contract and facility, with its share, cap and rank."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphrisk.graph.joint_debts import with_joint_debts
from graphrisk.graph.oneself import with_oneself
from graphrisk.graph.references import optional, required
from graphrisk.graph.riskgraph import RiskGraph, made_of, rows_that_say
from graphrisk.kernels.contagion.ledger import Flags, Floats, Ints, rows_by
from graphrisk.model.note import Note


class GuaranteeLines(NamedTuple):
    """The part of the ledger that is guarantees; see `kernels.contagion.ledger.Ledger`."""

    facility: Ints  # (lines,)
    start: Ints  # (facilities + 1,)
    line: Ints  # (2, lines)
    share: Floats  # (lines,)
    contract: Ints  # (3, contracts), contracts are rows of the table
    cap: Floats
    ranks: int
    joint: Flags  # (facilities,) a guarantor is jointly liable
    cluster: Ints  # (facilities,)
    clusters: int
    cluster_of: Ints  # (parties,)


def guarantee_lines(graph: RiskGraph, on: bool, guarantees: bool, notes: list[str]) -> GuaranteeLines:
    """Return who stands behind which facility, with which cap and share; none where the layer is off.

    Co-borrowers are among the guarantors; without `guarantees` they are the only ones. Nobody stands behind its own
    debt, nor behind a loan that it gave itself: such lines are left out, and shares are split as without them.
    """
    amounts = ("facilities.outstanding",) if graph.rows("co_borrowers") else ()  # the cap of one that owes jointly
    read = ("guarantees", "co_borrowers", "parties", "facilities.borrower_id", "facilities.lender_id", *amounts)

    def make() -> tuple[GuaranteeLines, list[str]]:
        said: list[str] = []
        return lines_of(with_joint_debts(graph, guarantees=guarantees), on, said), said

    made, said = made_of(graph, f"guarantee lines {on} {guarantees}", read, make)
    notes += said
    return made


def lines_of(graph: RiskGraph, on: bool, notes: list[str]) -> GuaranteeLines:
    """Return the lines of the table of guarantees as it stands; co-borrowers are none of them."""
    borrower = required(graph, "facilities", "borrower_id")
    lender = optional(graph, "facilities", "lender_id")
    size, facilities = graph.size, len(borrower)
    contracts = graph.rows("guarantees") if on else 0
    guarantor = required(graph, "guarantees", "guarantor_id")[:contracts]
    debtor = required(graph, "guarantees", "debtor_id")[:contracts]
    facility = optional(graph, "guarantees", "facility_id")[:contracts]
    cap = graph.floats("guarantees", "amount")[:contracts]
    joint_several = rows_that_say(graph, "guarantees", "mode", "joint_several")[:contracts]
    liable = rows_that_say(graph, "guarantees", "liability", "joint")[:contracts]
    rank = graph.floats("guarantees", "rank")[:contracts]
    ranks, dense = np.unique(np.where(np.isnan(rank), 1.0, rank), return_inverse=True)

    loan_start, loans = rows_by(borrower, size)
    blanket = facility < 0
    spread = np.where(blanket, loan_start[debtor + 1] - loan_start[debtor], 1)
    if (blanket & (spread == 0)).any():
        many = int((blanket & (spread == 0)).sum())
        notes.append(
            Note(
                "guarantees_of_no_facility",
                f"{many:,} guarantees without a facility stand behind a debtor that has none: they cannot be called",
                f"{many:,} 笔未指明融资的担保，其债务人没有融资：无法代偿",
            )
        )
    stray = ~blanket & (borrower[facility] != debtor) if facilities else np.zeros(contracts, dtype=bool)
    if stray.any():
        many = int(stray.sum())
        notes.append(
            Note(
                "guarantees_of_other_debtor",
                f"{many:,} guarantees name a debtor who is not the borrower: the facility decides",
                f"{many:,} 笔担保的债务人不是借款人：以融资为准",
            )
        )
    if (cap <= 0.0).any():
        many = int((cap <= 0.0).sum())
        notes.append(
            Note(
                "guarantees_of_cap_zero",
                f"{many:,} guarantees have a cap of 0: they are never called",
                f"{many:,} 笔担保限额为 0：从不代偿",
            )
        )
    contract = np.repeat(np.arange(contracts), spread)
    within = np.arange(len(contract)) - np.repeat(np.cumsum(spread) - spread, spread)
    behind = facility[contract]
    open_ = blanket[contract]
    behind[open_] = loans[loan_start[debtor[contract[open_]]] + within[open_]]
    own = with_oneself(guarantor[contract], borrower[behind], lender[behind])
    if own.any():
        many, loans_of = len(np.unique(contract[own])), len(np.unique(behind[own]))
        notes.append(
            Note(
                "guarantees_for_oneself",
                f"{many:,} guarantees stand behind the guarantor's own debt, or a loan that it gave itself "
                f"({loans_of:,} facilities): they are not called for these",
                f"{many:,} 笔担保所保为担保人自身的债务或其自己发放的贷款（{loans_of:,} 笔融资）：对此不代偿",
            )
        )
        contract, behind = contract[~own], behind[~own]
        spread = np.bincount(contract, minlength=contracts)
    by_rank = np.argsort(dense[contract], kind="stable")  # contracts run upwards, and stay so within a rank
    line_start, order = rows_by(behind[by_rank], facilities)
    order = by_rank[order]
    contract, behind = contract[order], behind[order]
    joint = np.zeros(facilities, dtype=np.bool_)
    joint[behind[liable[contract]]] = True
    cluster, clusters, cluster_of = _clusters(behind, guarantor[contract], facilities, size)
    return GuaranteeLines(
        facility=behind,
        start=line_start,
        line=np.stack([contract, dense[contract]]).astype(np.int64),
        share=_shares(graph, contract, behind, dense[contract], cap, joint_several, notes),
        contract=np.stack([guarantor, joint_several, spread > 1]).astype(np.int64),
        cap=np.array(cap),
        ranks=len(ranks),
        joint=joint,
        cluster=cluster,
        clusters=clusters,
        cluster_of=cluster_of,
    )


def _shares(
    graph: RiskGraph,
    contract: Ints,
    facility: Ints,
    rank: npt.NDArray[np.intp],
    cap: Floats,
    joint_several: Flags,
    notes: list[str],
) -> Floats:
    """Return the share of each line: given, else its cap over the caps of the same facility and rank."""
    if not len(contract):
        return np.zeros(0)
    given = graph.floats("guarantees", "share")[contract]
    fresh = np.ones(len(contract), dtype=bool)
    fresh[1:] = (facility[1:] != facility[:-1]) | (rank[1:] != rank[:-1])
    group = np.cumsum(fresh) - 1
    caps = np.bincount(group, weights=cap[contract])[group]
    by_cap = np.divide(cap[contract], caps, out=np.zeros(len(contract)), where=caps > 0.0)
    if np.isnan(given).any():
        many = int(np.isnan(given).sum())
        notes.append(
            Note(
                "guarantee_shares_by_cap",
                f"{many:,} guarantee shares are not given: split by caps",
                f"{many:,} 个担保份额未给出：按限额分摊",
            )
        )
    share = np.where(np.isnan(given), by_cap, given)
    several = np.bincount(group, weights=np.where(joint_several[contract], 0.0, share))
    if (several > 1.0 + 1e-9).any():
        many = int((several > 1.0 + 1e-9).sum())
        notes.append(
            Note(
                "guarantee_shares_above_whole",
                f"{many:,} facilities have several guarantors of one rank whose shares sum to more than 1: they are "
                "asked for the whole, pro rata",
                f"{many:,} 笔融资同一顺位担保人的份额合计超过 1：按比例要求其承担全部",
            )
        )
    return share


def _clusters(facility: Ints, guarantor: Ints, facilities: int, size: int) -> tuple[Ints, int, Ints]:
    """Return the cluster of each facility, their number, and the cluster in which each party is a guarantor."""
    cluster, cluster_of = np.full(facilities, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64)
    if not len(facility):
        return cluster, 0, cluster_of
    nodes = facilities + size
    links = coo_array((np.ones(len(facility), dtype=np.int8), (facility, facilities + guarantor)), shape=(nodes, nodes))
    parts, label = connected_components(links.tocsr(), directed=False)
    called = np.zeros(parts, dtype=bool)
    called[label[facility]] = True
    number = np.cumsum(called) - 1
    cluster[facility] = number[label[facility]]
    cluster_of[guarantor] = cluster[facility]
    return cluster, int(called.sum()), cluster_of
