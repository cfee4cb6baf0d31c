"""Pairs of parties as single numbers: the distinct ones, and which of others are among them, by sorting.

NumPy's own hash tables of millions of pairs miss the cache at every step; sorting does not.
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.ownership.stakes import Bools, Ints


def distinct(keys: Ints) -> Ints:
    """Return the distinct keys in rising order."""
    held = np.sort(keys)
    fresh = np.ones(len(held), dtype=bool)
    fresh[1:] = held[1:] != held[:-1]
    return np.asarray(held[fresh])


def among(wanted: Ints, keys: Ints) -> Bools:
    """Return which of `wanted` stand in `keys` (rising)."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.asarray(keys[place] == wanted)
