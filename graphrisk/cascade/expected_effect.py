"""What each contract is expected to do to the book: its first step by its own terms, the rest by the adjoint.

What a contract took from a party is asked back of the party (`Sensitivity.spared`); what it kept off others goes to
them: the calls of a guarantee's cluster are settled again without it, a pledge leaves its facility uncovered, the
deliveries of a firm are shared anew among those that are left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.cascade.attribution import Flow, Part
from graphrisk.cascade.contract_lines import (
    COLLATERAL,
    EXPOSURE,
    GUARANTEE,
    INPUTS,
    LENDING,
    ORDERS,
    OWNERSHIP,
    PARTY,
    SUPPLIES,
    DetailFinder,
    Node,
)
from graphrisk.cascade.sensitivity import Sensitivity
from graphrisk.graph.accounts import yearly_accounts
from graphrisk.graph.book import Book
from graphrisk.graph.pledge_rows import pledges_that_count
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.calls_without import CallsWithout
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, Flags, Floats, Ints
from graphrisk.kernels.contagion.production_lost import ProductionLost
from graphrisk.kernels.contagion.supply_losses import market_shares

Key = tuple[str, tuple[int, ...]]
"""Kind of a contract and its rows in its table."""


class Expected(NamedTuple):
    """What is expected to fall away without a contract: by its first step, and its share of what it helped to hit."""

    effect: float
    share: float


def expected_effects(sensitivity: Sensitivity) -> dict[Key, Expected]:
    """Return what is expected of every contract over which losses ran, and of every delivery to or from a firm hit.

    `share` is the contract's part of the lines by which the loser came into distress, when it failed, times all that
    fell with the loser: of several contracts any of which was enough, each shows, while `effect` of each is 0.
    """
    effect: dict[Key, float] = {}
    for key, victims in _taken(sensitivity).items():
        effect[key] = sum(sensitivity.spared(party, amount) for party, amount in sorted(victims.items()))
    for key, lost in given_back(sensitivity).items():
        effect[key] = effect.get(key, 0.0) + lost
    effect.update(_deliveries(sensitivity))
    share = _shares(sensitivity)
    return {key: Expected(effect.get(key, 0.0), share.get(key, 0.0)) for key in sorted({*effect, *share})}


def _shares(sensitivity: Sensitivity) -> dict[Key, float]:
    book = sensitivity.done.book
    pledge, pairs = pledge_rows_of(book), _pairs(book.graph)
    found: dict[Key, float] = {}
    for node, part, worth in sensitivity.arcs():
        for key in _keys_of(book, pledge, pairs, node, part):
            found[key] = found.get(key, 0.0) + worth
    return found


def contracts_on(flow: Flow, book: Book, party: int) -> set[Key]:
    """Return the contracts over which a flow of losses into `party` runs."""
    pledge, pairs = pledge_rows_of(book), _pairs(book.graph)
    return {
        key
        for node, lines in flow.parts.items()
        for part, amount in lines
        if amount > 0.0
        for key in _keys_of(book, pledge, pairs, node if node[0] >= 0 else (PARTY, party), part)
    }


def _keys_of(book: Book, pledge: Ints, pairs: dict[tuple[int, int], list[int]], node: Node, part: Part) -> list[Key]:
    """Return the contracts of a line into a node."""
    ledger = book.ledger
    keys: list[Key] = []
    facility = -1
    if part.layer == EXPOSURE:
        keys.append(("exposure", (part.row,)))
    elif part.layer == OWNERSHIP:
        keys.append(("ownership", (part.row,)))
    elif part.layer == LENDING:
        facility = part.row
    elif part.layer == GUARANTEE:
        keys.append(("guarantee", (int(ledger.line[CONTRACT, part.row]),)))
        facility = int(book.line_facility[part.row])
    elif part.layer == COLLATERAL and part.row >= 0:
        keys.append(("pledge", (int(pledge[part.row]),)))
        facility = int(book.pledges.facility[part.row])
    elif part.layer == SUPPLIES:
        mine, other = node[1], part.source[1]
        ways = ((other, mine), (mine, other)) if mine != other else ()
        keys += [("supplies", tuple(pairs[pair])) for pair in ways if pair in pairs]
    if facility >= 0 and ledger.facility[LENDER, facility] >= 0:
        keys.append(("lending", (facility,)))
    return keys


def _taken(sensitivity: Sensitivity) -> dict[Key, dict[int, float]]:
    """Return what each contract took from each party, or asked of it as a guarantor."""
    done = sensitivity.done
    book, ledger = done.book, done.book.ledger
    parties = np.flatnonzero(sensitivity.hit)
    lines = DetailFinder(book).added(parties, done.moment, done.base_moment)
    pledge = pledge_rows_of(book)
    lent = ledger.facility[LENDER] >= 0
    found: dict[Key, dict[int, float]] = {}

    def take(kind: str, row: int, victim: int, amount: float) -> None:
        mine = found.setdefault((kind, (row,)), {})
        mine[victim] = mine.get(victim, 0.0) + amount

    for victim, layer, row, amount, unmet in zip(
        lines.victim.tolist(), lines.layer.tolist(), lines.row.tolist(), lines.amount.tolist(), lines.unmet.tolist(),
        strict=True,
    ):  # fmt: skip
        facility = -1
        if layer == EXPOSURE:
            take("exposure", row, victim, amount)
        elif layer == OWNERSHIP:
            take("ownership", row, victim, amount)
        elif layer == LENDING:
            facility = row
        elif layer == GUARANTEE:
            take("guarantee", int(ledger.line[CONTRACT, row]), victim, amount + unmet)
            facility = int(book.line_facility[row])
        elif layer == COLLATERAL and row >= 0:
            take("pledge", int(pledge[row]), victim, amount)
            facility = int(book.pledges.facility[row])
        if facility >= 0 and lent[facility]:
            take("lending", facility, victim, amount + unmet)
    return found


def given_back(sensitivity: Sensitivity) -> dict[Key, float]:
    """Return what others gain (above 0) or lose by a contract less: guarantees, pledges, facilities."""
    done = sensitivity.done
    book, ledger, balance = done.book, done.book.ledger, done.balance
    found: dict[Key, float] = {}
    given = np.isnan(book.graph.floats("guarantees", "share"))
    anew = CallsWithout(done.ledger, done.rule, balance, split=given[ledger.line[CONTRACT]])
    guarantor = ledger.contract[GUARANTOR]
    for contract in anew.called().tolist():
        facilities, unpaid, parties, asked = anew.without(contract)
        effect = -sensitivity.bank_part * float(unpaid[ledger.ours[facilities]].sum())
        for lender, more in _summed(ledger.facility[LENDER, facilities], unpaid):
            effect += sensitivity.spared(lender, -more) if lender >= 0 else 0.0
        for party, more in _summed(parties, asked):
            effect += sensitivity.spared(party, -more) if party != guarantor[contract] else 0.0
        found["guarantee", (contract,)] = effect
    if len(book.pledges.facility):
        row = pledge_rows_of(book)
        facility = book.pledges.facility
        paid = done.pledge_pays * balance.loss[ledger.facility[BORROWER, facility]]
        for k in np.flatnonzero(paid > 0.0).tolist():
            lender, lost = int(ledger.facility[LENDER, facility[k]]), float(paid[k])
            less = sensitivity.bank_part * lost if lender < 0 else -sensitivity.spared(lender, -lost)
            key = ("pledge", (int(row[k]),))
            found[key] = found.get(key, 0.0) - less
    return found


def _summed(party: Ints, amount: Floats) -> list[tuple[int, float]]:
    who, place = np.unique(party, return_inverse=True)
    total = np.bincount(place, weights=amount, minlength=len(who))
    return [(int(k), float(v)) for k, v in zip(who, total, strict=True) if v != 0.0]


def pledge_rows_of(book: Book) -> Ints:
    """Return the row of `pledges` of each pledge of a book, which keeps them by asset, rank and facility."""
    return pledges_that_count(book.graph) if len(book.pledges.facility) else np.zeros(0, dtype=np.int64)


def _pairs(graph: RiskGraph) -> dict[tuple[int, int], list[int]]:
    """Return the rows of `supplies` from each firm to each other."""
    found: dict[tuple[int, int], list[int]] = {}
    if graph.rows("supplies"):
        supplier, buyer = graph.ends("supplies")
        for row, pair in enumerate(zip(supplier.tolist(), buyer.tolist(), strict=True)):
            found.setdefault(pair, []).append(row)
    return found


def _deliveries(sensitivity: Sensitivity) -> dict[Key, float]:
    """Return what is expected without the deliveries of one firm to another, where one of the two lost production."""
    layer, graph = sensitivity.done.supply, sensitivity.done.book.graph
    if layer is None:
        return {}
    sides = Sides(sensitivity, layer)
    hit = (layer.down > 0.0) | (layer.up > 0.0)
    return {
        ("supplies", tuple(rows)): sides.without(one, other)
        for (one, other), rows in _pairs(graph).items()
        if one != other and (hit[one] or hit[other])
    }


class Sides:
    """Lost inputs and orders of firms if one of their deliveries were not, or came from elsewhere.

    What a firm that failed in the run lost by its failure is left aside: it is asked whether it would have failed.
    """

    def __init__(self, sensitivity: Sensitivity, layer: ProductionLost) -> None:
        self._s, self._layer = sensitivity, layer
        self._share = market_shares(layer.supply, layer.before_down)
        self._floor = np.where(sensitivity.done.run.failed_in > 0, 0.0, layer.floor)
        book = sensitivity.done.book
        accounts = yearly_accounts(book.graph)
        self._amount = book.graph.floats("supplies", "amount")[book.supply_row]
        self._sold, self._bought = np.nan_to_num(accounts.sales), np.nan_to_num(accounts.material_cost)

    def without(self, supplier: int, buyer: int) -> float:
        """Return what is spared without a delivery: the buyer's inputs and the supplier's orders change."""
        inputs = self._change(buyer, INPUTS, self._inputs(buyer, without=supplier))
        return inputs + self._change(supplier, ORDERS, self._orders(supplier, without=buyer))

    def moved(self, supplier: int, buyer: int, part: float) -> float:
        """Return what is spared if a part of a delivery comes from a firm of the same industry that still delivers."""
        return self._change(buyer, INPUTS, self._inputs(buyer, less=supplier, part=part))

    def _inputs(self, buyer: int, *, without: int = -1, less: int = -1, part: float = 0.0) -> float:
        """Return the production that `buyer` loses for want of inputs.

        The essential ones left of an industry share the weight of one not there; what is bought in all stays at least
        what the accounts say.
        """
        layer, supply = self._layer, self._layer.supply
        rows = slice(supply.buyer_start[buyer], supply.buyer_start[buyer + 1])
        who, group, weight = supply.supplier[rows], supply.group[rows], supply.weight[rows]
        if not len(who):
            return 0.0
        lost = self._share[who] * layer.before_down[who] * weight * np.where(who == less, 1.0 - part, 1.0)
        gone = who == without
        groups = int(group.max()) + 1
        total = np.bincount(group[~gone], weights=lost[~gone], minlength=groups)
        if gone.any():
            whole = np.bincount(group, weights=weight, minlength=groups)
            kept = np.bincount(group[~gone], weights=weight[~gone], minlength=groups)
            more = np.divide(whole, kept, out=np.zeros(groups), where=kept > 0.0)
            more[0] = self._fewer(self._bought[buyer], self._amount[rows], gone)
            total = total * more
        return float(min(1.0, total.max(initial=0.0)))

    def _orders(self, supplier: int, *, without: int = -1) -> float:
        """Return the production that `supplier` loses for want of orders."""
        layer, supply = self._layer, self._layer.supply
        rows = slice(supply.supplier_start[supplier], supply.supplier_start[supplier + 1])
        order, buyer = supply.order[rows], supply.buyer[rows]
        gone = buyer == without
        lost = float((order * layer.before_up[buyer])[~gone].sum())
        return min(1.0, lost * self._fewer(self._sold[supplier], self._amount[supply.row[rows]], gone))

    @staticmethod
    def _fewer(told: float, amount: Floats, gone: Flags) -> float:
        """Return how much more each delivery left weighs where some are gone; `told`: the total by the accounts."""
        before, after = max(told, float(amount.sum())), max(told, float(amount[~gone].sum()))
        return before / after if after > 0.0 else 0.0

    def _change(self, firm: int, side: int, then: float) -> float:
        """Return what is spared if a firm's lost inputs or orders were `then`, in its own profit and for others."""
        floor, profit = float(self._floor[firm]), float(self._layer.profit[firm])
        now, other = self._inputs(firm), self._orders(firm)
        if side == ORDERS:
            now, other = other, now
        lost, left = max(floor, now, other), max(floor, then, other)
        spared = self._s.spared(firm, profit * (lost - left)) if profit > 0.0 and lost != left else 0.0
        if max(now, floor) > 0.0:
            spared += (1.0 - max(then, floor) / max(now, floor)) * self._s.value((side, firm))
        return spared
