"""Guarantee chains and circles: who stands behind whom, how far it reaches, and where it returns to its start.

An arc runs from guarantor to debtor and holds the sum of the caps of all contracts of the pair; a guarantee of a party
for itself is left out. The over-guarantee ratio sets the caps given against net assets. Circles are the elementary
circles of this graph (found as `kernels.network.cycles` says); pairs, stars, chains and circles are the shapes by which
studies of guarantee networks describe them. Definitions: docs/methods.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.chains.cuts import CUTS, LINKS, cut_parts
from graphrisk.analyze.chains.parts import FINDINGS, PARTS, part_rows
from graphrisk.analyze.chains.shapes import CHAINS, COMPONENTS, STARS, chain_rows, component_rows, star_rows
from graphrisk.analyze.tables import real, score_frame, several, whole
from graphrisk.graph.exposure import Arcs
from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by
from graphrisk.kernels.network.cycles import CIRCLES_REACHED, COMPLETE, Circles, find_circles
from graphrisk.model.columns import category, flag, identifier, money, party
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress
from graphrisk.regimes.guarantee_rules import find_pack
from graphrisk.standing.guarantee_findings import findings_of
from graphrisk.standing.guarantee_layer import circle_id, guarantee_layer
from graphrisk.standing.guarantee_parts import parts_of
from graphrisk.standing.over_guarantee import (
    CLASSES,
    CLASSES_SAY,
    by_over_guarantee,
    class_notes,
    over_guarantee_ratio,
)

VERSION = 3

PARTIES = Table(
    name="chains_parties",
    meaning="each party that gives or receives a guarantee: guarantors first, by class (no_net_assets, "
    "beyond_net_assets, unknown, ok), then by guaranteed_out; then the other parties by guaranteed_in; then by id",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the party"),
        money("guaranteed_in", "sum of the caps received as debtor"),
        money("guaranteed_out", "sum of the caps given as guarantor"),
        money("net_assets", "latest known equity; null = unknown"),
        real("over_guarantee_ratio", "caps given over net assets; null where net assets are unknown, zero or negative"),
        category("over_guarantee", f"{CLASSES_SAY}; ok also where it gave none", *CLASSES),
        whole("debtors", "number of parties that it guarantees"),
        whole("guarantors", "number of parties that guarantee it"),
        whole("depth", "most guarantees in a row below the party, a group of parties in circles counted as one place"),
        flag("in_circle", "true where the party lies on a circle of any length"),
        party("component", "smallest party id of the connected part of the guarantee network"),
        party("piece", "smallest party id of its piece where the part is split (chains_cuts); null where it is not"),
    ),
)
CIRCLES = Table(
    name="chains_circles",
    meaning="elementary circles; largest bottleneck first, then the shorter, then by the ids in order",
    role="score",
    key=("circle_id",),
    columns=(
        identifier("circle_id", "digest of the parties: the same circle has the same id in every run"),
        whole("length", "number of parties, and of guarantees"),
        several(
            "parties", "parties from guarantor to debtor, smallest id first, not repeated at the end", ordered=True
        ),
        money("bottleneck_amount", "smallest sum of caps between two neighbours"),
        money("total_amount", "sum of the caps between all neighbours"),
    ),
)
PAIRS = Table(
    name="chains_pairs",
    meaning="two parties that guarantee one another, in the order of their ids; always complete",
    role="score",
    key=("a_id", "b_id"),
    columns=(
        party("a_id", "the party with the smaller id"),
        party("b_id", "the other"),
        money("amount_ab", "sum of the caps that a gives for b"),
        money("amount_ba", "sum of the caps that b gives for a"),
    ),
)
TABLES = (PARTIES, CIRCLES, PAIRS, CHAINS, STARS, COMPONENTS, PARTS, CUTS, LINKS, FINDINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `chains`."""

    max_length: int = param(8, "longest circle listed, in guarantees", low=2, high=20)
    max_circles: int = param(100_000, "most circles listed", low=1)
    max_steps: int = param(200_000_000, "most arcs looked at in the search for circles", low=1)
    min_partners: int = param(5, "fewest partners of a star", low=2)
    max_chains: int = param(1_000, "most chains listed, the longest first", low=1)
    max_piece: int = param(100, "parts of more parties are split into pieces of at most so many", low=1)
    max_links: int = param(5, "largest links of a cut that are also tried alone, for each part", low=0)
    cut_work: int = param(
        50_000_000, "contracts to follow at most in one run of contagion for a cut; beyond it the loss is null", low=0
    )
    regime: str = param("cn", "rule pack on guarantees that finds guarantors near or beyond a line")
    regimes_in: str | None = param(None, "folder of regimes of one's own, its packs in `guarantees`")


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the guarantee chains, circles, pairs, stars and connected parts of `graph`."""
    refuse_inputs("chains", inputs)
    layer = guarantee_layer(graph)
    arcs, strong, depth, classes = layer.arcs, layer.strong, layer.depth, layer.classes
    given, received = layer.given, layer.received

    progress("searching guarantee circles")
    circles = find_circles(
        graph.size,
        arcs.source,
        arcs.target,
        arcs.weight,
        max_length=params.max_length,
        max_circles=params.max_circles,
        max_steps=params.max_steps,
    )
    progress("measuring guarantee chains")
    touched = by_over_guarantee(layer.parties, classes, given, received)
    notes = [*arcs.notes, *_circle_notes(circles, params, strong)]
    notes += class_notes(graph, arcs, given)
    chains, left = chain_rows(graph, arcs, strong, depth, layer.width, layer.arc, params.max_chains)
    if left:
        notes.append(
            Note(
                "chains_not_listed",
                f"{left:,} further chains are not listed; raise max_chains to see them.",
                f"另有 {left:,} 条链未列出；提高 max_chains 可见。",
            )
        )
    parts = parts_of(graph, layer)
    pack = find_pack(params.regime, None if params.regimes_in is None else Path(params.regimes_in))
    found, unbound = findings_of(graph, layer, pack)
    cutting = cut_parts(graph, parts, params.max_piece, params.max_links, params.cut_work, progress)
    notes += [*parts.notes, *unbound, *cutting.notes]
    tables = {
        "chains_parties": score_frame(
            PARTIES,
            {
                "party_id": graph.party_ids[touched],
                "guaranteed_in": received[touched],
                "guaranteed_out": given[touched],
                "net_assets": graph.equity[touched],
                "over_guarantee_ratio": over_guarantee_ratio(given, graph.equity)[touched],
                "over_guarantee": classes[touched],
                "debtors": layer.debtors[touched],
                "guarantors": layer.guarantors[touched],
                "depth": depth[touched],
                "in_circle": layer.in_circle[touched],
                "component": graph.party_ids[layer.weak[touched]],
                "piece": [None if at < 0 else graph.party_ids[at] for at in cutting.piece[touched].tolist()],
            },
        ),
        "chains_circles": _circle_rows(graph, circles),
        "chains_pairs": _pair_rows(graph, arcs),
        "chains_chains": chains,
        "chains_stars": star_rows(graph, arcs, params.min_partners),
        "chains_components": component_rows(graph, arcs, strong),
        "chains_parts": part_rows(graph, parts),
        "chains_cuts": cutting.cuts,
        "chains_links": cutting.links,
        "chains_findings": score_frame(FINDINGS, found),
    }
    return make_result(
        "chains",
        VERSION,
        graph,
        params,
        tables={name: tables[name] for name in (table.name for table in TABLES)},
        certificate={
            "converged": True,
            "complete": circles.stopped == COMPLETE,
            "complete_to": circles.complete_to,
            "circles": len(circles.smallest),
            "steps": circles.steps,
            "regime": pack.name,
        },
        notes=tuple(notes),
    )


def _circle_rows(graph: RiskGraph, circles: Circles) -> pd.DataFrame:
    ids = graph.party_ids[circles.nodes]
    lengths = np.diff(circles.starts)
    order = np.lexsort((lengths, -circles.smallest))  # stable: equal ones stay in the order of their ids
    members = [ids[circles.starts[k] : circles.starts[k + 1]].tolist() for k in order]
    return score_frame(
        CIRCLES,
        {
            "circle_id": [circle_id(found) for found in members],
            "length": lengths[order],
            "parties": members,
            "bottleneck_amount": circles.smallest[order],
            "total_amount": circles.total[order],
        },
    )


def _pair_rows(graph: RiskGraph, arcs: Arcs) -> pd.DataFrame:
    size = np.int64(max(graph.size, 1))
    pair, back = arcs.source * size + arcs.target, arcs.target * size + arcs.source
    place = np.minimum(np.searchsorted(pair, back), max(arcs.size - 1, 0))
    both = (pair[place] == back) & (arcs.source < arcs.target) if arcs.size else np.zeros(0, dtype=bool)
    return score_frame(
        PAIRS,
        {
            "a_id": graph.party_ids[arcs.source[both]],
            "b_id": graph.party_ids[arcs.target[both]],
            "amount_ab": arcs.weight[both],
            "amount_ba": arcs.weight[place[both]],
        },
    )


def _circle_notes(circles: Circles, params: Params, strong: Positions) -> list[Note]:
    notes = []
    if circles.stopped != COMPLETE:
        raise_what = "max_circles" if circles.stopped == CIRCLES_REACHED else "max_steps"
        limit = params.max_circles if circles.stopped == CIRCLES_REACHED else params.max_steps
        listed = int((np.diff(circles.starts) > circles.complete_to).sum())
        whole = (
            f"all circles of up to {circles.complete_to} guarantees are listed"
            if circles.complete_to > 1
            else "not even the mutual pairs are all listed"
        )
        all_to = circles.complete_to
        told = f"不超过 {all_to} 笔担保的圈已全部列出" if all_to > 1 else "互保也未全部列出"
        notes.append(
            Note(
                "circles_not_complete",
                f"The list of circles is not complete: {whole}, and {listed:,} of {circles.complete_to + 1} "
                f"guarantees, then the limit {raise_what} = {limit:,} was reached; raise {raise_what} to see more.",
                f"担保圈列表不完整：{told}，{all_to + 1} 笔担保的圈列出 {listed:,} 个后达到上限 "
                f"{raise_what} = {limit:,} ；提高 {raise_what} 可见更多。",
            )
        )
    largest = int(count_by(strong, 1).max())
    if largest > params.max_length:
        notes.append(
            Note(
                "longer_circles_not_searched",
                f"Circles of more than {params.max_length} guarantees are not searched, and the largest group of "
                f"parties in circles has {largest:,} members; raise max_length, or see chains_components.",
                f"未搜索超过 {params.max_length} 笔担保的圈，而最大的圈内群体有 {largest:,} 户；提高 max_length，或见 "
                "chains_components。",
            )
        )
    return notes
