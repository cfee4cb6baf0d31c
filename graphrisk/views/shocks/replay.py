"""A contagion Result as a replay: rounds as columns, flows of loss, a sentence for each default, who bears what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from graphrisk.graph.riskgraph import Floats, Positions
from graphrisk.model.result import Result, plain, records
from graphrisk.views.arrangement.layout import Points
from graphrisk.views.arrangement.round_columns import ANYWAY, ASSET, STANDS, round_columns
from graphrisk.views.data.page_graph import Links
from graphrisk.views.data.palette import RELATIONS
from graphrisk.views.shocks.bearing import bearers, fractions, rounds_table
from graphrisk.views.shocks.causes import Causes, LossSource, baseline_sentence, read_causes, sentence, source_of
from graphrisk.views.shocks.contract_lists import baseline_list, contract_lists
from graphrisk.views.shocks.effect import ShockEffect, read_effect
from graphrisk.views.shocks.flows import drawing_levels, is_stated_cause, loss_flows, parties_reached
from graphrisk.views.wording.words import say

if TYPE_CHECKING:
    from graphrisk.views.desk import Desk

BESIDE = 60
"""Most parties drawn that fail without the shock too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What one run looks like, beside the book without its shock. `flows` run from who fails to who loses.

    `round` counts from the shock; it is below 0 for a party that the shock does not bring down. `nodes_on_request` and
    `flows_on_request` mark what is drawn only where the reader asks for the parties that fail without the shock too.
    """

    result: Result
    run: ShockEffect
    nodes: Positions
    places: Points
    round: Positions
    nodes_on_request: npt.NDArray[np.bool_]
    shocked: npt.NDArray[np.bool_]
    why: list[str]
    flows: Links
    is_stated_cause: npt.NDArray[np.bool_]
    flows_on_request: npt.NDArray[np.bool_]
    columns: list[dict[str, Any]]
    seeds: list[int]
    rounds: int
    outcome: Mapping[str, Floats]
    totals: Mapping[str, float | None]
    in_all: Mapping[str, float | None]
    panels: list[dict[str, Any]]
    left_out: list[str]
    hidden_failures: int
    by_round: list[dict[str, Any]]
    bearers: list[dict[str, Any]]
    fractions: list[int]

    @property
    def relations(self) -> list[str]:
        """The relation of each flow."""
        names = tuple(RELATIONS)
        return [names[int(code)] for code in self.flows.code]


def read_replay(desk: Desk, result: Result, failed_most: int, hit_most: int) -> Replay:
    """Return the replay of a contagion result; nothing is drawn where nobody fails and nobody is shocked."""
    run = read_effect(result)
    parties = run.parties
    at = desk.page_graph.graph.locate("parties", parties["party_id"].tolist())
    fell, lost = parties["fell"].to_numpy(), parties["lost"].to_numpy()
    struck, beside = parties["shocked"].to_numpy(dtype=bool) & run.given, parties["anyway"].to_numpy(dtype=bool)
    causes = read_causes(desk, run.calls, given=run.given)
    failed = np.flatnonzero(fell >= 0)
    failed = failed[np.lexsort((failed, -lost[failed], fell[failed]))]
    drawn = failed[:failed_most]
    sources = {
        int(at[k]): source_of(desk, str(parties["party_id"].iloc[k]), plain(parties["cause"].iloc[k]), causes)
        for k in drawn.tolist()
    }
    base_at = desk.page_graph.graph.locate("parties", run.base["party_id"].tolist())
    failing = np.unique(np.concatenate([at[drawn], base_at])).astype(np.int64)
    flows = loss_flows(desk, result, run, failing, sources)
    near = parties_reached(flows, at[drawn].tolist())
    hit = np.flatnonzero((fell < 0) & ~beside & (((lost > 0) & np.isin(at, list(near))) | struck))
    hit = hit[np.lexsort((hit, -lost[hit], ~struck[hit]))][:hit_most]
    number = {int(at[k]): int(fell[k]) for k in drawn} | {int(at[k]): STANDS for k in hit}
    number |= _sources(desk, sources, number, frozenset(base_at.tolist()))
    pulled = _debtors(flows, number, frozenset(base_at.tolist())) | {
        int(at[k]) for k in np.flatnonzero(struck & beside)
    }
    drawn_at_once = pulled | {node for node, round_ in number.items() if round_ == ANYWAY}
    number |= dict.fromkeys([*drawn_at_once, *[int(n) for n in base_at[:BESIDE].tolist()]], ANYWAY)
    nodes = np.array(list(number), dtype=np.int64)
    rounds = np.array(list(number.values()), dtype=np.int64)
    cause = is_stated_cause(flows, sources)
    how = drawing_levels(flows, number, frozenset(node for node in number if number[node] == ANYWAY), cause)
    flows, cause, how = flows.only(how > 0), cause[how > 0], how[how > 0]
    places, columns = round_columns(desk, nodes, rounds, flows)
    row_of = dict(zip(at.tolist(), range(len(at)), strict=True))
    return Replay(
        result=result,
        run=run,
        nodes=nodes,
        places=places,
        round=rounds,
        nodes_on_request=np.array([r == ANYWAY and n not in drawn_at_once for n, r in number.items()], dtype=bool),
        shocked=np.array([n in row_of and bool(struck[row_of[n]]) for n in number], dtype=bool),
        why=_why(desk, run, causes, number, row_of),
        flows=flows,
        is_stated_cause=cause,
        flows_on_request=how == 1,
        columns=columns,
        seeds=[int(at[k]) for k in np.flatnonzero(struck if run.given else fell == 0)],
        rounds=run.rounds,
        outcome=_outcome(desk, run, at),
        totals=_totals(run),
        in_all=_in_all(run, result),
        panels=[*contract_lists(desk, run), *baseline_list(desk, run, causes)],
        left_out=_left_out(desk, failed[failed_most:], int(((fell < 0) & ~beside & (lost > 0)).sum()) - len(hit)),
        hidden_failures=len(failed) - len(drawn),
        by_round=rounds_table(run),
        bearers=bearers(desk, run),
        fractions=fractions(run),
    )


def _sources(
    desk: Desk, sources: Mapping[int, LossSource], drawn: Mapping[int, int], base: frozenset[int]
) -> dict[int, int]:
    """Return what the stated causes name and is not drawn yet, with what stands in place of its round."""
    found = {source.node for source in sources.values() if source.node >= 0 and source.node not in drawn}
    return {
        node: ASSET if node >= desk.page_graph.parties else ANYWAY if node in base else STANDS for node in sorted(found)
    }


def _debtors(flows: Links, drawn: Mapping[int, int], base: frozenset[int]) -> set[int]:
    """Return who fails anyway and is guaranteed by somebody drawn of whom the shock asks more."""
    return {
        a
        for a, b, table, amount in zip(
            flows.source.tolist(), flows.target.tolist(), flows.table.tolist(), flows.amount.tolist(), strict=True
        )
        if table == "guarantees" and amount > 0 and a in base and b in drawn
    }


def _why(
    desk: Desk, run: ShockEffect, causes: Causes, number: Mapping[int, int], row_of: Mapping[int, int]
) -> list[str]:
    rows = records(run.parties)
    base = {str(row["party_id"]): row for row in records(run.base)}
    out = []
    for node in number:
        if node >= desk.page_graph.parties:
            out.append("")
        elif node in row_of:
            out.append(sentence(desk, rows[row_of[node]], causes))
        else:
            row = base.get(desk.page_graph.identifier(node))
            out.append("" if row is None else baseline_sentence(desk, row, causes))
    return out


def _outcome(desk: Desk, run: ShockEffect, at: Positions) -> dict[str, Floats]:
    parties, size = run.parties, desk.page_graph.size
    columns = {
        name: parties[name].astype("float64").to_numpy(na_value=np.nan)
        for name in ("equity_after", "guarantee_paid", "guarantee_unmet", "lost", "before")
    }
    whole = np.where(columns["before"] > 0, columns["before"], np.nan)
    columns["loss_fraction"] = np.clip(columns["lost"] / whole, 0.0, 1.0)
    columns["default_round"] = np.where(parties["fell"] >= 0, parties["fell"], np.nan)
    columns["loss"] = columns.pop("lost")
    equity = parties["equity"].astype("float64").to_numpy(na_value=np.nan)
    columns["loss_in_all"] = equity - columns["equity_after"] if run.given else np.full(len(equity), np.nan)
    del columns["before"]
    out = {}
    for name, values in columns.items():
        out[name] = np.full(size, np.nan)
        out[name][at] = values
    return out


def _totals(run: ShockEffect) -> dict[str, float | None]:
    """Return what the shock adds for the book as a whole."""
    parties, known = run.parties, run.knows_facilities
    before = parties["before"].astype("float64").clip(lower=0.0)
    after = parties["equity_after"].astype("float64").clip(lower=0.0)
    return {
        "failed_parties": float((parties["fell"] >= 0).sum()),
        "rounds_word": float(run.rounds),
        "shortfall": float(run.facilities["short"].sum()) if known else None,
        "guarantors_paid": float(run.calls["more_paid"].sum()) if known else None,
        "bank_loss_all": float(run.own["lost"].sum()) if known else None,
        "equity_lost": float((before - after).sum()),
    }


def _in_all(run: ShockEffect, result: Result) -> dict[str, float | None]:
    """Return the same with what happens without the shock; nothing where there was no shock."""
    if not run.given:
        return {}
    known = run.knows_facilities
    compared = result.tables["contagion_comparison"]
    stressed = {row["measure"]: row["stressed"] for row in records(compared)}
    down = float(len(run.base) + (run.parties["fell"] >= 0).sum())
    return {
        "failed_parties": down,
        "shortfall": float(run.facilities["shortfall"].sum()) if known else None,
        "guarantors_paid": float(run.facilities["guarantor_paid"].sum()) if known else None,
        "bank_loss_all": float(run.own["bank_loss"].sum()) if known else None,
        "equity_lost": stressed.get("equity_lost"),
    }


def _left_out(desk: Desk, failed: Positions, hit: int) -> list[str]:
    out = []
    if len(failed):
        out.append(say(desk.lang, "left_out_failed", parties=f"{len(failed):,}"))
    if hit > 0:
        out.append(say(desk.lang, "left_out_hit", parties=f"{hit:,}"))
    return out
