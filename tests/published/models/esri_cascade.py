"""The compiled ESRI cascades: the synchronous rounds of the paper, and a push that does the same work once.

Source: as `tests.published.models.esri_network`, which has the equations. Both loops keep losses
1 - h instead of h and follow only what has changed: increments are added to each input group exactly, none is dropped.
Arrays of state are as large as the network and are put back to zero over the firms touched, so that one set serves all
firms one after another.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from graphrisk.kernels.arrays.compiled import njit
from tests.published.models.esri_network import Layout

Floats = npt.NDArray[np.float64]


class State(NamedTuple):
    """Scratch space for one cascade at a time; all zero (room: the full market) between cascades."""

    down: Floats  # (n,) loss of production 1 - h^d
    up: Floats  # (n,) 1 - h^u
    told_down: Floats  # (n,) market share times loss, as far as buyers have been told
    told_up: Floats  # (n,) as far as suppliers have been told
    group: Floats  # loss of each input group
    orders: Floats  # (n,) orders lost
    room: Floats  # (markets,) sales still possible
    scanned: Floats  # (markets,) room when the market's firms were last looked at
    seen: npt.NDArray[np.uint8]  # (n,) 1 touched, and flags of the lists
    touched: npt.NDArray[np.int32]
    lists: npt.NDArray[np.int32]  # (4, n) lists of firms and markets
    marks: npt.NDArray[np.uint8]  # (3, n) who is in them


def new_state(layout: Layout) -> State:
    """Return scratch space for cascades on one network; one per thread."""
    n, groups = len(layout.sales), int(layout.group_start[-1])
    size = max(n, len(layout.market_sales), 1)
    return State(
        down=np.zeros(n),
        up=np.zeros(n),
        told_down=np.zeros(n),
        told_up=np.zeros(n),
        group=np.zeros(groups),
        orders=np.zeros(n),
        room=layout.market_sales.copy(),
        scanned=layout.market_sales.copy(),
        seen=np.zeros(n, dtype=np.uint8),
        touched=np.empty(n, dtype=np.int32),
        lists=np.empty((4, size), dtype=np.int32),
        marks=np.zeros((3, size), dtype=np.uint8),
    )


@njit(cache=True, nogil=True)
def _touch(i, count, seen, touched):  # type: ignore[no-untyped-def]
    if seen[i] == 0:
        seen[i] = 1
        touched[count] = i
        return count + 1
    return count


@njit(cache=True, nogil=True)
def clear_state(count, layout, state):  # type: ignore[no-untyped-def]
    """Put the state of the `count` firms touched back to zero."""
    for at in range(count):
        i = state.touched[at]
        state.down[i] = state.up[i] = state.told_down[i] = state.told_up[i] = state.orders[i] = 0.0
        state.seen[i] = 0
        for g in range(layout.group_start[i], layout.group_start[i + 1]):
            state.group[g] = 0.0
        m = layout.market[i]
        if m >= 0:
            state.room[m] = layout.market_sales[m]
            state.scanned[m] = layout.market_sales[m]


@njit(cache=True, nogil=True)
def synchronous(firms, start, eps, limit, layout, state):  # type: ignore[no-untyped-def]
    """Run rounds from losses `start` of `firms` until no loss grows by more than eps; (rounds or -1, change, touched).

    The state holds the losses afterwards. Every firm uses the losses of the round before, in both directions.
    """
    down, up, told = state.down, state.up, state.told_down
    changed_d, changed_u, hit_d, hit_u = state.lists[0], state.lists[1], state.lists[2], state.lists[3]
    in_d, in_u, dirty = state.marks[0], state.marks[1], state.marks[2]
    next_d, next_u = state.group, state.orders
    count = n_d = n_u = 0
    for at in range(len(firms)):
        i = firms[at]
        if start[at] > 0.0:
            count = _touch(i, count, state.seen, state.touched)
            down[i] = up[i] = start[at]
            m = layout.market[i]
            if m >= 0:
                state.room[m] -= layout.sales[i] * start[at]
            changed_d[n_d] = changed_u[n_u] = i
            n_d += 1
            n_u += 1
    worst = 0.0
    for rounds in range(1, limit + 1):
        h_d = 0
        for at in range(n_d):
            i = changed_d[at]
            m = layout.market[i]
            if m < 0:
                first, last = at, at + 1
            elif dirty[m] == 0:
                dirty[m] = 1
                first, last = layout.market_start[m], layout.market_start[m + 1]
            else:
                continue
            for place in range(first, last):
                k = i if m < 0 else layout.market_firm[place]
                if down[k] == 0.0:
                    continue
                share = 1.0 if m < 0 or state.room[m] <= layout.sales[k] else layout.sales[k] / state.room[m]
                more = share * down[k] - told[k]
                if more <= 0.0:
                    continue
                told[k] += more
                for edge in range(layout.down_start[k], layout.down_start[k + 1]):
                    next_d[layout.down_group[edge]] += layout.down_share[edge] * more
                    j = layout.down_buyer[edge]
                    if in_d[j] == 0:
                        in_d[j] = 1
                        hit_d[h_d] = j
                        h_d += 1
        h_u = 0
        for at in range(n_u):
            j = changed_u[at]
            more = up[j] - state.told_up[j]
            state.told_up[j] = up[j]
            for edge in range(layout.up_start[j], layout.up_start[j + 1]):
                i = layout.up_supplier[edge]
                next_u[i] += layout.up_share[edge] * more
                if in_u[i] == 0:
                    in_u[i] = 1
                    hit_u[h_u] = i
                    h_u += 1
        for at in range(n_d):
            m = layout.market[changed_d[at]]
            if m >= 0:
                dirty[m] = 0
        worst = 0.0
        n_d = n_u = 0
        for at in range(h_d):
            j = hit_d[at]
            in_d[j] = 0
            loss = down[j]
            for g in range(layout.group_start[j], layout.group_start[j + 1]):
                loss = max(loss, state.group[g])
            loss = min(loss, 1.0)
            grown = loss - down[j]
            if grown > 0.0:
                count = _touch(j, count, state.seen, state.touched)
                down[j] = loss
                m = layout.market[j]
                if m >= 0:
                    state.room[m] -= layout.sales[j] * grown
                changed_d[n_d] = j
                n_d += 1
                worst = max(worst, grown)
            elif state.seen[j] == 0:
                count = _touch(j, count, state.seen, state.touched)
        for at in range(h_u):
            i = hit_u[at]
            in_u[i] = 0
            loss = min(max(up[i], state.orders[i]), 1.0)
            grown = loss - up[i]
            count = _touch(i, count, state.seen, state.touched)
            if grown > 0.0:
                up[i] = loss
                changed_u[n_u] = i
                n_u += 1
                worst = max(worst, grown)
        if worst <= eps:
            return rounds, worst, count
    return -1, worst, count


@njit(cache=True, nogil=True)
def all_firms(firms, eps, limit, weight, layout, state, out):  # type: ignore[no-untyped-def]
    """Fill out[a] = (score, downstream, upstream, rounds or -1, last change) for the full stop of each firm a."""
    one = np.ones(1)
    seed = np.empty(1, dtype=np.int64)
    for at in range(len(firms)):
        seed[0] = firms[at]
        rounds, change, count = synchronous(seed, one, eps, limit, layout, state)
        _tell(out[at], count, weight, state)
        out[at, 3] = rounds
        out[at, 4] = change
        clear_state(count, layout, state)


@njit(cache=True, nogil=True)
def _tell(row, count, weight, state):  # type: ignore[no-untyped-def]
    both = low = high = 0.0
    for place in range(count):
        i = state.touched[place]
        both += weight[i] * max(state.down[i], state.up[i])
        low += weight[i] * state.down[i]
        high += weight[i] * state.up[i]
    row[0] = both
    row[1] = low
    row[2] = high
