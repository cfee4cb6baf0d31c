"""Contracts that a party has with itself: they are kept in the data, noted, and bring nobody any money.

A guarantee for the guarantor's own debt, a guarantee for a loan that the guarantor gave itself, and an asset pledged to
its own owner as the lender move money from one pocket of a party to the other. Groups whose members all guarantee one
another (joint-guarantee groups) and parents that lend to a firm they guarantee have them as a matter of course.
"""

from __future__ import annotations

import numpy as np

from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.kernels.contagion.ledger import Flags, Ints


def with_oneself(party: Ints, borrower: Ints, lender: Ints) -> Flags:
    """Return where a guarantor, or the owner of a pledged asset, is on both sides of its contract (rows,).

    `lender` -1 is our bank, `party` -1 an asset without an owner; a row may have no borrower (-1).
    """
    found: Flags = (party >= 0) & ((party == borrower) | (party == lender))
    return found


def guarantees_for_oneself(graph: RiskGraph) -> Flags:
    """Return the guarantees that can never be called for anybody but the guarantor itself (contracts,).

    The facility decides whose debt it is; without one, the debtor does.
    """
    guarantor, debtor = graph.ends("guarantees")
    facility = graph.positions("guarantees", "facility_id")
    named = facility >= 0
    borrower, lender = debtor.copy(), np.full(len(debtor), -1, dtype=np.int64)
    borrower[named] = graph.positions("facilities", "borrower_id")[facility[named]]
    lender[named] = graph.positions("facilities", "lender_id")[facility[named]]
    return with_oneself(guarantor, borrower, lender)


def pledges_to_oneself(graph: RiskGraph) -> Flags:
    """Return the pledges whose asset belongs to the lender of the facility that it secures (pledges,)."""
    facility, asset = graph.positions("pledges", "facility_id"), graph.positions("pledges", "collateral_id")
    linked = (facility >= 0) & (asset >= 0)
    owner, lender = np.full(len(facility), -1, dtype=np.int64), np.full(len(facility), -1, dtype=np.int64)
    owner[linked] = graph.positions("collateral", "owner_id")[asset[linked]]
    lender[linked] = graph.positions("facilities", "lender_id")[facility[linked]]
    return with_oneself(owner, np.full(len(facility), -1, dtype=np.int64), lender)
