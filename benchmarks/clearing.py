"""Clearing of a large network of debts: our methods, a scipy loop, and a linear program on a small part of it.

    python -m benchmarks.clearing [PARTIES DEBTS]

Target: at 1,000,000 parties and 8,000,000 debts at most 1.5 s warm, without the building of the matrices. The answers
are compared before times are shown. Times are CPU seconds of one thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from benchmarks.networks import Floats, hub_network
from tests.published.models.clearing import System, clear, clearing_system

TARGET = 1.5


def debts(size: int, count: int, seed: int = 1) -> tuple[Any, Floats, Floats]:
    """Return debts, external liabilities and external assets: about a quarter of the parties cannot pay in full."""
    source, target, weight = hub_network(size, count, seed)
    dice = np.random.default_rng(seed)
    owed_to = sparse.csr_array((weight, (source, target)), shape=(size, size))
    inside = np.asarray(owed_to.sum(axis=1))
    outside = inside * dice.uniform(0.1, 0.6, size)
    needed = np.maximum(inside + outside - np.asarray(owed_to.sum(axis=0)), 0.0)
    return owed_to, outside, np.maximum(needed + (inside + outside) * dice.uniform(-0.15, 0.25, size), 0.0)


def scipy_loop(system: System, assets: Floats, tolerance: float) -> Floats:
    """The loop that one writes by hand, to the same tolerance."""
    paid = system.owed
    while True:
        after = np.minimum(system.owed, assets + system.received @ paid)
        if np.abs(after - paid).max() <= tolerance * system.owed.max():
            return np.asarray(after)
        paid = after


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.thread_time()
    answer = work()
    return time.thread_time() - start, answer


def main(size: int = 100_000, count: int = 800_000) -> None:
    small = clearing_system(*debts(60, 300)[:2])
    for method in ("push", "picard"):
        clear(small, np.ones(60), method=method)  # type: ignore[arg-type]
    owed_to, outside, assets = debts(size, count)
    building, system = cpu(lambda: clearing_system(owed_to, outside))
    hand, expected = cpu(lambda: scipy_loop(system, assets, 1e-12))
    print(f"{size:,} parties, {owed_to.nnz:,} debts; building {building:.2f} s; scipy loop {hand:.3f} s")
    for method in ("auto", "push", "picard"):
        taken, found = cpu(lambda method=method: clear(system, assets, method=method, tolerance=1e-12))
        assert np.abs(found.payment - expected).max() <= 1e-9 * system.owed.max()
        verdict = "meets" if taken <= TARGET else "misses"
        print(
            f"  {method:7} {taken:.3f} s, {found.rounds} rounds, "
            f"{found.edges_touched / owed_to.nnz:.1f} of debts read, "
            f"{found.default.mean():.0%} in default, residual {found.residual:.0e}: {verdict} {TARGET} s"
        )
    few = 2_000
    part, away, held = debts(few, 16_000)
    little = clearing_system(part, away)
    program = sparse.eye_array(few) - little.received
    limits = np.column_stack([np.zeros(few), little.owed])
    lp, best = cpu(lambda: linprog(-np.ones(few), A_ub=program, b_ub=held, bounds=limits))
    mine, cleared = cpu(lambda: clear(little, held))
    assert np.abs(best.x - cleared.payment).max() <= 1e-6 * little.owed.max()
    print(f"  linear program on {few:,} parties {lp:.3f} s, ours {mine * 1e3:.2f} ms: {lp / mine:,.0f} x")


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
