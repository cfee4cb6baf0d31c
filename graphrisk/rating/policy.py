"""The rating policy: thresholds and the master scale, read from policy.toml; a model keeps its version."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingPolicy:
    """Sections of policy.toml as they stand there."""

    name: str
    version: int
    sample: dict[str, Any]
    scorecard: dict[str, Any]
    columns: dict[str, Any]
    leaks: dict[str, Any]
    pd: dict[str, Any]
    low_default: dict[str, Any]
    grades: tuple[dict[str, Any], ...]

    def grade_of(self, pd: Floats) -> npt.NDArray[np.object_]:
        """Return the grade of each PD; None where it is missing."""
        bounds = [float(grade["most"]) for grade in self.grades]
        names = np.array([grade["name"] for grade in self.grades], dtype=object)
        known = ~np.isnan(pd)
        found = np.full(len(pd), None, dtype=object)
        found[known] = names[np.minimum(np.searchsorted(bounds, pd[known], side="left"), len(names) - 1)]
        return found


@cache
def rating_policy() -> RatingPolicy:
    """Return the policy that ships."""
    read = tomllib.loads((files("graphrisk.rating") / "policy.toml").read_text("utf-8"))
    return RatingPolicy(**{**read, "grades": tuple(read["grades"])})
