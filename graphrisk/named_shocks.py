"""Shocks as people write them: PARTY, PARTY=FRACTION, or a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from graphrisk.errors import UsageError

if TYPE_CHECKING:
    from graphrisk.graph.riskgraph import RiskGraph

Shocks = Mapping[str, float] | Iterable[str]


def named_shocks(graph: RiskGraph, given: Shocks | None) -> dict[str, float]:
    """Return shocks as party -> fraction; a text is a party id where it is one, else split at its last "="."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        pairs = [(str(party), value) for party, value in given.items()]
    else:
        pairs = []
        for text in [given] if isinstance(given, str) else given:
            whole = int(graph.locate("parties", [text])[0]) >= 0
            party, equals, fraction = (text, "", "") if whole else text.rpartition("=")
            if not equals:
                party, fraction = text, "1"
            pairs.append((party, fraction))
    shocks: dict[str, float] = {}
    for party, value in pairs:
        graph.position(party)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not 0.0 <= number <= 1.0:
            raise UsageError(
                f"a shock is a fraction of equity in [0, 1], not {value!r}", where=party, hint="--shock PARTY=0.5"
            )
        shocks[party] = min(1.0, shocks.get(party, 0.0) + number)
    return dict(sorted(shocks.items()))
