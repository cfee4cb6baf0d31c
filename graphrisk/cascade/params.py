"""The parameters of contagion, and the rule that they make of the kernels'."""

from __future__ import annotations

from dataclasses import dataclass, fields

from graphrisk.graph.book import LAYERS
from graphrisk.kernels.contagion.ledger import CLEARING, DEBTRANK, MERTON, NONLINEAR, THRESHOLD, Rule
from graphrisk.model.params import param

RULES = ("threshold", "debtrank", "debtrank2012", "nonlinear", "en", "rv", "merton")
VALUED = ("en", "rv", "merton")
"""Rules that value a claim by the debtor's whole balance sheet."""
_READ_BY = {
    "recovery": ("threshold", "merton"),
    "alpha": ("nonlinear", "rv"),
    "beta": ("rv",),
    "sigma": ("merton",),
    "seniority": ("en", "rv"),
}
"""Parameter -> the rules that read it; those not named here are read by every rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How losses spread."""

    rule: str = param(
        "threshold", "what share of a claim is lost at a given equity", choices=RULES, aliases={"furfine": "threshold"}
    )
    recovery: float = param(
        0.0, "threshold, merton: part of a claim on a defaulted party that is recovered", low=0.0, high=1.0
    )
    alpha: float | None = param(None, "nonlinear: exponent (default 0); rv: part of external assets kept (default 1)")
    beta: float = param(1.0, "rv: part of claims kept in default", low=0.0, high=1.0)
    sigma: float | None = param(
        None, "merton: volatility of external assets, else equity_volatility of each party", low=0.0
    )
    seniority: str = param("pari", "en, rv: rank of external debt beside claims", choices=("pari", "senior"))
    capacity: str = param("net_assets", "what a guarantor can pay", choices=("net_assets", "unlimited"))
    missing_capacity: str = param("zero", "what a guarantor without known equity can pay", choices=("zero", "caps"))
    layers: tuple[str, ...] | None = param(None, "layers that take part (default: all that hold data)", choices=LAYERS)
    supply_default: str = param(
        "default", "when a party stops delivering: in default, never, or in proportion to its loss",
        choices=("default", "none", "linear"),
    )  # fmt: skip
    schedule: str = param(
        "joint", "supply and finance in one sweep, or supply first until it settles", choices=("joint", "staged")
    )
    horizon_months: float = param(
        12.0, "months for which a firm without production loses its profit (published FSRI: 12)", low=0.0
    )
    impact_beta: float = param(0.0, "fall of an asset's price with the part of its class that is sold", low=0.0)
    impact_depth: float | None = param(
        None, "value that a class of assets can sell at once (base currency; default: all there is of it)", low=0.0
    )
    recourse: float = param(
        1.0, "part of its payment that a jointly liable guarantor recovers from a debtor not in default",
        low=0.0, high=1.0,
    )  # fmt: skip
    tolerance: float = param(1e-10, "largest change of a party's equity over max(|E0|, 1) at the end", low=0.0)
    max_rounds: int = param(100_000, "sweeps after which the run is given up", low=1)
    seed_work: int = param(
        2_000_000_000,
        "contracts to follow at most for the importance of all parties; beyond it they are bounded",
        low=0,
    )
    all_rows: bool = param(False, "list every party, not only those touched")
    start_from_status: bool = param(False, "shock every party whose status is defaulted")


def unread(params: Params) -> list[str]:
    """Return the parameters given another value than their default that the rule does not read."""
    changed = {one.name for one in fields(Params) if getattr(params, one.name) != one.default}
    return [name for name, rules in _READ_BY.items() if name in changed and params.rule not in rules]


_CODES = {"threshold": THRESHOLD, "debtrank": DEBTRANK, "nonlinear": NONLINEAR, "en": CLEARING, "rv": CLEARING}


def rule_of(params: Params) -> Rule:
    """Return the kernels' rule."""
    return Rule(
        code=_CODES.get(params.rule, MERTON),
        recovery=params.recovery if params.rule in ("threshold", "merton") else 0.0,
        alpha=(params.alpha or 0.0) if params.rule == "nonlinear" else 0.0,
        recourse=params.recourse,
        slope=params.beta if params.rule == "rv" else 1.0,
        unlimited=params.capacity == "unlimited",
        caps=params.missing_capacity == "caps",
    )
