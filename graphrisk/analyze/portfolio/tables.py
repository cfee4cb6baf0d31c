"""The tables of portfolio: declared, and filled from its simulations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from graphrisk.analyze.tables import real, score_frame, share, whole
from graphrisk.cascade.obligors import Obligors
from graphrisk.cascade.stages import one_factor_limit
from graphrisk.graph.exposure import arcs_of
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.sums import count_by, sum_by
from graphrisk.kernels.network.components import component_labels
from graphrisk.kernels.portfolio.simulation import Simulation
from graphrisk.kernels.portfolio.tailrisk import TailRisk, mean_and_error, tail_risk
from graphrisk.model.columns import category, money, party, text
from graphrisk.model.table import Table

MEASURES = ("EL", "VaR", "ES", "UL")
DIMENSIONS = ("industry", "region", "guarantee_network")
LOSSES = ("before_guarantors", "without_contagion", "with_contagion")
LEAST = 30
"""Scenarios beyond VaR below which no interval is given."""

SUMMARY = Table(
    name="portfolio_summary",
    meaning="loss of our own bank within a year: EL first, then VaR, ES and UL by level",
    role="score",
    key=("measure", "level"),
    columns=(
        category("measure", "expected loss, value at risk, expected shortfall, VaR less EL", *MEASURES),
        share("level", "confidence level; null for EL"),
        money("before_guarantors", "loss of the drawn defaults alone, no guarantor paying: the sum of EAD x LGD"),
        money("without_contagion", "the same after the guarantors that stand have paid; nobody else fails"),
        money("without_low", "lower end of its interval; null where too few scenarios lie beyond"),
        money("without_high", "upper end of its interval"),
        money("with_contagion", "loss after the defaults have spread"),
        money("with_low", "lower end of its interval; null where too few scenarios lie beyond"),
        money("with_high", "upper end of its interval"),
        money("closed_form", "EL: sum of PD x EAD x LGD; VaR, ES, UL: Vasicek's limit of many small loans, one factor"),
    ),
)
COMPARISON = Table(
    name="portfolio_comparison",
    meaning="the stressed book beside the book without the scenario, by the same random numbers; empty without one",
    role="score",
    key=("losses", "measure", "level"),
    columns=(
        category("losses", "which of the three losses of portfolio_summary", *LOSSES),
        category("measure", "expected loss, value at risk, expected shortfall", "EL", "VaR", "ES"),
        share("level", "confidence level; null for EL"),
        money("baseline", "without the scenario"),
        money("baseline_low", "lower end of its interval; null where there is none"),
        money("baseline_high", "upper end of its interval"),
        money("stressed", "under the scenario"),
        money("stressed_low", "lower end of its interval; null where there is none"),
        money("stressed_high", "upper end of its interval"),
        money("change", "stressed less baseline"),
    ),
)
CONTRIBUTIONS = Table(
    name="portfolio_contributions",
    meaning="what each borrower adds to the tail with contagion (Euler), the largest part of ES first",
    role="score",
    key=("party_id",),
    columns=(
        party("party_id", "the borrower"),
        money("ead", "outstanding at our own bank"),
        share("pd", "probability of default within a year, after pd_multiplier; null where there is none"),
        share("lgd", "loss before guarantors pay, over ead"),
        money("expected_loss", "pd x ead x lgd; sums to the closed form of EL"),
        money("var_contribution", "part of VaR at the highest level; sums to it"),
        money("es_contribution", "part of ES at the highest level; sums to it"),
        share("es_share", "es_contribution over ES"),
    ),
)
GROUPS = Table(
    name="portfolio_groups",
    meaning="the contributions by group, the largest part of ES first; in each dimension those without a group last",
    role="score",
    key=("dimension", "group"),
    columns=(
        category("dimension", "by what the book is divided", *DIMENSIONS),
        text("group", "industry, region, or smallest id of the guarantee network; null where unknown"),
        whole("obligors", "number of borrowers in it"),
        money("ead", "outstanding at our own bank"),
        money("expected_loss", "sum of pd x ead x lgd"),
        money("var_contribution", "part of VaR at the highest level"),
        money("es_contribution", "part of ES at the highest level"),
        share("es_share", "es_contribution over ES"),
    ),
)
DISTRIBUTION = Table(
    name="portfolio_distribution",
    meaning="the loss that is not exceeded with each probability",
    role="score",
    key=("probability",),
    columns=(
        share("probability", "probability that the loss is at most this"),
        money("before_guarantors", "loss of the drawn defaults alone"),
        money("without_contagion", "after the guarantors that stand have paid"),
        money("with_contagion", "after the defaults have spread"),
        real("scenarios_beyond", "scenarios with a greater loss with contagion", "scenarios"),
    ),
)
TABLES = (SUMMARY, COMPARISON, CONTRIBUTIONS, GROUPS, DISTRIBUTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The losses of one view of the scenarios, and their tail at each level."""

    losses: Floats
    weight: Floats
    mean: float
    error: float
    tails: tuple[TailRisk, ...]

    def quantiles(self, probability: Floats) -> Floats:
        """Return the loss that is exceeded with a chance of at most 1 - `probability`."""
        order = np.argsort(-self.losses, kind="stable")
        mass = np.cumsum(self.weight[order]) / len(order)
        place = np.searchsorted(mass, (1.0 - probability) * (1.0 + 1e-9), side="right")
        return np.asarray(self.losses[order][np.minimum(place, len(order) - 1)])


def curve_of(
    ran: Simulation, losses: Floats, mean: tuple[float, float], levels: Sequence[float], confidence: float
) -> Curve:
    """Return mean and tails of `losses` (N,)."""
    tails = tuple(
        tail_risk(losses, ran.weight, level, strata=ran.strata, confidence=confidence, least=0, spent=ran.plan.pilot)
        for level in levels
    )
    return Curve(losses=losses, weight=ran.weight, mean=mean[0], error=mean[1], tails=tails)


def summary_table(
    given: Obligors, before: Curve, without: Curve, with_: Curve, rho: float, levels: Sequence[float], spread: float
) -> pd.DataFrame:
    """Return EL, then VaR, ES and UL of each level; `spread`: standard errors in half an interval."""
    expected = float(given.pd @ given.loss)
    rows: list[tuple[object, ...]] = []

    def row(measure: str, level: float | None, closed: float, *cells: float) -> None:
        rows.append((measure, level, *cells, closed))

    means = [(c.mean, c.mean - spread * c.error, c.mean + spread * c.error) for c in (without, with_)]
    row("EL", None, expected, before.mean, *means[0], *means[1])
    for k, level in enumerate(levels):
        var_limit, es_limit = one_factor_limit(given, rho, level)
        tails = [without.tails[k], with_.tails[k]]
        known = [tail.tail_scenarios >= LEAST for tail in tails]
        for measure, closed in (("VaR", var_limit), ("ES", es_limit), ("UL", var_limit - expected)):
            name = "es" if measure == "ES" else "var"
            cells: list[float] = [getattr(before.tails[k], name) - (before.mean if measure == "UL" else 0.0)]
            for tail, curve, enough in zip(tails, (without, with_), known, strict=True):
                less = curve.mean if measure == "UL" else 0.0
                cells.append(getattr(tail, name) - less)
                cells += [getattr(tail, f"{name}_{end}") - less if enough else np.nan for end in ("low", "high")]
            row(measure, level, closed, *cells)
    return score_frame(SUMMARY, {name: [r[k] for r in rows] for k, name in enumerate(SUMMARY.names)})


def comparison_table(
    calm: Sequence[Curve], stressed: Sequence[Curve], levels: Sequence[float], spread: float
) -> pd.DataFrame:
    """Return EL, VaR and ES of the three losses of two books; no rows where there is one book alone."""
    rows: list[tuple[object, ...]] = []
    for losses, *pair in zip(LOSSES, calm, stressed, strict=False):
        sides = [[c.mean, c.mean - spread * c.error, c.mean + spread * c.error] for c in pair]
        rows.append((losses, "EL", None, *sides[0], *sides[1], sides[1][0] - sides[0][0]))
        for k, level in enumerate(levels):
            for measure in ("VaR", "ES"):
                name, sides = measure.lower(), []
                for tail in (curve.tails[k] for curve in pair):
                    ends = [getattr(tail, f"{name}_{end}") if tail.tail_scenarios >= LEAST else np.nan
                            for end in ("low", "high")]  # fmt: skip
                    sides.append([getattr(tail, name), *ends])
                rows.append((losses, measure, level, *sides[0], *sides[1], sides[1][0] - sides[0][0]))
    return score_frame(COMPARISON, {name: [r[k] for r in rows] for k, name in enumerate(COMPARISON.names)})


def contributions_table(graph: RiskGraph, given: Obligors, var: Floats, es: Floats) -> pd.DataFrame:
    """Return the borrowers with their parts of VaR and ES (n,)."""
    at = np.flatnonzero((given.ead > 0.0) | (es > 0.0) | (var > 0.0))
    at = at[np.lexsort((at, -given.ead[at], -es[at]))]
    total = float(es.sum())
    return score_frame(
        CONTRIBUTIONS,
        {
            "party_id": graph.party_ids[at],
            "ead": given.ead[at],
            "pd": np.where(given.rated, given.pd, np.nan)[at],
            "lgd": given.lgd[at],
            "expected_loss": (given.pd * given.loss)[at],
            "var_contribution": var[at],
            "es_contribution": es[at],
            "es_share": es[at] / total if total > 0.0 else np.full(len(at), np.nan),
        },
    )


def groups_table(graph: RiskGraph, given: Obligors, var: Floats, es: Floats) -> pd.DataFrame:
    """Return the contributions summed by industry, region and guarantee network."""
    arcs = arcs_of(graph, "guarantees")
    network = component_labels(graph.size, arcs.source, arcs.target, "weak")
    names: Mapping[str, object] = {
        "industry": graph.texts("parties", "industry"),
        "region": graph.texts("parties", "region"),
        "guarantee_network": graph.party_ids[network],
    }
    owing = np.flatnonzero((given.ead > 0.0) | (es > 0.0))
    amounts = (given.ead, given.pd * given.loss, var, es)
    total = float(es.sum())
    parts = []
    for dimension, texts in names.items():
        group, found = pd.factorize(np.asarray(texts, dtype=object)[owing], sort=True, use_na_sentinel=True)
        size = len(found)
        group = np.where(group < 0, size, group).astype(np.int64)
        known = np.append(np.ones(size, dtype=bool), False)
        ead, expected, by_var, by_es = (sum_by(group, amount[owing], size + 1) for amount in amounts)
        obligors = count_by(group, size + 1)
        order = np.lexsort((np.arange(size + 1), -ead, -by_es, ~known))
        order = order[obligors[order] > 0]
        label = np.array([*found, None], dtype=object)
        parts.append(
            {
                "dimension": np.full(len(order), dimension, dtype=object),
                "group": label[order],
                "obligors": obligors[order],
                "ead": ead[order],
                "expected_loss": expected[order],
                "var_contribution": by_var[order],
                "es_contribution": by_es[order],
                "es_share": by_es[order] / total if total > 0.0 else np.full(len(order), np.nan),
            }
        )
    return score_frame(GROUPS, {name: np.concatenate([part[name] for part in parts]) for name in GROUPS.names})


def distribution_table(before: Curve, without: Curve, with_: Curve, levels: Sequence[float]) -> pd.DataFrame:
    """Return the quantile curves up to the highest level."""
    hundredths = np.arange(1, 100) / 100
    fine = np.concatenate([hundredths, 0.99 + np.arange(1, 10) / 1000, 0.999 + np.arange(1, 10) / 10_000])
    probability = np.unique(np.concatenate([fine[fine <= max(levels)], np.asarray(levels)]).round(12))
    loss = with_.quantiles(probability)
    ranked = np.sort(with_.losses)
    return score_frame(
        DISTRIBUTION,
        {
            "probability": probability,
            "before_guarantors": before.quantiles(probability),
            "without_contagion": without.quantiles(probability),
            "with_contagion": loss,
            "scenarios_beyond": len(ranked) - np.searchsorted(ranked, loss, side="right"),
        },
    )


def plain_mean(ran: Simulation, losses: Floats) -> tuple[float, float]:
    """Return the weighted mean of `losses` and its standard error, without the closed form's help."""
    return mean_and_error(ran.weight * losses, ran.strata)
