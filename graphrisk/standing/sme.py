"""Which enterprises count with a firm for its SME status: linked ones in full, partners by their share.

Linked: a majority of votes, of one or of several linked together, or a fact of control, over any number of steps and in
both directions. Partners: 25 % or more of capital or votes (the larger), not linked; one step up and down from the firm
and from those linked with it, each with what is linked with it. Holders that are exempt (funds, and ids that are named)
are left out up to 50 %. Persons are no enterprises: firms that only a person links are not counted here.

Source: Recommendation 2003/361/EC, Annex, Articles 3 and 6; the user guide's examples 4 and 5 are in tests/published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import component_labels, row_starts
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, VOTES, Bools, Ints
from graphrisk.standing.holdings import Holdings

SELF, LINKED, PARTNER = "self", "linked", "partner"
_PARTNER_FROM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Rows (m,) by subject, then weight, then party: `party` counts with `weight` for `subject`."""

    subject: Ints
    party: Ints
    weight: Floats
    relation: np.ndarray


def sme_weights(
    graph: RiskGraph, holdings: Holdings, subjects: Ints, exempt: Bools, *, limit: int = 1_000_000
) -> Weights | None:
    """Return who counts with each of `subjects` that is an enterprise; `exempt` (n,) beside funds.

    None where that would be more than `limit` rows: ask for fewer subjects.
    """
    kind = graph.texts("parties", "kind")
    none = holdings.person | holdings.nominee | holdings.undisclosed
    exempt = exempt | np.asarray(kind == "fund", dtype=bool)
    stakes = holdings.stakes
    fits = ~none[stakes.holder] & ~none[stakes.owned] & (stakes.holder != stakes.owned) & stakes.live
    holder, owned = stakes.holder[fits], stakes.owned[fits]
    votes, most = stakes.low[VOTES][fits], np.maximum(stakes.low[VOTES], stakes.low[CAPITAL])[fits]
    facts = ~none[holdings.facts[0]] & ~none[holdings.facts[1]]
    part = _linked(graph.size, holder, owned, votes, (holdings.facts[0][facts], holdings.facts[1][facts]))
    subjects = subjects[~none[subjects]]
    up, down, share = _partners(part, holder, owned, most, exempt)
    order = np.argsort(part, kind="stable")
    start = row_starts(graph.size, part[order])
    whose, other = np.concatenate([up, down]), np.concatenate([down, up])
    size = count_by(part, graph.size)
    partners = sum_by(whose, size[other], graph.size)
    if float((size + partners)[part[subjects]].sum()) > limit:
        return None
    own = _members(start, order, part[subjects])
    begin = np.argsort(whose, kind="stable")
    at, pair = _members(row_starts(graph.size, whose[begin]), begin, part[subjects])
    inner = _members(start, order, other[pair])
    subject = np.concatenate([subjects[own[0]], subjects[at[inner[0]]]])
    party = np.concatenate([own[1], inner[1]])
    weight = np.concatenate([np.ones(len(own[1])), np.concatenate([share, share])[pair][inner[0]]])
    partner = np.arange(len(party)) >= len(own[1])
    rows = np.flatnonzero(~none[party])
    rows = rows[np.lexsort((party[rows], -weight[rows], (subject != party)[rows], subject[rows]))]
    pairs = subject[rows] * np.int64(max(graph.size, 1)) + party[rows]
    rows = rows[np.sort(np.unique(pairs, return_index=True)[1])]  # a linked one counts once, of two shares the larger
    subject, party, weight, partner = subject[rows], party[rows], weight[rows], partner[rows]
    relation = np.where(subject == party, SELF, np.where(partner, PARTNER, LINKED)).astype(object)
    return Weights(subject=subject, party=party, weight=weight, relation=relation)


def _linked(size: int, holder: Ints, owned: Ints, votes: Floats, facts: tuple[Ints, Ints]) -> Ints:
    """Return for each enterprise the smallest one that is linked with it."""
    part = component_labels(size, *facts, "weak")
    while True:
        pair = part[holder] * np.int64(max(size, 1)) + owned
        pairs, place = np.unique(pair, return_inverse=True)
        majority = pairs[sum_by(place, votes, len(pairs)) > 0.5 + TOLERANCE]
        source, target = majority // max(size, 1), majority % max(size, 1)
        fresh = part[source] != part[target]
        if not fresh.any():
            return part
        both = np.concatenate([np.arange(size), source]), np.concatenate([part, target])
        part = component_labels(size, *both, "weak")


def _partners(part: Ints, holder: Ints, owned: Ints, share: Floats, exempt: Bools) -> tuple[Ints, Ints, Floats]:
    """Return (linked set above, linked set below, share): what one holds of a firm of the other, 25 % or more."""
    size = np.int64(max(len(part), 1))
    apart = part[holder] != part[owned]
    holder, owned, share = holder[apart], owned[apart], share[apart]
    pairs, place = np.unique(part[holder] * size + owned, return_inverse=True)
    total = sum_by(place, share, len(pairs))
    counted = count_by(place[~exempt[holder]], len(pairs)) > 0
    keep = (total >= _PARTNER_FROM - TOLERANCE) & counted
    return pairs[keep] // size, part[pairs[keep] % size], total[keep]


def _members(start: Ints, order: Ints, wanted: Ints) -> tuple[Ints, Ints]:
    """Return which of `wanted` each row belongs to, and the row."""
    times = start[wanted + 1] - start[wanted]
    first = np.repeat(start[wanted] - np.concatenate([[0], np.cumsum(times)[:-1]]), times)
    return np.repeat(np.arange(len(wanted)), times), order[(first + np.arange(times.sum())).astype(np.int64)]
