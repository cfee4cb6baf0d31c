"""PDs against what came, grade by grade: on the line from corner to corner as many as expected did.

Across stands the mean PD of a grade, upwards the part that defaulted with its interval, both in powers of ten. The
verdict is said first; clients and defaults of each grade stand at its point, in the list and in the table twin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphrisk.answers.calibration import SCALE_TESTS, SURE, verdict
from graphrisk.answers.reader import Reader
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Result, records
from graphrisk.views.base import Options
from graphrisk.views.data.panels import panel
from graphrisk.views.desk import Drawing, open_desk
from graphrisk.views.picture import Picture, make_picture
from graphrisk.views.wording.words import say

TITLE = "PDs of past ratings against the defaults that came, grade by grade, with intervals"
ARG = "none"
NEEDS: tuple[str, ...] = ("calibration",)


def picture(graph: RiskGraph, results: Mapping[str, Result], arg: str | None, options: Options) -> Picture:  # noqa: ARG001
    """Return the picture."""
    desk = open_desk(graph, results, options)
    run = results["calibration"]
    none = np.zeros(0, dtype=np.int64)
    said = verdict(run, Reader(lang=desk.lang))
    grades = records(run.grades)
    return make_picture(
        desk,
        Drawing(
            view="calibration",
            title=say(desk.lang, "title.calibration"),
            nodes=none,
            places=np.zeros((0, 2)),
            links=desk.page_graph.links.only(none),
            panels=[_grades(desk.lang, grades), _tests(desk.lang, run)] if grades else [],
            banner=said if grades else (),
            calm=_fits(run, grades),
            empty="" if grades else said[0],
            extra={"chart": {"kind": "calibration", "nodes": [], "flows": [], "points": _points(grades)}},
        ),
    )


def _fits(run: Result, grades: list[dict[str, Any]]) -> bool:
    """Return whether the verdict is good news: enough defaults, and neither a test nor a grade objects."""
    tests = {row["measure"]: row["p_value"] for row in records(run.measures)}
    level, scale = tests.get("jeffreys"), [tests[name] for name in SCALE_TESTS if tests.get(name) is not None]
    return (
        level is not None
        and SURE <= level <= 1.0 - SURE
        and all(value >= SURE for value in scale)
        and not any(row["verdict"] in ("too_low", "too_high") for row in grades)
        and not any(note.key == "few_defaults" for note in run.notes)
    )


def _points(grades: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("grade", "clients", "defaults", "mean_pd", "default_rate", "low", "high", "jeffreys_p", "verdict")
    return [{name: row[name] for name in names} for row in grades]


def _grades(lang: str, grades: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [
        [row["grade"], f"{row['defaults']:,} / {row['clients']:,}", row["mean_pd"], row["default_rate"],
         say(lang, f"calibration.{row['verdict']}")]
        for row in grades
    ]  # fmt: skip
    columns = [
        ("grade", "text"),
        ("calibration_defaults", "text"),
        ("calibration_mean", "percent"),
        ("calibration_rate", "percent"),
        ("calibration_verdict", "text"),
    ]
    return panel("calibration_grades", columns, rows, len(rows), "calibration_grades_note")


def _tests(lang: str, run: Result) -> dict[str, Any]:
    rows = [
        [say(lang, f"calibration_test.{row['measure']}"), _written(row["value"]), _written(row["p_value"])]
        for row in records(run.measures)
    ]
    columns = [("calibration_test", "text"), ("calibration_value", "text"), ("calibration_p", "text")]
    return panel("calibration_tests", columns, rows, len(rows), "calibration_tests_note", twin=True)


def _written(value: Any) -> str:
    return "–" if value is None else "< 0.0001" if 0.0 <= value < 0.0001 else f"{value:.4f}"
