"""Default that is passed on along independent edges: exactly by enumeration, by simulation, and two quick bounds.

Party i defaults by itself with pd_i; where it defaults for whatever reason, edge i -> j passes it on with w. D. Kempe,
J. Kleinberg, E. Tardos, "Maximizing the Spread of Influence through a Social Network", KDD 2003 (the independent
cascade, and that it is reachability over edges drawn in advance). B. Karrer, M. Newman, "Message passing approach for
general epidemic models", Physical Review E 82, 2010 (messages that do not turn back: exact on trees, else from above).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.errors import ConvergenceError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST_EDGES = 20
"""Uncertain edges up to which all outcomes are enumerated."""
MOST_PARTIES = 62
_CHUNK = 1 << 15
_ROUNDS, _TOLERANCE = 100_000, 1e-15


def merged(source: Ints, target: Ints, weight: Floats) -> tuple[Ints, Ints, Floats]:
    """Return the edges without repeats and self-loops: parallel ones pass on unless all fail to, 1 - prod(1 - w)."""
    keep = (source != target) & (weight > 0.0)
    source, target, weight = source[keep], target[keep], weight[keep]
    if not len(source):
        return source, target, weight
    width = np.int64(max(int(source.max()), int(target.max())) + 1)
    keys, place = np.unique(source * width + target, return_inverse=True)
    fails = np.ones(len(keys))
    np.multiply.at(fails, place, 1.0 - weight)
    return keys // width, keys % width, 1.0 - fails


def exact(pd: Floats, source: Ints, target: Ints, weight: Floats) -> Floats:
    """Return P(default) of each party (n,), over all outcomes of the uncertain edges (at most MOST_EDGES, n <= 62).

    Given which edges are live, party i stays sound only where nobody who reaches it defaults by itself: parties need
    not be enumerated. `source`, `target` (e,) as from `merged`.
    """
    n = len(pd)
    sure = weight >= 1.0
    loose = np.flatnonzero(~sure)
    if len(loose) > MOST_EDGES or n > MOST_PARTIES:
        raise ValueError("too many uncertain edges or parties to enumerate")
    total = np.zeros(n)
    leaves = {i: set(np.flatnonzero(source == i).tolist()) for i in range(n)}
    tables = [_products(1.0 - pd[first : first + 8]) for first in range(0, n, 8)]
    for first in range(0, 1 << len(loose), _CHUNK):
        code = np.arange(first, min(first + _CHUNK, 1 << len(loose)), dtype=np.int64)
        live = ((code >> np.arange(len(loose))[:, None]) & 1).astype(bool)
        chance = np.where(live, weight[loose, None], 1.0 - weight[loose, None]).prod(axis=0)
        on = np.full((len(source), len(code)), ~np.uint64(0))
        on[loose] = np.where(live, ~np.uint64(0), np.uint64(0))
        above = np.repeat(np.uint64(1) << np.arange(n, dtype=np.uint64), len(code)).reshape(n, len(code))
        waits = set(range(len(source)))
        while waits:
            e = waits.pop()
            before = above[target[e]]
            after = before | (above[source[e]] & on[e])
            if not np.array_equal(before, after):
                above[target[e]] = after
                waits |= leaves[int(target[e])]
        for i in range(n):
            stays = np.ones(len(code))
            for at, table in enumerate(tables):
                stays *= table[((above[i] >> np.uint64(8 * at)) & np.uint64(255)).astype(np.intp)]
            total[i] += chance @ (1.0 - stays)
    return np.maximum(total, pd)


def _products(factors: Floats) -> Floats:
    """Return the product of the factors in each subset (256,), by its bits."""
    table = np.ones(256)
    for at, factor in enumerate(factors.tolist()):
        table[(np.arange(256) >> at) & 1 == 1] *= factor
    return table


def simulate(
    pd: Floats, source: Ints, target: Ints, weight: Floats, *, draws: int, seed: int, without: int = -1
) -> Floats:
    """Return how often each party (n,) is in default that did not default by itself, over `draws`.

    The same seed draws the same numbers for any `without`, a party that never defaults.
    """
    n = len(pd)
    dice = np.random.default_rng(seed)
    order = np.argsort(target, kind="stable")
    source, target, weight = source[order], target[order], weight[order]
    starts = np.flatnonzero(np.r_[True, target[1:] != target[:-1]]) if len(target) else np.zeros(0, dtype=np.int64)
    heads = target[starts] if len(target) else starts
    count = np.zeros(n)
    size = max(1, min(draws, 4_000_000 // max(len(source) + n, 1)))
    for first in range(0, draws, size):
        many = min(size, draws - first)
        own = dice.random((many, n)) < pd
        live = dice.random((many, len(source))) < weight
        if without >= 0:
            own[:, without] = False
            live = live & (source != without) & (target != without)
        failed = own.copy()
        while len(source):
            passed = np.logical_or.reduceat(live & failed[:, source], starts, axis=1)
            fresh = passed & ~failed[:, heads]
            if not fresh.any():
                break
            failed[:, heads] |= passed
        count += (failed & ~own).sum(axis=0)
    return count


def noisy_or(pd: Floats, source: Ints, target: Ints, weight: Floats) -> Floats:
    """Return the fixed point x_i = 1 - (1 - pd_i) prod(1 - w_ji x_j), from below: too high where there are circles."""
    x = pd.copy()
    for _ in range(_ROUNDS):
        stays = 1.0 - pd
        np.multiply.at(stays, target, 1.0 - weight * x[source])
        new = 1.0 - stays
        if np.abs(new - x).max(initial=0.0) <= _TOLERANCE:
            return np.asarray(new)
        x = new
    raise ConvergenceError("the noisy-or bound does not settle", hint="lower the weights that are near 1")


def non_backtracking(pd: Floats, source: Ints, target: Ints, weight: Floats) -> Floats:
    """Return default by messages that do not turn back: exact on trees and mutual pairs, too high on other circles."""
    edges = len(source)
    into: dict[int, list[int]] = {}
    for e in range(edges):
        into.setdefault(int(target[e]), []).append(e)
    feeds = [[f for f in into.get(int(source[e]), []) if source[f] != target[e]] for e in range(edges)]
    flat = np.array([f for several in feeds for f in several], dtype=np.int64)
    owner = np.repeat(np.arange(edges), [len(several) for several in feeds])
    message = pd[source].copy()
    for _ in range(_ROUNDS):
        stays = 1.0 - pd[source]
        np.multiply.at(stays, owner, 1.0 - weight[flat] * message[flat])
        new = 1.0 - stays
        done = np.abs(new - message).max(initial=0.0) <= _TOLERANCE
        message = new
        if done:
            break
    else:
        raise ConvergenceError("the messages do not settle", hint="lower the weights that are near 1")
    stays = 1.0 - pd
    np.multiply.at(stays, target, 1.0 - weight * message)
    return np.asarray(1.0 - stays)
