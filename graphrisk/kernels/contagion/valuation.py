"""What part of a claim is lost at a debtor's equity, one function a rule; and what a guarantor can pay.

Steps 1, 4 and 5 of the map in docs/methods/contagion.md.
"""

from __future__ import annotations

import math

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.contagion.ledger import (
    ASSETS,
    CLEARING,
    EQUITY,
    FIRST_EQUITY,
    FIXED,
    FLOOR,
    KNOWN,
    LOST_COLLATERAL,
    LOST_EXPOSURES,
    LOST_LENDING,
    LOST_OWNERSHIP,
    LOST_SUPPLIES,
    MERTON,
    NONLINEAR,
    NOTHING,
    OWED,
    SCALE,
    SIGMA,
    TAKEN,
    THRESHOLD,
    UNMET_PART,
    Flags,
    Floats,
    Rule,
)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def threshold(recovery: float, failed: bool) -> float:
    """Return what is lost of a claim on a party that stands (nothing) or is in default (all but the recovery).

    Source: C. Furfine, "Interbank exposures: quantifying the risk of contagion", J. Money Credit Bank. 35, 2003.
    """
    return 1.0 - recovery if failed else 0.0


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def linear(party: Floats, i: int, equity: float, failed: bool, fixed: float) -> float:
    """Return the part of its equity that party `i` has lost; of one of unknown equity, `fixed`; in default, 1.

    Source: M. Bardoscia, S. Battiston, F. Caccioli, G. Caldarelli, "DebtRank: a microscopic foundation for shock
    propagation", PLoS ONE 10, 2015.
    """
    if failed:
        return 1.0
    if party[i, KNOWN] > 0.0:
        return float(min(1.0, max(0.0, (party[i, FIRST_EQUITY] - equity) / party[i, FIRST_EQUITY])))
    return fixed


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def nonlinear(lost: float, alpha: float) -> float:
    """Return h exp(alpha (h - 1)) at a part `lost` of equity: alpha 0 is linear, a large one nears the threshold.

    Source: M. Bardoscia, F. Caccioli, J. Perotti, G. Vivaldo, G. Caldarelli, "Distress propagation in complex networks:
    the case of non-linear DebtRank", PLoS ONE 11, 2016.
    """
    return float(lost * math.exp(alpha * (lost - 1.0)))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def clearing(party: Floats, i: int, equity: float, slope: float) -> float:
    """Return what is lost of a debt of party `i` that pays its debts pro rata out of what it has.

    Sources: L. Eisenberg, T. Noe, "Systemic risk in financial systems", Manag. Sci. 47, 2001; with costs of default, L.
    Rogers, L. Veraart, "Failure and rescue in an interbank network", Manag. Sci. 59, 2013.
    """
    owed = party[i, OWED]
    if equity >= -NOTHING * party[i, SCALE] or owed <= 0.0:
        return 0.0
    kept = max(equity + owed, 0.0)  # without costs of default, which never add to it
    return float(min(1.0, max(0.0, 1.0 - min(kept, party[i, FLOOR] + slope * kept) / owed)))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def merton(party: Floats, i: int, equity: float, recovery: float) -> float:
    """Return the expected loss of a debt of party `i` whose external assets are lognormal.

    Source: P. Barucca et al., "Network valuation in financial systems", Math. Finance 30, 2020, section 4.3.
    """
    assets, sigma = party[i, ASSETS], party[i, SIGMA]
    if equity >= assets - NOTHING * party[i, SCALE]:
        return 0.0
    if assets <= 0.0:
        return 1.0 - recovery
    reach = (sigma * sigma / 2.0 + math.log(1.0 - equity / assets)) / (math.sqrt(2.0) * sigma)
    return float((1.0 - recovery) * 0.5 * (1.0 + math.erf(reach)))


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def loss_fraction(rule: Rule, party: Floats, i: int, equity: float, failed: bool, fixed: float) -> float:
    """Return the part of a claim on party `i` that is lost while it stands at `equity`, by the rule of the run.

    `fixed` is the loss fraction of a party whose equity is unknown.
    """
    if rule.code == THRESHOLD:
        return float(threshold(rule.recovery, failed))
    if rule.code == CLEARING:
        return float(clearing(party, i, equity, rule.slope))
    if rule.code == MERTON:
        return float(merton(party, i, equity, rule.recovery))
    lost = float(linear(party, i, equity, failed, fixed))
    if rule.code == NONLINEAR and not failed:
        return float(nonlinear(lost, rule.alpha))
    return lost


@njit(cache=True, nogil=True, error_model="numpy")
def losses_now(rule: Rule, party: Floats, money: Floats, failed: Flags) -> Floats:
    """Return the loss fraction of claims on each party (parties,) as it stands."""
    loss = np.zeros(party.shape[0])
    for i in range(len(loss)):
        loss[i] = loss_fraction(rule, party, i, money[i, EQUITY], failed[i], money[i, FIXED])
    return loss


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def called_part(recourse: float, joint: int, loss: float) -> float:
    """Return the part of a facility's uncovered amount that falls short when its borrower's loss fraction is `loss`.

    A joint guarantor pays the lender in full and recovers only `recourse` of what the borrower can still pay; the rest
    falls short too. A loss below 1e-9 is the rounding of a run that has settled, and calls nobody.
    """
    if loss > UNMET_PART and joint:
        return loss + (1.0 - recourse) * (1.0 - loss)
    return loss


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def lost_by_layers(money: Floats, i: int) -> float:
    """Return what party i has lost in all layers, its guarantees and what a shock took left aside."""
    by_contracts = money[i, LOST_EXPOSURES] + money[i, LOST_LENDING] + money[i, LOST_OWNERSHIP]
    return float(by_contracts + money[i, LOST_COLLATERAL] + money[i, LOST_SUPPLIES])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def capacity_of(rule: Rule, party: Floats, money: Floats, k: int) -> float:
    """Return what guarantor k can pay: equity after the shock and all losses but its guarantees."""
    if rule.unlimited:
        return math.inf
    if party[k, KNOWN] == 0.0:
        return math.inf if rule.caps else 0.0
    return float(max(0.0, party[k, FIRST_EQUITY] - money[k, TAKEN] - lost_by_layers(money, k)))
