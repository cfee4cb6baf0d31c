"""The analyzer: histories of ratings, or a matrix that is given, as matrices over one to ten years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.migration.counting import count
from graphrisk.analyze.migration.estimates import Estimate, Estimates, estimates_of, estimates_of_matrix
from graphrisk.analyze.migration.given_matrix import read_matrix
from graphrisk.analyze.migration.tables import GENERATOR, GRADES, MATRIX, TABLES, THRESHOLDS
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.rating_history import Histories, histories_of
from graphrisk.graph.riskgraph import Floats, RiskGraph, rows_that_say
from graphrisk.kernels.credit.migration import thresholds
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import Progress

VERSION = 2
__all__ = ["TABLES", "VERSION", "Params", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `migration`."""

    model: str | None = param(None, "the rating model whose grades are read (default: the one with most of them)")
    years: int = param(10, "years ahead, from 1", low=1, high=50)
    windows: int = param(30, "most years that histories are looked back, counted from the as-of date", low=1, high=200)
    events: bool = param(True, "false: only ratings say who defaulted, not events")
    default_grade: str = param("D", "name of the state of default")
    min_count: int = param(20, "client-years below which a grade is marked as small", low=0)
    confidence: float = param(0.95, "confidence of the intervals, fraction", low=0.5, high=0.9999)
    resamples: int = param(200, "samples of clients that intervals come from; 0 = none but the exact ones", low=0)
    seed: int = param(0, "seed of these samples", low=0)
    matrix: str | None = param(None, "file of a one-year matrix that is read instead of ratings (CSV, default last)")


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return how ratings move."""
    refuse_inputs("migration", inputs)
    notes: list[Note] = []
    stated: Floats | None = None
    certificate: dict[str, object] = {"converged": True}
    if params.matrix is not None:
        grades, matrix = read_matrix(params.matrix, notes)
        found = estimates_of_matrix(matrix, years=params.years, notes=notes)
        certificate |= {"source": "matrix", "grades": len(grades)}
    else:
        progress("reading rating histories")
        given = histories_of(graph, params.model, default_grade=params.default_grade, use_events=params.events)
        notes += given.notes
        if not len(given.party):
            return _nothing(graph, params, notes)
        grades = given.grades
        counts = count(given, graph.as_of, params.windows)
        progress("estimating matrices")
        found = estimates_of(
            counts, years=params.years, confidence=params.confidence, resamples=params.resamples, seed=params.seed
        )
        stated = _stated(graph, given)
        notes += found.notes + _notes(found, grades, params)
        certificate |= {
            "source": "ratings",
            "model": given.model,
            "grades": len(grades),
            "clients": len(np.unique(given.party)),
            "windows": counts.windows,
            "client_years": float(found.from_count[:-1].sum()),
            "defaults": int((given.state == given.size - 1).sum()),
        }
    sums = np.concatenate([e.matrices.sum(axis=2).reshape(-1) for e in found.found])
    certificate["residual"] = float(np.abs(sums[~np.isnan(sums)] - 1.0).max(initial=0.0))
    return make_result(
        "migration",
        VERSION,
        graph,
        params,
        tables={
            "migration_grades": _grade_rows(grades, found, stated, params),
            "migration_matrix": _matrix_rows(grades, found, params),
            "migration_generator": _generator_rows(grades, found),
            "migration_thresholds": _threshold_rows(grades, found.found[0]),
        },
        certificate=certificate,
        notes=tuple(dict.fromkeys(notes)),
    )


def _nothing(graph: RiskGraph, params: Params, notes: list[Note]) -> Result:
    tables = {table.name: score_frame(table, {name: [] for name in table.names}) for table in TABLES}
    if graph.rows("ratings"):
        notes.append(
            Note(
                "no_grades",
                "no rating has a grade, so nothing migrates",
                "评级均无等级，无法计算迁移",
                severity="warning",
            )
        )
    certificate = {"converged": True, "source": "ratings", "grades": 0, "clients": 0}
    return make_result("migration", VERSION, graph, params, tables=tables, certificate=certificate, notes=tuple(notes))


def _stated(graph: RiskGraph, given: Histories) -> Floats:
    """Return the median PD that the model states with each grade (s,)."""
    pd_, grade = graph.floats("ratings", "pd"), graph.texts("ratings", "grade")
    mine = rows_that_say(graph, "ratings", "model", given.model) & ~np.isnan(pd_)
    out = np.full(given.size, np.nan)
    for k, name in enumerate(given.grades):
        known = pd_[mine & np.array([g is not None and str(g).strip() == name for g in grade], dtype=bool)]
        if len(known):
            out[k] = float(np.median(known))
    return out


def _grade_rows(grades: tuple[str, ...], found: Estimates, stated: Floats | None, params: Params) -> pd.DataFrame:
    first = found.found[0]
    one, s = first.matrices[0], len(grades)
    lower, upper = np.tril(np.ones((s, s)), -1), np.triu(np.ones((s, s)), 1)
    upper[:, -1] = 0.0
    five = first.matrices[4][:, -1] if params.years >= 5 else np.full(s, np.nan)
    return score_frame(
        GRADES,
        {
            "grade": list(grades),
            "from_count": found.from_count,
            "stays": np.clip(np.diagonal(one), 0.0, 1.0),
            "better": np.clip((one * lower).sum(axis=1), 0.0, 1.0),
            "worse": np.clip((one * upper).sum(axis=1), 0.0, 1.0),
            "default": one[:, -1],
            "default_low": first.low[0][:, -1],
            "default_high": first.high[0][:, -1],
            "stated_pd": np.full(s, np.nan) if stated is None else stated,
            "default_5y": five,
            "small": _small(found.from_count, params),
        },
    )


def _small(count: Floats, params: Params) -> list[bool | None]:
    small: list[bool | None] = [None if c != c else bool(c < params.min_count) for c in count.tolist()]
    small[-1] = None  # default is where nobody comes from
    return small


def _matrix_rows(grades: tuple[str, ...], found: Estimates, params: Params) -> pd.DataFrame:
    s, years = len(grades), params.years
    names = np.array(grades, dtype=object)
    many = len(found.found) * years

    def each(values: list[Floats]) -> Floats:
        return np.concatenate([v.reshape(-1) for v in values])

    repeated = [np.broadcast_to(e.count, (years, s, s)) for e in found.found]
    small = [flag for flag in _small(found.from_count, params) for _ in range(s)]
    return score_frame(
        MATRIX,
        {
            "from_grade": np.tile(np.repeat(names, s), many),
            "to_grade": np.tile(names, s * many),
            "years": np.tile(np.repeat(np.arange(1, years + 1), s * s), len(found.found)),
            "probability": each([e.matrices for e in found.found]),
            "low": each([e.low for e in found.found]),
            "high": each([e.high for e in found.found]),
            "count": each(repeated),
            "estimator": np.repeat(np.array([e.name for e in found.found], dtype=object), years * s * s),
            "from_count": np.tile(np.repeat(found.from_count, s), many),
            "small": small * many,
        },
    )


def _generator_rows(grades: tuple[str, ...], found: Estimates) -> pd.DataFrame:
    s = len(grades)
    names = np.array(grades, dtype=object)
    many = len(found.generators)
    return score_frame(
        GENERATOR,
        {
            "from_grade": np.tile(np.repeat(names, s), many),
            "to_grade": np.tile(names, s * many),
            "rate": np.concatenate([rates.reshape(-1) for rates in found.generators.values()]),
            "estimator": np.repeat(np.array(list(found.generators), dtype=object), s * s),
        },
    )


def _threshold_rows(grades: tuple[str, ...], first: Estimate) -> pd.DataFrame:
    rows = []
    for at, grade in enumerate(grades[:-1]):
        row = first.matrices[0][at]
        if np.isnan(row).any():
            continue
        for name, value in zip(reversed(grades[1:]), thresholds(row), strict=True):
            rows.append((grade, name, value if np.isfinite(value) else float("nan")))
    return score_frame(THRESHOLDS, {n: [row[k] for row in rows] for k, n in enumerate(THRESHOLDS.names)})


def _notes(found: Estimates, grades: tuple[str, ...], params: Params) -> list[Note]:
    notes = []
    few = [g for g, c in zip(grades[:-1], found.from_count, strict=False) if c < params.min_count]
    if few:
        notes.append(
            Note(
                "small_grades",
                f"fewer than {params.min_count} client-years began in {', '.join(few)}: their rows are marked as small",
                f"以下等级的起始客户年数不足 {params.min_count}，已标记：{'、'.join(few)}",
            )
        )
    if params.years > 1:
        notes.append(
            Note(
                "years_by_powers",
                "more than one year is by powers of the one-year matrix (or the exponential of the generator): every "
                "year is taken to be like those that were seen",
                "一年以上按一年期矩阵的幂（或生成矩阵的指数）计算：假定各年与已观测年份相同",
            )
        )
    return notes
