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
        return np.union1d(self.arcs.source, self.arcs.target)

    @property
    def in_circle(self) -> npt.NDArray[np.bool_]:
        """Which parties lie on a circle of any length (n,)."""
        found: npt.NDArray[np.bool_] = count_by(self.strong, len(self.strong))[self.strong] > 1
        return found


def guarantee_layer(graph: RiskGraph) -> GuaranteeLayer:
    """Return the guarantee layer of `graph`; guarantees for oneself are left out (noted in `arcs.notes`)."""
    arcs = arcs_of(graph, "guarantees")
    size = graph.size
    strong = component_labels(size, arcs.source, arcs.target, "strong")
    depth, width, arc = longest_below(size, arcs.source, arcs.target, arcs.weight, strong)
    given = sum_by(arcs.source, arcs.weight, size)
    return GuaranteeLayer(
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


def circle_id(parties: list[str]) -> str:
    """Return the id of a circle: a digest of its parties, smallest id first."""
    return "C" + hashlib.sha256("\x1f".join(parties).encode()).hexdigest()[:16]
