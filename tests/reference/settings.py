"""The parameters of contagion with their defaults, as the definition names them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Settings:
    rule: str = "threshold"
    recovery: float = 0.0
    alpha: float | None = None  # None: 0 for nonlinear, 1 for rv
    beta: float = 1.0
    sigma: float | None = None
    seniority: str = "pari"
    capacity: str = "net_assets"
    missing_capacity: str = "zero"
    layers: set[str] | None = None
    supply_default: str = "default"
    schedule: str = "joint"
    impact_beta: float = 0.0
    impact_depth: float | None = None
    recourse: float = 1.0
    horizon_months: float = 12.0
    start_from_status: bool = False
    all_rows: bool = False


@dataclass
class Shock:
    """What happens at the start: fractions and amounts of equity by party, price changes by asset."""

    fraction: dict[str, float] = field(default_factory=dict)
    amount: dict[str, float] = field(default_factory=dict)
    price: dict[str, float] = field(default_factory=dict)

    @property
    def parties(self) -> set[str]:
        return set(self.fraction) | set(self.amount)
