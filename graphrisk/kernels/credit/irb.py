"""Risk weights of the internal ratings-based approach, as Basel II prints the formulas.

Source: Basel Committee on Banking Supervision, "International Convergence of Capital Measurement and Capital Standards"
(BCBS 128, June 2006), paragraphs 272 (corporate, sovereign, bank), 273 (size), 328 (residential mortgage), 329
(qualifying revolving retail), 330 (other retail), Annex 5 (illustrative risk weights). No floor on PD is applied here
(paragraph 285 has 0.03 %), and no scaling factor (paragraph 14 has 1.06): both belong to the caller's rules.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from graphrisk.errors import UsageError, nearest

Floats = npt.NDArray[np.float64]
AssetClass = Literal["corporate", "mortgage", "revolving", "other_retail"]
_CLASSES = ("corporate", "mortgage", "revolving", "other_retail")


def correlation(pd: npt.ArrayLike, asset_class: AssetClass, *, sales: npt.ArrayLike = 50.0) -> Floats:
    """Return the asset correlation R; `sales` in millions of euro, held between 5 and 50 (paragraph 273)."""
    chance = _chance(pd)
    if asset_class == "mortgage":
        return np.full(chance.shape, 0.15)
    if asset_class == "revolving":
        return np.full(chance.shape, 0.04)
    if asset_class == "corporate":
        size = np.clip(np.asarray(sales, dtype=np.float64), 5.0, 50.0)
        return _blend(chance, 50.0, 0.12, 0.24) - 0.04 * (1.0 - (size - 5.0) / 45.0)
    if asset_class == "other_retail":
        return _blend(chance, 35.0, 0.03, 0.16)
    raise UsageError(f"no asset class is called {asset_class!r}", hint=nearest(str(asset_class), _CLASSES))


def capital(
    pd: npt.ArrayLike,
    lgd: npt.ArrayLike,
    asset_class: AssetClass,
    *,
    maturity: npt.ArrayLike = 2.5,
    sales: npt.ArrayLike = 50.0,
) -> Floats:
    """Return capital K as a part of the exposure; `maturity` in years (corporate only).

    The loss at the 99.9 % quantile of the one-factor model less the expected loss, with the maturity adjustment b.
    """
    chance = _chance(pd)
    rho = correlation(chance, asset_class, sales=sales)
    stressed = ndtr((ndtri(chance) + np.sqrt(rho) * ndtri(0.999)) / np.sqrt(1.0 - rho))
    need = np.asarray(lgd, dtype=np.float64) * (stressed - chance)
    if asset_class == "corporate":
        b = (0.11852 - 0.05478 * np.log(chance)) ** 2
        need = need * (1.0 + (np.asarray(maturity, dtype=np.float64) - 2.5) * b) / (1.0 - 1.5 * b)
    return np.asarray(need)


def risk_weight(
    pd: npt.ArrayLike,
    lgd: npt.ArrayLike,
    asset_class: AssetClass,
    *,
    maturity: npt.ArrayLike = 2.5,
    sales: npt.ArrayLike = 50.0,
) -> Floats:
    """Return the risk weight, 12.5 K, as a part of the exposure (0.5 = 50 %)."""
    return 12.5 * capital(pd, lgd, asset_class, maturity=maturity, sales=sales)


def _blend(chance: Floats, speed: float, low: float, high: float) -> Floats:
    weight = (1.0 - np.exp(-speed * chance)) / (1.0 - np.exp(-speed))
    return np.asarray(low * weight + high * (1.0 - weight))


def _chance(pd: npt.ArrayLike) -> Floats:
    chance = np.asarray(pd, dtype=np.float64)
    if not ((chance > 0.0) & (chance < 1.0)).all():
        raise UsageError("pd must lie strictly between 0 and 1", hint="a party in default has no risk weight")
    return chance
