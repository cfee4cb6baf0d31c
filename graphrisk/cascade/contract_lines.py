"""The loss lines of chosen parties contract by contract, each with what it came from.

Here a guarantee called for two facilities, or two loans to one debtor, are lines of their own; those by which causes
are named (`loss_lines`) add them up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, Floats, Ints, rows_by
from graphrisk.kernels.contagion.production_lost import ProductionLost
from graphrisk.kernels.contagion.supply_losses import NEVER, market_shares

COLLATERAL, EXPOSURE, GUARANTEE, LENDING, OWN_STOP, OWNERSHIP, SHOCK, SUPPLIES = range(8)
LAYERS = ("collateral", "exposure", "guarantee", "lending", "own_stop", "ownership", "shock", "supplies")
"""Layers of a line, in the order of their names, which is the order of their keys."""

PARTY, BROKEN, INPUTS, ORDERS, PRICES, BY_SHOCK, BY_START, BY_SCENARIO, UNEXPLAINED = range(9)
"""What a line came from: a party's distress, the distress it began with, its lost inputs or orders, the price of a
class of assets; and where no line leads further: a shock, equity of 0 or less before it, a scenario's price, a loop."""
ORIGINS = (BY_SHOCK, BY_START, BY_SCENARIO, UNEXPLAINED)

Node = tuple[int, int]
"""A kind of the above and its number: of a party, of a class for PRICES, of an asset for BY_SCENARIO."""


GROWTH = 1e-9
"""Growth of a line below this part of it is none: two runs stop within the tolerance."""


class Moment(NamedTuple):
    """The quantities that the lines of one sweep, or of the final balance, are made of."""

    loss: Floats  # (parties,) loss fraction of claims
    fallen: Floats  # (parties,) fall of equity
    shock: Floats  # (parties,)
    unpaid: Floats  # (facilities,)
    paid: Floats  # (lines of guarantees,)
    unmet: Floats  # (lines of guarantees,)
    price: Floats  # (assets,) over the appraised value
    scenario_price: Floats  # (assets,) the same before anything is sold
    pledge_pays: Floats  # (pledges,) if the whole facility is called
    supply: ProductionLost | None
    profit_lost: Floats  # (parties,)


class Detail(NamedTuple):
    """Loss lines, one per contract: `victim` loses `amount`; `unmet` was asked of it beside that and not paid."""

    victim: Ints
    layer: Ints
    kind: Ints  # of the source, as above
    source: Ints
    row: (
        Ints  # of the layer's table; the guarantee line for GUARANTEE, the buyer for SUPPLIES, the pledge or -1 - asset
    )
    amount: Floats
    unmet: Floats


class DetailFinder:
    """Finds the detailed lines of chosen parties without going through the whole book."""

    def __init__(self, book: Book) -> None:
        size, ledger = book.graph.size, book.ledger
        self._book = book
        self._claims = rows_by(book.claim_creditor, size)
        self._loans = rows_by(ledger.facility[LENDER] + 1, size + 1)
        self._stakes = rows_by(book.stake_owner, size)
        self._pledges = rows_by(book.pledges.owner + 1, size + 1)
        self._assets = rows_by(book.pledges.asset_owner + 1, size + 1)
        self._calls = rows_by(ledger.contract[GUARANTOR, ledger.line[CONTRACT]], size)

    def of(self, parties: Ints, moment: Moment) -> Detail:
        """Return the lines of `parties` (sorted) at a moment, in the order of party, layer, row, source."""
        every = self.all_of(parties, moment)
        order = np.lexsort((every.source, every.kind, every.row, every.layer, every.victim))
        order = order[(every.amount[order] > 0.0) | (every.unmet[order] > 0.0)]
        return take(every, order)

    def all_of(self, parties: Ints, moment: Moment) -> Detail:
        """Return the lines as they come, those of no loss and of a gain too (a price that rose by itself)."""
        book, borrower = self._book, self._book.ledger.facility[BORROWER]
        parts: list[Detail] = []
        row, victim = _rows(self._claims, parties)
        debtor = book.claim_debtor[row]
        parts.append(_lines(victim, EXPOSURE, PARTY, debtor, row, book.claim[row] * moment.loss[debtor]))
        row, victim = _rows(self._loans, parties, 1)
        parts.append(_lines(victim, LENDING, PARTY, borrower[row], row, moment.unpaid[row]))
        row, victim = _rows(self._stakes, parties)
        owned = book.stake_owned[row]
        parts.append(_lines(victim, OWNERSHIP, PARTY, owned, row, book.stake[row] * moment.fallen[owned]))
        row, victim = _rows(self._pledges, parties, 1)
        owing = borrower[book.pledges.facility[row]]
        parts.append(_lines(victim, COLLATERAL, PARTY, owing, row, moment.pledge_pays[row] * moment.loss[owing]))
        row, victim = _rows(self._assets, parties, 1)
        own = book.pledges
        scenario = (1.0 - moment.scenario_price[row]) * own.value[row]
        parts.append(_lines(victim, COLLATERAL, BY_SCENARIO, row, -1 - row, scenario))
        impact = (moment.scenario_price[row] - moment.price[row]) * own.value[row]
        parts.append(_lines(victim, COLLATERAL, PRICES, own.classes[row], -1 - row, impact))
        called = self.calls(parties, moment)
        parts.append(called._replace(unmet=np.maximum(called.unmet, 0.0)))
        parts.append(_lines(parties, SHOCK, BY_SHOCK, parties, parties, moment.shock[parties]))
        if moment.supply is not None:
            parts.append(_supply_lines(parties, moment.supply, moment.profit_lost))
        return _joined(parts)

    def calls(self, parties: Ints, moment: Moment) -> Detail:
        """Return the guarantee lines of `parties`: what each paid, and was asked beside it."""
        row, victim = _rows(self._calls, parties)
        borrower = self._book.ledger.facility[BORROWER, self._book.line_facility[row]]
        return _lines(victim, GUARANTEE, PARTY, borrower, row, moment.paid[row])._replace(unmet=moment.unmet[row])

    def added(self, parties: Ints, moment: Moment, base: Moment | None) -> Detail:
        """Return by how much the lines of `parties` grew since `base`, the end of the unshocked run (None: from 0)."""
        now = self.of(parties, moment)
        return now if base is None else _grown(now, self.of(parties, base))

    def sold(self, moment: Moment, of_class: int, base: Moment | None = None) -> tuple[Ints, Floats]:
        """Return (borrower, value sold since `base`) of each pledge that lowers the price of a class of assets."""
        own = self._book.pledges
        pledge = np.flatnonzero(own.classes[own.asset] == of_class)
        borrower = self._book.ledger.facility[BORROWER, own.facility[pledge]]
        kept = 1.0 - own.haircut[own.asset[pledge]]
        value = np.divide(self._book.pledge_pays[pledge], kept, out=np.zeros(len(pledge)), where=kept > 0.0)
        before = 0.0 if base is None else base.loss[borrower]
        return borrower, value * np.maximum(moment.loss[borrower] - before, 0.0)


class Made(NamedTuple):
    """Lost production of a run, with what part of each firm's deliveries nobody could stand in for."""

    layer: ProductionLost
    share: Floats


def made(layer: ProductionLost | None) -> Made | None:
    """Return the production of a run one step before its end; None where no deliveries take part."""
    return None if layer is None else Made(layer, market_shares(layer.supply, layer.before_down))


def production(now: Made, base: Made | None, firm: int, side: int, *, binding: bool = True) -> list[tuple[Node, float]]:
    """Return what a firm's lost inputs (side INPUTS) or lost orders (ORDERS) came from, with a weight each.

    A weight is what was lost since `base`, the unshocked run (None: in all). `binding` False: also what was lost and
    did not bind.
    """
    layer = now.layer
    own: list[tuple[Node, float]] = [(_stopped(layer, firm), 1.0)]
    who, groups, lost = _lost(now, firm, side)
    by_group = np.bincount(groups, weights=lost, minlength=1)
    if binding and by_group.max(initial=0.0) <= layer.floor[firm]:
        return own
    if base is not None:
        lost = np.maximum(lost - _lost(base, firm, side)[2], 0.0)
    chosen = np.flatnonzero(((groups == int(by_group.argmax())) | (not binding)) & (lost > 0.0))
    by_itself = [] if binding or layer.floor[firm] <= 0.0 else [(_stopped(layer, firm), float(layer.floor[firm]))]
    return by_itself + [(_of_firm(layer, int(who[k]), side), float(lost[k])) for k in chosen]


def _lost(now: Made, firm: int, side: int) -> tuple[Ints, Ints, Floats]:
    """Return (partner, group, part of the firm's production lost by it) of each delivery to, or from, a firm."""
    supply = now.layer.supply
    start = supply.buyer_start if side == INPUTS else supply.supplier_start
    return _lost_by(now, slice(start[firm], start[firm + 1]), side)


def _lost_by(now: Made, rows: Ints | slice, side: int) -> tuple[Ints, Ints, Floats]:
    """Return (partner, group, part lost by it) of rows of deliveries by buyer (INPUTS) or by supplier (ORDERS)."""
    layer, supply = now.layer, now.layer.supply
    if side == INPUTS:
        who = supply.supplier[rows]
        return who, supply.group[rows], now.share[who] * layer.before_down[who] * supply.weight[rows]
    who = supply.buyer[rows]
    return who, np.zeros(len(who), dtype=np.int64), supply.order[rows] * layer.before_up[who]


def _stopped(layer: ProductionLost, firm: int) -> Node:
    """Return what stopped a firm by itself: its own distress, or a shock to its production."""
    return (BY_SHOCK if layer.stops == NEVER else PARTY, firm)


def _of_firm(layer: ProductionLost, firm: int, side: int) -> Node:
    before = layer.before_down if side == INPUTS else layer.before_up
    if layer.floor[firm] > 0.0 and before[firm] <= layer.floor[firm]:
        return _stopped(layer, firm)
    return (side, firm)


def _supply_lines(parties: Ints, layer: ProductionLost, profit_lost: Floats) -> Detail:
    """Return the profit that `parties` lose by themselves, and by their suppliers or buyers, whichever bind."""
    firms = parties[profit_lost[parties] > 0.0]
    supply, count, now = layer.supply, len(firms), Made(layer, market_shares(layer.supply, layer.before_down))
    sides = []
    for side, start, before in (
        (INPUTS, supply.buyer_start, layer.before_down),
        (ORDERS, supply.supplier_start, layer.before_up),
    ):
        rows, whose = _ranges(start, firms)
        who, group, part = _lost_by(now, rows, side)
        sides.append(_binding(side, before, whose, who, group, part, count))
    by_orders = sides[1].whole > sides[0].whole
    whole = np.maximum(sides[0].whole, sides[1].whole)
    lost = np.maximum(layer.down, layer.up)[firms]
    alone = np.minimum(1.0, np.divide(layer.own[firms], lost, out=np.zeros(count), where=lost > 0.0))
    alone = np.where(whole > 0.0, alone, 1.0)
    stopped = BY_SHOCK if layer.stops == NEVER else PARTY
    lines = [(np.arange(count), np.full(count, -1), firms, OWN_STOP, np.full(count, stopped), firms,
              np.full(count, -1), alone * profit_lost[firms])]  # fmt: skip
    for one, chosen in zip(sides, (~by_orders, by_orders), strict=True):
        kept = np.flatnonzero((chosen & (alone < 1.0) & (whole > 0.0))[one.whose])
        at, source = one.whose[kept], one.who[kept]
        itself = (layer.floor[source] > 0.0) & (one.before[source] <= layer.floor[source])
        amount = (1.0 - alone[at]) * one.part[kept] / whole[at] * profit_lost[firms[at]]
        row = firms[at] if one.side == INPUTS else source
        lines.append((at, kept, firms[at], SUPPLIES, np.where(itself, stopped, one.side), source, row, amount))
    order = np.lexsort((np.concatenate([line[1] for line in lines]), np.concatenate([line[0] for line in lines])))
    victim, kind, source, row = (np.concatenate([line[k] for line in lines])[order] for k in (2, 4, 5, 6))
    layers = np.concatenate([np.full(len(line[0]), line[3]) for line in lines])[order]
    amounts = np.concatenate([line[7] for line in lines])[order]
    return Detail(victim, layers, kind, source, row, amounts, np.zeros(len(order)))


class _Side(NamedTuple):
    side: int
    before: Floats  # (parties,) lost inputs, or orders, one step before the end
    whole: Floats  # (firms,) lost by what binds
    whose: Ints  # (rows that bind,) place among the firms
    who: Ints  # the partner
    part: Floats


def _binding(side: int, before: Floats, whose: Ints, who: Ints, group: Ints, part: Floats, count: int) -> _Side:
    """Return the deliveries of one side that bind: of the group by which a firm loses most, the first of equals."""
    groups, place = np.unique(np.stack([whose, group]), axis=1, return_inverse=True)
    lost = np.bincount(place.ravel(), weights=part, minlength=groups.shape[1])
    order = np.lexsort((groups[1], -lost, groups[0]))
    owner, first = np.unique(groups[0, order], return_index=True)
    whole, best = np.zeros(count), np.full(count, -1, dtype=np.int64)
    whole[owner], best[owner] = lost[order[first]], groups[1, order[first]]
    kept = np.flatnonzero((group == best[whose]) & (part > 0.0))
    return _Side(side, before, whole, whose[kept], who[kept], part[kept])


def _ranges(start: Ints, of: Ints) -> tuple[Ints, Ints]:
    """Return the rows start[k] to start[k + 1] for each k, and the place of that k."""
    length = start[of + 1] - start[of]
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return np.repeat(start[of], length) + within, np.repeat(np.arange(len(of)), length)


def _grown(now: Detail, before: Detail) -> Detail:
    """Return the lines that grew, each by how much; what two runs differ by in rounding is no growth."""
    both = _joined([now, before])
    keys = (both.source, both.kind, both.row, both.layer, both.victim)
    order = np.lexsort(keys)
    fresh = np.zeros(len(order), dtype=bool)
    for column in keys:
        fresh[1:] |= np.diff(column[order]) != 0
    fresh[:1] = True
    first = np.flatnonzero(fresh)
    if not len(first):
        return now
    sign = np.where(np.arange(len(order)) < len(now.victim), 1.0, -1.0)
    grown: list[Floats] = []
    for amount in (both.amount, both.unmet):
        more = np.add.reduceat((sign * amount)[order], first)
        grown.append(np.where(more > GROWTH * np.add.reduceat(amount[order], first), more, 0.0))
    lines = take(both, order[first])._replace(amount=_to_the_sum(now, before, take(both, order[first]), grown[0]))
    lines = lines._replace(unmet=grown[1])
    return take(lines, np.flatnonzero((lines.amount > 0.0) | (lines.unmet > 0.0)))


def _to_the_sum(now: Detail, before: Detail, lines: Detail, more: Floats) -> Floats:
    """Return the growth of each line, those of deliveries cut to what a party loses more by deliveries in all.

    Where other inputs bind than before, what the former ones cost falls away, and the new ones add only the rest.
    """
    size = int(max((lines.victim.max(initial=-1)), 0)) + 1

    def by_supplies(side: Detail, amount: Floats) -> Floats:
        chosen = side.layer == SUPPLIES
        return np.bincount(side.victim[chosen], weights=amount[chosen], minlength=size).astype(np.float64)

    net = np.maximum(by_supplies(now, now.amount) - by_supplies(before, before.amount), 0.0)
    gross = by_supplies(lines, more)
    part = np.minimum(1.0, np.divide(net, gross, out=np.zeros(size), where=gross > 0.0))
    return np.where(lines.layer == SUPPLIES, more * part[lines.victim], more)


def take(lines: Detail, rows: Ints | slice) -> Detail:
    """Return some rows of the lines."""
    return Detail(
        lines.victim[rows], lines.layer[rows], lines.kind[rows], lines.source[rows], lines.row[rows],
        lines.amount[rows], lines.unmet[rows],
    )  # fmt: skip


def _joined(parts: list[Detail]) -> Detail:
    whole: list[Any] = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Detail(*whole)


def _lines(victim: Ints, layer: int, kind: int, source: Ints, row: Ints, amount: Floats) -> Detail:
    size = len(victim)
    return Detail(victim, np.full(size, layer), np.full(size, kind), source, row, amount, np.zeros(size))


def _rows(index: tuple[Ints, Ints], parties: Ints, shift: int = 0) -> tuple[Ints, Ints]:
    """Return the rows of `parties` in an index by party, and whose each is."""
    starts, order = index
    rows, place = _ranges(starts, parties + shift)
    return order[rows], parties[place]
