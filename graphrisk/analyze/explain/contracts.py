"""The contracts that matter most under a shock: candidates by the adjoint of the run, each checked by another run.

The prediction only decides which contracts are run; what is shown as their effect is measured. How well the two agree
is in the certificate.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from graphrisk.analyze.explain.running import Contract, every_contract, still_contract, weight_of, without_contract
from graphrisk.analyze.explain.tables import CONTRACTS
from graphrisk.analyze.tables import texts
from graphrisk.cascade.added import EPSILON, Measured, measured, noise_of
from graphrisk.cascade.attribution import Recorder
from graphrisk.cascade.expected_effect import Expected, Key, expected_effects
from graphrisk.cascade.params import Params as ContagionParams
from graphrisk.cascade.run import Spread, run_under
from graphrisk.cascade.sensitivity import Sensitivity
from graphrisk.cascade.sentences import Words
from graphrisk.errors import ConvergenceError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs
from graphrisk.progress import Progress

TRIED = 3
"""For each contract shown, so many are tried: the effect of each is measured by a run of the book without it."""
EVERY = 5
"""Every fifth contract to be tried is the one with the next largest share of the distress; the other four are those
with the largest expected effect."""
KEPT = 5
"""Of each kind of contract a fifth of the number shown is tried in any case, however small its expected effect."""


class Candidate(NamedTuple):
    """A contract with what is expected to fall away without it."""

    contract: Contract
    expected: Expected


class Effect(NamedTuple):
    """What a run without a contract gives."""

    contract: Contract
    expected: float
    without: Measured


def candidates(done: Spread, sensitivity: Sensitivity) -> list[Candidate]:
    """Return the contracts that can matter: by expected effect, each fifth by its share of a distress."""
    running = {(contract.kind, contract.rows): contract for contract in every_contract(done)}
    expected = expected_effects(sensitivity)
    found, weight = [], {}
    standing = np.where(done.ledger.known, np.maximum(done.ledger.equity, 0.0), 0.0)
    for key in sorted({*running, *expected}):
        if key not in running and key[0] != "supplies" and done.base is not None:
            continue  # what ran over it ran without the shock too
        contract = running.get(key) or still_contract(done, key)
        weight[key] = weight_of(standing, contract)
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
    money = {contract: weight_of(standing, contract) for contract in every_contract(done)}
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


def run_without(graph: RiskGraph, one: Candidate, params: ContagionParams, inputs: Inputs, party: int = -1) -> Effect:
    """Return what the same shock adds to the book without a contract."""
    done, _ = run_under(without_contract(graph, one.contract), params, inputs, explain=False, in_turn=True)
    return Effect(one.contract, one.expected.effect, measured(done, party))


class Checked(NamedTuple):
    """The table of contracts, what a reader must know of it, and what certifies it."""

    table: pd.DataFrame
    notes: list[str]
    certificate: dict[str, Any]


def contracts_table(
    done: Spread,
    recorder: Recorder,
    params: ContagionParams,
    inputs: Inputs,
    shown: int,
    progress: Progress,
    *,
    party: int = -1,
    on_way: Collection[Key] | None = None,
) -> Checked:
    """Return `explain_contracts` with `shown` rows at most; `on_way`: only these, on a way into `party`."""
    if done.base is None:
        inputs = Inputs()  # the run without the shock is explained
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
    if on_way is not None:
        every = [one for one in every if (one.contract.kind, one.contract.rows) in on_way]
    tried, effects, lost = chosen(every, TRIED * shown), [], 0
    for number, one in enumerate(tried):
        progress("runs without a contract", number, len(tried))
        try:
            effects.append(run_without(graph, one, params, inputs, party))
        except ConvergenceError:
            lost += 1
    now = measured(done, party)
    loss = now.loss
    noise = noise_of(done, loss, params.tolerance)
    agreement = rank_correlation([abs(e.expected) for e in effects], [abs(loss - e.without.loss) for e in effects])

    def size(effect: Effect) -> tuple[float, ...]:
        gaps = (getattr(now, name) - getattr(effect.without, name) for name in ("party_loss", "loss", "bank_loss"))
        return tuple(-abs(gap) if abs(gap) > noise else 0.0 for gap in gaps)

    if on_way is None:
        effects = [effect for effect in effects if any(size(effect)) or effect.without.defaults != now.defaults]
    effects.sort(key=lambda e: (*size(e), e.contract[:3]))
    effects = effects[:shown]
    least = min((abs(loss - e.without.loss) for e in effects), default=0.0) if len(effects) == shown else 0.0
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
        without = effect.without
        gaps = (loss - without.loss, now.bank_loss - without.bank_loss, effect.expected)
        more, bank, expected = (0.0 if abs(gap) <= noise else gap for gap in gaps)
        own = now.party_loss - without.party_loss
        own = 0.0 if abs(own) <= min(noise, EPSILON * max(abs(now.party_loss), 1.0)) else own
        priced = party >= 0 and bool(done.ledger.known[party])
        rows.append(
            {
                "rank": rank,
                "kind": contract.kind,
                "contract_id": _id(graph, contract),
                "from_id": None if contract.one < 0 else str(graph.party_ids[contract.one]),
                "to_id": str(graph.party_ids[contract.other]),
                "flow": contract.flow,
                "party_loss_without": without.party_loss if priced else None,
                "effect_on_party": own if priced else None,
                "loss_without": without.loss,
                "effect_on_loss": more,
                "adjoint_effect": None if sensitivity is None else expected,
                "bank_loss_without": without.bank_loss,
                "effect_on_bank_loss": bank,
                "defaults_without": without.defaults,
                "sentence": _sentence(
                    words, graph, contract, (more, bank, own if priced else None), (now, without), party
                ),
            }
        )
    return Checked(_table(rows), notes, certificate)


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame({n: texts([row[n] for row in rows]) for n in CONTRACTS.names})


def _notes(every: int, tried: int, lost: int, above: int, unsolved: str, unfed: int) -> list[str]:
    notes: list[str] = []
    if unsolved:
        notes.append(
            Note(
                "contracts_unsolved",
                f"explain_contracts: {unsolved}. The contracts tried are those with the most money over them",
                f"explain_contracts：{unsolved}。已试的是过手金额最大的合同",
                severity="warning",
            )
        )
    if lost:
        notes.append(
            Note(
                "runs_unsettled",
                f"{lost:,} runs without a contract did not settle and are left out",
                f"{lost:,} 次去掉合同的运行未稳定，不计入",
            )
        )
    if every > tried and not unsolved:
        notes.append(
            Note(
                "contracts_tried",
                f"explain_contracts: of {every:,} contracts that can matter, {tried:,} were checked by a run without "
                "each: those with the largest expected effect (adjoint of the run), and some of each kind",
                f"explain_contracts：可能有影响的 {every:,} 份合同中，"
                f"{tried:,} 份逐一去掉后重新运行：预期影响（运行的伴随）最大者及每类若干",
            )
        )
        notes.append(
            Note(
                "contracts_not_tried",
                f"{above:,} contracts not tried are expected to do more than the last one shown: raise contracts",
                f"{above:,} 份未试的合同预期影响大于所示最后一份：请提高 contracts",
                severity="warning",
            )
            if above
            else Note(
                "contracts_enough",
                "no contract that was not tried is expected to do more than the last one shown; an expectation is "
                "not a bound",
                "未试的合同预期影响都不大于所示最后一份；预期并非上界",
            )
        )
    if unfed:
        notes.append(
            Note(
                "losses_in_circles",
                f"adjoint: {unfed:,} losses run in circles that no shock can be shown to feed: their value "
                "counts what they take from others once",
                f"伴随：{unfed:,} 笔损失在环中流转，无法说明由哪个冲击引起：其价值只计一次从他方带走的部分",
            )
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
    return str(graph.texts(contract.table, column)[contract.table_rows[0]])


def _sentence(
    words: Words,
    graph: RiskGraph,
    contract: Contract,
    gaps: tuple[float, float, float | None],
    runs: tuple[Measured, Measured],
    party: int,
) -> str:
    (more, bank, mine), (now, without) = gaps, runs
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

    fell = (
        f"{without.defaults:,} {'party' if without.defaults == 1 else 'parties'} would fail instead of {now.defaults:,}"
        if without.defaults != now.defaults
        else "as many parties would fail"
    )
    first = "" if mine is None else f"{said(mine, f'the loss of {words.party(party)}')}, "
    between = (
        "for"
        if contract.kind in ("guarantee", "pledge")
        else "to"
        if contract.kind in ("supplies", "lending")
        else "on"
    )
    return (
        f"Without the {name}{one} {between} {words.party(contract.other)}, {first}{said(more, 'all loss')}, "
        f"{said(bank, 'the bank loss')}, and {fell}."
    )
