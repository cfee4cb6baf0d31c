"""How near a guarantor stands to its debtor: under one controller, in one guarantee circle, or apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Positions, RiskGraph
from graphrisk.kernels.network.components import component_labels
from graphrisk.standing.command import command
from graphrisk.standing.holdings import holdings_of

SAME_CONTROLLER, CIRCLE, UNRELATED = "same_controller", "circle", "unrelated"
RELATIONS = (SAME_CONTROLLER, CIRCLE, UNRELATED)


def relations_of(graph: RiskGraph, one: Positions, other: Positions) -> npt.NDArray[np.object_]:
    """Return the nearest relation of each pair (k,).

    same_controller: one controls the other for certain, or somebody controls both; persons with a family tie, or said
    to be the same, count as one. circle: both lie on one circle of guarantees.
    """
    found = np.full(len(one), UNRELATED, dtype=object)
    guarantor, debtor = graph.ends("guarantees")
    there = (guarantor >= 0) & (debtor >= 0)
    circle = component_labels(graph.size, guarantor[there], debtor[there], "strong")
    found[(circle[one] == circle[other]) & (one != other)] = CIRCLE
    heads = _controllers(graph)
    for at, (a, b) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        if not heads[a].isdisjoint(heads[b]):
            found[at] = SAME_CONTROLLER
    return found


def _controllers(graph: RiskGraph) -> list[set[int]]:
    """Return who controls each party, itself among them, by the smallest of those who count as one."""
    a, b = graph.ends("ties")
    kind = graph.texts("ties", "kind")
    joined = ((kind == "family") | (kind == "same_person") | (kind == "same_as")) & (a >= 0) & (b >= 0)
    joined = joined.astype(bool)
    label = component_labels(graph.size, a[joined], b[joined], "weak")
    heads = [{int(label[k])} for k in range(graph.size)]
    if graph.rows("ownership") or graph.rows("control"):
        ruled = command(holdings_of(graph))
        sure = ruled.certain & (ruled.step >= 0)
        for seed, firm in zip(ruled.seed[sure].tolist(), ruled.firm[sure].tolist(), strict=True):
            heads[firm].add(int(label[ruled.heads[seed]]))
    return heads
