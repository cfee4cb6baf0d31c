"""Where to look for the tail: a small run first, with contagion, that says how the many scenarios are best drawn.

Source: as `kernels.portfolio.tilting`; the factor's mean and spread in the tail are the cross-entropy choice (R.
Rubinstein, D. Kroese, "The Cross-Entropy Method", Springer 2004), along the direction in which the mean loss rises. The
pilot chooses how to draw and nothing else: the scenarios that are counted are independent of it, so that what it misses
costs precision, never truth.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from graphrisk.kernels.portfolio.copula import Draws, FactorModel, worst_direction
from graphrisk.kernels.portfolio.default_spread import KnowsWhatOneAdds, SecondStage, scenario_sums
from graphrisk.kernels.portfolio.tilting import (
    PLACES,
    Floats,
    Integers,
    Sampler,
    Tilt,
    draw_scenarios,
    sampler_of,
)

FIRST_ID = 2**62
"""Scenarios of the pilot have numbers of their own, from here on."""
LARGEST, SMALLEST = 512, 64
CANDIDATES, NAMED = 512, 256
"""How many parties are tried, the largest losses first, and how many at most are then drawn one by one."""
_ENOUGH = 24  # scenarios of the pilot beyond a loss, below which they say too little of it
_MILDER = 0.2  # how far the normal along the way lies before the mean of the tail
_CHUNK = 128
_ALONG = np.linspace(-10.0, 10.0, PLACES)
_NO_TWIST = np.zeros(PLACES)


def pilot_size(scenarios: int) -> int:
    """Return how many scenarios a pilot takes beside `scenarios` that count: the power of 2 at an eighth; 0: none."""
    size = min(LARGEST, int(2 ** np.floor(np.log2(max(scenarios, 8) / 8.0))))
    return size if size >= SMALLEST else 0


def choose_sampler(
    model: FactorModel,
    loss: Floats,
    stage: SecondStage,
    levels: Sequence[float],
    *,
    scenarios: int,
    seed: int,
    plain_every: int,
) -> tuple[Sampler, int]:
    """Return a sampler for the tails beyond `levels`, and how many scenarios were spent on choosing it."""
    ways = [_by_first_stage(model, loss, level) for level in levels]
    simple = tuple(way for way in ways if way is not None)
    size = pilot_size(scenarios)
    if not simple or not size:
        return sampler_of(model, simple, plain_every), 0
    ids = FIRST_ID + np.arange(size, dtype=np.int64)
    first = sampler_of(model, simple[-1:], plain_every)
    parts = np.bincount(first.kinds(ids), minlength=2) / size
    total, weight = np.zeros(size), np.zeros(size)
    factors, down = np.zeros((size, model.class_loading.shape[1])), list[Integers]()
    for at in range(0, size, _CHUNK):
        drawn = draw_scenarios(first, ids[at : at + _CHUNK], seed, parts)
        total[at : at + _CHUNK] = scenario_sums(stage(drawn.draws))
        down += np.split(drawn.draws.party, drawn.draws.start[1:-1])
        factors[at : at + _CHUNK], weight[at : at + _CHUNK] = drawn.factors, drawn.weight
    cost = _marginal(model, loss, stage, down[_place(total, weight, max(levels))])
    found = [_tail(total, weight, factors, level, _by_first_stage(model, cost, level)) for level in levels]
    named = _named(model, cost, simple[-1] if found[-1] is None else found[-1][1])
    tilts = []
    for way, tail in zip(ways, found, strict=True):
        if tail is not None:
            tilts.append(_twisted(model, cost, named, total, factors, *tail))
        elif way is not None:
            tilts.append(way)
    return sampler_of(model, tuple(tilts), plain_every, named, cost[named]), size


def _by_first_stage(model: FactorModel, loss: Floats, level: float) -> Tilt | None:
    """Return the shift to where the mean first-stage loss is largest, without a twist."""
    shift = worst_direction(model, loss, level)
    length = float(np.linalg.norm(shift))
    if not length > 0.0:
        return None
    return Tilt(direction=shift / length, mean=length, spread=1.0, mean_cost=_NO_TWIST, twist=_NO_TWIST)


def _tail(total: Floats, weight: Floats, factors: Floats, level: float, way: Tilt | None) -> tuple[float, Tilt] | None:
    """Return the pilot's VaR at `level`, and the normal along `way` seen beyond it; None where it saw too little."""
    if way is None:
        return None
    var = float(total[_place(total, weight, level)])
    beyond = total >= var
    if not var > 0.0 or beyond.sum() < _ENOUGH or beyond.all():
        return None
    share = weight[beyond] / weight[beyond].sum()
    along = factors[beyond] @ way.direction
    mean = float(share @ along)
    # Milder years than those seen must be covered too: a tail reached from there would come with a large weight. With
    # several factors another than the one along the way can bring it.
    least = 0.65 if factors.shape[1] == 1 else 0.8
    spread = 1.3 * float(np.sqrt(share @ (along - mean) ** 2))
    place = min(max(mean - _MILDER, 0.6 * way.mean), way.mean)
    return var, dataclasses.replace(way, mean=place, spread=min(1.0, max(least, spread)))


def _place(total: Floats, weight: Floats, level: float) -> int:
    """Return the scenario of the pilot whose loss is its VaR."""
    order = np.argsort(-total, kind="stable")
    mass = np.cumsum(weight[order]) / len(total)
    return int(order[min(int(np.searchsorted(mass, 1.0 - level)), len(order) - 1)])


def _marginal(model: FactorModel, loss: Floats, stage: SecondStage, down: Integers) -> Floats:
    """Return what the default of each party adds to a scenario in which `down` default (n,), by runs for the largest.

    Of one that is drawn there: what the scenario loses less without it.
    """
    cost = loss.copy()
    drawn = np.flatnonzero((model.pd > 0.0) & (model.pd < 1.0))
    some = np.sort(drawn[np.argsort(-loss[drawn] * model.pd[drawn] ** 0.5, kind="stable")[:CANDIDATES]])
    if isinstance(stage, KnowsWhatOneAdds):
        added = stage.added_by(down, some)
        known = ~np.isnan(added)
        cost[some[known]] = np.abs(added[known])
        some = some[~known]
    base = _total(stage, [down])[0]
    for at in range(0, len(some), _CHUNK):
        part = some[at : at + _CHUNK]
        cost[part] = np.abs(_total(stage, [np.setxor1d(down, part[k : k + 1]) for k in range(len(part))]) - base)
    return cost


def _total(stage: SecondStage, sets: list[Integers]) -> Floats:
    start = np.cumsum([0, *(len(each) for each in sets)]).astype(np.int64)
    return scenario_sums(stage(Draws(np.arange(len(sets), dtype=np.int64), start, np.concatenate(sets))))


def _chances(model: FactorModel, direction: Floats, places: Floats, parties: Integers) -> Floats:
    """Return PDs given the factor along `direction` (places, parties), the other factors at random."""
    along = model.loadings[parties] @ direction
    with np.errstate(invalid="ignore"):
        return np.asarray(ndtr((model.threshold[parties] - np.outer(places, along)) / np.sqrt(1.0 - along**2)))


def _named(model: FactorModel, cost: Floats, tilt: Tilt) -> Integers:
    """Return the parties whose defaults move the total most at the tilt's place, at most NAMED."""
    drawn = np.flatnonzero((model.pd > 0.0) & (model.pd < 1.0) & (cost > 0.0))
    chance = _chances(model, tilt.direction, np.array([tilt.mean]), drawn)[0]
    spread = cost[drawn] * np.sqrt(chance * (1.0 - chance))
    return np.sort(drawn[np.argsort(-spread, kind="stable")[:NAMED]])


def _twisted(
    model: FactorModel, cost: Floats, named: Integers, total: Floats, factors: Floats, var: float, tilt: Tilt
) -> Tilt:
    """Return the tilt with the twist that brings the mean loss to `var` at each place where it is below.

    The mean is the sum of PD x cost times what the pilot saw over it near the tail: contagion, guarantors, common
    effects of several defaults.
    """
    places: Floats = _ALONG
    drawn = np.flatnonzero((model.pd > 0.0) & (cost > 0.0))
    mean = np.concatenate([
        _chances(model, tilt.direction, places[k : k + 8], drawn) @ cost[drawn] for k in range(0, PLACES, 8)
    ])  # fmt: skip
    along = factors @ tilt.direction
    seen = np.interp(along, places, mean)
    near = [np.exp(-0.5 * ((along - tilt.mean - side * tilt.spread) / 0.5) ** 2) for side in (-1.0, 1.0)]
    more = [float(np.log(max(float(k @ total), 1e-300) / max(float(k @ seen), 1e-300))) for k in near]
    part = np.clip((places - tilt.mean) / tilt.spread, -1.0, 1.0)
    wanted: Floats = var / np.exp(more[0] * (1.0 - part) / 2.0 + more[1] * (1.0 + part) / 2.0)
    chance, each = _chances(model, tilt.direction, places, named), cost[named]
    low: Floats = np.zeros(PLACES)
    largest: float = each.max() if len(each) else 0.0
    high: Floats = 40.0 / np.maximum(wanted, largest)
    others = mean - chance @ each
    for _ in range(50):
        middle = (low + high) / 2.0
        lift = np.exp(middle[:, None] * each)
        reached = others + (chance * lift / (1.0 + chance * (lift - 1.0))) @ each
        low, high = np.where(reached < wanted, middle, low), np.where(reached < wanted, high, middle)
    return dataclasses.replace(
        tilt, mean_cost=np.maximum.accumulate(chance @ each), twist=np.where(mean < wanted, low, 0.0)
    )
