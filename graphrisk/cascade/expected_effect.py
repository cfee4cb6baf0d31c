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
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, Floats, Ints
from graphrisk.kernels.contagion.one_delivery_less import Sides, inputs_lost, orders_lost, without_each
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
    pairs = pairs_of(sensitivity.done.book.graph)
    effect.update(_deliveries(sensitivity, pairs))
    share = _shares(sensitivity, pairs)
    return {key: Expected(effect.get(key, 0.0), share.get(key, 0.0)) for key in sorted({*effect, *share})}


def _shares(sensitivity: Sensitivity, pairs: dict[tuple[int, int], list[int]]) -> dict[Key, float]:
    book = sensitivity.done.book
    pledge = pledge_rows_of(book)
    found: dict[Key, float] = {}
    for node, part, worth in sensitivity.arcs():
        for key in _keys_of(book, pledge, pairs, node, part):
            found[key] = found.get(key, 0.0) + worth
    return found


def contracts_on(flow: Flow, book: Book, party: int) -> set[Key]:
    """Return the contracts over which a flow of losses into `party` runs."""
    pledge, pairs = pledge_rows_of(book), pairs_of(book.graph)
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


def pairs_of(graph: RiskGraph) -> dict[tuple[int, int], list[int]]:
    """Return the rows of `supplies` from each firm to each other."""
    found: dict[tuple[int, int], list[int]] = {}
    if graph.rows("supplies"):
        supplier, buyer = graph.ends("supplies")
        for row, pair in enumerate(zip(supplier.tolist(), buyer.tolist(), strict=True)):
            found.setdefault(pair, []).append(row)
    return found


def _deliveries(sensitivity: Sensitivity, pairs: dict[tuple[int, int], list[int]]) -> dict[Key, float]:
    """Return what is expected without the deliveries of one firm to another, where one of the two lost production."""
    layer = sensitivity.done.supply
    if layer is None:
        return {}
    hit = ((layer.down > 0.0) | (layer.up > 0.0)).tolist()
    chosen = [pair for pair in pairs if pair[0] != pair[1] and (hit[pair[0]] or hit[pair[1]])]
    spared = OneDeliveryLess(sensitivity, layer).without_each(chosen)
    return {("supplies", tuple(pairs[pair])): value for pair, value in zip(chosen, spared, strict=True)}


class OneDeliveryLess:
    """What is spared if some deliveries were not, or came from elsewhere.

    What a firm that failed in the run lost by its failure is left aside: it is asked whether it would have failed.
    """

    def __init__(self, sensitivity: Sensitivity, layer: ProductionLost) -> None:
        self._s, supply = sensitivity, layer.supply
        self._floor = np.where(sensitivity.done.run.failed_in > 0, 0.0, layer.floor).tolist()
        self._profit = layer.profit.tolist()
        book = sensitivity.done.book
        accounts = yearly_accounts(book.graph)
        amount = book.graph.floats("supplies", "amount")[book.supply_row]
        missed = market_shares(supply, layer.before_down) * layer.before_down
        self._sides = Sides(
            buyer_start=supply.buyer_start, supplier=supply.supplier, group=supply.group, weight=supply.weight,
            missed=missed[supply.supplier] * supply.weight, bought=amount,
            supplier_start=supply.supplier_start, buyer=supply.buyer,
            dropped=supply.order * layer.before_up[supply.buyer], sold=amount[supply.row],
            all_bought=np.nan_to_num(accounts.material_cost), all_sold=np.nan_to_num(accounts.sales),
        )  # fmt: skip

    def without_each(self, pairs: list[tuple[int, int]]) -> list[float]:
        """Return what is spared without the deliveries of each (supplier, buyer): its orders, the other's inputs."""
        suppliers, buyers = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        changed = without_each(self._sides, np.ascontiguousarray(suppliers), np.ascontiguousarray(buyers))
        rows = zip(pairs, *(column.tolist() for column in changed), strict=True)
        return [
            self._change(buyer, INPUTS, inputs, inputs_then, orders_of_buyer)
            + self._change(supplier, ORDERS, orders, orders_then, inputs_of_supplier)
            for (supplier, buyer), inputs, inputs_then, orders_of_buyer, orders, orders_then, inputs_of_supplier in rows
        ]

    def moved(self, supplier: int, buyer: int, part: float) -> float:
        """Return what is spared if a part of a delivery comes from a firm of the same industry that still delivers."""
        now, then = (inputs_lost(self._sides, buyer, less=supplier, part=part) for part in (0.0, part))
        return self._change(buyer, INPUTS, now, then, orders_lost(self._sides, buyer))

    def _change(self, firm: int, side: int, now: float, then: float, other: float) -> float:
        """Return what is spared if a firm's lost inputs or orders were `then`, in its own profit and for others."""
        floor, profit = self._floor[firm], self._profit[firm]
        lost, left = max(floor, now, other), max(floor, then, other)
        spared = self._s.spared(firm, profit * (lost - left)) if profit > 0.0 and lost != left else 0.0
        if max(now, floor) > 0.0 and then != now:
            spared += (1.0 - max(then, floor) / max(now, floor)) * self._s.value((side, firm))
        return spared
