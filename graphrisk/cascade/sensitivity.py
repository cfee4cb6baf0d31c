"""What the book would have been spared had a party been hit less: the adjoint of a finished run, and its first step.

Two things are joined. What falls away with the whole distress of a party, echoes included, is the adjoint of the flow
of losses by which `flow` explains a party, here over the whole book. What of a party's distress falls away with a part
of what hit it is asked of the rule itself, all else as it was: a party with ten times its equity gone is not saved by
one creditor less.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphrisk.cascade.added import unmet_calls
from graphrisk.cascade.attribution import Attribution, Part, Recorder
from graphrisk.cascade.contract_lines import BROKEN, BY_START, PARTY, UNEXPLAINED, Node
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import Spread
from graphrisk.kernels.contagion.adjoint import adjoint
from graphrisk.kernels.contagion.ledger import BORROWER, FIXED, NOTHING, SCALE, THRESHOLD, UNMET_PART, Floats
from graphrisk.kernels.contagion.valuation import loss_fraction

MEASURES = ("loss", "bank_loss", "defaults")
"""What is spared: equity and bank loss, bank loss alone, parties in default."""


class Sensitivity:
    """Values of the parties of a finished run for one measure.

    `done` must have been run with `recorder`; all is counted from its unshocked run. `total` is the measure of the run,
    `gap` how far the values of the origins are from it, over it (0 but for rounding), `unfed` how many nodes of the
    flow no origin feeds.
    """

    def __init__(self, done: Spread, params: Params, recorder: Recorder, measure: str = "loss") -> None:
        self.done, self.measure = done, measure
        size, ledger, balance = done.ledger.party.shape[0], done.ledger, done.balance
        base = done.base
        first = ledger.equity if base is None else base.balance.equity
        fallen = np.maximum(first, 0.0) - np.maximum(balance.equity, 0.0)
        self._failed, self._known = done.newly_failed, ledger.known
        unmet, unpaid = unmet_calls(balance), balance.unpaid
        if base is not None:
            unmet = np.maximum(unmet - unmet_calls(base.balance), 0.0)
            unpaid = unpaid - base.balance.unpaid  # below 0 where the shock spares a facility
        self._first = first
        self._fall: Floats = np.where(ledger.known, fallen, 0.0)
        self._standing = np.maximum(first, 0.0)
        self._pressure: Floats = np.where(ledger.known, first - balance.equity, 0.0) + unmet
        self._unmet = unmet
        lost = np.bincount(
            ledger.facility[BORROWER], weights=np.where(ledger.ours, unpaid, 0.0), minlength=size
        ).astype(np.float64)
        self._money = 1.0 if measure == "loss" else 0.0
        self._each = 1.0 if measure == "defaults" else 0.0
        self.bank_part = 0.0 if measure == "defaults" else 1.0
        self.hit = (self._pressure > 0.0) | (self._unmet > 0.0)
        own = self._money * self._fall + self._each * self._failed
        attribution = Attribution(done, params, recorder)
        self._solve(attribution, own, self.bank_part * lost)

    def _solve(self, attribution: Attribution, own: Floats, lost: Floats) -> None:
        """Solve for the value of every node upstream of a loss."""
        at_start = attribution.at_start
        before = 0.0 if self.done.base is None else self.done.base.balance.loss
        touched = np.flatnonzero((own != 0.0) | (lost != 0.0) | self._failed | (self.done.balance.loss > before))
        attribution.look_up(touched)
        into = attribution.upstream([Part((PARTY, int(i)), 1.0, -1, -1) for i in touched])
        for i in np.flatnonzero((at_start > 0.0) & (lost > 0.0)).tolist():
            into.setdefault((BROKEN, i), [Part((BY_START, i), 1.0, -1, -1)])
        nodes = [node for node, lines in into.items() if lines]
        self._place = {node: k for k, node in enumerate(nodes)}
        direct = np.zeros(len(nodes))
        cause, effect, amount = [], [], []
        self._parts: list[tuple[Node, Part]] = []
        for node, k in self._place.items():
            if node[0] == PARTY:
                direct[k] = own[node[1]] + lost[node[1]] * (1.0 - at_start[node[1]])
            elif node[0] == BROKEN:
                direct[k] = lost[node[1]] * at_start[node[1]]
            for part in into[node]:
                cause.append(self._place.get(part.source, -1))
                effect.append(k)
                amount.append(part.amount)
                self._parts.append((node, part))
        arcs = (np.array(cause, dtype=np.int64), np.array(effect, dtype=np.int64), np.array(amount, dtype=np.float64))
        solved = adjoint(direct, *arcs)
        self._value = solved.value
        self._arc_value = solved.share * solved.value[arcs[1]] if len(cause) else np.zeros(0)
        self.unfed = int(solved.unfed.sum()) + sum(part.source[0] == UNEXPLAINED for _, part in self._parts)
        self.residual = solved.residual
        self.total = float(direct.sum())
        first = arcs[0] < 0
        found = float((solved.share[first] * solved.value[arcs[1][first]]).sum())
        found += float(solved.value[solved.unfed].sum())
        self.gap = abs(found - self.total) / self.total if self.total > 0.0 else abs(found)

    def value(self, node: Node) -> float:
        """Return what falls away with the whole distress of a node: a party, its lost inputs or orders, a price."""
        at = self._place.get(node)
        return 0.0 if at is None else float(self._value[at])

    def arcs(self) -> Iterator[tuple[Node, Part, float]]:
        """Give each line into each node, as it was when a party failed, with its share of the node's value."""
        for (node, part), worth in zip(self._parts, self._arc_value.tolist(), strict=True):
            yield node, part, worth

    def slope(self, party: int) -> float:
        """Return the value of one unit less of all that hit a party: the secant of the run."""
        hit = self._pressure[party]
        return self.value((PARTY, party)) / float(hit) if hit > 0.0 else 0.0

    def spared(self, party: int, amount: float) -> float:
        """Return what the book is spared if `amount` less hits a party (below 0: more), all else as it was.

        For a guarantor what is asked counts, paid or not. A party of unknown equity fails only by calls. Never
        more than all that was lost.
        """
        ledger = self.done.ledger
        failed, value = bool(self._failed[party]), self.value((PARTY, party))
        rest = value - self._money * float(self._fall[party]) - self._each * failed
        if not self._known[party]:
            unmet = float(self._unmet[party])
            if amount <= 0.0 or unmet <= 0.0:
                return 0.0
            part = 1.0 if amount >= unmet * (1.0 - UNMET_PART) else 0.0
            return min(part * value, self.total)
        before, after = float(self._pressure[party]), float(self._pressure[party]) - amount
        standing = float(self._standing[party])
        if standing <= 0.0:
            return 0.0
        gained = min(standing, before) - max(0.0, min(standing, after))
        stands = float(self._first[party]) - after > NOTHING * float(ledger.party[party, SCALE])
        part = self._passed_on(party, after, failed=not stands)
        saved = self._money * gained + self._each * (float(failed) - float(not stands))
        if part <= 1.0:
            return min(saved + (1.0 - part) * max(rest, 0.0), self.total)  # an echo counts in every unit, not in all
        return saved - self.bank_part * self._more(party, after, failed=not stands)

    def with_capital(self, party: int, amount: float) -> float:
        """Return what the book is spared if a failed party had `amount` more equity, all else as it was.

        What it can pay of unmet calls is paid; capital that is lost counts as equity lost.
        """
        pressure, standing = float(self._pressure[party]), float(self._standing[party])
        if standing <= 0.0:  # in default before any shock
            left = float(self._first[party]) + amount
            if left <= pressure + NOTHING * float(self.done.ledger.party[party, SCALE]):
                return -self._money * max(0.0, left)
            return self.value((PARTY, party)) + self.value((BROKEN, party)) - self._money * pressure
        eaten = min(standing + amount, pressure) - min(standing, pressure)
        spared = self.spared(party, amount) - self._money * (
            min(standing, pressure) - max(0.0, min(standing, pressure - amount))
        )
        return spared - self._money * eaten + self.bank_part * min(amount, float(self._unmet[party]))

    def _passed_on(self, party: int, pressure: float, *, failed: bool) -> float:
        """Return what a party would pass on at another pressure, over what it passed on: 1 where it is the same."""
        done, ledger = self.done, self.done.ledger
        now = float(done.balance.loss[party])
        fixed = float(done.run.state.money[party, FIXED])
        equity = float(self._first[party]) - pressure
        then = float(loss_fraction(done.rule, ledger.party, party, equity, failed, fixed))
        if now > 0.0:
            return then / now
        if then > 0.0:
            return np.inf
        if done.rule.code == THRESHOLD and failed == bool(self._failed[party]) and self._fall[party] > 0.0:
            return max(0.0, min(float(self._standing[party]), pressure)) / float(self._fall[party])  # by its owners
        return 1.0 if self._fall[party] <= 0.0 else max(0.0, pressure) / float(self._pressure[party])

    def _more(self, party: int, pressure: float, *, failed: bool) -> float:
        """Return what a party that is hit harder would take from its creditors and the bank at once."""
        done, ledger = self.done, self.done.ledger
        equity, fixed = float(self._first[party]) - pressure, float(done.run.state.money[party, FIXED])
        more = float(loss_fraction(done.rule, ledger.party, party, equity, failed, fixed))
        more -= float(done.balance.loss[party])
        return more * float(self._direct[party])

    @property
    def _direct(self) -> Floats:
        """What others lose at once if a party fails: uncovered facilities, and claims up to the creditors' equity."""
        if not hasattr(self, "_kept"):
            ledger, size = self.done.ledger, self.done.ledger.party.shape[0]
            found = np.bincount(ledger.facility[BORROWER], weights=ledger.uncovered, minlength=size)
            if self._money:
                left = np.maximum(self.done.balance.equity, 0.0)
                debtor = np.repeat(np.arange(size), np.diff(ledger.start[0]))
                claim = np.minimum(ledger.claim, np.where(ledger.known, left, 0.0)[ledger.creditor])
                found = found + np.bincount(debtor, weights=claim, minlength=size)
            self._kept: Floats = found.astype(np.float64)
        return self._kept
