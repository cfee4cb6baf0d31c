"""The analyzer intervene: the loss of a shock, what could be done about it, and the cheapest set that is found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from graphrisk.analyze.base import make_result
from graphrisk.analyze.intervene.actions import Lever, changed
from graphrisk.analyze.intervene.best import best_table, frame_of_rows, sentence_of, what_of
from graphrisk.analyze.intervene.candidates import levers
from graphrisk.analyze.intervene.params import Params
from graphrisk.analyze.intervene.search import cost_of, every_set, greedy, meets
from graphrisk.analyze.intervene.tables import ACTIONS, CANDIDATES, TABLES
from graphrisk.analyze.tables import empty
from graphrisk.cascade.added import measured, noise_of
from graphrisk.cascade.attribution import Recorder
from graphrisk.cascade.run import Spread, prepare, run_under, spread_shock, unshocked_run
from graphrisk.cascade.sentences import Words
from graphrisk.errors import ConvergenceError, UsageError
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.note import Note
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 4
NOT_SEARCHED = Note(
    "not_searched",
    "not searched: parties and contracts that the cascade did not touch, guarantors other than the three strongest, "
    "sizes between the steps, and sets whose single steps all have no effect (exact=true tries those)",
    "未搜索：传导未触及的主体与合同、最强三户之外的担保人、两档之间的金额，以及单步都无效果的组合（exact=true 会尝试）",
)


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the cheapest set of actions found that brings the measure to the target; without a shock, empty tables.

    Raises UsageError under rule debtrank2012, and where `exact` would need more than `max_runs` runs.
    """
    if params.rule == "debtrank2012":
        raise UsageError("intervene does not know rule debtrank2012", hint="--set rule=debtrank")
    book, shock, notes = prepare(graph, params, inputs)
    if not shock.given:
        note = "intervene needs a shock: graphrisk intervene --shock PARTY, or --scenario FILE"
        return _result(graph, params, inputs, {"converged": True}, (note,), {})
    progress("spreading the shock")
    recorder = Recorder(book)
    done = spread_shock(book, shock, params, base=unshocked_run(book, shock, params), record=recorder)
    base = _measure(done, params.measure)
    noise = 0.0 if params.measure == "defaults" else noise_of(done, base, params.tolerance)
    target = params.target if params.target is not None else params.target_fraction * base
    found = [] if meets(base, target) else levers(done, params, recorder)
    tried: dict[tuple[tuple[int, int], ...], float] = {(): base}

    def measure(choice: Mapping[int, int]) -> float:
        key = tuple(sorted(choice.items()))
        if key not in tried:
            progress("runs with actions taken", len(tried))
            after = _run_with(graph, found, choice, params, inputs)
            tried[key] = base if abs(after - base) <= noise else after
        return tried[key]

    said = [*notes, *done.notes]
    choice: dict[int, int] | None = {}
    if not meets(base, target):
        if params.exact:
            choice = every_set(found, measure, target, params.max_actions, params.max_runs)
        else:
            choice = greedy(found, measure, target, params.max_actions)
    reached = choice is not None and meets(measure(choice), target)
    said[:0] = _notes(params, found, base, target, reached=reached)
    chosen = choice or {}
    words = Words(done)
    tables = {
        "intervene_actions": _actions_table(found, chosen, measure, words, graph, params),
        "intervene_candidates": _candidates_table(found, measure, base, graph),
    }
    tables["intervene_best"] = best_table(found, measure, base, words, graph, params)
    unsettled = sum(math.isinf(value) for value in tried.values())
    if unsettled:
        said.append(
            Note(
                "actions_unsettled",
                f"{unsettled:,} runs with actions taken did not settle: these sets were not considered",
                f"{unsettled:,} 次采取措施后的运行未稳定：这些组合不予考虑",
            )
        )
    certificate = {
        "converged": True,
        "measure": params.measure,
        "measure_before": base,
        "target": target,
        "measure_after": measure(chosen),
        "reached": reached,
        "cost": cost_of(found, chosen),
        "actions": len(chosen),
        "candidates": len(found),
        "runs": len(tried),
        "method": "every set by cost" if params.exact else "greedy by effect per cost",
        "cheapest_of_candidates": bool(params.exact and reached) or (not chosen and reached),
    }
    return _result(graph, params, inputs, certificate, tuple(said), tables)


def _notes(params: Params, found: list[Lever], base: float, target: float, *, reached: bool) -> list[str]:
    if meets(base, target):
        return [
            Note(
                "target_met",
                f"the {params.measure} of {base:,.2f} is not above "
                f"the target of {target:,.2f}: nothing needs to be done",
                f"{params.measure} 为 {base:,.2f} ，不高于目标 {target:,.2f} ：无需采取措施",
            )
        ]
    said: list[str] = [NOT_SEARCHED]
    if not params.exact:
        said.append(
            Note(
                "greedy_not_cheapest",
                "greedy does not promise the cheapest set: exact=true does, over few candidates",
                "贪心法不保证最便宜的组合：exact=true 可在少数候选中保证",
            )
        )
    if not reached and not found:
        said = [
            Note(
                "no_candidates",
                f"nothing of what can be done would lower the {params.measure} of {base:,.2f}: no candidates",
                f"可行的措施都不能降低 {params.measure}（{base:,.2f}）：没有候选",
                severity="warning",
            )
        ]
    elif not reached:
        way = "no set of the candidates" if params.exact else "no set that greedy found"
        more = f"a larger max_candidates than {params.max_candidates} or max_actions than {params.max_actions} may help"
        said.insert(
            0,
            Note(
                "target_not_reached",
                f"{way} brings the {params.measure} from {base:,.2f} to {target:,.2f}: {more}",
                f"未找到能把 {params.measure} 从 {base:,.2f} 降到 "
                f"{target:,.2f} 的组合：可尝试提高 max_candidates（"
                f"{params.max_candidates}）或 max_actions（{params.max_actions}）",
                severity="warning",
            ),
        )
    return said


def _measure(done: Spread, name: str) -> float:
    """Return what the shock adds to the unshocked run of the same book."""
    return float(getattr(measured(done), name))


def _run_with(graph: RiskGraph, found: list[Lever], choice: Mapping[int, int], params: Params, inputs: Inputs) -> float:
    """Return the measure after the same shock on the changed book; infinite where the run does not settle."""
    try:
        done, _ = run_under(changed(graph, found, choice), params, inputs, explain=False, in_turn=True)
        return _measure(done, params.measure)
    except ConvergenceError:
        return math.inf


def _actions_table(
    found: list[Lever], choice: Mapping[int, int], measure: Any, words: Words, graph: RiskGraph, params: Params
) -> pd.DataFrame:
    """Return the actions in the order in which they were chosen, each with the run of those up to it."""
    rows: list[dict[str, Any]] = []
    taken: dict[int, int] = {}
    for order, (k, level) in enumerate(choice.items(), 1):
        before = measure(taken)
        taken[k] = level
        after = measure(taken)
        rows.append(
            {
                "order": order,
                **what_of(found[k], level, graph),
                "measure_before": before,
                "measure_after": None if math.isinf(after) else after,
                "cumulative_cost": cost_of(found, taken),
                "sentence": sentence_of(found[k], level, words, params, before, after),
            }
        )
    return frame_of_rows(ACTIONS, rows)


def _candidates_table(found: list[Lever], measure: Any, base: float, graph: RiskGraph) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for k, lever in enumerate(found):
        for level in range(1, lever.levels + 1):
            after = measure({k: level})
            what, settled = what_of(lever, level, graph), not math.isinf(after)
            effect = base - after if settled else None
            rate = effect / what["cost"] if effect is not None and what["cost"] > 0.0 else None
            rows.append(
                {**what, "measure_after": after if settled else None, "effect": effect, "effect_per_cost": rate}
            )

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        first = -math.inf if row["effect_per_cost"] is None and (row["effect"] or 0.0) > 0.0 else 0.0
        rate = first if row["effect_per_cost"] is None else -row["effect_per_cost"]
        names = [str(row[name]) for name in ("action", "party_id", "contract_id")]
        return (row["effect"] is None, rate, -(row["effect"] or 0.0), row["cost"], *names)

    rows.sort(key=key)
    return frame_of_rows(CANDIDATES, [{"rank": rank, **row} for rank, row in enumerate(rows, 1)])


def _result(
    graph: RiskGraph,
    params: Params,
    inputs: Inputs,
    certificate: Mapping[str, Any],
    notes: tuple[str, ...],
    tables: Mapping[str, pd.DataFrame],
) -> Result:
    whole = {table.name: tables[table.name] if table.name in tables else empty(table) for table in TABLES}
    return make_result(
        "intervene", VERSION, graph, params, tables=whole, certificate=certificate, notes=notes, inputs=inputs
    )
