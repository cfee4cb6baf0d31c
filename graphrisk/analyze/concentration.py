"""Concentration of our own loan book: by obligor, industry, region, collateral, guarantor, and in guarantee circles.

EAD is the amount outstanding of the facilities whose lender is our bank. The index of Herfindahl and Hirschman is the
sum of squared shares; its inverse is the number of equal parts that would be as concentrated. Definitions:
docs/methods/concentration.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.tables import real, score_frame, share, whole, words
from graphrisk.credit.loan_book import Backing, LoanBook, backing_of, own_book, secured_by_kind
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import component_labels
from graphrisk.model.columns import category, flag, money, party, text
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress

VERSION = 1
DIMENSIONS = ("obligor", "industry", "region", "collateral", "guarantee_network")
UNSECURED = "unsecured"
TOP = (1, 5, 10, 20)

SUMMARY = Table(
    name="concentration_summary",
    meaning="the book in one number each, in a fixed order",
    role="score",
    key=("measure",),
    columns=(
        text("measure", "what is measured"),
        real("value", "its value; null where there is no exposure"),
        text("unit", "base currency, fraction or count"),
        words("meaning", "in words"),
    ),
)
BY_DIMENSION = Table(
    name="concentration_dimensions",
    meaning="how concentrated the book is in each dimension, among the exposure whose group is known",
    role="score",
    key=("dimension",),
    columns=(
        category("dimension", "by what the book is divided", *DIMENSIONS),
        whole("groups", "number of groups with exposure"),
        money("ead", "exposure whose group is known"),
        share("known_share", "share of the whole exposure whose group is known"),
        real("hhi", "sum of the squared shares of the groups", "fraction"),
        real("effective_number", "1 / hhi: as many equal groups would be as concentrated", "groups"),
        *(share(f"top_{n}", f"share of the largest {n}" if n > 1 else "share of the largest") for n in TOP),
    ),
)
GROUPS = Table(
    name="concentration_groups",
    meaning="the largest groups of each dimension, by dimension and rank; the unknown part last, without a group",
    role="score",
    key=("dimension", "group"),
    columns=(
        category("dimension", "by what the book is divided", *DIMENSIONS),
        text("group", "party id, industry, region, kind of collateral, or smallest id of the guarantee network"),
        whole("rank", "1 = the largest; null for the unknown part"),
        money("ead", "exposure in the group"),
        share("share", "its share of the whole exposure"),
        whole("obligors", "number of obligors in it"),
    ),
)
GUARANTORS = Table(
    name="concentration_guarantors",
    meaning="each guarantor that stands behind exposure of the book, the most exposure first",
    role="score",
    key=("guarantor_id",),
    columns=(
        party("guarantor_id", "the guarantor"),
        whole("facilities", "number of facilities it stands behind"),
        whole("obligors", "number of their borrowers"),
        money("ead_behind", "exposure of these facilities, each counted once"),
        share("share", "their share of the whole exposure"),
        money("cap_behind", "sum of its caps, each at most the exposure it stands behind"),
        money("net_assets", "latest known equity; null = unknown"),
        real("cap_to_net_assets", "cap_behind over net assets; null where these are unknown, zero or negative"),
        flag("in_circle", "true where the guarantor lies on a guarantee circle"),
    ),
)
TABLES = (SUMMARY, BY_DIMENSION, GROUPS, GUARANTORS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `concentration`."""

    top: int = param(100, "most groups listed of each dimension", low=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Division:
    """A division of the book: names of the groups (g,), their exposure and obligors, and the part without a group."""

    names: npt.NDArray[np.object_]
    ead: Floats
    obligors: Positions
    unknown: float = 0.0
    unknown_obligors: int = 0


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return how concentrated our own book is."""
    refuse_inputs("concentration", inputs)
    progress("measuring concentration")
    book = own_book(graph)
    backing = backing_of(graph, book)
    arcs = arcs_of(graph, "guarantees")
    weak = component_labels(graph.size, arcs.source, arcs.target, "weak")
    strong = component_labels(graph.size, arcs.source, arcs.target, "strong")
    in_circle = count_by(strong, graph.size)[strong] > 1
    by_obligor = sum_by(book.borrower, book.ead, graph.size)
    owing = np.flatnonzero(by_obligor > 0)
    kinds, covers = secured_by_kind(graph, book)
    divisions = {
        "obligor": _Division(
            names=graph.party_ids[owing], ead=by_obligor[owing], obligors=np.ones(len(owing), dtype=np.int64)
        ),
        "industry": _by_text(graph, "industry", owing, by_obligor),
        "region": _by_text(graph, "region", owing, by_obligor),
        "collateral": _by_collateral(book, kinds, covers, graph.size),
        "guarantee_network": _by_label(graph, weak, owing, by_obligor),
    }
    notes = [*book.notes, *arcs.notes]
    for name, division in divisions.items():
        if division.unknown > 0:
            part = division.unknown / book.total
            notes.append(
                Note(
                    f"{name}_unknown",
                    f"The {name} of {part:.1%} of the exposure is not known; its concentration leaves this out.",
                    f"占 {part:.1%} 的敞口其 {name} 未知，集中度不含这部分。",
                )
            )
    tables = {
        "concentration_summary": _summary_rows(graph, book, backing, covers, in_circle, divisions["obligor"]),
        "concentration_dimensions": _dimension_rows(divisions, book.total),
        "concentration_groups": _group_rows(divisions, book.total, params.top),
        "concentration_guarantors": _guarantor_rows(graph, book, backing, in_circle),
    }
    return make_result(
        "concentration",
        VERSION,
        graph,
        params,
        tables=tables,
        certificate={
            "converged": True,
            "ead": book.total,
            "facilities": int((book.ead > 0).sum()),
            "residual": _unallocated(divisions, book.total),
        },
        notes=tuple(notes),
    )


def _unallocated(divisions: dict[str, _Division], total: float) -> float:
    """Return the largest part of the book that a division lost or counted twice: rounding, if all is well."""
    left = [abs(total - float(d.ead.sum()) - d.unknown) for d in divisions.values()]
    return max(left) / total if total > 0 else 0.0


def hhi(parts: Floats) -> float:
    """Return the sum of the squared shares of non-negative amounts, NaN where they are all zero."""
    total = float(parts.sum())
    if total <= 0:
        return float("nan")
    shares = parts / total
    return float(shares @ shares)


def _by_text(graph: RiskGraph, column: str, owing: Positions, by_obligor: Floats) -> _Division:
    values = graph.texts("parties", column)[owing]
    known = np.array([value is not None for value in values], dtype=bool)
    names, group = np.unique(values[known].astype(str), return_inverse=True)
    ead = by_obligor[owing]
    return _Division(
        names=names.astype(object),
        ead=sum_by(group, ead[known], len(names)),
        obligors=count_by(group, len(names)),
        unknown=float(ead[~known].sum()),
        unknown_obligors=int((~known).sum()),
    )


def _by_label(graph: RiskGraph, label: Positions, owing: Positions, by_obligor: Floats) -> _Division:
    first, group = np.unique(label[owing], return_inverse=True)
    return _Division(
        names=graph.party_ids[first],
        ead=sum_by(group, by_obligor[owing], len(first)),
        obligors=count_by(group, len(first)),
    )


def _by_collateral(book: LoanBook, kinds: list[str], covers: Floats, size: int) -> _Division:
    """Each facility is divided among the kinds that cover it and the part that nothing covers."""
    open_part = np.maximum(book.ead - covers.sum(axis=0), 0.0)
    open_part[open_part <= 1e-12 * book.ead] = 0.0
    amounts = [*(covers[k] for k in range(len(kinds))), open_part]
    names, ead, obligors = [], [], []
    for name, amount in zip([*kinds, UNSECURED], amounts, strict=True):
        if amount.any():
            names.append(name)
            ead.append(float(amount.sum()))
            obligors.append(int((sum_by(book.borrower, amount, size) > 0).sum()))
    return _Division(
        names=np.array(names, dtype=object),
        ead=np.array(ead, dtype=np.float64),
        obligors=np.array(obligors, dtype=np.int64),
    )


def _dimension_rows(divisions: dict[str, _Division], total: float) -> pd.DataFrame:
    indices = [hhi(d.ead) for d in divisions.values()]
    known = [float(d.ead.sum()) for d in divisions.values()]
    ranked = [np.sort(d.ead)[::-1] for d in divisions.values()]
    tops = {
        f"top_{n}": [float(e[:n].sum()) / k if k > 0 else np.nan for e, k in zip(ranked, known, strict=True)]
        for n in TOP
    }
    return score_frame(
        BY_DIMENSION,
        {
            "dimension": list(divisions),
            "groups": [len(d.names) for d in divisions.values()],
            "ead": known,
            "known_share": [k / total if total > 0 else np.nan for k in known],
            "hhi": indices,
            "effective_number": [1.0 / index for index in indices],
            **{name: np.minimum(values, 1.0) for name, values in tops.items()},
        },
    )


def _group_rows(divisions: dict[str, _Division], total: float, top: int) -> pd.DataFrame:
    rows: list[tuple[str, object, int | None, float, int]] = []
    for name, division in divisions.items():
        order = np.lexsort((np.arange(len(division.names)), -division.ead))[:top]
        rows += [
            (name, division.names[at], rank, float(division.ead[at]), int(division.obligors[at]))
            for rank, at in enumerate(order.tolist(), start=1)
        ]
        if division.unknown > 0:
            rows.append((name, None, None, division.unknown, division.unknown_obligors))
    return score_frame(
        GROUPS,
        {
            "dimension": [row[0] for row in rows],
            "group": [row[1] for row in rows],
            "rank": [row[2] for row in rows],
            "ead": [row[3] for row in rows],
            "share": [row[3] / total for row in rows],
            "obligors": [row[4] for row in rows],
        },
    )


def _guarantor_rows(
    graph: RiskGraph, book: LoanBook, backing: Backing, in_circle: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    behind = sum_by(backing.guarantor, book.ead[backing.facility], graph.size)
    facilities = count_by(backing.guarantor, graph.size)
    width = np.int64(max(graph.size, 1))
    debtors = np.unique(backing.guarantor * width + book.borrower[backing.facility])
    obligors = count_by(debtors // width, graph.size)
    at = np.flatnonzero(facilities)
    at = at[np.lexsort((at, -behind[at]))]
    equity = graph.equity[at]
    ratio = np.divide(backing.cap[at], equity, out=np.full(len(at), np.nan), where=equity > 0)
    return score_frame(
        GUARANTORS,
        {
            "guarantor_id": graph.party_ids[at],
            "facilities": facilities[at],
            "obligors": obligors[at],
            "ead_behind": behind[at],
            "share": behind[at] / book.total if len(at) else behind[at],
            "cap_behind": backing.cap[at],
            "net_assets": equity,
            "cap_to_net_assets": ratio,
            "in_circle": in_circle[at],
        },
    )


def _summary_rows(
    graph: RiskGraph,
    book: LoanBook,
    backing: Backing,
    covers: Floats,
    in_circle: npt.NDArray[np.bool_],
    obligor: _Division,
) -> pd.DataFrame:
    total = book.total
    guaranteed = np.zeros(len(book.ead), dtype=bool)
    guaranteed[backing.facility] = True
    by_circle = np.zeros(len(book.ead), dtype=bool)
    by_circle[backing.facility[in_circle[backing.guarantor]]] = True
    borrows_in_circle = (book.ead > 0) & in_circle[book.borrower] if graph.size else by_circle
    behind = sum_by(backing.guarantor, book.ead[backing.facility], graph.size)

    def part(amount: float) -> float:
        return amount / total if total > 0 else float("nan")

    index = hhi(obligor.ead)
    rows = [
        ("ead", total, "base currency", "outstanding at our own bank"),
        ("facilities", float((book.ead > 0).sum()), "count", "facilities with something outstanding"),
        ("obligors", float(len(obligor.ead)), "count", "borrowers with something outstanding"),
        ("largest_obligor", part(float(obligor.ead.max(initial=0.0))), "fraction", "share of the largest borrower"),
        ("hhi_obligor", index, "fraction", "sum of the squared shares of the borrowers"),
        ("effective_obligors", 1.0 / index, "count", "as many equal borrowers would be as concentrated"),
        ("secured", part(float(covers.sum())), "fraction", "share covered by collateral after haircut"),
        ("guaranteed", part(float(book.ead[guaranteed].sum())), "fraction", "share with at least one guarantor"),
        (
            "largest_guarantor",
            part(float(behind.max(initial=0.0))),
            "fraction",
            "share behind which one and the same guarantor stands, at most",
        ),
        (
            "borrowers_in_circles",
            part(float(book.ead[borrows_in_circle].sum())),
            "fraction",
            "share of borrowers that lie on a guarantee circle",
        ),
        (
            "guaranteed_by_circles",
            part(float(book.ead[by_circle].sum())),
            "fraction",
            "share guaranteed by at least one party on a guarantee circle",
        ),
    ]
    names = ("measure", "value", "unit", "meaning")
    return score_frame(SUMMARY, {name: [row[k] for row in rows] for k, name in enumerate(names)})
