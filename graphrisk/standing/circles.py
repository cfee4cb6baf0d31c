"""Circles of owners: the strongly connected parts, how nearly closed they are, and what that does to an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from graphrisk.kernels.ownership.integrate import CLOSED, NULL, OVER
from graphrisk.kernels.ownership.stakes import CAPITAL, TOLERANCE, VOTES, Floats, Ints, Stakes, inside_matrix
from graphrisk.standing.holdings import Holdings

_DENSE, _FEW = 400, 8
_NEARLY = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A strongly connected part: its members, the spectral radius of its minima (the larger of capital and votes).

    `closed`: nobody outside holds anything of it. `no_answer`: over-subscribed firms bring the radius to 1 or more.
    """

    members: Ints
    radius: float
    closed: bool
    no_answer: bool


def circles_of(stakes: Stakes) -> list[Circle]:
    """Return the circles of at least two parties, the largest first, then by the first member."""
    order = np.argsort(stakes.part, kind="stable")
    names, first, count = np.unique(stakes.part[order], return_index=True, return_counts=True)
    found: list[Circle] = []
    kinds = (CAPITAL, VOTES) if stakes.split else (CAPITAL,)
    over_any = np.atleast_1d(stakes.over.any(axis=0))
    for at in np.flatnonzero(count > 1)[np.lexsort((names[count > 1], -count[count > 1]))]:
        members = order[first[at] : first[at] + count[at]]
        inside: list[Any] = [
            _dense(stakes, which, members) if len(members) <= _FEW else inside_matrix(stakes, which, members)
            for which in kinds
        ]
        radius = max(spectral_radius(matrix) for matrix in inside)
        whole = all(bool((np.asarray(m.sum(axis=0)) >= 1.0 - TOLERANCE).all()) for m in inside)
        over = bool(over_any[members].any())
        found.append(
            Circle(
                members=members,
                radius=radius,
                closed=whole,
                no_answer=over and radius >= 1.0 - _NEARLY,
            )
        )
    return found


def _dense(stakes: Stakes, which: int, members: Ints) -> Floats:
    """Return the minima among a few `members`, entry (a, b) = share that a holds in b."""
    place = {k: at for at, k in enumerate(members.tolist())}
    inside = np.zeros((len(members), len(members)))
    for firm, column in place.items():
        for e in range(stakes.start[firm], stakes.start[firm + 1]):
            row = place.get(int(stakes.holder[e]), -1)
            if row >= 0 and stakes.live[e]:
                inside[row, column] += stakes.low[which, e]
    return inside


def spectral_radius(matrix: csr_array[np.float64, tuple[int, int]] | Floats) -> float:
    """Return the spectral radius of a matrix of shares; by powers of I + A for a large one (A irreducible)."""
    n = matrix.shape[0]
    if n <= _DENSE:
        whole = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
        return float(np.abs(np.linalg.eigvals(whole)).max(initial=0.0))
    vector = np.full(n, 1.0)
    low, high = 0.0, np.inf
    for _ in range(20_000):
        new = matrix @ vector + vector
        ratio = new / vector
        low, high = float(ratio.min()) - 1.0, float(ratio.max()) - 1.0  # Collatz and Wielandt
        if high - low < 1e-10:
            break
        vector = np.maximum(new / new.max(), 1e-300)
    return max(0.0, high)


def node_marks(holdings: Holdings, circles: list[Circle]) -> Ints:
    """Return the mark of each firm that ways through it take on (n,)."""
    stakes = holdings.stakes
    marks = np.where(stakes.over.any(axis=0), OVER, 0).astype(np.int64)
    for circle in circles:
        if circle.no_answer:
            marks[circle.members] |= NULL
        elif circle.radius >= 1.0 - _NEARLY:
            marks[circle.members] |= CLOSED
    # a firm that holds itself whole is a closed circle of one, and has no answer where others hold of it too
    itself = np.flatnonzero((stakes.holder == stakes.owned) & stakes.live)
    whole = itself[(stakes.low[:, itself] >= 1.0 - _NEARLY).any(axis=0)]
    firms = stakes.owned[whole]
    over = np.atleast_1d(stakes.over.any(axis=0))[firms]
    marks[firms[over]] |= NULL
    marks[firms[~over]] |= CLOSED
    return marks


def ring(stakes: Stakes, members: Ints) -> Ints:
    """Return the members in the order owner, owned, ... where they form one ring, else as they are (by number)."""
    inside = set(members.tolist())
    following: dict[int, list[int]] = {}
    for member in members.tolist():
        edges = stakes.down[stakes.down_start[member] : stakes.down_start[member + 1]]
        following[member] = [f for f in stakes.owned[edges].tolist() if f in inside and f != member]
    if any(len(after) != 1 for after in following.values()):
        return members
    way = [int(members[0])]
    while len(way) < len(members):
        way.append(following[way[-1]][0])
    return np.array(way, dtype=np.int64)
