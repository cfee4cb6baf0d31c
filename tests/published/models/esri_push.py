"""The ESRI fixed point by pushing: each firm passes on what it has not told yet, the weightiest part of it only.

Source: the equations of `tests.published.models.esri_network`; the order of work is that of residual push for PageRank
(R. Andersen, F. Chung, K. Lang, "Local graph partitioning using PageRank vectors", FOCS 2006). The map is
monotone, so increments passed on in any order lead from below to the least loss. What is not passed on stays in the
books, and the score says how much it is.
"""

from __future__ import annotations

import numpy as np

from graphrisk.kernels.arrays.compiled import njit
from tests.published.models.esri_cascade import _touch, clear_state


@njit(cache=True, nogil=True)
def _share(i, m, layout, state):  # type: ignore[no-untyped-def]
    if m < 0 or state.room[m] <= layout.sales[i]:
        return 1.0
    return layout.sales[i] / state.room[m]


@njit(cache=True, nogil=True)
def _push_up(count, queued, threshold, value, layout, state):  # type: ignore[no-untyped-def]
    """Empty the upstream queue; (touched, edges followed)."""
    queue, waits, up, told = state.lists[1], state.marks[1], state.up, state.told_up
    n = len(up)
    head, tail, work = 0, queued % n, 0
    left = queued
    while left > 0:
        j = queue[head]
        head = head + 1 if head + 1 < n else 0
        left -= 1
        waits[j] = 0
        more = up[j] - told[j]
        told[j] = up[j]
        work += layout.up_start[j + 1] - layout.up_start[j]
        for edge in range(layout.up_start[j], layout.up_start[j + 1]):
            i = layout.up_supplier[edge]
            lost = state.orders[i] + layout.up_share[edge] * more
            state.orders[i] = lost
            if lost > up[i]:
                count = _touch(i, count, state.seen, state.touched)
                up[i] = min(lost, 1.0)
                if waits[i] == 0 and (up[i] - told[i]) * value[i] > threshold:
                    waits[i] = 1
                    queue[tail] = i
                    tail = tail + 1 if tail + 1 < n else 0
                    left += 1
            else:
                count = _touch(i, count, state.seen, state.touched)
    return count, work


@njit(cache=True, nogil=True)
def _push_down(count, queued, threshold, value, layout, state):  # type: ignore[no-untyped-def]
    """Empty the downstream queue, then look again at every market whose room has shrunk; (touched, edges followed)."""
    queue, waits, down, told = state.lists[0], state.marks[0], state.down, state.told_down
    markets, listed = state.lists[2], state.marks[2]
    n = len(down)
    head, tail, work, dirty = 0, queued % n, 0, 0
    left = queued
    for at in range(queued):
        m = layout.market[queue[at]]
        if m >= 0 and listed[m] == 0:
            listed[m] = 1
            markets[dirty] = m
            dirty += 1
    while True:
        while left > 0:
            k = queue[head]
            head = head + 1 if head + 1 < n else 0
            left -= 1
            waits[k] = 0
            more = _share(k, layout.market[k], layout, state) * down[k] - told[k]
            if more <= 0.0:
                continue
            told[k] += more
            work += layout.down_start[k + 1] - layout.down_start[k]
            for edge in range(layout.down_start[k], layout.down_start[k + 1]):
                g = layout.down_group[edge]
                j = layout.down_buyer[edge]
                lost = state.group[g] + layout.down_share[edge] * more
                state.group[g] = lost
                if state.seen[j] == 0:
                    count = _touch(j, count, state.seen, state.touched)
                if lost > down[j]:
                    lost = min(lost, 1.0)
                    m = layout.market[j]
                    if m >= 0:
                        state.room[m] -= layout.sales[j] * (lost - down[j])
                        if listed[m] == 0:
                            listed[m] = 1
                            markets[dirty] = m
                            dirty += 1
                    down[j] = lost
                    # The share is at most 1, so that the first comparison spares most divisions.
                    if (
                        waits[j] == 0
                        and (lost - told[j]) * value[j] > threshold
                        and (_share(j, m, layout, state) * lost - told[j]) * value[j] > threshold
                    ):
                        waits[j] = 1
                        queue[tail] = j
                        tail = tail + 1 if tail + 1 < n else 0
                        left += 1
        again = dirty
        dirty = 0
        for at in range(again):
            m = markets[at]
            listed[m] = 0
            if state.room[m] >= state.scanned[m]:
                continue
            state.scanned[m] = state.room[m]
            for place in range(layout.market_start[m], layout.market_start[m + 1]):
                k = layout.market_firm[place]
                if (
                    down[k] > 0.0
                    and waits[k] == 0
                    and (_share(k, m, layout, state) * down[k] - told[k]) * value[k] > threshold
                ):
                    waits[k] = 1
                    queue[tail] = k
                    tail = tail + 1 if tail + 1 < n else 0
                    left += 1
        if left == 0:
            return count, work


@njit(cache=True, nogil=True)
def push(firms, start, threshold, down_value, up_value, layout, state):  # type: ignore[no-untyped-def]
    """Push from losses `start` of `firms` until nothing untold is worth more than `threshold`; (touched, edges)."""
    count = queued = 0
    for at in range(len(firms)):
        i = firms[at]
        if start[at] > 0.0:
            count = _touch(i, count, state.seen, state.touched)
            state.down[i] = state.up[i] = start[at]
            m = layout.market[i]
            if m >= 0:
                state.room[m] -= layout.sales[i] * start[at]
            state.lists[0, queued] = state.lists[1, queued] = i
            state.marks[0, i] = state.marks[1, i] = 1
            queued += 1
    count, work = _push_down(count, queued, threshold, down_value, layout, state)
    count, more = _push_up(count, queued, threshold, up_value, layout, state)
    return count, work + more


@njit(cache=True, nogil=True)
def push_all(firms, relative, weight, down_value, up_value, layout, state, out):  # type: ignore[no-untyped-def]
    """Fill out[a] = (score, downstream, upstream, untold downstream, untold upstream, led, edges) for the stop of a.

    `led` is the weight of firms whose downstream loss is the larger: what is untold upstream hardly adds to theirs.
    """
    one = np.ones(1)
    seed = np.empty(1, dtype=np.int64)
    for at in range(len(firms)):
        s = seed[0] = firms[at]
        threshold = relative * (weight[s] + down_value[s] + up_value[s])
        count, work = push(seed, one, threshold, down_value, up_value, layout, state)
        both = low = high = rest_d = rest_u = led = 0.0
        for place in range(count):
            i = state.touched[place]
            both += weight[i] * max(state.down[i], state.up[i])
            low += weight[i] * state.down[i]
            high += weight[i] * state.up[i]
            untold = _share(i, layout.market[i], layout, state) * state.down[i] - state.told_down[i]
            rest_d += max(untold, 0.0) * down_value[i]
            rest_u += (state.up[i] - state.told_up[i]) * up_value[i]
            if state.down[i] > state.up[i]:
                led += weight[i]
        out[at, 0] = both
        out[at, 1] = low
        out[at, 2] = high
        out[at, 3] = rest_d
        out[at, 4] = rest_u
        out[at, 5] = led
        out[at, 6] = work
        clear_state(count, layout, state)
