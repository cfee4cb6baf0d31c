"""Matrices of moves with their intervals, from counts or from a matrix that is given."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphrisk.analyze.migration.counting import DAYS, Counts
from graphrisk.analyze.migration.tables import AALEN_JOHANSEN, COHORT, DURATION, GIVEN, JLT, LOG
from graphrisk.errors import DataError
from graphrisk.graph.riskgraph import Floats
from graphrisk.kernels.credit import migration as kernel
from graphrisk.model.note import Note

CHUNK = 16
"""Samples worked on at once: their events by day and move are dense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What an estimator says: `matrices` (years, s, s) with `low` and `high` (NaN where unknown), `count` (s, s)."""

    name: str
    matrices: Floats
    low: Floats
    high: Floats
    count: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """All estimates; `generators` by name (s, s), `from_count` (s,) client-years that began in each grade."""

    found: list[Estimate]
    generators: dict[str, Floats]
    from_count: Floats
    notes: list[Note] = field(default_factory=list)


def estimates_of(counts: Counts, *, years: int, confidence: float, resamples: int, seed: int) -> Estimates:
    """Return the estimates of counted histories; intervals from clients drawn again, of cohorts at one year exact."""
    s, clients = counts.states, counts.yearly.shape[0]
    once = np.ones((1, clients))
    cohorts, products, rates = (part[0] for part in _estimate(counts, once))
    yearly = (once @ counts.yearly).reshape(s, s)
    moves = (once @ counts.moves).reshape(s, s)
    from_count = yearly.sum(axis=1)
    makers = {
        COHORT: (cohorts, yearly),
        AALEN_JOHANSEN: (products, moves),
        DURATION: (kernel.over_years(rates, 1.0), moves),
    }
    *drawn, drawn_rates = _drawn(counts, resamples, seed, clients)
    drawn.append(kernel.over_years(drawn_rates, 1.0) if resamples else drawn_rates)
    found = []
    for number, (name, (point, count)) in enumerate(makers.items()):
        matrices = np.stack([kernel.power(point, y) for y in range(1, years + 1)])
        low, high = np.full(matrices.shape, np.nan), np.full(matrices.shape, np.nan)
        if resamples:
            for y in range(1, years + 1):
                low[y - 1], high[y - 1] = _spread(kernel.power(drawn[number], y), confidence)
        exact_low, exact_high = kernel.exact_interval(yearly, from_count[:, None], confidence)
        if name == COHORT:
            low[0], high[0] = exact_low, exact_high
        else:  # a move that was never seen is no impossible one
            high[0] = np.where((count == 0.0) & (from_count[:, None] > 0.0), np.fmax(high[0], exact_high), high[0])
        found.append(_within(Estimate(name=name, matrices=matrices, low=low, high=high, count=count)))
    notes: list[Note] = []
    generators = {DURATION: rates, **_read_off(cohorts, from_count, notes)}
    return Estimates(found=found, generators=generators, from_count=from_count, notes=notes)


def estimates_of_matrix(matrix: Floats, *, years: int, notes: list[Note]) -> Estimates:
    """Return what follows from a one-year matrix (s, s) as it was given: its powers, and two generators with theirs."""
    s = len(matrix)
    sound, _ = kernel.normalised(matrix)
    everything = np.ones(s)
    generators = _read_off(sound, everything, notes, printed=matrix)
    none = np.full((years, s, s), np.nan)
    unseen = np.full((s, s), np.nan)
    powers = np.stack([kernel.power(kernel.absorbing(sound), y) for y in range(1, years + 1)])
    found = [Estimate(name=GIVEN, matrices=powers, low=none, high=none, count=unseen)]
    for name, rates in generators.items():
        made = np.stack([kernel.over_years(rates, float(y)) for y in range(1, years + 1)])
        found.append(Estimate(name=name, matrices=made, low=none, high=none, count=unseen))
    return Estimates(found=found, generators=generators, from_count=np.full(s, np.nan), notes=notes)


def _read_off(matrix: Floats, seen: Floats, notes: list[Note], *, printed: Floats | None = None) -> dict[str, Floats]:
    """Return the generators of a one-year matrix whose rows are all known; a note where there is none."""
    if not len(matrix) or np.isnan(matrix).any() or not (seen[:-1] > 0.0).all():
        return {}
    found: dict[str, Floats] = {}
    try:
        found[JLT] = kernel.jlt_generator(matrix if printed is None else printed)
        found[JLT][-1] = 0.0
    except DataError as error:
        notes.append(Note("no_jlt_generator", error.message, "有等级无人停留满一年，无法得到该类生成矩阵"))
    try:
        logarithm = kernel.log_generator(matrix)
    except DataError as error:
        notes.append(Note("no_logarithm", error.message, "一年期矩阵没有实对数，无法得到生成矩阵"))
        return found
    off = np.where(np.eye(len(matrix)) > 0, 0.0, logarithm)
    if off.min() < -1e-12:
        notes.append(
            Note(
                "generator_regularised",
                f"the logarithm of the one-year matrix is no generator (smallest rate {off.min():.3g}): negative rates "
                "are 0 and the diagonal makes up for them",
                f"一年期矩阵的对数不是生成矩阵（最小速率 {off.min():.3g}）：负速率置零并调整对角线",
            )
        )
    found[LOG] = kernel.diagonal_adjusted(logarithm)
    return found


def _estimate(counts: Counts, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Return cohort matrices, Aalen-Johansen matrices and generators (b, s, s) for weights of clients (b, clients)."""
    s, b = counts.states, len(weight)
    cohorts = kernel.cohort(np.asarray(weight @ counts.yearly).reshape(b, s, s))
    rates = kernel.duration_generator(
        np.asarray(weight @ counts.moves).reshape(b, s, s), np.asarray(weight @ counts.years).reshape(b, s)
    )
    days = np.unique(counts.events.indices // (s * s))
    cells = (days[:, None] * s * s + np.arange(s * s)).reshape(-1)
    events = np.asarray(weight @ counts.events[:, cells]).reshape(b, len(days), s, s)
    change = np.asarray(weight @ counts.at_risk).reshape(b, DAYS + 1, s)
    at_risk = np.cumsum(change, axis=1)
    seen = np.asarray((at_risk > 0.0).any(axis=1))[:, None]
    products = kernel.aalen_johansen(
        np.concatenate([events, np.zeros((b, 1, s, s))], axis=1),
        np.concatenate([at_risk[:, days], seen.astype(np.float64)], axis=1),  # who was at risk on quiet days only, too
    )
    return cohorts, products, rates


def _drawn(counts: Counts, resamples: int, seed: int, clients: int) -> tuple[Floats, Floats, Floats]:
    """Return the three estimates for each of `resamples` samples of clients, drawn with replacement."""
    dice = np.random.default_rng(seed)
    parts = []
    for first in range(0, resamples, CHUNK):
        many = min(CHUNK, resamples - first)
        weight = np.zeros((many, clients))
        for row in range(many if clients else 0):
            weight[row] = np.bincount(dice.integers(clients, size=clients), minlength=clients)
        parts.append(_estimate(counts, weight))
    if not parts:
        none = np.zeros((0, counts.states, counts.states))
        return none, none, none
    cohorts, products, rates = (np.concatenate(column) for column in zip(*parts, strict=True))
    return cohorts, products, rates


def _spread(values: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Return the quantiles of samples (b, s, s) that leave out equal tails; NaN where no sample knows the cell."""
    tail = 50.0 * (1.0 - confidence)
    known = ~np.isnan(values)
    blind = ~known.any(axis=0)
    filled = np.where(blind, 0.0, values)
    low, high = np.nanpercentile(filled, [tail, 100.0 - tail], axis=0)
    return np.where(blind, np.nan, low), np.where(blind, np.nan, high)


def _within(given: Estimate) -> Estimate:
    """Return the estimate with intervals that hold it; none where there is no estimate."""
    there = ~np.isnan(given.matrices)
    low = np.where(there, np.fmin(given.low, given.matrices), np.nan)
    high = np.where(there, np.fmax(given.high, given.matrices), np.nan)
    low[:, -1], high[:, -1] = given.matrices[:, -1], given.matrices[:, -1]  # default absorbs by definition
    asked = ~np.isnan(given.low) | ~np.isnan(given.high)
    asked[:, -1] = True
    return Estimate(
        name=given.name, matrices=given.matrices, low=np.where(asked, low, np.nan),
        high=np.where(asked, high, np.nan), count=given.count,
    )  # fmt: skip
