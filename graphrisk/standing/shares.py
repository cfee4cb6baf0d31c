"""Integrated shares of a client graph under a named semantics: corrected, walk or simple, least and most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from graphrisk.kernels.ownership.circles import ENDLESS
from graphrisk.kernels.ownership.integrate import (
    CLOSED,
    HIGH_OPEN,
    HIGH_OPEN_VOTES,
    LOW_OPEN,
    LOW_OPEN_VOTES,
    NULL,
    OVER,
    Shares,
    integrate,
)
from graphrisk.kernels.ownership.simple import over_simple_paths
from graphrisk.kernels.ownership.stakes import Bools, Floats, Ints
from graphrisk.standing.circles import Circle, circles_of, node_marks
from graphrisk.standing.holdings import Holdings

Semantics = Literal["corrected", "walk", "simple"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrated:
    """Pairs (owner, owned) with the bounds of capital and votes (2, p), NaN where there is no answer.

    `low_open`, `high_open` (2, p): more than the least, less than the most. `over` (p,): a way runs through an
    over-subscribed firm. `cut` (p,): not all simple paths were walked. `circles`: the strongly connected parts.
    """

    owner: Ints
    owned: Ints
    least: Floats
    most: Floats
    low_open: Bools
    high_open: Bools
    over: Bools
    cut: Bools
    circles: list[Circle]
    residual: float


def integrated(
    holdings: Holdings,
    semantics: Semantics = "corrected",
    *,
    owners: Ints | None = None,
    smallest: float = 0.0,
    max_paths: int = 1_000_000,
    unknown: float = 0.0,
    circles: list[Circle] | None = None,
) -> Integrated:
    """Return the integrated shares of `owners` (default: all who hold something) in everything below them.

    `circles`: those of the holdings, where they are known already.
    """
    stakes = holdings.stakes
    if owners is None:
        owners = np.flatnonzero(np.diff(stakes.down_start) > 0)
    circles = circles_of(stakes) if circles is None else circles
    # the corrected most bounds the other two: a pair below it is below them where the walk may not raise it
    least_wanted = smallest if semantics == "corrected" else 0.0
    found = integrate(stakes, owners, node_marks(holdings, circles), smallest=least_wanted, unknown=unknown)
    least, most = found.least.copy(), found.most.copy()
    cut = np.zeros(len(found.owner), dtype=bool)
    none = (found.marks & NULL) > 0
    if semantics == "walk":
        least, most, none = _walked(found, owners, least, most, none)
    elif semantics == "simple":
        least, most, cut = _simple(holdings, found, owners, max_paths)
    least[:, none] = np.nan
    most[:, none] = np.nan
    most[most >= ENDLESS * 1e-3] = np.nan
    shown = np.fmax(most[0], most[1])
    keep = np.isnan(shown) | ((shown > 0.0) & (shown >= smallest - 1e-12))
    marks = found.marks[keep]
    return Integrated(
        owner=found.owner[keep],
        owned=found.owned[keep],
        least=least[:, keep],
        most=most[:, keep],
        low_open=np.stack([(marks & LOW_OPEN) > 0, _votes_mark(holdings, marks, LOW_OPEN, LOW_OPEN_VOTES)]),
        high_open=np.stack([(marks & HIGH_OPEN) > 0, _votes_mark(holdings, marks, HIGH_OPEN, HIGH_OPEN_VOTES)]),
        over=(marks & OVER) > 0,
        cut=cut[keep],
        circles=circles,
        residual=found.residual,
    )


def _votes_mark(holdings: Holdings, marks: Ints, capital: int, votes: int) -> Bools:
    return np.asarray((marks & (votes if holdings.stakes.split else capital)) > 0)


def _walked(found: Shares, owners: Ints, least: Floats, most: Floats, none: Bools) -> tuple[Floats, Floats, Bools]:
    """Divide by the chance of not coming back; no answer through a part whose radius is 1 or more."""
    at = np.searchsorted(owners, found.owner)
    for which in (0, 1):
        stays = 1.0 - found.back[at, which, 0], 1.0 - found.back[at, which, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            least[which] = np.where(stays[0] > 1e-12, least[which] / stays[0], np.nan)
            most[which] = np.where(stays[1] > 1e-12, most[which] / stays[1], np.nan)
    return least, most, none | ((found.marks & CLOSED) > 0)


def _simple(holdings: Holdings, found: Shares, owners: Ints, max_paths: int) -> tuple[Floats, Floats, Bools]:
    """Return least and most over simple paths: the most never above the corrected one."""
    stakes = holdings.stakes
    size = np.int64(max(stakes.size, 1))
    keys = found.owner * size + found.owned
    order = np.argsort(keys)
    least, most = np.zeros(found.least.shape), np.zeros(found.most.shape)
    cut = np.zeros(len(keys), dtype=bool)
    for which in (0, 1) if stakes.split else (0,):
        for shares, out in ((stakes.low, least), (stakes.high, most)):
            owner, owned, share, short = over_simple_paths(
                stakes, shares[which], owners, smallest=0.0, max_paths=max_paths
            )
            place = order[np.searchsorted(keys, owner * size + owned, sorter=order)]
            out[which, place] = share
            cut[place] |= short
        capped = np.where(cut, found.most[which], np.minimum(most[which], found.most[which]))
        most[which] = np.maximum(capped, least[which])
    if not stakes.split:
        least[1], most[1] = least[0], most[0]
    return least, most, cut
