"""A stressed book beside the same book without the scenario, or under a second one: measures, groups, PDs, limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from graphrisk.analyze.contagion.stress_tables import COMPARISON, DIMENSIONS, GROUPS, PDS
from graphrisk.analyze.tables import score_frame
from graphrisk.answers.column_words import value_word
from graphrisk.cascade.shocks import Shock
from graphrisk.credit.expected_loss import Credit, credit_of
from graphrisk.credit.loan_book import own_book
from graphrisk.credit.pd import grades_of
from graphrisk.credit.stressed_pd import pds_under, settings_of
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.contagion.ledger import Flags, Floats
from graphrisk.model.note import Note, Severity, as_notes
from graphrisk.model.result import Inputs, records
from graphrisk.scenario import MEASURES, Scenario

_NOISE = 1e-12
"""Part of a limit by which a measure may be above it by rounding alone."""
_COUNTS = ("defaults", "obligors_in_default", "parties_touched")
_PARTS = ("own_loss_rate", "mean_pd")

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where a run ended, in terms that every rule shares; NaN what a rule does not know.

    Of n parties: who `failed`, was left without equity by the scenario alone (`sure`), was in default `at_start`, was
    `touched`. Of facilities: what stays `unpaid` and what collateral can `cover`. `price` of each asset over its value.
    """

    shock: Shock
    failed: Flags
    sure: Flags
    at_start: Flags
    touched: Flags
    unpaid: Floats
    cover: Floats
    price: Floats
    bank_loss_before: float
    shortfall: float
    guarantor_paid: float
    guarantee_unmet: float
    equity_lost: float


def no_tables() -> Tables:
    """Return the tables of a run in which there is nothing to compare."""
    return {t.name: score_frame(t, {name: [] for name in t.names}) for t in (COMPARISON, GROUPS, PDS)}


def compare(graph: RiskGraph, inputs: Inputs, stressed: Outcome, baseline: Outcome, notes: list[str]) -> Tables:
    """Return the tables that set `stressed` beside `baseline`, the run of `inputs.against` or of no scenario."""
    before, after = _credit(graph, inputs.scenario, stressed, notes)
    if inputs.against is not None:
        before = _credit(graph, inputs.against, baseline, notes)[1]
    limits = inputs.scenario.limits if inputs.scenario is not None else {}
    measured = (_measures(graph, baseline, before), _measures(graph, stressed, after))
    comparison = _comparison(*measured, limits)
    notes += limit_notes(comparison)
    moved = any(story is not None and story.moves_pds for story in (inputs.scenario, inputs.against))
    return {
        COMPARISON.name: comparison,
        GROUPS.name: _groups(graph, baseline, stressed, before, after),
        PDS.name: _pds(graph, stressed, before, after) if moved else no_tables()[PDS.name],
    }


def limit_notes(comparison: pd.DataFrame) -> list[Note]:
    """Return a sentence for each limit that is breached, or that cannot be checked."""
    said: list[Note] = []
    for row in records(comparison):
        if row["limit"] is None:
            continue
        name, limit = row["measure"], _figure(row["unit"], row["limit"])
        name_zh = value_word(str(name), "zh")
        if row["stressed"] is None:
            said.append(
                Note(
                    "limit_not_checked",
                    f"the limit on {name} of {limit} cannot be checked: {name} is not known",
                    f"{name_zh}的限额 {limit} 无法核对：{name_zh}未知",
                    severity="warning",
                )
            )
        elif row["breached"]:
            said.append(
                Note(
                    "limit_breached",
                    f"limit breached: {name} is {_figure(row['unit'], row['stressed'])}, limit {limit}",
                    f"突破限额：{name_zh}为 {_figure(row['unit'], row['stressed'])}，限额 {limit}",
                    severity="warning",
                )
            )
    return said


def _figure(unit: str, number: float) -> str:
    return f"{number:.2%}" if unit == "fraction" else f"{number:,.0f}" if unit == "parties" else f"{number:,.2f}"


def _credit(graph: RiskGraph, scenario: Scenario | None, outcome: Outcome, notes: list[str]) -> tuple[Credit, Credit]:
    """Return the book's expected loss before and under the scenario of an outcome."""
    said: list[str] = []
    pds = outcome.shock.pds
    if pds is None:
        own = own_book(graph)
        pds = pds_under(graph, None, settings_of(scenario), sum_by(own.borrower, own.ead, graph.size), said)
    both = credit_of(graph, pds, outcome.shock.price_change, outcome.sure, said)
    if pds.rated.any():  # else the measures are null, which says it all
        # What makes an expected loss too low is a warning where somebody relies on it: where a limit is set on it.
        limited = scenario is not None and {"expected_loss", "mean_pd"} & set(scenario.limits)
        severity: Severity | None = None if limited else "info"
        notes += [note.about("expected_loss", "预期损失", severity=severity) for note in as_notes(said)]
    return both


def _measures(graph: RiskGraph, run: Outcome, credit: Credit) -> dict[str, float]:
    ours = _ours(graph)
    due = float(credit.ead.sum())
    told = not np.isnan(run.shortfall)  # a walk knows no facilities
    own_loss, others_loss = (float(run.unpaid[which].sum()) if told else np.nan for which in (ours, ~ours))
    return {
        "defaults": float(run.failed.sum()),
        "obligors_in_default": float((run.failed & (credit.ead > 0.0)).sum()),
        "ead_in_default": float(credit.ead[run.failed].sum()),
        "parties_touched": float(run.touched.sum()),
        "bank_loss": own_loss,
        "bank_loss_before_contagion": run.bank_loss_before,
        "own_bank_loss": own_loss,
        "other_lenders_loss": others_loss,
        "own_loss_rate": own_loss / due if due > 0.0 else np.nan,
        "equity_lost": run.equity_lost,
        "shortfall": run.shortfall,
        "guarantor_paid": run.guarantor_paid,
        "guarantee_unmet": run.guarantee_unmet,
        "collateral_value": float(np.nan_to_num(graph.floats("collateral", "value") * run.price).sum()),
        "collateral_cover": float(run.cover[ours].sum()),
        "expected_loss": credit.total,
        "mean_pd": credit.mean_pd,
    }


def _ours(graph: RiskGraph) -> Flags:
    """Return which facilities are our own bank's."""
    ours: Flags = ~graph.tables.column("facilities", "lender_id").is_valid().to_numpy().astype(bool)
    return ours


def _comparison(
    baseline: Mapping[str, float], stressed: Mapping[str, float], limits: Mapping[str, float]
) -> pd.DataFrame:
    before, after = (np.array([side[name] for name in MEASURES]) for side in (baseline, stressed))
    limit = np.array([limits.get(name, np.nan) for name in MEASURES])
    unknown = np.isnan(limit) | np.isnan(after)
    with np.errstate(invalid="ignore"):
        breached = after > limit * (1.0 + _NOISE)
    return score_frame(
        COMPARISON,
        {
            "measure": list(MEASURES),
            "unit": [
                "parties" if name in _COUNTS else "fraction" if name in _PARTS else "base currency" for name in MEASURES
            ],
            "baseline": before,
            "stressed": after,
            "change": after - before,
            "limit": limit,
            "breached": [None if unknown[k] else bool(breached[k]) for k in range(len(MEASURES))],
        },
    )


def _groups(graph: RiskGraph, baseline: Outcome, stressed: Outcome, before: Credit, after: Credit) -> pd.DataFrame:
    borrower, ours = graph.positions("facilities", "borrower_id"), _ours(graph)
    known = not np.isnan(after.total)
    unknown = np.full(graph.size, np.nan)
    shocked = (stressed.shock.fraction > 0.0) | (stressed.shock.amount > 0.0)
    counts = {"shocked": shocked, "defaults_baseline": baseline.failed, "defaults": stressed.failed}
    amounts = {
        "ead": after.ead,
        "bank_loss_baseline": sum_by(borrower[ours], baseline.unpaid[ours], graph.size),
        "bank_loss": sum_by(borrower[ours], stressed.unpaid[ours], graph.size),
        "expected_loss_baseline": before.expected if known else unknown,
        "expected_loss": after.expected if known else unknown,
    }
    parts = []
    for dimension in DIMENSIONS:
        texts = grades_of(graph) if dimension == "rating" else graph.texts("parties", dimension)
        group, found = pd.factorize(np.asarray(texts, dtype=object), sort=True, use_na_sentinel=True)
        size = len(found) + 1
        group = np.where(group < 0, size - 1, group).astype(np.int64)
        members = count_by(group, size)
        column = {name: sum_by(group, values, size) for name, values in amounts.items()}
        worst = np.nan_to_num(column["bank_loss"])
        order = np.lexsort((np.arange(size), -column["ead"], -worst, np.arange(size) == size - 1))
        order = order[members[order] > 0]
        part = {
            "dimension": np.full(len(order), dimension, dtype=object),
            "group": np.array([*found, None], dtype=object)[order],
            "parties": members[order],
            **{name: count_by(group[flags], size)[order] for name, flags in counts.items()},
            **{name: values[order] for name, values in column.items()},
        }
        parts.append(part)
    return score_frame(GROUPS, {name: np.concatenate([part[name] for part in parts]) for name in GROUPS.names})


def _pds(graph: RiskGraph, stressed: Outcome, before: Credit, after: Credit) -> pd.DataFrame:
    lost = np.where(before.rated, before.expected, np.nan)
    at = np.flatnonzero(after.rated & (after.ead > 0.0))
    at = at[np.lexsort((at, -(after.expected - np.nan_to_num(lost))[at]))]
    return score_frame(
        PDS,
        {
            "party_id": graph.party_ids[at],
            "pd": np.where(before.rated, before.pd, np.nan)[at],
            "pd_stressed": after.pd[at],
            "ead": after.ead[at],
            "lgd": after.loss[at] / after.ead[at],
            "expected_loss": lost[at],
            "expected_loss_stressed": after.expected[at],
            "default_at_start": stressed.at_start[at],
        },
    )
