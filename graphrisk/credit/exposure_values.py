"""What a party, or a set of parties, owes our bank as large exposures count it, each contract once.

Exposure: what is drawn and may still be drawn of our facilities, and our claims. A facility that several owe jointly
counts whole for each of them, one that they owe severally by shares; in a set it counts once. Mitigation is cash
collateral after haircut, up to the facility. Indirect: guarantees given to us for debtors outside the set, each debtor
up to what it has drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from graphrisk.credit.our_bank import our_bank
from graphrisk.graph.oneself import guarantees_for_oneself, pledges_to_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.components import row_starts


@dataclass(frozen=True, slots=True, kw_only=True)
class OurExposures:
    """Contracts of our bank: `whole`, `drawn_of`, `loan`, `mitigated` (contracts,): facilities first, then our claims.

    `debtor`, `contract`, `part` (rows,): who owes which part of which contract. `guarantor`, `guaranteed`, `cap`
    (rows,): guarantees to us, each cut to what it stands behind. `drawn` (n,): what each party has drawn with us.
    """

    size: int
    whole: Floats
    drawn_of: Floats
    loan: Floats
    mitigated: Floats
    debtor: Positions
    contract: Positions
    part: Floats
    guarantor: Positions
    guaranteed: Positions
    cap: Floats
    drawn: Floats

    def undrawn(self) -> OurExposures:
        """Return the same contracts with what may still be drawn alone."""
        drawn = np.minimum(self.drawn_of, self.whole)
        return replace(self, whole=self.whole - drawn)

    def only_bonds(self, graph: RiskGraph) -> OurExposures:
        """Return the same contracts with the bonds among our claims alone."""
        facilities = len(self.whole) - graph.rows("exposures")
        bond = rows_that_say(graph, "exposures", "kind", "bond")
        keep = np.concatenate([np.zeros(facilities, dtype=bool), bond])
        return replace(self, whole=np.where(keep, self.whole, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What each of some sets of parties owes us (sets,)."""

    exposure: Floats
    loan: Floats
    mitigation: Floats
    indirect: Floats


def our_exposures(graph: RiskGraph) -> OurExposures:
    """Return the contracts of our bank with those who owe them."""
    ours = our_bank(graph)
    drawn = np.where(ours.facilities, _positive(graph.floats("facilities", "outstanding")), 0.0)
    limit = np.where(ours.facilities, _positive(graph.floats("facilities", "limit_amount")), 0.0)
    claim = np.where(ours.exposures, _positive(graph.floats("exposures", "amount")), 0.0)
    kind = graph.texts("exposures", "kind")
    lent = np.asarray((kind == "loan") | (kind == None), dtype=bool)  # noqa: E711 - elementwise
    whole = np.concatenate([drawn + np.maximum(limit - drawn, 0.0), claim])
    debtor, contract, part = _debtors(graph, len(drawn))
    kept = whole[contract] > 0.0
    guarantor, guaranteed, cap, of_party = _guarantees(graph, drawn)
    return OurExposures(
        size=graph.size,
        whole=whole,
        drawn_of=np.concatenate([drawn, claim]),
        loan=np.concatenate([drawn, np.where(lent, claim, 0.0)]),
        mitigated=np.concatenate([_cash(graph, whole[: len(drawn)]), np.zeros(len(claim))]),
        debtor=debtor[kept],
        contract=contract[kept],
        part=part[kept],
        guarantor=guarantor,
        guaranteed=guaranteed,
        cap=cap,
        drawn=of_party,
    )


def owed_by(ours: OurExposures, member: Positions, group: Positions, groups: int) -> Owed:
    """Return what each set owes us; `member` of `group` (rows,), each pair once."""
    order = np.argsort(ours.debtor, kind="stable")
    start = row_starts(ours.size, ours.debtor[order])
    row, of = _expand(start, order, member, group)
    width = np.int64(max(len(ours.whole), 1))
    pairs, place = np.unique(of * width + ours.contract[row], return_inverse=True)
    share = sum_by(place, ours.part[row], len(pairs))
    share = np.minimum(share, 1.0)
    contract, whose = pairs % width, pairs // width
    sums = {
        name: sum_by(whose, share * getattr(ours, name)[contract], groups) for name in ("whole", "loan", "mitigated")
    }
    return Owed(
        exposure=sums["whole"],
        loan=sums["loan"],
        mitigation=sums["mitigated"],
        indirect=_indirect(ours, member, group, groups),
    )


def owed_by_each(ours: OurExposures) -> Owed:
    """Return what each party owes us (n,)."""
    everybody = np.arange(ours.size, dtype=np.int64)
    return owed_by(ours, everybody, everybody, ours.size)


def _indirect(ours: OurExposures, member: Positions, group: Positions, groups: int) -> Floats:
    order = np.argsort(ours.guarantor, kind="stable")
    row, of = _expand(row_starts(ours.size, ours.guarantor[order]), order, member, group)
    size = np.int64(max(ours.size, 1))
    pair = of * size + ours.guaranteed[row]
    inside = np.sort(group * size + member)
    outside = inside[np.minimum(np.searchsorted(inside, pair), len(inside) - 1)] != pair
    pairs, place = np.unique(pair[outside], return_inverse=True)
    asked = np.minimum(sum_by(place, ours.cap[row[outside]], len(pairs)), ours.drawn[pairs % size])
    return sum_by(pairs // size, asked, groups)


def _expand(start: Positions, order: Positions, member: Positions, group: Positions) -> tuple[Positions, Positions]:
    """Return the rows that belong to each member, and the set for which they count."""
    times = start[member + 1] - start[member]
    first = np.repeat(start[member] - np.concatenate([[0], np.cumsum(times)[:-1]]), times)
    return order[first + np.arange(times.sum())], np.repeat(group, times)


def _debtors(graph: RiskGraph, facilities: int) -> tuple[Positions, Positions, Floats]:
    """Return who owes which part of which contract: borrowers, co-borrowers, debtors of claims."""
    borrower = graph.positions("facilities", "borrower_id")
    lender = np.append(graph.positions("facilities", "lender_id"), -1)
    party, facility = graph.positions("co_borrowers", "party_id"), graph.positions("co_borrowers", "facility_id")
    several = rows_that_say(graph, "co_borrowers", "mode", "several")
    part = np.where(several, np.nan_to_num(graph.floats("co_borrowers", "share")), 1.0)
    joint = (party >= 0) & (facility >= 0)
    joint &= (party != np.append(borrower, -1)[facility]) & (party != lender[facility])
    debtor = graph.positions("exposures", "debtor_id")
    parties = np.concatenate([borrower, party[joint], debtor])
    contract = np.concatenate([np.arange(facilities), facility[joint], facilities + np.arange(len(debtor))])
    parts = np.concatenate([np.ones(facilities), part[joint], np.ones(len(debtor))])
    known = parties >= 0
    return parties[known], contract[known], parts[known]


def _guarantees(graph: RiskGraph, drawn: Floats) -> tuple[Positions, Positions, Floats, Floats]:
    guarantor, debtor = graph.ends("guarantees")
    facility = graph.positions("guarantees", "facility_id")
    borrower = graph.positions("facilities", "borrower_id")
    of_party = sum_by(borrower, drawn, graph.size)
    named = facility >= 0
    whose = np.where(named, np.append(borrower, -1)[facility], debtor)
    behind = np.where(named, np.append(drawn, 0.0)[facility], np.append(of_party, 0.0)[whose])
    cap = np.minimum(_positive(graph.floats("guarantees", "amount")), behind)
    keep = (guarantor >= 0) & (whose >= 0) & (guarantor != whose) & (cap > 0.0) & ~guarantees_for_oneself(graph)
    return guarantor[keep], whose[keep], cap[keep], of_party


def _cash(graph: RiskGraph, whole: Floats) -> Floats:
    """Return the cash collateral after haircut that each of our facilities may count on: by rank, then pro rata."""
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    cash = np.append(rows_that_say(graph, "collateral", "kind", "cash"), False)
    mine = (facility >= 0) & (asset >= 0) & cash[asset] & ~pledges_to_oneself(graph)
    rows = np.flatnonzero(mine)
    taken = np.zeros(len(whole))
    if not len(rows):
        return taken
    facility, asset = facility[rows], asset[rows]
    rank = graph.floats("pledges", "rank")[rows]
    rank = np.where(np.isnan(rank), 1.0, rank)
    haircut = np.nan_to_num(graph.floats("collateral", "haircut"))
    left = _positive(graph.floats("collateral", "value")) * (1.0 - haircut)
    due = np.maximum(whole, _positive(graph.floats("facilities", "outstanding")))  # other lenders' loans take, too
    claim = np.fmin(graph.floats("pledges", "allocated_amount")[rows], due[facility])
    for step in np.unique(rank).tolist():
        now = rank == step
        asked = sum_by(asset[now], claim[now], len(left))
        part = np.divide(np.minimum(left, asked), asked, out=np.zeros(len(left)), where=asked > 0.0)
        taken += sum_by(facility[now], claim[now] * part[asset[now]], len(whole))
        left = left - asked * part
    return np.minimum(taken, whole)


def _positive(amount: Floats) -> Floats:
    return np.maximum(np.nan_to_num(amount), 0.0)
