"""The lines of which a party's loss is made: each from one debtor, firm owned, asset, contract or supplier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, Floats, Ints, rows_by
from graphrisk.kernels.contagion.supply import SupplyLayer, market_shares

COLLATERAL, EXPOSURE, GUARANTEE, INITIAL, OWN_STOP, OWNERSHIP, SHOCK, SUPPLIES = range(8)
"""Kinds of lines, in the order of their names, which is the order of their keys."""
NAMES = ("collateral", "exposure", "guarantee", "initial", "own_stop", "ownership", "shock", "supplies")
GROWTH = 1e-9
"""Growth of a line below this part of it is none: two runs stop within the tolerance."""
SAME = 1e-9
"""Lines within this part of the largest are a tie, which the smallest key wins."""


class Lines(NamedTuple):
    """Loss lines: `victim` loses `amount` by `kind`, `key`: a party, asset or contract by kind, `other` a buyer."""

    victim: Ints
    kind: Ints
    key: Ints
    other: Ints
    amount: Floats


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
    supply: SupplyLayer | None
    profit_lost: Floats  # (parties,)


class LineFinder:
    """Finds the lines of chosen parties without going through the whole book."""

    def __init__(self, book: Book) -> None:
        size = book.graph.size
        self._book = book
        self._guarantor = book.ledger.contract[GUARANTOR, book.ledger.line[CONTRACT]]
        self._claims = rows_by(book.claim_creditor, size)
        self._stakes = rows_by(book.stake_owner, size)
        self._pledges = rows_by(book.pledges.owner + 1, size + 1)
        self._assets = rows_by(book.pledges.asset_owner + 1, size + 1)
        self._loans = rows_by(book.ledger.facility[LENDER] + 1, size + 1)
        self._calls = rows_by(self._guarantor, size)

    def lines(self, parties: Ints, moment: Moment) -> Lines:
        """Return the lines of `parties` with a loss, one per kind and key, in the order of party, kind, key."""
        book, ledger = self._book, self._book.ledger
        found: list[tuple[Ints, int, Ints, Floats]] = []
        row, victim = _rows(self._claims, parties)
        debtor = book.claim_debtor[row]
        found.append((victim, EXPOSURE, debtor, book.claim[row] * moment.loss[debtor]))
        row, victim = _rows(self._loans, parties, 1)
        found.append((victim, EXPOSURE, ledger.facility[BORROWER, row], moment.unpaid[row]))
        row, victim = _rows(self._stakes, parties)
        owned = book.stake_owned[row]
        found.append((victim, OWNERSHIP, owned, book.stake[row] * moment.fallen[owned]))
        row, victim = _rows(self._pledges, parties, 1)
        borrower = ledger.facility[BORROWER, book.pledges.facility[row]]
        found.append((victim, COLLATERAL, book.pledges.asset[row], moment.pledge_pays[row] * moment.loss[borrower]))
        row, victim = _rows(self._assets, parties, 1)
        found.append((victim, COLLATERAL, row, (1.0 - moment.price[row]) * book.pledges.value[row]))
        row, victim = _rows(self._calls, parties)
        found.append((victim, GUARANTEE, ledger.line[CONTRACT, row], moment.paid[row]))
        found.append((parties, SHOCK, np.zeros(len(parties), dtype=np.int64), moment.shock[parties]))
        lines = _added_up(found)
        if moment.supply is None:
            return lines
        return _merged(lines, self._supply_lines(parties, moment.supply, moment.profit_lost))

    def added_lines(self, parties: Ints, moment: Moment, base: Moment | None) -> Lines:
        """Return by how much the lines of `parties` grew since `base`, the end of the unshocked run (None: from 0)."""
        now = self.lines(parties, moment)
        return now if base is None else grown(now, self.lines(parties, base))

    def _supply_lines(self, parties: Ints, layer: SupplyLayer, profit_lost: Floats) -> Lines:
        """Return what each of `parties` loses by itself, and by its suppliers or its buyers, whichever bind."""
        supply, share = layer.supply, market_shares(layer.supply, layer.before_down)
        victim, kind, one, other, amount = [], [], [], [], []
        for i in parties[profit_lost[parties] > 0.0].tolist():
            rows = slice(supply.buyer_start[i], supply.buyer_start[i + 1])
            who, groups = supply.supplier[rows], supply.group[rows]
            lost = share[who] * layer.before_down[who] * supply.weight[rows]
            by_group = np.bincount(groups, weights=lost, minlength=1)
            orders = slice(supply.supplier_start[i], supply.supplier_start[i + 1])
            to, unsold = supply.buyer[orders], supply.order[orders] * layer.before_up[supply.buyer[orders]]
            by_inputs, by_orders = float(by_group.max(initial=0.0)), float(unsold.sum())
            alone = own_part(layer, i) if max(by_inputs, by_orders) > 0.0 else 1.0
            parts = [(OWN_STOP, i, -1, alone)]
            if alone < 1.0 and by_inputs >= by_orders:
                inside = groups == int(by_group.argmax())
                pairs = [
                    (k, i, x / by_inputs) for k, x in zip(who[inside].tolist(), lost[inside].tolist(), strict=True)
                ]
                parts += [(SUPPLIES, k, j, (1.0 - alone) * x) for k, j, x in pairs]
            elif alone < 1.0:
                pairs = [(i, k, x / by_orders) for k, x in zip(to.tolist(), unsold.tolist(), strict=True)]
                parts += [(SUPPLIES, k, j, (1.0 - alone) * x) for k, j, x in pairs]
            for what, supplier, buyer, part in parts:
                victim.append(i)
                kind.append(what)
                one.append(supplier)
                other.append(buyer)
                amount.append(part * profit_lost[i])
        who_, what_, key, to_ = (np.array(column, dtype=np.int64) for column in (victim, kind, one, other))
        return _one_per_key(who_, what_, key, to_, np.array(amount))

    def causes(self, parties: Ints, moment: Moment, base: Moment | None = None) -> tuple[Ints, Ints, Ints]:
        """Return (kind, key, other) of the line of each of `parties` that grew most since `base`; ties: smallest key.

        What a party loses because it stopped itself is an effect, never a cause. A party of unknown equity, or without
        any loss, failed by a call: the contract with the largest unmet call; else by a shock to its production.
        """
        lines = self.added_lines(parties, moment, base)
        counts = (lines.kind != OWN_STOP) & self._book.ledger.known[lines.victim]
        lines = Lines(*(column[counts] for column in lines))
        kind = np.full(len(parties), GUARANTEE)
        key, other = np.zeros(len(parties), dtype=np.int64), np.full(len(parties), -1)
        place = np.searchsorted(parties, lines.victim)
        most = np.zeros(len(parties))
        np.maximum.at(most, place, lines.amount)
        chosen = np.flatnonzero(lines.amount >= most[place] * (1.0 - SAME))[::-1]  # the first written last wins
        kind[place[chosen]], key[place[chosen]] = lines.kind[chosen], lines.key[chosen]
        other[place[chosen]] = lines.other[chosen]
        bare = np.flatnonzero(most <= 0.0)
        if len(bare):
            row, victim = _rows(self._calls, parties[bare])
            more = moment.unmet[row] - (0.0 if base is None else base.unmet[row])
            unmet = _added_up([(victim, GUARANTEE, self._book.ledger.line[CONTRACT, row], more)])
            place = np.searchsorted(parties, unmet.victim)
            np.maximum.at(most, place, unmet.amount)
            chosen = np.flatnonzero(unmet.amount >= most[place] * (1.0 - SAME))[::-1]
            key[place[chosen]] = unmet.key[chosen]
            kind[bare[most[bare] <= 0.0]] = SHOCK  # a shock to its production cost it its profit, and nothing else
        return kind, key, other

    def text(self, victim: int, kind: int, key: int, other: int) -> str:
        """Return the name of a line, as `contagion_parties.cause` writes it."""
        graph = self._book.graph
        ids = graph.party_ids
        if kind in (SHOCK, INITIAL):
            return NAMES[kind]
        if kind == EXPOSURE:
            return f"exposure:{ids[victim]}-{ids[key]}"
        if kind == GUARANTEE:
            return f"guarantee:{graph.texts('guarantees', 'guarantee_id')[key]}"
        if kind == COLLATERAL:
            return f"collateral:{graph.texts('collateral', 'collateral_id')[key]}"
        if kind == SUPPLIES:
            return f"supplies:{ids[key]}-{ids[other]}"
        if kind == OWN_STOP:
            return f"own_stop:{ids[victim]}"
        return f"ownership:{ids[key]}"


def _rows(index: tuple[Ints, Ints], parties: Ints, shift: int = 0) -> tuple[Ints, Ints]:
    """Return the rows of `parties` in an index by party, and whose each is."""
    starts, order = index
    first, length = starts[parties + shift], starts[parties + shift + 1] - starts[parties + shift]
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return order[np.repeat(first, length) + within], np.repeat(parties, length)


def _added_up(found: list[tuple[Ints, int, Ints, Floats]]) -> Lines:
    """Return one line per victim, kind and key with a loss, sorted by these."""
    victim = np.concatenate([part[0] for part in found])
    kind = np.concatenate([np.full(len(part[0]), part[1]) for part in found])
    key = np.concatenate([part[2] for part in found])
    amount = np.concatenate([part[3] for part in found])
    return _one_per_key(victim, kind, key, np.full(len(victim), -1), amount)


def _one_per_key(victim: Ints, kind: Ints | int, key: Ints, other: Ints, amount: Floats) -> Lines:
    kinds = np.broadcast_to(np.asarray(kind), victim.shape)
    order, first = _same_key(victim, kinds, key, other)
    total = np.add.reduceat(amount[order], first) if len(first) else amount
    chosen, total = order[first[total > 0.0]], total[total > 0.0]
    return Lines(victim[chosen], kinds[chosen], key[chosen], other[chosen], total)


def _same_key(victim: Ints, kind: Ints, key: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Return (order by victim, kind, key, other; the first row in it of each group that shares them)."""
    order = np.lexsort((other, key, kind, victim))
    fresh = np.ones(len(order), dtype=bool)
    for column in (victim, kind, key, other):
        fresh[1:] &= np.diff(column[order]) == 0
    fresh[1:] = ~fresh[1:]
    return order, np.flatnonzero(fresh)


def own_part(layer: SupplyLayer, firm: int) -> float:
    """Return which part of the production that a firm lost it lost because it stopped itself."""
    lost = max(layer.down[firm], layer.up[firm])
    return float(min(1.0, layer.own[firm] / lost)) if lost > 0.0 else 0.0


def grown(now: Lines, before: Lines) -> Lines:
    """Return the lines that grew, each by how much; what two runs differ by in rounding is no growth."""
    victim, kind, key, other = (np.concatenate(pair) for pair in zip(now[:4], before[:4], strict=True))
    order, first = _same_key(victim, kind, key, other)
    if not len(first):
        return now
    more = np.add.reduceat(np.concatenate([now.amount, -before.amount])[order], first)
    size = np.add.reduceat(np.concatenate([now.amount, before.amount])[order], first)
    real = more > GROWTH * size
    chosen = order[first[real]]
    return Lines(victim[chosen], kind[chosen], key[chosen], other[chosen], more[real])


def _merged(one: Lines, two: Lines) -> Lines:
    victim, kind, key, other, amount = (np.concatenate(pair) for pair in zip(one, two, strict=True))
    order = np.lexsort((other, key, kind, victim))
    return Lines(victim[order], kind[order], key[order], other[order], amount[order])
