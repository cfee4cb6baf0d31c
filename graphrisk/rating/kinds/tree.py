"""A decision tree of few leaves. Source: Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.credit.trees import leaves_of
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.matrix import encode, learn_levels

LABEL = ("decision tree", "决策树")
LEARNS = True
Floats = npt.NDArray[np.float64]


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan) -> dict[str, Any]:
    """Return levels and the nodes of the tree; a leaf holds 2 % of the rows at least, and 20."""
    from sklearn.tree import DecisionTreeClassifier

    rules = plan.policy.columns
    levels = learn_levels(columns, most=rules["most_levels"], smallest=rules["smallest_level"])
    model = DecisionTreeClassifier(
        max_depth=6, min_samples_leaf=max(min(20, len(bad) // 5), len(bad) // 50), random_state=plan.seed
    )
    model.fit(encode(levels, columns, len(bad)), bad.astype(int))
    return {"columns": levels, "tree": nodes_of(model)}


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return the part of defaults in the leaf of each row."""
    return tree_pds(structure["tree"], encode(structure["columns"], columns, rows))


def nodes_of(model: Any) -> dict[str, Any]:
    """Return the nodes of a fitted tree of scikit-learn as plain lists; a threshold of None is infinite."""
    tree = model.tree_
    value = tree.value[:, 0, :]
    return {
        "left": tree.children_left.tolist(),
        "right": tree.children_right.tolist(),
        "feature": tree.feature.tolist(),
        "threshold": [None if np.isinf(t) else float(t) for t in tree.threshold],
        "missing_left": tree.missing_go_to_left.astype(bool).tolist(),
        "pd": (value[:, 1] / value.sum(axis=1)).tolist(),
    }


def tree_pds(tree: Mapping[str, Any], matrix: Floats) -> Floats:
    """Return the PD of the leaf that each row of the matrix falls into; trees compare in 32 bits."""
    at = leaves_of(
        matrix.astype(np.float32),
        np.array(tree["left"]),
        np.array(tree["right"]),
        np.array(tree["feature"]),
        np.array([np.inf if t is None else t for t in tree["threshold"]]),
        np.array(tree["missing_left"], dtype=bool),
    )
    return np.asarray(np.array(tree["pd"])[at])
