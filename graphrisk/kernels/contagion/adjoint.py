"""The adjoint of a finished cascade: what each node of its flow of losses would have saved in all, had it not been hit.

The secant of a run at its end is linear: every node k was hit by others in the shares W_jk = (what j did to k) / (all
that hit k), and loses c_k of its own. What falls away with the whole hit of j, all echoes included, is then

    v_j = c_j + sum_k W_jk v_k,

one sparse linear system, and v_j over what hit j is the value of one unit less of it. Where losses are linear (linear
DebtRank below the cap, M. Bardoscia, S. Battiston, F. Caccioli, G. Caldarelli, "DebtRank: a microscopic foundation for
shock propagation", PLoS ONE 10, 2015) that is the derivative (I - Lambda')^-1 1; elsewhere it is the slope between no
hit and the hit that was. The shares of each node sum to 1 with those of the origins, so that what the origins did, at
these values, sums to all that was lost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_array, csr_array, eye_array
from scipy.sparse.linalg import splu

from graphrisk.errors import ConvergenceError
from graphrisk.kernels.contagion.ledger import Flags, Floats, Ints

EXACT = 1e-9
"""Largest residual of the values over the largest of them."""
SETTLED, TERMS = 1e-13, 3_000
"""Residual at which the series has ended, and how many of its terms are tried before the system is factorised."""


class Adjoint(NamedTuple):
    """Values of the nodes of a flow, and how far they can be trusted."""

    value: Floats  # (nodes,) what falls away with all that hit the node
    share: Floats  # (arcs,) of what hit the arc's effect
    unfed: Flags  # (nodes,) hit by nothing that leads back to an origin: taken as an origin
    residual: float


def adjoint(own: Floats, cause: Ints, effect: Ints, amount: Floats) -> Adjoint:
    """Return the values of all nodes, solved exactly.

    `own` (nodes,): what each node loses that nobody else shows. Arc a says that `cause[a]` (-1: an origin) did
    `amount[a]` > 0 to `effect[a]`. Nodes that no arc enters are origins themselves.

    Circles that no origin feeds would make the system singular (spectral radius 1): the arcs into their nodes count
    nothing, and the nodes are marked. Raises ConvergenceError where the system is not solved to 1e-9 of the largest
    value.
    """
    size = len(own)
    whole = np.bincount(effect, weights=amount, minlength=size).astype(np.float64)
    unfed = ~_fed(size, cause, effect)
    share = np.where(unfed[effect], 0.0, amount / whole[effect]) if len(effect) else np.zeros(0)
    inner = cause >= 0
    shares = csc_array((share[inner], (cause[inner], effect[inner])), shape=(size, size))
    if not size:
        return Adjoint(own, share, unfed, 0.0)
    value, residual = _summed(csr_array(shares), own)
    if not residual <= SETTLED:
        value, residual = _factorised(shares, own)
    if not residual <= EXACT:
        raise ConvergenceError(
            f"the adjoint of the cascade is not solved: {residual:.3g} of the largest value is left over",
            hint="this is a fault of graphrisk: please report it with the data",
        )
    return Adjoint(value, share, unfed, residual)


def _summed(shares: csr_array, own: Floats) -> tuple[Floats, float]:
    """Return own + W own + W W own + ..., ending with the longest way where there is no circle."""
    value, term = own.copy(), own
    for _ in range(TERMS):
        term = shares @ term
        value += term
        if float(np.abs(term).max()) <= 1e-17 * float(np.abs(value).max()):
            break
    return value, _residual(shares, own, value)


def _factorised(shares: csc_array, own: Floats) -> tuple[Floats, float]:
    system = csc_array(eye_array(len(own), format="csc") - shares)
    factors = splu(system)
    value = factors.solve(own)
    value += factors.solve(own - system @ value)
    return value, _residual(shares, own, value)


def _residual(shares: csr_array | csc_array, own: Floats, value: Floats) -> float:
    top = float(np.abs(value).max())
    return float(np.abs(own + shares @ value - value).max()) / top if top > 0.0 else 0.0


def _fed(size: int, cause: Ints, effect: Ints) -> Flags:
    """Return which nodes an origin leads to; a node without arcs into it is one."""
    fed = np.ones(size, dtype=np.bool_)
    fed[effect] = False
    fed[effect[cause < 0]] = True
    order = np.argsort(cause, kind="stable")
    starts = np.searchsorted(cause[order], np.arange(size + 1))
    waiting = np.flatnonzero(fed)
    while len(waiting):
        first, length = starts[waiting], starts[waiting + 1] - starts[waiting]
        within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
        reached = np.unique(effect[order[np.repeat(first, length) + within]])
        waiting = reached[~fed[reached]]
        fed[waiting] = True
    return fed
