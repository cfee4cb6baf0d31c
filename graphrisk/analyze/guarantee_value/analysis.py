"""The analyzer: how far each guarantee helps, given who gave it and what else they promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.guarantee_value.tables import CLIENTS, CONTRACTS, FACILITIES, GUARANTORS, TABLES
from graphrisk.analyze.guarantee_value.worth import CAPS, UNLIMITED, Covers, covers_of
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.lgd import losses_given_default
from graphrisk.credit.loan_book import LoanBook, own_book
from graphrisk.credit.pd import in_default, pds_of
from graphrisk.credit.portfolio_params import COLLATERAL, SKIP
from graphrisk.credit.portfolio_params import Params as PortfolioParams
from graphrisk.graph.book import build_book
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.credit.joint_default import double_default_factor, effectiveness, net_exposure
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress
from graphrisk.standing.relatedness import CIRCLE, SAME_CONTROLLER, UNRELATED, relations_of

VERSION = 1
__all__ = ["TABLES", "VERSION", "Params", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `guarantee_value`."""

    rho_same_controller: float = param(0.8, "asset correlation under one controller", low=-1.0, high=1.0)
    rho_circle: float = param(0.5, "asset correlation in one guarantee circle", low=-1.0, high=1.0)
    rho_unrelated: float = param(0.2, "asset correlation of who is neither", low=-1.0, high=1.0)
    capacity: str = param(
        "net_assets", "what a guarantor can pay: its net assets, or anything", choices=("net_assets", UNLIMITED)
    )
    missing_capacity: str = param(
        "zero", "what a guarantor without known equity can pay: nothing, or its caps", choices=("zero", CAPS)
    )
    pd_model: str | None = param(None, "the rating model whose PD is taken (default: the latest of any)")
    missing_lgd: str = param(
        COLLATERAL, "LGD of a facility without one: collateral (what its collateral leaves), refuse, or a number"
    )


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return what the guarantees in `graph` are worth to our bank."""
    refuse_inputs("guarantee_value", inputs)
    notes: list[Note] = []
    said: list[str] = []
    book = own_book(graph)
    ead = sum_by(book.borrower, book.ead, graph.size)
    chance, rated = pds_of(
        graph,
        model=params.pd_model,
        multiplier=1.0,
        missing=SKIP,
        ead=ead,
        skipped="guarantees by or for them have no known worth",
        notes=said,
    )
    pd_ = np.where(rated, chance, np.nan)
    lost, _ = losses_given_default(
        graph,
        build_book(graph, layers=("collateral",)),
        PortfolioParams(missing_lgd=params.missing_lgd),
        book.ead,
        said,
    )
    progress("sharing capacity")
    covers = covers_of(graph, book, capacity=params.capacity, missing=params.missing_capacity, notes=notes)
    progress("looking who stands near whom")
    known = (covers.guarantor >= 0) & (covers.debtor >= 0)
    relation = np.full(len(known), UNRELATED, dtype=object)
    relation[known] = relations_of(graph, covers.guarantor[known], covers.debtor[known])
    rho_of = {SAME_CONTROLLER: params.rho_same_controller, CIRCLE: params.rho_circle, UNRELATED: params.rho_unrelated}
    rho = np.array([rho_of[r] for r in relation], dtype=np.float64)
    pd_debtor, pd_guarantor = (_at(pd_, side) for side in (covers.debtor, covers.guarantor))
    joint, works = effectiveness(pd_debtor, pd_guarantor, rho)
    works = np.where(covers.own, 0.0, works)
    lgd = np.divide(lost, book.ead, out=np.zeros(len(lost)), where=book.ead > 0.0)
    saved_by_line = covers.counted * lgd[covers.line_facility] * np.nan_to_num(pd_debtor * works)[covers.line_contract]
    saved = sum_by(covers.line_contract, saved_by_line, len(rho))
    blind = (np.isnan(pd_debtor) | np.isnan(pd_guarantor)) & ~covers.own
    expected = _at(pd_, book.borrower) * lost
    notes += [_note_of_related(relation, covers)] if len(relation) else []
    tables = {
        "guarantee_value_contracts": _contract_rows(
            graph, covers, relation, rho, pd_debtor, pd_guarantor, joint, works, np.where(blind, np.nan, saved)
        ),
        "guarantee_value_facilities": _facility_rows(graph, book, covers, expected, saved_by_line),
        "guarantee_value_clients": _client_rows(graph, book, covers, expected, saved_by_line),
        "guarantee_value_guarantors": _guarantor_rows(graph, covers, saved),
    }
    behind = np.zeros(len(book.ead), dtype=bool)
    behind[covers.line_facility] = True
    return make_result(
        "guarantee_value",
        VERSION,
        graph,
        params,
        tables=tables,
        certificate={
            "converged": True,
            "contracts": len(rho),
            "worth_not_known": int(blind.sum()),
            "stated_cover": float(np.minimum(sum_by(covers.line_facility, covers.stated, len(lost)), book.ead).sum()),
            "effective_cover": float(covers.counted.sum()),
            "el_without": float(np.nansum(expected[behind])),
            "el_saved": float(saved.sum()),
        },
        notes=(*said, *notes),
    )


def _at(values: Floats, where: Floats | object) -> Floats:
    """Return values of parties at positions; NaN where the position is unknown."""
    at = np.asarray(where, dtype=np.int64)
    out = np.full(len(at), np.nan)
    there = at >= 0
    out[there] = values[at[there]]
    return out


def _note_of_related(relation: object, covers: Covers) -> Note:
    names = np.asarray(relation)
    near = int((names != UNRELATED).sum())
    return Note(
        "related_guarantors",
        f"{near:,} of {len(names):,} guarantees are given by who stands under one controller or in one circle with the "
        f"debtor; correlations by relation are our defaults (rho_...), not measured; {int(covers.own.sum()):,} stand "
        "behind their own debt",
        f"{len(names):,} 笔担保中 {near:,} 笔的担保人与债务人受同一控制或同在担保圈；各关系的相关系数为本工具默认值，"
        f"并非实测；为自身债务担保 {int(covers.own.sum()):,} 笔",
    )


def _contract_rows(
    graph: RiskGraph, covers: Covers, relation: object, rho: Floats, pd_debtor: Floats, pd_guarantor: Floats,
    joint: Floats, works: Floats, saved: Floats,
) -> pd.DataFrame:  # fmt: skip
    ids = graph.texts("guarantees", "guarantee_id")
    at = np.maximum(covers.guarantor, 0)
    able = covers.capacity[at] if graph.size else np.zeros(len(at))
    blind = covers.blind[at] if graph.size else np.zeros(len(at), dtype=bool)
    counted = sum_by(covers.line_contract, covers.counted, len(at))
    why = np.full(len(at), None, dtype=object)
    for found, word in (
        (covers.own, "for_oneself"),
        (np.isnan(pd_debtor), "no_pd_of_debtor"),
        (np.isnan(pd_guarantor), "no_pd_of_guarantor"),
        (pd_debtor <= 0.0, "debtor_cannot_default"),
        (blind, "capacity_not_known"),
        (able <= 0.0, "no_capacity"),
        (counted <= 0.0, "no_loan_of_ours"),
    ):
        why[found & np.array([w is None for w in why], dtype=bool)] = word
    order = np.lexsort((ids.astype(str), -np.nan_to_num(saved, nan=-1.0)))
    names = np.asarray(relation, dtype=object)
    apart = names == UNRELATED
    rows = {
        "guarantee_id": ids,
        "guarantor_id": graph.texts("guarantees", "guarantor_id"),
        "debtor_id": graph.texts("guarantees", "debtor_id"),
        "relation": names,
        "rho": rho,
        "pd_debtor": pd_debtor,
        "pd_guarantor": pd_guarantor,
        "joint_pd": joint,
        "effectiveness": works,
        "amount": covers.amount,
        "exposure": covers.exposure,
        "capacity": np.where(blind, np.nan, able),
        "capacity_share": covers.share,
        "effective_cover": covers.effective,
        "counted_cover": counted,
        "el_saved": saved,
        "double_default_factor": np.where(apart, double_default_factor(pd_guarantor), np.nan),
        "why": why,
    }
    return score_frame(CONTRACTS, {name: np.asarray(column)[order] for name, column in rows.items()})


def _facility_rows(
    graph: RiskGraph, book: LoanBook, covers: Covers, expected: Floats, saved_by_line: Floats
) -> pd.DataFrame:
    size = len(book.ead)
    loans = np.unique(covers.line_facility[book.ead[covers.line_facility] > 0.0])
    cover = sum_by(covers.line_facility, covers.counted, size)
    saved = sum_by(covers.line_facility, saved_by_line, size)
    down = in_default(graph)
    failed = np.where(book.borrower >= 0, down[np.maximum(book.borrower, 0)], False) if graph.size else book.ead > 0
    _, bare = net_exposure(book.ead, cover, failed)
    ids = graph.texts("facilities", "facility_id")
    order = loans[np.lexsort((loans, -saved[loans]))]
    return score_frame(
        FACILITIES,
        {
            "facility_id": ids[order],
            "borrower_id": graph.texts("facilities", "borrower_id")[order],
            "ead": book.ead[order],
            "contracts": count_by(covers.line_facility, size)[order],
            "stated_cover": sum_by(covers.line_facility, covers.stated, size)[order],
            "effective_cover": cover[order],
            "uncovered": bare[order],
            "el_without": expected[order],
            "el_saved": saved[order],
        },
    )


def _client_rows(
    graph: RiskGraph, book: LoanBook, covers: Covers, expected: Floats, saved_by_line: Floats
) -> pd.DataFrame:
    n = graph.size
    loans = np.unique(covers.line_facility[book.ead[covers.line_facility] > 0.0])
    of_line = book.borrower[covers.line_facility]
    owed = sum_by(book.borrower, book.ead, n)
    cover, stated = sum_by(of_line, covers.counted, n), sum_by(of_line, covers.stated, n)
    saved = sum_by(of_line, saved_by_line, n)
    bare = sum_by(book.borrower[loans], expected[loans], n)  # null stays null
    who = np.unique(book.borrower[loans])
    order = who[np.lexsort((who, -saved[who]))]
    return score_frame(
        CLIENTS,
        {
            "party_id": graph.party_ids[order],
            "ead": owed[order],
            "stated_cover": stated[order],
            "effective_cover": cover[order],
            "cover_ratio": np.divide(cover, owed, out=np.zeros(n), where=owed > 0.0)[order],
            "el_without": bare[order],
            "el_saved": saved[order],
        },
    )


def _guarantor_rows(graph: RiskGraph, covers: Covers, saved: Floats) -> pd.DataFrame:
    n = graph.size
    counts = (covers.guarantor >= 0) & ~covers.own
    given = count_by(covers.guarantor[counts], n)
    worth = sum_by(covers.guarantor[counts], saved[counts], n)
    able = np.where(covers.blind, np.nan, covers.capacity)
    beyond = np.maximum(covers.promised - able, 0.0)
    who = np.flatnonzero(given)
    order = who[np.lexsort((who, -np.nan_to_num(beyond[who], nan=-1.0)))]
    ratio = np.divide(able, covers.promised, out=np.full(n, np.nan), where=covers.promised > 0.0)
    return score_frame(
        GUARANTORS,
        {
            "party_id": graph.party_ids[order],
            "contracts": given[order],
            "promised": covers.promised[order],
            "capacity": able[order],
            "beyond": beyond[order],
            "capacity_ratio": np.minimum(ratio, 1.0)[order],
            "el_saved": worth[order],
        },
    )
