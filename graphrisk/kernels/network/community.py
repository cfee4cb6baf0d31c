"""Communities: parts of a graph that hold more weight inside than chance would give them (modularity).

V. D. Blondel and others, "Fast unfolding of communities in large networks", J. Stat. Mech. (2008) P10008, with the
queue of V. Traag, L. Waltman and N. J. van Eck, "From Louvain to Leiden: guaranteeing well-connected communities",
Sci. Rep. 9 (2019) 5233, and their refinement of communities, here by the largest gain and without chance: nodes are
visited in their order and equal gains go to the smaller community.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from graphrisk.kernels.arrays.compiled import njit
from graphrisk.kernels.arrays.sums import sum_by
from graphrisk.kernels.network.components import component_labels

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Network = tuple[Ints, Ints, Floats, Floats]
"""Row starts, ends and values of arcs in both directions, and the weight inside each node."""

_PASSES = 10
"""Most passes over all levels; each starts from the communities of the one before."""
_GAIN = 1e-5
"""Modularity that a further pass must gain."""
_VISITS = 1_000
"""Most visits of a node in one level on average: moves end by themselves, rounding alone could keep them going."""


def communities(size: int, source: Ints, target: Ints, weight: Floats, *, resolution: float = 1.0) -> Ints:
    """Return for each node the smallest node of its community (size,); every community is connected.

    Arcs count in both directions, and their weights add up. Arcs without weight bind nobody.
    """
    label = np.arange(size, dtype=np.int64)
    heavy = weight > 0
    total = float(weight[heavy].sum())
    if total <= 0:
        return label
    source, target, weight = source[heavy], target[heavy], weight[heavy] / total
    network = _symmetric(size, source, target, weight)
    best = -np.inf
    for _ in range(_PASSES):
        found = _climb(network, label, resolution)
        reached = modularity(source, target, weight, found, resolution=resolution)
        if reached <= best + _GAIN:
            break
        label, best = found, reached
    return label


def _climb(network: Network, label: Ints, resolution: float) -> Ints:
    """Return communities at least as good as `label`, named after their smallest node: one pass over all levels.

    On each level nodes move between communities; then each community is taken apart and its nodes join again to
    well-connected pieces, which are the nodes of the next level, so that a community that grew wrong can split.
    """
    starts, ends, values, own = network
    size = count = len(label)
    part, node = label, np.arange(size, dtype=np.int64)
    while True:
        kept, moved = np.unique(_move(starts, ends, values, own, part, resolution), return_inverse=True)
        pieces, joined = np.unique(_join(starts, ends, values, own, moved, resolution), return_inverse=True)
        if len(kept) == count or len(pieces) == count:
            break
        starts, ends, values, own = _gather(starts, ends, values, own, joined, len(pieces))
        part, node, count = moved[pieces], joined[node], len(pieces)
    found = moved[node]
    starts, ends = network[0], network[1]
    origin = np.repeat(np.arange(size, dtype=np.int64), np.diff(starts))
    inside = found[origin] == found[ends]
    return component_labels(size, origin[inside], ends[inside], "weak")


def modularity(source: Ints, target: Ints, weight: Floats, label: Ints, *, resolution: float = 1.0) -> float:
    """Return the modularity of a partition, arcs counted in both directions; 0 where no arc has weight."""
    total = float(weight.sum())
    if total <= 0:
        return 0.0
    size = len(label)
    strength = sum_by(source, weight, size) + sum_by(target, weight, size)
    inside = float(weight[label[source] == label[target]].sum()) / total
    part = sum_by(label, strength, size) / (2.0 * total)
    return inside - resolution * float(part @ part)


def _symmetric(size: int, source: Ints, target: Ints, weight: Floats) -> Network:
    """Return row starts, ends and half weights of both directions of each arc, and no weight inside nodes."""
    matrix = coo_array((weight, (source, target)), shape=(size, size)).tocsr()
    both = (matrix + matrix.T).tocsr()
    both.sort_indices()
    starts, ends = both.indptr.astype(np.int64), both.indices.astype(np.int64)
    return starts, ends, both.data / 2.0, np.zeros(size)


@njit(cache=True, nogil=True)
def _gather(starts, ends, values, own, part, count):  # type: ignore[no-untyped-def]
    """Return the graph whose nodes are the parts (row starts, ends, values, own): weight inside a part is its own."""
    size = len(starts) - 1
    first = np.zeros(count + 1, dtype=np.int64)
    for node in range(size):
        first[part[node] + 1] += 1
    for k in range(count):
        first[k + 1] += first[k]
    members, filled = np.empty(size, dtype=np.int64), first.copy()
    for node in range(size):
        members[filled[part[node]]] = node
        filled[part[node]] += 1
    within = np.zeros(count)
    begins = np.zeros(count + 1, dtype=np.int64)
    others, sums = np.empty(len(ends), dtype=np.int64), np.empty(len(ends))
    place = np.full(count, -1, dtype=np.int64)  # where in this part's row another stands
    length = 0
    for mine in range(count):
        for m in range(first[mine], first[mine + 1]):
            node = members[m]
            within[mine] += own[node]
            for k in range(starts[node], starts[node + 1]):
                near = part[ends[k]]
                if near == mine:
                    within[mine] += values[k]
                elif place[near] < begins[mine]:
                    place[near] = length
                    others[length], sums[length] = near, values[k]
                    length += 1
                else:
                    sums[place[near]] += values[k]
        begins[mine + 1] = length
    return begins, others[:length].copy(), sums[:length].copy(), within


@njit(cache=True, nogil=True)
def _move(starts, ends, values, own, given, resolution):  # type: ignore[no-untyped-def]
    """Return the communities after moving single nodes until no move gains; all weights sum to 1."""
    size = len(starts) - 1
    part = given.copy()
    strength = own.copy()
    for node in range(size):
        for k in range(starts[node], starts[node + 1]):
            strength[node] += values[k]
    held = np.zeros(size)
    members = np.zeros(size, dtype=np.int64)
    for node in range(size):
        held[part[node]] += strength[node]
        members[part[node]] += 1
    empty = np.empty(size, dtype=np.int64)  # a stack of names that no community has
    spare = 0
    for name in range(size):
        if members[name] == 0:
            empty[spare] = name
            spare += 1
    to_part = np.zeros(size)
    met = np.empty(size, dtype=np.int64)
    is_met = np.zeros(size, dtype=np.bool_)
    queue = np.arange(size)
    waiting = np.ones(size, dtype=np.bool_)
    head, length = 0, size
    visits = 0
    while length > 0 and visits < _VISITS * size:
        visits += 1
        node = queue[head]
        head = (head + 1) % size
        length -= 1
        waiting[node] = False
        home = part[node]
        count = 0
        for k in range(starts[node], starts[node + 1]):
            near = part[ends[k]]
            if not is_met[near]:
                is_met[near] = True
                met[count] = near
                count += 1
            to_part[near] += values[k]
        held[home] -= strength[node]
        best = home
        best_gain = to_part[home] - resolution * strength[node] * held[home] + 1e-14  # staying wins a draw
        for m in range(count):
            near = met[m]
            gain = to_part[near] - resolution * strength[node] * held[near]
            if near != home and (gain > best_gain or (gain == best_gain and near < best)):
                best, best_gain = near, gain
        if members[home] > 1 and best_gain < -1e-14:  # better alone than anywhere
            best = empty[spare - 1]
        if best != home:
            members[home] -= 1
            members[best] += 1
            if members[best] == 1:
                spare -= 1
                held[best] = 0.0
            if members[home] == 0:
                empty[spare] = home
                spare += 1
        held[best] += strength[node]
        for m in range(count):
            to_part[met[m]] = 0.0
            is_met[met[m]] = False
        if best != home:
            part[node] = best
            for k in range(starts[node], starts[node + 1]):
                other = ends[k]
                if part[other] != best and not waiting[other]:
                    waiting[other] = True
                    queue[(head + length) % size] = other
                    length += 1
    return part


@njit(cache=True, nogil=True)
def _join(starts, ends, values, own, part, resolution):  # type: ignore[no-untyped-def]
    """Return pieces of the communities `part`: each node alone joins the piece of its community that gains most.

    A piece is named after the node from which it grew, which is the first of its members.
    """
    size = len(starts) - 1
    piece = np.arange(size)
    alone = np.ones(size, dtype=np.bool_)
    strength = own.copy()
    for node in range(size):
        for k in range(starts[node], starts[node + 1]):
            strength[node] += values[k]
    held = strength.copy()
    to_piece = np.zeros(size)
    met = np.empty(size, dtype=np.int64)
    is_met = np.zeros(size, dtype=np.bool_)
    for node in range(size):
        if not alone[node]:
            continue
        count = 0
        for k in range(starts[node], starts[node + 1]):
            if part[ends[k]] == part[node]:
                near = piece[ends[k]]
                if not is_met[near]:
                    is_met[near] = True
                    met[count] = near
                    count += 1
                to_piece[near] += values[k]
        best, best_gain = node, 1e-14
        for m in range(count):
            near = met[m]
            gain = to_piece[near] - resolution * strength[node] * held[near]
            if near != node and (gain > best_gain or (gain == best_gain and near < best)):
                best, best_gain = near, gain
        for m in range(count):
            to_piece[met[m]] = 0.0
            is_met[met[m]] = False
        if best != node:
            piece[node] = best
            held[best] += strength[node]
            alone[node] = False
            alone[best] = False
    return piece
