"""Altman's Z scores and their zones.

Sources: E. Altman, "Financial Ratios, Discriminant Analysis and the Prediction of Corporate Bankruptcy", Journal of
Finance 23(4), 1968 (Z); E. Altman, "Predicting Financial Distress of Companies: Revisiting the Z-Score and ZETA
Models", 2000 (Z', Z'', and the score of emerging markets, 3.25 + Z''). The factor of sales is 0.999 where ratios are
fractions. Copies on the web mislabel zones and leave out the 3.25: the coefficients are held to a golden file.

A zone is a zone: none of these is a probability of default.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Variant(NamedTuple):
    """A linear score: `weights` of X1 to X5, a constant, and the bounds below and above which lie distress and safe."""

    weights: tuple[float, float, float, float, float]
    constant: float
    distress: float
    safe: float


Z = Variant((1.2, 1.4, 3.3, 0.6, 0.999), 0.0, 1.81, 2.99)
Z1 = Variant((0.717, 0.847, 3.107, 0.420, 0.998), 0.0, 1.23, 2.90)
Z2 = Variant((6.56, 3.26, 6.72, 1.05, 0.0), 0.0, 1.10, 2.60)
EM = Variant((6.56, 3.26, 6.72, 1.05, 0.0), 3.25, 4.35, 5.85)


def altman(
    variant: Variant,
    *,
    working_capital: npt.ArrayLike,
    retained_earnings: npt.ArrayLike,
    ebit: npt.ArrayLike,
    equity: npt.ArrayLike,
    total_liabilities: npt.ArrayLike,
    sales: npt.ArrayLike,
    total_assets: npt.ArrayLike,
) -> Floats:
    """Return the score (k,); NaN where an input that the variant needs is unknown, or assets or liabilities are <= 0.

    `equity` is its market value for Z, its book value else. `sales` is not read by Z'' and EM.
    """
    assets = np.asarray(total_assets, dtype=np.float64)
    debts = np.asarray(total_liabilities, dtype=np.float64)
    assets = np.where(assets > 0.0, assets, np.nan)
    debts = np.where(debts > 0.0, debts, np.nan)
    tops = (working_capital, retained_earnings, ebit, equity, sales)
    score = np.full(assets.shape, variant.constant)
    for weight, top, bottom in zip(variant.weights, tops, (assets, assets, assets, debts, assets), strict=True):
        if weight:
            score = score + weight * np.asarray(top, dtype=np.float64) / bottom
    return score


def zones(variant: Variant, score: Floats) -> npt.NDArray[np.object_]:
    """Return distress, grey or safe for each score (k,); None where it is unknown. The bounds themselves are grey."""
    zone = np.full(score.shape, "grey", dtype=object)
    zone[score < variant.distress] = "distress"
    zone[score > variant.safe] = "safe"
    zone[np.isnan(score)] = None
    return zone
