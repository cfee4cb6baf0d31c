"""The policy of a bank: which kinds of actions it takes, and what a unit of each costs it, in words and money."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from graphrisk.analyze.intervene.params import KINDS, OFFERED
from graphrisk.errors import UsageError, nearest

_KEYS = ("cost", "unit", "allowed")


def read_policy(path: Path) -> dict[str, Any]:
    """Return the parameters of intervene that a policy file says: cost_KIND, cost_units and actions.

    A table a kind: `cost` (per unit of base currency), `unit` (what that is, in words), `allowed` (true or false;
    capital is not unless the policy says so). Raises UsageError naming the key at fault.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is not valid TOML: {error}", where=str(path)) from error
    settings: dict[str, Any] = {}
    units, allowed = [], list(OFFERED)
    for kind, table in given.items():
        if kind not in KINDS:
            raise UsageError(f"no kind of action is called {kind!r}", where=str(path), hint=nearest(kind, KINDS))
        if not isinstance(table, dict):
            raise UsageError(f"{kind} is a table: [{kind}]", where=str(path), hint=f"[{kind}] cost = 0.01")
        for key in table:
            if key not in _KEYS:
                raise UsageError(f"{kind}.{key} is not known", where=str(path), hint=nearest(key, _KEYS))
        if "cost" in table:
            settings[f"cost_{kind}"] = _cost(table["cost"], kind, path)
        if "unit" in table:
            units.append(f"{kind}={str(table['unit']).replace(',', ';')}")
        may = table.get("allowed", True)
        if not isinstance(may, bool):
            raise UsageError(f"{kind}.allowed is true or false, not {may!r}", where=str(path))
        if may and kind not in allowed:
            allowed.append(kind)
        if not may and kind in allowed:
            allowed.remove(kind)
    if not allowed:
        raise UsageError("allows no action at all", where=str(path))
    return {**settings, "cost_units": tuple(units), "actions": tuple(kind for kind in KINDS if kind in allowed)}


def _cost(value: Any, kind: str, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < float("inf"):
        raise UsageError(f"{kind}.cost is a number of 0 or more, not {value!r}", where=str(path))
    return float(value)
