"""How grades move within a year, as a map: rows are where clients began, columns where they were a year later.

The darker a field, the more of the row moved there; the number of client-years stands beside each row, and rows of few
are marked. The table twin holds every field with its interval, the list the default of each grade over ten years.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result, plain, records
from graphrisk.views.base import Options
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "How ratings move within a year, from grade to grade, and into default over ten years"
ARG = "none"
NEEDS: tuple[str, ...] = ("migration",)
YEARS = (1, 2, 3, 5, 10)


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:  # noqa: ARG001
    """Return the picture."""
    desk = open_desk(graph, results, options)
    run = results["migration"]
    none = np.zeros(0, dtype=np.int64)
    return make_picture(
        desk,
        Drawing(
            view="migration",
            title=say(desk.lang, "title.migration"),
            nodes=none,
            places=np.zeros((0, 2)),
            links=desk.page_graph.links.only(none),
            panels=[panel for panel in (_grades(run), _defaults(run)) if panel["rows"]],
            banner=_nothing_seen(desk.lang, run),
            empty="" if len(run.grades) else say(desk.lang, "no_migration"),
            extra={"chart": {"kind": "matrix", "nodes": [], "flows": [], **_chart(run)}},
        ),
    )


def _nothing_seen(lang: str, run: Result) -> tuple[str, ...]:
    """Return that no grade was watched for any time, where that is so: the map is empty then."""
    watched = sum(row["from_count"] or 0 for row in records(run.grades)[:-1])
    if not len(run.grades) or watched > 0:
        return ()
    return (say(lang, "migration_unseen", model=str(run.certificate["model"])),)


def _chart(run: Result) -> dict[str, Any]:
    grades = records(run.grades)
    if not grades:
        return {"grades": [], "cells": []}
    frame = run.matrix
    one = frame[(frame["years"] == 1) & (frame["estimator"] == frame["estimator"].iloc[0])]
    return {
        "grades": [{"name": row["grade"], "count": row["from_count"], "small": bool(row["small"])} for row in grades],
        "cells": [
            [row["from_grade"], row["to_grade"], row["probability"], row["low"], row["high"], plain(row["count"])]
            for row in records(one)
        ],
    }


def _grades(run: Result) -> dict[str, Any]:
    rows = [
        [row["grade"], row["from_count"], row["stays"], row["better"], row["worse"], row["default"], row["stated_pd"]]
        for row in records(run.grades)[:-1]
    ]
    columns = [("grade", "text"), ("client_years", "count"), ("grade_stays", "percent"), ("grade_better", "percent"),
               ("grade_worse", "percent"), ("grade_default", "percent"), ("grade_stated", "percent")]  # fmt: skip
    return panel("migration_grades", columns, rows, len(rows), twin=True)


def _defaults(run: Result) -> dict[str, Any]:
    grades = [row["grade"] for row in records(run.grades)]
    if not grades:
        return panel("migration_defaults", [], [], 0, twin=True)
    frame = run.matrix
    mine = frame[(frame["estimator"] == frame["estimator"].iloc[0]) & (frame["to_grade"] == grades[-1])]
    found = {(row["from_grade"], row["years"]): row["probability"] for row in records(mine)}
    rows = [[grade, *(found.get((grade, year)) for year in YEARS)] for grade in grades[:-1]]
    columns = [("grade", "text"), *((f"default_in_{year}", "percent") for year in YEARS)]
    return panel("migration_defaults", columns, rows, len(rows), "migration_defaults_note", twin=True)
