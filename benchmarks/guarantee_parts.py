"""The parts of the guarantee layer as supervisors count them, and the splitting of a very large one.

    python -m benchmarks.guarantee_parts

Targets, warm: all tables of `chains` on a network of the calibrated size (18,711 parties, 13,478 pairs) in 0.5 seconds;
a part of 10,000 parties split, with seven runs of contagion of each of its parties, in 5 seconds of CPU.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import numpy as np

from benchmarks.contagion_books import _financials, _graph, _ids, _money, _table, guarantee_book
from benchmarks.networks import guarantee_network
from graphrisk.analyze.chains import Params, run
from graphrisk.graph.riskgraph import RiskGraph
from graphrisk.model.result import Inputs, Result
from graphrisk.progress import silent
from graphrisk.standing.guarantee_layer import guarantee_layer
from graphrisk.standing.guarantee_parts import parts_of

TABLES_S, SPLIT_S = 0.5, 5.0


def one_part(size: int, more: int, seed: int = 1) -> RiskGraph:
    """Return a book whose guarantees join all parties into one part: a tree of near neighbours and `more` arcs."""
    dice = np.random.default_rng(seed)
    guarantor, debtor, _ = guarantee_network(size, more, seed)
    child = np.arange(1, size)
    parent = np.array([dice.integers(max(0, k - 200), k) for k in range(1, size)])
    guarantor, debtor = np.concatenate([guarantor, parent]), np.concatenate([debtor, child])
    contracts, ids, due = len(guarantor), _ids(np.arange(size)), np.exp(dice.normal(1.0, 0.8, size))
    return _graph(
        parties=_table("parties", party_id=ids, name=ids, kind=np.full(size, "company", dtype=object)),
        financials=_financials(ids, np.exp(dice.normal(1.0, 1.0, size))),
        facilities=_table("facilities", facility_id=ids, borrower_id=ids, outstanding=due, **_money(size)),
        guarantees=_table(
            "guarantees", guarantee_id=_ids(np.arange(contracts)), guarantor_id=ids[guarantor], debtor_id=ids[debtor],
            facility_id=ids[debtor], amount=due[debtor] * dice.uniform(0.3, 1.0, contracts),
            mode=np.full(contracts, "several", dtype=object), **_money(contracts),
        ),
    )  # fmt: skip


def timed(graph: RiskGraph, params: Params, repeats: int = 3) -> tuple[float, float, Result]:
    """Return the least time and the least CPU time of a warm run on a graph that has kept nothing, and its result."""
    took: list[tuple[float, float]] = []
    found: Any = None
    for _ in range(repeats + 1):
        fresh = dataclasses.replace(graph, _cache={})
        begin, used = time.perf_counter(), time.process_time()
        found = run(fresh, params, inputs=Inputs(), progress=silent)
        took.append((time.perf_counter() - begin, time.process_time() - used))
    return min(one for one, _ in took[1:]), min(other for _, other in took[1:]), found


def main() -> None:
    book = guarantee_book(1, "several")
    parts = []
    for _ in range(5):
        fresh = dataclasses.replace(book, _cache={})
        begin = time.perf_counter()
        parts_of(fresh, guarantee_layer(fresh))
        parts.append(time.perf_counter() - begin)
    took, used, found = timed(book, Params())
    print(f"{book.size:,} parties, {book.rows('guarantees'):,} contracts, {len(found.parts):,} parts")
    print(f"  chains_parts alone {min(parts):.3f} s; all tables of chains {took:.3f} s (CPU {used:.3f} s)")
    print(f"  target {TABLES_S} s of CPU: {'met' if used <= TABLES_S else 'missed'}")
    giant = one_part(10_000, 13_000)
    for most in (100, 1_000):
        took, used, found = timed(giant, Params(max_piece=most), repeats=1)
        cut = found.cuts.iloc[0]
        print(
            f"one part of 10,000 parties, {giant.rows('guarantees'):,} contracts, pieces of at most {most:,}: "
            f"{took:.2f} s (CPU {used:.2f} s), {cut['pieces']} pieces, {cut['kept_share']:.1%} of the balance "
            f"inside, loss stopped {cut['loss_stopped']:,.0f}, of all {cut['total_loss_stopped']:,.0f}; "
            f"target {SPLIT_S} s of CPU: {'met' if used <= SPLIT_S else 'missed'}"
        )


if __name__ == "__main__":
    main()
