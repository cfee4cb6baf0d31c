"""All circles of up to six guarantees in a network of 100,000 parties and 210,000 contracts.

    python -m benchmarks.circles [PARTIES ARCS]

Target: at most 1 second, warm, and complete. Completeness is shown three ways: nothing was cut short; on a small
network the circles are those of NetworkX one by one; at full size the numbers of circles of two and three are the
traces of the powers of the adjacency matrix (scipy). NetworkX gets 30 seconds for the full search.
"""

from __future__ import annotations

import multiprocessing
import sys
import time

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

from benchmarks.networks import Floats, Ints, guarantee_network, once, seconds
from graphrisk.kernels.network.cycles import COMPLETE, Circles, find_circles

LONGEST = 6
TARGET_S = 1.0
PATIENCE_S = 30.0


def search(size: int, source: Ints, target: Ints, weight: Floats, longest: int = LONGEST) -> Circles:
    return find_circles(size, source, target, weight, max_length=longest, max_circles=10**8, max_steps=10**12)


def by_networkx(source: list[int], target: list[int]) -> list[tuple[int, ...]]:
    graph = nx.DiGraph(zip(source, target, strict=True))
    return sorted(tuple(c[c.index(min(c)) :] + c[: c.index(min(c))]) for c in nx.simple_cycles(graph, LONGEST))


def _search_all(source: list[int], target: list[int], sender: multiprocessing.connection.Connection) -> None:
    begin = time.perf_counter()
    count = len(by_networkx(source, target))
    sender.send((time.perf_counter() - begin, count))


def main(size: int = 100_000, arcs: int = 210_000) -> None:
    small = guarantee_network(1_000, 2_100, seed=2)
    found = search(1_000, *small)
    listed = [tuple(found.nodes[a:b].tolist()) for a, b in zip(found.starts[:-1], found.starts[1:], strict=True)]
    assert by_networkx(small[0].tolist(), small[1].tolist()) == listed
    small_time, _ = seconds(lambda: search(1_000, *small))
    small_networkx, _ = once(lambda: by_networkx(small[0].tolist(), small[1].tolist()))

    source, target, weight = guarantee_network(size, arcs)
    print(f"{size:,} parties, {arcs:,} contracts")
    print(f"{'up to':>6}{'seconds':>10}{'circles':>10}{'arcs looked at':>16}")
    for longest in range(2, LONGEST + 1):
        took, found = seconds(lambda longest=longest: search(size, source, target, weight, longest))
        assert found.stopped == COMPLETE
        print(f"{longest:6}{took:10.4f}{len(found.smallest):10,}{found.steps:16,}")
    lengths = np.bincount(np.diff(found.starts), minlength=4)
    matrix = csr_array((np.ones(arcs), (source, target)), shape=(size, size))
    traced, square = once(lambda: matrix @ matrix)
    expected = [round(square.diagonal().sum() / 2), round((square.multiply(matrix.T)).sum() / 3)]
    assert expected == [int(lengths[2]), int(lengths[3])]
    met = "met" if took <= TARGET_S else "MISSED"
    print(
        f"target {TARGET_S:g} s, complete: {met}; circles of 2 and 3 as by traces (scipy, {traced:.3f} s): {expected}"
    )

    ratio = small_networkx / small_time
    print(f"NetworkX on 1,000 parties: the same {len(listed):,} circles in {small_networkx:.3f} s, {ratio:,.0f}x ours")
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(
        target=_search_all, args=(source.tolist(), target.tolist(), sender)
    )
    process.start()
    if receiver.poll(PATIENCE_S):
        theirs, count = receiver.recv()
        print(f"NetworkX on all: {count:,} circles in {theirs:.1f} s, {theirs / took:,.0f}x ours")
    else:
        process.kill()
        print(f"NetworkX on all: no answer in {PATIENCE_S:g} s, more than {PATIENCE_S / took:,.0f}x ours")
    process.join()


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:3]))
