"""The rows of use, who is in the groups, and how many stand on each step of the ladder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from graphrisk.analyze.limits.tables import MEMBERS, USE
from graphrisk.analyze.tables import score_frame
from graphrisk.credit.exposure_values import Owed
from graphrisk.credit.ladder import LADDER
from graphrisk.credit.limit_use import Capital, Subjects, use_columns
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.regimes.exposure_rule import ExposureRule
from graphrisk.standing.connected import Connected, memberships


def use_rows(subjects: Sequence[Subjects], rule: ExposureRule, capital: Capital) -> pd.DataFrame:
    """Return the use of every line by every subject, breaches first."""
    columns = use_columns(subjects, rule, capital)
    return score_frame(USE, columns) if columns else score_frame(USE, {name: [] for name in USE.names})


def member_rows(graph: RiskGraph, found: Connected, owed: Owed) -> pd.DataFrame:
    """Return which clients are in which group, and what each owes us; `owed`: by each party of the graph."""
    member, group = memberships(found.groups)
    names, exposure = np.array(found.ids, dtype=object), owed.exposure[member]
    ids = graph.party_ids[member]
    order = np.lexsort((ids.astype(str), -exposure, names[group].astype(str)))
    return score_frame(MEMBERS, {"group_id": names[group][order], "party_id": ids[order], "exposure": exposure[order]})


def steps_of(frame: pd.DataFrame) -> dict[str, int]:
    """Return how many rows stand on each step of the ladder."""
    counts = frame["ladder"].value_counts().to_dict()
    return {name: int(counts.get(name, 0)) for name in LADDER}
