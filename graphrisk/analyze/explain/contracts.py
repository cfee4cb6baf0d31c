"""The contracts that matter most under a shock: candidates by the adjoint of the run, each checked by another run.

The prediction only decides which contracts are run; what is shown as their effect is measured. How well the two agree
is in the certificate.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from graphrisk.analyze.contagion.lines import SUPPLIES, LineFinder
from graphrisk.analyze.contagion.params import Params as ContagionParams
from graphrisk.analyze.contagion.tables import texts
from graphrisk.analyze.contagion.unified import Spread, prepare, spread_shock
from graphrisk.analyze.explain.expected import Expected, Key, expected_effects, pledge_rows_of
from graphrisk.analyze.explain.flow import Recorder
from graphrisk.analyze.explain.sensitivity import Sensitivity
from graphrisk.analyze.explain.tables import CONTRACTS
from graphrisk.analyze.explain.words import Words
from graphrisk.errors import ConvergenceError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.graph.what_if import with_values, without_rows
from graphrisk.kernels.ledger import BORROWER, CONTRACT, LENDER, Floats, Ints, rows_by
from graphrisk.model.result import Inputs
from graphrisk.progress import Progress

TRIED = 3
"""Candidates that are run, over those shown."""
EVERY = 5
"""Each fifth candidate is taken by its share of the distress, the others by their expected effect."""
KEPT = 5
"""One in five of those shown: so many of each kind are tried in any case."""
EPSILON = 1e-9
"""Effects below this part of the loss are the rounding of two runs."""
TABLES = {
    "guarantee": "guarantees", "exposure": "exposures", "lending": "facilities", "ownership": "ownership",
    "pledge": "pledges", "supplies": "supplies",
}  # fmt: skip


class Contract(NamedTuple):
    """A contract: rows of a table, between two parties (-1: none), and the money that ran over it."""

    kind: str
    table: str
    rows: tuple[int, ...]
    one: int
    other: int
    flow: float


class Candidate(NamedTuple):
    """A contract with what is expected to fall away without it."""

    contract: Contract
    expected: Expected


class Effect(NamedTuple):
    """What a run without a contract gives."""

    contract: Contract
    expected: float
    loss: float
    bank_loss: float
    defaults: int


def without_contract(graph: RiskGraph, contract: Contract) -> RiskGraph:
    """Return the graph without a contract; a facility stays with nothing outstanding, because others refer to it."""
    if contract.table == "facilities":
        return with_values(graph, "facilities", "outstanding", contract.rows, 0.0)
    return without_rows(graph, contract.table, contract.rows)


def loss_of(done: Spread) -> float:
    """Return equity lost by all parties and bank loss."""
    return done.equity_lost + done.bank_loss


def candidates(done: Spread, sensitivity: Sensitivity) -> list[Candidate]:
    """Return the contracts that can matter: by expected effect, each fifth by its share of a distress."""
    running = {(contract.kind, contract.rows): contract for contract in _every(done)}
    expected = expected_effects(sensitivity)
    found, weight = [], {}
    standing = np.where(done.ledger.known, np.maximum(done.ledger.equity, 0.0), 0.0)
    for key in sorted({*running, *expected}):
        contract = running.get(key) or _still(done, key)
        weight[key] = _weight(standing, contract)
        one = Candidate(contract, expected.get(key, Expected(0.0, 0.0)))
        if weight[key] > 0.0 or one.expected.effect != 0.0 or one.expected.share != 0.0:
            found.append(one)

    def tie(one: Candidate) -> tuple[float, Key]:
        return -weight[one.contract.kind, one.contract.rows], (one.contract.kind, one.contract.rows)

    by_effect = sorted(found, key=lambda one: (-abs(one.expected.effect), *tie(one)))
    by_share = sorted(found, key=lambda one: (-abs(one.expected.share), *tie(one)))
    order: dict[Candidate, None] = {}
    effects, shares = iter(by_effect), iter(by_share)
    while len(order) < len(found):
        for turn in range(EVERY):
            fresh = next((c for c in (effects if turn < EVERY - 1 else shares) if c not in order), None)
            if fresh is not None:
                order[fresh] = None
    return list(order)


def by_money(done: Spread) -> list[Candidate]:
    """Return the contracts by the money over them, without an expectation."""
    standing = np.where(done.ledger.known, np.maximum(done.ledger.equity, 0.0), 0.0)
    money = {contract: _weight(standing, contract) for contract in _every(done)}
    found = sorted((c for c in money if money[c] > 0.0), key=lambda c: (-money[c], c.kind, c.rows))
    return [Candidate(contract, Expected(0.0, 0.0)) for contract in found]


def chosen(every: list[Candidate], count: int) -> list[Candidate]:
    """Return `count` candidates to run: the first, but some of each kind, which the linearisation may misjudge."""
    kept = max(1, count // TRIED // KEPT)
    by_kind: dict[str, int] = {}
    first = []
    for one in every:
        kind = one.contract.kind
        by_kind[kind] = by_kind.get(kind, 0) + 1
        if by_kind[kind] <= kept:
            first.append(one)
    first = first[:count]
    return first + [one for one in every if one not in first][: count - len(first)]


def _weight(standing: Floats, contract: Contract) -> float:
    """Return the money over a contract that counts: up to the equity of the loser, which passes on no more."""
    if contract.kind in ("guarantee", "pledge", "lending"):
        return contract.flow
    if contract.kind == "supplies":
        return min(contract.flow, max(float(standing[contract.one]), float(standing[contract.other])))
    return min(contract.flow, float(standing[contract.one]))


def _still(done: Spread, key: Key) -> Contract:
    """Return a contract over which no money ran."""
    kind, rows = key
    graph, table = done.book.graph, TABLES[kind]
    if kind == "lending":
        one, other = graph.positions(table, "lender_id"), graph.positions(table, "borrower_id")
    elif kind == "pledge":
        one = graph.positions("collateral", "owner_id")[graph.positions(table, "collateral_id")]
        other = graph.positions("facilities", "borrower_id")[graph.positions(table, "facility_id")]
    else:
        one, other = graph.ends(table)
    return Contract(kind, table, rows, int(one[rows[0]]), int(other[rows[0]]), 0.0)


def _every(done: Spread) -> list[Contract]:
    """Return every contract over which money ran."""
    book, moment = done.book, done.moment
    ledger = book.ledger
    asked = np.zeros(ledger.contract.shape[1])
    np.add.at(asked, ledger.line[CONTRACT], moment.paid + moment.unmet)
    debtor = book.graph.positions("guarantees", "debtor_id")
    found = _each("guarantee", "guarantees", ledger.contract[0], debtor, asked)
    found += _each(
        "exposure", "exposures", book.claim_creditor, book.claim_debtor, book.claim * moment.loss[book.claim_debtor]
    )
    found += _each(
        "ownership", "ownership", book.stake_owner, book.stake_owned, book.stake * moment.fallen[book.stake_owned]
    )
    lent = np.where(ledger.facility[LENDER] >= 0, moment.unpaid, 0.0)
    found += _each("lending", "facilities", ledger.facility[LENDER], ledger.facility[BORROWER], lent)
    found += _pledges(done)
    if done.supply is not None:
        hit = np.flatnonzero(moment.profit_lost > 0.0)
        lines = LineFinder(book).lines(hit, moment)
        one, other = book.graph.ends("supplies")
        starts, order = rows_by(one, book.graph.size)
        for key, to, amount, kind in zip(
            lines.key.tolist(), lines.other.tolist(), lines.amount.tolist(), lines.kind.tolist(), strict=True
        ):
            if kind != SUPPLIES or key == to:
                continue
            sold = order[starts[key] : starts[key + 1]]
            rows = sold[other[sold] == to]
            if len(rows):
                found.append(Contract("supplies", "supplies", tuple(int(r) for r in rows), key, to, amount))
    return found


def _each(kind: str, table: str, one: Ints, other: Ints, flow: Floats) -> list[Contract]:
    return [Contract(kind, table, (int(k),), int(one[k]), int(other[k]), float(flow[k])) for k in np.flatnonzero(flow)]


def _pledges(done: Spread) -> list[Contract]:
    """Return the pledges as rows of their table."""
    book = done.book
    own, row = book.pledges, pledge_rows_of(book)
    borrower = book.ledger.facility[BORROWER, own.facility]
    paid = done.pledge_pays * done.balance.loss[borrower]
    return [
        Contract("pledge", "pledges", (int(row[k]),), int(own.asset_owner[own.asset[k]]), int(borrower[k]), float(v))
        for k, v in enumerate(paid)
        if v > 0.0
    ]


def run_without(graph: RiskGraph, one: Candidate, params: ContagionParams, inputs: Inputs) -> Effect:
    """Return what the same shock does to the book without a contract."""
    book, shock, _ = prepare(without_contract(graph, one.contract), params, inputs)
    done = spread_shock(book, shock, params, explain=False)
    failed = int(done.run.state.failed.sum())
    return Effect(one.contract, one.expected.effect, loss_of(done), done.bank_loss, failed)


class Checked(NamedTuple):
    """The table of contracts, what a reader must know of it, and what certifies it."""

    table: pd.DataFrame
    notes: list[str]
    certificate: dict[str, Any]


def contracts_table(
    done: Spread, recorder: Recorder, params: ContagionParams, inputs: Inputs, shown: int, progress: Progress
) -> Checked:
    """Return `explain_contracts` with `shown` rows at most."""
    if not shown:
        return Checked(_table([]), [], {})
    graph, words = done.book.graph, Words(done)
    progress("the adjoint of the run")
    sensitivity, unsolved = None, ""
    try:
        sensitivity = Sensitivity(done, params, recorder)
        every = candidates(done, sensitivity)
    except ConvergenceError as error:
        every, unsolved = by_money(done), error.message
    tried, effects, lost = chosen(every, TRIED * shown), [], 0
    for number, one in enumerate(tried):
        progress("runs without a contract", number, len(tried))
        try:
            effects.append(run_without(graph, one, params, inputs))
        except ConvergenceError:
            lost += 1
    loss, bank_loss = loss_of(done), done.bank_loss
    agreement = rank_correlation([abs(e.expected) for e in effects], [abs(loss - e.loss) for e in effects])
    effects.sort(key=lambda e: (-abs(loss - e.loss), -abs(bank_loss - e.bank_loss), e.contract[:3]))
    effects = effects[:shown]
    least = abs(loss - effects[-1].loss) if len(effects) == shown else 0.0
    done_with = set(tried)
    above = sum(abs(c.expected.effect) > max(least, EPSILON * loss) for c in every if c not in done_with)
    notes = _notes(len(every), len(tried), lost, above, unsolved, 0 if sensitivity is None else sensitivity.unfed)
    certificate = {
        "contracts_that_can_matter": len(every),
        "contracts_tried": len(tried),
        "contracts_untried_above": above,
        "adjoint_agreement": agreement if sensitivity is not None else None,
        "adjoint_gap": None if sensitivity is None else sensitivity.gap,
        "adjoint_residual": None if sensitivity is None else sensitivity.residual,
    }
    rows = []
    for rank, effect in enumerate(effects, 1):
        contract = effect.contract
        more, bank, expected = (
            0.0 if abs(gap) <= EPSILON * max(loss, 1e-300) else gap
            for gap in (loss - effect.loss, bank_loss - effect.bank_loss, effect.expected)
        )
        rows.append(
            {
                "rank": rank,
                "kind": contract.kind,
                "contract_id": _id(graph, contract),
                "from_id": None if contract.one < 0 else str(graph.party_ids[contract.one]),
                "to_id": str(graph.party_ids[contract.other]),
                "flow": contract.flow,
                "loss_without": effect.loss,
                "effect_on_loss": more,
                "adjoint_effect": None if sensitivity is None else expected,
                "bank_loss_without": effect.bank_loss,
                "effect_on_bank_loss": bank,
                "defaults_without": effect.defaults,
                "sentence": _sentence(words, graph, contract, more, bank, effect, int(done.run.state.failed.sum())),
            }
        )
    return Checked(_table(rows), notes, certificate)


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({n: texts([row[n] for row in rows]) for n in CONTRACTS.names})


def _notes(every: int, tried: int, lost: int, above: int, unsolved: str, unfed: int) -> list[str]:
    notes = []
    if unsolved:
        notes.append(
            f"warning: explain_contracts: {unsolved}. The contracts tried are those with the most money over them"
        )
    if lost:
        notes.append(f"{lost:,} runs without a contract did not settle and are left out")
    if every > tried and not unsolved:
        notes.append(
            f"explain_contracts: of {every:,} contracts that can matter, {tried:,} were checked by a run without each: "
            "those with the largest expected effect (adjoint of the run), and some of each kind"
        )
        notes.append(
            f"warning: {above:,} contracts not tried are expected to do more than the last one shown: raise contracts"
            if above
            else "no contract that was not tried is expected to do more than the last one shown; an expectation is "
            "not a bound"
        )
    if unfed:
        notes.append(
            f"adjoint: {unfed:,} losses run in circles that no shock can be shown to feed: their value "
            "counts what they take from others once"
        )
    return notes


def rank_correlation(one: list[float], other: list[float]) -> float | None:
    """Return Spearman's rank correlation, equal values sharing their rank; None where a side does not vary."""
    ranks = [np.unique(np.array(side), return_inverse=True) for side in (one, other)]
    if any(len(values) < 2 for values, _ in ranks):
        return None
    middle = []
    for values, place in ranks:
        count = np.bincount(place, minlength=len(values))
        middle.append((np.cumsum(count) - (count - 1) / 2.0)[place])
    return float(np.corrcoef(middle[0], middle[1])[0, 1])


def _id(graph: RiskGraph, contract: Contract) -> str:
    column = {"guarantees": "guarantee_id", "facilities": "facility_id"}.get(contract.table, "row_key")
    return str(graph.texts(contract.table, column)[contract.rows[0]])


def _sentence(
    words: Words, graph: RiskGraph, contract: Contract, more: float, bank: float, effect: Effect, defaults: int
) -> str:
    own = _id(graph, contract)
    name = {
        "guarantee": f"guarantee {own}", "lending": f"facility {own}", "exposure": "claim", "ownership": "stake",
        "supplies": "deliveries", "pledge": "pledge",
    }[contract.kind]  # fmt: skip
    one = "" if contract.one < 0 else f" of {words.party(contract.one)}"

    def said(gap: float, what: str) -> str:
        if gap == 0.0:
            return f"{what} would be the same"
        return f"{what} would be {words.money(abs(gap))} {'smaller' if gap > 0.0 else 'larger'}"

    fell = f"{effect.defaults:,} {'party' if effect.defaults == 1 else 'parties'} would fail instead of {defaults:,}"
    between = (
        "for"
        if contract.kind in ("guarantee", "pledge")
        else "to"
        if contract.kind in ("supplies", "lending")
        else "on"
    )
    return (
        f"Without the {name}{one} {between} {words.party(contract.other)}, {said(more, 'the loss')}, "
        f"{said(bank, 'the bank loss')}, and {fell}."
    )
