"""Gradient-boosted trees, free or with risk that only rises or only falls with each number.

Source: Friedman, "Greedy function approximation", Annals of Statistics 29 (2001); histograms after Ke et al.,
"LightGBM", NIPS 2017, as scikit-learn has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.credit.discrimination import auc
from graphrisk.kernels.credit.points import chance
from graphrisk.kernels.credit.trees import leaves_of
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.matrix import encode, encoded_names, learn_levels

LABEL = ("boosted trees", "梯度提升树")
LEARNS = True
Floats = npt.NDArray[np.float64]
ROUNDS = 100


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Return levels, the base value and the nodes of each tree; with `plan.monotone` the sign of each column too."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rules = plan.policy.columns
    levels = learn_levels(columns, most=rules["most_levels"], smallest=rules["smallest_level"])
    matrix = encode(levels, columns, len(bad))
    signs = _signs(levels, matrix, bad) if plan.monotone else None
    model = HistGradientBoostingClassifier(
        max_iter=rounds, early_stopping=False, random_state=plan.seed, monotonic_cst=signs
    )
    model.fit(matrix, bad.astype(int))
    trees = [_nodes(round_[0].nodes) for round_ in model._predictors]
    base = float(np.ravel(model._baseline_prediction)[0])
    return {"columns": levels, "base": base, "signs": signs, "trees": trees}


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return the logistic function of the base value and the leaves' values."""
    matrix = encode(structure["columns"], columns, rows)
    total = np.full(rows, float(structure["base"]))
    for tree in structure["trees"]:
        at = leaves_of(
            matrix,
            np.array(tree["left"]),
            np.array(tree["right"]),
            np.array(tree["feature"]),
            np.array([np.inf if t is None else t for t in tree["threshold"]]),
            np.array(tree["missing_left"], dtype=bool),
        )
        total += np.array(tree["value"])[at]
    return chance(total)


def _nodes(nodes: Any) -> dict[str, Any]:
    leaf = nodes["is_leaf"].astype(bool)
    threshold = [None if np.isinf(t) else float(t) for t in nodes["num_threshold"]]
    return {
        "left": np.where(leaf, -1, nodes["left"].astype(np.int64)).tolist(),
        "right": np.where(leaf, -1, nodes["right"].astype(np.int64)).tolist(),
        "feature": nodes["feature_idx"].astype(np.int64).tolist(),
        "threshold": threshold,
        "missing_left": nodes["missing_go_to_left"].astype(bool).tolist(),
        "value": nodes["value"].astype(np.float64).tolist(),
    }


def _signs(levels: list[dict[str, Any]], matrix: Floats, bad: Floats) -> list[int]:
    """Return 1 where risk rises with a column, -1 where it falls, 0 where the column says nothing or is a level."""
    numbers = {column["name"] for column in levels if column["kind"] == "number"}
    signs = []
    for at, name in enumerate(encoded_names(levels)):
        known = ~np.isnan(matrix[:, at])
        y = bad[known]
        if name not in numbers or not 0 < y.sum() < len(y):
            signs.append(0)
            continue
        signs.append(int(np.sign(round(auc(y, matrix[known, at]) - 0.5, 12))))
    return signs
