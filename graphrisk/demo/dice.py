"""Random draws that are the same on every platform and NumPy version: raw bits of Philox, and tables of quantiles.

NumPy keeps its bit generators stable but not the distributions built on them, and `exp` or `log` may differ in the last
bit between processors. So numbers here come from `random_raw`, and distributions from tables that are rounded to six
digits before use; what follows is exact IEEE arithmetic.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_STEPS = 4096


class Dice:
    """A stream of draws named by what it is for, so that no table's rows depend on how many another one drew."""

    def __init__(self, seed: int, *purpose: str | int) -> None:
        named = [zlib.crc32(p.encode()) if isinstance(p, str) else p for p in purpose]
        self._bits = np.random.Philox(np.random.SeedSequence(seed, spawn_key=named))

    def raw(self, size: int) -> npt.NDArray[np.uint64]:
        """Return `size` raw 64-bit words."""
        return np.asarray(self._bits.random_raw(size), dtype=np.uint64)

    def uniform(self, size: int, low: float = 0.0, high: float = 1.0) -> Floats:
        """Return `size` numbers in [low, high)."""
        return low + (high - low) * ((self.raw(size) >> np.uint64(11)).astype(np.float64) * 2.0**-53)

    def flags(self, size: int, chance: float | Floats) -> Flags:
        """Return `size` booleans, true with `chance` (one, or one each)."""
        return np.asarray(self.uniform(size) < chance)

    def whole(self, size: int, high: int | Ints) -> Ints:
        """Return `size` whole numbers in [0, high); `high` (one, or one each) is below 2**31."""
        words = self.raw(size) >> np.uint64(33)
        drawn: Ints = ((words * np.asarray(high, dtype=np.uint64)) >> np.uint64(31)).astype(np.int64)
        return drawn

    def pick(self, size: int, weights: Sequence[float] | Floats) -> Ints:
        """Return `size` positions, each drawn in proportion to its weight."""
        whole = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(whole, self.uniform(size) * whole[-1], side="right")
        drawn: Ints = np.minimum(found, len(whole) - 1).astype(np.int64)
        return drawn

    def order(self, size: int) -> Ints:
        """Return a permutation of 0 .. size - 1."""
        return np.argsort(self.raw(size), kind="stable").astype(np.int64)

    def normal(self, size: int, mean: float = 0.0, deviation: float = 1.0) -> Floats:
        """Return `size` normal numbers, from a table cut at 3.7 deviations."""
        return mean + deviation * _normal_table()[self.whole(size, _STEPS)]

    def lognormal(self, size: int, sigma: float) -> Floats:
        """Return `size` log-normal numbers of median 1, from a table."""
        return _lognormal_table(sigma)[self.whole(size, _STEPS)]


def rounded(values: Floats, step: float = 1.0) -> Floats:
    """Return the values rounded to whole multiples of `step`."""
    result: Floats = np.rint(values / step) * step
    return result


def fraction(values: Floats, digits: int = 4) -> Floats:
    """Return the values with `digits` decimals, such that their text is that short."""
    scale = 10.0**digits
    result: Floats = np.rint(values * scale) / scale
    return result


@cache
def _normal_table() -> Floats:
    table = [float(f"{NormalDist().inv_cdf((k + 0.5) / _STEPS):.6g}") for k in range(_STEPS)]
    return np.array(table)


@cache
def _lognormal_table(sigma: float) -> Floats:
    return np.array([float(f"{math.exp(sigma * z):.6g}") for z in _normal_table()])
