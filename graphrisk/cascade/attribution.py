"""Attribution: how much of a party's loss flowed through whom, by proportional sharing of what each party lost.

What flows through a party is shared over the lines by which it came into distress, in proportion to their amounts. A
party that failed passes on what it had lost by the sweep in which it failed; what it loses after that it absorbs above
its equity. Under the valuations (en, rv, merton) losses beyond equity are passed on, so there all its lines count.
Circles are solved exactly as one linear system y = b + W'y, whose residual is checked.

Source: proportional sharing is that of J. Bialek, "Tracing the flow of electricity", IEE Proc. Gener. Transm. Distrib.
143 (1996); the nodes and lines are our own, docs/methods/explain.md.
"""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu

from graphrisk.cascade.contract_lines import (
    BROKEN,
    BY_SHOCK,
    BY_START,
    INPUTS,
    ORDERS,
    ORIGINS,
    OWN_STOP,
    OWNERSHIP,
    PARTY,
    PRICES,
    SUPPLIES,
    UNEXPLAINED,
    Detail,
    DetailFinder,
    Moment,
    Node,
    made,
    production,
    take,
)
from graphrisk.cascade.params import VALUED, Params
from graphrisk.cascade.run import Spread, broken_at_start
from graphrisk.errors import ConvergenceError
from graphrisk.graph.book import Book
from graphrisk.kernels.contagion.ledger import THRESHOLD, Flags, Floats, Ints, fresh_state
from graphrisk.kernels.contagion.valuation import losses_now

EXACT = 1e-9
"""Largest residual of the flow over the loss."""


class Part(NamedTuple):
    """One line into a node: where it came from, its amount (a weight inside production), its layer and row."""

    source: Node
    amount: float
    layer: int
    row: int


class Flow(NamedTuple):
    """What of a target's inflow passes through each node, and along each line into it."""

    through: dict[Node, float]
    parts: dict[Node, list[tuple[Part, float]]]  # with the flow
    residual: float


class Recorder:
    """Keeps what the parties that fail in a sweep had lost by then."""

    def __init__(self, book: Book) -> None:
        self.finder = DetailFinder(book)
        self._chunks: list[Detail] = []
        self._slices: dict[int, tuple[int, int, int]] = {}
        self.production: dict[tuple[Node, bool], list[tuple[Node, float]]] = {}

    def __call__(self, fresh: Ints, moment: Moment, base: Moment | None) -> None:
        """Keep by how much the lines of the parties `fresh` have grown since `base` at this moment."""
        lines = self.finder.added(fresh, moment, base)
        first, last = np.searchsorted(lines.victim, fresh), np.searchsorted(lines.victim, fresh, side="right")
        for party, start, stop in zip(fresh.tolist(), first.tolist(), last.tolist(), strict=True):
            self._slices[party] = (len(self._chunks), start, stop)
        self._chunks.append(lines)
        now, before = made(moment.supply), None if base is None else made(base.supply)
        if now is not None:
            for party in fresh.tolist():
                for side in (INPUTS, ORDERS):
                    for binding in (True, False):
                        found = production(now, before, party, side, binding=binding)
                        self.production[(side, party), binding] = found

    def lines(self, party: int) -> Detail | None:
        """Return the lines of a party that failed after the start, as they were then."""
        if party not in self._slices:
            return None
        chunk, start, stop = self._slices[party]
        return take(self._chunks[chunk], slice(start, stop))


class Attribution:
    """The lines into every node of a finished run, found when asked for: what its shock added to the unshocked run."""

    def __init__(self, done: Spread, params: Params, recorder: Recorder) -> None:
        self._done, self._params, self._recorder = done, params, recorder
        self._moment = done.moment
        self._base = done.base_moment
        self._anyway: Flags = np.zeros(len(done.ledger.known), dtype=bool)
        if done.base is not None:
            self._anyway = done.base.run.state.failed
        self._known = done.ledger.known
        self._ends: dict[int, tuple[Detail, int, int]] = {}
        self._broken: Flags = broken_at_start(done.book)
        self.at_start = _part_at_start(done, self._broken)
        self._made = made(done.supply)
        self._made_before = None if done.base is None else made(done.base.supply)

    def losses(self, party: int) -> Detail:
        """Return the lines of a party at the end."""
        if party not in self._ends:
            self.look_up(np.array([party]))
        lines, first, last = self._ends[party]
        return take(lines, slice(first, last))

    def look_up(self, parties: Ints) -> None:
        """Find the lines of many `parties` (sorted) at the end at once, for questions to come."""
        lines = self._recorder.finder.added(parties, self._moment, self._base)
        first, last = np.searchsorted(lines.victim, parties), np.searchsorted(lines.victim, parties, side="right")
        for party, start, stop in zip(parties.tolist(), first.tolist(), last.tolist(), strict=True):
            self._ends[party] = (lines, start, stop)

    def into_loss(self, party: int) -> list[Part]:
        """Return the lines of a party's loss at the end, with what began before the shock apart.

        Profit that it loses because it stands still itself is shared over the lines by which it came to that.
        """
        found: list[Part] = []
        for part in self._parts(self.losses(party)):
            if part.layer != OWN_STOP or part.source != (PARTY, party):
                found.append(part)
                continue
            inner = self._into_party(party)
            whole = sum(one.amount for one in inner)
            found += [one._replace(amount=part.amount * one.amount / whole) for one in inner]
            found += [] if inner else [part]
        return found

    def into(self, node: Node) -> list[Part]:
        """Return the lines into a node that is no origin, never none."""
        kind, number = node
        found: list[Part]
        if kind == BROKEN:
            return [Part((BY_START, number), 1.0, -1, -1)]
        if kind in (INPUTS, ORDERS):
            found = [Part(source, weight, SUPPLIES, -1) for source, weight in self._production(node)]
        elif kind == PRICES:
            borrower, sold = self._recorder.finder.sold(self._moment, number, self._base)
            found = [Part((PARTY, int(k)), float(v), -1, -1) for k, v in zip(borrower, sold, strict=True) if v > 0.0]
        else:
            found = self._into_party(number)
        if not found and kind != PRICES and self._anyway[number]:
            return [Part((BY_START, number), 1.0, -1, -1)]  # it fails without the shock, which made that cost more
        return found or [Part((UNEXPLAINED, number), 1.0, -1, -1)]

    def _into_party(self, party: int) -> list[Part]:
        done, start = self._done, [Part((BY_START, party), 1.0, -1, -1)]
        shock = [Part((BY_SHOCK, party), 1.0, -1, -1)]
        if self._params.rule in VALUED:
            return self._parts(self.losses(party)) or (start if self._broken[party] else [])
        if self._anyway[party]:
            return []
        failed_in = int(done.run.failed_in[party])
        if failed_in == 0:
            return start if self._broken[party] else shock
        lines = self._recorder.lines(party) if failed_in > 0 else self.losses(party)
        if lines is None:
            return []
        if not self._known[party]:
            if failed_in < 0:
                return shock
            by_production = done.supply is not None and self._params.supply_default == "none"
            alone = by_production or done.rule.code == THRESHOLD  # there a part of a shock does nothing
            fixed = 0.0 if alone else float(done.shock.fixed(done.ledger.known)[party])
            calls = self._parts(lines._replace(amount=lines.unmet))
            total = sum(part.amount for part in calls)
            shared = [part._replace(amount=(1.0 - fixed) * part.amount / total) for part in calls]
            return shared if fixed <= 0.0 else [*shared, shock[0]._replace(amount=fixed)]
        return self._parts(lines) or self._parts(lines._replace(amount=lines.unmet))

    def _parts(self, lines: Detail) -> list[Part]:
        found: list[Part] = []
        for layer, kind, source, row, amount in zip(
            lines.layer.tolist(), lines.kind.tolist(), lines.source.tolist(), lines.row.tolist(),
            lines.amount.tolist(), strict=True,
        ):  # fmt: skip
            if amount <= 0.0:
                continue
            before = float(self.at_start[source]) if kind == PARTY and layer != OWNERSHIP else 0.0
            if before > 0.0:
                found.append(Part((BROKEN, source), amount * before, layer, row))
            if before < 1.0:
                found.append(Part((kind, source), amount * (1.0 - before), layer, row))
        return found

    def _production(self, node: Node, *, binding: bool = True) -> list[tuple[Node, float]]:
        kept = self._recorder.production.get((node, binding))
        if kept is not None or self._made is None:
            return kept or []
        return production(self._made, self._made_before, node[1], node[0], binding=binding)

    def flow(self, target: Node, parts: list[Part]) -> Flow:
        """Return the flow into `target`, whose inflow is `parts`, from the origins.

        Raises ConvergenceError where the linear system is not solved to 1e-9 of the inflow.
        """
        into = self.upstream(parts)
        nodes = list(into)
        place = {node: k for k, node in enumerate(nodes)}
        total = sum(part.amount for part in parts)
        inflow = np.zeros(len(nodes))
        for part in parts:
            inflow[place[part.source]] += part.amount / total
        row: list[int] = []
        column: list[int] = []
        weight: list[float] = []
        for node, lines in into.items():
            whole = sum(part.amount for part in lines)
            for part in lines:
                row.append(place[part.source])
                column.append(place[node])
                weight.append(part.amount / whole)
        shares = csc_array((weight, (row, column)), shape=(len(nodes), len(nodes)))
        through, residual = _solve(shares, inflow)
        flows: dict[Node, list[tuple[Part, float]]] = {target: [(part, part.amount) for part in parts]}
        for node, lines in into.items():
            whole = sum(part.amount for part in lines)
            if lines and through[place[node]] > 0.0:
                flows[node] = [(part, total * float(through[place[node]]) * part.amount / whole) for part in lines]
        return Flow({node: total * float(through[place[node]]) for node in nodes}, flows, residual)

    def upstream(self, parts: list[Part]) -> dict[Node, list[Part]]:
        """Return every node upstream with the lines into it; origins have none.

        Where losses of production that bind form a circle into which nothing leads, those that do not bind count too;
        what then still leads to no origin is cut, and its own origin: unexplained.
        """
        into: dict[Node, list[Part]] = {}
        self._explore(into, [part.source for part in parts])
        lost = _off_origins(into)
        widened = {node: self._widened(node) for node in lost if node[0] in (PARTY, INPUTS, ORDERS)}
        for node, lines in widened.items():
            into[node] = lines or into[node]
        self._explore(into, [part.source for lines in widened.values() for part in lines])
        for node in _off_origins(into):
            into[node] = [Part((UNEXPLAINED, node[1]), 1.0, -1, -1)]
            into[UNEXPLAINED, node[1]] = []
        return {node: into[node] for node in sorted(into)}

    def _explore(self, into: dict[Node, list[Part]], waiting: list[Node]) -> None:
        while waiting:
            node = waiting.pop()
            if node not in into:
                into[node] = [] if node[0] in ORIGINS else self.into(node)
                waiting += [part.source for part in into[node]]

    def _widened(self, node: Node) -> list[Part]:
        """Return the lines into a node with the losses of production that do not bind in place of its own."""
        if node[0] in (INPUTS, ORDERS):
            return [Part(source, weight, SUPPLIES, -1) for source, weight in self._production(node, binding=False)]
        found = []
        for part in self.into(node):
            if part.layer not in (OWN_STOP, SUPPLIES) or part.source != node:
                found.append(part)
                continue
            sides = [self._production((side, node[1]), binding=False) for side in (INPUTS, ORDERS)]
            others = [one for side in sides for one in side if one[0] != node]
            whole = sum(weight for _, weight in others)
            found += [
                Part(source, part.amount * weight / whole, SUPPLIES, -1) for source, weight in others if whole > 0.0
            ]
        return found


def _off_origins(into: dict[Node, list[Part]]) -> list[Node]:
    """Return the nodes from which no line leads back to an origin."""
    below: dict[Node, list[Node]] = {}
    for node, lines in into.items():
        for part in lines:
            below.setdefault(part.source, []).append(node)
    reached = {node for node in into if node[0] in ORIGINS}
    waiting = list(reached)
    while waiting:
        for node in below.get(waiting.pop(), []):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return sorted(set(into) - reached)


def main_path(flow: Flow, target: Node) -> list[tuple[Node, Part]]:
    """Return the way from an origin to `target` whose smallest flow is largest: each node with the line into it.

    Of equal ways the one with fewer steps, then the smaller nodes.
    """
    best: dict[Node, tuple[Node, Part] | None] = {}
    queue: list[tuple[float, int, Node, Node | None, Part | None]] = [(-np.inf, 0, target, None, None)]
    while queue:
        width, steps, node, after, part = heapq.heappop(queue)
        if node in best:
            continue
        best[node] = None if after is None or part is None else (after, part)
        if node[0] in ORIGINS:
            way = []
            at: Node = node
            while (step := best[at]) is not None:
                way.append(step)
                at = step[0]
            return way
        for line, amount in flow.parts.get(node, []):
            if line.source not in best and amount > 0.0:
                heapq.heappush(queue, (max(width, -amount), steps + 1, line.source, node, line))
    return []


def _part_at_start(done: Spread, broken: Flags) -> Floats:
    """Return which part of each party's loss fraction was there before anything was lost (parties,).

    Of what a shock adds to an unshocked run nothing was.
    """
    if done.base is not None:
        return np.zeros(len(broken))
    state = fresh_state(done.ledger)
    before = losses_now(done.rule, done.ledger.party, state.money, broken)
    loss = done.balance.loss
    part: Floats = np.clip(np.divide(before, loss, out=np.zeros(len(loss)), where=loss > 0.0), 0.0, 1.0)
    return part


def _solve(shares: csc_array, inflow: Floats) -> tuple[Floats, float]:
    """Return y = inflow + shares y and its largest residual; the inflow sums to 1."""
    if not len(inflow):
        return inflow, 0.0
    system = csc_array(eye_array(len(inflow), format="csc") - shares)
    factors = splu(system)
    found = factors.solve(inflow)
    found += factors.solve(inflow - system @ found)
    residual = float(np.abs(inflow - system @ found).max())
    if not residual <= EXACT:
        raise ConvergenceError(
            f"the flow of losses does not balance: {residual:.3g} of the loss is left over",
            hint="this is a fault of graphrisk: please report it with the data",
        )
    return np.maximum(found, 0.0), residual
