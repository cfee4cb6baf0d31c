"""PDs of past ratings against the defaults that came: is their level right, as a whole and grade by grade.

What is known today is looked back at: the ratings that stood a year, two years, ... before the as-of date, and which of
those rated defaulted within the year after. Tests and intervals are those of `validate` (rating/validation.py), which
does the same on snapshots and files. Conventions: docs/methods/calibration.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from graphrisk.analyze.base import make_result, refuse_inputs
from graphrisk.analyze.tables import score_frame, whole
from graphrisk.errors import UsageError, nearest
from graphrisk.graph.riskgraph import Floats, Positions, RiskGraph, rows_that_say
from graphrisk.model.columns import category, text
from graphrisk.model.note import Note
from graphrisk.model.params import param
from graphrisk.model.result import Inputs, Result
from graphrisk.model.table import Table
from graphrisk.progress import Progress
from graphrisk.rating import validation, validation_tables
from graphrisk.rating.features.days import a_year_before, days_of
from graphrisk.rating.outcomes import default_days, defaulted_after, defaulted_before

VERSION = 1
FEW_DEFAULTS = 10
"""Defaults below which the tests can hardly object to any PD."""
VERDICTS = ("agrees", "too_low", "too_high")


def _without(declared: Table, *names: str) -> Any:
    return tuple(column for column in declared.columns if column.name not in names)


GRADES = Table(
    name="calibration_grades",
    meaning="predicted against actual, by grade of the master scale, the best first; grades without clients left out",
    role="score",
    key=("grade",),
    columns=(
        text("grade", "grade of the PD"),
        whole("clients", "client-years: parties rated on a day, each counted once a year"),
        *_without(validation_tables.GRADES, "model", "sample", "grade", "clients", "prudent_pd"),
        category("verdict", "too_low, too_high: the interval of the rate lies above, below the mean PD; else agrees",
                 *VERDICTS),
    ),
)  # fmt: skip
MEASURES = Table(
    name="calibration_measures",
    meaning="whether PDs are as high as defaults are frequent, by the tests of `validate`",
    role="score",
    key=("measure",),
    columns=(
        text("measure", "brier, hosmer_lemeshow, spiegelhalter, binomial, jeffreys"),
        *_without(validation_tables.MEASURES, "model", "sample", "measure", "verdict"),
    ),
)
TABLES = (GRADES, MEASURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of `calibration`."""

    model: str | None = param(None, "the rating model whose PDs are read (default: the one with most client-years)")
    years: int = param(10, "most years that are looked back, from 1", low=1, high=200)
    bins: int = param(10, "groups of Hosmer and Lemeshow, from 3", low=3, high=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientYears:
    """Who was rated a year before something could be seen: PD and outcome (k,) by day, `down` rated as in default."""

    pd: Floats
    bad: Floats
    days: tuple[date, ...]
    clients: int
    down: int


def run(graph: RiskGraph, params: Params, *, inputs: Inputs, progress: Progress) -> Result:
    """Return how PDs compare with what came."""
    refuse_inputs("calibration", inputs)
    progress("reading past ratings")
    notes: list[Note] = []
    found = {name: client_years(graph, name, params.years) for name in _models(graph, params.model)}
    name = _chosen(found, graph.settings.get("ratings.model"), notes)
    grades: list[dict[str, Any]] = []
    measures: list[dict[str, Any]] = []
    certificate: dict[str, object] = {"converged": True, "client_years": 0, "defaults": 0}
    if name is not None:
        seen = found[name]
        grades = [{**row, "verdict": _verdict(row)} for row in validation.by_grade(name, "", seen.bad, seen.pd)]
        measures = validation.calibration_measures(seen.bad, seen.pd, bins=params.bins)
        certificate |= {
            "model": name,
            "from": str(min(seen.days)),
            "to": str(max(seen.days)),
            "days": len(seen.days),
            "clients": seen.clients,
            "client_years": len(seen.pd),
            "defaults": int(seen.bad.sum()),
            "mean_pd": float(seen.pd.mean()),
        }
        notes += _notes(seen)
    elif graph.rows("ratings"):
        notes.append(_no_outcomes(graph.as_of))
    return make_result(
        "calibration",
        VERSION,
        graph,
        params,
        tables={"calibration_grades": _frame(GRADES, grades), "calibration_measures": _frame(MEASURES, measures)},
        certificate=certificate,
        notes=tuple(notes),
    )


def client_years(graph: RiskGraph, model: str, years: int) -> ClientYears:
    """Return whom `model` had rated on each day, with the PD that stood then, and who defaulted within a year.

    Days lie whole years before the as-of date, so that a party counts once in any year. Left out: who had an event of
    default before, and who was rated as in default (a PD of 1).
    """
    whose, chance = graph.positions("ratings", "party_id"), graph.floats("ratings", "pd")
    day = days_of(graph, "ratings", "as_of_on")
    mine = rows_that_say(graph, "ratings", "model", model) & (whose >= 0) & ~np.isnan(chance)
    rows = np.flatnonzero(mine)
    rows = rows[np.lexsort((day[rows], whose[rows]))]
    defaults = default_days(graph.table("events"))
    chances, outcomes, days, down = [np.zeros(0)], [np.zeros(0)], [], 0
    clients: list[Positions] = [np.zeros(0, dtype=np.int64)]
    on = graph.as_of
    for _ in range(years):
        on = a_year_before(on)
        known = rows[day[rows] <= (on - date(1970, 1, 1)).days]
        if not len(known):
            break
        last = known[np.append(np.diff(whose[known]) != 0, True)]
        last = last[~defaulted_before(defaults, graph.party_ids[whose[last]], on)]
        down += int((chance[last] >= 1.0).sum())
        last = last[chance[last] < 1.0]
        if not len(last):
            continue
        days.append(on)
        chances.append(chance[last])
        clients.append(whose[last])
        outcomes.append(defaulted_after(defaults, graph.party_ids[whose[last]], on).astype(np.float64))
    return ClientYears(
        pd=np.concatenate(chances),
        bad=np.concatenate(outcomes),
        days=tuple(days),
        clients=len(np.unique(np.concatenate(clients))),
        down=down,
    )


def _models(graph: RiskGraph, wanted: str | None) -> list[str]:
    """Return the models that come into question: the one that is wanted, else all. UsageError for an unknown one."""
    known = ~np.isnan(graph.floats("ratings", "pd"))
    names = sorted({str(name) for name in graph.texts("ratings", "model")[known]})
    if wanted is not None and wanted not in names:
        raise UsageError(f"no PD comes from a model called {wanted!r}", hint=nearest(wanted, names))
    return names if wanted is None else [wanted]


def _chosen(found: dict[str, ClientYears], named: str | None, notes: list[Note]) -> str | None:
    """Return whose PDs are read: those of the settings' model, else those with most client-years; None: nobody's."""
    with_outcomes = [name for name, seen in found.items() if len(seen.pd)]
    if named in with_outcomes:
        return named
    if not with_outcomes:
        return None
    most = max(with_outcomes, key=lambda name: len(found[name].pd))
    if len(with_outcomes) > 1:
        notes.append(
            Note(
                "several_rating_models",
                f"{len(with_outcomes):,} models rated a year ago or earlier; the one with most client-years is read: "
                f"{most} (model names another)",
                f"{len(with_outcomes):,} 个模型有一年以前的评级，取客户年最多的 {most}（可用 model 指定）",
                severity="warning",
            )
        )
    return most


def _verdict(row: dict[str, Any]) -> str:
    return "too_low" if row["mean_pd"] < row["low"] else "too_high" if row["mean_pd"] > row["high"] else "agrees"


def _frame(declared: Table, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return score_frame(declared, {name: [row.get(name) for row in rows] for name in declared.names})


def _notes(seen: ClientYears) -> list[Note]:
    notes = []
    defaults = int(seen.bad.sum())
    if defaults < FEW_DEFAULTS:
        notes.append(
            Note(
                "few_defaults",
                f"{defaults:,} defaults are few: the tests would object only to PDs that are far off",
                f"仅 {defaults:,} 次违约：只有偏差很大的违约概率才会被检验否定",
                severity="warning",
            )
        )
    if seen.down:
        notes.append(
            Note(
                "rated_in_default",
                f"{seen.down:,} ratings with a PD of 1 are left out: they say that the party is in default",
                f"{seen.down:,} 条违约概率为 1 的评级未计入：表示已违约",
            )
        )
    return notes


def _no_outcomes(as_of: date) -> Note:
    day = a_year_before(as_of)
    return Note(
        "no_outcomes",
        f"no PD is from {day} or earlier, of a party not in default then: no year of outcomes follows the others",
        f"没有 {day} 或更早、且当时未违约主体的违约概率：其余评级之后一年的结果尚不可知",
        severity="warning",
    )
