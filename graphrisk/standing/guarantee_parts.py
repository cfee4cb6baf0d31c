"""The weakly connected parts of the guarantee layer, as a supervisor counts guarantee circles: one row a part.

Columns follow the table of the supervisors' own tool (the notice of 2014 on loans in guarantee circles).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from graphrisk.credit.loan_class import LoanQuality, loan_quality
from graphrisk.credit.our_bank import clients, our_bank
from graphrisk.graph.exposure import Arcs
from graphrisk.graph.oneself import guarantees_for_oneself
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.model.note import Note
from graphrisk.standing.guarantee_layer import GuaranteeLayer, mutual_pairs

Texts = npt.NDArray[np.object_]
TYPES = ("mutual", "chain", "star", "circle", "mixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts by loans, then by guaranteed amount, then by smallest party; each array has one entry a part (k,).

    `number` (n,) is the part of each party, -1 outside the layer; `columns` the measures by name.
    """

    first: Positions
    number: Positions
    columns: dict[str, npt.NDArray[np.generic] | Texts]
    notes: tuple[Note, ...]


def parts_of(graph: RiskGraph, layer: GuaranteeLayer, touching: Positions | None = None) -> Parts:
    """Return the weakly connected parts of the guarantee layer with what each holds.

    `touching`: only the parts that hold one of these parties.
    """
    arcs, size = layer.arcs, graph.size
    parties = layer.parties
    if touching is not None:
        mine = np.zeros(size, dtype=bool)
        mine[layer.weak[touching]] = True
        parties = parties[mine[layer.weak[parties]]]
        keep = mine[layer.weak[arcs.source]]
        arcs = replace(arcs, **{name: getattr(arcs, name)[keep] for name in ("source", "target", "weight", "rows")})
    first, dense = np.unique(layer.weak[parties], return_inverse=True)
    count = len(first)
    number = np.full(size, -1, dtype=np.int64)
    number[parties] = dense
    at = number[arcs.source]  # the part of each arc
    quality = loan_quality(graph)
    loans = _loans(graph, arcs, number, count, quality)
    guaranteed = sum_by(at, arcs.weight, count)
    pairs = mutual_pairs(arcs.source, arcs.target, size)
    cyclic = layer.strong[arcs.source] == layer.strong[arcs.target]
    members = count_by(dense, count)
    depth = layer.depth[parties]
    deepest = np.zeros(count, dtype=np.int64)
    np.maximum.at(deepest, dense, depth)
    equity = graph.equity
    gave = layer.given > 0
    beyond = gave & np.isin(layer.classes, ("beyond_net_assets", "no_net_assets"))
    nothing, unknown = gave & (layer.classes == "no_net_assets"), gave & (layer.classes == "unknown")
    assets, debts = graph.latest("total_assets"), graph.latest("total_liabilities")
    columns: dict[str, npt.NDArray[np.generic] | Texts] = {
        "parties": members,
        "clients": count_by(number[clients(graph) & (number >= 0)], count),
        "contracts": sum_by(at, arcs.rows, count).astype(np.int64),
        "guaranteed": guaranteed,
        **loans,
        "mutual_share": over(sum_by(at[pairs], arcs.weight[pairs], count), guaranteed),
        "cyclic_share": over(sum_by(at[cyclic], arcs.weight[cyclic], count), guaranteed),
        "depth_max": deepest,
        "depth_mean": over(sum_by(dense, depth.astype(np.float64), count), members.astype(np.float64)),
        "beyond_net_assets": count_by(number[beyond], count),
        "no_net_assets": count_by(number[nothing], count),
        "unknown_net_assets": count_by(number[unknown], count),
        "net_assets": _known_sum(number, equity, count),
        "total_assets": _known_sum(number, assets, count),
        "total_liabilities": _known_sum(number, debts, count),
        "type": _types(layer, arcs, parties, dense, count, at, pairs),
    }
    for plural, column in (("regions", "region"), ("industries", "industry")):
        columns[plural], columns[f"main_{column}"] = _places(graph, column, parties, dense, count, loans["of_party"])
    del columns["of_party"]
    order = np.lexsort((first, -guaranteed, -np.asarray(columns["loans"], dtype=np.float64)))
    place = np.empty(count, dtype=np.int64)
    place[order] = np.arange(count)
    number[parties] = place[dense]
    return Parts(
        first=first[order],
        number=number,
        columns={name: values[order] for name, values in columns.items()},
        notes=quality.notes,
    )


def over(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, NaN where the whole is 0."""
    found: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found


def _loans(
    graph: RiskGraph, arcs: Arcs, number: Positions, count: int, quality: LoanQuality
) -> dict[str, npt.NDArray[np.generic]]:
    """Return what stands with the loans of each part's parties, those of other lenders too."""
    borrower = graph.positions("facilities", "borrower_id")
    part = np.where(borrower >= 0, number[borrower], -1)
    due = quality.outstanding
    loans = sum_by(part, due, count)
    of_party = sum_by(borrower, due, graph.size)
    ranked = np.flatnonzero(number >= 0)
    ranked = ranked[np.lexsort((ranked, -of_party[ranked], number[ranked]))]
    begin = np.searchsorted(number[ranked], np.arange(count))
    within = np.arange(len(ranked)) - begin[number[ranked]]
    top = within < 3
    top3 = sum_by(number[ranked[top]], of_party[ranked[top]], count)
    core = ranked[begin]
    backed = guaranteed_loans(graph, due)
    pairs = np.zeros(graph.size, dtype=bool)
    pairs[arcs.target[mutual_pairs(arcs.source, arcs.target, graph.size)]] = True
    mutually = np.where(borrower >= 0, pairs[borrower], False)
    unused = np.nan_to_num(graph.floats("facilities", "limit_amount")) - due
    return {
        "loans": loans,
        "non_performing": sum_by(part, np.where(quality.non_performing, due, 0.0), count),
        "told_share": over(sum_by(part, np.where(quality.told, due, 0.0), count), loans),
        "special_mention": sum_by(part, np.where(quality.special_mention, due, 0.0), count),
        "overdue_90": sum_by(part, np.where(quality.overdue, due, 0.0), count),
        "off_balance": sum_by(part, np.maximum(unused, 0.0), count),
        "guaranteed_loans": sum_by(part, backed, count),
        "mutual_loans": sum_by(part, np.where(mutually, backed, 0.0), count),
        "core": core,
        "core_loans": of_party[core],
        "top3_loans": top3,
        "top3_share": over(top3, loans),
        "lending_banks": _lenders(graph, number, count),
        "of_party": of_party,
    }


def guaranteed_loans(graph: RiskGraph, due: Floats) -> Floats:
    """Return of each facility (f,) what is outstanding where somebody else guarantees it, else 0.

    A contract that names a facility stands behind that one, any other behind all facilities of its debtor.
    """
    guarantor, debtor = graph.ends("guarantees")
    facility = graph.positions("guarantees", "facility_id")
    other = (guarantor >= 0) & (debtor >= 0) & ~guarantees_for_oneself(graph)
    named = np.zeros(len(due), dtype=bool)
    named[facility[other & (facility >= 0)]] = True
    everything = np.zeros(graph.size, dtype=bool)
    everything[debtor[other & (facility < 0)]] = True
    borrower = graph.positions("facilities", "borrower_id")
    named |= np.where(borrower >= 0, everything[borrower], False) if len(borrower) else named
    return np.where(named, due, 0.0)


def _lenders(graph: RiskGraph, number: Positions, count: int) -> Positions:
    """Return how many banks lend to each part: ours, other lenders that are banks, and creditors that are banks."""
    bank = rows_that_say(graph, "parties", "kind", "bank")
    borrower, lender = graph.positions("facilities", "borrower_id"), graph.positions("facilities", "lender_id")
    ours = our_bank(graph).party
    if ours >= 0:
        lender = np.where(lender == ours, -1, lender)
    creditor, debtor = graph.ends("exposures")
    one = np.concatenate(
        [lender, np.where(creditor >= 0, np.where((creditor == ours) & (ours >= 0), -1, creditor), -2)]
    )
    other = np.concatenate([borrower, debtor])
    part = np.where(other >= 0, number[other], -1) if graph.size else other
    lends = (part >= 0) & ((one == -1) | ((one >= 0) & bank[one])) if graph.size else part >= 0
    pairs = np.unique(part[lends] * np.int64(graph.size + 1) + one[lends] + 1)
    return count_by(pairs // np.int64(graph.size + 1), count)


def _known_sum(number: Positions, values: Floats, count: int) -> Floats:
    """Return the sum of what is known of each part's parties, NaN where nothing is."""
    known = ~np.isnan(values)
    total = sum_by(number[known], values[known], count)
    total[count_by(number[known], count) == 0] = np.nan
    return total


def _places(
    graph: RiskGraph, column: str, parties: Positions, dense: Positions, count: int, loans: npt.NDArray[np.generic]
) -> tuple[Positions, Texts]:
    """Return how many different regions (or industries) each part has, and that with most loans, then most parties."""
    names = graph.texts("parties", column)[parties]
    given = np.array([name is not None for name in names.tolist()], dtype=bool)
    words, code = np.unique(names[given].astype(str), return_inverse=True)
    main = np.full(count, None, dtype=object)
    if not len(words):
        return np.zeros(count, dtype=np.int64), main
    part = dense[given]
    pairs, back, many = np.unique(part * np.int64(len(words)) + code, return_inverse=True, return_counts=True)
    money = sum_by(back, np.asarray(loans, dtype=np.float64)[parties[given]], len(pairs))
    of, word = pairs // len(words), pairs % len(words)
    for k in np.lexsort((-word, many, money, of)).tolist():  # the last one written has most
        main[of[k]] = str(words[word[k]])
    return count_by(of, count), main


def _types(
    layer: GuaranteeLayer,
    arcs: Arcs,
    parties: Positions,
    dense: Positions,
    count: int,
    at: Positions,
    pairs: npt.NDArray[np.bool_],
) -> Texts:
    """Return the type of each part: mutual, chain, star, circle or mixed; see docs/methods/chains.md."""
    strong = count_by(layer.strong, len(layer.strong))[layer.strong]
    members = count_by(dense, count)
    of_two = count_by(dense[strong[parties] == 2], count) == members
    one = np.zeros(count, dtype=bool)
    one[dense[strong[parties] == members[dense]]] = True
    cyclic = count_by(dense[strong[parties] > 1], count) > 0
    branching = count_by(dense[(layer.debtors[parties] > 1) | (layer.guarantors[parties] > 1)], count) > 0
    # a party that is an end of every pair: an end of as many pairs as there are, mutual ones counted once
    single = ~(pairs & (arcs.source > arcs.target))
    ends = count_by(arcs.source[single], len(layer.strong)) + count_by(arcs.target[single], len(layer.strong))
    total = count_by(at[single], count)
    star = np.zeros(count, dtype=bool)
    star[dense[ends[parties] == total[dense]]] = True
    found = np.full(count, "mixed", dtype=object)
    found[star] = "star"
    found[~cyclic & ~branching] = "chain"
    found[one] = "circle"
    found[of_two] = "mutual"
    return found
