"""The portfolio engine: first-stage defaults of a factor model, pushed through a contagion map, in counted scenarios.

Sources: as `graphrisk.kernels.portfolio.copula`, `tilting`, `second_stage` and `tailrisk`; contributions are
conditional means (D. Tasche, "Risk contributions and performance measurement", 1999, the Euler principle for VaR and
ES).

Scenario s is drawn from the counters (seed, s): totals are the same, bit for bit, for any number of workers and for
scenarios run again one by one, as contributions do with those whose losses were not kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from graphrisk.errors import UsageError
from graphrisk.kernels.portfolio.copula import Draws, FactorModel
from graphrisk.kernels.portfolio.default_spread import GoesInSteps, Losses, SecondStage, no_contagion, scenario_sums
from graphrisk.kernels.portfolio.kept_losses import KeptLosses
from graphrisk.kernels.portfolio.pilot import choose_sampler
from graphrisk.kernels.portfolio.tailrisk import TailRisk, mean_and_error, tail_risk, tail_shares
from graphrisk.kernels.portfolio.tilting import Sampler, draw_scenarios, sampler_of

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_CHUNK = 128  # scenarios per task: fixed, so that sums do not depend on the number of workers
_T = TypeVar("_T")
_Drawn: TypeAlias = tuple[Floats, Floats, Integers, Integers]
_Lost: TypeAlias = tuple[Floats, Integers, Floats]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that decides the numbers: the same plan gives the same bits.

    `loss` (n,): the bank's loss if a party defaults (EAD x LGD). `sampler`: how scenarios are drawn; `pilot`: how many
    were spent on choosing it.
    """

    model: FactorModel
    loss: Floats
    stage: SecondStage
    scenarios: int
    seed: int
    sampler: Sampler
    pilot: int

    @property
    def parts(self) -> Floats:
        """The part of the scenarios that is drawn as it is, then those of each tilt."""
        return self.sampler.parts(self.scenarios)


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """Totals of N scenarios, all (N,): loss without (`first`) and with contagion (`total`), importance `weight`.

    `strata`: by what each was drawn, 0 as it is. `defaults` of the first stage and `touched` units after the second;
    `untold`: loss the second stage left unpassed. `kept`: what the worst of them lost on each unit.
    """

    plan: Plan
    first: Floats
    total: Floats
    weight: Floats
    strata: Integers
    defaults: Integers
    touched: Integers
    untold: Floats
    kept: KeptLosses

    @property
    def expected_first(self) -> float:
        """Expected loss without contagion, exactly: the sum of PD x loss."""
        return float(self.plan.model.pd @ self.plan.loss)

    def expected(self) -> tuple[float, float]:
        """Return the expected loss with contagion and its standard error; only what contagion adds is simulated.

        Guarantors can take more than contagion adds. Where so few scenarios would leave less than no loss, it is the
        mean of their losses themselves.
        """
        mean, error = mean_and_error(self.weight * (self.total - self.first), self.strata)
        if self.expected_first + mean < 0.0:
            return mean_and_error(self.weight * self.total, self.strata)
        return self.expected_first + mean, error

    def tail(self, level: float, *, contagion: bool = True, confidence: float = 0.95) -> TailRisk:
        """Return VaR and ES at `level`, with or without contagion."""
        losses = self.total if contagion else self.first
        return tail_risk(losses, self.weight, level, strata=self.strata, confidence=confidence, spent=self.plan.pilot)


def plan(
    model: FactorModel,
    loss: npt.ArrayLike,
    *,
    scenarios: int,
    seed: int,
    stage: SecondStage | None = None,
    shift_level: float | Sequence[float] | None = 0.999,
    plain_every: int = 5,
) -> Plan:
    """Return the plan of a simulation.

    `shift_level`: the tails that matter; a pilot through `stage` chooses how scenarios of each are drawn. None turns
    importance sampling off. Every `plain_every`-th scenario (0: none) is drawn as it is, so that the body of the
    distribution is seen too and no weight exceeds it.
    """
    each = np.asarray(loss, dtype=np.float64)
    if scenarios < 1 or plain_every < 0 or not 0 <= seed < 2**63:
        raise UsageError("scenarios must be at least 1, plain_every at least 0, seed in [0, 2^63)")
    spread = no_contagion(each) if stage is None else stage
    sampler, pilot = sampler_of(model, (), plain_every), 0
    if shift_level is not None:
        levels = [shift_level] if isinstance(shift_level, int | float) else sorted(set(shift_level))
        sampler, pilot = choose_sampler(
            model, each, spread, levels, scenarios=scenarios, seed=seed, plain_every=plain_every
        )
    return Plan(model=model, loss=each, stage=spread, scenarios=scenarios, seed=seed, sampler=sampler, pilot=pilot)


def simulate(
    given: Plan, *, workers: int = 1, tell: Callable[[int], None] | None = None, most_kept: int = 0
) -> Simulation:
    """Return the totals of all scenarios of the plan; `tell` is called with how many are done.

    `most_kept`: bytes for the losses of the worst scenarios, so that contributions need not run those again.
    """
    return simulate_steps(given, workers=workers, tell=tell, most_kept=most_kept)[-1]


def simulate_steps(
    given: Plan, *, workers: int = 1, tell: Callable[[int], None] | None = None, most_kept: int = 0
) -> tuple[Simulation, ...]:
    """As `simulate`, of one run of each scenario: a simulation a step on its way (`GoesInSteps`), the end last."""
    parts, kept = given.parts, KeptLosses(most_kept)

    def work(ids: Integers) -> tuple[Integers, Losses | None, _Drawn, list[_Lost]]:
        drawn = draw_scenarios(given.sampler, ids, given.seed, parts)
        draws, steps = drawn.draws, _each_step(given.stage, drawn.draws)
        said = _sums(draws.start, given.loss[draws.party]), drawn.weight, drawn.kind, np.diff(draws.start)
        lost = [(scenario_sums(one), np.diff(one.start), one.untold) for one in steps]
        return ids, steps[-1] if most_kept else None, said, lost

    drawn, lost = list[_Drawn](), list[list[_Lost]]()
    for ids, rows, said, each in _fan(work, _chunks(np.arange(given.scenarios, dtype=np.int64)), workers):
        drawn.append(said)
        lost.append(each)
        if rows is not None:
            kept.keep(ids, each[-1][0], rows)
        if tell is not None:
            tell(min(len(drawn) * _CHUNK, given.scenarios))
    first, weight, strata, defaults = (np.concatenate(column) for column in zip(*drawn, strict=True))
    out = []
    for step, pieces in enumerate(zip(*lost, strict=True)):
        end = step == len(lost[0]) - 1
        total, touched, untold = (np.concatenate(column) for column in zip(*pieces, strict=True))
        out.append(
            Simulation(
                plan=given if end else dataclasses.replace(given, stage=_Step(given.stage, step)),
                first=first,
                total=total,
                weight=weight,
                strata=strata,
                defaults=defaults,
                touched=touched,
                untold=untold,
                kept=kept if end else KeptLosses(0),
            )
        )
    return tuple(out)


def _each_step(stage: SecondStage, draws: Draws) -> tuple[Losses, ...]:
    return stage.each_step(draws) if isinstance(stage, GoesInSteps) else (stage(draws),)


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a second stage, as a stage of its own."""

    stage: SecondStage
    step: int

    def __call__(self, draws: Draws) -> Losses:
        return _each_step(self.stage, draws)[self.step]


def es_contributions(ran: Simulation, level: float, *, units: int, workers: int = 1) -> Floats:
    """Return each unit's part (units,) of ES with contagion at `level`; they sum to ES.

    Scenarios of the tail that were not kept are run again; `units`: how many the second stage speaks of (parties,
    facilities, groups).
    """
    return _weighted(ran, tail_shares(ran.total, ran.weight, level), units, workers)


def var_contributions(ran: Simulation, level: float, *, units: int, window: float = 0.1, workers: int = 1) -> Floats:
    """Return each unit's part (units,) of VaR: its mean loss where the total is near VaR, scaled to sum to VaR.

    Near: scenarios whose rank in the tail lies within `window` of the tail's mass on either side. A narrower window has
    less bias and more noise.
    """
    if not 0.0 < window < 1.0:
        raise UsageError("window must lie strictly between 0 and 1")
    rest = 1.0 - level
    order = np.argsort(-ran.total, kind="stable")
    mass = np.cumsum(ran.weight[order]) / len(order)
    near = order[(mass >= rest * (1.0 - window)) & (mass <= rest * (1.0 + window))]
    var = tail_risk(ran.total, ran.weight, level, strata=ran.strata, least=0).var  # also where nothing lies beyond it
    share = np.zeros(len(order))
    share[near] = ran.weight[near]
    total = float(share @ ran.total)
    if not total > 0.0:
        raise UsageError("no scenario lies near VaR", hint="a wider window or more scenarios")
    return _weighted(ran, share * (var / total), units, workers)


def el_contributions(ran: Simulation, *, units: int, workers: int = 1) -> Floats:
    """Return each unit's simulated part (units,) of the expected loss with contagion (all scenarios are run again)."""
    return _weighted(ran, ran.weight / len(ran.weight), units, workers)


def _weighted(ran: Simulation, share: Floats, units: int, workers: int) -> Floats:
    """Return sum over scenarios of share x loss by unit."""
    given = ran.plan
    parts = given.parts

    def work(ids: Integers) -> Floats:
        rows = _rows_of(ran, ids, parts)
        counted = np.concatenate([share[i] * amount for i, (_, amount) in zip(ids, rows, strict=True)])
        return np.bincount(np.concatenate([unit for unit, _ in rows]), counted, units).astype(np.float64)

    out = np.zeros(units)
    for part in _fan(work, _chunks(np.flatnonzero(share)), workers):
        out += part
    return out


def _rows_of(ran: Simulation, ids: Integers, parts: Floats) -> list[tuple[npt.NDArray[np.integer], Floats]]:
    """Return units and amounts of what each scenario lost: as kept, or run again."""
    given, missing = ran.plan, np.array([i for i in ids.tolist() if i not in ran.kept], dtype=np.int64)
    again: dict[int, tuple[npt.NDArray[np.integer], Floats]] = {}
    if len(missing):
        lost = given.stage(draw_scenarios(given.sampler, missing, given.seed, parts).draws)
        split = lost.start[1:-1]
        units, amounts = np.split(lost.unit, split), np.split(lost.amount, split)
        again = dict(zip(missing.tolist(), zip(units, amounts, strict=True), strict=True))
    return [again[i] if i in again else ran.kept.of(i) for i in ids.tolist()]


def _sums(start: Integers, amount: Floats) -> Floats:
    """Return sums of amount[start[a] : start[a + 1]], 0 where empty."""
    row = np.repeat(np.arange(len(start) - 1), np.diff(start))
    return np.bincount(row, amount, len(start) - 1).astype(np.float64)


def _chunks(ids: Integers) -> list[Integers]:
    return [ids[at : at + _CHUNK] for at in range(0, len(ids), _CHUNK)]


def _fan(work: Callable[[Integers], _T], chunks: list[Integers], workers: int) -> Iterator[_T]:
    """Yield the chunks' results in their order, whoever computes them."""
    if workers <= 1:
        yield from map(work, chunks)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(work, chunks)
