"""The analyzer explain: the run of contagion, taken apart for one party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result
from graphrisk.analyze.explain.contracts import contracts_table
from graphrisk.analyze.explain.params import Params
from graphrisk.analyze.explain.saying import adds_nothing, answer, fails_anyway, loses_nothing
from graphrisk.analyze.explain.tables import FLOWS, LINES, PATH, TABLES
from graphrisk.analyze.explain.tables import ORIGINS as ORIGINS_TABLE
from graphrisk.analyze.tables import empty, texts
from graphrisk.cascade.added import MOVED, ROUNDING, added
from graphrisk.cascade.attribution import Attribution, Flow, Part, Recorder, main_path
from graphrisk.cascade.contract_lines import (
    BY_SCENARIO,
    BY_SHOCK,
    BY_START,
    GUARANTEE,
    LAYERS,
    ORIGINS,
    OWN_STOP,
    PARTY,
    PRICES,
    SHOCK,
    SUPPLIES,
    Detail,
    Node,
)
from graphrisk.cascade.expected_effect import contracts_on
from graphrisk.cascade.headline import headline
from graphrisk.cascade.run import Spread, prepare, spread_shock, unshocked_run
from graphrisk.cascade.sentences import Words
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import UNMET_PART
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress

VERSION = 3
END: Node = (-1, 0)
"""The node of the party's loss itself."""


class Run(NamedTuple):
    """A run with what was recorded on the way, and the same of the unshocked run it is judged against."""

    done: Spread
    recorder: Recorder
    base: tuple[Spread, Recorder] | None


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return why `params.party` loses or fails under the shock; without a party, which contracts move the book's loss.

    What is explained is what the shock adds to the unshocked run; a party to which it adds nothing but that fails or
    loses all the same is explained by the unshocked run.

    Raises UsageError for a party that is not there, where there is nothing to explain without a shock, and under rule
    debtrank2012.
    """
    party = graph.position(params.party) if params.party else -1
    if not params.party and inputs.empty and not params.start_from_status:
        note = "explain needs a party and a shock: graphrisk explain PARTY --shock OTHER"
        return _result(graph, params, {}, {"converged": True}, (note,), inputs)
    if params.rule == "debtrank2012":
        raise UsageError(
            "rule debtrank2012 is a walk, whose losses have no lines to explain", hint="--set rule=debtrank"
        )
    progress("spreading the shock")
    found, notes = _spread(graph, params, inputs)
    done = whole = found.done
    if party < 0:
        checked = contracts_table(done, found.recorder, params, inputs, params.contracts, progress)
        tables = {"explain_contracts": checked.table}
        lead = headline(done, added(done))
        certificate = {"converged": True, "headline": lead, "rounds": done.run.rounds, **_book(done)}
        certificate |= checked.certificate
        return _result(graph, params, tables, certificate, (*lead, *notes, *done.notes, *checked.notes), inputs)
    progress("sharing the losses")
    words = Words(done)
    said: list[str] = []
    lost = float(Attribution(done, params, found.recorder).losses(party).amount.sum())
    failed = bool(done.run.state.failed[party])
    nothing = MOVED * max(1.0, abs(float(done.ledger.equity[party])))
    if done.base is not None and done.base.run.state.failed[party]:
        said.append(fails_anyway(done.base, party, words, lost if lost > nothing else 0.0))
    if lost <= nothing and not (failed and not said) and found.base is not None:
        found = Run(*found.base, None)  # the shock adds nothing: what happens without it is explained
        done, words = found.done, Words(found.done)
        lost = float(Attribution(done, params, found.recorder).losses(party).amount.sum())
        failed = bool(done.run.state.failed[party])
        if lost > 0.0 or failed:
            said.append(adds_nothing(party, words))
    if lost <= 0.0 and not failed:
        if done.base is None and found.base is None and not said and inputs.empty and not params.start_from_status:
            raise UsageError("explain needs a shock", hint="add --shock PARTY, or --scenario FILE")
        note = loses_nothing(party, words)
        certificate = {"converged": True, "rounds": done.run.rounds, "loss": 0.0, "failed": False}
        return _result(graph, params, {}, certificate, (note, *notes, *done.notes), inputs)
    said.append(answer(done, party, words, lost))
    return _explained(found, whole, party, params, inputs, said, (*notes, *done.notes), progress)


def _spread(graph: RiskGraph, params: Params, inputs: Inputs) -> tuple[Run, tuple[str, ...]]:
    book, shock, notes = prepare(graph, params, inputs)
    before = Recorder(book)
    base = unshocked_run(book, shock, params, record=before)
    if not shock.given:
        return Run(base, before, None), notes
    recorder = Recorder(book)
    return Run(spread_shock(book, shock, params, base=base, record=recorder), recorder, (base, before)), notes


def _book(done: Spread) -> dict[str, object]:
    """Return what the certificate says of the whole book."""
    base = done.base
    before = (0.0, 0.0) if base is None else (base.bank_loss, base.bank_loss + base.equity_lost)
    return {
        "bank_loss": done.bank_loss,
        "book_loss": done.bank_loss + done.equity_lost,
        "bank_loss_added": done.bank_loss - before[0],
        "book_loss_added": done.bank_loss + done.equity_lost - before[1],
        "defaults": int(done.run.state.failed.sum()),
    }


def _explained(
    found: Run,
    whole: Spread,
    party: int,
    params: Params,
    inputs: Inputs,
    lead: list[str],
    notes: tuple[str, ...],
    progress: Progress,
) -> Result:
    """Return the tables of a party that loses or fails in a run; `whole`: the shocked run of the book."""
    done, graph = found.done, found.done.book.graph
    attribution, words = Attribution(done, params, found.recorder), Words(done)
    detail, parts = attribution.losses(party), attribution.into_loss(party)
    lost = float(detail.amount.sum())
    flow = attribution.flow(END, parts) if lost > 0.0 else Flow({}, {}, 0.0)
    flows = _flows_table(flow, party, words, graph)
    newly = bool(done.newly_failed[party])
    to_failure = flow
    if newly:
        to_failure = attribution.flow(END, attribution.into((PARTY, party)))
        to_failure.parts[END] = words.by_cause(party, to_failure.parts[END])
    tables = {
        "explain_lines": _lines_table(detail, words, graph, lost),
        "explain_flows": flows,
        "explain_origins": _origins_table(flow, graph, lost),
        "explain_path": _path_table(done, to_failure, party, words),
    }
    said = [*lead, *notes]
    if lost <= 0.0:
        alone = Note(
            "fails_without_loss",
            f"{words.party(party)} loses no money of its own: it fails, see explain_path",
            f"{words.party(party)} 自身没有资金损失：其违约见 explain_path",
        )
        said.insert(0, alone)
    on_way = contracts_on(flow, done.book, party) | contracts_on(to_failure, done.book, party)
    checked = contracts_table(
        done, found.recorder, params, inputs, params.contracts, progress, party=party, on_way=on_way
    )
    tables["explain_contracts"] = checked.table
    known, first = done.ledger.known[party], done.ledger.equity if done.base is None else done.base.balance.equity
    loss = float(first[party] - done.balance.equity[party]) if known else lost
    if abs(loss - lost) > 1e-9 * max(abs(loss), lost, abs(float(first[party]))):
        said.append(
            Note(
                "also_spared",
                f"{words.party(party)} is also spared {words.money(lost - loss)}, by what it loses less than without "
                "the shock (calls that others take, prices that rise): the lines are its losses",
                f"{words.party(party)} 同时少损失 {words.money_zh(lost - loss)}"
                "（由他人承担的代偿、上涨的价格）：所列为其损失",
            )
        )
    unexplained = sum(v for node, v in flow.through.items() if node[0] not in (BY_SHOCK, BY_START, BY_SCENARIO)
                      and node[0] in ORIGINS)  # fmt: skip
    unexplained = unexplained if unexplained > ROUNDING * lost else 0.0
    if unexplained > 0.0:
        said.append(
            Note(
                "loss_in_a_circle",
                f"{words.money(unexplained)} of the loss runs in a circle that no shock can be shown to feed",
                f"损失中的 {words.money_zh(unexplained)} 在环中流转，无法说明由哪个冲击引起",
            )
        )
    certificate = {
        "converged": True,
        "headline": lead,
        "rounds": done.run.rounds,
        "residual": flow.residual,
        "loss": loss,
        "failed": bool(done.run.state.failed[party]),
        "default_added": newly and done.base is not None,
        "cause": done.causes[party],
        "sum_of_lines": lost,
        "sum_of_flows": float(flows.loc[flows["target_id"] == params.party, "amount"].sum()),
        "sum_of_origins": float(tables["explain_origins"]["amount"].sum()),
        "flow_residual": _imbalance(flows, lost),
        "conservation_residual": done.balance.conservation,
        "unexplained": unexplained,
        **_book(whole),
        **checked.certificate,
    }
    return _result(graph, params, tables, certificate, (*said, *checked.notes), inputs)


def _result(
    graph: RiskGraph,
    params: Params,
    tables: dict[str, pd.DataFrame],
    certificate: Mapping[str, object],
    notes: tuple[str, ...],
    inputs: Inputs,
) -> Result:
    whole = {table.name: tables[table.name] if table.name in tables else empty(table) for table in TABLES}
    return make_result(
        "explain", VERSION, graph, params, tables=whole, certificate=certificate, notes=notes, inputs=inputs
    )


def _frame(table: Table, rows: list[dict[str, object]]) -> pd.DataFrame:
    kinds = {column.name: column.kind for column in table.columns}
    columns = {}
    for name in table.names:
        values = [row[name] for row in rows]
        number = kinds[name] in ("money", "fraction")
        columns[name] = pd.Series(values, dtype=np.float64) if number else texts(values)
    return pd.DataFrame(columns)


def _lines_table(detail: Detail, words: Words, graph: RiskGraph, lost: float) -> pd.DataFrame:
    rows = []
    for victim, layer, kind, source, row, amount, unmet in zip(*(c.tolist() for c in detail), strict=True):
        contract, facility = words.ids(layer, row)
        other: str | None = str(graph.party_ids[source])
        if layer == SHOCK:
            other = None
        elif kind in (PRICES, BY_SCENARIO):
            other = contract
        rows.append(
            {
                "layer": LAYERS[layer],
                "other_id": other,
                "contract_id": contract,
                "facility_id": facility,
                "amount": amount,
                "share": amount / lost if lost > 0.0 else 0.0,
                "unmet": unmet,
                "sentence": words.line(victim, layer, kind, source, row, amount, unmet),
            }
        )
    rows.sort(key=lambda r: (-r["amount"], -r["unmet"], *(str(r[k]) for k in LINES.names[1:5])))
    return _frame(LINES, [{"rank": rank, **row} for rank, row in enumerate(rows, 1)])


def _label(node: Node, party: int, words: Words, graph: RiskGraph) -> tuple[str, str]:
    """Return (id, kind) of a node in the flow; the party on the way, rather than at the end, is its feedback."""
    kind, number = node
    if node == END:
        return str(graph.party_ids[party]), "party"
    if kind == PRICES:
        return f"prices:{words.price_class(number)}", "prices"
    if kind == BY_SCENARIO:
        return f"scenario_price:{graph.texts('collateral', 'collateral_id')[number]}", "scenario_price"
    own = str(graph.party_ids[number])
    if kind in ORIGINS:
        name = {BY_SHOCK: "shock", BY_START: "initial"}.get(kind, "unexplained")
        return f"{name}:{own}", name
    return (f"feedback:{own}", "feedback") if number == party else (own, "party")


def _flows_table(flow: Flow, party: int, words: Words, graph: RiskGraph) -> pd.DataFrame:
    total: dict[tuple[str, ...], float] = {}
    for node, lines in sorted(flow.parts.items()):
        target = _label(node, party, words, graph)
        for part, amount in lines:
            source = _label(part.source, party, words, graph)
            if source == target or amount <= 0.0:
                continue  # inside one party: from its losses to its production
            contract, facility = words.ids(part.layer, part.row)
            layer = LAYERS[part.layer] if part.layer >= 0 else ""
            key = (*target, *source, layer, contract or "", facility or "")
            total[key] = total.get(key, 0.0) + amount
    rows: list[dict[str, object]] = [
        {
            "source_id": key[2], "source_kind": key[3], "target_id": key[0], "target_kind": key[1],
            "layer": key[4] or None, "contract_id": key[5] or None, "facility_id": key[6] or None,
            "amount": total[key],
        }
        for key in sorted(total)
    ]  # fmt: skip
    return _frame(FLOWS, rows)


def _imbalance(flows: pd.DataFrame, lost: float) -> float:
    """Return the largest gap of inflow and outflow at a node between origin and end, over the loss."""
    into = flows.groupby("target_id")["amount"].sum()
    out = flows.groupby("source_id")["amount"].sum()
    between = into.index.intersection(out.index)
    return float((into[between] - out[between]).abs().max()) / lost if len(between) and lost > 0.0 else 0.0


def _origins_table(flow: Flow, graph: RiskGraph, lost: float) -> pd.DataFrame:
    found = []
    for (kind, number), amount in flow.through.items():
        if kind in ORIGINS and amount > 0.0:
            name = {BY_SHOCK: "shock", BY_START: "initial", BY_SCENARIO: "scenario_price"}.get(kind, "unexplained")
            ids = graph.texts("collateral", "collateral_id") if kind == BY_SCENARIO else graph.party_ids
            found.append({"origin_id": str(ids[number]), "kind": name, "amount": amount, "share": amount / lost})
    found.sort(key=lambda r: (-float(r["amount"]), r["origin_id"], r["kind"]))  # type: ignore[arg-type]
    return _frame(ORIGINS_TABLE, found)


def _path_table(done: Spread, flow: Flow, party: int, words: Words) -> pd.DataFrame:
    """Return the main path: to the failure of a party that the run brings down, else to its loss."""
    steps: list[dict[str, object]] = []
    for node, part in main_path(flow, END):
        steps += _steps(done, node, part, party, words)
    return _frame(PATH, [{"step": number, **row} for number, row in enumerate(steps)])


def _steps(done: Spread, node: Node, part: Part, party: int, words: Words) -> list[dict[str, object]]:
    """Return the rows of one step: none inside a party, and none into an asset's price but a sentence."""
    graph, failed_in = done.book.graph, done.run.failed_in
    kind, source = part.source
    victim = party if node == END else node[1]
    blank = {"round": None, "party_id": None, "from_id": None, "layer": None, "contract_id": None, "facility_id": None}
    if node[0] == PRICES and node != END:
        sold = f"{words.party(source)} is in distress: assets of class {words.price_class(victim)} are sold."
        return [{**blank, "from_id": str(graph.party_ids[source]), "amount": None, "sentence": sold}]
    if victim == source and kind != PRICES and kind not in ORIGINS and part.layer in (-1, OWN_STOP, SUPPLIES):
        return []
    when = int(failed_in[victim])
    row = {**blank, "round": None if when < 0 else when, "party_id": str(graph.party_ids[victim])}
    if part.layer < 0:
        said = {BY_SHOCK: "is shocked at the start", BY_START: "has no equity left before any shock"}
        how = said.get(kind, "is in distress by a circle that no shock can be shown to feed")
        return [{**row, "amount": None, "sentence": f"{words.party(victim)} {how}."}]
    money = node == END or node[0] == PARTY
    contract, facility = words.ids(part.layer, part.row)
    other = None if part.layer == SHOCK else contract if kind in (PRICES, BY_SCENARIO) else str(graph.party_ids[source])
    if not money:
        said_by = f"{words.party(victim)} loses production by {words.party(source)}."
        return [{**row, "from_id": other, "layer": LAYERS[part.layer], "amount": None, "sentence": said_by}]
    paid, unmet = part.amount, 0.0
    if part.layer == GUARANTEE:
        paid, unmet = float(done.moment.paid[part.row]), float(done.moment.unmet[part.row])
        if done.base is not None:
            paid = max(0.0, paid - float(done.base.moment.paid[part.row]))
            unmet = max(0.0, unmet - float(done.base.moment.unmet[part.row]))
        unmet = unmet if unmet > UNMET_PART * (paid + unmet) else 0.0
    return [
        {
            **row,
            "from_id": other,
            "layer": LAYERS[part.layer],
            "contract_id": contract,
            "facility_id": facility,
            "amount": paid,
            "sentence": words.step(victim, part.layer, kind, source, part.row, paid, unmet),
        }
    ]
