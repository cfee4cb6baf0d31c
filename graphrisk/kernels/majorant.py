"""The linear majorant of the map: how much of its equity each party can lose at most per unit of another's loss.

Source: linear DebtRank's matrix (Bardoscia et al., PLoS ONE 10, 2015), here over all layers; a row sum or spectral
radius of 1 and above means that losses can feed on themselves.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from graphrisk.kernels.ledger import (
    BORROWER,
    CLAIMS,
    CONTRACT,
    GUARANTOR,
    JOINT_SEVERAL,
    LENDER,
    LINES,
    NOTHING,
    PLEDGES,
    SCALE,
    STAKES,
    Floats,
    Ints,
    Ledger,
)


def majorant(ledger: Ledger) -> csr_array:
    """Return (parties, parties): entry (i, j) is i's loss over its equity, at most, if j's loss fraction rises by 1.

    Parties without positive equity stand outside: their rows and columns are empty.
    """
    size = ledger.party.shape[1]
    equity = np.where(ledger.known & (ledger.equity > NOTHING * ledger.party[SCALE]), ledger.equity, 0.0)
    borrower, lender = ledger.facility[BORROWER], ledger.facility[LENDER]
    lines_of = np.repeat(np.arange(len(borrower)), np.diff(ledger.facility_start[LINES]))
    pledges_of = np.repeat(np.arange(len(borrower)), np.diff(ledger.facility_start[PLEDGES]))
    contract = ledger.line[CONTRACT]
    several = np.minimum(ledger.cap[contract], ledger.share * ledger.uncovered[lines_of])
    joint = np.minimum(ledger.cap[contract], ledger.uncovered[lines_of])
    lent = lender >= 0
    owned = np.repeat(np.arange(size), np.diff(ledger.start[STAKES]))
    parts: list[tuple[Ints, Ints, Floats]] = [
        (ledger.creditor, np.repeat(np.arange(size), np.diff(ledger.start[CLAIMS])), ledger.claim),
        (ledger.owner, owned, ledger.stake * equity[owned]),
        (lender[lent], borrower[lent], ledger.uncovered[lent]),
        (ledger.pledger, borrower[pledges_of], ledger.pledged),
        (
            ledger.contract[GUARANTOR, contract],
            borrower[lines_of],
            np.where(ledger.contract[JOINT_SEVERAL, contract] > 0, joint, several),
        ),
    ]
    loser = np.concatenate([part[0] for part in parts])
    cause = np.concatenate([part[1] for part in parts])
    amount = np.concatenate([part[2] for part in parts])
    inside = (equity[loser] > 0.0) & (equity[cause] > 0.0) & (amount > 0.0)
    loser, cause, amount = loser[inside], cause[inside], amount[inside]
    return csr_array(coo_array((amount / equity[loser], (loser, cause)), shape=(size, size)))


def spectral_radius(matrix: csr_array, *, rounds: int = 60) -> float:
    """Return an estimate of the spectral radius of a matrix without negative entries; exactly 0 without cycles.

    Power iteration on I + M over the nodes of its cycles, from a vector of ones: periodic cycles cannot make it swing.
    """
    labels = connected_components(matrix, directed=True, connection="strong")[1]
    cyclic = (np.bincount(labels) > 1)[labels] | (matrix.diagonal() > 0.0)
    if not cyclic.any():
        return 0.0
    inner = csr_array(matrix[cyclic][:, cyclic])
    vector, growth = np.ones(inner.shape[0]), 1.0
    for _ in range(rounds):
        fresh = vector + inner @ vector
        growth = float(fresh.max() / vector.max())
        vector = fresh / fresh.max()
    return growth - 1.0
