"""An answer that somebody reads who does not compute it: a view, or another analyzer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A run of an analyzer, whose Result is handed over under `key`.

    `shocks` are "PARTY" or "PARTY=FRACTION", `scenario` a file, `against` a second one with which contagion compares
    the first; `params` are parameters of the analyzer, the rest are its defaults. With `or_defaults` a kept answer with
    default parameters is taken instead where there is one: it says the same more closely.
    """

    key: str
    analyzer: str
    shocks: tuple[str, ...] = ()
    scenario: str | None = None
    against: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    or_defaults: bool = False

    @property
    def shocked(self) -> bool:
        """True where the run is one under shocks or a scenario."""
        return bool(self.shocks or self.scenario or self.against)
