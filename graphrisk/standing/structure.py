"""What stands above each party: layers, holders, persons, nominees, and whether the structure is complex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.ownership.chains import count_above, dead_links, links_above, longest_above
from graphrisk.kernels.ownership.stakes import Ints
from graphrisk.standing.holdings import Holdings

EU = frozenset(
    ("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE").split()  # noqa: SIM905
)
"""Member states of the European Union, ISO 3166; EL is read as GR."""
LAYERS = 3
"""Layers from which a structure may be complex: AMLA draft of 9 February 2026, Article 12(1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """For each party (n,): numbers of what stands above it, and `complex_`: True, False, None = not known."""

    layers: Ints
    height: Ints
    holders: Ints
    persons: Ints
    nominees: Ints
    arrangements: Ints
    foreign: Ints
    complex_: npt.NDArray[np.object_]


def complex_structure(
    layers: int, a: bool | None, b: bool | None, c: bool | None, d: bool | None = None
) -> bool | None:
    """Return whether a structure is complex: three layers or more, and two of four conditions; None = open.

    a: an arrangement in a layer; b: customer and entities in the layers outside the union; c: nominees; d: hidden
    without an economic reason, a person's judgement. An open condition is not a no.

    >>> complex_structure(3, True, False, True), complex_structure(3, False, False, True, False)
    (True, False)
    """
    if layers < LAYERS:
        return False
    met = [a, b, c, d].count(True)
    if met >= 2:
        return True
    return None if met + [a, b, c, d].count(None) >= 2 else False


def structure_of(graph: RiskGraph, holdings: Holdings) -> Structure:
    """Return what stands above each party over holdings and direct control."""
    stakes = holdings.stakes
    start, holder, part, level = links_above(stakes, holdings.direct_facts)
    legal = ~holdings.person & ~holdings.nominee
    layers = longest_above(start, holder, part, level, legal.astype(np.int64))
    height = longest_above(start, holder, part, level, np.ones(graph.size, dtype=np.int64))
    kinds = np.where(holdings.person, 1, np.where(legal, 2, 0)).astype(np.int64)
    country = _countries(graph)
    arrangement = np.array([-1 if v is None else int(v) for v in graph.texts("parties", "arrangement")], dtype=np.int64)
    counts = count_above(start, holder, kinds, country, arrangement, *dead_links(stakes))
    persons, holders, foreign, trusts, open_trusts, nominees, outside, nowhere = counts.T
    judged = graph.texts("parties", "opaque")
    found = np.empty(graph.size, dtype=object)
    for k in np.flatnonzero(layers >= LAYERS):
        a = True if trusts[k] else None if open_trusts[k] else False
        here = None if country[k] == 0 else bool(country[k] % 2 == 0)
        there = True if outside[k] else None if nowhere[k] else False
        b = False if here is False or there is False else None if here is None or there is None else True
        d = None if judged[k] is None else bool(judged[k])
        found[k] = complex_structure(int(layers[k]), a, b, bool(nominees[k]), d)
    found[layers < LAYERS] = False
    return Structure(
        layers=layers,
        height=height,
        holders=holders,
        persons=persons,
        nominees=nominees,
        arrangements=trusts,
        foreign=foreign,
        complex_=found,
    )


def _countries(graph: RiskGraph) -> Ints:
    """Return a number for each party's country: 0 unknown, odd inside the union, even outside."""
    given = [None if v is None else str(v).strip().upper() for v in graph.texts("parties", "country")]
    names = sorted({("GR" if v == "EL" else v) for v in given if v})
    number = {name: 2 * (at + 1) - (1 if name[:2] in EU else 0) for at, name in enumerate(names)}
    number["EL"] = number.get("GR", 0)
    return np.array([number[v] if v else 0 for v in given], dtype=np.int64)
