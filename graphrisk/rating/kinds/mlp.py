"""A neural net with one hidden layer, on columns made normal by their ranks.

Source: Rumelhart, Hinton and Williams, Nature 323 (1986); trained by Adam (Kingma and Ba, ICLR 2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.credit.points import chance
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.matrix import encode, learn_levels, learn_normal, normal

LABEL = ("neural net", "神经网络")
LEARNS = True
Floats = npt.NDArray[np.float64]


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan) -> dict[str, Any]:
    """Return levels, knots and the weights of both layers; 32 hidden units, 60 passes over the rows."""
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    rules = plan.policy.columns
    levels = learn_levels(columns, most=rules["most_levels"], smallest=rules["smallest_level"])
    matrix = encode(levels, columns, len(bad))
    knots = learn_normal(matrix)
    model = MLPClassifier((32,), alpha=1.0, max_iter=60, random_state=plan.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # it is stopped early: that is what keeps it smooth
        model.fit(normal(knots, matrix), bad.astype(int))
    layers = [
        {"weights": weights.tolist(), "bias": bias.tolist()}
        for weights, bias in zip(model.coefs_, model.intercepts_, strict=True)
    ]
    return {"columns": levels, "normal": knots, "layers": layers}


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return the net's answer: rectified linear units, then the logistic function."""
    values = normal(structure["normal"], encode(structure["columns"], columns, rows))
    layers = structure["layers"]
    for at, layer in enumerate(layers):
        values = values @ np.array(layer["weights"]) + np.array(layer["bias"])
        if at < len(layers) - 1:
            values = np.maximum(values, 0.0)
    return chance(values[:, 0])
