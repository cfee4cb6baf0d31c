"""How a drawn default spreads: the kernels' rule of the parameters, and the part of a loss that it leaves."""

from __future__ import annotations

import numpy as np

from graphrisk.credit.portfolio_params import Params
from graphrisk.graph.riskgraph import Floats
from graphrisk.kernels.contagion.ledger import DEBTRANK, JOINT, THRESHOLD, Ledger, Rule


def rule_of(params: Params) -> Rule:
    """Return the kernels' rule, as contagion makes it of the same parameters."""
    return Rule(
        code=DEBTRANK if params.rule == "debtrank" else THRESHOLD,
        recovery=params.recovery if params.rule == "threshold" else 0.0,
        recourse=params.recourse,
        unlimited=params.capacity == "unlimited",
        caps=params.missing_capacity == "caps",
    )


def part_in_default(ledger: Ledger, rule: Rule) -> Floats:
    """Return what part of its loss given default each facility falls short by once its borrower is in default.

    (facilities,); 1 but for the rule's recovery: 1 - recovery, and where a guarantor is jointly liable
    (1 - recourse) x recovery more, as in step 4 of the contagion map.
    """
    part = 1.0 - rule.recovery
    more = (1.0 - rule.recourse) * (1.0 - part) if part > 0.0 else 0.0
    return np.where(ledger.facility[JOINT] > 0, part + more, part)
