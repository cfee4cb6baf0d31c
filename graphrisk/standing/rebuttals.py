"""Rebuttals: the direct links that an analyst has shown not to connect two parties, taken away in both directions."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from graphrisk.graph.riskgraph import RiskGraph, rows_that_say
from graphrisk.kernels.ownership.stakes import VOTES, Bools, Ints
from graphrisk.standing.dependence import REBUTTED, Dependence
from graphrisk.standing.holdings import Holdings

APPLIED, NO_LINK, EXPIRED, NOT_YET = "applied", "no_link", "expired", "not_yet"
STATUSES = (APPLIED, NO_LINK, EXPIRED, NOT_YET)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bonds:
    """What joins parties: holdings with facts of control, dependencies, pairs of close family.

    `status` (rows of `rebuttals`,) says what became of each rebuttal; None where none was looked at.
    """

    holdings: Holdings
    depends: Dependence
    family: tuple[Ints, Ints]
    status: np.ndarray | None = None


def without_rebutted(graph: RiskGraph, links: Bonds) -> Bonds:
    """Return the links without those that a rebuttal of the day takes away."""
    a, b = graph.ends("rebuttals")
    kind = graph.texts("rebuttals", "kind")
    day = pa.scalar(graph.as_of, pa.date32()).cast(pa.int32()).as_py()
    decided, expires = (_days(graph, column) for column in ("decided_on", "expires_on"))
    status = np.full(len(a), NO_LINK, dtype=object)
    status[decided > day] = NOT_YET
    status[expires <= day] = EXPIRED
    live = (status == NO_LINK) & (a >= 0) & (b >= 0)
    if not live.any():
        return replace(links, status=status)
    size = np.int64(max(graph.size, 1))
    pair = _pairs(a, b, size)
    control = np.unique(pair[live & (kind != "economic")])
    economic = np.unique(pair[live & (kind != "control")])
    found = []
    holdings, stakes = links.holdings, links.holdings.stakes
    keys = _pairs(stakes.holder, stakes.owned, size)
    cut = np.isin(keys, control) & (stakes.holder != stakes.owned)
    found.append(keys[cut & (stakes.low[VOTES] > 0.0)])
    low = np.where(cut, 0.0, stakes.low)
    facts = _pairs(*holdings.facts, size)
    found.append(facts[np.isin(facts, control)])
    stays = ~np.isin(facts, control)
    kin = _pairs(*links.family, size)
    found.append(kin[np.isin(kin, control)])
    depends = links.depends
    rows = _pairs(depends.dependent, depends.on, size)
    gone = np.isin(rows, economic) & depends.counts
    why = depends.why.copy()
    why[gone] = REBUTTED
    status[live & (kind != "economic") & np.isin(pair, np.concatenate(found))] = APPLIED
    status[live & (kind != "control") & np.isin(pair, rows[gone])] = APPLIED
    return Bonds(
        holdings=replace(
            holdings,
            stakes=replace(stakes, low=low),
            facts=(holdings.facts[0][stays], holdings.facts[1][stays]),
        ),
        depends=depends.saying(why),
        family=(links.family[0][~np.isin(kin, control)], links.family[1][~np.isin(kin, control)]),
        status=status,
    )


def _pairs(a: Ints, b: Ints, size: np.int64) -> Ints:
    return np.asarray(np.minimum(a, b) * size + np.maximum(a, b))


def _days(graph: RiskGraph, column: str) -> np.ndarray:
    days = graph.tables.column("rebuttals", column).cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.array(days, dtype=np.float64)


def close_family(graph: RiskGraph) -> tuple[Ints, Ints]:
    """Return the pairs of persons whom a tie of kind family joins."""
    a, b = graph.ends("ties")
    person = np.append(rows_that_say(graph, "parties", "kind", "person"), False)
    keep: Bools = rows_that_say(graph, "ties", "kind", "family")
    keep &= (a >= 0) & (b >= 0) & (a != b) & person[a] & person[b]
    return a[keep], b[keep]
