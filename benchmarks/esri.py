"""ESRI of single firms on a synthetic supply network: rounds in plain numpy/scipy, compiled rounds, and pushing.

    python -m benchmarks.esri [FIRMS SEEDS]

Target: at 10,000 firms at most 0.6 ms per firm and core at an error no larger than that of the synchronous rounds at
eps = 1e-2, the rule of the published packages. The error is the mean distance to the rounds at eps = 1e-7, over the
mean score. Times are CPU seconds of one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.networks import Floats, Ints
from tests.published.models.esri import pushed_scores, scores
from tests.published.models.esri_network import SupplyNetwork, supply_network

TARGET = 0.6e-3


def synthetic(size: int, industries: int, degree: float = 5.0, seed: int = 1) -> tuple[Any, ...]:
    """Return deliveries of firms with Pareto sizes: large firms have more customers, 30 % of pairs are essential."""
    dice = np.random.default_rng(seed)
    scale = dice.pareto(1.3, size) + 1.0
    deliveries = int(size * degree)
    supplier = dice.choice(size, deliveries, p=scale / scale.sum())
    buyer = dice.choice(size, deliveries, p=scale**0.5 / (scale**0.5).sum())
    kept = supplier != buyer
    supplier, buyer = supplier[kept], buyer[kept]
    amount = np.sqrt(scale[supplier] * scale[buyer]) * dice.lognormal(0.0, 1.0, len(supplier))
    industry = dice.integers(0, industries, size)
    classes = dice.choice([0, 1, 2], (industries, industries), p=[0.2, 0.5, 0.3])
    return supplier, buyer, amount, industry, classes


def plain_rounds(network: SupplyNetwork, firm: int, eps: float) -> float:
    """Return the score by the loop that one writes by hand: whole-network products in every round."""
    lay, n = network.layout, network.n
    giver = np.repeat(np.arange(n), np.diff(lay.down_start))
    inputs = sparse.csr_array((lay.down_share, (lay.down_group, giver)), shape=(int(lay.group_start[-1]), n))
    orders = sparse.csr_array((lay.up_share, lay.up_supplier, lay.up_start), shape=(n, n)).T.tocsr()
    floor = np.zeros(n)
    floor[firm] = 1.0
    down, up = floor.copy(), floor.copy()
    while True:
        room = np.bincount(lay.market, lay.sales * (1.0 - down), len(lay.market_sales))[lay.market]
        share = np.minimum(1.0, np.divide(lay.sales, room, out=np.ones(n), where=room > 0.0))
        worst = np.maximum.reduceat(inputs @ (share * down), lay.group_start[:-1])
        after_d = np.minimum(1.0, np.maximum(floor, worst))
        after_u = np.minimum(1.0, np.maximum(floor, orders @ up))
        change = max(float((after_d - down).max()), float((after_u - up).max()))
        down, up = after_d, after_u
        if change <= eps:
            return float(network.sales @ np.maximum(down, up)) / float(network.sales.sum())


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.thread_time()
    answer = work()
    return time.thread_time() - start, answer


def main(size: int = 10_000, seeds: int = 200) -> None:
    for industries in (100, 600):
        _compare(size, seeds, industries)


def _compare(size: int, seeds: int, industries: int) -> None:
    supplier, buyer, amount, industry, classes = synthetic(size, industries)
    network = supply_network(supplier, buyer, amount, industry, classes, market=industry)
    firms: Ints = np.random.default_rng(0).choice(size, seeds, replace=False)
    scores(network, firms[:2])
    pushed_scores(network, firms[:2])
    few = firms[: max(seeds // 20, 3)]
    slow, by_hand = cpu(lambda: np.array([plain_rounds(network, int(s), 1e-2) for s in few]))
    rounds, loose = cpu(lambda: scores(network, firms))
    setup, _ = cpu(lambda: pushed_scores(network, firms[:1]))
    assert np.abs(by_hand - loose.esri[: len(few)]).max() < 1e-12
    truth: Floats = scores(network, firms, eps=1e-7).esri
    print(f"{size:,} firms, {len(amount):,} deliveries, {industries} industries; adjoint once {setup * 1e3:.0f} ms")
    print(f"  by hand, eps 1e-2   {slow / len(few) * 1e3:8.3f} ms per firm")
    error = float(np.abs(loose.esri - truth).mean() / truth.mean())
    print(f"  rounds, eps 1e-2    {rounds / seeds * 1e3:8.3f} ms per firm, error {error:.4f}")
    for relative in (1e-2, 1e-3, 1e-4):
        taken, pushed = cpu(lambda given=relative: pushed_scores(network, firms, relative=given))  # type: ignore[misc]
        each = max(taken - setup, 1e-12) / seeds
        off = float(np.abs(pushed.esri - truth).mean() / truth.mean())
        said = "meets" if each <= TARGET and off <= error else "misses"
        print(f"  pushed, {relative:.0e}      {each * 1e3:8.3f} ms per firm, error {off:.4f}, ", end="")
        print(f"{slow / len(few) / each:5.0f} x by hand, {rounds / seeds / each:4.1f} x rounds: {said} the target")


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
