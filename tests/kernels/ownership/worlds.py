"""Small ownership networks at random: circles, halves, columns that sum to 1, unknown shares, nominees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from graphrisk.kernels.ownership.stakes import Stakes, make_stakes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Minima and maxima of capital and votes (dense, rows hold columns), and who holds for nobody known."""

    low: Any
    high: Any
    votes_low: Any
    votes_high: Any
    dead: frozenset[int]

    @property
    def size(self) -> int:
        return len(self.low)


@st.composite
def worlds(draw: Any, *, point: bool = False, treasury: bool = True, largest: int = 6, nominees: bool = True) -> World:
    size = draw(st.integers(2, largest))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    capital = _columns(rng, size, point, treasury)
    votes = _columns(rng, size, point, treasury) if draw(st.booleans()) else capital
    dead = frozenset(k for k in range(size) if nominees and rng.random() < 0.12)
    return World(low=capital[0], high=capital[1], votes_low=votes[0], votes_high=votes[1], dead=dead)


def _columns(rng: Any, size: int, point: bool, treasury: bool) -> tuple[Any, Any]:
    low, high = np.zeros((size, size)), np.zeros((size, size))
    for j in range(size):
        style = rng.choice(["none", "full", "halves", "part", "part"])
        holders = [k for k in range(size) if rng.random() < 0.45 and (k != j or (treasury and rng.random() < 0.3))]
        if style == "none" or not holders:
            continue
        if style == "halves":
            parts = np.full(len(holders), 0.5 if len(holders) <= 2 else 1.0 / len(holders))
        else:
            parts = rng.dirichlet(np.ones(len(holders)))
            parts = np.round(parts, 2) if rng.random() < 0.5 else parts
            parts *= 1.0 if style == "full" else rng.random()
        parts = parts / max(1.0, parts.sum())
        for k, part in zip(holders, parts, strict=True):
            if k == j:
                part = min(part, 0.4)  # a firm that holds itself whole has nobody behind it
            width = 0.0 if point or rng.random() < 0.5 else rng.choice([0.1, 0.25, 2.0])
            known = part if rng.random() < 0.7 or width == 0.0 else 0.0
            low[k, j], high[k, j] = known, (min(0.4, known + width) if k == j else known + width)
    return low, np.minimum(high, 1.0)


def stakes_of(world: World) -> Stakes:
    """Return the world as the kernels take it."""
    held = np.maximum(world.high, world.votes_high) > 0.0
    holder, owned = np.nonzero(held)
    low = np.stack([world.low[holder, owned], world.votes_low[holder, owned]])
    high = np.stack([world.high[holder, owned], world.votes_high[holder, owned]])
    live = np.array([k not in world.dead for k in holder], dtype=bool)
    return make_stakes(
        world.size,
        holder.astype(np.int64),
        owned.astype(np.int64),
        low,
        high,
        live=live,
        split=not (np.array_equal(world.low, world.votes_low) and np.array_equal(world.high, world.votes_high)),
    )
