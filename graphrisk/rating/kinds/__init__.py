"""Kinds of models, one file each: `fit` learns plain arrays with scikit-learn, `pds` reads them with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from graphrisk.members import find_member, member_names
from graphrisk.rating.policy import RatingPolicy, rating_policy

_ROOM = ("graphrisk.rating.kinds", "LABEL", "graphrisk.rating_kinds")


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """How a model is fitted: the seed of what is drawn, and whether risk may only rise or fall with each number."""

    seed: int = 0
    monotone: bool = False
    policy: RatingPolicy = field(default_factory=rating_policy)


class Kind(Protocol):
    """A module: `LABEL` (English, Chinese), `LEARNS` whether it needs outcomes, `fit` and `pds`."""

    LABEL: tuple[str, str]
    LEARNS: bool

    def fit(self, columns: Mapping[str, Any], bad: npt.NDArray[np.float64], plan: FitPlan) -> dict[str, Any]:
        """Return the structure of the model: plain lists, numbers and texts."""

    def pds(self, structure: Mapping[str, Any], columns: Mapping[str, Any], rows: int) -> npt.NDArray[np.float64]:
        """Return the PD of each row (rows,)."""


def kind_names() -> list[str]:
    """Return the kinds that there are."""
    return member_names(*_ROOM)


def find_kind(name: str) -> Kind:
    """Return a kind by its name; UsageError naming the nearest where there is none."""
    return cast(Kind, find_member("kind of model", name, *_ROOM))
