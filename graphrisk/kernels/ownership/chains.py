"""Chains of holdings: the sum over simple chains of their weakest link, and how many stand above a firm.

Weakest link: R. La Porta, F. Lopez-de-Silanes, A. Shleifer, J. Finance 54 (1999) 471; S. Claessens, S. Djankov,
L. Lang, J. Financial Economics 58 (2000) 81: control over a chain is its smallest vote, chains add up.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.network.components import component_labels, row_starts
from graphrisk.kernels.ownership.stakes import Floats, Ints, Stakes, levels


def weakest_links(stakes: Stakes, votes: Floats, owners: Ints, *, max_paths: int) -> tuple[Ints, Ints, Floats]:
    """Return (owner, firm, sum over simple chains of the smallest vote); NaN where `max_paths` steps were too few."""
    n = stakes.size
    capacity, at = max(1024, 4 * len(owners)), 0
    pieces: list[tuple[npt.NDArray[np.generic], ...]] = []
    room = (np.zeros(n), np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_), np.empty(n, dtype=np.int64),
            np.empty((2, n + 1), dtype=np.int64), np.empty(n + 1))  # fmt: skip
    while at < len(owners):
        out = (np.empty((2, capacity), dtype=np.int64), np.empty(capacity))
        done, count = _weakest(stakes.owned, votes, stakes.down_start, stakes.down, owners, at, max_paths, *room, *out)
        if done == at:
            capacity *= 4
            continue
        pieces.append((out[0][0, :count], out[0][1, :count], out[1][:count]))
        at = done
    none = np.empty(0, dtype=np.int64)
    pieces = pieces or [(none, none, np.empty(0))]
    joined = [np.concatenate([p[k] for p in pieces]) for k in range(3)]
    return joined[0], joined[1], joined[2]


@njit(cache=True, nogil=True)
def _weakest(  # type: ignore[no-untyped-def]
    owned, votes, down_start, down, owners, at, max_paths, value, on_way, met, seen, stack, link, out, out_value
):
    capacity, size = len(out_value), 0
    while at < len(owners):
        owner = owners[at]
        count, depth, steps = 0, 0, 0
        stack[0, 0], stack[1, 0] = owner, down_start[owner]
        link[0] = np.inf
        on_way[owner] = True
        while depth >= 0:
            node, place = stack[0, depth], stack[1, depth]
            if place >= down_start[node + 1] or steps >= max_paths:
                on_way[node] = False
                depth -= 1
                continue
            stack[1, depth] += 1
            e = down[place]
            y = owned[e]
            if votes[e] <= 0.0 or on_way[y]:
                continue
            steps += 1
            depth += 1
            on_way[y] = True
            link[depth] = min(link[depth - 1], votes[e])
            stack[0, depth], stack[1, depth] = y, down_start[y]
            if not met[y]:
                met[y] = True
                seen[count] = y
                count += 1
            value[y] += link[depth]
        full = size + count > capacity
        for a in range(count):
            y = seen[a]
            if not full:
                out[0, size], out[1, size] = owner, y
                out_value[size] = value[y] if steps < max_paths else np.nan
                size += 1
            value[y] = 0.0
            met[y] = False
        if full:
            return at, size
        at += 1
    return at, size


def links_above(stakes: Stakes, facts: tuple[Ints, Ints]) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (start, holder) of all live links into each party, holdings and facts, and parts and levels with facts."""
    keep = stakes.live & (stakes.high.max(axis=0) > 0.0) & (stakes.holder != stakes.owned)
    source = np.concatenate([stakes.holder[keep], facts[0]])
    target = np.concatenate([stakes.owned[keep], facts[1]])
    if len(facts[0]):
        part = component_labels(stakes.size, source, target, "strong")
        level = levels(stakes.size, source, target, part)
    else:
        part, level = stakes.part, stakes.level
    order = np.lexsort((source, target))
    return row_starts(stakes.size, target[order]), source[order], part, level


def longest_above(start: Ints, holder: Ints, part: Ints, level: Ints, weight: Ints) -> Ints:
    """Return for each party the largest sum of `weight` on a chain above it; the members of a circle all lie on it."""
    n = len(part)
    inside = np.bincount(part, weights=weight, minlength=n).astype(np.int64)
    best = np.zeros(n, dtype=np.int64)
    _longest(np.argsort(level, kind="stable"), start, holder, part, inside, best)
    found: Ints = best[part] + inside[part] - weight
    return found


@njit(cache=True, nogil=True)
def _longest(order, start, holder, part, inside, best):  # type: ignore[no-untyped-def]
    for node in order:
        own = part[node]
        for e in range(start[node], start[node + 1]):
            other = part[holder[e]]
            if other != own:
                best[own] = max(best[own], best[other] + inside[other])


@njit(cache=True, nogil=True)
def count_above(start, holder, kinds, country, arrangement, dead_start, dead_holder):  # type: ignore[no-untyped-def]
    """Return for each party what stands above it (n, 8).

    Persons, legal entities, entities of another country, arrangements, entities whose being one is not known, nominees
    that hold of it or of those above, entities outside the union, entities of unknown country. `kinds`: 1 person, 2 a
    legal entity. `country`: 0 unknown, odd numbers inside the union. `arrangement`: 1 yes, 0 no, -1 not known.
    """
    n = len(kinds)
    out = np.zeros((n, 8), dtype=np.int64)
    seen = np.full(n, -1, dtype=np.int64)
    nominee = np.full(n, -1, dtype=np.int64)
    queue = np.empty(n, dtype=np.int64)
    for node in range(n):
        if start[node + 1] == start[node] and dead_start[node + 1] == dead_start[node]:
            continue
        seen[node] = node
        queue[0] = node
        at, end = 0, 1
        while at < end:
            one = queue[at]
            at += 1
            if one != node:
                if kinds[one] == 1:
                    out[node, 0] += 1
                elif kinds[one] == 2:
                    out[node, 1] += 1
                    if country[one] and country[node] and country[one] != country[node]:
                        out[node, 2] += 1
                    if arrangement[one] == 1:
                        out[node, 3] += 1
                    elif arrangement[one] < 0:
                        out[node, 4] += 1
                    if country[one] == 0:
                        out[node, 7] += 1
                    elif country[one] % 2 == 0:
                        out[node, 6] += 1
            for e in range(dead_start[one], dead_start[one + 1]):
                if nominee[dead_holder[e]] != node:
                    nominee[dead_holder[e]] = node
                    out[node, 5] += 1
            for e in range(start[one], start[one + 1]):
                if seen[holder[e]] != node:
                    seen[holder[e]] = node
                    queue[end] = holder[e]
                    end += 1
    return out


def dead_links(stakes: Stakes) -> tuple[Ints, Ints]:
    """Return (start, holder) of the holdings of those who hold for nobody known, by firm."""
    dead = ~stakes.live
    return row_starts(stakes.size, stakes.owned[dead]), stakes.holder[dead]
