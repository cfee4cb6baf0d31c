"""The contracts that matter most under a shock: candidates by the money that ran over them, each checked by a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from graphrisk.analyze.contagion.lines import SUPPLIES, LineFinder
from graphrisk.analyze.contagion.params import Params as ContagionParams
from graphrisk.analyze.contagion.tables import texts
from graphrisk.analyze.contagion.unified import Spread, prepare, spread_shock
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
EPSILON = 1e-9
"""Effects below this part of the loss are the rounding of two runs."""


class Contract(NamedTuple):
    """A contract: rows of a table, between two parties (-1: none), and the money that ran over it."""

    kind: str
    table: str
    rows: tuple[int, ...]
    one: int
    other: int
    flow: float


class Effect(NamedTuple):
    """What a run without a contract gives."""

    contract: Contract
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


def candidates(done: Spread) -> list[Contract]:
    """Return the contracts over which money ran that can matter: the kinds in turn, in each the largest first.

    A loss counts up to the equity of the loser; one of unknown equity cannot pass on what it loses.
    """
    known, equity = done.ledger.known, np.maximum(done.ledger.equity, 0.0)

    def weight(contract: Contract) -> float:
        if contract.kind in ("guarantee", "pledge", "lending"):
            return contract.flow
        loser = contract.other if contract.kind == "supplies" else contract.one
        standing = max(equity[contract.one], equity[contract.other]) if contract.kind == "supplies" else equity[loser]
        return min(contract.flow, float(standing)) if known[loser] or contract.kind == "supplies" else 0.0

    by_kind: dict[str, list[tuple[float, Contract]]] = {}
    for contract in _every(done):
        if (counts := weight(contract)) > 0.0:
            by_kind.setdefault(contract.kind, []).append((counts, contract))
    ordered = [sorted(by_kind[kind], key=lambda c: (-c[0], c[1].rows)) for kind in sorted(by_kind)]
    longest = max((len(each) for each in ordered), default=0)
    return [each[k][1] for k in range(longest) for each in ordered if k < len(each)]


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
    """Return the pledges as rows of their table: the book keeps them by asset, rank and facility."""
    book = done.book
    if not len(book.pledges.facility):
        return []
    graph, own = book.graph, book.pledges
    given = graph.floats("pledges", "rank")
    rank = np.where(np.isnan(given), 1, given).astype(np.int64)
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    row = np.lexsort((facility, rank, asset))
    borrower = book.ledger.facility[BORROWER, own.facility]
    paid = done.pledge_pays * done.balance.loss[borrower]
    return [
        Contract("pledge", "pledges", (int(row[k]),), int(own.asset_owner[own.asset[k]]), int(borrower[k]), float(v))
        for k, v in enumerate(paid)
        if v > 0.0
    ]


def run_without(graph: RiskGraph, contract: Contract, params: ContagionParams, inputs: Inputs) -> Effect:
    """Return what the same shock does to the book without a contract."""
    book, shock, _ = prepare(without_contract(graph, contract), params, inputs)
    done = spread_shock(book, shock, params, explain=False)
    return Effect(contract, loss_of(done), done.bank_loss, int(done.run.state.failed.sum()))


def contracts_table(
    done: Spread, params: ContagionParams, inputs: Inputs, shown: int, progress: Progress
) -> tuple[pd.DataFrame, list[str]]:
    """Return `explain_contracts` and what a reader must know of it."""
    graph, words = done.book.graph, Words(done)
    every = candidates(done) if shown else []
    tried, effects, lost, notes = every[: TRIED * shown], [], 0, []
    for number, contract in enumerate(tried):
        progress("runs without a contract", number, len(tried))
        try:
            effects.append(run_without(graph, contract, params, inputs))
        except ConvergenceError:
            lost += 1
    loss, bank_loss = loss_of(done), done.bank_loss
    effects.sort(key=lambda e: (-abs(loss - e.loss), -abs(bank_loss - e.bank_loss), e.contract[:3]))
    effects = effects[:shown]
    if lost:
        notes.append(f"{lost:,} runs without a contract did not settle and are left out")
    if len(every) > len(tried):
        notes.append(
            f"explain_contracts: of {len(every):,} contracts that can matter, the {len(tried):,} largest, the kinds in "
            "turn, were checked by a run without each"
        )
    rows = []
    for rank, effect in enumerate(effects, 1):
        contract = effect.contract
        more, bank = (
            0.0 if abs(gap) <= EPSILON * max(loss, 1e-300) else gap
            for gap in (loss - effect.loss, bank_loss - effect.bank_loss)
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
                "bank_loss_without": effect.bank_loss,
                "effect_on_bank_loss": bank,
                "defaults_without": effect.defaults,
                "sentence": _sentence(words, graph, contract, more, bank, effect, int(done.run.state.failed.sum())),
            }
        )
    return pd.DataFrame({n: texts([row[n] for row in rows]) for n in CONTRACTS.names}), notes


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

    fell = f"{effect.defaults:,} parties would fail instead of {defaults:,}"
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
