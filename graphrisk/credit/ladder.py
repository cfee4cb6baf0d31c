"""The warning ladder below a limit: how near the use of a line is to the bank's own line and to the legal one.

Blue from 0.7 of the own line, yellow from 0.8, orange from the own line itself, red from 0.9 of the legal line, breach
above the legal line (equal is not above). The scheme is that of a public rule file (tests/published/ownership).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

LADDER = ("none", "blue", "yellow", "orange", "red", "breach")
LEVELS = ("ok", "watch", "near", "breach_internal", "breach_legal")
_LEVEL_OF = np.array(["ok", "watch", "near", "breach_internal", "breach_internal", "breach_legal"], dtype=object)
_BLUE, _YELLOW, _RED = 0.7, 0.8, 0.9
_TOLERANCE = 1e-12
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def steps(use: Floats, legal: Floats, own: Floats) -> Ints:
    """Return the step of the ladder for each use (0 = none ... 5 = breach); -1 where the use is not known (NaN)."""
    step = np.zeros(len(use), dtype=np.int64)
    for rank, line in enumerate((_BLUE * own, _YELLOW * own, own, _RED * legal), start=1):
        step[use >= line - _TOLERANCE] = rank
    step[use > legal + _TOLERANCE] = len(LADDER) - 1
    step[np.isnan(use)] = -1
    return step


def named(step: Ints) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return ladder and level of each step in words; None where it is not known."""
    known = step >= 0
    ladder, level = np.full(len(step), None, dtype=object), np.full(len(step), None, dtype=object)
    ladder[known] = np.array(LADDER, dtype=object)[step[known]]
    level[known] = _LEVEL_OF[step[known]]
    return ladder, level
