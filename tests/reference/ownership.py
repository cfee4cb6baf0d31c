"""Ownership and control, slow and dense, written from the design before the fast code: the oracle of the tests.

Everything is a plain loop over a matrix of minima and one of maxima (rows hold columns); no graph order, no policy.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

Matrix = Any


def tightened(low: Matrix, high: Matrix) -> tuple[Matrix, Matrix]:
    """Return the maxima cut to what the other minima leave, and the budget of each column."""
    total = low.sum(axis=0)
    budget = np.maximum(1.0, total)
    cut = high.copy()
    for i, j in itertools.product(range(len(low)), repeat=2):
        cut[i, j] = max(low[i, j], min(high[i, j], budget[j] - (total[j] - low[i, j])))
    return cut, budget


def completion(low: Matrix, high: Matrix, budget: Matrix, j: int, worth: Matrix) -> Matrix:
    """Return the column of firm j that gives the most: minima first, the rest in falling order of worth."""
    column = low[:, j].copy()
    rest = budget[j] - column.sum()
    for k in sorted(range(len(low)), key=lambda k: -worth[k]):
        more = max(0.0, min(rest, high[k, j] - low[k, j]))
        column[k] += more
        rest -= more
    return column


def first_passage(shares: Matrix, i: int, rounds: int = 20_000) -> Matrix:
    """Return for each firm the chance that a walk upwards reaches i: sweeps from 0."""
    x = np.zeros(len(shares))
    for _ in range(rounds):
        worth = x.copy()
        worth[i] = 1.0
        new = shares.T @ worth
        if np.abs(new - x).max() < 1e-16:
            return new
        x = new
    return x


def most(low: Matrix, high: Matrix, i: int, dead: set[int], rounds: int = 20_000) -> Matrix:
    """Return the most that i can hold of each firm over all completions, as sweeps from 0."""
    high, budget = tightened(low, high)
    n = len(low)
    x = np.zeros(n)
    for _ in range(rounds):
        worth = np.array([1.0 if k == i else 0.0 if k in dead else x[k] for k in range(n)])
        new = np.array([completion(low, high, budget, j, worth) @ worth for j in range(n)])
        if np.abs(new - x).max() < 1e-16:
            return new
        x = new
    return x


def corrected(low: Matrix, high: Matrix, dead: set[int]) -> tuple[Matrix, Matrix]:
    """Return least and most of every pair (rows hold columns); those who hold for nobody have 0."""
    n = len(low)
    least, top = np.zeros((n, n)), np.zeros((n, n))
    alive = low.copy()
    alive[list(dead), :] = 0.0
    for i in range(n):
        if i not in dead:
            least[i], top[i] = first_passage(alive, i), most(low, high, i, dead)
    return least, top


def simple(shares: Matrix) -> Matrix:
    """Return the sum over simple paths of products of every pair, treasury shares divided out first."""
    n = len(shares)
    a = shares.copy()
    for j in range(n):
        own = a[j, j]
        a[j, j] = 0.0
        a[:, j] = a[:, j] / (1.0 - own) if own < 1.0 else 0.0
    total = np.zeros((n, n))

    def walk(start: int, at: int, product: float, seen: frozenset[int]) -> None:
        for k in range(n):
            if a[at, k] > 0.0 and k not in seen:
                total[start, k] += product * a[at, k]
                walk(start, k, product * a[at, k], seen | {k})

    for i in range(n):
        walk(i, i, 1.0, frozenset([i]))
    return total


def meets(value: float, threshold: float, strict: bool) -> bool:
    """Return whether a sum of shares meets the threshold."""
    return value > threshold + 1e-9 if strict else value >= threshold - 1e-9


def control(
    low: Matrix,
    high: Matrix,
    seeds: set[int],
    facts: set[tuple[int, int]],
    dead: set[int],
    *,
    possible: bool = False,
    threshold: float = 0.5,
    strict: bool = True,
) -> set[int]:
    """Return whom the seeds control together: the least set closed under majorities and facts."""
    high, _ = tightened(low, high)
    n = len(low)
    members = set(seeds)
    while True:
        joined = set()
        for y in range(n):
            if y in members:
                continue
            ours = members - dead
            own_low, own_high = low[y, y], high[y, y]
            held = sum(low[z, y] for z in ours)
            if possible:
                # treasury shares do not vote: the best completion gives them what the others cannot take
                others = sum(low[z, y] for z in range(n) if z not in ours and z != y)
                reach = sum(high[z, y] for z in ours)
                best = 0.0
                for own in np.linspace(own_low, own_high, 2001) if own_high > own_low else [own_low]:
                    got = min(reach, max(held, 1.0 - others - own))
                    best = max(best, got / (1.0 - own) if own < 1.0 else 0.0)
                share = best
            else:
                share = held / (1.0 - own_low) if own_low < 1.0 else 0.0
            if meets(share, threshold, strict) or any((z, y) in facts for z in members):
                joined.add(y)
        if not joined:
            return members - set(seeds)
        members |= joined
