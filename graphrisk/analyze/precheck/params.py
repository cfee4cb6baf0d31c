"""The parameters of precheck, and the policy file that sets its thresholds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from graphrisk.errors import UsageError, nearest
from graphrisk.model.params import param

THRESHOLDS = ("chain_loans", "loss_added", "over_guarantee", "circles", "limits")
"""Keys of `[precheck]` in a policy file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What may not be broken, and how far the search goes."""

    folder: str | None = param(None, "folder of the proposed rows")
    chain_loans: float | None = param(
        None, "largest sum of loans that a guarantor of a new guarantee may reach (base currency)", low=0.0
    )
    loss_added: float | None = param(
        None,
        "largest bank loss that a default of a debtor or guarantor may add, after signing (base currency)",
        low=0.0,
    )
    over_guarantee: float | None = param(
        None,
        "largest ratio of caps given to net assets of a guarantor that the proposal touches, after signing",
        low=0.0,
    )
    circles: bool = param(True, "false: no circle of guarantees may close")
    limits: bool = param(False, "true: the limits of the regime must hold after signing")
    regime: str = param("basel", "regime of groups and limits: basel, crr, cn, or one of your own")
    tier1: float | None = param(None, "our Tier 1 capital in base currency; null = capital.tier1", low=0.0)
    net_capital: float | None = param(None, "our net capital in base currency; null = capital.net_capital", low=0.0)
    internal_single: float | None = param(
        None, "our own line for a client, a fraction of the capital; null = capital.internal_single", low=0.0, high=1.0
    )
    internal_group: float | None = param(
        None, "our own line for a group, a fraction of the capital; null = capital.internal_group", low=0.0, high=1.0
    )
    gsib: tuple[str, ...] = param((), "ids of global systemically important banks, where we are one, too")
    state: tuple[str, ...] = param((), "ids of states, as for groups; beside groups.state")
    proportionate: bool = param(
        False, "groups: true: derived dependencies count only around clients that owe us more than check_above"
    )
    regimes_in: str | None = param(None, "folder of regimes of your own; null = those shipped")
    max_length: int = param(8, "longest circle listed, in guarantees", low=2, high=20)
    max_circles: int = param(1_000, "most circles listed", low=1)
    max_runs: int = param(40, "most parties whose default is run before and after, debtors and guarantors", low=0)


def read_policy(path: Path) -> dict[str, Any]:
    """Return the parameters that the table `[precheck]` of a policy file sets; other tables are not looked at.

    over_guarantee is a ratio, or false (no guarantor touched may be beyond its net assets) or true (anything goes).
    Raises UsageError naming the key at fault, and where there is no such table.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"is not valid TOML: {error}", where=str(path), hint="correct the line named") from error
    table = given.get("precheck")
    if not isinstance(table, dict):
        raise UsageError(
            "holds no table [precheck]: no threshold would be checked", where=str(path),
            hint=f"[precheck] with {', '.join(THRESHOLDS)}",
        )  # fmt: skip
    known = {one.name for one in fields(Params)} - {"folder"}
    settings: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise UsageError(f"precheck.{key} is not known", where=str(path), hint=nearest(key, known))
        if key in ("circles", "limits"):
            if not isinstance(value, bool):
                raise UsageError(f"precheck.{key} is true or false, not {value!r}", where=str(path))
        elif key == "over_guarantee" and isinstance(value, bool):
            value = None if value else 1.0
        elif key in ("chain_loans", "loss_added", "over_guarantee") and not _is_amount(value):
            raise UsageError(f"precheck.{key} is a number of 0 or more, not {value!r}", where=str(path))
        settings[key] = value
    return settings


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value < float("inf")
