"""The linear majorant of the map, its spectral radius, and the bound on what each seed can cause that it gives.

Source: linear DebtRank's matrix (Bardoscia et al., PLoS ONE 10, 2015), here over all layers. The bound is its adjoint:
y = c + M' y is what one unit of each party's loss costs at most, all echoes included. That y >= c + M' y holds
everywhere a seed reaches is checked, not trusted.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from graphrisk.kernels.contagion.ledger import (
    BORROWER,
    CLAIMS,
    CLUSTER,
    CONTRACT,
    EQUITY,
    GUARANTOR,
    JOINT,
    JOINT_SEVERAL,
    LENDER,
    LINES,
    LOSS,
    NOTHING,
    PLEDGES,
    SCALE,
    SHORTFALL,
    STAKES,
    THRESHOLD,
    Flags,
    Floats,
    Ints,
    Ledger,
    Rule,
    State,
)

SLACK = 1e-6
"""What is added to every direct cost, over their mean, so that the check of the bound has room for rounding."""
FAR = 1e30


def majorant(ledger: Ledger, base: Floats | None = None, part: float = 1.0, *, at_once: bool = False) -> csr_array:
    """Return (parties, parties): entry (i, j) is i's loss over its base, at most, if j loses its whole base.

    `base` (parties,) defaults to the equity before any shock; parties without a positive one stand outside: their rows
    and columns are empty. `part`: what a claim on a party in default loses of its value. `at_once`: claims lose that or
    nothing, as under the threshold rule. Only then can the cap of a guarantee stand in the coefficient: where losses
    grow with distress, min(cap, share x shortfall) is concave and lies above the line to its end.
    """
    size = ledger.party.shape[0]
    if base is None:
        base = np.where(ledger.known & (ledger.equity > NOTHING * ledger.party[:, SCALE]), ledger.equity, 0.0)
    loser, cause, amount = _losses_by(ledger, base, part, at_once=at_once)
    inside = (base[loser] > 0.0) & (base[cause] > 0.0)
    loser, cause, amount = loser[inside], cause[inside], amount[inside]
    return csr_array(coo_array((amount / base[loser], (loser, cause)), shape=(size, size)))


def _losses_by(ledger: Ledger, base: Floats, part: float, *, at_once: bool) -> tuple[Ints, Ints, Floats]:
    """Return who loses, by whom, and how much at most if that party loses its whole base: one row a contract."""
    size = ledger.party.shape[0]
    borrower, lender = ledger.facility[BORROWER], ledger.facility[LENDER]
    lines_of = np.repeat(np.arange(len(borrower)), np.diff(ledger.facility_start[LINES]))
    pledges_of = np.repeat(np.arange(len(borrower)), np.diff(ledger.facility_start[PLEDGES]))
    contract = ledger.line[CONTRACT]
    called = part * ledger.uncovered[lines_of]
    asked = np.where(ledger.contract[JOINT_SEVERAL, contract] > 0, called, ledger.share * called)
    cap = ledger.cap[contract]
    asked = np.minimum(cap, asked) if at_once else np.where(cap > 0.0, asked, 0.0)
    lent = lender >= 0
    owned = np.repeat(np.arange(size), np.diff(ledger.start[STAKES]))
    parts: list[tuple[Ints, Ints, Floats]] = [
        (ledger.creditor, np.repeat(np.arange(size), np.diff(ledger.start[CLAIMS])), part * ledger.claim),
        (ledger.owner, owned, ledger.stake * base[owned]),
        (lender[lent], borrower[lent], part * ledger.uncovered[lent]),
        (ledger.pledger, borrower[pledges_of], part * ledger.pledged),
        (ledger.contract[GUARANTOR, contract], borrower[lines_of], asked),
    ]
    loser = np.concatenate([piece[0] for piece in parts])
    cause = np.concatenate([piece[1] for piece in parts])
    amount = np.concatenate([piece[2] for piece in parts])
    some = amount > 0.0
    return loser[some], cause[some], amount[some]


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


def most_caused(ledger: Ledger, rule: Rule, unshocked: State, *, rounds: int = 2_000) -> tuple[Floats, Flags]:
    """Return (an upper bound on what each party causes as the only seed (parties,), where it holds (parties,)).

    For threshold, debtrank and nonlinear. It holds nowhere a seed reaches a part of the book in which losses feed on
    themselves (spectral radius of 1 and above), calls that already stand in the unshocked state, a guarantor of unknown
    equity, or a recourse below 1.
    """
    size, state_equity = ledger.party.shape[0], unshocked.money[:, EQUITY]
    sound = ledger.known & ~unshocked.failed & (state_equity > NOTHING * ledger.party[:, SCALE])
    quiet = bool((state_equity[ledger.known] == ledger.equity[ledger.known]).all())
    steep = 1.0 + max(rule.alpha, 0.0) if not quiet else 1.0
    base = np.where(sound, state_equity if rule.code == THRESHOLD else ledger.equity / steep, 0.0)
    part = 1.0 - rule.recovery if rule.code == THRESHOLD else 1.0
    at_once = rule.code == THRESHOLD
    matrix = majorant(ledger, base, part, at_once=at_once)
    ours = np.where(ledger.ours, part * ledger.uncovered, 0.0)
    lost_by_bank = np.bincount(ledger.facility[BORROWER], weights=ours, minlength=size)
    direct = base + lost_by_bank
    turned = csr_array(matrix.T)
    slack = SLACK * float(direct.mean()) if size else 0.0
    cost: Floats = (direct + slack).astype(np.float64)
    for _ in range(rounds):
        fresh = np.minimum(direct + slack + turned @ cost, FAR)
        settled = bool((fresh - cost <= 0.5 * slack).all())
        cost = fresh
        if settled:
            break
    fails: Flags = ~(cost >= direct + turned @ cost) | (cost >= FAR)
    void = fails | _outside_the_bound(ledger, rule, unshocked)
    # Also a party without equity, outside the matrix, can pay less for others where it loses more itself.
    loser, cause, _ = _losses_by(ledger, base, part, at_once=at_once)
    reach = csr_array(coo_array((np.ones(len(loser)), (cause, loser)), shape=(size, size)))
    while True:
        wider = void | (sound & (reach @ void.astype(np.float64) > 0.0))
        if (wider == void).all():
            break
        void = wider
    valid: Flags = ~void & sound
    return steep * (cost - base), valid


def _outside_the_bound(ledger: Ledger, rule: Rule, unshocked: State) -> Flags:
    """Return the parties through which a loss can take a way that the majorant does not hold."""
    size = ledger.party.shape[0]
    out = np.zeros(size, dtype=np.bool_)
    borrower = ledger.facility[BORROWER]
    lines_of = np.repeat(np.arange(len(borrower)), np.diff(ledger.facility_start[LINES]))
    guarantor = ledger.contract[GUARANTOR, ledger.line[CONTRACT]]
    if rule.alpha < 0.0:
        out[:] = True
    if rule.recourse < 1.0:
        out[borrower[ledger.facility[JOINT] > 0]] = True
    out[borrower[lines_of[~ledger.known[guarantor]]]] = True
    standing = np.zeros(ledger.clusters, dtype=np.bool_)
    short = (unshocked.facility_money[SHORTFALL] > 0.0) & (ledger.facility[CLUSTER] >= 0)
    standing[ledger.facility[CLUSTER, short]] = True
    member = ledger.cluster_of >= 0
    out[member] |= standing[ledger.cluster_of[member]]
    behind = ledger.facility[CLUSTER] >= 0
    out[borrower[behind][standing[ledger.facility[CLUSTER, behind]]]] = True
    return out


def least_caused(ledger: Ledger, rule: Rule, unshocked: State) -> Floats:
    """Return a lower bound on what each party causes as the only seed: what its creditors lose at once (parties,).

    For threshold, debtrank and nonlinear.
    """
    size, equity = ledger.party.shape[0], unshocked.money[:, EQUITY]
    part = 1.0 - rule.recovery if rule.code == THRESHOLD else 1.0
    left = np.where(ledger.known & ~unshocked.failed, np.maximum(equity, 0.0), 0.0)
    debtor = np.repeat(np.arange(size), np.diff(ledger.start[CLAIMS]))
    more = np.maximum(0.0, part - unshocked.money[:, LOSS])[debtor]
    pair = ledger.creditor * size + debtor
    pairs, place = np.unique(pair, return_inverse=True)
    claim = np.bincount(place, weights=ledger.claim * more, minlength=len(pairs)).astype(np.float64)
    creditor, owing = pairs // size, pairs % size
    lost = np.where(creditor == owing, 0.0, np.minimum(claim, left[creditor]))
    least = np.bincount(owing, weights=lost, minlength=size).astype(np.float64)
    return np.where(unshocked.failed, 0.0, least)
