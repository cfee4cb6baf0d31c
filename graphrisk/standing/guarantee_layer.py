"""The guarantee layer as a network: who stands behind whom, its connected parts, its depth, who gave too much."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.graph.exposure import Arcs, arcs_of
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.network.longest import longest_below
from graphrisk.standing.over_guarantee import over_guarantee


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeLayer:
    """Arcs from guarantor to debtor, one a pair, and what they say of each party (n,).

    `weak` and `strong` name the smallest party of the connected part; `depth`, `width` and `arc` are those of
    `kernels.network.longest`; `given` and `received` sums of caps; `classes` how they compare with net assets.
    """

    arcs: Arcs
    weak: Positions
    strong: Positions
    depth: Positions
    width: Floats
    arc: Positions
    given: Floats
    received: Floats
    classes: npt.NDArray[np.object_]
    debtors: Positions
    guarantors: Positions

    @property
    def parties(self) -> Positions:
        """The parties that give or receive a guarantee, by position."""
        return np.flatnonzero((self.debtors > 0) | (self.guarantors > 0))

    @property
    def in_circle(self) -> npt.NDArray[np.bool_]:
        """Which parties lie on a circle of any length (n,)."""
        found: npt.NDArray[np.bool_] = count_by(self.strong, len(self.strong))[self.strong] > 1
        return found


def guarantee_layer(graph: RiskGraph) -> GuaranteeLayer:
    """Return the guarantee layer of `graph`; guarantees for oneself are left out (noted in `arcs.notes`)."""
    kept: GuaranteeLayer | None = graph._cache.get(("guarantee_layer",))
    if kept is not None:
        return kept
    arcs = arcs_of(graph, "guarantees")
    size = graph.size
    strong = component_labels(size, arcs.source, arcs.target, "strong")
    depth, width, arc = longest_below(size, arcs.source, arcs.target, arcs.weight, strong)
    given = sum_by(arcs.source, arcs.weight, size)
    found = GuaranteeLayer(
        arcs=arcs,
        weak=component_labels(size, arcs.source, arcs.target, "weak"),
        strong=strong,
        depth=depth,
        width=width,
        arc=arc,
        given=given,
        received=sum_by(arcs.target, arcs.weight, size),
        classes=over_guarantee(given, graph.equity),
        debtors=count_by(arcs.source, size),
        guarantors=count_by(arcs.target, size),
    )
    graph._cache["guarantee_layer",] = found
    return found


def circle_id(parties: list[str]) -> str:
    """Return the id of a circle: a digest of its parties, smallest id first."""
    return "C" + hashlib.sha256("\x1f".join(parties).encode()).hexdigest()[:16]


def mutual_pairs(source: Positions, target: Positions, size: int) -> npt.NDArray[np.bool_]:
    """Return which arcs, in their order by source and target, have one that runs back."""
    width = np.int64(max(size, 1))
    pair, back = source * width + target, target * width + source
    if not len(pair):
        return np.zeros(0, dtype=bool)
    found: npt.NDArray[np.bool_] = pair[np.minimum(np.searchsorted(pair, back), len(pair) - 1)] == back
    return found
