"""A random forest. Source: Breiman, "Random Forests", Machine Learning 45 (2001)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.kinds.tree import nodes_of, tree_pds
from graphrisk.rating.matrix import encode, learn_levels

LABEL = ("random forest", "随机森林")
LEARNS = True
Floats = npt.NDArray[np.float64]
TREES = 100


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan) -> dict[str, Any]:
    """Return levels and the nodes of each tree; a leaf holds five rows at least."""
    from sklearn.ensemble import RandomForestClassifier

    rules = plan.policy.columns
    levels = learn_levels(columns, most=rules["most_levels"], smallest=rules["smallest_level"])
    model = RandomForestClassifier(n_estimators=TREES, min_samples_leaf=5, random_state=plan.seed, n_jobs=1)
    model.fit(encode(levels, columns, len(bad)), bad.astype(int))
    return {"columns": levels, "trees": [nodes_of(tree) for tree in model.estimators_]}


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return the mean over the trees."""
    matrix = encode(structure["columns"], columns, rows)
    total = np.zeros(rows)
    for tree in structure["trees"]:
        total += tree_pds(tree, matrix)
    return total / len(structure["trees"])
