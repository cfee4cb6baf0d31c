"""What each firm causes if it alone stops producing: importance as `contagion` computes it, against rounds by hand.

    python -m benchmarks.esri [FIRMS SEEDS]

The book holds deliveries alone, nobody's default stops anybody (supply_default=none), and profit is sales: what others
lose is the ESRI of a firm without its own part, times all sales (C. Diem et al., Scientific Reports 12, 2022). By hand:
whole-network products in every round, to the same tolerance. Target: 0.6 ms per firm and core at 10,000 firms. The
answers are compared before times are shown. Times are CPU seconds of one thread, the parts of a run apart.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy import sparse

from benchmarks.against import Row
from benchmarks.contagion import cpu, said
from benchmarks.contagion_books import delivery_book
from benchmarks.networks import Floats
from graphrisk.analyze.contagion.importance import run_seeds
from graphrisk.cascade.params import Params
from graphrisk.cascade.run import prepare, unshocked_run
from graphrisk.kernels.contagion.supply_losses import Supply
from graphrisk.model.result import Inputs

TARGET, TOLERANCE = 0.6e-3, 1e-7


def rounds_by_hand(supply: Supply, firm: int) -> Floats:
    """Return what each firm loses by the loop that one writes by hand: whole-network products in every round."""
    size = len(supply.sales)
    buyer = np.repeat(np.arange(size), np.diff(supply.buyer_start))
    fresh = np.ones(len(buyer), dtype=bool)
    fresh[1:] = (np.diff(buyer) != 0) | (np.diff(supply.group) != 0)
    group = np.cumsum(fresh) - 1
    of_buyer = buyer[fresh]
    inputs = sparse.csr_array((supply.weight, (group, supply.supplier)), shape=(len(of_buyer), size))
    seller = np.repeat(np.arange(size), np.diff(supply.supplier_start))
    orders = sparse.csr_array((supply.order, (seller, supply.buyer)), shape=(size, size))
    floor = np.zeros(size)
    floor[firm] = 1.0
    down, up = floor.copy(), floor.copy()
    while True:
        room = np.bincount(supply.market, supply.sales * (1.0 - down), len(supply.market_sales))[supply.market]
        share = np.minimum(1.0, np.divide(supply.sales, room, out=np.ones(size), where=room > 0.0))
        after_down = floor.copy()
        np.maximum.at(after_down, of_buyer, np.minimum(1.0, inputs @ (share * down)))
        after_up = np.minimum(1.0, np.maximum(floor, orders @ up))
        change = max(float((after_down - down).max()), float((after_up - up).max()))
        down, up = after_down, after_up
        if change <= TOLERANCE:
            return np.maximum(down, up)


def main(size: int = 10_000, seeds: int = 200) -> list[Row]:
    return [_compare(size, seeds, industries) for industries in (100, 600)]


def _compare(size: int, seeds: int, industries: int) -> Row:
    making, _, graph = cpu(lambda: delivery_book(size, industries))
    params = Params(supply_default="none", tolerance=TOLERANCE)
    building, _, (book, shock, _) = cpu(lambda: prepare(graph, params, Inputs()))
    base = unshocked_run(book, shock, params, explain=False)
    firms = np.random.default_rng(0).choice(size, seeds, replace=False)
    few = firms[: max(seeds // 20, 3)]
    run_seeds(base, params, firms[:2])
    assert book.supply is not None
    supply = book.supply
    slow, _, lost = cpu(lambda: [rounds_by_hand(supply, int(firm)) for firm in few])
    taken, _, found = cpu(lambda: run_seeds(base, params, firms))
    expected = np.array([float(book.profit @ h) - book.profit[firm] for firm, h in zip(few, lost, strict=True)])
    assert np.abs(found.loss[: len(few)] - expected).max() <= 1e-3 * max(1.0, float(np.abs(expected).max()))
    each, by_hand = taken / seeds, slow / len(few)
    print(
        f"{size:,} firms, {len(supply.supplier):,} deliveries, {industries} industries; graph {making:.1f} s, "
        f"ledger {building:.2f} s (not counted)"
    )
    print(
        f"  {each * 1e3:.3f} ms per firm, by hand {by_hand * 1e3:.3f} ms: {by_hand / each:,.0f} x; "
        f"{said(each <= TARGET, f'{TARGET * 1e3} ms')}"
    )
    what = f"a firm stops producing, {size:,} firms, {industries} industries"
    return Row(what, each, "scipy, whole-network rounds", by_hand)


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
