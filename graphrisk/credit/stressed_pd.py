"""PDs under a scenario: multiplied, then conditional on the factors that are moved, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.credit.factors import factors_of, held_factors, moves_in_words
from graphrisk.credit.filters import parties_meant
from graphrisk.credit.pd import part_of, pds_of
from graphrisk.credit.portfolio_params import REFUSE, SKIP, Params, parse_filler
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.portfolio.conditional import hold_factors
from graphrisk.model.note import Note
from graphrisk.model.params import parse_params
from graphrisk.scenario import Scenario

Flags = npt.NDArray[np.bool_]
_LARGEST = 1e300
"""Product of multipliers beyond which they would overflow: any PD above 0 is 1 long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pds:
    """PDs of n parties: `pd` as rated, `stressed` under the scenario (both 0 without one), `rated` who has one.

    `loadings` (n, f): on the factors that stay random, of the model that the stressed PDs belong to; `params`: how
    they load.
    """

    pd: Floats
    stressed: Floats
    rated: Flags
    loadings: Floats
    params: Params


def settings_of(scenario: Scenario | None) -> Params:
    """Return the parameters of portfolio that a scenario sets, else their defaults. Raises UsageError."""
    return parse_params(Params, scenario.portfolio if scenario is not None else {}, where="[portfolio]")


def differing(table: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[Note]:
    """Return a warning that names the parameters in which a scenario and the one compared with differ, if any do."""

    def said(value: Any) -> str:
        return "by default" if value is None else ",".join(map(str, value)) if isinstance(value, tuple) else str(value)

    apart = [f"{key} {said(theirs[key])} there, {said(mine[key])} here" for key in mine if mine[key] != theirs[key]]
    text = f"the two scenarios differ in their parameters of {table}: {'; '.join(apart)}"
    chinese = f"两个情景的 {table} 参数不同： {'; '.join(apart)}"
    return [Note("scenarios_differ", text, chinese, severity="warning")] if apart else []


def pds_under(
    graph: RiskGraph,
    scenario: Scenario | None,
    params: Params,
    ead: Floats,
    notes: list[str],
    *,
    skipped: str = "no scenario moves it; expected_loss leaves them out, but for those without equity under a scenario",
) -> Pds:
    """Return the PDs before and under `scenario`: N((N^-1(min(1, m PD)) - a_F . z) / sqrt(1 - |a_F|^2)).

    m: the product of the multipliers that hit the party; z: the values of the factors held. A PD of 1 stays 1. `ead`
    (n,) weighs the notes; `skipped` says what becomes of a party without PD. Raises DataError and UsageError.
    """
    base, rated = pds_of(
        graph,
        model=params.pd_model,
        multiplier=params.pd_multiplier,
        missing=parse_filler(params.missing_pd, (SKIP, REFUSE), "missing_pd"),
        ead=ead,
        skipped=skipped,
        notes=notes,
    )
    factors = factors_of(graph, base > 0.0, params, notes)
    if scenario is None or not scenario.moves_pds:
        return Pds(pd=base, stressed=base, rated=rated, loadings=factors.loadings, params=params)
    times = np.ones(graph.size)
    for shock in scenario.pd_shocks:
        hit = parties_meant(graph, shock.parties, shock.where, shock.rating_model, shock.key, notes)
        with np.errstate(over="ignore"):
            times[hit] = np.minimum(times[hit] * shock.multiplier, _LARGEST)
        blind = hit & ~rated
        if blind.any() and (shock.parties or shock.where):
            many, part = int(hit.sum()), part_of(ead[blind], float(ead.sum()))
            notes.append(
                Note(
                    "no_pd_to_multiply",
                    f"{shock.key}: {int(blind.sum()):,} of the {many:,} parties it means ({part} of EAD) have no PD to "
                    "multiply",
                    f"{shock.key} ：所指 {many:,} 户中 {int(blind.sum()):,} 户（占 EAD 的 {part}）没有可乘的违约概率",
                )
            )
    more = np.where(base >= 1.0, 1.0, np.minimum(base * times, 1.0))
    full = int(((more >= 1.0) & (base < 1.0)).sum())
    if full:
        notes.append(
            Note(
                "pds_reach_one",
                f"{full:,} PDs reach 1 by their multiplier: these parties default for certain",
                f"{full:,} 个违约概率乘后达到 1：这些客户必然违约",
            )
        )
    held, value = held_factors(factors, scenario.factor_shocks, params)
    stressed, loadings = more, factors.loadings
    if len(held):
        stressed, loadings = hold_factors(more, factors.loadings, held, value)
        if not ((stressed != more) & rated).any() and rated.any():
            notes.append(
                Note(
                    "moves_change_no_pd",
                    "the moves change no PD, because nobody loads on these factors (see rho and inter)",
                    "因子变动未改变任何违约概率，因为没有客户载荷于这些因子（见 rho 与 inter）",
                    severity="warning",
                )
            )
        inter = f", inter {params.inter:g}" if params.factors != "one" else ""
        held_there = f"factors={params.factors}, rho {params.rho:g}{inter}: {moves_in_words(scenario.factor_shocks)}"
        notes.append(
            Note(
                "factors_held",
                f"{held_there}, held there; other factors stay random",
                f"{held_there} ，固定于此；其余因子仍为随机",
            )
        )
    if len(held) and (value <= 0.0).all() and float(stressed @ ead) < float(more @ ead):
        notes.append(
            Note(
                "bad_move_lowers_pds",
                "the move lowers PDs, although it is not a good one: a PD is the mean over all years, and a year held "
                "near the middle has fewer defaults than that; move the factor further down",
                "该变动虽非利好却降低了违约概率：违约概率是各年份的均值，而固定在中间附近的年份违约更少；请将因子下移更多",
                severity="warning",
            )
        )
    _note_change(base, stressed, rated, ead, notes)
    return Pds(pd=base, stressed=stressed, rated=rated, loadings=loadings, params=params)


def _note_change(base: Floats, stressed: Floats, rated: Flags, ead: Floats, notes: list[str]) -> None:
    if not rated.any():
        notes.append(
            Note(
                "no_pd_to_move",
                "the scenario moves PDs, and no party has one: load ratings, or set missing_pd",
                "情景要改变违约概率，但没有客户有违约概率：请加载评级，或设置 missing_pd",
                severity="warning",
            )
        )
        return
    owing = rated & (ead > 0.0)
    weight = float(ead[owing].sum())
    many, of = int((stressed != base).sum()), int(rated.sum())
    said, told = f"the scenario changes {many:,} of {of:,} PDs", f"情景改变了 {of:,} 个违约概率中的 {many:,} 个"
    if weight > 0.0:
        before, after = (float(pd[owing] @ ead[owing]) / weight for pd in (base, stressed))
        said += f"; weighted by EAD their mean goes from {before:.2%} to {after:.2%}"
        told += f"；按 EAD 加权的均值由 {before:.2%} 变为 {after:.2%}"
    notes.append(Note("pds_changed", said, told))
