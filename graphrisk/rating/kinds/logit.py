"""A plain logit: L2 logistic regression on columns made normal by their ranks, missing cells told beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.credit.points import chance
from graphrisk.rating.kinds import FitPlan
from graphrisk.rating.matrix import encode, learn_levels, learn_normal, normal

LABEL = ("plain logit", "逻辑回归")
LEARNS = True
Floats = npt.NDArray[np.float64]
_GRADIENT = 1e-4
"""Largest slope of the penalised log-likelihood, a row, at which the fit counts as found."""


def fit(columns: Mapping[str, Any], bad: Floats, plan: FitPlan) -> dict[str, Any]:
    """Return levels, knots, intercept and weights."""
    rules = plan.policy.columns
    levels = learn_levels(columns, most=rules["most_levels"], smallest=rules["smallest_level"])
    matrix = encode(levels, columns, len(bad))
    knots = learn_normal(matrix)
    intercept, weights = fit_logistic(normal(knots, matrix), bad, 1.0)
    return {"columns": levels, "normal": knots, "intercept": intercept, "weights": weights.tolist()}


def pds(structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> Floats:
    """Return the logistic function of the weighted sum."""
    matrix = normal(structure["normal"], encode(structure["columns"], columns, rows))
    return chance(structure["intercept"] + matrix @ np.array(structure["weights"]))


def fit_logistic(matrix: Floats, bad: Floats, penalty: float) -> tuple[float, Floats]:
    """Return (intercept, weights) of the L2 logistic regression, C = `penalty`.

    Raises ConvergenceError where the slope at the answer is not near 0.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit(matrix, bad.astype(int))
    weights, intercept = np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])
    gap = chance(intercept + matrix @ weights) - bad
    slope = np.append(penalty * (matrix.T @ gap) + weights, penalty * gap.sum())
    if float(np.abs(slope).max()) > _GRADIENT * len(bad):
        raise ConvergenceError(
            f"the logistic regression did not settle: its slope is {float(np.abs(slope).max()):.1e}",
            hint="leave out columns that repeat one another",
        )
    return intercept, weights
