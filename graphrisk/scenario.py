"""A stress scenario: who or what is hit, and how hard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyShock:
    """A loss of equity: of the `parties` named, or of those whose columns match `where` (all must hold).

    Exactly one of `loss` (fraction of equity in [0, 1]) and `loss_amount` (base currency, each) is given.
    """

    parties: tuple[str, ...] = ()
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    loss: float | None = None
    loss_amount: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceShock:
    """A relative change of value (`price`, -0.3 = falls by 30 %) of the collateral that matches `where`."""

    where: Mapping[str, tuple[str, ...]]
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario: `params` are those of the analyzer, as in `--set`."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    party_shocks: tuple[PartyShock, ...] = ()
    price_shocks: tuple[PriceShock, ...] = ()
