"""Scenarios drawn where the loss is large, each with the weight that makes up for it.

Source: P. Glasserman, J. Li, "Importance Sampling for Portfolio Credit Risk", Management Science 51(11), 2005: a shift
of the factors and, given the factors, PDs twisted exponentially by what a default costs, so that the mean loss is at
the level in question. Here one such tilt per level, a few unshifted scenarios beside them, and weights by the density
of the whole mixture (E. Veach, L. Guibas, "Optimally Combining Sampling Techniques", SIGGRAPH 1995), which bounds them.

Only the parties whose defaults move the total are twisted (`named`): a few hundred large ones make nearly all of the
spread that the factors leave. Weights depend on first-stage draws alone, so they stay exact whatever a second stage
does with these.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, expm1, log, log1p, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.randomness import WORDS, next_uniform, open_stream, uniforms
from graphrisk.kernels.portfolio.copula import Draws, FactorModel, draw_defaults, without_parties

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_FACTORS, _NAMED = 0, 2  # numbers of the streams of one scenario; 1 draws the other defaults
_ROOT_HALF = sqrt(0.5)
PLACES = 161
"""At how many mean costs `Tilt.twist` is given."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tilt:
    """How scenarios of one tail are drawn: the factor along `direction` (f,) is normal with `mean` and `spread`.

    `direction` has length 1 and points to bad years. `twist` (PLACES,): the exponent per unit of cost with which the
    PDs of the named parties are raised where their mean cost, given the factors, is `mean_cost` (PLACES,), ascending;
    0: not at all. Any value is sound, good ones are quick.
    """

    direction: Floats
    mean: float
    spread: float
    mean_cost: Floats
    twist: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampler:
    """The mixture that scenarios are drawn from: every `plain_every`-th as they are, the others by the tilts in turn.

    `named` (k,): parties drawn one by one, `cost` (k,) what the default of each costs; `rest`: the model of the others.
    """

    model: FactorModel
    rest: FactorModel
    named: Integers
    cost: Floats
    tilts: tuple[Tilt, ...]
    plain_every: int

    def kinds(self, ids: Integers) -> Integers:
        """Return by what each scenario is drawn: 0 as it is, j + 1 by the tilt j."""
        if not self.tilts:
            return np.zeros(len(ids), dtype=np.int64)
        if not self.plain_every:
            return 1 + ids % len(self.tilts)
        place = ids - ids // self.plain_every - 1
        return np.where(ids % self.plain_every == 0, 0, 1 + place % len(self.tilts))

    def parts(self, scenarios: int) -> Floats:
        """Return what part of the first `scenarios` is of each kind (tilts + 1,)."""
        kinds = self.kinds(np.arange(scenarios, dtype=np.int64))
        return np.bincount(kinds, minlength=len(self.tilts) + 1) / scenarios


class Drawn(NamedTuple):
    """k scenarios: their first-stage defaults, factors (k, f), kind (k,) and weight (k,)."""

    draws: Draws
    factors: Floats
    kind: Integers
    weight: Floats


def sampler_of(
    model: FactorModel,
    tilts: tuple[Tilt, ...],
    plain_every: int,
    named: Integers | None = None,
    cost: Floats | None = None,
) -> Sampler:
    """Return the sampler of `tilts`; `named` (k,) parties with a PD below 1 whose default costs `cost` (k,)."""
    some = np.zeros(0, dtype=np.int64) if named is None else named
    return Sampler(
        model=model,
        rest=without_parties(model, some),
        named=some,
        cost=np.zeros(0) if cost is None else cost,
        tilts=tilts,
        plain_every=plain_every,
    )


def draw_scenarios(sampler: Sampler, ids: Integers, seed: int, parts: Floats) -> Drawn:
    """Return scenarios `ids` and their weights; `parts`: of all scenarios, what part is of each kind."""
    model, tilts = sampler.model, sampler.tilts
    factors = ndtri(uniforms(seed, ids, _FACTORS, model.class_loading.shape[1]))
    kind = sampler.kinds(ids)
    if not tilts:
        return Drawn(draw_defaults(model, ids, factors, seed), factors, kind, np.ones(len(ids)))
    named = sampler.named
    load = np.ascontiguousarray(model.loadings[named])
    start, party = np.zeros(len(ids) + 1, dtype=np.int64), np.empty(len(ids) * len(named), dtype=np.int64)
    weight = np.empty(len(ids))
    _draw_tilted(
        ids, np.uint64(seed), kind, factors,
        np.stack([tilt.direction for tilt in tilts]), np.array([(t.mean, t.spread) for t in tilts]),
        np.stack([tilt.mean_cost for tilt in tilts]), np.stack([tilt.twist for tilt in tilts]), parts,
        model.threshold[named], load, np.sqrt(1.0 - (load**2).sum(axis=1)), sampler.cost, start, party, weight,
    )  # fmt: skip
    others = draw_defaults(sampler.rest, ids, factors, seed)
    return Drawn(_together(others, start, named[party[: start[-1]]]), factors, kind, weight)


def _together(draws: Draws, start: Integers, party: Integers) -> Draws:
    """Return the draws with further parties, those of scenario a in start[a] : start[a + 1]."""
    if not len(party):
        return draws
    number = np.arange(len(draws.ids))
    row = np.concatenate([np.repeat(number, np.diff(draws.start)), np.repeat(number, np.diff(start))])
    order = np.argsort(row, kind="stable")
    return Draws(draws.ids, draws.start + start, np.concatenate([draws.party, party])[order])


@njit(cache=True, nogil=True)
def _draw_tilted(  # type: ignore[no-untyped-def]
    ids,
    seed,
    kind,
    factors,
    direction,
    normal,
    mean_cost,
    twist,
    parts,
    threshold,
    load,
    rest,
    cost,
    start,
    party,
    weight,
):
    """Move the factors of each scenario, draw its named parties, and weigh it: all sums in one order, on any machine.

    Over the whole mixture: weight = 1 / (p_0 + sum of p_j r_j), r_j = normal density of the tilt over the standard one
    times exp(theta_j C - sum of log(1 + p_i (exp(theta_j c_i) - 1))), C the cost of the named parties in default.
    """
    stream = np.zeros(WORDS, dtype=np.uint64)
    chance = np.empty(len(cost))
    used = 0
    for at in range(len(ids)):
        start[at] = used
        own = kind[at] - 1
        if own >= 0:
            along = 0.0
            for f in range(factors.shape[1]):
                along += direction[own, f] * factors[at, f]
            move = normal[own, 0] + (normal[own, 1] - 1.0) * along
            for f in range(factors.shape[1]):
                factors[at, f] += move * direction[own, f]
        mean = 0.0
        for i in range(len(cost)):
            centre = 0.0
            for f in range(factors.shape[1]):
                centre += load[i, f] * factors[at, f]
            chance[i] = 0.5 * erfc(-(threshold[i] - centre) / rest[i] * _ROOT_HALF)
            mean += chance[i] * cost[i]
        theta = _twist_at(mean_cost[own], twist[own], mean) if own >= 0 else 0.0
        lost = 0.0
        open_stream(ids[at], _NAMED, stream)
        for i in range(len(cost)):
            up = expm1(theta * cost[i])
            if next_uniform(seed, stream) * (1.0 + chance[i] * up) < chance[i] * (1.0 + up):
                party[used] = i
                used += 1
                lost += cost[i]
        density = parts[0]
        for j in range(len(twist)):
            along = 0.0
            for f in range(factors.shape[1]):
                along += direction[j, f] * factors[at, f]
            score = (along - normal[j, 0]) / normal[j, 1]
            ratio = 0.5 * (along * along - score * score) - log(normal[j, 1])
            theta = _twist_at(mean_cost[j], twist[j], mean)
            if theta > 0.0:
                ratio += theta * lost
                for i in range(len(cost)):
                    ratio -= log1p(chance[i] * expm1(theta * cost[i]))
            density += parts[j + 1] * exp(min(ratio, 700.0))
        weight[at] = 1.0 / density
    start[len(ids)] = used


@njit(cache=True, nogil=True)
def _twist_at(mean_cost, twist, mean):  # type: ignore[no-untyped-def]
    """Return the twist at a mean cost, linear between those given."""
    if mean <= mean_cost[0]:
        return twist[0]
    above = np.searchsorted(mean_cost, mean)
    if above >= len(mean_cost):
        return twist[-1]
    part = (mean - mean_cost[above - 1]) / (mean_cost[above] - mean_cost[above - 1])
    return (1.0 - part) * twist[above - 1] + part * twist[above]
