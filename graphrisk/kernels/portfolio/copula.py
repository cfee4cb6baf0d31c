"""First-stage defaults from a Gaussian factor model, drawn without touching the parties that do not default.

Source: O. Vasicek, "The distribution of loan portfolio value", Risk, December 2002 (one factor); G. Gupton, C. Finger,
M. Bhatia, "CreditMetrics Technical Document", 1997 (several factors); P. Glasserman, J. Li, "Importance
Sampling for Portfolio Credit Risk", Management Science 51(11), 2005 (shift of the factors). The sampler skips from
default to default by geometric gaps (L. Devroye, "Non-Uniform Random Variate Generation", 1986) within groups of
parties of one loading and similar PD, and thins by the ratio of PDs, which is exact.

Party i defaults when a_i . Z + sqrt(1 - |a_i|^2) e_i falls below N^-1(PD_i): a low factor is a bad year.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from math import erfc, log, log1p, sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from graphrisk.errors import DataError, UsageError
from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.randomness import WORDS, next_uniform, open_stream

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
_DEFAULTS = 1  # number of this stream of a scenario
_ROOT_HALF = sqrt(0.5)


class Draws(NamedTuple):
    """Defaults of k scenarios: those of scenario `ids[a]` are `party[start[a] : start[a + 1]]`, in no special order."""

    ids: Integers
    start: Integers
    party: Integers


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorModel:
    """n parties in groups of one loading and similar PD. `pd` (n,), `loadings` (n, f), `threshold` (n,) N^-1(PD)."""

    pd: Floats
    loadings: Floats
    threshold: Floats
    order: Integers  # parties by group
    group_start: Integers
    group_top: Floats  # largest threshold in the group
    group_class: Integers
    class_loading: Floats  # (classes, f)
    class_rest: Floats  # sqrt(1 - |a|^2)


def factor_model(pd: npt.ArrayLike, loadings: npt.ArrayLike) -> FactorModel:
    """Return the model of parties with `pd` (n,) in [0, 1] and `loadings` (n, f) or, with one factor, sqrt(rho) (n,).

    Several factors must be independent: load on correlated ones (sector, region) by the root of their correlation
    (`correlated`). Raises DataError where the loadings leave nothing to the party itself (|a| >= 1).
    """
    chance = np.asarray(pd, dtype=np.float64)
    n = len(chance)
    load = np.asarray(loadings, dtype=np.float64).reshape(n, -1)
    if not ((chance >= 0.0) & (chance <= 1.0)).all():
        raise DataError(
            "pd must be a fraction in [0, 1] for each party", hint="a missing PD must be filled or left out"
        )
    rest = 1.0 - (load**2).sum(axis=1)
    if not (np.isfinite(load).all() and (rest > 0.0).all()):
        raise DataError("loadings must be finite with squares summing to less than 1")
    threshold = ndtri(chance)
    classes, which = np.unique(load, axis=0, return_inverse=True)
    which = which.reshape(-1)
    some = np.flatnonzero(chance > 0.0)
    # Half-steps of a power of two: thinning then keeps at least 70 % of candidates at small conditional PDs.
    step = np.floor(2.0 * np.log2(chance[some])).astype(np.int64)
    by = np.lexsort((some, chance[some], step, which[some]))
    order, step = some[by], step[by]
    kind = which[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (kind[1:] != kind[:-1]) | (step[1:] != step[:-1])
    start = np.append(np.flatnonzero(new), len(order)).astype(np.int64)
    return FactorModel(
        pd=chance,
        loadings=load,
        threshold=threshold,
        order=order.astype(np.int64),
        group_start=start,
        group_top=threshold[order[start[1:] - 1]] if len(order) else np.zeros(0),
        group_class=kind[start[:-1]].astype(np.int64) if len(order) else np.zeros(0, dtype=np.int64),
        class_loading=np.ascontiguousarray(classes),
        class_rest=np.sqrt(1.0 - (classes**2).sum(axis=1)),
    )


def correlated(sector: npt.ArrayLike, correlation: npt.ArrayLike, rho: npt.ArrayLike) -> Floats:
    """Return loadings (n, f) on independent factors of parties whose sectors' factors have `correlation` (f, f).

    `sector` (n,): 0..f-1. `rho` (n,): the part of a party's variance that its sector's factor explains. By the
    eigenvalues of the correlation matrix; UsageError if it is no correlation matrix.
    """
    matrix = np.asarray(correlation, dtype=np.float64)
    if matrix.ndim != 2 or not np.allclose(matrix, matrix.T, atol=1e-12) or not np.allclose(np.diag(matrix), 1.0):
        raise UsageError("correlation must be symmetric with ones on its diagonal")
    value, vector = np.linalg.eigh(matrix)
    if value.min() < -1e-9:
        raise UsageError(f"correlation is not positive semidefinite: smallest eigenvalue {value.min():.2g}")
    # Signs are fixed so that the same matrix gives the same bits everywhere.
    vector = vector * np.where(vector.sum(axis=0) < 0.0, -1.0, 1.0)
    root = vector * np.sqrt(np.maximum(value, 0.0))
    part = np.sqrt(np.asarray(rho, dtype=np.float64))
    return np.asarray(root[np.asarray(sector, dtype=np.int64)] * part[:, None])


def worst_direction(model: FactorModel, loss: Floats, level: float) -> Floats:
    """Return the factor shift (f,) for the tail beyond `level`: where the mean loss is largest at distance N^-1(level).

    `loss` (n,): loss if a party defaults. The mean loss given the factors is smooth; the direction is found by turning
    to its gradient until it stands still (the shift of Glasserman and Li in the limit of many parties).
    """
    radius = float(ndtri(level))
    weight, kind = _by_class(model, loss)
    z = -model.class_loading.T @ np.bincount(kind, weight * model.pd[model.order], len(model.class_loading))
    if not np.linalg.norm(z) > 0.0 or radius <= 0.0:
        return np.zeros(model.class_loading.shape[1])
    for _ in range(100):
        before = z = radius * z / np.linalg.norm(z)
        distance = (model.threshold[model.order] - (model.class_loading @ z)[kind]) / model.class_rest[kind]
        slope = weight * np.exp(-0.5 * distance**2) / model.class_rest[kind]
        pull = -model.class_loading.T @ np.bincount(kind, slope, len(model.class_loading))
        if not np.linalg.norm(pull) > 0.0:
            break
        z = radius * pull / np.linalg.norm(pull)
        if np.linalg.norm(z - before) <= 1e-9 * radius:
            break
    return np.asarray(radius * z / np.linalg.norm(z))


def mean_loss(model: FactorModel, loss: Floats, factors: Floats) -> Floats:
    """Return the mean first-stage loss (k,) given `factors` (k, f)."""
    weight, kind = _by_class(model, loss)
    out = np.empty(len(factors))
    for row, z in enumerate(factors):
        distance = (model.threshold[model.order] - (model.class_loading @ z)[kind]) / model.class_rest[kind]
        out[row] = weight @ ndtr(distance)
    return out


def without_parties(model: FactorModel, parties: Integers) -> FactorModel:
    """Return the model in which `parties` are never drawn."""
    if not len(parties):
        return model
    keep = ~np.isin(model.order, parties)
    group = np.repeat(np.arange(len(model.group_class)), np.diff(model.group_start))[keep]
    size = np.bincount(group, minlength=len(model.group_class))
    some = size > 0
    return dataclasses.replace(
        model,
        order=model.order[keep],
        group_start=np.concatenate([[0], np.cumsum(size[some])]).astype(np.int64),
        group_top=model.group_top[some],
        group_class=model.group_class[some],
    )


def draw_defaults(model: FactorModel, ids: Integers, factors: Floats, seed: int) -> Draws:
    """Return the parties that default in each scenario, given its factors."""
    room = int(len(ids) * (model.pd.sum() * 4.0 + 16.0)) + 64
    arrays = (model.order, model.group_start, model.group_top, model.group_class, model.threshold[model.order])
    key = np.uint64(seed)
    while True:
        start, party = np.empty(len(ids) + 1, dtype=np.int64), np.empty(room, dtype=np.int64)
        used = _draw(ids, factors, key, arrays, model.class_loading, model.class_rest, start, party)
        if used >= 0:
            return Draws(ids, start, party[:used].copy())
        room *= 2


def _by_class(model: FactorModel, loss: Floats) -> tuple[Floats, Integers]:
    kind = np.repeat(model.group_class, np.diff(model.group_start))
    return np.asarray(loss, dtype=np.float64)[model.order], kind


@njit(cache=True, nogil=True)
def _draw(ids, factors, seed, arrays, class_loading, class_rest, start, party):  # type: ignore[no-untyped-def]
    order, group_start, group_top, group_class, threshold = arrays  # thresholds in the order of `order`
    stream = np.zeros(WORDS, dtype=np.uint64)
    centre = np.empty(len(class_rest))
    used = 0
    for at in range(len(ids)):
        start[at] = used
        open_stream(ids[at], _DEFAULTS, stream)
        for c in range(len(class_rest)):
            total = 0.0
            for f in range(factors.shape[1]):
                total += class_loading[c, f] * factors[at, f]
            centre[c] = total
        for g in range(len(group_class)):
            c = group_class[g]
            top = 0.5 * erfc(-(group_top[g] - centre[c]) / class_rest[c] * _ROOT_HALF)
            if top <= 0.0:
                continue
            same = threshold[group_start[g]] == group_top[g]
            stay = log1p(-top) if top < 1.0 else -np.inf
            place = group_start[g]
            end = group_start[g + 1]
            while True:
                gap = log(next_uniform(seed, stream)) / stay
                if gap >= end - place:
                    break
                place += int(gap)
                i = order[place]
                own = threshold[place]
                place += 1
                if not same:
                    chance = 0.5 * erfc(-(own - centre[c]) / class_rest[c] * _ROOT_HALF)
                    if next_uniform(seed, stream) * top >= chance:
                        if place >= end:
                            break
                        continue
                if used >= len(party):
                    return -1
                party[used] = i
                used += 1
                if place >= end:
                    break
    start[len(ids)] = used
    return used
