"""Shares over simple paths: the sum over ways that pass no party twice of the product of their shares.

Between parts a way only goes down, so that the parts are taken one after the other; in a circle every way is walked.
The number of ways grows exponentially in general (the problem is as hard as counting paths), so the steps inside one
circle are capped; beyond the cap the ways found so far are a lower bound, and the firms below are marked.

Source: the integrated ownership of the Bank of Italy's company graph; the ECB's close links count the same ways.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.ownership.integrate import _below
from graphrisk.kernels.ownership.stakes import Bools, Floats, Ints, Stakes


def over_simple_paths(
    stakes: Stakes, shares: Floats, owners: Ints, *, smallest: float, max_paths: int
) -> tuple[Ints, Ints, Floats, Bools]:
    """Return (owner, owned, share, cut) of every pair with a share of at least `smallest`, and of every pair cut short.

    `shares` (m,): the share of each stake (its minima, or its maxima). `cut`: the cap was reached on a way to the firm.
    Treasury shares are divided out of what the others hold.
    """
    n = stakes.size
    own = stakes.holder == stakes.owned
    treasury = np.zeros(n)
    treasury[stakes.owned[own]] = shares[own]
    rest = 1.0 - treasury[stakes.owned]
    scaled = np.where(own | ~stakes.live | (rest <= 0.0), 0.0, shares / np.where(rest > 0.0, rest, 1.0))
    owners = np.ascontiguousarray(owners, dtype=np.int64)
    capacity, at = max(1024, 4 * len(owners)), 0
    pieces: list[tuple[npt.NDArray[np.generic], ...]] = []
    room = (np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_),
            np.empty(n, dtype=np.int64), np.zeros(n, dtype=np.bool_), np.empty((3, n + 1), dtype=np.int64))  # fmt: skip
    while at < len(owners):
        out = (np.empty((2, capacity), dtype=np.int64), np.empty(capacity), np.empty(capacity, dtype=np.bool_))
        done, count = _simple(
            stakes.holder, stakes.owned, scaled, stakes.start, stakes.down_start, stakes.down, stakes.part,
            stakes.level, owners, at, smallest, max_paths, *room, *out,
        )  # fmt: skip
        if done == at:
            capacity *= 4
            continue
        pieces.append((out[0][0, :count], out[0][1, :count], out[1][:count], out[2][:count]))
        at = done
    none = np.empty(0, dtype=np.int64)
    pieces = pieces or [(none, none, np.empty(0), np.empty(0, dtype=bool))]
    joined = [np.concatenate([p[k] for p in pieces]) for k in range(4)]
    return joined[0], joined[1], joined[2], joined[3]


@njit(cache=True, nogil=True)
def _simple(  # type: ignore[no-untyped-def]
    holder, owned, share, start, down_start, down, part, level, owners, at, smallest, max_paths,
    value, entry, reached, cut, found, on_way, stack, out, out_share, out_cut,
):  # fmt: skip
    capacity, size = len(out_share), 0
    while at < len(owners):
        owner = owners[at]
        count = _below(owner, owned, down_start, down, part, level, reached, found)
        value[owner] = 1.0
        first = 0
        while first < count:
            last = first + 1
            while last < count and part[found[last]] == part[found[first]]:
                last += 1
            for a in range(first, last):
                firm = found[a]
                for e in range(start[firm], start[firm + 1]):
                    k = holder[e]
                    if share[e] > 0.0 and (k == owner or (reached[k] and part[k] != part[firm])):
                        entry[firm] += value[k] * share[e]
                        cut[firm] = cut[firm] or cut[k]
            if last == first + 1:
                value[found[first]] = entry[found[first]]
            else:
                _inside(found, first, last, owned, share, down_start, down, part, owner, max_paths, value, entry, cut,
                        on_way, stack)  # fmt: skip
            first = last
        full = size + count > capacity
        if not full:
            for a in range(count):
                firm = found[a]
                if (value[firm] >= smallest - 1e-12 and value[firm] > 0.0) or cut[firm]:
                    out[0, size], out[1, size] = owner, firm
                    out_share[size], out_cut[size] = value[firm], cut[firm]
                    size += 1
        for a in range(count):
            firm = found[a]
            reached[firm], cut[firm] = False, False
            value[firm], entry[firm] = 0.0, 0.0
        value[owner] = 0.0
        if full:
            return at, size
        at += 1
    return at, size


@njit(cache=True, nogil=True)
def _inside(  # type: ignore[no-untyped-def]
    found, first, last, owned, share, down_start, down, part, owner, max_paths, value, entry, cut, on_way, stack
):
    """Walk every simple way inside the circle found[first:last] from each member where something enters it."""
    steps = 0
    weight = np.empty(last - first + 1)
    short = False
    for a in range(first, last):
        begin = found[a]
        if entry[begin] <= 0.0:
            continue
        short = short or cut[begin]
        depth = 0
        stack[0, 0], stack[1, 0] = begin, down_start[begin]
        weight[0] = entry[begin]
        on_way[begin] = True
        value[begin] += entry[begin]
        while depth >= 0:
            node = stack[0, depth]
            place = stack[1, depth]
            if place >= down_start[node + 1] or steps >= max_paths:
                on_way[node] = False
                depth -= 1
                continue
            stack[1, depth] += 1
            e = down[place]
            y = owned[e]
            if share[e] <= 0.0 or y == owner or on_way[y] or part[y] != part[begin]:
                continue
            steps += 1
            depth += 1
            on_way[y] = True
            weight[depth] = weight[depth - 1] * share[e]
            stack[0, depth], stack[1, depth] = y, down_start[y]
            value[y] += weight[depth]
    if steps >= max_paths or short:
        for a in range(first, last):
            cut[found[a]] = True
