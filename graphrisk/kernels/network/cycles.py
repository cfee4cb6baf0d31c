"""All elementary circles of bounded length in a directed graph.

Each circle is found once, from its smallest node, by a depth-first search over larger nodes that is cut where the way
back is too long: the bound by breadth-first distances follows A. Gupta and T. Suzumura, "Finding all bounded-length
simple cycles in a directed graph", arXiv:2105.10094 (2021). Work is counted in arcs looked at, so that a limit gives
the same answer on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.network.components import component_labels, row_starts

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

COMPLETE, CIRCLES_REACHED, STEPS_REACHED = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Circles:
    """Circles as node sequences: circle k is `nodes[starts[k]:starts[k + 1]]`, smallest node first.

    `smallest` and `total` are the smallest weight and the sum of weights of its arcs. `complete_to` is the length up to
    which every circle is listed (the bound asked for unless `stopped` is not COMPLETE), `steps` the arcs looked at.
    """

    nodes: Ints
    starts: Ints
    smallest: Floats
    total: Floats
    complete_to: int
    stopped: int
    steps: int


def find_circles(
    size: int, source: Ints, target: Ints, weight: Floats, *, max_length: int, max_circles: int, max_steps: int
) -> Circles:
    """Return the elementary circles with 2 to `max_length` arcs, in lexicographic order of their nodes.

    Arcs are distinct, ordered by source then target; self-arcs are not allowed. Where a limit is reached, the search
    is run again length by length: all circles up to `complete_to` are listed, then as many of the next length as fit.
    """
    label = component_labels(size, source, target, "strong")
    inside = label[source] == label[target]
    source, target, weight = source[inside], target[inside], weight[inside]
    roots = np.unique(source)
    place = np.searchsorted(roots, source)  # only nodes on circles are kept, so arrays stay small
    goal = np.searchsorted(roots, target)
    count = len(roots)
    forward = row_starts(count, place)
    backward_order = np.argsort(goal, kind="stable")
    backward = row_starts(count, goal[backward_order])
    graph = (forward, goal, weight, backward, place[backward_order])

    stopped, steps, nodes, starts, smallest, total = _search(*graph, 2, max_length, max_circles, max_steps)
    complete_to = max_length
    if stopped != COMPLETE:
        parts = []
        found, complete_to, spent = 0, 1, 0
        for length in range(2, max_length + 1):
            part = _search(*graph, length, length, max_circles - found, max_steps - spent)
            stopped, used = part[0], part[1]
            parts.append(part)
            found += len(part[4])
            spent += used
            if stopped != COMPLETE:
                break
            complete_to = length
        steps += spent
        nodes = np.concatenate([p[2] for p in parts])
        lengths = np.concatenate([np.diff(p[3]) for p in parts])
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        smallest, total = np.concatenate([p[4] for p in parts]), np.concatenate([p[5] for p in parts])
    return Circles(
        nodes=roots[nodes] if count else nodes,
        starts=starts,
        smallest=smallest,
        total=total,
        complete_to=complete_to,
        stopped=int(stopped),
        steps=int(steps),
    )


@njit(cache=True, nogil=True)
def _longer(array, size):  # type: ignore[no-untyped-def]
    """Return a copy with room for `size` elements, entry by entry: to assign a slice takes the compiler seconds."""
    longer = np.empty(size, dtype=array.dtype)
    for at in range(len(array)):
        longer[at] = array[at]
    return longer


@njit(cache=True, nogil=True)
def _search(  # type: ignore[no-untyped-def]
    forward, goal, weight, backward, origin, min_length, max_length, max_circles, max_steps
):
    """Return (stopped, steps, nodes, starts, smallest, total) of the circles with min_length to max_length arcs."""
    size = len(forward) - 1
    far = max_length + 1
    back = np.full(size, far, dtype=np.int64)
    reached = np.empty(size, dtype=np.int64)
    on_path = np.zeros(size, dtype=np.bool_)
    path = np.empty(max_length + 1, dtype=np.int64)
    cursor = np.empty(max_length + 1, dtype=np.int64)
    nodes = np.empty(1024, dtype=np.int64)
    starts = np.zeros(257, dtype=np.int64)
    smallest = np.empty(256, dtype=np.float64)
    total = np.empty(256, dtype=np.float64)
    found, filled, steps, stopped = 0, 0, 0, 0
    for root in range(size):
        # how many arcs lead from each larger node back to the root
        back[root] = 0
        reached[0] = root
        head, tail = 0, 1
        while head < tail:
            node = reached[head]
            head += 1
            if back[node] >= max_length - 1:
                continue
            for k in range(backward[node], backward[node + 1]):
                steps += 1
                other = origin[k]
                if other > root and back[other] == far:
                    back[other] = back[node] + 1
                    reached[tail] = other
                    tail += 1
        path[0] = root
        cursor[0] = forward[root]
        depth = 1
        while depth > 0:
            node = path[depth - 1]
            k = cursor[depth - 1]
            if k == forward[node + 1]:
                depth -= 1
                on_path[node] = False
                continue
            cursor[depth - 1] = k + 1
            steps += 1
            if steps > max_steps:
                stopped = 2
                break
            other = goal[k]
            if other == root:
                if depth < min_length:
                    continue
                if found == max_circles:
                    stopped = 1
                    break
                if filled + depth > len(nodes):
                    nodes = _longer(nodes, 2 * len(nodes) + depth)
                if found == len(smallest):
                    starts = _longer(starts, 2 * found + 1)
                    smallest, total = _longer(smallest, 2 * found), _longer(total, 2 * found)
                low, whole = np.inf, 0.0
                for step in range(depth):
                    nodes[filled + step] = path[step]
                    amount = weight[cursor[step] - 1]
                    low = min(low, amount)
                    whole += amount
                filled += depth
                smallest[found], total[found] = low, whole
                found += 1
                starts[found] = filled
            elif other > root and not on_path[other] and depth + back[other] <= max_length:
                on_path[other] = True
                path[depth] = other
                cursor[depth] = forward[other]
                depth += 1
        for k in range(tail):
            back[reached[k]] = far
        if stopped != 0:
            break
    return (
        stopped,
        steps,
        nodes[:filled].copy(),
        starts[: found + 1].copy(),
        smallest[:found].copy(),
        total[:found].copy(),
    )
