"""Who is exposed to whom: the arcs of each layer, and of all layers together in money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.errors import UsageError, nearest
from graphrisk.graph.oneself import guarantees_for_oneself, pledges_to_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph
from graphrisk.model.chinese import table_zh
from graphrisk.model.note import Note

NETWORK_LAYERS = ("ownership", "guarantees", "exposures", "facilities", "supplies", "pledges")
COMBINED = "combined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arcs:
    """Arcs between parties, one a pair, ordered by source and then target position; no arc returns to its start.

    `source`, `target` (m,) are positions of parties, `weight` (m,) the sum over the rows of the pair, `rows` (m,) how
    many there are. `notes` count what was left out or had no weight.
    """

    source: Positions
    target: Positions
    weight: Floats
    rows: Positions
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of arcs."""
        return len(self.source)


def arcs_of(graph: RiskGraph, layer: str) -> Arcs:
    """Return the arcs of one layer, read subject to object, or of `combined`.

    - ownership: owner to owned, weight the share (upper bound, else lower bound; both unknown: 0);
    - guarantees: guarantor to debtor, weight the cap; exposures: creditor to debtor, weight the amount;
    - facilities: lender to borrower, weight the amount outstanding (facilities of our own bank have no lender);
    - supplies: supplier to buyer, weight the deliveries in a year;
    - pledges: owner of an asset to the other party whose facility it secures, weight what the facility may take: the
      smallest of the allocated amount, the amount outstanding and the value after haircut.

    In `combined` an arc from u to v carries what u may lose if v fails, in base currency: exposures times their lgd
    (null = 1), facilities, guarantee caps, pledges, the share times the positive equity of the firm owned, and yearly
    deliveries in both directions, since supplier and buyer lose with one another.
    """
    key = ("arcs", layer)
    if key not in graph._cache:
        if layer == COMBINED:
            graph._cache[key] = _combined(graph)
        elif layer in NETWORK_LAYERS:
            source, target, weight = _rows_of(graph, layer)
            graph._cache[key] = merge_arcs(source, target, weight, graph.size, layer)
        else:
            raise UsageError(f"no layer is called {layer!r}", hint=nearest(layer, (*NETWORK_LAYERS, COMBINED)))
    found: Arcs = graph._cache[key]
    return found


def merge_arcs(source: Positions, target: Positions, weight: Floats, size: int, layer: str) -> Arcs:
    """Return one arc a pair with the sum of its rows; unknown ends and self-arcs are left out and noted.

    An unknown or negative weight counts as 0, and a note says so: the tie is there, its strength is not known.
    """
    notes: list[str] = []
    known = (source >= 0) & (target >= 0)
    own = known & (source == target)
    if own.any():
        notes.append(
            Note(
                "rows_with_oneself",
                f"In {layer}, {_count(own)} of a party with itself {_were(own)} left out.",
                f"{table_zh(layer)}层中有 {int(own.sum()):,} 行是与自身的关系，未计入。",
            )
        )
    keep = known & ~own
    source, target, weight = source[keep], target[keep], weight[keep]
    unknown, negative = ~np.isfinite(weight), weight < 0
    without, below = ("no known amount", "金额未知"), ("a negative amount", "金额为负")
    for which, what in ((unknown, without), (negative & ~unknown, below)):
        if which.any():
            notes.append(
                Note(
                    "rows_of_weight_zero",
                    f"In {layer}, {_count(which)} with {what[0]} {_were(which)} counted with weight 0.",
                    f"{table_zh(layer)}层中有 {int(which.sum()):,} 行{what[1]}，按权重 0 计。",
                )
            )
    weight = np.where(unknown | negative, 0.0, weight)
    pair = source * np.int64(max(size, 1)) + target
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = np.flatnonzero(np.diff(pair, prepend=np.int64(-1)))
    sums = np.add.reduceat(weight[order], first) if len(first) else weight[:0]
    rows = np.diff(first, append=len(pair)).astype(np.int64)
    found = (source[order][first], target[order][first], sums, rows)
    for array in found:
        array.setflags(write=False)
    return Arcs(source=found[0], target=found[1], weight=found[2], rows=found[3], notes=tuple(notes))


def _count(which: npt.NDArray[np.bool_]) -> str:
    number = int(which.sum())
    return f"{number:,} row{'s' if number > 1 else ''}"


def _were(which: npt.NDArray[np.bool_]) -> str:
    return "were" if which.sum() > 1 else "was"


def _rows_of(graph: RiskGraph, layer: str) -> tuple[Positions, Positions, Floats]:
    if layer == "facilities":
        lender, borrower = graph.positions(layer, "lender_id"), graph.positions(layer, "borrower_id")
        return lender, borrower, graph.floats(layer, "outstanding")
    if layer == "pledges":
        return _third_party_pledges(graph)
    source, target = graph.ends(layer)
    if layer == "guarantees":  # for a loan that the guarantor gave itself: an arc to itself, left out with its note
        target = np.where(guarantees_for_oneself(graph), source, target)
    if layer == "ownership":
        high, low = graph.floats(layer, "share_max"), graph.floats(layer, "share_min")
        return source, target, np.where(np.isnan(high), low, high)
    return source, target, graph.floats(layer, "amount")


def _third_party_pledges(graph: RiskGraph) -> tuple[Positions, Positions, Floats]:
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    linked = (facility >= 0) & (asset >= 0)
    facility, asset = facility[linked], asset[linked]
    owner = graph.positions("collateral", "owner_id")[asset]
    borrower = graph.positions("facilities", "borrower_id")[facility]
    haircut = np.nan_to_num(graph.floats("collateral", "haircut")[asset])
    value = graph.floats("collateral", "value")[asset] * (1.0 - haircut)
    due = graph.floats("facilities", "outstanding")[facility]
    allocated = graph.floats("pledges", "allocated_amount")[linked]
    taken = np.fmin(allocated, np.minimum(due, value))
    # a party's own asset exposes it to nobody where it secures its own debt, or a loan that it gave itself
    others = (owner != borrower) & ~pledges_to_oneself(graph)[linked]
    return owner[others], borrower[others], taken[others]


def _combined(graph: RiskGraph) -> Arcs:
    """Money that the source may lose if the target fails, over all layers."""
    sources, targets, weights = [], [], []
    notes: list[str] = []
    for layer in NETWORK_LAYERS:
        source, target, weight = _rows_of(graph, layer)
        if layer == "exposures":
            lgd = graph.floats(layer, "lgd")
            weight = weight * np.where(np.isnan(lgd), 1.0, lgd)
        elif layer == "ownership" and graph.size:
            weight = weight * np.maximum(graph.equity[target], 0.0)
        clean = merge_arcs(source, target, weight, graph.size, layer)  # the notes name the layer
        notes.extend(clean.notes)
        sources.append(clean.source)
        targets.append(clean.target)
        weights.append(clean.weight)
        if layer == "supplies":
            sources.append(clean.target)
            targets.append(clean.source)
            weights.append(clean.weight)
    merged = merge_arcs(np.concatenate(sources), np.concatenate(targets), np.concatenate(weights), graph.size, COMBINED)
    return Arcs(source=merged.source, target=merged.target, weight=merged.weight, rows=merged.rows, notes=tuple(notes))
