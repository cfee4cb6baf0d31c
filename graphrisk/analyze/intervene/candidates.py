"""What is worth considering after a cascade: actions with what each is expected to do, the best per cost first.

The expectation is the adjoint of the run (`explain.sensitivity`) with the first step of each action by the rule itself.
It decides what is run, never what is shown.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from graphrisk.analyze.intervene.actions import Lever
from graphrisk.analyze.intervene.params import Params
from graphrisk.cascade.added import ROUNDING, added
from graphrisk.cascade.attribution import Recorder
from graphrisk.cascade.contract_lines import EXPOSURE, OWNERSHIP, DetailFinder
from graphrisk.cascade.expected_effect import OneDeliveryLess, given_back
from graphrisk.cascade.run import Spread
from graphrisk.cascade.sensitivity import Sensitivity
from graphrisk.graph.joint_debts import owed_jointly
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import BORROWER, CONTRACT, GUARANTOR, LENDER, LINES, UNMET_PART, Flags, Floats

MARGIN = 1e-6
"""Capital beyond what is missing, over the party's equity or the gap: default is at equity of 0 already."""
STILL = 0.01
"""Part of its production that a firm may have lost to be asked to deliver instead of another."""
STRONGEST = 3
"""Guarantors that are considered for each facility."""


def levers(done: Spread, params: Params, recorder: Recorder) -> list[Lever]:
    """Return what can be done about a run made with `recorder`, the candidates that are considered.

    Two thirds are the best by expected effect for their cost and the best by expected effect, one from each list in
    turn. Then comes the action of each kind that moves most money, and the rest in turn as before.
    """
    made = _Maker(done, params, recorder)
    layers = done.book.layers
    made.on_facilities(with_collateral=params.layers is None or "collateral" in layers,
                       with_guarantees=params.layers is None or "guarantees" in layers)  # fmt: skip
    made.capital()
    made.guarantees()
    made.claims_and_stakes()
    made.deliveries()
    found = sorted(made.found, key=lambda a: (-_rate(a), -a.whole, params.actions.index(a.kind), a.party, a.contract))
    by_effect = sorted(found, key=lambda a: -max(a.gains))
    turns = list(dict.fromkeys(a for pair in zip(found, by_effect, strict=True) for a in pair))
    count = params.max_candidates
    chosen = dict.fromkeys(turns[: math.ceil(2 * count / 3)])
    for kind in params.actions:
        most = max((a for a in found if a.kind == kind), key=lambda a: a.whole, default=None)
        if most is not None:
            chosen[most] = None
    chosen |= dict.fromkeys(turns)
    return list(chosen)[:count]


def _rate(lever: Lever) -> float:
    """Return the largest expected effect of a size over its cost; later guarantors for one facility count half each."""
    best = 0.0
    for level, gain in enumerate(lever.gains, 1):
        cost = lever.cost * lever.part(level)
        best = max(best, gain / cost if cost > 0.0 else math.inf if gain > 0.0 else 0.0)
    return best


class _Maker:
    """Makes the levers of each kind, with their expected effects."""

    def __init__(self, done: Spread, params: Params, recorder: Recorder) -> None:
        self._done, self._params = done, params
        self._s = Sensitivity(done, params, recorder, params.measure)
        self.found: list[Lever] = []

    def _add(self, lever: Lever, expected: tuple[float, ...]) -> None:
        if lever.kind in self._params.actions and lever.whole > 0.0:
            rate = float(getattr(self._params, f"cost_{lever.kind}"))
            self.found.append(lever._replace(cost=rate * lever.whole, gains=expected))

    def _parts(self) -> list[float]:
        return [level / self._params.steps for level in range(1, self._params.steps + 1)]

    def on_facilities(self, *, with_collateral: bool, with_guarantees: bool) -> None:
        """Cut, collateral and guarantors on every facility with a loss."""
        book, balance, steps = self._done.book, self._done.balance, self._params.steps
        facilities, borrower = book.graph.texts("facilities", "facility_id"), book.ledger.facility[BORROWER]
        strong = _strongest(self._done)
        for f in np.flatnonzero(added(self._done).unpaid > 0.0).tolist():
            owing, name, unpaid = int(borrower[f]), str(facilities[f]), float(balance.unpaid[f])
            short, lender = float(balance.shortfall[f]), int(book.ledger.facility[LENDER, f])
            cut = tuple(self._less_short(f, part) for part in self._parts())
            self._add(Lever("cut", owing, name, -1, float(book.due[f]), steps, 0.0), cut)
            if with_collateral:
                less = tuple(self._less_short(f, part * unpaid / short) for part in self._parts())
                self._add(Lever("collateral", owing, name, -1, unpaid, steps, 0.0), less)
            if not with_guarantees:
                continue
            fit = [k for k in strong if k not in (owing, lender)][:STRONGEST]
            for place, k in enumerate(fit):
                pays = [min(part * unpaid, float(balance.equity[k])) for part in self._parts()]
                gains = tuple(
                    0.5**place * (self._less_unpaid(lender, amount) + self._s.spared(k, -amount)) for amount in pays
                )
                self._add(Lever("guarantor", owing, name, k, unpaid, steps, 0.0), gains)

    def _less_unpaid(self, lender: int, amount: float) -> float:
        return self._s.spared(lender, amount) if lender >= 0 else self._s.bank_part * amount

    def _less_short(self, f: int, part: float) -> float:
        """Return what is spared if a part of a facility's shortfall is not there, all paying in proportion."""
        book, balance = self._done.book, self._done.balance
        ledger = book.ledger
        spared = self._less_unpaid(int(ledger.facility[LENDER, f]), part * float(balance.unpaid[f]))
        for line in range(ledger.facility_start[LINES, f], ledger.facility_start[LINES, f + 1]):
            asked = float(balance.asked[line])
            if asked > 0.0:
                spared += self._s.spared(int(ledger.contract[GUARANTOR, ledger.line[CONTRACT, line]]), part * asked)
        return spared

    def capital(self) -> None:
        """Capital for parties that failed."""
        for party, need in _needs(self._done):
            kept = 1.0 - float(self._done.shock.fraction[party])
            gains = tuple(self._s.with_capital(party, part * need * kept) for part in self._parts())
            self._add(Lever("capital", party, "", -1, need, self._params.steps, 0.0), gains)

    def guarantees(self) -> None:
        """Guarantees that were called, given up: on a circle of guarantees or off it. A joint debt cannot be."""
        book, balance, graph = self._done.book, self._done.balance, self._done.book.graph
        contracts = book.ledger.contract.shape[1]
        asked = np.bincount(book.ledger.line[CONTRACT], weights=balance.asked, minlength=contracts)
        given = given_back(self._s) if {"release", "split"} & set(self._params.actions) else {}
        circle = _in_circle(graph)
        base = self._done.base
        if base is not None:
            before = np.bincount(book.ledger.line[CONTRACT], weights=base.balance.asked, minlength=contracts)
            asked = np.where(asked - before > ROUNDING * asked, asked - before, 0.0)
        for c in np.flatnonzero((asked > 0.0) & ~owed_jointly(graph)).tolist():
            guarantor, cap = int(book.ledger.contract[GUARANTOR, c]), float(book.ledger.cap[c])
            gain = self._s.spared(guarantor, float(asked[c])) + given.get(("guarantee", (c,)), 0.0)
            name = str(graph.texts("guarantees", "guarantee_id")[c])
            self._add(Lever("split" if circle[c] else "release", guarantor, name, -1, cap, 1, 0.0), (gain,))

    def claims_and_stakes(self) -> None:
        """Claims and stakes on which a party lost something, made smaller."""
        done, graph = self._done, self._done.book.graph
        lines = DetailFinder(done.book).added(np.flatnonzero(self._s.hit), done.moment, done.base_moment)
        for layer, kind, table in ((EXPOSURE, "claim", "exposures"), (OWNERSHIP, "stake", "ownership")):
            if kind not in self._params.actions:
                continue
            for at in np.flatnonzero(lines.layer == layer).tolist():
                row, victim, lost = int(lines.row[at]), int(lines.victim[at]), float(lines.amount[at])
                if layer == EXPOSURE:
                    whole = float(graph.floats(table, "amount")[row])
                else:
                    owned = int(done.book.stake_owned[row])
                    whole = float(done.book.stake[row]) * max(0.0, float(done.ledger.equity[owned]))
                gains = tuple(self._s.spared(victim, part * lost) for part in self._parts())
                name = str(graph.texts(table, "row_key")[row])
                self._add(Lever(kind, victim, name, -1, whole, self._params.steps, 0.0), gains)

    def deliveries(self) -> None:
        """Deliveries that a firm missed, moved to the largest supplier of the same industry that still delivers."""
        layer, graph = self._done.supply, self._done.book.graph
        if layer is None or "delivery" not in self._params.actions:
            return
        supplier, buyer = graph.ends("supplies")
        sides, instead = OneDeliveryLess(self._s, layer), self._instead()
        amount = graph.floats("supplies", "amount")
        _, pair = np.unique(supplier * np.int64(graph.size) + buyer, return_inverse=True)
        between = np.bincount(pair, weights=amount)[pair]  # all that the one delivers to the other
        names = graph.texts("supplies", "row_key")
        for row in np.flatnonzero((layer.before_down[supplier] > 0.0) & self._s.hit[buyer]).tolist():
            one, other = int(supplier[row]), int(buyer[row])
            to = next((k for k in instead.get(int(layer.supply.market[one]), []) if k not in (one, other)), -1)
            whole, name = float(amount[row]), str(names[row])
            if to < 0 or whole <= 0.0:
                continue
            gains = tuple(sides.moved(one, other, part * whole / float(between[row])) for part in self._parts())
            self._add(Lever("delivery", other, name, to, whole, self._params.steps, 0.0), gains)

    def _instead(self) -> dict[int, list[int]]:
        """Return the firms of each market that lost next to no production and stand, the largest three by sales."""
        layer, failed = self._done.supply, self._done.run.state.failed
        found: dict[int, list[int]] = {}
        if layer is None:
            return found
        sales = layer.supply.sales
        whole = np.maximum(layer.down, layer.up) <= STILL
        able = (sales > 0.0) & whole & ~failed & (self._done.shock.fraction <= 0.0)
        for k in np.lexsort((np.arange(len(sales)), -sales)).tolist():
            if able[k]:
                found.setdefault(int(layer.supply.market[k]), []).append(k)
        return {market: firms[:3] for market, firms in found.items()}


def _needs(done: Spread) -> list[tuple[int, float]]:
    """Return the capital with which each failed party of known equity would have stood, all else as it was.

    The profit that a party lost because it failed is no part of it.
    """
    ledger, balance, fraction = done.ledger, done.balance, done.shock.fraction
    found, layer = [], done.supply
    left = (
        balance.equity if layer is None else balance.equity + balance.supplies - layer.profit * layer.lost_if_it_stood
    )
    for party in np.flatnonzero(done.newly_failed & ledger.known & (fraction < 1.0)).tolist():
        unmet = float(balance.unmet[party])
        unmet = unmet if unmet > UNMET_PART * (unmet + float(balance.paid[party])) else 0.0
        gap = max(0.0, -float(left[party])) + unmet
        gap += MARGIN * max(gap, abs(float(ledger.equity[party])), 1.0)
        found.append((party, gap / (1.0 - float(fraction[party]))))
    return found


def _strongest(done: Spread) -> list[int]:
    """Return the parties with the most equity left, none failed or shocked; two more than are considered."""
    left: Floats = np.where(done.run.state.failed | (done.shock.fraction > 0.0), 0.0, done.balance.equity)
    order = np.lexsort((np.arange(len(left)), -left))[: STRONGEST + 2]
    return [int(k) for k in order if left[k] > 0.0]


def _in_circle(graph: RiskGraph) -> Flags:
    """Return which guarantees lie on a circle of guarantees (contracts,)."""
    one, other = graph.ends("guarantees")
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(graph.size, graph.size))
    label = connected_components(links.tocsr(), directed=True, connection="strong")[1] if graph.size else one
    found: Flags = (label[one] == label[other]) & (one != other)
    return found
