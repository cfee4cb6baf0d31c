"""ESRI: the share of a supply network's output that is lost when a firm stops, after all have adjusted once.

Source: C. Diem, A. Borsos, T. Reisch, J. Kertesz, S. Thurner, "Quantifying firm-level economic systemic risk from
nation-wide supply networks", Scientific Reports 12, 7719 (2022); the equations are written out in
`tests.published.models.esri_network`. ESRI_s = sum_i (w_i / sum w) (1 - min(h^d_i, h^u_i)) for the full stop of firm s.

Published scores are iterates, not fixed points: the public packages stop when no firm's output falls by more than 1e-2
in a round, which on a closed network is far from the end (on a golden network of 101 firms the sum of all scores is 23
there and 99.6 at 1e-4). So there are two ways here: `cascade` and `scores` stop by that rule and return the last change
with the score; `settle` goes to the fixed point and brackets it with a proof.

Conventions: a firm that sells nothing has market share 0 and no loss upstream; where a market has room for no more than
the firm's own sales, its share is 1 (no absolute threshold: the answer is the same in cents and in millions); losses
from both directions are combined by the larger, never added.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graphrisk.errors import ConvergenceError, DataError, UsageError
from tests.published.models.esri_cascade import all_firms, new_state, synchronous
from tests.published.models.esri_network import SupplyNetwork
from tests.published.models.esri_push import push, push_all
from tests.published.models.esri_settle import lift

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cascade:
    """Output left: `downstream` h^d and `upstream` h^u (n,) in [0, 1]; `score`s are the weighted losses.

    `last_change`: largest fall of output in the last of `rounds`, at most the eps of the stop rule.
    """

    downstream: Floats
    upstream: Floats
    score: float
    score_downstream: float
    score_upstream: float
    rounds: int
    last_change: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """ESRI of the full stop of each of `firms`, one by one: the larger loss, and that of each direction, all (k,).

    `rounds` and `last_change` (k,) belong to the synchronous rule.
    """

    firms: Integers
    esri: Floats
    downstream: Floats
    upstream: Floats
    rounds: Integers
    last_change: Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class PushedScores:
    """ESRI near the fixed point: what has been passed on, and an account of the rest; all (k,).

    `lower`: the score of what has been passed on, never above the true one. `upstream`: passed on plus untold, an upper
    bound of the true upstream score where `bounded` (the network leaks); `untold_upstream` is the second part.
    `downstream`: passed on, from below; `untold_downstream`: a first-order estimate of the rest. `esri`: `lower` plus
    the untold upstream loss of firms that do not lose more downstream, the best estimate. `edges` followed.
    """

    firms: Integers
    esri: Floats
    lower: Floats
    downstream: Floats
    upstream: Floats
    untold_downstream: Floats
    untold_upstream: Floats
    bounded: bool
    edges: Integers


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """The fixed point between two states: `downstream`, `upstream` (n,) output left, by the lower loss.

    The true score lies in [`lower`, `upper`]: the lower is reached by iteration from below, the upper belongs to a
    state that the map does not raise (so by Tarski the least fixed point is not above it). `certified`: such a state
    was found; else `upper` is the weight of all firms that the cascade reaches.
    """

    downstream: Floats
    upstream: Floats
    lower: float
    upper: float
    certified: bool
    edges: int


def cascade(
    network: SupplyNetwork,
    output: npt.ArrayLike,
    *,
    eps: float = 1e-2,
    weights: npt.ArrayLike | None = None,
    limit: int = 100_000,
) -> Cascade:
    """Return the cascade from `output` psi (n,) in [0, 1], what each firm can still make (1: not shocked).

    Starts at psi, all firms adjust together, and stops when the largest fall in a round is at most `eps` (1e-2 is the
    rule of the published packages). `weights` (n,) default to sales in the network. Raises ConvergenceError.
    """
    firms, start = _shock(network, output)
    weight = _weights(network, weights)
    state = new_state(network.layout)
    rounds, change, _ = synchronous(firms, start, eps, limit, network.layout, state)
    if rounds < 0:
        raise ConvergenceError(f"output still fell by {change:.1e} in round {limit}", hint="raise eps or the limit")
    return Cascade(
        downstream=1.0 - state.down,
        upstream=1.0 - state.up,
        score=float(weight @ np.maximum(state.down, state.up)),
        score_downstream=float(weight @ state.down),
        score_upstream=float(weight @ state.up),
        rounds=int(rounds),
        last_change=float(change),
    )


def scores(
    network: SupplyNetwork,
    firms: npt.ArrayLike | None = None,
    *,
    eps: float = 1e-2,
    weights: npt.ArrayLike | None = None,
    limit: int = 100_000,
    workers: int = 1,
) -> Scores:
    """Return the ESRI of each of `firms` (default all) stopping alone, by the stop rule of `cascade`.

    The same for any number of `workers` (threads). Raises ConvergenceError if a firm's cascade outlasts `limit`.
    """
    which, weight = _firms(network, firms), _weights(network, weights)

    def work(part: Integers) -> Floats:
        out = np.zeros((len(part), 5))
        all_firms(part, eps, limit, weight, network.layout, new_state(network.layout), out)
        return out

    out = _fan(work, which, 5, workers)
    if (out[:, 3] < 0).any():
        firm = int(which[np.flatnonzero(out[:, 3] < 0)[0]])
        raise ConvergenceError(f"the cascade of firm {firm} outlasted {limit} rounds", hint="raise eps or the limit")
    return Scores(
        firms=which,
        esri=out[:, 0],
        downstream=out[:, 1],
        upstream=out[:, 2],
        rounds=out[:, 3].astype(np.int64),
        last_change=out[:, 4],
    )


def pushed_scores(
    network: SupplyNetwork,
    firms: npt.ArrayLike | None = None,
    *,
    relative: float = 1e-3,
    weights: npt.ArrayLike | None = None,
    workers: int = 1,
) -> PushedScores:
    """Return the ESRI of each of `firms` by pushing: much faster than rounds at the same distance to the fixed point.

    A firm keeps its increment to itself while it is worth less than `relative` of the seed's direct effect on the
    score. Nothing is dropped: the untold rest is returned, and its upstream part enters the score by the adjoint. On
    slow networks the rounds at eps 1e-2 miss most of the upstream score, and this does not.
    """
    if not relative > 0.0:
        raise UsageError("relative must be above 0")
    which, weight = _firms(network, firms), _weights(network, weights)
    down_value, up_value, bounded = _values(network, weight)

    def work(part: Integers) -> Floats:
        out = np.zeros((len(part), 7))
        push_all(part, relative, weight, down_value, up_value, network.layout, new_state(network.layout), out)
        return out

    out = _fan(work, which, 7, workers)
    return PushedScores(
        firms=which,
        esri=np.minimum(out[:, 0] + out[:, 4] * (1.0 - out[:, 5]), 1.0),
        lower=out[:, 0],
        downstream=out[:, 1],
        upstream=out[:, 2] + out[:, 4],
        untold_downstream=out[:, 3],
        untold_upstream=out[:, 4],
        bounded=bounded,
        edges=out[:, 6].astype(np.int64),
    )


def settle(
    network: SupplyNetwork,
    output: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    tolerance: float = 1e-10,
    limit: int = 2_000,
) -> Settled:
    """Return the fixed point that the cascade from `output` psi (n,) tends to, with a bracket of its score.

    First pushes until no untold loss of a firm exceeds `tolerance`, then lifts the state by a small margin in at most
    `limit` sweeps until the map no longer raises it. A closed network may need more sweeps than that; then `certified`
    is False and the bracket is as wide as the set of firms reached.
    """
    if not tolerance > 0.0:
        raise UsageError("tolerance must be above 0")
    firms, start = _shock(network, output)
    weight, n = _weights(network, weights), network.n
    state = new_state(network.layout)
    count, edges = push(firms, start, tolerance, np.ones(n), np.ones(n), network.layout, state)
    floor = 1.0 - np.asarray(output, dtype=np.float64)
    down, up = state.down.copy(), state.up.copy()
    high_d, high_u = down.copy(), up.copy()
    certified, more = lift(high_d, high_u, floor, 4.0 * tolerance, limit, network.layout)
    reached = np.zeros(n)
    reached[state.touched[:count]] = 1.0
    above = np.maximum(high_d, high_u) if certified else reached
    return Settled(
        downstream=1.0 - down,
        upstream=1.0 - up,
        lower=float(weight @ np.maximum(down, up)),
        upper=float(weight @ above),
        certified=bool(certified),
        edges=int(edges + more),
    )


def _shock(network: SupplyNetwork, output: npt.ArrayLike) -> tuple[Integers, Floats]:
    psi = np.asarray(output, dtype=np.float64)
    if psi.shape != (network.n,) or not ((psi >= 0.0) & (psi <= 1.0)).all():
        raise DataError(f"output must give each of {network.n} firms a fraction in [0, 1]")
    firms = np.flatnonzero(psi < 1.0)
    return firms, 1.0 - psi[firms]


def _firms(network: SupplyNetwork, firms: npt.ArrayLike | None) -> Integers:
    which = np.arange(network.n) if firms is None else np.asarray(firms, dtype=np.int64)
    if len(which) and not (0 <= which.min() and which.max() < network.n):
        raise DataError(f"firms must lie in 0..{network.n - 1}")
    return which


def _weights(network: SupplyNetwork, weights: npt.ArrayLike | None) -> Floats:
    given = network.sales if weights is None else np.asarray(weights, dtype=np.float64)
    if given.shape != (network.n,) or not (np.isfinite(given).all() and (given >= 0.0).all()):
        raise DataError("weights must be one finite number >= 0 per firm")
    total = float(given.sum())
    return given / total if total > 0.0 else np.zeros(network.n)


def _fan(work: Callable[[Integers], Floats], which: Integers, width: int, workers: int) -> Floats:
    """Each firm's row depends on that firm alone, so that parts may run anywhere."""
    if workers <= 1 or len(which) < 2 * workers:
        return work(which) if len(which) else np.zeros((0, width))
    with ThreadPoolExecutor(workers) as pool:
        return np.concatenate(list(pool.map(work, np.array_split(which, workers * 4))))


def _values(network: SupplyNetwork, weight: Floats, rounds: int = 2_000) -> tuple[Floats, Floats, bool]:
    """Return what one unit of untold loss of each firm is worth in the score, downstream (estimate) and upstream.

    Upstream it is the adjoint y = A(w + y), an upper bound once it has converged; downstream, a few terms of the same
    series at the market shares of the undisturbed network.
    """
    lay, n = network.layout, network.n
    up = sparse.csr_array((lay.up_share, lay.up_supplier, lay.up_start), shape=(n, n))
    term, up_value, bounded = weight, np.zeros(n), False
    for _ in range(rounds):
        term = np.asarray(up @ term)
        up_value = up_value + term
        if float(term.max(initial=0.0)) <= 1e-12 * float(up_value.max(initial=0.0)):
            bounded = True
            break
    room = lay.market_sales[np.maximum(lay.market, 0)] if len(lay.market_sales) else np.zeros(n)
    share = np.where(lay.market >= 0, np.divide(lay.sales, room, out=np.ones(n), where=room > 0.0), 1.0)
    # A buyer loses what its worst group does: each group counts for its part of the buyer's groups.
    part = (lay.down_share / np.diff(lay.group_start)[lay.down_buyer], lay.down_buyer, lay.down_start)
    down = sparse.csr_array(part, shape=(n, n))
    term, down_value = weight, np.zeros(n)
    for _ in range(6):
        term = np.asarray(down @ term)
        down_value = down_value + term
        term = share * term
    return down_value, up_value, bounded
