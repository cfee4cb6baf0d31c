"""The rows of use, and how many stand on each step of the ladder."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from graphrisk.analyze.limits.tables import USE
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.ladder import LADDER
from graphrisk.credit.limit_use import Capital, Subjects, use_columns
from graphrisk.regimes.exposure_rule import ExposureRule


def use_rows(subjects: Sequence[Subjects], rule: ExposureRule, capital: Capital) -> pd.DataFrame:
    """Return the use of every line by every subject, breaches first."""
    columns = use_columns(subjects, rule, capital)
    return score_frame(USE, columns) if columns else score_frame(USE, {name: [] for name in USE.names})


def steps_of(frame: pd.DataFrame) -> dict[str, int]:
    """Return how many rows stand on each step of the ladder."""
    counts = frame["ladder"].value_counts().to_dict()
    return {name: int(counts.get(name, 0)) for name in LADDER}
