"""Networks for benchmarks, the same for every run: distinct arcs, ordered by source and target."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def hub_network(size: int, arcs: int, seed: int = 1) -> tuple[Ints, Ints, Floats]:
    """Return a network with hubs: partners are drawn by a power law, as in networks of payments and exposures."""
    dice = np.random.default_rng(seed)
    rank = dice.permutation(size)

    def draw(count: int) -> Ints:
        return rank[np.minimum((size * dice.random(count) ** 2.2).astype(np.int64), size - 1)]

    return _distinct(size, arcs, lambda count: (draw(count), draw(count)), dice)


def guarantee_network(size: int, arcs: int, seed: int = 1, block: int = 40) -> tuple[Ints, Ints, Floats]:
    """Return a network like one of guarantees: most contracts are among the firms of one small district."""
    dice = np.random.default_rng(seed)

    def draw(count: int) -> tuple[Ints, Ints]:
        source = dice.integers(0, size, count)
        near = (source // block) * block + dice.integers(0, block, count)
        far = dice.integers(0, size, count)
        return source, np.where(dice.random(count) < 0.85, np.minimum(near, size - 1), far)

    return _distinct(size, arcs, draw, dice)


def _distinct(
    size: int, arcs: int, draw: Callable[[int], tuple[Ints, Ints]], dice: np.random.Generator
) -> tuple[Ints, Ints, Floats]:
    pairs = np.empty(0, dtype=np.int64)
    while len(pairs) < arcs:
        source, target = draw(arcs)
        pairs = np.unique(np.concatenate([pairs, (source * size + target)[source != target]]))
    pairs = np.sort(dice.choice(pairs, arcs, replace=False))
    return pairs // size, pairs % size, np.exp(dice.normal(0.0, 1.5, arcs))


def seconds(work: Callable[[], Any], repeats: int = 5) -> tuple[float, Any]:
    """Return the median time of `work` in seconds, after one run that is not counted, and its last answer."""
    answer = work()
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - begin)
    return float(np.median(times)), answer


def once(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the time of one run of `work` in seconds, and its answer."""
    begin = time.perf_counter()
    answer = work()
    return time.perf_counter() - begin, answer
