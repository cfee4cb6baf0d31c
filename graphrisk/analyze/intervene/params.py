"""The parameters of intervene: those of contagion, the target, the actions allowed and what they cost."""

from __future__ import annotations

from dataclasses import dataclass

from graphrisk.cascade.params import Params as ContagionParams
from graphrisk.model.params import param

KINDS = ("cut", "capital", "collateral", "guarantor", "release", "split", "claim", "stake", "delivery")
OFFERED = tuple(kind for kind in KINDS if kind != "capital")
"""Kinds that are offered unless others are named: a bank does not put capital into its clients."""
MEASURES = ("bank_loss", "loss", "defaults")


def _cost(what: str) -> float:
    cost: float = param(1.0, f"cost of {what}, per unit of base currency", low=0.0)
    return cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Params(ContagionParams):
    """What is to be reached, by which actions, at which cost, and how losses spread."""

    measure: str = param("bank_loss", "what of the shock's added loss is to fall: of the bank, of all, or defaults",
                         choices=MEASURES)  # fmt: skip
    target: float | None = param(None, "largest value allowed of the measure (base currency, or parties)", low=0.0)
    target_fraction: float = param(
        0.5, "where no target is given: the part of the measure without any action that is allowed", low=0.0, high=1.0
    )
    actions: tuple[str, ...] = param(OFFERED, "kinds of actions that may be taken", choices=KINDS)
    best: int = param(5, "single actions listed as the best, by what they save for their cost", low=0, high=100)
    cost_units: tuple[str, ...] = param((), "what a unit of cost is, KIND=words, as the policy says it")
    steps: int = param(2, "sizes in which an action is offered: 1/steps, 2/steps, ... of the whole", low=1, high=10)
    max_candidates: int = param(24, "contracts and parties that are considered, by expected effect per cost", low=1)
    max_actions: int = param(8, "actions taken at most", low=1)
    exact: bool = param(False, "try every set of candidates, by cost, instead of the greedy choice")
    max_runs: int = param(5_000, "runs of the cascade that exact may need at most", low=1)
    cost_cut: float = _cost("repaying a facility")
    cost_capital: float = _cost("capital added")
    cost_collateral: float = _cost("collateral added")
    cost_guarantor: float = _cost("a guarantee added")
    cost_release: float = _cost("the cap of a guarantee given up")
    cost_split: float = _cost("the cap of a guarantee given up that closes a circle")
    cost_claim: float = _cost("a claim between parties repaid")
    cost_stake: float = _cost("a stake sold, at the book value of the firm")
    cost_delivery: float = _cost("yearly deliveries moved to another supplier")
