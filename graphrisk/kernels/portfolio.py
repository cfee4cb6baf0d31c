"""The portfolio engine: first-stage defaults of a factor model, pushed through a contagion map, in counted scenarios.

Sources: as `graphrisk.kernels.copula`, `second_stage` and `tailrisk`; contributions are conditional means (D. Tasche,
"Risk contributions and performance measurement", 1999, the Euler principle for VaR and ES). Importance weights depend
on the factors alone, so that they stay exact whatever the second stage does.

Scenario s is drawn from the counters (seed, s): totals are the same, bit for bit, for any number of workers and for
scenarios run again one by one, as contributions do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from graphrisk.errors import UsageError
from graphrisk.kernels.copula import FactorModel, draw_defaults, draw_factors, likelihood, worst_direction
from graphrisk.kernels.second_stage import Losses, SecondStage, no_contagion
from graphrisk.kernels.tailrisk import TailRisk, mean_and_error, tail_risk, tail_shares

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_CHUNK = 128  # scenarios per task: fixed, so that sums do not depend on the number of workers
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything that decides the numbers: the same plan gives the same bits.

    `loss` (n,): the bank's loss if a party defaults (EAD x LGD). `shift` (f,): importance sampling of the factors (0:
    plain); every `plain_every`-th scenario is not shifted, so that the body of the distribution is seen too.
    """

    model: FactorModel
    loss: Floats
    stage: SecondStage
    scenarios: int
    seed: int
    shift: Floats
    plain_every: int

    @property
    def plain_part(self) -> float:
        """The part of scenarios that are not shifted."""
        if not self.plain_every or not self.shift.any():
            return 1.0 if not self.shift.any() else 0.0
        return -(-self.scenarios // self.plain_every) / self.scenarios


@dataclass(frozen=True, kw_only=True, slots=True)
class Simulation:
    """Totals of N scenarios, all (N,): loss without (`first`) and with contagion (`total`), importance `weight`.

    `defaults` of the first stage and `touched` units after the second; `untold`: loss the second stage left unpassed.
    """

    plan: Plan
    first: Floats
    total: Floats
    weight: Floats
    plain: npt.NDArray[np.bool_]
    defaults: Integers
    touched: Integers
    untold: Floats

    @property
    def expected_first(self) -> float:
        """Expected loss without contagion, exactly: the sum of PD x loss."""
        return float(self.plan.model.pd @ self.plan.loss)

    def expected(self) -> tuple[float, float]:
        """Return the expected loss with contagion and its standard error; only what contagion adds is simulated."""
        mean, error = mean_and_error(self.weight * (self.total - self.first), self.plain.astype(np.int64))
        return self.expected_first + mean, error

    def tail(self, level: float, *, contagion: bool = True, confidence: float = 0.95) -> TailRisk:
        """Return VaR and ES at `level`, with or without contagion."""
        losses = self.total if contagion else self.first
        return tail_risk(losses, self.weight, level, strata=self.plain.astype(np.int64), confidence=confidence)


def plan(
    model: FactorModel,
    loss: npt.ArrayLike,
    *,
    scenarios: int,
    seed: int,
    stage: SecondStage | None = None,
    shift_level: float | None = 0.999,
    plain_every: int = 5,
) -> Plan:
    """Return the plan of a simulation. `shift_level`: the tail that matters; None turns importance sampling off."""
    each = np.asarray(loss, dtype=np.float64)
    if scenarios < 1 or plain_every < 0 or not 0 <= seed < 2**63:
        raise UsageError("scenarios must be at least 1, plain_every at least 0, seed in [0, 2^63)")
    shift = np.zeros(model.class_loading.shape[1])
    if shift_level is not None:
        shift = worst_direction(model, each, shift_level)
    return Plan(
        model=model,
        loss=each,
        stage=no_contagion(each) if stage is None else stage,
        scenarios=scenarios,
        seed=seed,
        shift=shift,
        plain_every=plain_every,
    )


def simulate(given: Plan, *, workers: int = 1) -> Simulation:
    """Return the totals of all scenarios of the plan."""

    def work(ids: Integers) -> tuple[Floats, Floats, Floats, npt.NDArray[np.bool_], Integers, Integers, Floats]:
        factors, plain = draw_factors(given.model, ids, given.seed, given.shift, given.plain_every)
        draws = draw_defaults(given.model, ids, factors, given.seed)
        lost = given.stage(draws)
        return (
            _sums(draws.start, given.loss[draws.party]),
            _sums(lost.start, lost.amount),
            likelihood(factors, given.shift, given.plain_part),
            plain,
            np.diff(draws.start),
            np.diff(lost.start),
            lost.untold,
        )

    parts = list(_fan(work, _chunks(np.arange(given.scenarios, dtype=np.int64)), workers))
    first, total, weight, plain, defaults, touched, untold = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return Simulation(
        plan=given,
        first=first,
        total=total,
        weight=weight,
        plain=plain,
        defaults=defaults,
        touched=touched,
        untold=untold,
    )


def es_contributions(ran: Simulation, level: float, *, units: int, workers: int = 1) -> Floats:
    """Return each unit's part (units,) of ES with contagion at `level`; they sum to ES.

    The scenarios of the tail are run again; `units`: how many the second stage speaks of (parties, facilities, groups).
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
    var = ran.tail(level).var
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

    def work(ids: Integers) -> Floats:
        factors, _ = draw_factors(given.model, ids, given.seed, given.shift, given.plain_every)
        lost: Losses = given.stage(draw_defaults(given.model, ids, factors, given.seed))
        counted = np.repeat(share[ids], np.diff(lost.start)) * lost.amount
        return np.bincount(lost.unit, counted, units).astype(np.float64)

    out = np.zeros(units)
    for part in _fan(work, _chunks(np.flatnonzero(share)), workers):
        out += part
    return out


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
