"""Identities that hold in every sound statement: the balance, and the bridge from cash to cash."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.credit.statements import Statements
from graphrisk.graph.riskgraph import Floats


def balance_gap(given: Statements) -> tuple[Floats, Floats]:
    """Return (total assets, liabilities + equity) (k,); NaN where a part is unknown."""
    return given.balance("total_assets"), given.balance("total_liabilities") + given.balance("equity")


def cash_gap(given: Statements) -> tuple[Floats, Floats]:
    """Return (closing cash, opening cash + the three flows of the period) (k,); NaN where a part is unknown."""
    cash = given.balance("cash")
    flows = sum(
        (given.balance(f"{kind}_cash_flow") for kind in ("operating", "investing", "financing")), np.zeros(given.size)
    )
    return cash, np.asarray(given.at_opening(cash) + flows)


def broken_identities(given: Statements, tolerance: float) -> dict[str, npt.NDArray[np.generic]]:
    """Return what does not hold as columns: party_id (positions), period_end_on, identity, stated, implied, difference.

    Broken: the difference is above `tolerance` of total assets (of the larger side, where those are unknown or 0).
    """
    days = np.array([str(d) for d in given.ends()], dtype=object)
    assets = np.abs(given.balance("total_assets"))
    parts = []
    for number, (name, (stated, implied)) in enumerate(
        (("balance", balance_gap(given)), ("cash_bridge", cash_gap(given)))
    ):
        known = ~(np.isnan(stated) | np.isnan(implied))
        larger = np.maximum(np.abs(stated), np.abs(implied))
        scale = np.where(assets > 0.0, assets, larger)
        gap = stated - implied
        at = np.flatnonzero(known & (np.abs(gap) > tolerance * scale) & (np.abs(gap) > 1e-9 * larger))
        parts.append((at, np.full(len(at), number), np.full(len(at), name, dtype=object), stated[at], implied[at],
                      np.divide(np.abs(gap[at]), scale[at], out=np.zeros(len(at)), where=scale[at] > 0)))  # fmt: skip
    at, kind, name_of, stated, implied, part = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((kind, at, -part))
    at, stated, implied = at[order], stated[order], implied[order]
    return {
        "party_id": given.party[at],
        "period_end_on": days[at] if len(days) else days,
        "identity": name_of[order],
        "stated": stated,
        "implied": implied,
        "difference": stated - implied,
    }
