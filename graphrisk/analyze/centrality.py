"""Centrality: who is at the middle of each layer, and of all exposures together.

Arcs run from the party at risk to the party on which its risk lies (guarantor to debtor, creditor to debtor, owner to
owned, supplier to buyer), so a high PageRank, Katz or eigenvector score means that much, directly or not, hangs on the
party. Definitions and sources: docs/methods/centrality.md and the kernels; oracle: NetworkX.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.tables import real, score_frame, whole
from graphrisk.graph.exposure import COMBINED, NETWORK_LAYERS, Arcs, arcs_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.betweenness import betweenness, betweenness_by_length
from graphrisk.kernels.network.closeness import harmonic
from graphrisk.kernels.network.community import communities, modularity
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.network.eigenvector import dominant_eigenvector
from graphrisk.kernels.network.katz import katz
from graphrisk.kernels.network.kcore import core_numbers
from graphrisk.kernels.network.pagerank import pagerank
from graphrisk.model.chinese import table_zh
from graphrisk.model.columns import category, party
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress

VERSION = 1

SCORES = Table(
    name="centrality_scores",
    meaning="each party that has a relation in a layer; by layer in their order, then by id",
    role="score",
    key=("layer", "party_id"),
    columns=(
        category("layer", "one relation, or all together in money", *NETWORK_LAYERS, COMBINED),
        party("party_id", "the party"),
        whole("in_degree", "number of different parties whose arcs arrive"),
        whole("out_degree", "number of different parties to which its arcs lead"),
        real("in_strength", "sum of the weights that arrive", "base currency; a share in ownership"),
        real("out_strength", "sum of the weights that leave", "base currency; a share in ownership"),
        real("pagerank", "PageRank, weighted, along the arcs; sums to 1 in a layer"),
        real("katz", "Katz centrality, weighted, along the arcs; Euclidean norm 1 in a layer"),
        real("eigenvector", "eigenvector centrality in the dominant strong component; null outside it"),
        real(
            "betweenness",
            "share of shortest ways between two others, in arcs or by weight (lengths), that pass through the party",
        ),
        real("betweenness_error", "standard error where it was sampled; null where it is exact"),
        real("harmonic", "sum of 1 / number of arcs on the shortest way from each other party"),
        real("harmonic_error", "standard error where it was sampled; null where it is exact"),
        whole("core", "largest k so that the party is in a part where all have k arcs in and out"),
        party("community", "smallest party id of its community"),
    ),
)
TABLES = (SCORES,)
_WORD = 16
"""How many times more visits an exact harmonic closeness may take: up to 64 of its searches share one pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `centrality`."""

    layers: tuple[str, ...] = param(
        (), "layers to score; empty = all that hold data", choices=(*NETWORK_LAYERS, COMBINED)
    )
    damping: float = param(0.85, "PageRank: part of the score that follows the arcs", low=0.0, high=0.999)
    katz_attenuation: float = param(0.85, "Katz: alpha times the largest in-strength", low=0.0, high=0.999)
    resolution: float = param(1.0, "communities: above 1 gives more and smaller ones", low=0.0)
    exact_visits: int = param(
        200_000_000,
        "betweenness and harmonic are sampled in the connected parts beyond this many visits of an arc",
        low=0,
    )
    lengths: str = param(
        "arcs",
        "betweenness: a way is as long as it has arcs, or (weight) as 1 / weight adds up: large claims are near",
        choices=("arcs", "weight"),
    )
    samples: int = param(128, "number of sources in a part that is sampled", low=2)
    seed: int = param(0, "seed of the choice of sources", low=0)
    tolerance: float = param(1e-12, "residual at which PageRank and Katz stop", low=1e-15, high=1e-3)
    max_rounds: int = param(10_000, "most rounds of PageRank and Katz", low=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    """One layer with its parties numbered 0 to n - 1 in the order of their ids."""

    parties: Positions
    source: Positions
    target: Positions
    weight: Floats

    @property
    def size(self) -> int:
        return len(self.parties)


_Kernel = Callable[[int, Positions, Positions, Positions], tuple[Floats, Floats]]


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the centrality scores of each layer that holds data, and of the combined exposure graph."""
    refuse_inputs("centrality", inputs)
    wanted = [layer for layer in (*NETWORK_LAYERS, COMBINED) if layer in params.layers or not params.layers]
    notes: list[str] = []
    frames: list[pd.DataFrame] = []
    certificate: dict[str, dict[str, Any]] = {}
    for layer in wanted:
        arcs = arcs_of(graph, layer)
        notes += [note for note in arcs.notes if note not in notes]
        if arcs.size == 0:
            if params.layers:
                notes.append(
                    Note(
                        "layer_without_relation",
                        f"The layer {layer} holds no relation between two parties, so it has no scores.",
                        f"{table_zh(layer)}层中没有两户之间的关系，因此没有得分。",
                    )
                )
            continue
        progress(f"centrality of {layer}", len(frames), len(wanted))
        frame, certificate[layer] = _score(graph, layer, arcs, params, notes)
        frames.append(frame)
    none: dict[str, Any] = {column: [] for column in SCORES.names}
    table = pd.concat(frames, ignore_index=True) if frames else score_frame(SCORES, none)
    return make_result(
        "centrality",
        VERSION,
        graph,
        params,
        tables={"centrality_scores": table},
        certificate={
            "converged": True,
            "rounds": max((c["pagerank_rounds"] for c in certificate.values()), default=0),
            "residual": max((c["largest_residual"] for c in certificate.values()), default=0.0),
            "layers": certificate,
        },
        notes=tuple(notes),
    )


def _score(
    graph: RiskGraph, layer: str, arcs: Arcs, params: Params, notes: list[str]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    parties = np.union1d(arcs.source, arcs.target)
    net = _Network(
        parties=parties,
        source=np.searchsorted(parties, arcs.source),
        target=np.searchsorted(parties, arcs.target),
        weight=arcs.weight,
    )
    which = (net.size, net.source, net.target)
    settings = {"tolerance": params.tolerance, "max_rounds": params.max_rounds}
    rank = pagerank(*which, net.weight, damping=params.damping, **settings)  # type: ignore[arg-type]
    reach = katz(*which, net.weight, attenuation=params.katz_attenuation, **settings)  # type: ignore[arg-type]
    main = dominant_eigenvector(*which, net.weight)
    notes += _eigenvector_notes(layer, len(main.members), net.size, main.tied)
    between = _sum_over_sources(*_shortest(net, params.lengths), params.exact_visits, params)
    near = _sum_over_sources(harmonic, net, _WORD * params.exact_visits, params)
    for measure, summed in (("betweenness", between), ("harmonic closeness", near)):
        if summed.estimated:
            notes.append(
                Note(
                    "measure_estimated",
                    f"In {layer}, {measure} of {summed.estimated:,} parties is estimated from {params.samples:,} "
                    "sources in each large connected part, with its standard error beside it; raise exact_visits or "
                    "samples.",
                    f"{layer} 层中 {summed.estimated:,} 户的 {measure} 由每个大连通部分的 {params.samples:,} "
                    "个源点估计，旁附标准误差；可提高 exact_visits 或 samples。",
                )
            )
    ways = (net.size - 1.0) * (net.size - 2.0)
    scale = 1.0 / ways if ways > 0 else 0.0
    group = communities(*which, net.weight, resolution=params.resolution)
    ids = graph.party_ids[parties]
    frame = score_frame(
        SCORES,
        {
            "layer": [layer] * net.size,
            "party_id": ids,
            "in_degree": count_by(net.target, net.size),
            "out_degree": count_by(net.source, net.size),
            "in_strength": sum_by(net.target, net.weight, net.size),
            "out_strength": sum_by(net.source, net.weight, net.size),
            "pagerank": rank.scores,
            "katz": reach.scores,
            "eigenvector": main.scores,
            "betweenness": between.total * scale,
            "betweenness_error": between.error * scale,
            "harmonic": near.total,
            "harmonic_error": near.error,
            "core": core_numbers(*which),
            "community": ids[group],
        },
    )
    return frame, {
        "parties": net.size,
        "arcs": arcs.size,
        "pagerank_rounds": rank.rounds,
        "katz_rounds": reach.rounds,
        "katz_alpha": reach.alpha,
        "largest_residual": max(rank.residual, reach.residual, main.residual),
        "spectral_radius": main.value,
        "eigenvector_parties": len(main.members),
        "betweenness_sources": between.sources,
        "harmonic_sources": near.sources,
        "communities": len(np.unique(group)),
        "modularity": modularity(net.source, net.target, net.weight, group, resolution=params.resolution),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Summed:
    """A measure summed over sources (n,) with its standard error (n,), NaN where every source was taken."""

    total: Floats
    error: Floats
    sources: int

    @property
    def estimated(self) -> int:
        """The number of parties whose score is an estimate."""
        return int((~np.isnan(self.error)).sum())


def _shortest(net: _Network, lengths: str) -> tuple[_Kernel, _Network]:
    """Return the kernel that counts shortest ways, and the arcs that are ways: one of no weight is none by weight."""
    if lengths == "arcs":
        return betweenness, net
    heavy = net.weight > 0.0
    passable = _Network(
        parties=net.parties, source=net.source[heavy], target=net.target[heavy], weight=net.weight[heavy]
    )
    length = passable.weight.max(initial=0.0) / passable.weight

    def by_length(size: int, source: Positions, target: Positions, pivots: Positions) -> tuple[Floats, Floats]:
        return betweenness_by_length(size, source, target, length, pivots)

    return by_length, passable


def _sum_over_sources(
    kernel: _Kernel,
    net: _Network,
    exact_visits: int,
    params: Params,
) -> _Summed:
    """Return the sum of a measure over all sources, estimated in the connected parts that are too large.

    A search from every party of a part looks at no more than parties x arcs; the parts are taken by this number, and
    those that go beyond `exact_visits` in all are sampled: in each, sources are drawn without replacement, and the
    error is that of the mean of a finite population times its size.
    """
    label = component_labels(net.size, net.source, net.target, "weak")
    parties, arcs = count_by(label, net.size), count_by(label[net.source], net.size)
    parts = np.flatnonzero(parties)
    parts = parts[np.argsort((parties * arcs)[parts], kind="stable")]
    too_large = np.cumsum((parties * arcs)[parts].astype(np.float64)) > exact_visits
    dice = np.random.default_rng(params.seed)
    taken = parties.copy()  # sources taken in each part
    chosen = ~np.isin(label, parts[too_large])
    members_of = np.argsort(label, kind="stable")
    begin = np.searchsorted(label[members_of], parts)
    for part, first in sorted(zip(parts[too_large].tolist(), begin[too_large].tolist(), strict=True)):
        members = members_of[first : first + parties[part]]
        taken[part] = min(params.samples, len(members))
        chosen[dice.choice(members, size=taken[part], replace=False)] = True
    total, squares = kernel(net.size, net.source, net.target, np.flatnonzero(chosen))
    n, k = parties[label].astype(np.float64), taken[label].astype(np.float64)
    mean = total / k
    spread = np.maximum(squares / k - mean * mean, 0.0) / np.maximum(k - 1.0, 1.0)
    error = np.where(k < n, n * np.sqrt(spread * (1.0 - k / n)), np.nan)
    return _Summed(total=np.where(k < n, n * mean, total), error=error, sources=int(chosen.sum()))


def _eigenvector_notes(layer: str, members: int, size: int, tied: int) -> list[Note]:
    if members == 0:
        return [
            Note(
                "no_eigenvector",
                f"In {layer}, no weight runs in a circle, so there is no eigenvector centrality.",
                f"{table_zh(layer)}层中没有权重成环，因此没有特征向量中心性。",
            )
        ]
    notes = []
    if members < size:
        notes.append(
            Note(
                "eigenvector_of_a_group",
                f"In {layer}, eigenvector centrality is of the {members:,} parties (of {size:,}) of the dominant group "
                "that is connected both ways; the others have none.",
                f"{table_zh(layer)}层的特征向量中心性只属于双向连通的主导组（{size:,} 户中的 {members:,} 户）。",
            )
        )
    if tied > 1:
        notes.append(
            Note(
                "eigenvector_tied",
                f"In {layer}, {tied:,} groups are equally dominant for eigenvector centrality; the largest was taken.",
                f"{table_zh(layer)}层中有 {tied:,} 个组同样主导特征向量中心性，取最大者。",
            )
        )
    return notes
