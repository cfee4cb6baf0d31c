"""Loss distribution of our own book: correlated first defaults, spread over the guarantee ledger; EL, VaR, ES, parts.

Sources: O. Vasicek, "The distribution of loan portfolio value", Risk, December 2002; G. Gupton, C. Finger, M. Bhatia,
"CreditMetrics Technical Document", 1997; P. Glasserman, J. Li, "Importance Sampling for Portfolio Credit Risk",
Management Science 51(11), 2005; D. Tasche, "Risk contributions and performance measurement", 1999. Conventions:
docs/methods/portfolio.md.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy.special import ndtri

from graphrisk.analyze.base import make_result
from graphrisk.analyze.portfolio.tables import (
    LEAST,
    Curve,
    comparison_table,
    contributions_table,
    curve_of,
    distribution_table,
    groups_table,
    plain_mean,
    summary_table,
)
from graphrisk.analyze.portfolio.tables import (
    TABLES as TABLES,
)
from graphrisk.cascade.obligors import Obligors, Stress, obligors_of
from graphrisk.cascade.shocks import effects_of
from graphrisk.cascade.stages import stage_without_supplies, stages_of
from graphrisk.credit.portfolio_params import Params as Params
from graphrisk.credit.stressed_pd import differing
from graphrisk.errors import UsageError
from graphrisk.graph.riskgraph import Floats, RiskGraph
from graphrisk.kernels.arrays.fan import cores
from graphrisk.kernels.portfolio.copula import factor_model
from graphrisk.kernels.portfolio.kept_losses import MOST
from graphrisk.kernels.portfolio.simulation import (
    Integers,
    Simulation,
    es_contributions,
    plan,
    simulate,
    simulate_steps,
    var_contributions,
)
from graphrisk.kernels.portfolio.tailrisk import tail_risk
from graphrisk.model.note import Note, as_note
from graphrisk.model.params import parse_params
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 2
TAKES_SHOCKS = True
COMPARES = True


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return the distribution of the bank's loss over a year, with and without contagion, and who contributes to it.

    With shocks or a scenario: of the stressed book, and beside it (portfolio_comparison) that of the book without them.
    """
    progress("building the ledger")
    levels = tuple(sorted(set(params.levels)))
    if not levels:
        raise UsageError("portfolio: parameter levels names no level", hint="levels=0.99,0.999")
    notes: list[str] = []
    given = obligors_of(graph, params, _stress(graph, inputs, notes))
    notes += given.notes
    if not ((given.pd > 0.0) & (given.loss > 0.0)).any():
        notes.append(
            Note(
                "nothing_at_risk",
                "no borrower has both a PD above 0 and something to lose, so nothing is lost at first",
                "没有借款人既有大于 0 的违约概率又有可损失额，因此首轮没有损失",
                severity="warning",
            )
        )
    before, without, with_, ran = _simulated(graph, given, params, levels, notes, progress)
    var, es = _parts(ran, levels[-1], graph.size, params, notes, progress)
    notes += _warnings(before, with_, ran, params, levels)
    spread = float(ndtri(0.5 + params.confidence / 2.0))
    compared = comparison_table((), (), levels, spread)
    if not inputs.empty:
        progress("the book to compare with")
        other, calm_given = _reference(graph, params, inputs, notes)
        calm = _simulated(graph, calm_given, other, levels, [], progress, most_kept=0)[:3]
        compared = comparison_table(calm, (before, without, with_), levels, spread)
    return make_result(
        "portfolio",
        VERSION,
        graph,
        params,
        tables={
            "portfolio_summary": summary_table(given, before, without, with_, params.rho, levels, spread),
            "portfolio_comparison": compared,
            "portfolio_contributions": contributions_table(graph, given, var, es),
            "portfolio_groups": groups_table(graph, given, var, es),
            "portfolio_distribution": distribution_table(before, without, with_, levels),
        },
        certificate=_certificate(given, before, with_, ran, params, levels),
        notes=tuple(dict.fromkeys(notes)),
        inputs=inputs,
    )


def _reference(graph: RiskGraph, params: Params, inputs: Inputs, notes: list[str]) -> tuple[Params, Obligors]:
    """Return the book that a stressed one is compared with: without the scenario, or under `inputs.against`."""
    if inputs.against is None:
        return params, obligors_of(graph, params)
    given = {**inputs.against.portfolio, "levels": params.levels, "confidence": params.confidence}
    other = parse_params(Params, given, where="[portfolio]")
    notes.append(
        Note("baseline_is", f"baseline is the scenario {inputs.against.name!r}", f"基准为情景 {inputs.against.name!r}")
    )
    notes += differing("portfolio", dataclasses.asdict(params), dataclasses.asdict(other))
    said: list[str] = []
    found = obligors_of(graph, other, _stress(graph, Inputs(scenario=inputs.against), said))
    notes += [as_note(note).about("baseline", "基准") for note in (*said, *found.notes) if note not in notes]
    return other, found


def _stress(graph: RiskGraph, inputs: Inputs, notes: list[str]) -> Stress | None:
    """Return what shocks and a scenario do before defaults are drawn; None where nothing was given."""
    if inputs.empty:
        return None
    if inputs.scenario is None and inputs.against is not None:
        raise UsageError(
            "a scenario to compare with needs one to be compared", hint="--scenario A.toml --against B.toml"
        )
    story = inputs.scenario
    if story is not None and story.params:
        notes.append(
            Note(
                "contagion_not_read",
                "[contagion] of the scenario is for graphrisk stress: portfolio reads [portfolio]",
                "情景的 [contagion] 供 graphrisk stress 使用：portfolio 读取 [portfolio]",
            )
        )
    if story is not None and (story.limits or story.default_above is not None):
        notes.append(
            Note(
                "limits_not_read",
                "limits and default_above of the scenario are for graphrisk stress: here defaults are drawn",
                "情景的 limits 与 default_above 供 graphrisk stress 使用：这里抽取违约",
            )
        )
    fraction, amount, price = effects_of(graph, inputs, notes)
    partly = np.isnan(graph.equity) & (((fraction > 0.0) & (fraction < 1.0)) | (amount > 0.0))
    if partly.any():
        notes.append(
            Note(
                "part_of_unknown_equity",
                f"{int(partly.sum()):,} parties without known equity lose a part of it: that changes nothing, "
                "because what is left of it cannot be said",
                f"{int(partly.sum()):,} 户净资产未知却损失其一部分：剩余多少无法得知，因此没有变化",
                severity="warning",
            )
        )
    return Stress(scenario=story, fraction=fraction, amount=amount, price_change=price)


def _simulated(
    graph: RiskGraph,
    given: Obligors,
    params: Params,
    levels: tuple[float, ...],
    notes: list[str],
    progress: Progress,
    *,
    most_kept: int = MOST,
) -> tuple[Curve, Curve, Curve, Simulation]:
    """Return the losses before guarantors, without and with contagion, and the simulation with it."""
    # A book without parties still has scenarios: nothing happens in them.
    model = factor_model(given.pd, given.loadings) if graph.size else factor_model(np.zeros(1), np.zeros(1))
    loss = given.loss if graph.size else np.zeros(1)
    first, second = stages_of(given, params, notes)
    progress("a pilot that says where the tail is" if params.importance_sampling else "drawing defaults")
    planned = plan(
        model,
        loss,
        scenarios=params.scenarios,
        seed=params.seed,
        stage=second,
        shift_level=levels if params.importance_sampling else None,
    )

    def tell(done: int) -> None:
        progress("spreading the defaults", done, params.scenarios)

    *on_the_way, ran = simulate_steps(planned, workers=_threads(params), tell=tell, most_kept=most_kept)
    if on_the_way:
        alone, dry = on_the_way
    else:  # the same scenarios again, so that the curves differ by what takes part alone
        third = stage_without_supplies(given, params)
        alone, dry = (
            ran if stage is second else simulate(dataclasses.replace(planned, stage=stage), workers=_threads(params))
            for stage in (first, second if third is None else third)
        )
    if dry is not ran:
        notes += _what_supplies_add(params, ran, dry)
    gross = (ran.expected_first, 0.0)
    return (
        curve_of(ran, ran.first, gross, levels, params.confidence),
        curve_of(alone, alone.total, alone.expected(), levels, params.confidence),
        curve_of(ran, ran.total, ran.expected(), levels, params.confidence),
        ran,
    )


def _parts(
    ran: Simulation, level: float, size: int, params: Params, notes: list[str], progress: Progress
) -> tuple[Floats, Floats]:
    """Return each party's part of VaR and ES (n,); VaR's is null where no scenario lies near it."""
    if not size or not ran.total.any():
        return np.zeros(size), np.zeros(size)
    progress("contributions to the tail")
    es = es_contributions(ran, level, units=size, workers=_threads(params))
    try:
        return var_contributions(ran, level, units=size, workers=_threads(params)), es
    except UsageError:
        notes.append(
            Note(
                "var_parts_unknown",
                "no scenario lies near VaR: its contributions are null (more scenarios, or a lower level)",
                "VaR 附近没有情景：其贡献为空（请增加情景数或降低置信水平）",
            )
        )
        return np.full(size, np.nan), es


def _warnings(before: Curve, with_: Curve, ran: Simulation, params: Params, levels: tuple[float, ...]) -> list[str]:
    """Return what makes the numbers less sure than they look."""
    notes: list[str] = []
    for tail, level in zip(with_.tails, levels, strict=True):
        if tail.tail_scenarios < LEAST and with_.losses.any():
            notes.append(
                Note(
                    "few_tail_scenarios",
                    f"only {tail.tail_scenarios:,} scenarios lie beyond VaR at {level:g}, too few for an "
                    "interval: raise scenarios, or the book is too small for that level",
                    f"只有 {tail.tail_scenarios:,} 个情景超过 {level:g} "
                    "的 VaR，不足以给出区间：请增加情景数，或账簿对该水平过小",
                    severity="warning",
                )
            )
    seen, error = plain_mean(ran, ran.first)
    if abs(seen - before.mean) > 5.0 * error + 1e-9 * before.mean:
        notes.append(
            Note(
                "el_far_from_exact",
                f"the simulated EL before guarantors, {seen:,.2f}, lies more than 5 standard errors from the "
                f"exact {before.mean:,.2f}: raise scenarios",
                f"担保之前的模拟 EL {seen:,.2f} 与精确值 {before.mean:,.2f} 相差超过 5 个标准误：请增加情景数",
                severity="warning",
            )
        )
    for tail, level in zip(with_.tails, levels, strict=True):
        if ran.plan.sampler.tilts and tail.tail_scenarios >= LEAST:
            spent = params.scenarios + ran.plan.pilot
            ratios = (tail.variance_ratio, tail.variance_ratio_es)
            chance, es = (f"{ratio * spent:,.0f}" if np.isfinite(ratio) else "any number of" for ratio in ratios)
            notes.append(
                Note(
                    "importance_sampling",
                    f"importance sampling: at {level:g} these {params.scenarios:,} "
                    "scenarios tell the chance of the tail "
                    f"as closely as {chance} plain ones, ES as {es}",
                    f"重要性抽样：在 {level:g} 水平，这 {params.scenarios:,} "
                    f"个情景估计尾部概率的精度相当于 {chance} 个普通情景，"
                    f"ES 相当于 {es} 个",
                )
            )
    swinging = int((ran.untold > 0.0).sum())
    if swinging and params.second_stage == "full":
        notes.append(
            Note(
                "scenarios_swing",
                f"{swinging:,} of {params.scenarios:,} scenarios do not settle in max_rounds sweeps, mostly "
                "because calls shift between guarantors: each takes the largest loss of its swing (at most "
                f"{ran.untold.max():,.2f} too much)",
                f"{params.scenarios:,} 个情景中 {swinging:,} 个在 "
                "max_rounds 次内未稳定，多因代偿在担保人之间转移："
                f"各取摆动中的最大损失（至多多计 {ran.untold.max():,.2f}）",
                severity="warning",
            )
        )
    return notes


def _what_supplies_add(params: Params, ran: Simulation, dry: Simulation) -> list[str]:
    """Return how much of the loss goes through lost production; `dry`: the same scenarios without that layer."""
    level = max(params.levels)
    tails = [tail_risk(one.total, one.weight, level, strata=one.strata, least=0).var for one in (ran, dry)]
    with_, without = ran.expected()[0], dry.expected()[0]
    most = with_ > 2.0 * without
    return [
        Note(
            "what_supplies_add",
            f"{'most of the loss goes through the ' if most else ''}layer supplies: with "
            f"contagion, EL is {with_:,.2f} and would be {without:,.2f} without it, VaR at {level:g} {tails[0]:,.2f} "
            f"and {tails[1]:,.2f}: a firm in default delivers nothing for "
            f"{params.horizon_months:g} months, and only its own industry stands in for it (horizon_months; layers "
            "leaves it out)",
            f"{'损失大部分经由' if most else ''}供货层：计传导的 EL 为 {with_:,.2f}，不计该层为 {without:,.2f}；"
            f"{level:g} 水平的 VaR 为 {tails[0]:,.2f} 与 {tails[1]:,.2f}：违约企业 {params.horizon_months:g} "
            "个月不供货，只有同行业可替代（horizon_months；layers 可不计该层）",
            severity="warning" if most else "info",
        )
    ]


def _certificate(
    given: Obligors, before: Curve, with_: Curve, ran: Simulation, params: Params, levels: tuple[float, ...]
) -> dict[str, Any]:
    weight, strata, tilts = ran.weight, ran.strata, ran.plan.sampler.tilts
    check, error = plain_mean(ran, ran.first)
    said: dict[str, Any] = {
        "converged": True,
        "scenarios": params.scenarios,
        "seed": params.seed,
        "second_stage": params.second_stage,
        "layers": list(given.book.layers) if params.second_stage == "full" else [],
        "importance_sampling": bool(tilts),
        "factors": ran.plan.model.loadings.shape[1],
        "shift": tilts[-1].mean if tilts else 0.0,
        "unshifted_part": float(ran.plan.parts[0]),
        "pilot_scenarios": ran.plan.pilot,
        "twisted_parties": len(ran.plan.sampler.named),
        "effective_scenarios": float(weight.sum() ** 2 / (weight @ weight)),
        "mean_weight": float(weight.mean()),
        "expected_loss_simulated": check,
        "expected_loss_standard_error": error,
        "expected_loss_closed_form": before.mean,
        "mean_first_defaults": float((weight * ran.defaults).mean()),
        "untold": float(ran.untold.max(initial=0.0)),
        "levels": [],
    }
    for tail, level in zip(with_.tails, levels, strict=True):
        said["levels"].append(
            {
                "level": level,
                "scenarios_beyond": tail.tail_scenarios,
                "variance_reduction": tail.variance_ratio,
                "variance_reduction_es": tail.variance_ratio_es,
                "convergence": _growing(with_, strata, level),
            }
        )
    return said


def _growing(curve: Curve, strata: Integers, level: float) -> list[dict[str, float]]:
    """Return the tail from the first quarter, the first half and all of the scenarios."""
    count = len(curve.losses)
    out = []
    for part in sorted({max(1, count // 4), max(1, count // 2), count}):
        tail = tail_risk(curve.losses[:part], curve.weight[:part], level, strata=strata[:part], least=0)
        out.append({"scenarios": part, "var": tail.var, "es": tail.es})
    return out


def _threads(params: Params) -> int:
    return params.workers or cores()
