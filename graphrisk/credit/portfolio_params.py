"""The parameters of portfolio."""

from __future__ import annotations

from dataclasses import dataclass

from graphrisk.errors import UsageError
from graphrisk.graph.book import LAYERS
from graphrisk.model.params import param

SKIP, REFUSE, COLLATERAL = "skip", "refuse", "collateral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How defaults are drawn and how they spread."""

    scenarios: int = param(5_000, "number of scenarios", low=1, high=10_000_000)
    seed: int = param(1, "seed of the random numbers: the same seed gives the same bits", low=0)
    levels: tuple[float, ...] = param((0.99, 0.999), "levels of VaR and ES, a comma list", low=0.5, high=0.999999)
    factors: str = param(
        "one", "systematic factors: one for all, or also one per industry, per region, or per both",
        choices=("one", "sector", "region", "sector_region"),
    )  # fmt: skip
    rho: float = param(0.15, "asset correlation of two parties of the same group", low=0.0, high=0.99)
    inter: float = param(
        0.6, "several factors: correlation of two parties of no common group, as a part of rho", low=0.0, high=1.0
    )
    sector_length: int = param(
        1, "leading characters of the industry code that name a sector; 0 takes the whole code", low=0
    )
    pd_multiplier: float = param(1.0, "every PD is multiplied by this (at most 1)", low=0.0)
    pd_model: str | None = param(None, "the rating model whose PD is taken (default: the latest of any)")
    missing_pd: str = param(SKIP, "PD of a party without one: skip (it is never drawn), refuse, or a number")
    missing_lgd: str = param(
        COLLATERAL, "LGD of a facility without one: collateral (what its collateral leaves), refuse, or a number"
    )
    lgd_source: str = param(
        "stated", "LGD of a facility: the stated one, or always what its collateral leaves",
        choices=("stated", "collateral"),
    )  # fmt: skip
    second_stage: str = param(
        "full",
        "how drawn defaults spread: over the full guarantee ledger, by a matrix of linear claims, or not",
        choices=("full", "linear", "none"),
    )
    rule: str = param(
        "threshold", "what share of a claim is lost at a given equity", choices=("threshold", "debtrank"),
        aliases={"furfine": "threshold"},
    )  # fmt: skip
    recovery: float = param(
        0.0, "threshold: part of a claim on a defaulted party that is recovered, beyond what the LGD says",
        low=0.0, high=1.0,
    )  # fmt: skip
    layers: tuple[str, ...] | None = param(
        None, "layers that take part (default: all of these that hold data)", choices=LAYERS
    )
    capacity: str = param("net_assets", "full: what a guarantor can pay", choices=("net_assets", "unlimited"))
    missing_capacity: str = param(
        "zero", "full: what a guarantor without known equity can pay", choices=("zero", "caps")
    )
    recourse: float = param(
        1.0, "full: part of its payment that a jointly liable guarantor recovers from a debtor not in default",
        low=0.0, high=1.0,
    )  # fmt: skip
    supply_default: str = param(
        "default", "full: when a party stops delivering: in default, or in proportion to its loss",
        choices=("default", "linear"),
    )  # fmt: skip
    schedule: str = param(
        "joint", "full: supply and finance in one sweep, or supply first until it settles",
        choices=("joint", "staged"),
    )  # fmt: skip
    horizon_months: float = param(
        12.0, "full: months for which a firm without production loses its profit (published FSRI: 12)", low=0.0
    )
    impact_beta: float = param(0.0, "full: fall of an asset's price with the part of its class that is sold", low=0.0)
    impact_depth: float | None = param(
        None, "full: value that a class of assets can sell at once (base currency; default: all there is of it)",
        low=0.0,
    )  # fmt: skip
    tolerance: float = param(
        1e-6, "full: largest change of a party's equity over max(|E0|, 1) at the end of a scenario", low=0.0
    )
    max_rounds: int = param(2_000, "full: sweeps after which a scenario counts as swinging", low=1)
    importance_sampling: bool = param(True, "shift the factors towards the tail and weight the scenarios back")
    confidence: float = param(0.95, "confidence of the intervals", low=0.5, high=0.9999)
    workers: int = param(0, "threads, 0: one per core; the numbers do not depend on it", low=0, high=256)


def parse_filler(text: str, words: tuple[str, ...], where: str) -> float | str:
    """Return `text` where it is one of `words`, else the fraction it says; UsageError for anything else."""
    if text in words:
        return text
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise UsageError(f"portfolio: parameter {where} is {', '.join(words)} or a fraction in [0, 1], not {text!r}")
    return value
