"""Scores of distress with a probability of their own: Ohlson's O and Zmijewski's X.

Sources: J. Ohlson, "Financial Ratios and the Probabilistic Prediction of Bankruptcy", Journal of Accounting Research
18(1), 1980, model 1; M. Zmijewski, "Methodological Issues Related to the Estimation of Financial Distress Prediction
Models", ibid. 22, 1984 (coefficients as usually quoted, recalled). Their probabilities are of the samples they were
fitted to (American firms, 1970s): to be calibrated on own defaults before they are used as a PD.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtr

Floats = npt.NDArray[np.float64]


def ohlson(
    *,
    total_assets: Floats,
    total_liabilities: Floats,
    current_assets: Floats,
    current_liabilities: Floats,
    net_income: Floats,
    net_income_before: Floats,
    funds_from_operations: Floats,
    price_index: float,
) -> tuple[Floats, Floats]:
    """Return (O, PD) (k,); NaN where an input is unknown, or assets, liabilities or current assets are <= 0.

    `price_index`: level of prices by which total assets are divided (100 in the source's base year).
    """
    assets, debts = _above_zero(total_assets), _above_zero(total_liabilities)
    moved = np.abs(net_income) + np.abs(net_income_before)
    change = np.divide(net_income - net_income_before, moved, out=np.zeros_like(moved), where=moved != 0.0)
    change = np.where(np.isnan(moved), np.nan, change)
    losses = np.where(np.isnan(moved), np.nan, (net_income < 0.0) & (net_income_before < 0.0))
    score = (
        -1.32
        - 0.407 * np.log(assets / price_index)
        + 6.03 * debts / assets
        - 1.43 * (current_assets - current_liabilities) / assets
        + 0.0757 * current_liabilities / _above_zero(current_assets)
        - 1.72 * (debts > assets)
        - 2.37 * net_income / assets
        - 1.83 * funds_from_operations / debts
        + 0.285 * losses
        - 0.521 * change
    )
    return score, np.asarray(expit(score))


def zmijewski(
    *,
    total_assets: Floats,
    total_liabilities: Floats,
    current_assets: Floats,
    current_liabilities: Floats,
    net_income: Floats,
) -> tuple[Floats, Floats]:
    """Return (X, PD) (k,); NaN where an input is unknown, or total assets or current liabilities are <= 0."""
    assets = _above_zero(total_assets)
    score = (
        -4.336
        - 4.513 * net_income / assets
        + 5.679 * total_liabilities / assets
        + 0.004 * current_assets / _above_zero(current_liabilities)
    )
    return score, np.asarray(ndtr(score))


def _above_zero(values: Floats) -> Floats:
    return np.where(values > 0.0, values, np.nan)
