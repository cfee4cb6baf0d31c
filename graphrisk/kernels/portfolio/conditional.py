"""A Gaussian factor model given the values of some of its factors: again a Gaussian factor model, exactly.

Source: O. Vasicek, "The distribution of loan portfolio value", Risk, December 2002, for the conditional PD of one
factor; of several, the same by the independence of factors and of what is the party's own.

Party i defaults when a_i . Z + sqrt(1 - |a_i|^2) e_i < N^-1(PD_i). With Z_F = z what is left random has variance
1 - |a_iF|^2; divided by its root, the party defaults when what is left falls below (N^-1(PD_i) - a_iF . z) over it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from graphrisk.errors import DataError

Floats = npt.NDArray[np.float64]


def hold_factors(
    pd: Floats, loadings: Floats, held: npt.NDArray[np.int64], value: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return (PD (n,), loadings (n, f)) of the model in which factors `held` (k,) stand at `value` (k,).

    `pd` (n,) in [0, 1], `loadings` (n, f) on independent factors. The columns held are 0 in the loadings returned, so
    that the others stay in their places. A PD of 0 stays 0 and one of 1 stays 1; a party that loads on no factor held
    keeps its PD to the bit. Raises DataError where the factors held leave nothing to a party (|a_F| >= 1).
    """
    part = loadings[:, held]
    free = 1.0 - (part**2).sum(axis=1)
    if not (np.isfinite(part).all() and (free > 0.0).all()):
        raise DataError("loadings on the factors held must be finite with squares summing to less than 1")
    rest = np.sqrt(free)
    distance = (ndtri(pd) - part @ np.asarray(value, dtype=np.float64)) / rest
    touched = (part != 0.0).any(axis=1)
    left = loadings / rest[:, None]
    left[:, held] = 0.0
    return np.where(touched, ndtr(distance), pd), np.where(touched[:, None], left, loadings)
