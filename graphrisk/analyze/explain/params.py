"""The parameters of explain: those of contagion, and whom to explain."""

from __future__ import annotations

from dataclasses import dataclass

from graphrisk.cascade.params import Params as ContagionParams
from graphrisk.model.params import param


@dataclass(frozen=True, slots=True, kw_only=True)
class Params(ContagionParams):
    """Whom to explain, and how losses spread."""

    party: str = param("", "id of the party to explain")
    contracts: int = param(10, "contracts of the book that are checked by running again without each", low=0, high=1000)
